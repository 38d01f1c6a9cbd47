//! The rule for loads (G5): no two of a key at once, in a process or across processes, without a reason.

use super::bounds::Bounds;
use super::index::Index;
use super::report::{Report, Rule, Violation};
use crate::history::{Action, Operation, Outcome};

/// How many loads that are running at once are compared with the next one.
const COMPARED: usize = 16;

pub(super) fn check(index: &Index<'_>, bounds: &Bounds, report: &mut Report) {
    for key in index.keys.iter() {
        report.loads += key.loads.len();
        // Those that ran to a good end, the latest on top. What ended otherwise handed its key over.
        let mut running: Vec<usize> = Vec::new();
        for &next in &key.loads {
            let started = index.operations[next].started;
            let is_over =
                |load: &usize| index.operations[*load].ended.is_some_and(|e| e <= started);
            while running.last().is_some_and(is_over) {
                running.pop();
            }
            let others = running.iter().rev().take(COMPARED).filter(|load| !is_over(load));
            let pair = others.copied().find(|&load| !is_excused(index, bounds, load, next));
            if let Some(load) = pair {
                report.add(Rule::OneLoad, || violation(index, load, next));
            }
            if index.operations[next].outcome == Outcome::Ok {
                running.push(next);
            }
        }
    }
}

/// Whether there is a reason for `next` to begin while `load` is running.
fn is_excused(index: &Index<'_>, bounds: &Bounds, load: usize, next: usize) -> bool {
    let (load, next) = (&index.operations[load], &index.operations[next]);
    let (from, to) = (load.started, next.started);
    if index.invalidates_between(targets_of(index, load), from, to) {
        return true;
    }
    if load.process == next.process {
        // A process that was cut off, or is back, may have emptied its tier: an invalidation of everything.
        let time_to_notice = bounds.cut_off.max(bounds.recovery);
        return index.turns_between(from.saturating_sub(time_to_notice), to);
    }
    !bounds.is_shared
        || to - from >= bounds.lease
        || index.suffers_between(from, to, bounds.recovery)
}

/// What covers a load: what covers its key, and its tags.
fn targets_of<'a>(index: &'a Index<'_>, load: &'a Operation) -> impl Iterator<Item = usize> + 'a {
    let (key, tags) = match &load.action {
        Action::Load { key, tags, .. } => (index.keys.get(key), tags.as_slice()),
        _ => (None, [].as_slice()),
    };
    let of_key = key.map_or([].as_slice(), |key| key.targets.as_slice());
    of_key.iter().copied().chain(index.targets.of_tags(tags))
}

fn violation(index: &Index<'_>, load: usize, next: usize) -> Violation {
    let operations = [load, next].map(|position| index.operations[position].clone());
    let where_to = if operations[0].process == operations[1].process {
        "in one process"
    } else {
        "in two processes that share a tier"
    };
    let message = format!("two loads of one key at once, {where_to}");
    Violation { rule: Rule::OneLoad, message, operations: operations.into() }
}
