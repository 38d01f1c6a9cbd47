//! The end of an outermost transaction: COMMIT, then the invalidation, in this order and to the end, whatever
//! becomes of the caller. What was collected, and by whom, is not known here.

use crate::begin::ToTheEnd;
use crate::outbox::Written;
use crate::pool::CachedPool;
use cached_core::{Collector, Delivery, Invalidation};
use sqlx::{Error, Postgres, Transaction};
use std::pin::pin;
use std::time::Duration;
use tokio::runtime::Handle;

/// How long the answer to COMMIT may take before the invalidation is applied without it. A connection that went silent
/// is an error to nobody, and a server that is busy answers later: the wait goes on.
const SILENT_AFTER: Duration = Duration::from_secs(5);

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
    // A COMMIT that is under way cannot be taken back, and an invalidation before its end would come too early. This is
    // so where nothing is collected too: a body that commits by itself may name something yet.
    ToTheEnd::new(Box::pin(commit_and_apply(transaction, pool, collector))).await
}

async fn commit_and_apply(
    mut transaction: Transaction<'static, Postgres>,
    pool: CachedPool,
    collector: Collector,
) -> sqlx::Result<()> {
    let what = pool.cache().own(collector.take());
    let written = match pool.outbox() {
        // If this fails, nothing is committed and nothing is due.
        Some(outbox) => outbox.write(&mut transaction, &what).await?,
        None => None,
    };
    // Only a runtime that ends drops this future from here on.
    let mut due = Due { pool, collector, what, written, known: false };
    let mut committing = pin!(transaction.commit());
    let answer = tokio::time::timeout(SILENT_AFTER, committing.as_mut()).await;
    let committed = match answer {
        Ok(committed) => committed,
        Err(_) => {
            due.in_any_case(&"there is none yet").await;
            committing.await
        }
    };
    due.end(committed).await
}

/// What is invalidated when COMMIT has ended, and if its owner ends without knowing how.
struct Due {
    pool: CachedPool,
    collector: Collector,
    what: Invalidation,
    written: Option<Written>,
    /// Whether the answer has come.
    known: bool,
}

impl Due {
    async fn end(mut self, committed: sqlx::Result<()>) -> sqlx::Result<()> {
        self.known = true;
        match &committed {
            Err(error) if was_rolled_back(error) => return committed,
            Err(error) => self.in_any_case(error).await,
            Ok(()) => {
                self.hand_on();
                let delivery = apply(&self.pool, std::mem::take(&mut self.what)).await;
                if let Some(written) = self.written
                    && delivery == Delivery::Done
                {
                    self.pool.applied(written);
                }
            }
        }
        committed
    }

    /// Invalidates without knowing how COMMIT ends.
    async fn in_any_case(&mut self, answer: &(dyn std::fmt::Display + Sync)) {
        tracing::warn!(
            target: crate::TARGET,
            "the answer to COMMIT was lost, so that its invalidations are applied in any case: {answer}"
        );
        self.hand_on_in_any_case();
        // What a row says is left to the relays.
        let again = if self.written.is_none() { self.what.clone() } else { self.what.left_out() };
        spawn_again(&self.pool, again);
        apply(&self.pool, self.what.clone()).await;
    }

    /// A body that commits by itself returns, and names what depends on that, afterwards.
    fn hand_on(&self) {
        let pool = self.pool.clone();
        self.collector.hand_on(move |late| pool.cache().invalidate_soon(late));
    }

    fn hand_on_in_any_case(&self) {
        let pool = self.pool.clone();
        self.collector.hand_on(move |late| {
            spawn_again(&pool, late.clone());
            pool.cache().invalidate_soon(late);
        });
    }
}

impl Drop for Due {
    fn drop(&mut self) {
        if !self.known {
            self.hand_on_in_any_case();
            self.pool.cache().invalidate_soon(std::mem::take(&mut self.what));
        }
    }
}

async fn apply(pool: &CachedPool, what: Invalidation) -> Delivery {
    if what.is_empty() { Delivery::Done } else { pool.cache().invalidate(what).await }
}

/// Invalidates again, later, if there is a runtime.
fn spawn_again(pool: &CachedPool, what: Invalidation) {
    if let Ok(runtime) = Handle::try_current()
        && !what.is_empty()
    {
        runtime.spawn(apply_again(pool.clone(), what));
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

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::error::{DatabaseError, ErrorKind};
    use std::borrow::Cow;
    use std::fmt;

    /// What a server says, by its code.
    #[derive(Debug)]
    struct Said(&'static str);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for Said {}

    impl DatabaseError for Said {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[test]
    fn only_an_answer_of_the_server_is_certain() {
        assert!(!was_rolled_back(&Error::Io(std::io::ErrorKind::UnexpectedEof.into())));
        assert!(!was_rolled_back(&Error::PoolClosed));
    }

    #[test]
    fn what_the_server_refused_is_told_from_what_it_may_have_done() {
        let refused = |code| was_rolled_back(&Error::Database(Box::new(Said(code))));
        for code in ["22012", "23505", "40001", "40002", "40P01", "42P01", "44000", "P0001"] {
            assert!(refused(code), "{code}");
        }
        // Completion unknown, connection lost, shut down, out of disk.
        for code in ["40003", "08006", "08007", "57P01", "53100", "XX000"] {
            assert!(!refused(code), "{code}");
        }
    }
}
