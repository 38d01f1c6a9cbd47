//! How long entries live: the five named tiers and plain durations. What expires when is not decided here.

use std::fmt;
use std::time::Duration;

/// A named lifetime. The builder of a cache may adjust each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tier {
    /// 60 s.
    Short,
    /// 300 s.
    Medium,
    /// 1,800 s.
    Long,
    /// 3,600 s.
    VeryLong,
    /// 86,400 s.
    Day,
}

/// The lifetime of an entry: a tier, or a duration in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ttl(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Tier(Tier),
    Millis(u64),
}

impl Ttl {
    /// 60 s unless the cache says otherwise.
    pub const SHORT: Self = Self(Kind::Tier(Tier::Short));
    /// 300 s unless the cache says otherwise.
    pub const MEDIUM: Self = Self(Kind::Tier(Tier::Medium));
    /// 1,800 s unless the cache says otherwise.
    pub const LONG: Self = Self(Kind::Tier(Tier::Long));
    /// 3,600 s unless the cache says otherwise.
    pub const VERY_LONG: Self = Self(Kind::Tier(Tier::VeryLong));
    /// 86,400 s unless the cache says otherwise.
    pub const DAY: Self = Self(Kind::Tier(Tier::Day));

    /// A lifetime in milliseconds. Zero stores nothing.
    pub const fn millis(millis: u64) -> Self {
        Self(Kind::Millis(millis))
    }

    /// A lifetime in seconds. Zero stores nothing.
    pub const fn secs(secs: u64) -> Self {
        Self(Kind::Millis(secs.saturating_mul(1000)))
    }
}

/// As it is written in an option: `medium`, `90s`, `250ms`.
impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Tier(Tier::Short) => f.write_str("short"),
            Kind::Tier(Tier::Medium) => f.write_str("medium"),
            Kind::Tier(Tier::Long) => f.write_str("long"),
            Kind::Tier(Tier::VeryLong) => f.write_str("very_long"),
            Kind::Tier(Tier::Day) => f.write_str("day"),
            Kind::Millis(millis) if millis.is_multiple_of(1000) => write!(f, "{}s", millis / 1000),
            Kind::Millis(millis) => write!(f, "{millis}ms"),
        }
    }
}

impl From<Tier> for Ttl {
    fn from(tier: Tier) -> Self {
        Self(Kind::Tier(tier))
    }
}

/// Rounds up to a whole millisecond, so that only a zero duration is zero.
impl From<Duration> for Ttl {
    fn from(duration: Duration) -> Self {
        let nanos = duration.as_nanos().div_ceil(1_000_000);
        Self(Kind::Millis(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }
}

/// A hundred years, in milliseconds: longer lifetimes are this one. Redis refuses those near the end of 64 bits.
const LONGEST_MS: u64 = 100 * 365 * 86_400_000;

/// What the tiers mean in one cache, in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Tiers([u64; 5]);

impl Default for Tiers {
    fn default() -> Self {
        Self([60_000, 300_000, 1_800_000, 3_600_000, 86_400_000])
    }
}

impl Tiers {
    pub(crate) fn set(&mut self, tier: Tier, duration: Duration) {
        self.0[tier as usize] = match Ttl::from(duration).0 {
            Kind::Millis(millis) => millis,
            Kind::Tier(_) => return,
        };
    }

    pub(crate) fn millis(&self, ttl: Ttl) -> u64 {
        let millis = match ttl.0 {
            Kind::Tier(tier) => self.0[tier as usize],
            Kind::Millis(millis) => millis,
        };
        millis.min(LONGEST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_have_the_documented_lengths() {
        let tiers = Tiers::default();
        let seconds = [Ttl::SHORT, Ttl::MEDIUM, Ttl::LONG, Ttl::VERY_LONG, Ttl::DAY]
            .map(|ttl| tiers.millis(ttl) / 1000);
        assert_eq!(seconds, [60, 300, 1800, 3600, 86_400]);
    }

    #[test]
    fn a_lifetime_is_shown_as_it_is_written() {
        let shown = [Ttl::VERY_LONG, Ttl::secs(90), Ttl::millis(250)].map(|ttl| ttl.to_string());
        assert_eq!(shown, ["very_long", "90s", "250ms"]);
    }

    #[test]
    fn a_tier_can_be_adjusted_and_durations_round_up() {
        let mut tiers = Tiers::default();
        tiers.set(Tier::Short, Duration::from_secs(5));
        assert_eq!(tiers.millis(Ttl::SHORT), 5_000);
        assert_eq!(tiers.millis(Duration::from_micros(1).into()), 1);
        assert_eq!(tiers.millis(Duration::ZERO.into()), 0);
        assert_eq!(tiers.millis(Duration::MAX.into()), LONGEST_MS);
    }
}
