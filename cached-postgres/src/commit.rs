//! The end of an outermost transaction: COMMIT, then the invalidation, in this order and to the end, whatever
//! becomes of the caller. What was collected, and by whom, is not known here.

use crate::begin::ToTheEnd;
use crate::outbox::Written;
use crate::pool::CachedPool;
use cached_core::{Collector, Delivery, Invalidation};
use sqlx::{Error, Postgres, Transaction};
use std::time::Duration;

/// After a COMMIT whose answer was lost: when the invalidation is applied again, after the first time at once. The
/// server may still have been committing then, and a reader may have cached the old value once more.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];

/// Commits, then invalidates.
///
/// # Errors
/// What sqlx says of the outbox row or of COMMIT.
pub(crate) async fn commit(
    transaction: Transaction<'static, Postgres>,
    pool: CachedPool,
    collector: Collector,
) -> sqlx::Result<()> {
    let what = collector.take();
    let committed = if what.is_empty() {
        transaction.commit().await
    } else {
        // A COMMIT that is under way cannot be taken back, and an invalidation before its end would come too early.
        ToTheEnd::new(Box::pin(commit_and_apply(transaction, pool.clone(), what))).await
    };
    if !committed.as_ref().is_err_and(was_rolled_back) {
        // A body that commits by itself returns, and names what depends on that, afterwards.
        collector.hand_on(move |late| pool.cache().invalidate_soon(late));
    }
    committed
}

async fn commit_and_apply(
    mut transaction: Transaction<'static, Postgres>,
    pool: CachedPool,
    what: Invalidation,
) -> sqlx::Result<()> {
    let what = pool.cache().own(what);
    let written = match pool.outbox() {
        // If this fails, nothing is committed and nothing is due.
        Some(outbox) => outbox.write(&mut transaction, &what).await?,
        None => None,
    };
    // Only a runtime that ends drops this future from here on.
    let mut guard = Guard { pool: &pool, what: Some(what) };
    let committed = transaction.commit().await;
    let Some(what) = guard.what.take() else { return committed };
    match committed {
        Ok(()) => {
            apply(&pool, what, written).await;
            Ok(())
        }
        Err(error) if was_rolled_back(&error) => Err(error),
        Err(error) => {
            tracing::warn!(
                target: crate::TARGET,
                "the answer to COMMIT was lost, so that its invalidations are applied in any case: {error}"
            );
            // What a row says is left to the relays.
            let again = if written.is_none() { what.clone() } else { what.left_out() };
            if !again.is_empty() {
                tokio::spawn(apply_again(pool.clone(), again));
            }
            pool.cache().invalidate(what).await;
            Err(error)
        }
    }
}

async fn apply(pool: &CachedPool, what: Invalidation, written: Option<Written>) {
    let delivery = pool.cache().invalidate(what).await;
    if let Some(written) = written
        && delivery == Delivery::Done
    {
        pool.applied(written);
    }
}

async fn apply_again(pool: CachedPool, what: Invalidation) {
    for pause in AGAIN_AFTER {
        tokio::time::sleep(pause).await;
        pool.cache().invalidate(what.clone()).await;
    }
}

/// Whether an error of COMMIT means for certain that nothing was committed: the server says so of constraints and
/// serialization, of data and of what deferred triggers raise. Anything else may hide a commit.
///
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn was_rolled_back(error: &Error) -> bool {
    let code = match error {
        Error::Database(error) => error.code().unwrap_or_default(),
        _ => return false,
    };
    const STATEMENT_COMPLETION_UNKNOWN: &str = "40003";
    ["22", "23", "40", "42", "44", "P0"].iter().any(|class| code.starts_with(class))
        && code != STATEMENT_COMPLETION_UNKNOWN
}

/// Invalidates if its owner ends without knowing how COMMIT ended.
struct Guard<'a> {
    pool: &'a CachedPool,
    what: Option<Invalidation>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(what) = self.what.take() {
            self.pool.cache().invalidate_soon(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_the_server_is_certain() {
        assert!(!was_rolled_back(&Error::Io(std::io::ErrorKind::UnexpectedEof.into())));
        assert!(!was_rolled_back(&Error::PoolClosed));
    }
}
