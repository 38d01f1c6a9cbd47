//! Upstash' REST API, over a front that answers as theirs does and a real Redis behind it.

use crate::deployment::Server;
use cached_core::CacheBuilder;
use cached_testkit::{RedisServer, RestFront, Value};
use std::future::Future;
use std::pin::Pin;

struct Upstash {
    redis: RedisServer,
    front: RestFront,
}

pub fn start() -> Result<Box<dyn Server>, String> {
    let redis = RedisServer::start().map_err(|error| error.to_string())?;
    let front = RestFront::start(&redis).map_err(|error| error.to_string())?;
    Ok(Box::new(Upstash { redis, front }))
}

impl Server for Upstash {
    fn connect(&self, builder: CacheBuilder) -> CacheBuilder {
        builder.upstash(self.front.url(), self.front.token())
    }

    fn command<'a>(
        &'a self,
        arguments: &'a [&'a [u8]],
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
        Box::pin(async { self.redis.command(arguments).unwrap() })
    }

    fn leave(&self) {
        self.redis.kill();
    }

    fn come_back(&self) {
        self.redis.restart().unwrap();
    }
}
