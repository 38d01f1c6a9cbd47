//! Private servers, faults on demand and proofs of consistency, for tests of caches and of what uses them.
//!
//! * [`RedisServer`] and [`PostgresServer`] start a real server on a free loopback port, in a
//!   temporary folder. Both are gone when the value is dropped and when the test process dies, even
//!   by `SIGKILL`. A missing program is a [`StartError`] that says how to install it.
//! * [`RedisCluster`] is three Redis nodes, [`RedisSentinel`] a primary, a replica and three sentinels.
//! * `RestFront` (feature `rest`) answers HTTP over a Redis as Upstash does.
//! * [`shared_redis`] and [`shared_postgres`] keep one server for a whole test process;
//!   [`unique_name`] and [`PostgresServer::fresh_database`] keep its tests apart.
//! * [`FaultProxy`] stands between a client and a server and breaks what it is told to: see [`Fault`].
//!   It also counts round trips and commands.
//! * [`history`] records what a cache did and proves that it kept its promises, or shows where not.
//!
//! ```no_run
//! use cached_testkit::RedisServer;
//!
//! # fn main() -> Result<(), cached_testkit::StartError> {
//! let redis = RedisServer::start()?;
//! redis.cli(&["SET", "course:1", "Algebra"]);
//! assert_eq!(redis.cli(&["GET", "course:1"]), "Algebra");
//!
//! redis.kill(); // what does the service do now?
//! redis.restart()?; // the same port, empty
//! assert_eq!(redis.cli(&["EXISTS", "course:1"]), "0");
//! # Ok(())
//! # }
//! ```
//!
//! Unix only. Nothing here depends on the cache itself, so that it can judge it.

#[cfg(feature = "tls")]
mod certificates;
mod cluster;
mod daemon;
mod error;
pub mod history;
mod ports;
mod postgres;
mod program;
mod proxy;
mod redis;
mod resp;
#[cfg(feature = "rest")]
mod rest;
mod sentinel;
mod shared;
mod supervisor;
mod unique;
mod wait;

pub use cluster::RedisCluster;
pub use error::{StartError, StartErrorKind};
pub use postgres::{PostgresBuilder, PostgresServer};
pub use proxy::{Fault, FaultProxy};
pub use redis::{RedisBuilder, RedisServer};
pub use resp::{CommandError, Value};
#[cfg(feature = "rest")]
pub use rest::{Exchange, RestFront};
pub use sentinel::RedisSentinel;
pub use shared::{shared_postgres, shared_redis};
pub use unique::unique_name;
pub use wait::{eventually, wait_until};
