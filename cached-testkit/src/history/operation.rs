//! One operation of a history: who did what, from when to when, and what came of it.

use serde::{Deserialize, Serialize};

/// An operation of a history. Times are nanoseconds of [`now`](super::now).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The process, or the cache where one process has several.
    pub process: u32,
    /// A number that no other operation of the same record has.
    pub id: u64,
    /// The task, for the reader of a report.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub task: u64,
    /// When it began, or before.
    pub started: u64,
    /// When it had ended, or after; `None` if it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// What came of it.
    pub outcome: Outcome,
    /// What it was.
    pub action: Action,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What came of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It never ended, as far as the record goes.
    Running,
    /// It did what it should; for an invalidation: the shared tier has acknowledged it.
    Ok,
    /// An invalidation took effect in its own process and waits for the shared tier.
    Queued,
    /// It returned an error; a write may then have happened or not.
    Failed,
    /// It panicked.
    Panicked,
    /// Its future was dropped before the end.
    Cancelled,
}

/// What an operation was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// The annotated body ran: a key was loaded from the source.
    Load {
        /// The rendered key.
        key: String,
        /// The version that it saw.
        version: Option<u64>,
        /// The tags that the value is cached under.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tags: Vec<String>,
    },
    /// A value was put under a key without a load: `Cache::set`. It takes its place in the order of invalidations at some
    /// moment between start and end, as nobody can say it was there before its first command has arrived.
    Put {
        /// The rendered key.
        key: String,
        /// The version that was put.
        version: u64,
    },
    /// The annotated function was called.
    Read {
        /// The rendered key.
        key: String,
        /// The version that it returned; `None` if there was no value.
        version: Option<u64>,
        /// Where the value came from.
        source: Source,
    },
    /// A new version was committed to the source, at some moment between start and end.
    Write {
        /// The rendered key.
        key: String,
        /// The version, higher than all before it.
        version: u64,
    },
    /// Cached values were declared outdated.
    Invalidate {
        /// Which ones.
        targets: Vec<Target>,
    },
    /// The shared tier, or the way to it, suffered something.
    Incident(Incident),
    /// All queues have been drained and everything has propagated by the end of this.
    Quiesce,
}

/// Where the value of a read came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The tier of this process.
    Local,
    /// The tier that processes share.
    Remote,
    /// The source of truth, by this read itself, after a look at the shared tier.
    Load,
    /// A load that another caller of this process had begun.
    Flight,
    /// Not known; held to what a local tier promises.
    Unknown,
}

/// What an invalidation covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Target {
    /// One rendered key.
    Key(String),
    /// Every value loaded with this tag.
    Tag(String),
    /// Every key that this glob matches (`*`, `?`, `[a-c]`, `[^a]`, `\` before a character as it is, as in Redis).
    Pattern(String),
    /// Everything.
    All,
}

impl Target {
    /// One rendered key.
    pub fn key(key: impl Into<String>) -> Self {
        Self::Key(key.into())
    }

    /// Every value loaded with this tag.
    pub fn tag(tag: impl Into<String>) -> Self {
        Self::Tag(tag.into())
    }

    /// Every key that this glob matches.
    pub fn pattern(pattern: impl Into<String>) -> Self {
        Self::Pattern(pattern.into())
    }
}

/// What the shared tier suffered, and what that excuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Incident {
    /// Every entry was lost (flushed). Excuses loads at once in several processes, nothing else.
    Flushed,
    /// It was down, and came back empty or as it was. Excuses loads at once in several processes;
    /// local tiers get the time for [being cut off](super::Checker::cut_off).
    Down,
    /// It, or a process's way to it, was cut, hung or slow. Excuses what `Down` excuses.
    Unreachable,
    /// It came back with older data (a failover, an old snapshot): acknowledged invalidations are
    /// lost. Also excuses `G2` to `G4` for the invalidations that ended before it did.
    RolledBack,
}
