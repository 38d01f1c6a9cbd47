//! Removes rows that were applied, many by one statement, so that no commit waits for it.

use sqlx::PgPool;
use tokio::sync::mpsc;

/// How many rows may wait to be removed; what comes beyond is left to the relays.
const QUEUE: usize = 10_000;
const BATCH: usize = 1_000;

/// Starts the task. It ends, its queue emptied, when the sender is dropped, or with the pool.
pub(super) fn spawn(pool: PgPool) -> mpsc::Sender<i64> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(run(pool, receiver));
    sender
}

async fn run(pool: PgPool, mut rows: mpsc::Receiver<i64>) {
    let mut batch = Vec::new();
    while rows.recv_many(&mut batch, BATCH).await > 0 {
        let removed = sqlx::query("DELETE FROM cached.outbox WHERE id = ANY($1)")
            .bind(&batch)
            .execute(&pool)
            .await;
        if let Err(error) = removed {
            tracing::debug!(target: crate::TARGET, "applied rows are left to the relays: {error}");
            if pool.is_closed() {
                return;
            }
        }
        batch.clear();
    }
}
