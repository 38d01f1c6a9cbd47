//! A single Redis: plain, in RESP3, as a user with few rights, over TLS; and Valkey.

use crate::deployment::Server;
use cached_core::CacheBuilder;
use cached_core::remote::transport::Tls;
use cached_testkit::{RedisBuilder, RedisServer, Value};
use std::future::Future;
use std::pin::Pin;

struct Single {
    server: RedisServer,
    connect: fn(&RedisServer, CacheBuilder) -> CacheBuilder,
}

/// All that a cache needs (docs/TRANSPORTS.md), on keys of its namespaces only.
const RIGHTS: &[&str] = &[
    "resetchannels",
    "~conformance_*",
    "+get",
    "+mget",
    "+set",
    "+del",
    "+unlink",
    "+exists",
    "+pexpireat",
    "+time",
    "+zadd",
    "+zrange",
    "+zrem",
    "+zremrangebyscore",
    "+zscore",
    "+strlen",
    "+getrange",
    "+eval",
    "+scan",
    "+xadd",
    "+xread",
    "+xinfo|stream",
    "+hset",
    "+hget",
    "+hgetall",
    "+hdel",
    "+pexpire",
];

pub fn plain() -> Result<Box<dyn Server>, String> {
    start(RedisServer::builder(), |server, builder| builder.redis(server.url()))
}

/// By redis-rs' own connection, as over TLS.
pub fn resp3() -> Result<Box<dyn Server>, String> {
    start(RedisServer::builder(), |server, builder| {
        builder.redis(format!("{}/?protocol=resp3", server.url().trim_end_matches('/')))
    })
}

pub fn valkey() -> Result<Box<dyn Server>, String> {
    start(RedisServer::builder().valkey(), |server, builder| builder.redis(server.url()))
}

pub fn acl() -> Result<Box<dyn Server>, String> {
    start(RedisServer::builder().user("app", "p%ss", RIGHTS), |server, builder| {
        builder.redis(server.url().replace("//", "//app:p%25ss@"))
    })
}

pub fn tls() -> Result<Box<dyn Server>, String> {
    start(RedisServer::builder().tls(), |server, builder| {
        let (certificate, key) = server.client_pem();
        let tls = Tls::new().ca_pem(server.ca_pem()).client_pem(certificate, key);
        builder.redis(server.tls_url()).tls(tls)
    })
}

fn start(
    builder: RedisBuilder,
    connect: fn(&RedisServer, CacheBuilder) -> CacheBuilder,
) -> Result<Box<dyn Server>, String> {
    let server = builder.start().map_err(|error| error.to_string())?;
    Ok(Box::new(Single { server, connect }))
}

impl Server for Single {
    fn connect(&self, builder: CacheBuilder) -> CacheBuilder {
        (self.connect)(&self.server, builder)
    }

    fn command<'a>(
        &'a self,
        arguments: &'a [&'a [u8]],
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
        Box::pin(async { self.server.command(arguments).unwrap() })
    }

    fn leave(&self) {
        self.server.kill();
    }

    fn come_back(&self) {
        self.server.restart().unwrap();
    }
}
