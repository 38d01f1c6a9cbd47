//! LISTEN as a wake-up for the relay. A notification carries nothing: the rows are the truth, and whenever one may
//! have been missed, the relay looks at the rows.

use super::progress::Progress;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const CHANNEL: &str = "cached_outbox";
/// Between two attempts to connect. The relay polls meanwhile.
const PAUSE: Duration = Duration::from_millis(500);

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
    let mut listener = PgListener::connect_with(pool).await?;
    // Lost connections come back here, so that there is one place that says what follows from it.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    shared.listening.store(true, Ordering::SeqCst);
    // What was notified before this moment may have been missed; what comes after it will be heard.
    shared.wake.notify_one();
    let lost = loop {
        match listener.try_recv().await {
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
