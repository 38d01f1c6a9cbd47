//! A cached function's future does not multiply its body's: cached functions call each other.

use cached_core::cached;

#[cached]
async fn first(id: u32) -> u32 {
    tokio::task::yield_now().await;
    id
}

#[cached]
async fn second(id: u32) -> u32 {
    first(id).await
}

#[cached]
async fn third(id: u32) -> u32 {
    second(id).await
}

pub(crate) async fn run() {
    let sizes = [size_of_val(&first(1)), size_of_val(&second(1)), size_of_val(&third(1))];
    let layer = sizes[1] - sizes[0];
    assert!(sizes[2] <= sizes[1] + layer + 64, "{sizes:?}");
    assert!(sizes[0] < 8192, "{sizes:?}");
    println!("{sizes:?}");
    assert_eq!(third(1).await, 1);
}
