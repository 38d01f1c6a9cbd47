//! The ways to a server that the contract is tried on. What the contract is is not known here.

mod memory;
mod redis;

use crate::deployment::Deployment;
use std::sync::Arc;

pub const NAMES: &[&str] = &["memory", "redis"];

/// In the order of [`NAMES`].
pub fn all() -> Vec<Arc<Deployment>> {
    [memory::start, redis::start].map(|start| Arc::new(Deployment::new(start))).into()
}
