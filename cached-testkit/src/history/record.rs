//! Where a recorder keeps its operations: in memory, or in a file that survives the process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::clock::now;
use super::files::History;
use super::operation::{Action, Operation, Outcome};

#[derive(Debug)]
pub(super) struct Record {
    next: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    open: BTreeMap<u64, Operation>,
    done: Done,
}

#[derive(Debug)]
enum Done {
    Memory(Vec<Operation>),
    File { file: File, path: PathBuf },
}

impl Record {
    pub(super) fn in_memory() -> Self {
        Self::new(Done::Memory(Vec::new()))
    }

    pub(super) fn to_file(path: &Path) -> io::Result<Self> {
        Ok(Self::new(Done::File { file: File::create(path)?, path: path.to_path_buf() }))
    }

    fn new(done: Done) -> Self {
        let state = Mutex::new(State { open: BTreeMap::new(), done });
        Self { next: AtomicU64::new(0), state }
    }

    /// Opens an operation; its number.
    pub(super) fn begin(&self, process: u32, task: u64, action: Action) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let is_durable = matches!(action, Action::Write { .. } | Action::Invalidate { .. });
        let outcome = Outcome::Running;
        let operation =
            Operation { process, id, task, started: now(), ended: None, outcome, action };
        let mut state = self.lock();
        if let (true, Done::File { file, .. }) = (is_durable, &mut state.done) {
            write_line(file, &operation).expect("the history file can be written");
        }
        state.open.insert(id, operation);
        id
    }

    /// Changes an operation that is open.
    pub(super) fn change(&self, id: u64, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self.lock().open.get_mut(&id) {
            change(operation);
        }
    }

    /// Closes an operation. `None` if it is closed already.
    pub(super) fn end(&self, id: u64, outcome: Outcome) -> Option<u64> {
        let ended = now();
        let mut state = self.lock();
        let mut operation = state.open.remove(&id)?;
        operation.ended = Some(ended);
        operation.outcome = outcome;
        match &mut state.done {
            Done::Memory(operations) => operations.push(operation),
            Done::File { file, .. } => {
                write_line(file, &operation).expect("the history file can be written");
            }
        }
        Some(ended)
    }

    /// All operations, those that are open included.
    pub(super) fn finish(&self) -> io::Result<History> {
        let State { open, done } = &mut *self.lock();
        match done {
            Done::Memory(operations) => {
                Ok(operations.iter().chain(open.values()).cloned().collect())
            }
            Done::File { file, path } => {
                for operation in open.values() {
                    write_line(file, operation)?;
                }
                History::read([path])
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One write, so that a kill leaves whole lines, or one that is cut short at the very end.
fn write_line(file: &mut File, operation: &Operation) -> io::Result<()> {
    let mut line = serde_json::to_vec(operation)?;
    line.push(b'\n');
    file.write_all(&line)
}
