//! G5 and G6: one load for all, nobody hangs, and no error but the loader's.

use cached_testkit::history::{Incident, Outcome, Rule, Source};

use crate::build::{Story, checker, story};

#[test]
fn two_loads_at_once_in_one_process() {
    story().load(1, (0, 10), 1).load(1, (5, 15), 1).breaks(Rule::OneLoad);
    story().load(1, (0, 10), 1).load(1, (0, 10), 1).breaks(Rule::OneLoad);
    story().load(1, (0, 10), 1).load(1, (10, 20), 1).is_right();
    // One more for each load that should not be.
    let three = story().load(1, (0, 10), 1).load(1, (5, 15), 1).load(1, (9, 20), 1).check();
    assert_eq!(three.count(Rule::OneLoad), 2);
}

#[test]
fn a_load_behind_shorter_ones_is_not_forgotten() {
    // The second and third end before the fourth begins; the first is still running then.
    let story = story().load(1, (0, 100), 1).load(1, (5, 10), 1).load(1, (20, 30), 1);
    assert_eq!(story.load(1, (50, 60), 1).check().count(Rule::OneLoad), 3);
}

#[test]
fn an_invalidation_between_them_is_a_reason() {
    let story = |times, process| {
        story().load(1, (50, 90), 1).invalidate(process, times).load(1, (80, 95), 1)
    };
    for process in [1, 2] {
        story((60, 70), process).is_right();
        story((40, 50), process).is_right();
        story((80, 90), process).is_right();
        story((81, 90), process).breaks(Rule::OneLoad);
    }
}

#[test]
fn an_invalidation_is_a_reason_until_it_has_propagated() {
    let late = |start| story().invalidate(2, (30, 40)).load(1, (start, 190), 1);
    late(140).load(1, (150, 160), 1).is_right();
    late(141).load(1, (150, 160), 1).breaks(Rule::OneLoad);
}

/// Nobody knows when it is done, but that all is done when it is quiet.
#[test]
fn an_invalidation_that_did_not_end_well_is_a_reason_until_all_was_quiet() {
    for outcome in [Outcome::Queued, Outcome::Cancelled, Outcome::Running] {
        let story = || story().invalidate_ends(2, (30, 40), outcome);
        let two = |story: Story, start| {
            story.load(1, (start, start + 90), 1).load(1, (start + 10, start + 20), 1)
        };
        two(story(), 5_000).is_right();
        let quiet = || story().quiesce((1_000, 1_010));
        two(quiet(), 900).is_right();
        two(quiet(), 1_110).is_right();
        two(quiet(), 1_111).breaks(Rule::OneLoad);
        // One that began in the midst of it is done with the next.
        let later = || quiet().invalidate_ends(2, (1_005, 1_006), outcome);
        two(later(), 5_000).is_right();
        two(later().quiesce((2_000, 2_010)), 5_000).breaks(Rule::OneLoad);
    }
}

#[test]
fn a_load_that_failed_hands_over() {
    for outcome in [Outcome::Failed, Outcome::Panicked, Outcome::Cancelled] {
        story().load_ends(1, (0, 10), outcome).load(1, (9, 15), 1).is_right();
    }
}

#[test]
fn two_loads_at_once_in_two_processes() {
    let two = || story().load(1, (0, 600), 1).load(2, (5, 15), 1);
    two().breaks(Rule::OneLoad);
    two().check_by(checker().without_shared_tier()).assert_clean();
    // The lease is dead by then.
    story().load(1, (0, 600), 1).load(2, (499, 510), 1).breaks(Rule::OneLoad);
    story().load(1, (0, 600), 1).load(2, (500, 510), 1).is_right();
}

#[test]
fn an_incident_between_them_is_a_reason_across_processes() {
    for incident in [Incident::Flushed, Incident::Down, Incident::Unreachable, Incident::RolledBack]
    {
        let two = |times| story().incident(times, incident).load(1, (100, 190), 1);
        two((120, 130)).load(2, (150, 160), 1).is_right();
        two((0, 200)).load(2, (150, 160), 1).is_right();
        // Time to recover is 50.
        two((0, 50)).load(2, (150, 160), 1).is_right();
        two((0, 49)).load(2, (150, 160), 1).breaks(Rule::OneLoad);
    }
}

#[test]
fn in_one_process_only_the_turns_of_an_incident_are_a_reason() {
    let two = |times| {
        let story = story().incident(times, Incident::Down);
        story.load(1, (1000, 1090), 1).load(1, (1050, 1060), 1)
    };
    // It notices that it is cut off, or is back, and empties its tier.
    two((1020, 3000)).is_right();
    two((700, 3000)).is_right();
    two((0, 1020)).is_right();
    // In the midst of it there is no reason.
    two((600, 3000)).breaks(Rule::OneLoad);
}

#[test]
fn a_read_that_never_ends() {
    story().read_ends(1, (0, 0), Outcome::Running).breaks(Rule::NoHang);
    story().read_ends(1, (0, 9), Outcome::Cancelled).is_right();
}

#[test]
fn a_read_fails_only_when_its_load_does() {
    story().read_ends(1, (0, 9), Outcome::Failed).breaks(Rule::NoFault);
    let story = |process, times, outcome| {
        story().load_ends(process, times, outcome).read_ends(1, (10, 20), Outcome::Failed)
    };
    story(1, (12, 18), Outcome::Failed).is_right();
    story(1, (5, 12), Outcome::Failed).is_right();
    story(1, (12, 18), Outcome::Panicked).is_right();
    story(1, (12, 18), Outcome::Cancelled).breaks(Rule::NoFault);
    story(1, (5, 9), Outcome::Failed).breaks(Rule::NoFault);
    story(1, (12, 21), Outcome::Failed).breaks(Rule::NoFault);
    story(2, (12, 18), Outcome::Failed).breaks(Rule::NoFault);
}

#[test]
fn counts_are_whole_where_violations_are_many() {
    let mut story = story();
    for start in 0..300 {
        story = story.load(1, (start, 1000), 1);
    }
    let report = story.read(1, (2000, 2001), 1, Source::Local).check();
    assert_eq!(report.count(Rule::OneLoad), 299);
    assert_eq!(report.violations().len(), 100);
    assert_eq!((report.loads(), report.reads()), (300, 1));
}
