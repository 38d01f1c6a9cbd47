//! One server for a whole test process.

use std::sync::OnceLock;

use crate::{PostgresServer, RedisServer};

/// The Redis server of this test process, started by the first caller.
///
/// Give each test a namespace of its own ([`unique_name`](crate::unique_name)); a test that flushes, kills or pauses
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
