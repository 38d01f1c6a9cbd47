//! `CachedPool`: a pool of connections and the cache that its commits invalidate. How transactions begin is in
//! `transaction`, how they end in `commit`.

use crate::outbox::{Outbox, Remover, Written};
use cached_core::Cache;
use sqlx::PgPool;
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
    remover: Remover,
}

impl CachedPool {
    /// A pool without outbox: a crash between COMMIT and the invalidation leaves the old value until its TTL ends.
    pub fn new(pool: PgPool, cache: Cache) -> Self {
        Self(Arc::new(Inner { pool, cache, outbox: None, remover: Remover::default() }))
    }

    /// A pool whose transactions write their invalidations to an outbox too. The tables must be there
    /// ([`migrate`](crate::migrate)), and some process must run a [`Relay`](crate::Relay).
    pub fn with_outbox(pool: PgPool, cache: Cache, outbox: Outbox) -> Self {
        Self(Arc::new(Inner { pool, cache, outbox: Some(outbox), remover: Remover::default() }))
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

    /// A row of the outbox is no longer needed.
    pub(crate) fn applied(&self, written: Written) {
        if let Some(outbox) = &self.0.outbox {
            self.0.remover.remove(&self.0.pool, outbox.name(), written);
        }
    }
}

impl fmt::Debug for CachedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedPool").field("outbox", &self.0.outbox).finish_non_exhaustive()
    }
}
