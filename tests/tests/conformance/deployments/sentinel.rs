//! A primary and its replica, found through three sentinels.

use crate::deployment::Server;
use cached_core::CacheBuilder;
use cached_testkit::{RedisSentinel, Value};
use std::future::Future;
use std::pin::Pin;

pub fn start() -> Result<Box<dyn Server>, String> {
    Ok(Box::new(RedisSentinel::start().map_err(|error| error.to_string())?))
}

impl Server for RedisSentinel {
    fn connect(&self, builder: CacheBuilder) -> CacheBuilder {
        builder.redis_sentinel(self.urls(), format!("redis://{}", self.name()))
    }

    fn command<'a>(
        &'a self,
        arguments: &'a [&'a [u8]],
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
        Box::pin(async { self.primary().command(arguments).unwrap() })
    }

    fn leave(&self) {
        self.kill();
    }

    fn come_back(&self) {
        self.restart().unwrap();
    }
}
