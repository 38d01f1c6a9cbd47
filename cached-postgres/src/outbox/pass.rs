//! One pass of a relay: claim rows, apply them, remove them, in one transaction. There is no "last id": a row is
//! gone only when it was applied, so a transaction that commits late is not passed over.

use super::handed::HandedOver;
use super::written::{Written, is_given, micros};
use crate::lent::{Lent, answered};
use crate::pool::CachedPool;
use cached_core::{Delivery, Invalidation};

/// Rows claimed by one pass.
const BATCH: i64 = 500;
/// So many bytes of them are applied by it, and what is left of the row that reaches them.
const BYTES: i64 = 1 << 20;

/// Text is fetched for as many rows as are applied; the rest of those claimed waits for the next pass.
const CLAIM: &str = concat!(
    "
    WITH claimed AS (
        SELECT id, invalidation, ",
    micros!("written_at"),
    " AS at FROM cached.outbox o
        WHERE cache = $3 AND due_at <= clock_timestamp() AND NOT EXISTS (SELECT FROM ",
    is_given!(),
    ")
        ORDER BY id LIMIT $4 FOR UPDATE OF o SKIP LOCKED
    ), summed AS (
        SELECT *, count(*) OVER () AS claimed,
               sum(octet_length(invalidation)) OVER (ORDER BY id) - octet_length(invalidation) AS before
        FROM claimed
    )
    SELECT id, at, invalidation, claimed FROM summed WHERE before < $5 ORDER BY id"
);

/// A row that a pass holds.
#[derive(sqlx::FromRow)]
struct Claimed {
    #[sqlx(flatten)]
    row: Written,
    invalidation: String,
    /// How many were claimed by the pass, of all its rows the same.
    claimed: i64,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    /// Rows applied and removed.
    pub(super) applied: u64,
    /// Whether there may be more.
    pub(super) more: bool,
}

/// Claims due rows that no other relay holds, and applies them.
///
/// Rows that the remote tier has not got in time stay, for this relay or another, and are remembered in `handed`: this
/// process' queue has them, so they are not applied again.
///
/// # Errors
/// sqlx's. The rows stay.
///
/// # Cancel safety
/// Dropped half-way, the rows stay, although they may have been applied.
pub(super) async fn pass(
    db: &CachedPool,
    name: &str,
    handed: &mut HandedOver,
) -> sqlx::Result<Passed> {
    let (ids, at) = Written::unzipped(&handed.rows());
    let claim = sqlx::query_as(CLAIM).bind(ids).bind(at).bind(name).bind(BATCH).bind(BYTES);
    let mut lent = Lent::take(db.pool()).await?;
    let mut tx = lent.begin().await?;
    let rows: Vec<Claimed> = answered(claim.fetch_all(&mut *tx)).await?;
    let Some(first) = rows.first() else {
        answered(tx.rollback()).await?;
        lent.give_back();
        return Ok(Passed { applied: 0, more: false });
    };
    let more = first.claimed == BATCH || first.claimed > rows.len() as i64;
    let what = rows.iter().map(|row| Invalidation::from_json(&row.invalidation));
    let what = what.fold(Invalidation::new(), Invalidation::and);
    let rows: Vec<Written> = rows.into_iter().map(|row| row.row).collect();
    let mut on_its_way = db.cache().hand_over(what).await;
    if on_its_way.look() != Some(Delivery::Done) {
        let remembered = handed.remember(rows, on_its_way);
        answered(tx.rollback()).await?;
        lent.give_back();
        return Ok(Passed { applied: 0, more: more && remembered });
    }
    let remove = sqlx::query("DELETE FROM cached.outbox WHERE id = ANY($1)")
        .bind(Written::unzipped(&rows).0);
    answered(remove.execute(&mut *tx)).await?;
    answered(tx.commit()).await?;
    lent.give_back();
    Ok(Passed { applied: rows.len() as u64, more })
}
