//! The serving rule of the local tier: what an invalidation reaches, and what it leaves alone.

use super::*;
use crate::clock::ClockHand;
use crate::key::{Key, Pattern};
use std::time::Duration;

fn tier() -> (Local, ClockHand) {
    let (clock, hand) = Clock::manual();
    (Local::new(clock, Bounds { entries: 100, bytes: 1 << 20, untrusted_ms: 2_000 }), hand)
}

impl Local {
    fn entry(&self, start: Tick, value: u32, tags: &[&str]) -> Arc<dyn AnyEntry> {
        Arc::new(Entry { meta: self.meta(start, tags, self.weigh("k", 4)), value })
    }

    fn meta(&self, start: Tick, tags: &[&str], weight: u64) -> Meta {
        let now = self.clock.now();
        Meta {
            start,
            verified: AtomicU64::new(0),
            began: now,
            expires: now + 60_000,
            fresh_until: now + 60_000,
            stale_until: now + 60_000,
            cost_ms: 0.0,
            schema: 0,
            tags: tags.iter().map(|tag| (*tag).into()).collect(),
            weight,
        }
    }

    pub(super) fn put(&self, key: &str, start: Tick, value: u32, tags: &[&str]) -> bool {
        self.insert(self.hash(key), key, self.entry(start, value, tags))
    }

    pub(super) fn read(&self, key: &str) -> Option<u32> {
        self.find(self.hash(key), key, Some(0)).map(|entry| entry.value)
    }
}

fn keyed(key: &str) -> Invalidation {
    Invalidation::new().key(key)
}

#[test]
fn a_load_older_than_an_invalidation_is_not_kept() {
    let (local, _) = tier();
    let start = local.tick();
    local.invalidate(&keyed("a"));
    assert!(!local.put("a", start, 1, &[]), "stale set by key");
    let start = local.tick();
    local.invalidate(&Invalidation::new().tag("t"));
    assert!(!local.put("a", start, 1, &["t"]), "stale set by tag");
    assert!(local.put("b", start, 2, &["u"]), "another tag");
    let start = local.tick();
    local.invalidate(&Invalidation::new().pattern(Pattern::parse("a*").unwrap()));
    assert!(!local.put("abc", start, 1, &[]), "stale set by pattern");
    let start = local.tick();
    local.reset();
    assert!(!local.put("c", start, 1, &[]), "stale set by clear");
    assert!(local.put("a", local.tick(), 3, &["t"]), "a load after them is kept");
    assert_eq!(local.read("a"), Some(3));
}

#[test]
fn kept_values_go_with_their_key_tag_or_pattern_only() {
    let (local, _) = tier();
    for key in ["a:1", "a:2", "b:1"] {
        assert!(local.put(key, local.tick(), 1, &[&key[2..]]));
    }
    local.invalidate(&keyed("a:1"));
    assert_eq!((local.read("a:1"), local.read("a:2"), local.read("b:1")), (None, Some(1), Some(1)));
    local.invalidate(&Invalidation::new().tag("1"));
    assert_eq!((local.read("a:2"), local.read("b:1")), (Some(1), None));
    local.invalidate(&Invalidation::new().pattern(Pattern::parse("a:*").unwrap()));
    assert_eq!(local.read("a:2"), None);
}

#[test]
fn values_expire_and_types_do_not_mix() {
    let (local, hand) = tier();
    local.put("a", local.tick(), 1, &[]);
    assert!(local.find::<String>(local.hash("a"), "a", Some(0)).is_none());
    hand.advance(Duration::from_secs(59));
    assert_eq!(local.read("a"), Some(1));
    hand.advance(Duration::from_secs(1));
    assert_eq!(local.read("a"), None);
}

