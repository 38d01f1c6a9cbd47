//! The HTTP face: routes and their handlers. Holds no SQL and no cache policy.

mod api;
mod error;
mod extract;
mod pages;
mod paging;
mod router;
mod serve;
mod session;

pub use router::router;
pub use serve::{bind, serve};
