//! The local tier against a model: loads and sets that begin, end and are overtaken by invalidations in any order. What
//! is served was begun after the last invalidation that matches it; and what may be served, is.

use super::*;
use crate::key::Pattern;
use proptest::prelude::*;

const KEYS: [&str; 4] = ["a:1", "a:2", "b:1", "b:2"];
const TAGS: [&str; 2] = ["t", "u"];
const SLOTS: usize = 4;

#[derive(Debug, Clone)]
enum Target {
    Key(usize),
    Tag(usize),
    /// `a:*` or `b:*`.
    Pattern(bool),
    Everything,
}

#[derive(Debug, Clone)]
enum Step {
    /// A load of a key begins, whose value has some of the tags.
    Begin(usize, usize, Vec<usize>),
    /// A value is put under a key.
    Set(usize, usize),
    /// What was begun ends.
    End(usize),
    Invalidate(Target),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let tags = proptest::sample::subsequence((0..TAGS.len()).collect::<Vec<_>>(), 0..=TAGS.len());
    let target = prop_oneof![
        4 => (0..KEYS.len()).prop_map(Target::Key),
        3 => (0..TAGS.len()).prop_map(Target::Tag),
        2 => any::<bool>().prop_map(Target::Pattern),
        1 => Just(Target::Everything),
    ];
    let step = prop_oneof![
        4 => (0..SLOTS, 0..KEYS.len(), tags).prop_map(|(slot, key, tags)| Step::Begin(slot, key, tags)),
        1 => (0..SLOTS, 0..KEYS.len()).prop_map(|(slot, key)| Step::Set(slot, key)),
        4 => (0..SLOTS).prop_map(Step::End),
        3 => target.prop_map(Step::Invalidate),
    ];
    proptest::collection::vec(step, 0..80)
}

/// What was begun: when, in the model's time, and at which tick.
#[derive(Clone)]
struct Begun {
    key: usize,
    tags: Vec<usize>,
    is_set: bool,
    at: usize,
    tick: Tick,
}

struct Model {
    local: Local,
    invalidated: Vec<Target>,
    begun: [Option<Begun>; SLOTS],
    /// What is kept of each key: its value, and since when nothing that matches may have come.
    kept: [Option<(u32, Begun)>; KEYS.len()],
    values: u32,
}

impl Model {
    fn new() -> Self {
        let bounds = Bounds { entries: 100, bytes: 1 << 20, untrusted_ms: 2_000 };
        // Keys that share a bucket cost each other loads in flight: not here.
        let local = std::iter::repeat_with(|| Local::new(Clock::manual().0, bounds.clone()));
        let apart = |local: &Local| {
            let mut buckets = KEYS.map(|key| local.hash(key) >> 20 & 0x3fff);
            buckets.sort_unstable();
            buckets.windows(2).all(|pair| pair[0] != pair[1])
        };
        let local = local.into_iter().find(apart).expect("hashes are random");
        Self {
            local,
            invalidated: Vec::new(),
            begun: Default::default(),
            kept: Default::default(),
            values: 0,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Begin(slot, key, tags) => {
                let (at, tick) = (self.invalidated.len(), self.local.tick());
                self.begun[slot] = Some(Begun { key, tags, is_set: false, at, tick });
            }
            Step::Set(slot, key) => {
                let tick = self.invalidate(Target::Key(key));
                let (at, tags) = (self.invalidated.len(), Vec::new());
                self.begun[slot] = Some(Begun { key, tags, is_set: true, at, tick });
            }
            Step::End(slot) => match self.begun[slot].take() {
                Some(begun) if begun.is_set => self.end_set(begun),
                Some(begun) => self.end_load(begun),
                None => {}
            },
            Step::Invalidate(target) => {
                self.invalidate(target);
            }
        }
    }

    fn invalidate(&mut self, target: Target) -> Tick {
        let what = Invalidation::new();
        let what = match target {
            Target::Key(key) => what.key(KEYS[key]),
            Target::Tag(tag) => what.tag(TAGS[tag]),
            Target::Pattern(a) => {
                what.pattern(Pattern::parse(if a { "a:*" } else { "b:*" }).unwrap())
            }
            Target::Everything => what.everything(),
        };
        self.invalidated.push(target);
        self.local.invalidate(&what)
    }

    fn end_load(&mut self, begun: Begun) {
        let kept = self.insert(&begun);
        assert_eq!(kept, !self.is_outdated(&begun), "kept unless it was overtaken");
    }

    /// The second tick of a set makes outdated what was loaded meanwhile, and not the value itself.
    fn end_set(&mut self, begun: Begun) {
        let key = KEYS[begun.key];
        let renewed = self.local.renew(self.local.hash(key), key, begun.tick);
        assert_eq!(
            renewed.is_some(),
            !self.is_outdated(&begun),
            "it has won unless it was overtaken"
        );
        let Some(tick) = renewed else {
            self.invalidate(Target::Key(begun.key));
            return;
        };
        self.invalidated.push(Target::Key(begun.key));
        let begun = Begun { at: self.invalidated.len(), tick, ..begun };
        assert!(self.insert(&begun));
    }

    fn insert(&mut self, begun: &Begun) -> bool {
        self.values += 1;
        let (key, value) = (KEYS[begun.key], self.values);
        let tags: Vec<&str> = begun.tags.iter().map(|tag| TAGS[*tag]).collect();
        let kept = self.local.put(key, begun.tick, value, &tags);
        if kept {
            self.kept[begun.key] = Some((value, begun.clone()));
        }
        kept
    }

    fn is_outdated(&self, begun: &Begun) -> bool {
        self.invalidated[begun.at..].iter().any(|target| match target {
            Target::Key(key) => *key == begun.key,
            Target::Tag(tag) => begun.tags.contains(tag),
            Target::Pattern(a) => KEYS[begun.key].starts_with(if *a { 'a' } else { 'b' }),
            Target::Everything => true,
        })
    }

    fn check(&self) {
        for (key, kept) in KEYS.iter().zip(&self.kept) {
            let fresh = kept.as_ref().filter(|(_, begun)| !self.is_outdated(begun));
            assert_eq!(self.local.read(key), fresh.map(|(value, _)| *value), "{key}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_served_is_newer_than_every_invalidation_that_matches_it(steps in steps()) {
        let mut model = Model::new();
        for step in steps {
            model.step(step);
            model.check();
        }
    }
}
