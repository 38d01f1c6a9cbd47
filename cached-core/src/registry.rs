//! What is annotated in this program: every `#[cached]` and `#[invalidates]` function that was linked, as data.
//!
//! The list is made when the program is linked: a function is in it before it is first called. What is wrong with
//! it as a whole is told by [`audit`](crate::audit()).

mod audit;
mod functions;
mod map;
mod warning;

pub use audit::{Audit, audit};
pub use functions::{CachedFunction, InvalidatingFunction, Registry};
pub use map::{Edge, Via};
pub use warning::Warning;

#[cfg(test)]
mod tests;
