//! LISTEN as a wake-up for the relay. A notification carries nothing: the rows are the truth, and whenever one may
//! have been missed, the relay looks at the rows.

use super::progress::Progress;
use crate::lent::answered;
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Executor, PgPool};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const CHANNEL: &str = "cached_outbox";
/// Between two attempts to connect. The relay polls meanwhile.
const PAUSE: Duration = Duration::from_millis(500);
/// After so long without a notification the connection is asked whether it is there: nobody is told of one that went silent.
const CHECK: Duration = Duration::from_secs(10);

/// Listens until the pool is closed; the relay ends it by dropping it.
pub(super) async fn run(pool: PgPool, shared: Arc<Progress>) {
    while !pool.is_closed() {
        if let Err(error) = listen(&pool, &shared).await {
            tracing::debug!(target: crate::TARGET, "no LISTEN connection: {error}");
        }
        shared.listening.store(false, Ordering::SeqCst);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(pool: &PgPool, shared: &Progress) -> sqlx::Result<()> {
    // Of its own: it would keep the only one of a small pool, and sqlx gives a listener's connection back to its pool
    // with a statement, which never ends where it went silent.
    let options = pool.connect_options().as_ref().clone();
    let own = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
    let mut listener = answered(PgListener::connect_with(&own)).await?;
    // Lost connections come back here, so that there is one place that says what follows from it.
    listener.eager_reconnect(false);
    answered(listener.listen(CHANNEL)).await?;
    shared.listening.store(true, Ordering::SeqCst);
    // What was notified before this moment may have been missed; what comes after it will be heard.
    shared.wake.notify_one();
    let mut closed = pin!(pool.close_event());
    let lost = loop {
        let heard = tokio::select! {
            heard = listener.try_recv() => heard,
            () = tokio::time::sleep(CHECK) => match answered(listener.execute("SELECT 1")).await {
                Ok(_) => continue,
                Err(error) => Err(error),
            },
            () = &mut closed => Ok(None),
        };
        match heard {
            Ok(Some(_)) => {
                while listener.next_buffered().is_some() {}
                shared.notifications.fetch_add(1, Ordering::Relaxed);
                shared.wake.notify_one();
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    shared.listen_losses.fetch_add(1, Ordering::Relaxed);
    lost
}
