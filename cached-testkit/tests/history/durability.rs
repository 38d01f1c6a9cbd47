//! G7: invalidations that were queued, cancelled or cut short by a kill are made up for.

use cached_testkit::history::{Outcome, Rule, Source};

use crate::build::{Story, checker, story};

fn ended(outcome: Outcome) -> Story {
    let story = story().load(1, (0, 5), 1).write(1, (10, 20), 2);
    story.invalidate_ends(1, (30, 40), outcome).quiesce((100, 110))
}

#[test]
fn after_quiescence_nobody_serves_the_older_version() {
    for outcome in [Outcome::Queued, Outcome::Cancelled, Outcome::Failed, Outcome::Panicked] {
        for (process, source) in [(2, Source::Local), (2, Source::Remote), (1, Source::Load)] {
            let story = || ended(outcome).read(process, (111, 112), 1, source);
            let rule = match (outcome, process) {
                (Outcome::Queued, 1) => Rule::OwnProcess,
                _ => Rule::Quiescence,
            };
            story().breaks(rule);
            ended(outcome).read(process, (111, 112), 2, source).is_right();
        }
        ended(outcome).read(2, (110, 112), 1, Source::Remote).is_right();
    }
}

#[test]
fn an_invalidation_after_quiescence_waits_for_the_next() {
    let story = || {
        let story = story().write(1, (10, 20), 2).quiesce((35, 39));
        story.invalidate_ends(1, (30, 40), Outcome::Queued)
    };
    story().read(2, (500, 501), 1, Source::Local).is_right();
    story().quiesce((40, 50)).read(2, (500, 501), 1, Source::Local).breaks(Rule::Quiescence);
    story().quiesce((400, 410)).read(2, (500, 501), 1, Source::Local).breaks(Rule::Quiescence);
}

#[test]
fn a_queued_invalidation_has_surely_run_and_a_cancelled_one_may_not_have() {
    let story = |outcome| {
        let story = story().load(2, (0, 5), 1).invalidate_ends(1, (30, 40), outcome);
        story.quiesce((100, 110)).read(2, (111, 112), 1, Source::Remote)
    };
    story(Outcome::Queued).breaks(Rule::Quiescence);
    // No version is newer, so nobody can tell.
    story(Outcome::Cancelled).is_right();
}

#[test]
fn an_outbox_makes_up_for_a_kill() {
    let killed = || {
        let story = story().load(1, (0, 5), 1).write(1, (10, 20), 2);
        let story = story.invalidate_ends(1, (30, 0), Outcome::Running).quiesce((100, 110));
        story.read(2, (111, 112), 1, Source::Remote)
    };
    killed().is_right();
    let report = killed().check_by(checker().durable());
    assert_eq!((report.total(), report.count(Rule::Quiescence)), (1, 1), "{report}");

    // Killed between COMMIT and the invalidation.
    let committed = story().write(1, (10, 20), 2).quiesce((100, 110));
    let stale = committed.clone().read(2, (111, 112), 1, Source::Remote);
    stale.is_right();
    assert_eq!(stale.check_by(checker().durable()).count(Rule::Quiescence), 1);
    // A load that saw the new version early is fresh.
    let early = committed.load(2, (19, 25), 2).read(2, (111, 112), 2, Source::Remote);
    early.check_by(checker().durable()).assert_clean();
}
