//! What is wrong with a data set: one problem with its place, and the list of them.

use std::fmt;

/// How many problems are kept in full; the rest is counted.
const KEPT: usize = 50;

/// One damaged row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the source calls it.
    pub file: String,
    /// The line at which the row begins, counted from 1; the header is line 1.
    pub line: u64,
    /// What is wrong and what was expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// All problems of a data set: the first ones in full, the others counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    total: usize,
}

impl Problems {
    /// Notes a problem at a line of a file.
    pub(super) fn add(&mut self, file: &str, line: u64, message: String) {
        self.total += 1;
        if self.kept.len() < KEPT {
            self.kept.push(Problem { file: file.to_owned(), line, message });
        }
    }

    /// The first problems found, file by file.
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many there are, those that were not kept included.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.total == 1 { "problem" } else { "problems" };
        writeln!(f, "{} {rows} in the data, nothing was loaded:", self.total)?;
        for problem in &self.kept {
            writeln!(f, "  {problem}")?;
        }
        match self.total - self.kept.len() {
            0 => Ok(()),
            more => writeln!(f, "  ... and {more} more; correct these first"),
        }
    }
}

impl std::error::Error for Problems {}
