//! How long others' leases are waited for, and what is done about one that stands longer than leases live.

use super::call::Call;
use crate::engine::Shared;
use crate::outcome::Outcome;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause while somebody else loads; it grows by half each time, jittered.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(2);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(60);

/// A caller's patience with the leases of one key: each is waited for as long as it lives, and all of them not for ever.
#[derive(Clone)]
pub(super) struct Patience {
    life: Duration,
    lease: Option<u64>,
    until: Option<Instant>,
    /// Where a lease was met: not every look-up asks for the time.
    at_most: Option<Instant>,
    ended: Option<u64>,
}

/// What is to be done about a key that somebody else loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    GoesOn,
    /// This lease should have ended long ago: no holder stands behind it.
    Outlived(u64),
    Over,
}

impl Patience {
    /// For how many lives of a lease a caller waits in all, while leases change hands.
    const LIVES: u32 = 10;

    pub(super) fn new(lease_ms: u64) -> Self {
        let life = Duration::from_millis(lease_ms);
        Self { life, lease: None, until: None, at_most: None, ended: None }
    }

    /// All that wait together wait from now on.
    pub(super) fn starting_now(mut self) -> Self {
        self.started(Instant::now());
        self
    }

    /// When it ends, begun at this moment unless it has begun.
    fn started(&mut self, now: Instant) -> Instant {
        *self.at_most.get_or_insert(now + self.life.saturating_mul(Self::LIVES))
    }

    /// Asked each time that the key is found busy, under a lease if one was seen.
    pub(super) fn with(&mut self, lease: Option<u64>) -> Waiting {
        let now = Instant::now();
        let at_most = self.started(now);
        if self.until.is_none() || (lease.is_some() && lease != self.lease) {
            self.lease = lease;
            // A little longer than it lives: the server tells by its own clock when that is.
            self.until = Some(now + self.life + LONGEST_PAUSE);
        }
        match lease {
            _ if now >= at_most => Waiting::Over,
            _ if self.until.is_some_and(|until| now < until) => Waiting::GoesOn,
            Some(lease) if self.ended.replace(lease) != Some(lease) => Waiting::Outlived(lease),
            _ => Waiting::Over,
        }
    }
}

/// Ends leases that no holder stands behind, each a miss and counted as one. Whether the keys may be asked for again.
pub(super) async fn end_outlived<O: Outcome>(
    shared: &Arc<Shared>,
    leases: &[(&Call<'_, O>, u64)],
) -> bool {
    let Some((first, _)) = leases.first() else { return true };
    let Some(permit) = shared.permit() else { return false };
    let named: Vec<(&str, u64)> = leases.iter().map(|(call, lease)| (call.key, *lease)).collect();
    let answer = shared.remote.end_leases(&named).await;
    let Some(ended) = first.engine.settle(permit, "look-up", answer) else { return false };
    for ((call, _), _) in leases.iter().zip(ended).filter(|(_, ended)| *ended) {
        let why = "a lease that stands longer than leases live";
        call.engine.events.undecodable(call.of(), call.key, &why);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn a_lease_is_ended_once() {
        let mut patience = Patience::new(100);
        assert_eq!(patience.with(Some(1)), Waiting::GoesOn);
        tokio::time::advance(LIFE).await;
        assert_eq!(patience.with(Some(2)), Waiting::GoesOn, "another holder");
        tokio::time::advance(LIFE + LONGEST_PAUSE).await;
        assert_eq!(patience.with(Some(2)), Waiting::Outlived(2));
        assert_eq!(patience.with(Some(2)), Waiting::Over, "it could not be ended");
        assert_eq!(patience.with(Some(3)), Waiting::GoesOn);
        tokio::time::advance(LIFE * Patience::LIVES).await;
        assert_eq!(patience.with(Some(3)), Waiting::Over);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_lease_nothing_is_ended() {
        let mut patience = Patience::new(100);
        assert_eq!(patience.with(None), Waiting::GoesOn);
        tokio::time::advance(LIFE + LONGEST_PAUSE).await;
        assert_eq!(patience.with(None), Waiting::Over);
    }
}
