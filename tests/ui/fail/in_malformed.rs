//! `in` with something that is no transaction by its form, or beside what it excludes.

#![allow(unused_variables)]

use cached_core::{Cache, Collector, Collects, invalidates};

struct Tx;

impl Collects for Tx {
    fn collector(&self) -> Collector {
        Collector::new()
    }
}

#[invalidates(in = "tx", key = "a")]
async fn text(tx: &mut Tx) {}

#[invalidates(in = begin().await, key = "a")]
async fn awaited() {}

#[invalidates(key = "a", in)]
async fn no_value(tx: &mut Tx) {}

#[invalidates(key = "a", in = )]
async fn nothing_after(tx: &mut Tx) {}

#[invalidates(in = tx, key = "a", in = tx)]
async fn twice(tx: &mut Tx) {}

#[invalidates(in = tx, cache = cache, key = "a")]
async fn beside_cache(tx: &mut Tx, cache: &Cache) {}

#[invalidates(in = tx)]
async fn names_nothing(tx: &mut Tx) {}

#[cached_core::cached(key = "a", in = tx, skip(tx))]
async fn on_a_read(tx: &Tx) -> u32 {
    1
}

fn main() {}
