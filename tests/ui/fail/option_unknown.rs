//! A mistyped option, one of another macro, and one that nobody knows; all are reported.

use cached_core::cached;

#[cached(tll = "short", pattern = "a:*", convert = 3)]
async fn course(id: u32) -> u32 {
    id
}

fn main() {}
