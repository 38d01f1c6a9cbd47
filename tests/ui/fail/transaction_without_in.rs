//! A transaction among the arguments: of a write that invalidates when it returns, and of a read whose value everybody gets.

use cached_core::{Collector, Collects, cached, invalidates};

struct Tx(u32);

impl Collects for Tx {
    fn collector(&self) -> Collector {
        Collector::new()
    }
}

type Alias = Tx;

#[invalidates(key = "stock:<id>")]
async fn take(tx: &mut Tx, id: u32) {
    tx.0 -= id;
}

struct Repo;

impl Repo {
    #[invalidates(key = "stock:<id>")]
    async fn put(&self, id: u32, transaction: &mut Alias) -> Result<(), String> {
        transaction.0 += id;
        Ok(())
    }
}

#[cached(key = "stock:<id>", skip(tx))]
async fn stock(tx: &mut Tx, id: u32) -> u32 {
    tx.0 + id
}

#[cached(key = "stock:<ids>", batch = ids, skip(tx))]
async fn stocks(ids: &[u32], tx: &mut Tx) -> std::collections::HashMap<u32, u32> {
    ids.iter().map(|id| (*id, tx.0)).collect()
}

macro_rules! write {
    ($name:ident($tx:ty, $id:ty)) => {
        #[invalidates(key = "stock:<id>")]
        async fn $name(tx: $tx, id: $id) {
            tx.0 += id;
        }
    };
}

// As text, a type that a macro hands in is a group.
write!(add(&mut Tx, u32));

fn main() {}
