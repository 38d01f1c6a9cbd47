//! `#[cached]` on the impl block of a type that cannot have the inherent impl for companions.

use cached_core::cached;
use std::future::Future;
use std::sync::Arc;

trait Courses {
    fn course(&self, id: u32) -> impl Future<Output = u32> + Send;
}

trait Source: Sync {}

struct Repo;

#[cached]
impl<T: Source> Courses for T {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: u32) -> u32 {
        id
    }
}

#[cached]
impl Courses for &Repo {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: u32) -> u32 {
        id
    }
}

#[cached]
impl Courses for Arc<Repo> {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: u32) -> u32 {
        id
    }
}

fn main() {}
