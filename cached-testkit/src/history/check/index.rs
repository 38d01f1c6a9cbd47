//! The invalidations and incidents of a history, laid out so that each read can ask which of them apply to it.

use std::collections::HashMap;

use super::bounds::Bounds;
use super::keys::{Keys, Targets};
use super::staircase::Staircase;
use crate::history::{Action, Incident, Operation, Outcome, Target};

/// Whom an invalidation binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// The reads of its own process.
    Process(u32),
    /// All reads through the shared tier, until acknowledged writes are lost for the n-th time.
    Shared(usize),
    /// All reads after quiescence.
    Quiescent,
    /// All reads after quiescence, but only as to versions: nobody knows whether it ever ran.
    Unsure,
}

#[derive(Debug)]
pub(super) struct Index<'a> {
    pub(super) operations: &'a [Operation],
    pub(super) keys: Keys<'a>,
    pub(super) targets: Targets<'a>,
    /// When invalidations have ended, and how late they began.
    applying: HashMap<(Scope, usize), Staircase>,
    /// When invalidations began, and until when they may be at work.
    working: HashMap<usize, Staircase>,
    /// When incidents began, and how long they last.
    incidents: Staircase,
    /// When incidents began or ended, in order.
    turns: Vec<u64>,
    /// Begin and end of the times at which acknowledged writes were lost.
    rollbacks: (Vec<u64>, Vec<u64>),
    /// Beginnings and ends of quiescence, in order.
    quiescences: Vec<(u64, u64)>,
}

impl<'a> Index<'a> {
    pub(super) fn build(operations: &'a [Operation], bounds: &Bounds) -> Self {
        let mut index = Self {
            operations,
            keys: Keys::default(),
            targets: Targets::default(),
            applying: HashMap::new(),
            working: HashMap::new(),
            incidents: Staircase::default(),
            turns: Vec::new(),
            rollbacks: (Vec::new(), Vec::new()),
            quiescences: Vec::new(),
        };
        for (position, operation) in operations.iter().enumerate() {
            index.add_mark(position, operation);
        }
        index.incidents.build();
        index.turns.sort_unstable();
        index.rollbacks.0.sort_unstable();
        index.rollbacks.1.sort_unstable();
        index.quiescences.sort_unstable();
        for (position, operation) in operations.iter().enumerate() {
            match &operation.action {
                Action::Invalidate { targets } => {
                    index.add_invalidation(position, operation, targets, bounds);
                }
                Action::Write { key, .. }
                    if bounds.is_durable && operation.outcome == Outcome::Ok =>
                {
                    if let Some(ended) = operation.ended {
                        let target = index.targets.number_of_key(key);
                        index.add_quiescent(Scope::Unsure, target, ended, ended, position);
                    }
                }
                _ => {}
            }
        }
        index.applying.values_mut().for_each(Staircase::build);
        index.working.values_mut().for_each(Staircase::build);
        index.keys = Keys::build(operations, &index.targets);
        index
    }

    fn add_mark(&mut self, position: usize, operation: &Operation) {
        let ended = operation.ended.unwrap_or(u64::MAX);
        match operation.action {
            Action::Incident(incident) => {
                self.incidents.add(operation.started, ended, position);
                self.turns.extend([operation.started, ended]);
                if incident == Incident::RolledBack {
                    self.rollbacks.0.push(operation.started);
                    self.rollbacks.1.push(ended);
                }
            }
            Action::Quiesce => self.quiescences.push((operation.started, ended)),
            _ => {}
        }
    }

    fn add_invalidation(
        &mut self,
        position: usize,
        operation: &Operation,
        targets: &'a [Target],
        bounds: &Bounds,
    ) {
        let started = operation.started;
        for target in targets {
            let target = self.targets.number(target);
            // What was not done when its caller went on is done when all is quiet, if ever.
            let mut at_work = self.next_quiescence(operation.ended.unwrap_or(started));
            match (operation.outcome, operation.ended) {
                (Outcome::Ok, Some(ended)) => {
                    let rollbacks = self.rollbacks.1.partition_point(|end| *end < ended);
                    for scope in [Scope::Process(operation.process), Scope::Shared(rollbacks)] {
                        self.stairs(scope, target).add(ended, started, position);
                    }
                    at_work = Some(ended);
                }
                (Outcome::Queued, Some(ended)) => {
                    let scope = Scope::Process(operation.process);
                    self.stairs(scope, target).add(ended, started, position);
                    self.add_quiescent(Scope::Quiescent, target, ended, started, position);
                }
                (_, Some(ended)) => {
                    self.add_quiescent(Scope::Unsure, target, ended, started, position);
                }
                (_, None) if bounds.is_durable => {
                    self.add_quiescent(Scope::Unsure, target, started, started, position);
                }
                (_, None) => {}
            }
            let until = at_work.map_or(u64::MAX, |end| end.saturating_add(bounds.revocation));
            self.working.entry(target).or_default().add(started, until, position);
        }
    }

    /// It applies from the end of the first quiescence that began after it.
    fn add_quiescent(
        &mut self,
        scope: Scope,
        target: usize,
        ended: u64,
        started: u64,
        position: usize,
    ) {
        if let Some(end) = self.next_quiescence(ended) {
            self.stairs(scope, target).add(end, started, position);
        }
    }

    /// The end of the first quiescence that began no earlier than this.
    fn next_quiescence(&self, moment: u64) -> Option<u64> {
        let next = self.quiescences.partition_point(|(begin, _)| *begin < moment);
        self.quiescences.get(next).map(|(_, end)| *end)
    }

    fn stairs(&mut self, scope: Scope, target: usize) -> &mut Staircase {
        self.applying.entry((scope, target)).or_default()
    }

    /// Of the invalidations in a scope that had ended before a moment, the one that began last, and when.
    pub(super) fn latest(
        &self,
        scope: Scope,
        targets: impl Iterator<Item = usize>,
        moment: u64,
    ) -> Option<(u64, usize)> {
        targets
            .filter_map(|target| self.applying.get(&(scope, target))?.highest_before(moment))
            .max_by_key(|(started, _)| *started)
    }

    /// The scope of reads through the shared tier that start at this moment.
    pub(super) fn shared_scope(&self, moment: u64) -> Scope {
        Scope::Shared(self.rollbacks.0.partition_point(|begin| *begin < moment))
    }

    /// Whether an invalidation of one of the targets may have been at work between two moments.
    pub(super) fn invalidates_between(
        &self,
        mut targets: impl Iterator<Item = usize>,
        from: u64,
        to: u64,
    ) -> bool {
        targets.any(|target| {
            let working = self.working.get(&target);
            let latest = working.and_then(|stairs| stairs.highest_before(to.saturating_add(1)));
            latest.is_some_and(|(until, _)| until >= from)
        })
    }

    /// Whether an incident, with so much time to recover from it, touches the time between two moments.
    pub(super) fn suffers_between(&self, from: u64, to: u64, recovery: u64) -> bool {
        let latest = self.incidents.highest_before(to.saturating_add(1));
        latest.is_some_and(|(until, _)| until.saturating_add(recovery) >= from)
    }

    /// Whether an incident began or ended between two moments.
    pub(super) fn turns_between(&self, from: u64, to: u64) -> bool {
        let first = self.turns.partition_point(|turn| *turn < from);
        self.turns.get(first).is_some_and(|turn| *turn <= to)
    }
}
