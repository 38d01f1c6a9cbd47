//! `remote` takes only `off`.

use cached_core::cached;

#[cached(remote = "10s")]
async fn lifetime() -> u32 {
    1
}

#[cached(remote = off, local = off)]
async fn nothing_is_cached() -> u32 {
    1
}

fn main() {}
