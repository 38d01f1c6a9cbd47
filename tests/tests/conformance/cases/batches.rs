//! Many ids at once: each has an entry of its own, which is found, outdated and invalidated as if it had been read alone.

use crate::process::World;
use cached_core::{Cache, cached};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Mutex;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Item {
    owner: u32,
    version: u32,
}

/// A source of items, and what it was asked for.
#[derive(Default)]
struct Store {
    version: Mutex<u32>,
    asked: Mutex<Vec<Vec<u32>>>,
}

impl Store {
    fn write(&self) {
        *self.version.lock().unwrap() += 1;
    }

    /// What it was asked for since the last time.
    fn asked(&self) -> Vec<Vec<u32>> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

#[cached(cache = cache, key = "item:<ids>", batch = ids, tags = ["all", "owner:<return.owner>"],
    local = off, skip(cache, store))]
async fn items(cache: &Cache, store: &Store, ids: &[u32]) -> BTreeMap<u32, Item> {
    let version = *store.version.lock().unwrap();
    let mut asked = ids.to_vec();
    asked.sort_unstable();
    store.asked.lock().unwrap().push(asked);
    ids.iter().filter(|id| **id < 100).map(|id| (*id, Item { owner: id % 2, version })).collect()
}

async fn versions(cache: &Cache, store: &Store, ids: &[u32]) -> Vec<(u32, u32)> {
    items(cache, store, ids).await.into_iter().map(|(id, item)| (id, item.version)).collect()
}

pub async fn what_is_missing_is_loaded_at_once(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let store = Store::default();
    let ids: Vec<u32> = (0..50).collect();
    assert_eq!(items(&a, &store, &ids).await.len(), 50);
    assert_eq!(items(&b, &store, &ids).await.len(), 50);
    assert_eq!((store.asked(), b.stats().remote_hits), (vec![ids], 50));
    // One that is not to be found is asked for again, and nobody waits for its lease.
    assert_eq!(versions(&b, &store, &[7, 50, 100]).await, [(7, 0), (50, 0)]);
    assert_eq!(versions(&a, &store, &[7, 50, 100]).await, [(7, 0), (50, 0)]);
    assert_eq!(store.asked(), [vec![50, 100], vec![100]]);
}

pub async fn each_entry_is_invalidated_by_key_and_tag(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let store = Store::default();
    versions(&a, &store, &[1, 2, 3]).await;
    store.write();
    a.remove("item:2").await;
    assert_eq!(versions(&b, &store, &[1, 2, 3]).await, [(1, 0), (2, 1), (3, 0)]);
    store.write();
    b.remove_tag("owner:1").await;
    assert_eq!(versions(&a, &store, &[1, 2, 3]).await, [(1, 2), (2, 1), (3, 2)]);
    store.write();
    a.remove_tag("all").await;
    assert_eq!(versions(&b, &store, &[1, 2, 3]).await, [(1, 3), (2, 3), (3, 3)]);
    // What had been put in their places is found again.
    assert_eq!(versions(&a, &store, &[3, 2, 1]).await, [(1, 3), (2, 3), (3, 3)]);
    assert_eq!(store.asked(), [vec![1, 2, 3], vec![2], vec![1, 3], vec![1, 2, 3]]);
    assert_eq!((a.stats().remote_faults, b.stats().remote_faults), (0, 0));
}

/// Invalidated while it is loaded: by key, by a tag known before, by a tag of the value.
pub async fn nothing_that_was_invalidated_is_refilled(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let store = Store::default();
    for (round, by) in ["key", "tag", "tag of the value"].into_iter().enumerate() {
        let base = round as u32 * 10;
        let read = a.read_many([base, base + 1], |id| cached_core::key!("item:<id>"));
        let load = async |ids: Vec<u32>| {
            let loaded = items(&b, &store, &ids).await;
            store.write();
            match by {
                "key" => b.remove(format!("item:{base}").as_str()).await,
                "tag" => b.remove_tag("all").await,
                _ => b.remove_tag("owner:0").await,
            };
            Ok::<_, std::convert::Infallible>(loaded)
        };
        // The outer batch has the leases, so the inner one loads and fills nothing.
        let loaded = read.tag(|_| "all".into()).local_off().or_load(load).await.unwrap();
        assert_eq!(loaded.len(), 2);
        store.asked();
        let now = *store.version.lock().unwrap();
        assert_eq!(versions(&b, &store, &[base]).await, [(base, now)], "by {by}");
    }
}

pub async fn undecodable_bytes_are_replaced(world: &World<'_>) {
    let cache = world.process().await;
    let store = Store::default();
    for (id, bytes) in [(1, &b"hello"[..]), (2, b""), (3, b"\xff\x00\xc3\x28")] {
        let name = world.entry(&format!("item:{id}"));
        world.command(&[&b"SET"[..], name.as_bytes(), bytes]).await;
    }
    world.command(&["RPUSH", &world.entry("item:4"), "x"]).await;
    let ids = [1, 2, 3, 4, 5];
    assert_eq!(versions(&cache, &store, &ids).await.len(), 5);
    assert_eq!(cache.stats().undecodable, 3);
    assert_eq!(versions(&cache, &store, &ids).await.len(), 5);
    let asked = store.asked();
    assert_eq!(asked[0], ids);
    let left = &asked[1];
    assert!(
        left.contains(&4) && !left.contains(&5),
        "another kind of value is left alone: {left:?}"
    );
    assert_eq!(cache.stats().remote_faults, 0);
}
