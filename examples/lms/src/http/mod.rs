//! The HTTP face: routes and their handlers. Holds no SQL and no cache policy.

mod api;
mod error;
mod extract;
mod live;
mod metrics;
mod own_site;
mod pages;
mod paging;
mod router;
mod serve;
mod session;
mod trace;

pub use pages::LIVE_PAGE;
pub use router::router;
pub use serve::{bind, serve};
