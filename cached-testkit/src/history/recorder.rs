//! Taking down operations as they happen. Where they are kept is the record's business.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::pending::Pending;
use super::record::Record;
use super::{
    Action, History, Incident, Outcome, PendingIncident, PendingInvalidation, PendingLoad,
    PendingPut, PendingRead, PendingWrite, Source, Target,
};

/// Takes down what happens. Clones write to the same record.
///
/// Each method notes the beginning and returns a value to tell the end to. When that value is
/// dropped untold, the operation counts as cancelled, or as panicked in a panic.
#[derive(Debug, Clone)]
pub struct Recorder {
    record: Arc<Record>,
    process: u32,
    task: u64,
}

impl Recorder {
    /// Keeps the record in memory.
    pub fn in_memory() -> Self {
        Self::new(Record::in_memory())
    }

    /// Writes the record to a new file, in such a way that it is whole when the process is killed.
    ///
    /// Reads and loads are written when they end. Writes and invalidations also when they begin, so
    /// that one that a kill interrupts is known.
    ///
    /// # Errors
    ///
    /// The file cannot be created.
    pub fn to_file(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::new(Record::to_file(path.as_ref())?))
    }

    fn new(record: Record) -> Self {
        Self { record: Arc::new(record), process: std::process::id(), task: 0 }
    }

    /// A recorder for the same record whose operations count as those of another process.
    ///
    /// For tests that stand for several processes with several caches in one.
    pub fn for_process(&self, process: u32) -> Self {
        Self { process, ..self.clone() }
    }

    /// A recorder for the same record that marks its operations as those of a task.
    pub fn for_task(&self, task: u64) -> Self {
        Self { task, ..self.clone() }
    }

    /// The annotated body begins to load a key, to be cached under these tags.
    pub fn load(&self, key: &str, tags: &[&str]) -> PendingLoad {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        PendingLoad(self.begin(Action::Load { key: key.into(), version: None, tags }))
    }

    /// A version of a key is about to be put into the cache.
    pub fn put(&self, key: &str, version: u64) -> PendingPut {
        PendingPut(self.begin(Action::Put { key: key.into(), version }))
    }

    /// The annotated function is about to be called.
    pub fn read(&self, key: &str) -> PendingRead {
        let source = Source::Unknown;
        PendingRead(self.begin(Action::Read { key: key.into(), version: None, source }))
    }

    /// A new version of a key is about to be committed to the source.
    pub fn write(&self, key: &str, version: u64) -> PendingWrite {
        PendingWrite(self.begin(Action::Write { key: key.into(), version }))
    }

    /// The writes that come before are to be invalidated.
    ///
    /// Only versions whose write had ended by now have to be seen afterwards, so begin at the end
    /// of the body of an annotated write, or say [`since`](PendingInvalidation::since).
    pub fn invalidate(&self, targets: Vec<Target>) -> PendingInvalidation {
        PendingInvalidation(self.begin(Action::Invalidate { targets }))
    }

    /// The shared tier is about to suffer something, until the returned value is told that it is over.
    pub fn incident(&self, incident: Incident) -> PendingIncident {
        PendingIncident(self.begin(Action::Incident(incident)))
    }

    /// Call it once the queues of all processes have been drained and the propagation bound has
    /// passed; from here on nothing is excused by a queued or cancelled invalidation.
    pub fn quiesce(&self) {
        self.begin(Action::Quiesce).end(Outcome::Ok);
    }

    /// The record, when all tasks have come to their end: what is still open has hung.
    ///
    /// A recorder to a file completes the file first, and reads it back.
    ///
    /// # Errors
    ///
    /// The file cannot be written or read.
    pub fn finish(&self) -> io::Result<History> {
        self.record.finish()
    }

    fn begin(&self, action: Action) -> Pending {
        let (process, task) = (self.process, self.task);
        Pending::new(self.record.clone(), self.record.begin(process, task, action))
    }
}
