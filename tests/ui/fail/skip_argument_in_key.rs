//! `skip` of what the key names.

use cached_core::cached;

#[cached(key = "course:<id>:<filter.0>", skip(filter))]
async fn course(id: u32, filter: (u32, u32)) -> u32 {
    id + filter.1
}

fn main() {}
