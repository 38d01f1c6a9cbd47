//! The remote tier: one protocol, written once, over a transport that runs pipelines of Redis commands.
//!
//! It decides nothing about when it is asked; that is `read`'s and `write`'s work. docs/PROTOCOL.md tells each
//! step, its cost and the race that it closes.

mod acquire;
mod ask;
pub(crate) mod backplane;
mod coalesce;
mod hearing;
mod info;
mod invalidate;
mod layout;
mod look_up;
mod many;
mod notice;
mod outlived;
mod parts;
mod position;
mod protocol;
mod refusal;
mod renew;
mod script;
mod stored;
mod sweep;
mod taking;
mod there;
pub mod transport;

pub(crate) use acquire::Peeked;
pub(crate) use hearing::Announced;
pub use info::ServerInfo;
pub(crate) use layout::Layout;
pub(crate) use many::{Filling, FoundOne, GivenBack, Wanted};
pub(crate) use parts::Bound;
pub(crate) use protocol::{Expect, Fill, Found, Held, Remote};
pub(crate) use there::Sighting;
