//! The consistency harness: several real processes on one Redis and one Postgres, faults drawn from a seed, and a
//! history of all that was read, loaded, written and invalidated, which the checker judges.
//!
//! A conductor ([`epoch`]) starts the [`node`]s, breaks things and tells them when to stop; a node runs operations.
//! What is done is a function of the seed; how the processes interleave is not.

pub mod duo;
pub mod epoch;
pub mod node;
pub mod plan;
pub mod process;
pub mod soak;
pub mod world;

mod commands;
mod faults;
mod functions;
mod observe;
mod operations;
mod schedule;
mod source;
mod stage;
mod steps;
mod subject;
pub mod tally;
