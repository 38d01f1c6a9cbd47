//! Types that cannot stand in a key: the whole argument, a field, the argument of a default key.

use cached_core::{cached, invalidates};

struct Filter {
    page: Page,
}

struct Page;

#[cached(key = "search:<filter>")]
async fn whole(filter: &Filter) -> u32 {
    let _ = filter;
    1
}

#[cached(key = "search:<filter.page>")]
async fn field(filter: Filter) -> u32 {
    let _ = filter.page;
    1
}

#[cached]
async fn default_key(filter: Option<Filter>) -> u32 {
    let _ = filter;
    1
}

#[invalidates(tags = "page:<page>")]
async fn tag(page: Page) {
    let _ = page;
}

fn main() {}
