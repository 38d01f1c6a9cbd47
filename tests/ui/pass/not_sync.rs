//! Arguments that are `Send` but not `Sync` do not make the future less than it was.

use cached_core::cached;
use std::cell::Cell;

type Callback = Box<dyn FnOnce() -> u32 + Send>;

#[cached(key = "call:<id>", skip(callback, cell))]
async fn call(id: u32, callback: Callback, cell: Cell<u32>) -> u32 {
    tokio::task::yield_now().await;
    callback() + cell.get() + id
}

pub(crate) async fn run() {
    let task = tokio::spawn(call(1, Box::new(|| 2), Cell::new(3)));
    assert_eq!(task.await.unwrap(), 6);
}
