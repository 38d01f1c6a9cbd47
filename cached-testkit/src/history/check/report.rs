//! What the checker found: violations, each with the operations that prove it, and how much it looked at.

use std::collections::BTreeMap;
use std::fmt;

use crate::history::{Action, Operation};

/// The guarantee that a violation breaks. The [module](crate::history) says when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// `G1`: a process that has invalidated never serves the older value.
    OwnProcess,
    /// `G2`: no read that consults the shared tier serves it.
    SharedTier,
    /// `G3`: no local tier serves it longer than the propagation bound.
    LocalTier,
    /// `G4`: a load that began before an invalidation never repopulates a tier.
    StaleSet,
    /// `G5`: callers of one cold key share one load.
    OneLoad,
    /// `G5`: nobody is left hanging.
    NoHang,
    /// `G6`: a cache fault is never an error of the annotated function.
    NoFault,
    /// `G7`: an invalidation is never dropped silently.
    Quiescence,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnProcess => "G1 (own process)",
            Self::SharedTier => "G2 (shared tier)",
            Self::LocalTier => "G3 (local tier)",
            Self::StaleSet => "G4 (stale set)",
            Self::OneLoad => "G5 (one load)",
            Self::NoHang => "G5 (no hang)",
            Self::NoFault => "G6 (no fault)",
            Self::Quiescence => "G7 (quiescence)",
        })
    }
}

/// Operations that contradict a guarantee.
#[derive(Debug, Clone)]
pub struct Violation {
    pub(super) rule: Rule,
    pub(super) message: String,
    pub(super) operations: Vec<Operation>,
}

impl Violation {
    /// The guarantee.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// What is wrong, in a sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The operations that prove it, in the order in which they began.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}

/// The sentence, and the operations with their times in milliseconds since the first of them began.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.rule, self.message)?;
        let origin = self.operations.iter().map(|operation| operation.started).min().unwrap_or(0);
        let milliseconds = |moment: u64| moment.saturating_sub(origin) as f64 / 1e6;
        for operation in &self.operations {
            write!(f, "  {:>12.6} .. ", milliseconds(operation.started))?;
            match operation.ended {
                Some(ended) => write!(f, "{:>12.6}", milliseconds(ended))?,
                None => write!(f, "{:>12}", "never")?,
            }
            write!(f, "  process {} task {}: ", operation.process, operation.task)?;
            match &operation.action {
                Action::Load { key, version, tags } => {
                    write!(f, "load of `{key}`, version {}, tags {tags:?}", Version(*version))?;
                }
                Action::Read { key, version, source } => {
                    write!(f, "read of `{key}`, version {} from {source:?}", Version(*version))?;
                }
                Action::Put { key, version } => write!(f, "put of `{key}`, version {version}")?,
                Action::Write { key, version } => write!(f, "write of `{key}`, version {version}")?,
                Action::Invalidate { targets } => write!(f, "invalidation of {targets:?}")?,
                Action::Incident(incident) => write!(f, "incident: {incident:?}")?,
                Action::Quiesce => f.write_str("quiescence")?,
            }
            writeln!(f, " ({:?})", operation.outcome)?;
        }
        Ok(())
    }
}

struct Version(Option<u64>);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(version) => version.fmt(f),
            None => f.write_str("none"),
        }
    }
}

/// What a [`Checker`](crate::history::Checker) found in a history.
#[derive(Debug, Clone, Default)]
pub struct Report {
    violations: Vec<Violation>,
    counts: BTreeMap<Rule, usize>,
    pub(super) reads: usize,
    pub(super) constrained_reads: usize,
    pub(super) loads: usize,
}

impl Report {
    /// Violations that are kept in full for each rule; more are only counted.
    pub const KEPT: usize = 100;

    /// Counts a violation, and keeps it if there is room for it.
    pub(super) fn add(&mut self, rule: Rule, violation: impl FnOnce() -> Violation) {
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        if *count <= Self::KEPT {
            self.violations.push(violation());
        }
    }

    /// The violations, at most [`KEPT`](Self::KEPT) of each rule.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many violations of a rule there are.
    pub fn count(&self, rule: Rule) -> usize {
        self.counts.get(&rule).copied().unwrap_or(0)
    }

    /// How many violations there are.
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// How many reads were looked at.
    pub fn reads(&self) -> usize {
        self.reads
    }

    /// How many of them some invalidation applied to. A test that expects no violation should expect some of these.
    pub fn constrained_reads(&self) -> usize {
        self.constrained_reads
    }

    /// How many loads were looked at.
    pub fn loads(&self) -> usize {
        self.loads
    }

    /// Fails the test if there is any violation.
    ///
    /// # Panics
    ///
    /// With the first violations and their operations.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.total() == 0, "{self}");
    }
}

/// The numbers, and the first violations of each rule.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} violations in {} reads ({} after an invalidation) and {} loads",
            self.total(),
            self.reads,
            self.constrained_reads,
            self.loads
        )?;
        for (rule, count) in &self.counts {
            writeln!(f, "{count} of {rule}, such as:")?;
            for violation in self.violations.iter().filter(|v| v.rule == *rule).take(3) {
                write!(f, "{violation}")?;
            }
        }
        Ok(())
    }
}
