//! Patterns that are one key, or all of them.

use cached_core::invalidates;

#[invalidates(pattern = "course:<id>")]
async fn one_key(id: u32) {
    let _ = id;
}

#[invalidates(pattern = "*")]
async fn everything() {}

#[invalidates(pattern = "course:[ab]*")]
async fn class() {}

#[invalidates(pattern = "course:<idd>:*", key = "course:<id>:*")]
async fn unknown(id: u32) {
    let _ = id;
}

fn main() {}
