//! `skip`: arguments and parameters that the result does not depend on. `_` needs no mention.

use cached_core::{cached, invalidates};

struct Pool;
trait Executor {}
impl Executor for &Pool {}
impl Executor for &mut Pool {}

#[cached(key = "course:<id>", skip(executor, weight, E))]
async fn course<E: Executor>(executor: E, id: u32, weight: f64, _: Pool) -> u32 {
    let _ = (executor, weight);
    id
}

// Without a key, all others are in it.
#[cached(skip(pool))]
async fn other(pool: &mut Pool, (a, _): (u8, u8), b: u8) -> u8 {
    let _ = pool;
    a + b
}

#[invalidates(course(id), other(&(1, 2), 3))]
async fn change(id: u32) {}

pub(crate) async fn run() {
    assert_eq!(course(&Pool, 1, 0.5, Pool).await, 1);
    assert_eq!(course(&mut Pool, 1, 1.5, Pool).await, 1);
    assert_eq!(other(&mut Pool, (1, 2), 3).await, 4);
    change(1).await;
}
