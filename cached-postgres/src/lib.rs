//! Invalidation bound to Postgres: after COMMIT, durable across crashes, and driven by the database itself.
//!
//! | level | what | a write is seen |
//! |---|---|---|
//! | after commit | [`CachedPool`], [`CachedTransaction`] | once `commit` has returned; lost if the process is killed in between |
//! | outbox | [`Outbox`], [`Relay`] | the same, and after a crash within the relay's interval |
//! | watches | [`Watch`] | whoever wrote it, a few milliseconds after COMMIT |
//!
//! [docs/POSTGRES.md](https://github.com/cached-rs/cached/blob/main/docs/POSTGRES.md) says what each guarantees and
//! costs, how it is set up, and what happens when something breaks.
//!
//! A repository with all three, which is `cargo run -p cached-postgres --example repository`:
//!
//! ```no_run
#![doc = include_str!("../examples/repository.rs")]
//! ```

/// The examples of docs/POSTGRES.md.
#[cfg(doctest)]
#[doc = include_str!("../../docs/POSTGRES.md")]
struct Docs;

mod begin;
mod commit;
mod error;
mod lent;
mod migrate;
mod outbox;
mod pool;
mod transaction;
mod watch;

pub use error::{Error, ErrorKind};
pub use migrate::{MIGRATION, migrate};
pub use outbox::{Backlog, Outbox, Relay, RelayStats};
pub use pool::CachedPool;
pub use transaction::CachedTransaction;
pub use watch::Watch;

/// Of log lines.
const TARGET: &str = "cached_postgres";
