//! A field path that the argument has not.

use cached_core::cached;

struct Filter {
    page: u32,
}

#[cached(key = "search:<filter.pge>")]
async fn search(filter: Filter) -> u32 {
    filter.page
}

fn main() {}
