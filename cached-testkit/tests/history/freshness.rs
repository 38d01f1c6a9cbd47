//! G1 to G4: what a read may return after an invalidation, by where it reads.

use cached_testkit::history::{Incident, Outcome, Rule, Source, Target};

use crate::build::{Story, story};

/// Version 1 is loaded and cached; process 1 writes version 2 and has invalidated at 40.
fn written() -> Story {
    story().load(1, (0, 5), 1).write(1, (10, 20), 2).invalidate(1, (30, 40))
}

#[test]
fn own_process_never_serves_the_older_version() {
    for source in [Source::Local, Source::Remote, Source::Load, Source::Flight, Source::Unknown] {
        written().read(1, (41, 42), 1, source).breaks(Rule::OwnProcess);
        written().read(1, (9000, 9001), 1, source).breaks(Rule::OwnProcess);
    }
    let fresh = written().load(1, (40, 45), 2).read(1, (41, 42), 2, Source::Local);
    fresh.is_right();
    assert_eq!(fresh.check().constrained_reads(), 1);
}

#[test]
fn a_read_beside_the_invalidation_may_return_either() {
    for times in [(35, 50), (39, 41), (40, 41), (25, 26)] {
        let read = written().read(1, times, 1, Source::Local);
        read.is_right();
        assert_eq!(read.check().constrained_reads(), 0);
        written().load(1, (22, 26), 2).read(1, times, 2, Source::Local).is_right();
    }
}

#[test]
fn a_write_that_was_not_committed_before_the_invalidation_is_not_covered() {
    let unloaded = |write| story().write(1, write, 2).invalidate(1, (30, 40));
    unloaded((10, 30)).read(1, (41, 42), 1, Source::Local).breaks(Rule::OwnProcess);
    unloaded((10, 31)).read(1, (41, 42), 1, Source::Local).is_right();
    unloaded((50, 60)).read(1, (41, 42), 1, Source::Local).is_right();
}

#[test]
fn an_uncertain_write_is_not_covered() {
    let action =
        cached_testkit::history::Action::Write { key: crate::build::KEY.into(), version: 2 };
    for outcome in [Outcome::Failed, Outcome::Cancelled, Outcome::Running] {
        let story = story().add(1, (10, 20), outcome, action.clone()).invalidate(1, (30, 40));
        story.read(1, (41, 42), 1, Source::Local).is_right();
    }
}

#[test]
fn a_value_loaded_before_the_invalidation_is_gone_even_if_no_version_is_newer() {
    let story = || story().load(1, (0, 5), 1).invalidate(1, (30, 40));
    story().read(1, (41, 42), 1, Source::Local).breaks(Rule::OwnProcess);
    story().read(2, (41, 42), 1, Source::Remote).breaks(Rule::SharedTier);
    story().load(2, (41, 42), 1).read(1, (43, 44), 1, Source::Remote).is_right();
}

#[test]
fn a_load_that_may_have_begun_in_time_is_given_the_benefit_of_the_doubt() {
    let story = |load| {
        let story = story().load(1, (0, 5), 1).invalidate(1, (30, 40));
        story.load(1, load, 1).read(1, (41, 50), 1, Source::Load)
    };
    story((30, 35)).is_right();
    story((29, 35)).breaks(Rule::StaleSet);
    story((50, 55)).is_right();
    story((51, 55)).breaks(Rule::OwnProcess);
}

#[test]
fn older_versions_among_many_are_found() {
    let mut story = story();
    for version in 1..50 {
        let start = version * 100;
        story = story.write(1, (start, start + 1), version).invalidate(1, (start + 2, start + 3));
    }
    story.clone().read(1, (4950, 4951), 49, Source::Local).is_right();
    story.clone().read(1, (4950, 4951), 48, Source::Local).breaks(Rule::OwnProcess);
    story.clone().read(1, (4850, 4851), 48, Source::Local).is_right();
    story.clone().read(1, (4850, 4851), 47, Source::Local).breaks(Rule::OwnProcess);
    story.read(1, (4850, 4851), 3, Source::Local).breaks(Rule::OwnProcess);
}

#[test]
fn the_shared_tier_never_serves_it_to_another_process() {
    for source in [Source::Remote, Source::Load] {
        written().read(2, (41, 42), 1, source).breaks(Rule::SharedTier);
        written().read(2, (40, 42), 1, source).is_right();
    }
}

#[test]
fn a_queued_invalidation_binds_its_own_process_only() {
    let story = || {
        let story = story().write(1, (10, 20), 2);
        story.invalidate_ends(1, (30, 40), Outcome::Queued)
    };
    story().read(1, (41, 42), 1, Source::Local).breaks(Rule::OwnProcess);
    story().read(2, (41, 42), 1, Source::Remote).is_right();
    story().read(2, (9000, 9001), 1, Source::Local).is_right();
}

