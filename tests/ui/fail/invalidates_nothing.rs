//! `#[invalidates]` without anything to invalidate.

use cached_core::invalidates;

#[invalidates()]
async fn empty() {}

#[invalidates]
async fn bare() {}

#[invalidates(key = [])]
async fn empty_list() {}

fn main() {}
