//! A history as a whole, and the files that hold one: a line of JSON for each operation.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::operation::Operation;

/// What happened, in no particular order.
#[derive(Debug, Clone, Default)]
pub struct History {
    operations: Vec<Operation>,
}

impl History {
    /// Reads what the recorders of one or several processes wrote, and merges it.
    ///
    /// A file may hold an operation twice, when it began and when it ended; the last line counts.
    /// A last line that is cut short, by the death of its process, is left out.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or a line of it is no operation.
    pub fn read<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> io::Result<Self> {
        let mut history = Self::default();
        for file in files {
            history.read_one(file.as_ref())?;
        }
        Ok(history)
    }

    fn read_one(&mut self, path: &Path) -> io::Result<()> {
        let mut positions = HashMap::new();
        let mut reader = BufReader::new(File::open(path)?);
        let mut line = String::new();
        for number in 1.. {
            line.clear();
            if reader.read_line(&mut line)? == 0 || !line.ends_with('\n') {
                break;
            }
            let operation: Operation = serde_json::from_str(&line).map_err(|error| {
                let message = format!("{} line {number}: {error}", path.display());
                io::Error::new(io::ErrorKind::InvalidData, message)
            })?;
            let position = positions.entry(operation.id).or_insert(self.operations.len());
            if *position == self.operations.len() {
                self.operations.push(operation);
            } else {
                self.operations[*position] = operation;
            }
        }
        Ok(())
    }

    /// Adds another history.
    pub fn merge(&mut self, other: Self) {
        self.operations.extend(other.operations);
    }

    /// The operations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}

impl From<Vec<Operation>> for History {
    fn from(operations: Vec<Operation>) -> Self {
        Self { operations }
    }
}

impl FromIterator<Operation> for History {
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Self {
        Self { operations: operations.into_iter().collect() }
    }
}
