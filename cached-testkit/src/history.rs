//! Recording what a cache did, and proving from the record that it kept its promises.
//!
//! A test runs loads, reads, writes and invalidations, from many tasks, several caches or several
//! processes, while it breaks things. A [`Recorder`] notes when each operation began, when it
//! ended and what came of it; the [`Checker`] then looks for operations that contradict the
//! guarantees, and each [`Violation`] shows the operations that prove it. The checker knows
//! nothing of the cache: only times, keys and versions.
//!
//! The source has a *version* for each key, which each committed write raises and each load sees.
//! The times are read from the machine's monotonic clock, so that the records of several processes
//! of one machine can be merged ([`History::read`]).
//!
//! # What is checked
//!
//! An invalidation *applies* to a read once it has ended before the read started. A read *breaks* an
//! invalidation that applies to it if it returns a version older than one committed before the
//! invalidation started, or a value whose every possible load started before the invalidation did.
//!
//! | [`Rule`] | a violation is |
//! |---|---|
//! | `G1` | a read that breaks an invalidation of its own process |
//! | `G2` | a read from the shared tier, or a load after a look there, that breaks a completed invalidation of any process |
//! | `G3` | a read from a local tier that breaks a completed invalidation which ended longer ago than the propagation bound |
//! | `G4` | any of these, where the load of the value was running when the invalidation started: it repopulated a tier |
//! | `G5` | two loads of a key at once, with no reason for the second |
//! | `G5` | a read that never ended, though its process came to its end in good order |
//! | `G6` | a read that failed though no load of its key did |
//! | `G7` | a read after [quiescence](Recorder::quiesce) that breaks an invalidation which was queued or cancelled |
//!
//! A read that runs at the same time as the invalidation may return either value. A version whose
//! loads are not recorded at all is judged by the versions alone; where they are, record them all.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//! use cached_testkit::history::{Checker, Recorder, Source, Target};
//!
//! let recorder = Recorder::in_memory();
//!
//! // In the annotated read, around the query:
//! let load = recorder.load("course:1", &["teacher:7"]);
//! load.loaded(Some(1));
//!
//! // Around the call of the annotated read:
//! let read = recorder.read("course:1");
//! read.returned(Some(1), Source::Load);
//!
//! // In the annotated write, around COMMIT:
//! recorder.write("course:1", 2).committed();
//! // From there to the end of the annotated write; dropped, it counts as cancelled:
//! let invalidation = recorder.invalidate(vec![Target::tag("teacher:7")]);
//! invalidation.completed();
//!
//! let read = recorder.read("course:1");
//! read.returned(Some(1), Source::Local); // stale!
//!
//! let history = recorder.finish().unwrap();
//! let report = Checker::new().propagation(Duration::from_millis(500)).check(&history);
//! assert_eq!(report.total(), 1);
//! println!("{report}");
//! ```

mod check;
mod clock;
mod files;
mod operation;
mod pending;
mod record;
mod recorder;

pub use check::{Checker, Report, Rule, Violation};
pub use clock::now;
pub use files::History;
pub use operation::{Action, Incident, Operation, Outcome, Source, Target};
pub use pending::{
    PendingIncident, PendingInvalidation, PendingLoad, PendingPut, PendingRead, PendingWrite,
};
pub use recorder::Recorder;