#[test]
fn lost_acknowledgements_excuse_the_shared_tier_and_only_they() {
    let read = (9000, 9001);
    let lost =
        |times, incident| written().incident(times, incident).read(2, read, 1, Source::Remote);
    lost((50, 60), Incident::RolledBack).is_right();
    for incident in [Incident::Flushed, Incident::Down, Incident::Unreachable] {
        lost((50, 60), incident).breaks(Rule::SharedTier);
    }
    // The invalidation came after the loss, or the read before it.
    lost((21, 29), Incident::RolledBack).breaks(Rule::SharedTier);
    lost((9100, 9200), Incident::RolledBack).breaks(Rule::SharedTier);
    // The process itself has no such excuse.
    let own = written().incident((50, 60), Incident::RolledBack).read(1, read, 1, Source::Remote);
    own.breaks(Rule::OwnProcess);
}

#[test]
fn local_tiers_have_the_propagation_bound() {
    for source in [Source::Local, Source::Flight, Source::Unknown] {
        written().read(2, (140, 141), 1, source).is_right();
        written().read(2, (141, 142), 1, source).breaks(Rule::LocalTier);
    }
}

#[test]
fn a_process_that_was_cut_off_has_longer() {
    for incident in [Incident::Down, Incident::Unreachable] {
        let story = || written().incident((50, 60), incident);
        story().read(2, (340, 341), 1, Source::Local).is_right();
        story().read(2, (341, 342), 1, Source::Local).breaks(Rule::LocalTier);
    }
    // It was over, with time to recover, before the invalidation.
    let long_ago = story().incident((0, 10), Incident::Down);
    let story = long_ago.write(1, (70, 71), 2).invalidate(1, (72, 80));
    story.read(2, (200, 201), 1, Source::Local).breaks(Rule::LocalTier);
}

#[test]
fn a_load_that_an_invalidation_overtook_repopulates_nothing() {
    let overtaken = || {
        let story = story().load(2, (5, 60), 1);
        story.write(1, (10, 20), 2).invalidate(1, (30, 40))
    };
    overtaken().read(1, (61, 62), 1, Source::Remote).breaks(Rule::StaleSet);
    overtaken().read(2, (61, 62), 1, Source::Remote).breaks(Rule::StaleSet);
    overtaken().read(2, (200, 201), 1, Source::Local).breaks(Rule::StaleSet);
    // The loading call itself, and who shared its load, began before.
    overtaken().read(2, (4, 61), 1, Source::Load).is_right();
    overtaken().read(2, (33, 61), 1, Source::Flight).is_right();
    // Another call of that process may still share it, until it has to know.
    overtaken().read(2, (59, 61), 1, Source::Flight).is_right();
}

#[test]
fn a_put_beside_an_invalidation_may_come_after_it() {
    let beside =
        |put| story().put(2, put, 1).invalidate(1, (30, 40)).read(2, (61, 62), 1, Source::Remote);
    beside((29, 50)).is_right();
    beside((20, 30)).is_right();
    beside((20, 29)).breaks(Rule::SharedTier);
    // A newer version was there before the invalidation: whoever put the older one did not know of it.
    let older = || story().put(2, (5, 60), 1).write(1, (10, 20), 2).invalidate(1, (30, 40));
    older().read(2, (61, 62), 1, Source::Remote).breaks(Rule::SharedTier);
}

#[test]
fn tags_cover_the_values_that_were_loaded_with_them() {
    let story = |tag| {
        let story = story().load_tagged(1, (0, 5), 1, &["teacher:7", "room:3"]);
        let story = story.write(1, (10, 20), 2);
        story.invalidate_what(1, (30, 40), Outcome::Ok, Target::tag(tag))
    };
    for tag in ["teacher:7", "room:3"] {
        story(tag).read(1, (41, 42), 1, Source::Local).breaks(Rule::OwnProcess);
    }
    story("teacher:8").read(1, (41, 42), 1, Source::Local).is_right();
}

#[test]
fn patterns_and_everything_cover_keys() {
    let story = |target| {
        let story = story().write(1, (10, 20), 2);
        story.invalidate_what(1, (30, 40), Outcome::Ok, target).read(1, (41, 42), 1, Source::Local)
    };
    story(Target::pattern("course:*")).breaks(Rule::OwnProcess);
    story(Target::All).breaks(Rule::OwnProcess);
    story(Target::pattern("courses:*")).is_right();
    story(Target::key("course:2")).is_right();
}

#[test]
fn the_proof_has_the_operations_that_contradict() {
    let report = written().read(1, (41, 42), 1, Source::Local).check();
    let [violation] = report.violations() else { panic!("{report}") };
    let ids: Vec<u64> = violation.operations().iter().map(|operation| operation.id).collect();
    assert_eq!(ids, [0, 1, 2, 3]);
    let text = violation.to_string();
    assert!(
        text.starts_with("G1 (own process): a read after the end of an invalidation"),
        "{text}"
    );
    assert!(text.contains("41.000000 ..    42.000000  process 1 task 0: read of `course:1`, version 1 from Local (Ok)"), "{text}");
}
