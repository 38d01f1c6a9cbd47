//! Many orders of the steps of readers, writers and callers, drawn from fixed seeds; and bugs that they must find.

use cached_models::mutation::{Mutation, mutate};
use cached_models::{Ends, Finding, Way, callers, nested, putters, readers};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

const RUNS: usize = 2_000;
const WAYS: [Way; 4] = [Way::Key, Way::Tag, Way::Pattern, Way::Everything];

/// Random orders, and orders with few changes of thread at the worst places (PCT: Burckhardt et al., ASPLOS 2010).
/// Gives what the model counted.
fn search(model: impl Fn(&Finding) + Send + Sync + Clone + 'static) -> u64 {
    let found = Finding::default();
    let run = |model: Box<dyn Fn() + Send + Sync>, random: bool| {
        if random {
            let scheduler = RandomScheduler::new_from_seed(7, RUNS);
            Runner::new(scheduler, Config::new()).run(model);
        } else {
            let scheduler = PctScheduler::new_from_seed(7, 3, RUNS);
            Runner::new(scheduler, Config::new()).run(model);
        }
    };
    for random in [true, false] {
        let (model, found) = (model.clone(), found.clone());
        run(Box::new(move || model(&found)), random);
    }
    found.load(Ordering::SeqCst)
}

/// Some order breaks an assertion.
fn broken(model: impl Fn(&Finding) + Send + Sync + Clone + 'static) {
    let found = catch_unwind(AssertUnwindSafe(|| search(model)));
    assert!(found.is_err(), "the bug is not found");
}

#[test]
fn nothing_older_than_an_invalidation_is_served() {
    for way in WAYS {
        let answered = search(move |answered| readers(way, answered));
        assert!(answered > 0, "{way:?}: no run left a value, so nothing was tried");
    }
}

#[test]
fn nothing_that_rests_on_an_older_value_is_served() {
    for way in WAYS {
        let answered = search(move |answered| nested(way, answered));
        assert!(answered > 0, "{way:?}: no run left a value, so nothing was tried");
    }
}

#[test]
fn a_tier_without_ticks_is_found() {
    mutate(Mutation::NoTicks);
    for way in WAYS {
        broken(move |answered| readers(way, answered));
        broken(move |answered| nested(way, answered));
    }
}

#[test]
fn callers_share_one_load_and_none_hangs() {
    for ends in [Ends::Well, Ends::Failed, Ends::Gone] {
        let shared = search(move |shared| callers(ends, None, shared));
        assert!(ends == Ends::Well || shared > 0, "{ends:?}: nobody has shared a load");
    }
}

#[test]
fn nobody_shares_a_load_from_before_an_invalidation() {
    for way in WAYS {
        for ends in [Ends::Well, Ends::Gone] {
            search(move |shared| callers(ends, Some(way), shared));
        }
    }
}

#[test]
fn callers_who_join_any_flight_are_found() {
    mutate(Mutation::JoinsAnyFlight);
    for way in WAYS {
        broken(move |shared| callers(Ends::Well, Some(way), shared));
    }
}

#[test]
fn a_leader_that_leaves_silently_is_found() {
    mutate(Mutation::SilentLeader);
    broken(|shared| callers(Ends::Gone, None, shared));
}

#[test]
fn the_last_put_stands() {
    let answered = search(putters);
    assert!(answered > 0, "no run left a value, so nothing was tried");
}

#[test]
fn a_put_without_a_second_tick_is_found() {
    mutate(Mutation::NoSecondTick);
    broken(putters);
}
