//! `#[cached]` on an impl block is for trait impls, takes no options, and needs a method to mark.

use cached_core::cached;

struct Repo;

trait Courses {
    async fn course(&self) -> u32;
}

#[cached]
impl Repo {
    #[cached(key = "course")]
    async fn course(&self) -> u32 {
        1
    }
}

#[cached(ttl = "short")]
impl Courses for Repo {
    async fn course(&self) -> u32 {
        1
    }
}

fn main() {}