#[test]
fn unheard_of_the_backplane_values_are_served_for_a_short_while_only() {
    let (local, hand) = tier();
    local.put("a", local.tick(), 1, &[]);
    local.trust_until(0);
    hand.advance(Duration::from_millis(1_999));
    assert_eq!(local.read("a"), Some(1));
    hand.advance(Duration::from_millis(1));
    assert_eq!(local.read("a"), None);
    local.trust_until(5_000);
    assert_eq!(local.read("a"), Some(1), "heard again, and nothing was said against it");
}

#[test]
fn forgotten_tags_and_patterns_take_older_values_along() {
    let (local, _) = tier();
    local.put("a", local.tick(), 1, &["t"]);
    let start = local.tick();
    local.invalidate(&Invalidation::new().tag("t"));
    for i in 0..70_000 {
        local.invalidate(&Invalidation::new().tag(Key::from(format!("x{i}"))));
    }
    assert_eq!(local.read("a"), None);
    assert!(!local.put("a", start, 1, &["t"]), "the floor remembers what the map forgot");
    assert!(local.put("a", local.tick(), 2, &["t"]));
}

#[test]
fn forgotten_patterns_alone_do_so_too() {
    let (local, _) = tier();
    local.put("a", local.tick(), 1, &[]);
    local.put("b", local.tick(), 1, &[]);
    let start = local.tick();
    let pattern = |text: String| {
        local.invalidate(&Invalidation::new().pattern(Pattern::parse(&text).unwrap()));
    };
    pattern("a*".into());
    // The value is not looked at before the pattern that names it is forgotten.
    for i in 0..1_100 {
        pattern(format!("x{i}*"));
    }
    assert_eq!(local.read("a"), None);
    assert!(!local.put("abc", start, 1, &[]), "the floor remembers what the list forgot");
    assert!(local.put("abc", local.tick(), 2, &[]));
    assert_eq!(local.read("abc"), Some(2));
}

#[test]
fn both_bounds_hold() {
    let (clock, _) = Clock::manual();
    let local = Local::new(clock, Bounds { entries: 50, bytes: 1 << 30, untrusted_ms: 1 });
    for i in 0..500 {
        local.put(&format!("k{i}"), local.tick(), i, &[]);
    }
    assert!((25..=50).contains(&local.len()), "{} entries", local.len());
    let (clock, _) = Clock::manual();
    let local = Local::new(clock, Bounds { entries: 1 << 30, bytes: 20_000, untrusted_ms: 1 });
    for i in 0..500 {
        let entry = Entry {
            meta: Meta {
                start: local.tick(),
                verified: AtomicU64::new(0),
                began: 0,
                expires: 1,
                fresh_until: 1,
                stale_until: 1,
                cost_ms: 0.0,
                schema: 0,
                tags: Box::default(),
                weight: local.weigh("key", 1_000),
            },
            value: i,
        };
        local.insert(local.hash(i.to_string()), &i.to_string(), Arc::new(entry));
    }
    assert!((8..=20).contains(&local.len()), "{} entries of 1 kB in 20 kB", local.len());
}

#[test]
fn what_fits_is_kept_and_one_alone_fits() {
    let (clock, _) = Clock::manual();
    let local = Local::new(clock, Bounds { entries: 1, bytes: 1 << 20, untrusted_ms: 1 });
    assert!(local.put("a", local.tick(), 7, &[]));
    assert_eq!((local.read("a"), local.len()), (Some(7), 1));
    local.put("b", local.tick(), 8, &[]);
    assert_eq!(local.len(), 1);
    for over in 0..2 {
        let (clock, _) = Clock::manual();
        let local = Local::new(clock, Bounds { entries: 100, bytes: 1 << 20, untrusted_ms: 1 });
        let weight = most_of(local.map.shard_capacity()) + over;
        let meta = local.meta(local.tick(), &[], weight);
        let fits = local.fits(&meta);
        local.insert(local.hash("a"), "a", Arc::new(Entry { meta, value: 7_u32 }));
        assert_eq!((fits, local.read("a").is_some()), (over == 0, over == 0));
    }
}
