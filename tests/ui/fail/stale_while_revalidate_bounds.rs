//! What only the compiler can see: types that cannot be cloned or sent, and a body that cannot run on another thread.

use cached_core::cached;
use std::rc::Rc;

struct Repo;

impl Repo {
    #[cached(stale_while_revalidate = "10s")]
    async fn receiver(&self, id: u32) -> u32 {
        id
    }
}

struct Pool;

#[cached(stale_while_revalidate = "10s", skip(pool, count))]
async fn arguments(pool: &Pool, count: Rc<u32>) -> u32 {
    let _ = (pool, count);
    1
}

#[cached(stale_while_revalidate = "10s", skip(executor, E))]
async fn parameter<E: Sync>(executor: E) -> u32 {
    let _ = executor;
    1
}

#[cached(stale_while_revalidate = "10s")]
async fn body(id: u32) -> u32 {
    let count = Rc::new(id);
    std::future::ready(()).await;
    *count
}

struct Associated;

impl Associated {
    // Nothing tells that it is not a free function.
    #[cached(stale_while_revalidate = "10s")]
    async fn not_a_free_function(id: u32) -> u32 {
        id
    }
}

fn main() {}
