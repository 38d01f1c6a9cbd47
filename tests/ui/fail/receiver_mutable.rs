//! A hit would skip the mutation.

use cached_core::cached;
use std::pin::Pin;

struct Counter(u32);

impl Counter {
    #[cached]
    async fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }

    #[cached]
    async fn typed(self: &mut Self) -> u32 {
        self.0
    }

    #[cached]
    async fn pinned(self: Pin<&mut Self>) -> u32 {
        self.0
    }
}

fn main() {}
