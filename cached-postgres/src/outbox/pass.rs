//! One pass of a relay: claim rows, apply them, remove them, in one transaction. There is no "last id": a row is
//! gone only when it was applied, so a transaction that commits late is not passed over.

use super::handed::HandedOver;
use super::{Written, unzipped};
use crate::lent::{Lent, answered};
use crate::pool::CachedPool;
use cached_core::{Delivery, Invalidation};

/// Rows claimed by one pass.
const BATCH: i64 = 500;
/// So many bytes of them are applied by it, and what is left of the row that reaches them.
const BYTES: i64 = 1 << 20;

/// Text is fetched for as many rows as are applied; the rest of those claimed waits for the next pass.
const CLAIM: &str = "
    WITH claimed AS (
        SELECT id, invalidation, (extract(epoch FROM written_at) * 1000000)::bigint AS at
        FROM cached.outbox o
        WHERE cache = $1 AND due_at <= clock_timestamp() AND NOT EXISTS (
            SELECT FROM unnest($2::bigint[], $3::bigint[]) AS r (id, at)
            WHERE r.id = o.id AND (extract(epoch FROM o.written_at) * 1000000)::bigint <= r.at)
        ORDER BY id LIMIT $4 FOR UPDATE OF o SKIP LOCKED
    ), summed AS (
        SELECT *, count(*) OVER () AS claimed,
               sum(octet_length(invalidation)) OVER (ORDER BY id) - octet_length(invalidation) AS before
        FROM claimed
    )
    SELECT id, at, invalidation, claimed FROM summed WHERE before < $5 ORDER BY id";

/// A row that a pass holds.
#[derive(sqlx::FromRow)]
struct Claimed {
    #[sqlx(flatten)]
    row: Written,
    invalidation: String,
    /// How many were claimed with it.
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
    let (ids, at) = unzipped(&handed.rows());
    let claim = sqlx::query_as(CLAIM).bind(name).bind(ids).bind(at).bind(BATCH).bind(BYTES);
    let mut lent = Lent::take(db.pool()).await?;
    let mut tx = lent.begin().await?;
    let rows: Vec<Claimed> = answered(claim.fetch_all(&mut *tx)).await?;
    if rows.is_empty() {
        answered(tx.rollback()).await?;
        lent.give_back();
        return Ok(Passed { applied: 0, more: false });
    }
    let more = rows.iter().any(|row| row.claimed == BATCH || row.claimed > rows.len() as i64);
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
    let remove =
        sqlx::query("DELETE FROM cached.outbox WHERE id = ANY($1)").bind(unzipped(&rows).0);
    answered(remove.execute(&mut *tx)).await?;
    answered(tx.commit()).await?;
    lent.give_back();
    Ok(Passed { applied: rows.len() as u64, more })
}
