//! What a conductor says to a process, and what a process answers: one line of JSON each, on its standard input
//! and output.

use serde::{Deserialize, Serialize};

/// An order to a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Order {
    /// Run the operations of this round until told to stop.
    Round(u64),
    /// Stop, wait until every invalidation has been delivered, and say so.
    Stop,
    /// Read every row once.
    Verify,
    /// Load a key as slowly as this, in so many callers at once, as soon as told to go.
    Stampede {
        /// The key.
        key: String,
        /// The callers.
        callers: usize,
        /// How long the load takes, in milliseconds.
        load_ms: u64,
    },
    /// Go.
    Go,
}

/// What a process answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// It has started, and hears the backplane.
    Ready,
    /// It stands at the start.
    AtStart,
    /// A load has begun.
    Loading,
    /// All that was ordered is done.
    Done,
    /// All callers have their value; they are so many.
    Served {
        /// The callers.
        callers: usize,
    },
}
