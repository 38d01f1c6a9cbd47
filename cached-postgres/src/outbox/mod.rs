//! The outbox: an invalidation as a row, written in the transaction that makes it due. Applying what a crashed
//! process left is the relay's work.

mod backlog;
mod handed;
mod listen;
mod pass;
mod progress;
mod relay;
mod remove;
mod written;

pub use backlog::Backlog;
pub use progress::RelayStats;
pub use relay::Relay;
pub(crate) use remove::Remover;
pub(crate) use written::Written;

use cached_core::Invalidation;
use sqlx::PgConnection;
use std::sync::Arc;
use std::time::Duration;

/// The settings of an outbox. Cloning gives the same one.
///
/// One table holds the rows of all outboxes of a database; the name tells them apart. Processes that share a cache
/// (one namespace) share a name.
#[derive(Debug, Clone)]
#[must_use = "an outbox does nothing until a pool has it: see `CachedPool::with_outbox`"]
pub struct Outbox {
    name: Arc<str>,
    grace: Duration,
    interval: Duration,
}

impl Outbox {
    /// The outbox of a name: the cache's namespace is a good one.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), grace: Duration::from_secs(1), interval: Duration::from_secs(1) }
    }

    /// How long the relays leave a row to the process that commits it. Default 1 s: longer than a commit and the
    /// invalidation after it usually take. A crash is noticed after this and the interval together.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How often a relay looks for rows. Default 1 s. Rows of watches do not wait for it: they wake the relay.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes a row in the transaction of `connection`; `None` if there is nothing that a row can say.
    pub(crate) async fn write(
        &self,
        connection: &mut PgConnection,
        what: &Invalidation,
    ) -> sqlx::Result<Option<Written>> {
        let json = what.to_json();
        if json == "{}" {
            return Ok(None);
        }
        let written = sqlx::query_as(concat!(
            "SELECT cached.enqueue($1, $2, make_interval(secs => $3)) AS id, ",
            written::micros!("clock_timestamp()"),
            " AS at"
        ))
        .bind(self.name())
        .bind(json)
        .bind(self.grace.as_secs_f64())
        .fetch_one(connection)
        .await?;
        Ok(Some(written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_that_the_docs_name() {
        let outbox = Outbox::new("test");
        assert_eq!(
            (outbox.grace, outbox.interval),
            (Duration::from_secs(1), Duration::from_secs(1))
        );
    }
}
