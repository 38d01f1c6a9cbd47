//! The queue against a model: whatever the order of pushes, takes, deliveries and failures, an invalidation affects what it
//! names until all of it is delivered, and its caller hears of that, not earlier.

use super::{Batch, Lane, Pending};
use crate::invalidation::Invalidation;
use crate::key::{Key, Pattern};
use crate::remote::{Announced, Bound};
use proptest::prelude::*;
use std::collections::BTreeSet;
use tokio::sync::oneshot::Receiver;

#[derive(Debug, Clone)]
enum Step {
    Push { keys: BTreeSet<u8>, tags: BTreeSet<u8>, patterns: BTreeSet<u8>, everything: bool },
    Take(bool),
    Deliver(bool),
    Return(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = || proptest::collection::btree_set(0u8..4, 0..3);
    let push = (some(), some(), some(), proptest::bool::weighted(0.05)).prop_map(
        |(keys, tags, patterns, everything)| Step::Push { keys, tags, patterns, everything },
    );
    let step = prop_oneof![
        3 => push,
        2 => any::<bool>().prop_map(Step::Take),
        2 => any::<bool>().prop_map(Step::Deliver),
        1 => any::<bool>().prop_map(Step::Return),
    ];
    proptest::collection::vec(step, 0..60)
}

/// An invalidation of the model: its parts that are not delivered, and the batch that each is in.
struct Pushed {
    what: [Invalidation; 2],
    /// Per lane: `None` when delivered (or empty), else whether it was taken.
    parts: [Option<bool>; 2],
    heard: Receiver<Announced>,
}

fn key(kind: char, number: u8) -> Key {
    Key::verbatim(&format!("{kind}:{number}"))
}

/// Keys of the test are `k:0` to `k:3`, which patterns `k:0*` to `k:3*` match as well.
fn parts(step: &Step) -> [Invalidation; 2] {
    let Step::Push { keys, tags, patterns, everything } = step else { unreachable!("a push") };
    let mut named = Invalidation::new();
    named.keys = keys.iter().map(|n| key('k', *n)).collect();
    named.tags = tags.iter().map(|n| key('t', *n)).collect();
    let mut swept = Invalidation::new();
    let pattern = |n: &u8| Pattern::parse(&format!("k:{n}*")).unwrap();
    swept.patterns = patterns.iter().map(pattern).collect();
    swept.everything = *everything;
    let looks = *everything || !patterns.is_empty();
    [named.clone(), if looks { swept.and(named) } else { swept }]
}

fn affects(what: &Invalidation, key: &Key, tag: &Key) -> bool {
    what.everything
        || what.keys.contains(key)
        || what.tags.contains(tag)
        || what.patterns.iter().any(|pattern| pattern.matches(key.as_str()))
}

fn take_now(pending: &Pending, lane: Lane) -> Option<Batch> {
    let mut take = std::pin::pin!(pending.take(lane));
    let waker = std::task::Waker::noop();
    match take.as_mut().poll(&mut std::task::Context::from_waker(waker)) {
        std::task::Poll::Ready(batch) => batch,
        std::task::Poll::Pending => None,
    }
}

fn check(pending: &Pending, model: &mut [Pushed]) {
    for n in 0..4 {
        let (key, tag) = (key('k', n), key('t', n));
        let undelivered = |pushed: &Pushed| {
            let parts = pushed.what.iter().zip(pushed.parts);
            parts.into_iter().any(|(what, part)| part.is_some() && affects(what, &key, &tag))
        };
        let expected = model.iter().any(undelivered);
        assert_eq!(pending.affects(key.as_str(), [tag.as_str()]), expected, "{key}");
    }
    for pushed in model.iter_mut() {
        let undelivered = pushed.parts.iter().any(Option::is_some);
        if undelivered {
            assert!(pushed.heard.try_recv().is_err(), "told before it was delivered");
        }
    }
    let undelivered = model.iter().any(|pushed| pushed.parts.iter().any(Option::is_some));
    assert_eq!(pending.len() > 0, undelivered);
}

fn run(steps: Vec<Step>) {
    let pending = Pending::default();
    let mut model: Vec<Pushed> = Vec::new();
    let mut taken: [Option<Batch>; 2] = [None, None];
    let lanes = [Lane::Named, Lane::Swept];
    for step in steps {
        match step {
            Step::Push { .. } => {
                let what = parts(&step);
                if what.iter().all(Invalidation::is_empty) {
                    continue;
                }
                let heard = pending.push(&what[0].clone().and(what[1].clone()));
                let parts = [0, 1].map(|at| (!what[at].is_empty()).then_some(false));
                model.push(Pushed { what, parts, heard });
            }
            // One batch of a lane at a time, as its deliverer does it.
            Step::Take(lane) if taken[usize::from(lane)].is_none() => {
                let at = usize::from(lane);
                taken[at] = take_now(&pending, lanes[at]);
                let waits = model.iter().any(|pushed| pushed.parts[at] == Some(false));
                assert_eq!(taken[at].is_some(), waits, "what waits is taken, all of it");
                for part in model.iter_mut().filter_map(|pushed| pushed.parts[at].as_mut()) {
                    *part = true;
                }
            }
            Step::Deliver(lane) => {
                let at = usize::from(lane);
                let Some(batch) = taken[at].take() else { continue };
                pending.delivered(batch, Announced::Lost);
                for pushed in &mut model {
                    if pushed.parts[at] == Some(true) {
                        pushed.parts[at] = None;
                        if pushed.parts.iter().all(Option::is_none) {
                            assert_eq!(
                                pushed.heard.try_recv(),
                                Ok(Announced::Lost),
                                "delivered, and not told"
                            );
                        }
                    }
                }
            }
            Step::Return(lane) => {
                let at = usize::from(lane);
                let Some(batch) = taken[at].take() else { continue };
                pending.returned(batch);
                for part in model.iter_mut().filter_map(|pushed| pushed.parts[at].as_mut()) {
                    *part = false;
                }
            }
            Step::Take(_) => {}
        }
        check(&pending, &mut model);
    }
}

proptest! {
    #[test]
    fn what_waits_affects_what_it_names_until_it_is_delivered(steps in steps()) {
        run(steps);
    }
}

#[test]
fn names_that_are_long_together_widen_where_requests_are_bounded() {
    let key = |n: usize| Invalidation::new().key(format!("k{n:09}"));
    let bound = Bound { bytes: 250, around: 5 };
    let (bounded, unbounded) = (Pending::bounded(Some(bound)), Pending::default());
    for pending in [&bounded, &unbounded] {
        (0..10).for_each(|n| drop(pending.push(&key(n))));
        assert_eq!(pending.len(), 10);
        let batch = take_now(pending, Lane::Named).unwrap();
        drop(pending.push(&key(10)));
        // Together with what is on its way it is too long when that comes back.
        pending.returned(batch);
    }
    assert_eq!((bounded.len(), unbounded.len()), (1, 11));
    assert!(take_now(&bounded, Lane::Swept).unwrap().invalidation.is_everything());
}

#[test]
fn too_many_names_widen_to_everything_and_nobody_is_told_too_early() {
    let pending = Pending::default();
    let mut first = pending.push(&Invalidation::new().key("first"));
    for n in 0..10_000 {
        drop(pending.push(&Invalidation::new().key(format!("k{n}"))));
    }
    assert!(pending.affects("anything", []) && pending.len() == 1);
    assert!(take_now(&pending, Lane::Named).is_none());
    let batch = take_now(&pending, Lane::Swept).unwrap();
    assert!(batch.invalidation.is_everything() && first.try_recv().is_err());
    pending.delivered(batch, Announced::Lost);
    assert!(first.try_recv().is_ok() && !pending.affects("first", []));
}
