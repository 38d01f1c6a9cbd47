//! How transactions and savepoints begin where the caller may be dropped meanwhile. sqlx 0.9.0 raises the depth that it
//! counts only when the server has answered, so that what is given up before is not rolled back (BEGIN), or is more than
//! the savepoint (SAVEPOINT): <https://github.com/launchbadge/sqlx/issues/4385>.

use sqlx::{Acquire, PgConnection, PgPool, Postgres, SqlSafeStr, SqlStr, Transaction};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// Of our own transactions, which wait for locks and must see what was committed meanwhile.
const OURS: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Begins a transaction, with a statement or with `BEGIN`. Dropped half-way, it begins in the background and is rolled
/// back; while it waits for a connection, it is dropped as any other.
///
/// # Errors
/// sqlx's.
pub(crate) async fn begin(
    pool: &PgPool,
    statement: Option<SqlStr>,
) -> sqlx::Result<Transaction<'static, Postgres>> {
    let connection = pool.acquire().await?;
    ToTheEnd::new(Transaction::begin(connection, statement)).await
}

/// Begins a transaction of our own, at the isolation level that it needs.
///
/// # Errors
/// sqlx's.
pub(crate) async fn begin_ours(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    begin(pool, Some(OURS.into_sql_str())).await
}

/// Sets a savepoint. Dropped half-way, it may be there, unused, and the transaction is as it was. If it fails, the
/// transaction is `lost`.
pub(crate) fn savepoint(connection: &mut PgConnection, lost: Arc<AtomicBool>) -> Savepoint<'_> {
    Savepoint { work: Some(connection.begin()), begun: false, lost }
}

type Work<'w, T> = Pin<Box<dyn Future<Output = sqlx::Result<T>> + Send + 'w>>;

/// Work that, once begun, goes on in the background when its caller is dropped.
pub(crate) struct ToTheEnd<T: Send + 'static>(Option<Work<'static, T>>);

impl<T: Send + 'static> ToTheEnd<T> {
    pub(crate) fn new(work: Work<'static, T>) -> Self {
        Self(Some(work))
    }
}

impl<T: Send + 'static> Future for ToTheEnd<T> {
    type Output = sqlx::Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let result = std::task::ready!(work.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(result)
    }
}

impl<T: Send + 'static> Drop for ToTheEnd<T> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { drop(work.await) });
        }
    }
}

/// A savepoint that is being set.
pub(crate) struct Savepoint<'c> {
    work: Option<Work<'c, Transaction<'c, Postgres>>>,
    begun: bool,
    lost: Arc<AtomicBool>,
}

impl<'c> Future for Savepoint<'c> {
    type Output = sqlx::Result<Transaction<'c, Postgres>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.begun = true;
        let Some(work) = &mut self.work else { return Poll::Pending };
        let result = std::task::ready!(work.as_mut().poll(context));
        self.work = None;
        if result.is_err() {
            self.lost.store(true, Ordering::Relaxed);
        }
        Poll::Ready(result)
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if self.begun {
            // Its guards would roll back the whole transaction. It borrows the connection and owns nothing but its own
            // few bytes; the connection reads the answer before the next statement.
            std::mem::forget(self.work.take());
        }
    }
}
