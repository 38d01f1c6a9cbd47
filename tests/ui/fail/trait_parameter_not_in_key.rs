//! A parameter of the block around a method that the result depends on.

use cached_core::cached;
use std::future::Future;

trait Lang: Send + Sync {
    const HELLO: &str;
}

trait Greets<L, const N: usize> {
    fn greet(&self, name: &str) -> impl Future<Output = String> + Send;
}

struct Repo;

#[cached]
impl<L: Lang, const N: usize> Greets<L, N> for Repo {
    #[cached(key = "greet:<name>")]
    async fn greet(&self, name: &str) -> String {
        format!("{} {name} {N}", L::HELLO)
    }
}

struct Of<T>(T);

// In an inherent impl the macro does not see it.
impl<T: Sync> Of<T> {
    #[cached(key = "name:<T>")]
    async fn name(&self) -> usize {
        std::mem::size_of::<T>()
    }
}

fn main() {}
