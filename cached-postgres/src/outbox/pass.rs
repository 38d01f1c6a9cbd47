//! One pass of a relay: claim rows, apply them, remove them, in one transaction. There is no "last id": a row is
//! gone only when it was applied, so a transaction that commits late is not passed over.

use super::handed::HandedOver;
use crate::lent::{Lent, answered};
use crate::pool::CachedPool;
use cached_core::{Delivery, Invalidation};

/// Rows claimed by one pass.
const BATCH: i64 = 500;

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
    let claim = sqlx::query_as(
        "SELECT id, invalidation FROM cached.outbox \
         WHERE cache = $1 AND due_at <= clock_timestamp() AND id <> ALL($2) \
         ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED",
    )
    .bind(name)
    .bind(handed.ids())
    .bind(BATCH);
    let mut lent = Lent::take(db.pool()).await?;
    let mut tx = lent.begin().await?;
    let rows: Vec<(i64, String)> = answered(claim.fetch_all(&mut *tx)).await?;
    if rows.is_empty() {
        answered(tx.rollback()).await?;
        lent.give_back();
        return Ok(Passed { applied: 0, more: false });
    }
    let more = rows.len() == BATCH as usize;
    let what = rows.iter().map(|(_, json)| Invalidation::from_json(json));
    let what = what.fold(Invalidation::new(), Invalidation::and);
    let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    let mut on_its_way = db.cache().hand_over(what).await;
    if on_its_way.look() != Some(Delivery::Done) {
        let remembered = handed.remember(ids, on_its_way);
        answered(tx.rollback()).await?;
        lent.give_back();
        return Ok(Passed { applied: 0, more: more && remembered });
    }
    let remove = sqlx::query("DELETE FROM cached.outbox WHERE id = ANY($1)").bind(&ids);
    answered(remove.execute(&mut *tx)).await?;
    answered(tx.commit()).await?;
    lent.give_back();
    Ok(Passed { applied: ids.len() as u64, more })
}
