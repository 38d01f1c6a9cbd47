//! One server for a whole test process, and names that keep its tests apart.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{PostgresServer, RedisServer};

/// The Redis server of this test process, started by the first caller.
///
/// Give each test a namespace of its own ([`unique_name`]); a test that flushes, kills or pauses
/// the server starts its own by [`RedisServer::start`]. It ends with the process.
///
/// # Panics
///
/// When it cannot be started; the message says what to install.
pub fn shared_redis() -> &'static RedisServer {
    static SERVER: OnceLock<RedisServer> = OnceLock::new();
    SERVER.get_or_init(|| RedisServer::start().unwrap_or_else(|error| panic!("{error}")))
}

/// The Postgres server of this test process, started by the first caller.
///
/// Give each test a database of its own ([`PostgresServer::fresh_database`]); a test that kills
/// the server starts its own by [`PostgresServer::start`]. It ends with the process.
///
/// # Panics
///
/// When it cannot be started; the message says what to install.
pub fn shared_postgres() -> &'static PostgresServer {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    SERVER.get_or_init(|| PostgresServer::start().unwrap_or_else(|error| panic!("{error}")))
}

/// A name that no other call returns, in no process of this machine: `prefix_PID_N`.
///
/// It fits a Redis namespace and a Postgres identifier.
pub fn unique_name(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{prefix}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
