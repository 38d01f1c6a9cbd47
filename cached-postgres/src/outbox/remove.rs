//! Removes rows that their own process has applied, many by one statement, so that no commit waits for it.

use super::written::{Written, is_given};
use crate::lent::{Lent, answered};
use sqlx::PgPool;
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc;

/// How many rows may wait to be removed; what comes beyond is left to the relays.
const QUEUE: usize = 10_000;
const BATCH: usize = 1_000;

/// What removes the rows of one pool: an outbox' settings may serve pools of several databases, whose rows bear the
/// same numbers.
#[derive(Default)]
pub(crate) struct Remover(Mutex<Option<mpsc::Sender<Written>>>);

impl Remover {
    /// Removes a row in the background. If that does not happen, a relay applies it once more and removes it.
    pub(crate) fn remove(&self, pool: &PgPool, cache: &str, written: Written) {
        // A full queue leaves the row to the relays.
        let _ = self.task(pool, cache).try_send(written);
    }

    /// To the task, which is started where there is none: before the first row, and after its runtime has ended.
    fn task(&self, pool: &PgPool, cache: &str) -> mpsc::Sender<Written> {
        let mut task = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if task.as_ref().is_some_and(mpsc::Sender::is_closed) {
            *task = None;
        }
        task.get_or_insert_with(|| spawn(pool.clone(), cache.to_owned())).clone()
    }
}

/// Starts the task. It ends, its queue emptied, when the sender is dropped, or with the pool.
fn spawn(pool: PgPool, cache: String) -> mpsc::Sender<Written> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(run(pool, cache, receiver));
    sender
}

async fn run(pool: PgPool, cache: String, mut rows: mpsc::Receiver<Written>) {
    let mut batch = Vec::new();
    while rows.recv_many(&mut batch, BATCH).await > 0 {
        if let Err(error) = remove(&pool, &cache, &batch).await {
            tracing::debug!(target: crate::TARGET, "applied rows are left to the relays: {error}");
            if pool.is_closed() {
                return;
            }
        }
        batch.clear();
    }
}

/// Removes those of the rows that nobody holds; how many they are. Who holds one sees to it, or leaves it to the
/// relays: it may be held for long, and the others must not wait.
pub(super) async fn remove(pool: &PgPool, cache: &str, rows: &[Written]) -> sqlx::Result<u64> {
    let (ids, at) = Written::unzipped(rows);
    let removed = sqlx::query(concat!(
        "DELETE FROM cached.outbox WHERE id IN (SELECT o.id FROM cached.outbox o, ",
        is_given!(),
        " AND o.cache = $3 FOR UPDATE OF o SKIP LOCKED)"
    ));
    let removed = removed.bind(ids).bind(at).bind(cache);
    let mut lent = Lent::take(pool).await?;
    let mut tx = lent.begin().await?;
    let removed = answered(removed.execute(&mut *tx)).await?.rows_affected();
    answered(tx.commit()).await?;
    lent.give_back();
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::postgres::PgPoolOptions;

    #[test]
    fn a_task_is_kept_while_its_runtime_is_there_and_replaced_when_it_has_ended() {
        let runtime =
            || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (first, second) = (runtime(), runtime());
        let remover = Remover::default();
        let pool = first
            .block_on(async { PgPoolOptions::new().connect_lazy("postgres://nobody").unwrap() });
        let task = |runtime: &tokio::runtime::Runtime| {
            runtime.block_on(async { remover.task(&pool, "test") })
        };
        let begun = task(&first);
        assert!(begun.same_channel(&task(&second)));
        drop(first);
        assert!(begun.is_closed());
        let anew = task(&second);
        assert!(!anew.is_closed() && anew.same_channel(&task(&second)));
    }
}
