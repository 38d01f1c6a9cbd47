//! Waiting for the sign to stop.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Completes at ctrl-c (`SIGINT`) or at `SIGTERM`, which service managers send.
///
/// # Errors
///
/// The system does not let us listen for signals.
pub(super) fn requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
