//! The ways to a server that the contract is tried on. What the contract is is not known here.

mod cluster;
mod memory;
mod redis;
mod sentinel;
mod upstash;

use crate::deployment::{Deployment, Server};
use std::sync::Arc;

type Start = fn() -> Result<Box<dyn Server>, String>;

const STARTS: [(&str, Start); 9] = [
    ("memory", memory::start),
    ("redis", redis::plain),
    ("resp3", redis::resp3),
    ("valkey", redis::valkey),
    ("acl", redis::acl),
    ("tls", redis::tls),
    ("cluster", cluster::start),
    ("sentinel", sentinel::start),
    ("upstash", upstash::start),
];

pub fn names() -> Vec<&'static str> {
    STARTS.iter().map(|(name, _)| *name).collect()
}

/// In the order of [`names`].
pub fn all() -> Vec<Arc<Deployment>> {
    STARTS.iter().map(|(_, start)| Arc::new(Deployment::new(*start))).collect()
}
