//! Which cache an annotated function uses that names none: the scope's, else the installed one, else an in-process
//! cache.

use crate::cache::Cache;
use crate::engine::EngineRef;
use crate::error::{Error, ErrorKind};
use crate::scope;
use std::future::Future;
use std::sync::OnceLock;

static INSTALLED: OnceLock<Cache> = OnceLock::new();

/// Makes a cache the process' default.
///
/// # Errors
/// [`ErrorKind::Config`] if there is a default already: one was installed, or an annotated function ran before and
/// made an in-process cache.
pub fn install(cache: Cache) -> Result<(), Error> {
    INSTALLED.set(cache).map_err(|_| {
        Error::new(
            ErrorKind::Config,
            "there is a default cache already: call `install` once, before the first annotated function runs; \
             tests use `Cache::scope`",
        )
    })
}

/// The cache that an annotated function would use here.
pub fn current() -> Cache {
    Cache { engine: engine().clone() }
}

/// Without one installed, an in-process cache of the default size serves.
#[inline]
pub(crate) fn engine() -> EngineRef<'static> {
    if let Some(engine) = scope::engine() {
        return EngineRef::Owned(engine);
    }
    EngineRef::Borrowed(&INSTALLED.get_or_init(in_process).engine)
}

fn in_process() -> Cache {
    match Cache::builder().build() {
        Ok(cache) => cache,
        // Every default passes the builder's checks, and no server is named.
        Err(_) => unreachable!("the default settings are valid"),
    }
}

impl Cache {
    /// Runs a future in which annotated functions use this cache, whatever is installed: for tests, each with a
    /// cache of its own. Tasks spawned inside do not inherit it.
    ///
    /// # Cancel safety
    /// That of the future.
    pub async fn scope<F: Future>(&self, future: F) -> F::Output {
        scope::in_engine(self.engine.clone(), future).await
    }
}
