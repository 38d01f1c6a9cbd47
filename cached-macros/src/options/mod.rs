//! The options inside `#[cached(..)]` and `#[invalidates(..)]`: read here, one file per group, judged in `check`.

mod cached;
mod invalidates;
mod lifetime;
mod list;
mod names;
mod skip;
mod templates;

pub(crate) use cached::CachedOptions;
pub(crate) use invalidates::{Call, InvalidatesOptions, With};
pub(crate) use lifetime::{Lifetime, Tiered, Ttl};
