//! Large histories: these tests would not end in a day if the checker took quadratic time.

use cached_testkit::history::{Action, Checker, History, Operation, Outcome, Source, Target};

const ROUNDS: u64 = 50_000;

/// So many writes, each invalidated and followed by a load and by reads in two processes.
fn rounds(key: impl Fn(u64) -> String, served: impl Fn(u64) -> u64) -> History {
    let mut operations = Vec::new();
    for round in 1..=ROUNDS {
        let start = round * 100;
        let mut add = |process: u32, at: u64, action| {
            let (id, started) = (operations.len() as u64, start + at);
            let (ended, outcome) = (Some(started + 5), Outcome::Ok);
            operations.push(Operation { process, id, task: 0, started, ended, outcome, action });
        };
        let (key, version) = (key(round), Some(served(round)));
        let tags = vec!["tag".to_owned()];
        add(1, 0, Action::Write { key: key.clone(), version: round });
        add(1, 10, Action::Invalidate { targets: vec![Target::tag("tag"), Target::All] });
        add(1, 20, Action::Load { key: key.clone(), version: Some(round), tags });
        add(1, 30, Action::Read { key: key.clone(), version, source: Source::Local });
        add(2, 40, Action::Read { key, version, source: Source::Remote });
    }
    History::from(operations)
}

#[test]
fn one_key_that_everybody_wants() {
    let report = Checker::new().check(&rounds(|_| "hot".into(), |round| round));
    report.assert_clean();
    assert_eq!(report.constrained_reads(), 2 * ROUNDS as usize);
    let report = Checker::new().check(&rounds(|_| "hot".into(), |round| round - 1));
    assert_eq!(report.total(), 2 * ROUNDS as usize);
}

#[test]
fn many_keys() {
    let report = Checker::new().check(&rounds(|round| format!("k{}", round % 5000), |r| r));
    report.assert_clean();
    assert_eq!(report.reads(), 2 * ROUNDS as usize);
}
