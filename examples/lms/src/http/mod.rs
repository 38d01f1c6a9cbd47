//! The HTTP face: routes and their handlers. Holds no SQL and no cache policy.

mod cache;
mod courses;
mod error;
mod extract;
mod index;
mod paging;
mod router;
mod serve;
mod state;
mod students;

pub use router::router;
pub use serve::{bind, serve};
pub use state::State;
