//! `CachedTransaction`: sqlx's transaction, and what it makes untrue once it has committed. How a commit ends is in
//! `commit`.

use crate::begin::{Savepoint, begin, savepoint};
use crate::commit;
use crate::pool::CachedPool;
use cached_core::{Collector, Collects, Invalidation};
use sqlx::{Acquire, Connection, Error, PgConnection, Postgres, SqlSafeStr, Transaction};
use std::fmt;
use std::future::{Future, ready};
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A transaction, or a savepoint in one, that collects invalidations.
///
/// They are applied after COMMIT and before [`commit`](Self::commit) returns. A transaction that is rolled back or
/// dropped invalidates nothing, and a savepoint that is rolled back or dropped takes back what it collected.
///
/// A savepoint that cannot be set, since a statement before it failed or the connection broke, ends the whole
/// transaction (sqlx rolls it back), and statements after it commit one by one. What was collected is applied
/// then, however this ends, and `commit` and `rollback` return an error that says so.
///
/// It stands for the connection wherever sqlx takes an executor: `&mut *tx`, as with sqlx's own.
///
/// A cached read inside a transaction sees what is committed, which may be older than what the transaction has
/// written.
#[must_use = "a transaction that is dropped is rolled back"]
pub struct CachedTransaction<'c> {
    /// Until it is ended.
    inner: Option<Inner<'c>>,
    collector: Collector,
    /// Whether a savepoint could not be set, at any depth: the outermost transaction and its savepoints share it.
    lost: Arc<AtomicBool>,
}

enum Inner<'c> {
    Outermost(Transaction<'static, Postgres>, CachedPool),
    /// A savepoint, and where it hands over what it collected.
    Savepoint(Transaction<'c, Postgres>, Collector),
}

impl CachedPool {
    /// Begins a transaction.
    ///
    /// # Errors
    /// sqlx's, as from `PgPool::begin`.
    ///
    /// # Cancel safety
    /// Dropped half-way, the transaction is rolled back, if need be in the background.
    pub async fn begin(&self) -> sqlx::Result<CachedTransaction<'static>> {
        Ok(CachedTransaction::outermost(begin(self.pool(), None).await?, self.clone()))
    }

    /// Begins a transaction with a statement of your own, such as `BEGIN ISOLATION LEVEL SERIALIZABLE`.
    ///
    /// # Errors
    /// sqlx's, as from `PgPool::begin_with`.
    ///
    /// # Cancel safety
    /// Dropped half-way, the transaction is rolled back, if need be in the background.
    pub async fn begin_with(
        &self,
        statement: impl SqlSafeStr,
    ) -> sqlx::Result<CachedTransaction<'static>> {
        let transaction = begin(self.pool(), Some(statement.into_sql_str())).await?;
        Ok(CachedTransaction::outermost(transaction, self.clone()))
    }
}

impl<'c> CachedTransaction<'c> {
    fn outermost(transaction: Transaction<'static, Postgres>, pool: CachedPool) -> Self {
        let inner = Some(Inner::Outermost(transaction, pool));
        Self { inner, collector: Collector::new(), lost: Arc::default() }
    }

    /// Adds what is no longer true once this transaction has committed.
    pub fn invalidate(&self, invalidation: Invalidation) {
        self.collector.add(invalidation);
    }

