//! A key is needed before anything is returned.

use cached_core::cached;

#[cached(key = "course:<return.id>")]
async fn course(id: u32) -> (u32, u32) {
    (id, 1)
}

fn main() {}
