//! The transports over redis-rs: a single server or a primary behind sentinels, and a cluster.

#[cfg(feature = "redis-cluster")]
mod cluster;
mod connection;
mod convert;
mod line;
pub(super) mod open;
mod origin;
mod single;
mod slot;
#[cfg(feature = "redis-cluster")]
mod topology;

#[cfg(feature = "redis-cluster")]
pub(super) use cluster::Cluster;
pub(super) use single::Redis;
