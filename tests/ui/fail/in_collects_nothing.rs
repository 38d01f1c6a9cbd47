//! `in` with a value that gathers no invalidations.

use cached_core::invalidates;

struct Transaction;

struct Repo {
    tx: Transaction,
}

#[invalidates(in = tx, key = "course:<id>")]
async fn rename(tx: &mut Transaction, id: u32) -> Result<(), String> {
    let _ = tx;
    Ok(())
}

impl Repo {
    #[invalidates(key = "course:<id>", in = self.tx)]
    async fn rename(&mut self, id: u32) {}
}

#[invalidates(in = tz, key = "a")]
async fn misspelt(tx: &mut Transaction) {}

fn main() {}
