//! How far the outbox is behind.

use super::Outbox;
use crate::lent::{Lent, answered};
use sqlx::PgPool;
use std::time::Duration;

/// What waits in an outbox beyond its grace.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Backlog {
    /// Rows that are due and not applied.
    pub rows: u64,
    /// Since when the oldest of them has been written; zero if there is none.
    pub lag: Duration,
}

impl Outbox {
    /// Looks at what is due and not applied: a metric, and an alarm if it grows.
    ///
    /// # Errors
    /// sqlx's, and `Io` if the database does not answer within 10 s.
    ///
    /// # Cancel safety
    /// Safe: nothing is changed.
    pub async fn backlog(&self, pool: &PgPool) -> sqlx::Result<Backlog> {
        let look = sqlx::query_as(
            "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(written_at)), 0)::float8 \
             FROM cached.outbox WHERE cache = $1 AND due_at <= clock_timestamp()",
        )
        .bind(self.name());
        let mut lent = Lent::take(pool).await?;
        let mut tx = lent.begin().await?;
        let (rows, lag): (i64, f64) = answered(look.fetch_one(&mut *tx)).await?;
        answered(tx.commit()).await?;
        lent.give_back();
        Ok(Backlog {
            rows: rows.try_into().unwrap_or(0),
            lag: Duration::try_from_secs_f64(lag).unwrap_or_default(),
        })
    }
}
