//! The options inside `#[cached(..)]` and `#[invalidates(..)]`: read here, one file per group, judged in `check`.

mod cached;
mod invalidates;
mod lifetime;
mod list;
mod names;
mod skip;
mod templates;
mod trait_impl;

pub(crate) use cached::{CachedOptions, crate_path};
pub(crate) use invalidates::{Call, InvalidatesOptions, With};
pub(crate) use lifetime::{Lifetime, Tiered, Ttl};
pub(crate) use trait_impl::{InTraitImpl, Parameter};
