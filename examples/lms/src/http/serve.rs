//! Listening, and stopping in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use cached_core::bypass_scope;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::router::router;
use crate::service::{Services, Variant};

/// How many ports are tried in all.
const ATTEMPTS: u16 = 100;

/// How long the end waits for requests that are under way. The live page's are without end.
const GRACE: Duration = Duration::from_secs(5);

/// Listens on an address; if `next_free`, then on one of the ports that follow when it is taken.
///
/// # Errors
///
/// The address is taken or not ours.
pub async fn bind(address: SocketAddr, next_free: bool) -> io::Result<TcpListener> {
    let mut candidate = address;
    loop {
        match TcpListener::bind(candidate).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && next_free => {
                let next = candidate.port().checked_add(1);
                match next.filter(|port| port - address.port() < ATTEMPTS) {
                    Some(port) => candidate.set_port(port),
                    None => return Err(error),
                }
            }
            Err(error) => {
                return Err(io::Error::new(error.kind(), format!("{candidate}: {error}")));
            }
            listener => return listener,
        }
    }
}

/// Serves until `stop` completes; requests that are under way get their answer first, if it takes no
/// longer than 5 s.
///
/// # Errors
///
/// Listening fails.
pub async fn serve(
    listener: TcpListener,
    services: Services,
    variant: Variant,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let told = Arc::new(Notify::new());
    let stopping = told.clone();
    let stop = async move {
        stop.await;
        told.notify_one();
    };
    let serving = axum::serve(listener, with_variant(router(services), variant));
    tokio::select! {
        outcome = serving.with_graceful_shutdown(stop) => outcome,
        () = async {
            stopping.notified().await;
            tokio::time::sleep(GRACE).await;
        } => Ok(()),
    }
}

/// Where the annotations are not to serve, each request runs as if there were none.
fn with_variant(router: Router, variant: Variant) -> Router {
    if variant.uses_annotations() {
        return router;
    }
    router.layer(from_fn(|request: Request, next: Next| bypass_scope(next.run(request))))
}
