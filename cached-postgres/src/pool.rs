//! `CachedPool`: a pool of connections and the cache that its commits invalidate. What happens at a commit is in
//! `commit`.

use crate::outbox::{Outbox, Written};
use crate::transaction::CachedTransaction;
use cached_core::Cache;
use sqlx::{PgPool, SqlSafeStr};
use std::fmt;
use std::sync::Arc;

/// A pool whose transactions invalidate a cache when they have committed. Cloning gives the same pool.
///
/// ```no_run
/// # async fn run(pool: sqlx::PgPool, cache: cached_core::Cache) -> sqlx::Result<()> {
/// use cached_core::{Invalidation, key};
/// use cached_postgres::CachedPool;
///
/// let db = CachedPool::new(pool, cache);
/// let id = 7_i64;
/// let mut tx = db.begin().await?;
/// sqlx::query("UPDATE courses SET title = 'Rust' WHERE id = $1").bind(id).execute(&mut *tx).await?;
/// tx.invalidate(Invalidation::new().key(key!("course:<id>")));
/// tx.commit().await?; // COMMIT, then the invalidation
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CachedPool(Arc<Inner>);

struct Inner {
    pool: PgPool,
    cache: Cache,
    outbox: Option<Outbox>,
}

impl CachedPool {
    /// A pool without outbox: a crash between COMMIT and the invalidation leaves the old value until its TTL ends.
    pub fn new(pool: PgPool, cache: Cache) -> Self {
        Self(Arc::new(Inner { pool, cache, outbox: None }))
    }

    /// A pool whose transactions write their invalidations to an outbox too. The tables must be there
    /// ([`migrate`](crate::migrate)), and some process must run a [`Relay`](crate::Relay).
    pub fn with_outbox(pool: PgPool, cache: Cache, outbox: Outbox) -> Self {
        Self(Arc::new(Inner { pool, cache, outbox: Some(outbox) }))
    }

    /// The pool itself, for reads and for writes that need no invalidation.
    pub fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// The cache.
    pub fn cache(&self) -> &Cache {
        &self.0.cache
    }

    /// The outbox, if there is one.
    pub fn outbox(&self) -> Option<&Outbox> {
        self.0.outbox.as_ref()
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// sqlx's, as from `PgPool::begin`.
    ///
    /// # Cancel safety
    /// Dropped half-way, the transaction is rolled back.
    pub async fn begin(&self) -> sqlx::Result<CachedTransaction<'static>> {
        Ok(CachedTransaction::outermost(self.0.pool.begin().await?, self.clone()))
    }

    /// Begins a transaction with a statement of your own, such as `BEGIN ISOLATION LEVEL SERIALIZABLE`.
    ///
    /// # Errors
    /// sqlx's, as from `PgPool::begin_with`.
    ///
    /// # Cancel safety
    /// Dropped half-way, the transaction is rolled back.
    pub async fn begin_with(
        &self,
        statement: impl SqlSafeStr,
    ) -> sqlx::Result<CachedTransaction<'static>> {
        Ok(CachedTransaction::outermost(self.0.pool.begin_with(statement).await?, self.clone()))
    }

    /// A row of the outbox is no longer needed.
    pub(crate) fn applied(&self, written: Written) {
        if let Some(outbox) = &self.0.outbox {
            outbox.remove(&self.0.pool, written);
        }
    }
}

impl fmt::Debug for CachedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedPool").field("outbox", &self.0.outbox).finish_non_exhaustive()
    }
}
