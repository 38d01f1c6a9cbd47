//! What is no transaction behind `&mut` is no one's business, nor is a transaction that the function has itself and may commit.

use cached_core::{Collector, Collects, cached, invalidates};

struct Tx(u32);

impl Collects for Tx {
    fn collector(&self) -> Collector {
        Collector::new()
    }
}

#[cached(key = "stock:<id>", skip(connection))]
async fn stock(connection: &mut u32, id: u32) -> u32 {
    *connection += 1;
    *connection + id
}

#[invalidates(stock(id))]
async fn generic<C: Send>(_connection: &mut C, id: u32) -> u32 {
    id
}

#[invalidates(stock(id))]
async fn commits(tx: Tx, id: u32) -> u32 {
    tx.0 + id
}

pub(crate) async fn run() {
    let mut connection = 1;
    assert_eq!(stock(&mut connection, 1).await, 3);
    assert_eq!(stock(&mut connection, 1).await, 3, "kept");
    assert_eq!(generic(&mut connection, 1).await, 1);
    assert_eq!(stock(&mut connection, 1).await, 4);
    assert_eq!(commits(Tx(1), 1).await, 2);
    assert_eq!(stock(&mut connection, 1).await, 5);
}
