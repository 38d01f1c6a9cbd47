//! The settings that say where the remote tier is. The last one that is said counts.

use super::CacheBuilder;
use crate::remote::transport::Transport;
use crate::remote::transport::server::Server;
use std::sync::Arc;

impl CacheBuilder {
    /// Adds a Redis server (or Valkey) as remote tier, by its URL: `redis://user:password@host:6379/0`, or with the
    /// feature `tls` `rediss://..`. It need not be there yet.
    #[cfg(feature = "redis")]
    pub fn redis(mut self, url: impl Into<String>) -> Self {
        self.server = Server::Redis(url.into());
        self
    }

    /// Adds a Redis Cluster as remote tier, by the URLs of some of its nodes, from which the others are learnt.
    #[cfg(feature = "redis-cluster")]
    pub fn redis_cluster(mut self, urls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.server = Server::Cluster(urls.into_iter().map(Into::into).collect());
        self
    }

    /// Adds the primary that sentinels watch as remote tier: the sentinels' URLs, and a URL in which the primary's
    /// name stands in place of a host, as in `redis://user:password@mymaster/0`.
    ///
    /// ```no_run
    /// # use cached_core::Cache;
    /// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
    /// let builder = Cache::builder().redis_sentinel(sentinels, "redis://mymaster");
    /// ```
    #[cfg(feature = "redis-cluster")]
    pub fn redis_sentinel(
        mut self,
        sentinels: impl IntoIterator<Item = impl Into<String>>,
        primary: impl Into<String>,
    ) -> Self {
        let sentinels = sentinels.into_iter().map(Into::into).collect();
        self.server = Server::Sentinel { sentinels, primary: primary.into() };
        self
    }

    /// Adds an Upstash database as remote tier, over its REST API: `https://name.upstash.io` and its token. docs/TRANSPORTS.md
    /// says what differs from a Redis connection.
    ///
    /// ```no_run
    /// # use cached_core::Cache;
    /// # fn secret(_: &str) -> String { String::new() }
    /// let builder = Cache::builder().upstash("https://eu1-apt-cat-1.upstash.io", secret("upstash"));
    /// ```
    #[cfg(feature = "upstash")]
    pub fn upstash(mut self, url: impl Into<String>, token: impl Into<String>) -> Self {
        self.server = Server::Upstash(Some((url.into(), token.into())));
        self
    }

    /// Adds the Upstash database that `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN` name as remote tier. They
    /// are read by [`build`](Self::build).
    #[cfg(feature = "upstash")]
    pub fn upstash_from_env(mut self) -> Self {
        self.server = Server::Upstash(None);
        self
    }

    /// Whom to trust and which certificate to show, where the system's certificates do not do.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: crate::remote::transport::Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Adds a remote tier over a transport of your own, or over a
    /// [`Memory`](crate::remote::transport::Memory) for tests.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.server = Server::Given(Arc::new(transport));
        self
    }
}
