//! `#[async_trait]` renames patterns before the inner attribute sees them.

use async_trait::async_trait;
use cached_core::{cached, invalidates};

#[async_trait]
trait Courses {
    async fn course(&self, pair: (u32, u32)) -> u32;
    async fn rename(&self, id: u32, pair: (u32, u32)) -> u32;
}

struct Repo;

#[async_trait]
#[cached]
impl Courses for Repo {
    #[cached]
    async fn course(&self, (a, b): (u32, u32)) -> u32 {
        a + b
    }

    #[invalidates(key = "course:<first>")]
    async fn rename(&self, id: u32, (first, b): (u32, u32)) -> u32 {
        id + first + b
    }
}

fn main() {}