    /// Sets a savepoint. Ended by [`commit`](Self::commit) it is released; rolled back or dropped, its writes and
    /// its invalidations are taken back.
    ///
    /// # Errors
    /// sqlx's. The whole transaction has ended then: see [`CachedTransaction`].
    ///
    /// # Cancel safety
    /// Dropped half-way, the transaction goes on as if it had not been called.
    pub async fn savepoint(&mut self) -> sqlx::Result<CachedTransaction<'_>> {
        let (outer, lost) = (self.collector.clone(), self.lost.clone());
        let transaction = self.begin_inner().await?;
        let inner = Some(Inner::Savepoint(transaction, outer));
        Ok(CachedTransaction { inner, collector: Collector::new(), lost })
    }

    fn begin_inner(&mut self) -> Savepoint<'_> {
        let lost = self.lost.clone();
        savepoint(self, lost)
    }

    /// Commits, and applies what was collected: in this process at once, and in the remote tier before it returns
    /// or, if that does not answer, as soon as it does. A savepoint is released instead, and hands over what it
    /// collected.
    ///
    /// # Errors
    /// sqlx's. If the answer to COMMIT was lost, so that nobody knows how it ended, the invalidations are applied
    /// all the same: at once, and from the outbox or, without one, again after one and ten seconds, because the
    /// server may have been committing still. So they are where there is no answer within five seconds, and once more
    /// when it comes; it is waited for as long as it takes. `Protocol` if a savepoint could not be set: see [`CachedTransaction`].
    ///
    /// # Cancel safety
    /// Once polled, a commit goes on in the background when it is dropped: COMMIT cannot be taken back, and its
    /// invalidations follow. If the runtime ends meanwhile, they are applied in this process and queued.
    pub async fn commit(mut self) -> sqlx::Result<()> {
        self.check()?;
        match self.inner.take() {
            Some(Inner::Outermost(transaction, pool)) => {
                commit::commit(transaction, pool, self.collector.clone()).await
            }
            Some(Inner::Savepoint(transaction, outer)) => {
                transaction.commit().await?;
                self.collector.hand_on(move |what| outer.add(what));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Rolls back: the transaction, or to the savepoint. Nothing is invalidated.
    ///
    /// # Errors
    /// sqlx's. `Protocol` if a savepoint could not be set: see [`CachedTransaction`].
    ///
    /// # Cancel safety
    /// Dropped half-way, the transaction is rolled back when its connection is used next.
    pub async fn rollback(mut self) -> sqlx::Result<()> {
        self.check()?;
        match self.inner.take() {
            Some(Inner::Outermost(transaction, _)) => transaction.rollback().await,
            Some(Inner::Savepoint(transaction, _)) => transaction.rollback().await,
            None => Ok(()),
        }
    }

    /// Whether sqlx has ended it, since a savepoint could not be set in it. sqlx goes up two levels then: where it was
    /// three deep, the outermost transaction is open still, and the end of a savepoint would be the end of that one.
    /// Without a word to us (by sqlx's own means), it shows where nothing is open any more.
    fn is_lost(&self) -> bool {
        self.inner.is_some() && (self.lost.load(Ordering::Relaxed) || !self.is_in_transaction())
    }

    /// An error if it is lost; its `Drop` then applies what was collected.
    fn check(&self) -> sqlx::Result<()> {
        if self.is_lost() { Err(Error::Protocol(LOST.into())) } else { Ok(()) }
    }
}

const LOST: &str = "the transaction had ended before: a savepoint could not be set, so that what was written before it \
                    was rolled back, and what came after it was committed statement by statement; everything that \
                    was collected is invalidated. Roll back where a savepoint fails, and begin anew";

impl Drop for CachedTransaction<'_> {
    fn drop(&mut self) {
        if !self.is_lost() {
            return;
        }
        tracing::warn!(target: crate::TARGET, "{LOST}");
        match &self.inner {
            Some(Inner::Outermost(_, pool)) => {
                let pool = pool.clone();
                self.collector.hand_on(move |what| pool.cache().invalidate_soon(what));
            }
            Some(Inner::Savepoint(_, outer)) => {
                let outer = outer.clone();
                self.collector.hand_on(move |what| outer.add(what));
            }
            None => {}
        }
    }
}

impl Collects for CachedTransaction<'_> {
    fn collector(&self) -> Collector {
        self.collector.clone()
    }
}

const ENDED: &str = "only what consumes a transaction takes it out";

impl Deref for CachedTransaction<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.inner {
            Some(Inner::Outermost(transaction, _)) => transaction,
            Some(Inner::Savepoint(transaction, _)) => transaction,
            None => unreachable!("{ENDED}"),
        }
    }
}

impl DerefMut for CachedTransaction<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.inner {
            Some(Inner::Outermost(transaction, _)) => transaction,
            Some(Inner::Savepoint(transaction, _)) => transaction,
            None => unreachable!("{ENDED}"),
        }
    }
}

impl AsMut<PgConnection> for CachedTransaction<'_> {
    fn as_mut(&mut self) -> &mut PgConnection {
        self
    }
}

type Boxed<'t, T> = Pin<Box<dyn Future<Output = sqlx::Result<T>> + Send + 't>>;

/// For functions that take `impl Acquire`. What it begins is a savepoint of sqlx's own, which collects nothing.
impl<'t> Acquire<'t> for &'t mut CachedTransaction<'_> {
    type Database = Postgres;
    type Connection = &'t mut PgConnection;

    fn acquire(self) -> Boxed<'t, Self::Connection> {
        Box::pin(ready(Ok(&mut **self)))
    }

    fn begin(self) -> Boxed<'t, Transaction<'t, Postgres>> {
        Box::pin(self.begin_inner())
    }
}

impl fmt::Debug for CachedTransaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let savepoint = matches!(self.inner, Some(Inner::Savepoint(..)));
        f.debug_struct("CachedTransaction").field("savepoint", &savepoint).finish_non_exhaustive()
    }
}
