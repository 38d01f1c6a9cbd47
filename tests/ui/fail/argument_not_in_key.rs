//! The commonest caching bug: one user's data served to another.

use cached_core::cached;

struct User {
    id: u32,
}

#[cached(key = "dashboard:<page>")]
async fn dashboard(user: User, page: u32) -> String {
    format!("{} {page}", user.id)
}

#[cached(key = "pair:<a>")]
async fn pair((a, b): (u32, u32)) -> u32 {
    a + b
}

fn main() {}
