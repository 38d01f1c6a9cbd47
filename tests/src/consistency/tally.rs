//! What a run came to, in numbers.

use cached_testkit::history::{Action, History, Outcome, Report, Violation};
use std::collections::BTreeMap;
use std::fmt;

/// The numbers of one run or of several, and what the checker says of them.
#[derive(Debug, Default)]
pub struct Tally {
    /// Operations recorded: reads, loads, writes and invalidations.
    pub operations: usize,
    /// Reads.
    pub reads: usize,
    /// Reads that came after some invalidation of their value.
    pub constrained_reads: usize,
    /// Loads.
    pub loads: usize,
    /// Committed writes.
    pub writes: usize,
    /// Invalidations.
    pub invalidations: usize,
    /// Faults of the shared tier that were made, or that a cache met.
    pub outages: usize,
    /// Faults by their names: those of servers, networks and processes, and those of loads and callers.
    pub faults: BTreeMap<String, usize>,
    /// What the checker found.
    pub violations: usize,
    /// Its words, if it found anything.
    pub findings: String,
    /// The first violations of each rule, with the operations that prove them.
    pub evidence: Vec<Violation>,
}

impl Tally {
    pub(super) fn add_history(&mut self, history: &History) {
        for operation in history.operations() {
            let what = match operation.action {
                Action::Read { .. } => {
                    self.reads += 1;
                    "reads"
                }
                Action::Load { .. } => {
                    self.loads += 1;
                    "loads"
                }
                Action::Put { .. } => "puts",
                Action::Write { .. } => {
                    self.writes += 1;
                    "writes"
                }
                Action::Invalidate { .. } => {
                    self.invalidations += 1;
                    "invalidations"
                }
                Action::Incident(_) => {
                    self.outages += 1;
                    continue;
                }
                _ => continue,
            };
            self.operations += 1;
            let how = match operation.outcome {
                Outcome::Failed => "failed",
                Outcome::Panicked => "panicked",
                Outcome::Cancelled => "cancelled",
                Outcome::Queued => "queued",
                Outcome::Running => "unfinished at a kill",
                _ => continue,
            };
            self.count(&format!("{what} {how}"));
        }
    }

    pub(super) fn add_report(&mut self, report: &Report) {
        self.constrained_reads = self.constrained_reads.max(report.constrained_reads());
        self.violations += report.total();
        if report.total() > 0 {
            self.findings.push_str(&report.to_string());
            self.evidence.extend_from_slice(report.violations());
        }
    }

    pub(super) fn count(&mut self, fault: &str) {
        *self.faults.entry(fault.to_owned()).or_default() += 1;
    }

    /// Adds the numbers of another run.
    pub fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.reads += other.reads;
        self.constrained_reads += other.constrained_reads;
        self.loads += other.loads;
        self.writes += other.writes;
        self.invalidations += other.invalidations;
        self.outages += other.outages;
        self.violations += other.violations;
        self.findings.push_str(&other.findings);
        self.evidence.extend(other.evidence);
        for (fault, count) in other.faults {
            *self.faults.entry(fault).or_default() += count;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} operations: {} reads ({} after an invalidation), {} loads, {} writes, {} invalidations",
            self.operations,
            self.reads,
            self.constrained_reads,
            self.loads,
            self.writes,
            self.invalidations
        )?;
        writeln!(f, "{:>8}  outages made or met", self.outages)?;
        for (fault, count) in &self.faults {
            writeln!(f, "{count:>8}  {fault}")?;
        }
        write!(f, "{} violations", self.violations)?;
        if self.violations > 0 {
            write!(f, "\n{}", self.findings)?;
        }
        Ok(())
    }
}
