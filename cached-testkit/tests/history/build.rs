//! Histories in a few words. Times are milliseconds; the propagation bound is 100, a cut-off 300,
//! recovery 50 and a lease 500.

use std::time::Duration;

use cached_testkit::history::{
    Action, Checker, History, Incident, Operation, Outcome, Report, Rule, Source, Target,
};

pub(crate) const KEY: &str = "course:1";
const MILLISECOND: u64 = 1_000_000;

/// A history that is being told.
#[derive(Default, Clone)]
pub(crate) struct Story(Vec<Operation>);

impl Story {
    pub(crate) fn add(
        mut self,
        process: u32,
        times: (u64, u64),
        outcome: Outcome,
        action: Action,
    ) -> Self {
        let (started, ended) = (times.0 * MILLISECOND, times.1 * MILLISECOND);
        let ended = (outcome != Outcome::Running).then_some(ended);
        let id = self.0.len() as u64;
        self.0.push(Operation { process, id, task: 0, started, ended, outcome, action });
        self
    }

    pub(crate) fn load(self, process: u32, times: (u64, u64), version: u64) -> Self {
        self.load_tagged(process, times, version, &[])
    }

    pub(crate) fn load_tagged(
        self,
        p: u32,
        times: (u64, u64),
        version: u64,
        tags: &[&str],
    ) -> Self {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let action = Action::Load { key: KEY.into(), version: Some(version), tags };
        self.add(p, times, Outcome::Ok, action)
    }

    pub(crate) fn put(self, process: u32, times: (u64, u64), version: u64) -> Self {
        self.add(process, times, Outcome::Ok, Action::Put { key: KEY.into(), version })
    }

    pub(crate) fn load_ends(self, process: u32, times: (u64, u64), outcome: Outcome) -> Self {
        let action = Action::Load { key: KEY.into(), version: None, tags: Vec::new() };
        self.add(process, times, outcome, action)
    }

    pub(crate) fn read(self, p: u32, times: (u64, u64), version: u64, source: Source) -> Self {
        let action = Action::Read { key: KEY.into(), version: Some(version), source };
        self.add(p, times, Outcome::Ok, action)
    }

    pub(crate) fn read_ends(self, process: u32, times: (u64, u64), outcome: Outcome) -> Self {
        let action = Action::Read { key: KEY.into(), version: None, source: Source::Unknown };
        self.add(process, times, outcome, action)
    }

    pub(crate) fn write(self, process: u32, times: (u64, u64), version: u64) -> Self {
        let action = Action::Write { key: KEY.into(), version };
        self.add(process, times, Outcome::Ok, action)
    }

    pub(crate) fn invalidate(self, process: u32, times: (u64, u64)) -> Self {
        self.invalidate_ends(process, times, Outcome::Ok)
    }

    pub(crate) fn invalidate_ends(self, process: u32, times: (u64, u64), outcome: Outcome) -> Self {
        self.invalidate_what(process, times, outcome, Target::key(KEY))
    }

    pub(crate) fn invalidate_what(
        self,
        process: u32,
        times: (u64, u64),
        outcome: Outcome,
        target: Target,
    ) -> Self {
        self.add(process, times, outcome, Action::Invalidate { targets: vec![target] })
    }

    pub(crate) fn incident(self, times: (u64, u64), incident: Incident) -> Self {
        self.add(0, times, Outcome::Ok, Action::Incident(incident))
    }

    pub(crate) fn quiesce(self, times: (u64, u64)) -> Self {
        self.add(0, times, Outcome::Ok, Action::Quiesce)
    }

    pub(crate) fn check(&self) -> Report {
        self.check_by(checker())
    }

    pub(crate) fn check_by(&self, checker: Checker) -> Report {
        // The order of the operations in a history means nothing.
        let backwards: History = self.0.iter().rev().cloned().collect();
        let report = checker.check(&History::from(self.0.clone()));
        assert_eq!(report.total(), checker.check(&backwards).total());
        report
    }

    #[track_caller]
    pub(crate) fn is_right(&self) {
        self.check().assert_clean();
    }

    #[track_caller]
    pub(crate) fn breaks(&self, rule: Rule) {
        let report = self.check();
        assert_eq!((report.total(), report.count(rule)), (1, 1), "{report}");
    }
}

pub(crate) fn checker() -> Checker {
    Checker::new()
        .propagation(Duration::from_millis(100))
        .revocation(Duration::from_millis(100))
        .cut_off(Duration::from_millis(300))
        .recovery(Duration::from_millis(50))
        .lease(Duration::from_millis(500))
}

pub(crate) fn story() -> Story {
    Story::default()
}
