//! Operations that have begun, to be told how they end.

use std::sync::Arc;

use super::operation::{Action, Outcome, Source};
use super::record::Record;

/// What the pending operations of every kind have in common.
#[derive(Debug)]
pub(super) struct Pending {
    record: Arc<Record>,
    id: u64,
    is_told: bool,
}

impl Pending {
    pub(super) fn new(record: Arc<Record>, id: u64) -> Self {
        Self { record, id, is_told: false }
    }

    /// The moment noted as the end.
    pub(super) fn end(mut self, outcome: Outcome) -> u64 {
        self.is_told = true;
        self.record.end(self.id, outcome).unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut Action)) {
        self.record.change(self.id, |operation| change(&mut operation.action));
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_told {
            let panics = std::thread::panicking();
            let outcome = if panics { Outcome::Panicked } else { Outcome::Cancelled };
            self.record.end(self.id, outcome);
        }
    }
}

/// A load that is running. Dropped, it counts as cancelled, or as panicked in a panic.
#[derive(Debug)]
#[must_use = "dropped, the load counts as cancelled"]
pub struct PendingLoad(pub(super) Pending);

impl PendingLoad {
    /// Adds a tag that only the loaded value tells.
    pub fn tagged(self, tag: &str) -> Self {
        self.0.change(|action| {
            if let Action::Load { tags, .. } = action {
                tags.push(tag.to_owned());
            }
        });
        self
    }

    /// The source had this version; `None` if it had no value.
    pub fn loaded(self, seen: Option<u64>) {
        self.0.change(|action| {
            if let Action::Load { version, .. } = action {
                *version = seen;
            }
        });
        self.0.end(Outcome::Ok);
    }

    /// The source returned an error.
    pub fn failed(self) {
        self.0.end(Outcome::Failed);
    }
}

/// A value that is being put. Dropped, it counts as cancelled, or as panicked in a panic: it may be there or not.
#[derive(Debug)]
#[must_use = "dropped, the put counts as cancelled"]
pub struct PendingPut(pub(super) Pending);

impl PendingPut {
    /// It is over.
    pub fn done(self) {
        self.0.end(Outcome::Ok);
    }
}

/// A read that is running. Dropped, it counts as cancelled, or as panicked in a panic.
#[derive(Debug)]
#[must_use = "dropped, the read counts as cancelled"]
pub struct PendingRead(pub(super) Pending);

impl PendingRead {
    /// It returned this version, from there; `None` if there was no value.
    pub fn returned(self, seen: Option<u64>, from: Source) {
        self.0.change(|action| {
            if let Action::Read { version, source, .. } = action {
                (*version, *source) = (seen, from);
            }
        });
        self.0.end(Outcome::Ok);
    }

    /// It returned an error.
    pub fn failed(self) {
        self.0.end(Outcome::Failed);
    }
}

/// A write that is running. Dropped, it counts as cancelled: it may be committed or not.
#[derive(Debug)]
#[must_use = "dropped, the write counts as cancelled"]
pub struct PendingWrite(pub(super) Pending);

impl PendingWrite {
    /// It is committed. The moment that is noted, for [`PendingInvalidation::since`].
    pub fn committed(self) -> u64 {
        self.0.end(Outcome::Ok)
    }

    /// It returned an error: it may be committed or not.
    pub fn failed(self) {
        self.0.end(Outcome::Failed);
    }
}

/// An invalidation that is running. Dropped, it counts as cancelled: it has to be made up for before quiescence.
#[derive(Debug)]
#[must_use = "dropped, the invalidation counts as cancelled"]
pub struct PendingInvalidation(pub(super) Pending);

impl PendingInvalidation {
    /// It counts from this moment, the [end of its write](PendingWrite::committed), where it could not be begun then.
    pub fn since(self, moment: u64) -> Self {
        self.0.record.change(self.0.id, |operation| operation.started = moment);
        self
    }

    /// The shared tier has acknowledged it.
    pub fn completed(self) {
        self.0.end(Outcome::Ok);
    }

    /// It took effect in this process and waits for the shared tier.
    pub fn queued(self) {
        self.0.end(Outcome::Queued);
    }

    /// Its process gave it up with an error: like a cancelled one, it has to be made up for.
    pub fn failed(self) {
        self.0.end(Outcome::Failed);
    }
}

/// Something that the shared tier suffers. Dropped, it is over.
#[derive(Debug)]
#[must_use = "dropped, the incident is over"]
pub struct PendingIncident(pub(super) Pending);

impl PendingIncident {
    /// It is over: the shared tier is back, or the flush is done.
    pub fn over(self) {
        self.0.end(Outcome::Ok);
    }
}
