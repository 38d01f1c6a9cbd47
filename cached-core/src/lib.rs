//! A cache for async services that one can reason about: annotate reads with [`macro@cached`], writes with
//! [`macro@invalidates`], and a value is served only if no invalidation that matches it is newer than the moment its
//! load began.
//!
//! This crate is the runtime: keys, tiers, the protocol on the server, and the [`Cache`] itself. It knows no
//! database and no web framework.
//!
//! ```
//! use cached_core::{cached, invalidates};
//!
//! #[cached(ttl = "medium", key = "course:<id>")]
//! async fn course(id: u64) -> Result<String, std::io::Error> {
//!     Ok(format!("course {id}")) // a query, as a rule
//! }
//!
//! #[invalidates(course(id))]
//! async fn rename_course(id: u64, title: &str) -> Result<(), std::io::Error> {
//!     let _ = (id, title); // an update, as a rule
//!     Ok(())
//! }
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! assert_eq!(course(7).await.unwrap(), "course 7");
//! rename_course(7, "Rust").await.unwrap();
//! # }
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds | brings in |
//! |---|---|---|---|
//! | `redis` | on | a Redis or Valkey server as shared tier: `CacheBuilder::redis` | redis-rs |
//! | `redis-cluster` | | Redis Cluster, and Redis behind Sentinel | `redis` |
//! | `tls` | | `rediss://`, certificates | rustls with ring (a C compiler) |
//! | `upstash` | | Upstash over its REST API | `tls`, hyper |
//! | `msgpack` | | payloads as MessagePack: `Codec::MessagePack` | rmp-serde |
//! | `postcard` | | payloads as postcard: `Codec::Postcard` | postcard |
//! | `zstd` | | long payloads compressed: `CacheBuilder::compress_above` | zstd (a C compiler) |
//! | `encryption` | | payloads encrypted in the shared tier: `CacheBuilder::encryption_keys` | chacha20poly1305 |
//! | `uuid` | on | `Uuid`s in keys | uuid |
//! | `chrono` | | dates and times in keys | chrono |
//! | `tower` | | a layer of one request scope per request: `tower::RequestScopeLayer` | http, tower-layer |
//! | `metrics` | | counts and durations through the `metrics` facade: `metrics::Publisher` | metrics |
//! | `mutations` | | bugs on purpose, for the tests of this project; never in a program | |
//!
//! Without any of them there is the tier of this process, and a transport of your own ([`CacheBuilder::transport`]).

/// Renders a key, or with a `*` or `?` a pattern, from a template over local variables.
///
/// ```
/// use cached_core::key;
/// let (school, id) = ("a:b", 7);
/// assert_eq!(key!("course:<school>:<id>").as_str(), "course:a%3Ab:7");
/// assert!(key!("course:<school>:*").matches("course:a%3Ab:7"));
/// ```
#[macro_export]
macro_rules! key {
    ($($template:tt)*) => { $crate::__private::key_template!(crate = $crate; $($template)*) };
}

mod alarm;
mod background;
mod breaker;
mod builder;
mod cache;
mod clock;
mod codec;
mod current;
mod engine;
mod error;
mod events;
mod flight;
mod identity;
mod invalidation;
mod key;
mod local;
#[cfg(feature = "metrics")]
pub mod metrics;
mod mutation;
mod outcome;
mod pending;
mod read;
pub mod registry;
pub mod remote;
mod scope;
mod site;
mod sync;
#[cfg(feature = "tower")]
pub mod tower;
mod ttl;
pub mod warm;
mod write;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use breaker::BreakerState;
pub use builder::CacheBuilder;
pub use cache::{
    ByValue, Cache, FallibleRead, Health, ReadBuilder, ReadMany, RemoteHealth, Rules, payload_len,
};

pub use cached_macros::{KeyPart, cached, invalidates};
pub use clock::{Clock, ClockHand};
#[cfg(feature = "encryption")]
pub use codec::EncryptionKey;
pub use codec::{CacheValue, Codec};
pub use current::{current, install};
pub use error::{Error, ErrorKind, LoadTimeout};
pub use events::{Event, EventKind, HotKey, Latency, Stats, TemplateStats, Watching};
pub use invalidation::{Collector, Collects, Invalidation};
pub use key::{Key, KeyBuf, KeyPart, MAX_KEY_BYTES, Part, Pattern, PatternError};
#[cfg(feature = "mutations")]
#[doc(hidden)]
pub use mutation::{Mutation, mutate};
pub use read::BatchMap;
pub use registry::audit;
pub use scope::{
    Forwarded, ReadReport, ReadSource, RequestReport, bypass_scope, refresh_scope, request_scope,
    request_scope_with_report,
};
pub use ttl::{Tier, Ttl};
pub use write::Delivery;
#[doc(hidden)]
pub use write::Handed;
