//! A cached method of a trait impl needs `#[cached]` on the impl block too: `#[invalidates]` calls a companion,
//! `course__needs_cached_attribute`, which a trait impl cannot hold.

use cached_core::cached;

trait Courses {
    async fn course(&self, id: u32) -> u32;
}

struct Repo;

impl Courses for Repo {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: u32) -> u32 {
        id
    }
}

fn main() {}
