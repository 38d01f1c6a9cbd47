//! What cases share: caches that stand for processes, and a source of truth that counts its loads.

use crate::deployment::Server;
use cached_core::{Cache, CacheBuilder};
use cached_testkit::{Value, unique_name};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A namespace on a server.
pub struct World<'a> {
    pub server: &'a dyn Server,
    pub namespace: String,
}

impl<'a> World<'a> {
    pub fn new(server: &'a dyn Server) -> Self {
        Self { server, namespace: unique_name("conformance") }
    }

    pub fn builder(&self) -> CacheBuilder {
        let builder = Cache::builder().namespace(&self.namespace);
        self.server.connect(builder.operation_timeout(Duration::from_secs(5)))
    }

    /// One process that hears the others.
    pub async fn process(&self) -> Cache {
        listening(self.builder().build().unwrap()).await
    }

    /// Two caches with nothing in common but the namespace.
    pub async fn pair(&self) -> (Cache, Cache) {
        (self.process().await, self.process().await)
    }

    /// The name of a key on the server.
    pub fn entry(&self, key: &str) -> String {
        format!("{}:k:{key}", self.namespace)
    }

    pub async fn command<A: AsRef<[u8]>>(&self, arguments: &[A]) -> Value {
        let arguments: Vec<&[u8]> = arguments.iter().map(AsRef::as_ref).collect();
        self.server.command(&arguments).await
    }
}

/// Waits until a cache hears the backplane: only then does its local tier serve without limit.
pub async fn listening(cache: Cache) -> Cache {
    eventually("the backplane is heard", || cache.stats().local_resets > 0).await;
    cache
}

pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    cached_testkit::eventually(what, || std::future::ready(condition())).await;
}

/// A source of truth with a version.
#[derive(Clone, Default)]
pub struct Source {
    version: Arc<AtomicU32>,
    loads: Arc<AtomicU32>,
}

impl Source {
    pub fn write(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    pub async fn load(&self) -> Result<u32, Infallible> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        Ok(self.version.load(Ordering::SeqCst))
    }

    pub fn loads(&self) -> u32 {
        self.loads.load(Ordering::SeqCst)
    }

    /// A read-through of one key.
    pub async fn read(&self, cache: &Cache, key: &str) -> u32 {
        let Ok(value) = cache.read(key).or_load(|| self.load()).await;
        value
    }

    /// A read-through of one key that carries a tag, answered by the remote tier if by any.
    pub async fn read_tagged(&self, cache: &Cache, key: &str, tag: &str) -> u32 {
        let Ok(value) = cache.read(key).tag(tag).local_off().or_load(|| self.load()).await;
        value
    }
}
