//! A Redis Cluster of three nodes. The cache is told of one; it learns of the others.

use crate::deployment::Server;
use cached_core::CacheBuilder;
use cached_testkit::{RedisCluster, Value};
use std::future::Future;
use std::pin::Pin;

pub fn start() -> Result<Box<dyn Server>, String> {
    Ok(Box::new(RedisCluster::start().map_err(|error| error.to_string())?))
}

impl Server for RedisCluster {
    fn connect(&self, builder: CacheBuilder) -> CacheBuilder {
        builder.redis_cluster([self.nodes()[1].url()])
    }

    fn command<'a>(
        &'a self,
        arguments: &'a [&'a [u8]],
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
        Box::pin(async { RedisCluster::command(self, arguments).unwrap() })
    }

    fn leave(&self) {
        self.kill();
    }

    fn come_back(&self) {
        self.restart().unwrap();
    }
}
