//! The operations of a task, drawn one after the other from its own source of randomness.

use super::functions::{Manner, Mood};
use super::plan::{LEASE, Plan};
use super::subject::{Family, Subject};
use std::time::Duration;

/// What a task does next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Reads of rows, one after the other.
    Read(Vec<(Subject, Mood)>),
    /// The same in one request.
    Request(Vec<(Subject, Mood)>),
    /// A look at a row that loads nothing.
    Look(Subject),
    Write(WriteStep),
    Pause(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WriteStep {
    pub(super) subject: Subject,
    pub(super) way: Way,
    pub(super) manner: Manner,
}

/// How a write says what it makes untrue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// An annotated call.
    Item,
    /// An annotated tag of an argument.
    Shelf,
    /// An annotated pattern.
    ShelfKeys,
    /// An annotated tag of the returned value.
    Owner,
    /// An annotated call.
    Bare,
    /// A key and a tag, by hand.
    Rack,
    /// A pattern, by hand.
    Glob,
    /// Everything, by hand.
    Everything,
    /// A key, by hand, without waiting.
    Soon,
    /// The new value, by hand, in place of the old one.
    Set,
}

impl Step {
    /// The next step; and after how many polls its caller gives up, if it does.
    pub(super) fn draw(plan: &Plan, random: &mut fastrand::Rng) -> (Self, Option<u32>) {
        let permille = random.u32(..1000);
        let step = if permille < plan.writes {
            Self::Write(WriteStep::draw(random))
        } else if permille < plan.writes + 20 {
            Self::Look(Subject::draw(random))
        } else if permille < plan.writes + 320 {
            Self::Pause(Duration::from_micros(random.u64(200..4_000)))
        } else {
            let reads = random.usize(1..12);
            let reads = (0..reads).map(|_| read(plan, random)).collect();
            if random.u8(..4) == 0 { Self::Request(reads) } else { Self::Read(reads) }
        };
        let polls = (random.u32(..1000) < plan.cancelled).then(|| random.u32(1..9));
        (step, polls)
    }
}

impl WriteStep {
    fn draw(random: &mut fastrand::Rng) -> Self {
        let subject = loop {
            let subject = Subject::draw(random);
            // Those are written by one task of one process.
            if subject.family != Family::Own {
                break if subject.family == Family::Nest { subject.inner() } else { subject };
            }
        };
        let ways: &[Way] = match (subject.family, random.u8(..100)) {
            (_, 0..2) => &[Way::Everything],
            (_, 2..10) => &[Way::Soon],
            (Family::Item, _) => &[Way::Item, Way::Item, Way::Shelf, Way::ShelfKeys, Way::Owner],
            (Family::Bare, _) => &[Way::Bare],
            (Family::Built, _) => &[Way::Rack, Way::Rack, Way::Glob],
            (Family::Nest | Family::Own, _) => &[Way::Soon],
        };
        let way = ways[random.usize(..ways.len())];
        let lingers = random.bool().then(|| Duration::from_micros(random.u64(..4_000)));
        Self { subject, way, manner: Manner { lingers, fails: random.u8(..10) == 0 } }
    }
}

/// What the only task that writes it does to the row of its process.
pub(super) fn own(slot: u32, random: &mut fastrand::Rng) -> Step {
    let manner = Manner { lingers: None, fails: false };
    match random.u8(..4) {
        0 => Step::Pause(Duration::from_micros(random.u64(200..8_000))),
        _ => Step::Write(WriteStep { subject: Subject::own(slot), way: Way::Set, manner }),
    }
}

fn read(plan: &Plan, random: &mut fastrand::Rng) -> (Subject, Mood) {
    let (subject, mood) = (Subject::draw(random), mood(plan, random));
    match (subject.family, mood) {
        // A load within a load does not join one that is older, and loads beside it when its lease has ended.
        (Family::Item | Family::Nest, Mood::Slow(time)) if time >= LEASE => (subject, Mood::Plain),
        _ => (subject, mood),
    }
}

fn mood(plan: &Plan, random: &mut fastrand::Rng) -> Mood {
    match random.u32(..10_000) {
        0..50 => Mood::Fails,
        50..80 => Mood::Panics,
        // Longer than a lease lives. Rare, since everybody waits for it.
        80..83 => Mood::Slow(LEASE + Duration::from_millis(random.u64(..700))),
        slow if slow < 83 + 10 * plan.slow_loads => {
            Mood::Slow(Duration::from_micros(random.u64(500..20_000)))
        }
        _ => Mood::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_steps() {
        let plan = Plan::new(7, 1);
        let draw = |part| {
            let mut random = plan.random(part);
            (0..200).map(|_| Step::draw(&plan, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(draw([0, 1, 2, 3]), draw([0, 1, 2, 3]));
        assert_ne!(draw([0, 1, 2, 3]), draw([0, 1, 3, 2]));
    }
}
