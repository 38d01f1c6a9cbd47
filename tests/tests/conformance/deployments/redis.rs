//! A single Redis.

use crate::deployment::Server;
use cached_core::CacheBuilder;
use cached_testkit::{RedisServer, Value};
use std::future::Future;
use std::pin::Pin;

pub fn start() -> Result<Box<dyn Server>, String> {
    let server = RedisServer::start().map_err(|error| error.to_string())?;
    Ok(Box::new(server))
}

impl Server for RedisServer {
    fn connect(&self, builder: CacheBuilder) -> CacheBuilder {
        builder.redis(self.url())
    }

    fn command<'a>(
        &'a self,
        arguments: &'a [&'a [u8]],
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
        Box::pin(async { RedisServer::command(self, arguments).unwrap() })
    }

    fn leave(&self) {
        self.kill();
    }

    fn come_back(&self) {
        self.restart().unwrap();
    }
}
