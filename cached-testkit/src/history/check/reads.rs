//! The rules for reads: none breaks an invalidation that applies to it (G1 to G4, G7), none hangs
//! (G5), and none fails unless its load did (G6).

use std::collections::HashMap;

use super::bounds::Bounds;
use super::index::{Index, Scope};
use super::keys::Key;
use super::report::{Report, Rule, Violation};
use crate::history::{Action, Operation, Outcome, Source};

pub(super) fn check(index: &Index<'_>, bounds: &Bounds, report: &mut Report) {
    let failures = Failures::build(index.operations);
    for (position, operation) in index.operations.iter().enumerate() {
        let Action::Read { key, version, source } = &operation.action else { continue };
        report.reads += 1;
        let read = Read { index, bounds, position, operation };
        match (operation.outcome, version) {
            (Outcome::Running, _) => read.hangs(report),
            (Outcome::Failed, _) if !failures.explain(key, operation) => read.fails(report, key),
            (Outcome::Ok, Some(version)) => read.breaks(report, key, *version, *source),
            _ => {}
        }
    }
}

/// One read.
struct Read<'a> {
    index: &'a Index<'a>,
    bounds: &'a Bounds,
    position: usize,
    operation: &'a Operation,
}

/// What a read returned, as far as invalidations can break it.
struct Served<'a> {
    key: &'a Key,
    tags: &'a [usize],
    /// When it was surely outdated, and by which write.
    outdated: Option<(u64, usize)>,
    /// The last load or put that can have brought it.
    source: Option<usize>,
}

impl Served<'_> {
    fn targets(&self) -> impl Iterator<Item = usize> {
        self.key.targets.iter().chain(self.tags).copied()
    }
}

impl Read<'_> {
    fn breaks(&self, report: &mut Report, key: &str, version: u64, source: Source) {
        let Some(key) = self.index.keys.get(key) else { return };
        let known = key.version(version);
        let ended = self.operation.ended.unwrap_or(u64::MAX);
        let served = Served {
            key,
            tags: known.map_or(&[], |version| &version.tags),
            outdated: key.outdated(version),
            source: known.and_then(|version| version.last_source_before(ended)),
        };
        let started = self.operation.started;
        let mut is_constrained = false;
        for (rule, scope) in self.scopes(source) {
            let moment = match rule {
                Rule::LocalTier => started.saturating_sub(self.bounds.propagation),
                _ => started,
            };
            let mut latest = self.index.latest(scope, served.targets(), moment);
            if let (Rule::LocalTier, Some((_, invalidation))) = (rule, latest) {
                let ended = self.index.operations[invalidation].ended.unwrap_or(started);
                if self.index.suffers_between(ended, started, self.bounds.recovery) {
                    let moment = started.saturating_sub(self.bounds.cut_off);
                    latest = self.index.latest(scope, served.targets(), moment);
                }
            }
            let Some((began, invalidation)) = latest else { continue };
            is_constrained = true;
            if self.is_broken(&served, scope, began) {
                let rule = self.rule(rule, &served, began);
                report.add(rule, || self.violation(rule, &served, invalidation));
                break;
            }
        }
        report.constrained_reads += usize::from(is_constrained);
    }

    /// The invalidations that bind this read, the strictest promise first.
    fn scopes(&self, source: Source) -> [(Rule, Scope); 4] {
        let shared = match source {
            Source::Remote | Source::Load => Rule::SharedTier,
            Source::Local | Source::Flight | Source::Unknown => Rule::LocalTier,
        };
        [
            (Rule::OwnProcess, Scope::Process(self.operation.process)),
            (shared, self.index.shared_scope(self.operation.started)),
            (Rule::Quiescence, Scope::Quiescent),
            (Rule::Quiescence, Scope::Unsure),
        ]
    }

    fn is_broken(&self, served: &Served<'_>, scope: Scope, began: u64) -> bool {
        let is_older = served.outdated.is_some_and(|(moment, _)| moment <= began);
        let survived = served.source.is_some_and(|source| self.precedes(source, began));
        is_older || (survived && scope != Scope::Unsure)
    }

    /// Whether a value was surely there, or on its way, when the invalidation began: its load had begun, or its put had ended.
    fn precedes(&self, source: usize, began: u64) -> bool {
        let source = &self.index.operations[source];
        match source.action {
            Action::Put { .. } => source.ended.is_some_and(|ended| ended < began),
            _ => source.started < began,
        }
    }

    /// A load that was running when the invalidation began, and repopulated a tier, is a stale set.
    fn rule(&self, rule: Rule, served: &Served<'_>, began: u64) -> Rule {
        let Some(load) = served.source.map(|load| &self.index.operations[load]) else {
            return rule;
        };
        let was_running = matches!(load.action, Action::Load { .. })
            && load.started < began
            && load.ended.is_none_or(|ended| ended > began);
        if was_running && rule != Rule::Quiescence { Rule::StaleSet } else { rule }
    }

    fn violation(&self, rule: Rule, served: &Served<'_>, invalidation: usize) -> Violation {
        let what = match served.outdated {
            Some((moment, _)) if moment <= self.index.operations[invalidation].started => {
                "a newer version was committed before the invalidation"
            }
            _ => "the value was loaded before the invalidation began",
        };
        let message = match rule {
            Rule::StaleSet => format!("a load that the invalidation overtook was served: {what}"),
            Rule::Quiescence => format!("a read after quiescence was not fresh: {what}"),
            _ => format!("a read after the end of an invalidation was not fresh: {what}"),
        };
        let write = served.outdated.map(|(_, write)| write);
        let mut proof: Vec<usize> =
            served.source.into_iter().chain(write).chain([invalidation, self.position]).collect();
        proof.dedup();
        self.prove(rule, message, &proof)
    }

    fn hangs(&self, report: &mut Report) {
        let message = "a read never ended, though its process did in good order".to_owned();
        report.add(Rule::NoHang, || self.prove(Rule::NoHang, message, &[self.position]));
    }

    fn fails(&self, report: &mut Report, key: &str) {
        let message = format!("a read of `{key}` failed, and no load of it did at that time");
        report.add(Rule::NoFault, || self.prove(Rule::NoFault, message, &[self.position]));
    }

    fn prove(&self, rule: Rule, message: String, proof: &[usize]) -> Violation {
        let mut operations: Vec<_> =
            proof.iter().map(|position| self.index.operations[*position].clone()).collect();
        operations.sort_by_key(|operation| operation.started);
        Violation { rule, message, operations }
    }
}

/// When the loads of each key in each process failed.
struct Failures<'a>(HashMap<(u32, &'a str), Vec<u64>>);

impl<'a> Failures<'a> {
    fn build(operations: &'a [Operation]) -> Self {
        let mut failures: HashMap<_, Vec<u64>> = HashMap::new();
        for operation in operations {
            if let (Action::Load { key, .. }, Outcome::Failed | Outcome::Panicked, Some(ended)) =
                (&operation.action, operation.outcome, operation.ended)
            {
                failures.entry((operation.process, key.as_str())).or_default().push(ended);
            }
        }
        failures.values_mut().for_each(|ends| ends.sort_unstable());
        Self(failures)
    }

    /// Whether a load of the key failed during a read.
    fn explain(&self, key: &str, read: &Operation) -> bool {
        let Some(ends) = self.0.get(&(read.process, key)) else { return false };
        let first = ends.partition_point(|ended| *ended < read.started);
        ends.get(first).is_some_and(|ended| read.ended.is_none_or(|end| *ended <= end))
    }
}
