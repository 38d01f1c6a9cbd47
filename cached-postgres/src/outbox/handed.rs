//! Rows that a relay has applied in its process, and whose invalidations are on their way to the remote tier: it is away,
//! or it takes longer than the operation timeout, as the scan of a very large server does. They are not applied again,
//! and go when word comes that they have got there.

use super::remove::remove;
use super::written::{Written, is_given};
use crate::lent::{Lent, answered};
use crate::pool::CachedPool;
use cached_core::{Delivery, Handed};

/// How many rows may be remembered; beyond, they are applied again and again.
const MAX_ROWS: usize = 10_000;

/// What was handed over, batch by batch.
#[derive(Debug, Default)]
pub(super) struct HandedOver {
    batches: Vec<(Vec<Written>, Handed)>,
    /// Rows whose invalidations have got there, and that are not removed yet.
    arrived: Vec<Written>,
}

impl HandedOver {
    /// All rows that are not to be applied.
    pub(super) fn rows(&self) -> Vec<Written> {
        let batches = self.batches.iter().flat_map(|(rows, _)| rows);
        batches.chain(&self.arrived).copied().collect()
    }

    /// Remembers a batch, unless there are too many; whether it did.
    pub(super) fn remember(&mut self, rows: Vec<Written>, on_its_way: Handed) -> bool {
        let room = self.batches.iter().map(|(rows, _)| rows.len()).sum::<usize>() < MAX_ROWS;
        if room {
            self.batches.push((rows, on_its_way));
        }
        room
    }

    /// Removes the rows that have got there; how many they are. Rows of which nobody will tell are forgotten, so that they
    /// are applied again.
    ///
    /// # Errors
    /// sqlx's. The rows stay, and are tried again.
    ///
    /// # Cancel safety
    /// Safe: a row that was applied may be removed or stay.
    pub(super) async fn remove_arrived(
        &mut self,
        db: &CachedPool,
        name: &str,
    ) -> sqlx::Result<u64> {
        let arrived = &mut self.arrived;
        self.batches.retain_mut(|(rows, on_its_way)| match on_its_way.look() {
            Some(Delivery::Done) => {
                arrived.append(rows);
                false
            }
            on_its_way => on_its_way.is_some(),
        });
        if self.arrived.is_empty() {
            return Ok(0);
        }
        let removed = remove(db.pool(), name, &self.arrived).await?;
        // Who holds one of them applies it, or lets it go: it is tried again.
        let (ids, at) = Written::unzipped(&self.arrived);
        let left = sqlx::query_as(concat!(
            "SELECT r.id, r.at FROM cached.outbox o, ",
            is_given!(),
            " AND o.cache = $3"
        ));
        let left = left.bind(ids).bind(at).bind(name);
        let mut lent = Lent::take(db.pool()).await?;
        let mut tx = lent.begin().await?;
        let left = answered(left.fetch_all(&mut *tx)).await?;
        answered(tx.commit()).await?;
        lent.give_back();
        self.arrived = left;
        Ok(removed)
    }
}
