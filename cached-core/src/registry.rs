//! What is annotated in this program: every `#[cached]` and `#[invalidates]` function that was linked, as data.
//!
//! The list is made when the program is linked: a function is in it before it is first called. What is wrong with
//! it as a whole is told by [`audit`](crate::audit()).

mod audit;
mod functions;
mod map;

pub use audit::{Audit, Warning, audit};
pub use functions::{CachedFunction, InvalidatingFunction, Registry};
pub use map::{Edge, Via};

#[cfg(test)]
mod tests;
