//! Options that lack a value, a name, or a comma.

use cached_core::cached;

#[cached(ttl, key =, version)]
async fn no_value(id: u32) -> u32 {
    id
}

#[cached("course:<id>", ttl = "short")]
async fn no_name(id: u32) -> u32 {
    id
}

#[cached(ttl = "short" key = "course:<id>")]
async fn no_comma(id: u32) -> u32 {
    id
}

fn main() {}
