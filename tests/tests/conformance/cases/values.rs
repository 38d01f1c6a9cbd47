//! What is stored comes back, byte for byte, under every kind of key; what is not ours does no harm.

use crate::process::{Source, World};
use cached_core::key;
use std::convert::Infallible;
use std::time::Duration;

pub async fn a_value_is_found_across_processes(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    assert_eq!((source.read(&a, "k").await, source.read(&b, "k").await), (0, 0));
    assert_eq!(source.loads(), 1);
    assert_eq!((a.stats().fills, b.stats().remote_hits), (1, 1));
    assert_eq!(source.read(&b, "k").await, 0);
    assert_eq!(b.stats().local_hits, 1, "a remote hit is kept in the local tier");
}

pub async fn binary_payloads_survive(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let bytes: Vec<u8> = (0..=255).collect();
    let text: String = (0..0x3000).filter_map(char::from_u32).collect();
    a.set("bytes", bytes.clone(), Duration::from_secs(60)).await;
    a.set("text", text.clone(), Duration::from_secs(60)).await;
    assert_eq!(b.get::<Vec<u8>>("bytes").await, Some(bytes));
    assert_eq!(b.get::<String>("text").await, Some(text));
    // Headers hold random bytes: some of them are valid text of every length.
    for at in 0..200_u32 {
        let key = format!("n{at}");
        a.set(&*key, at, Duration::from_secs(60)).await;
        assert_eq!(b.get::<u32>(&*key).await, Some(at));
    }
    assert_eq!(b.stats().undecodable, 0);
}

pub async fn large_payloads_survive(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let text: String = "Ünïcödé and \u{1F980}, \"quoted\"\n".repeat(10_000);
    a.set("large", text.clone(), Duration::from_secs(60)).await;
    assert_eq!(b.get::<String>("large").await, Some(text));
}

pub async fn long_and_odd_keys(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    let (long, odd) = ("x".repeat(3_000), "a:b*?[c]\\ {d} é \u{1F980} % \"q\" \n");
    let keys = [key!("k:<long>"), key!("k:<odd>"), key!("k:<odd>:<odd>")];
    for key in &keys {
        assert_eq!(source.read(&a, key.as_str()).await, 0);
    }
    source.write();
    for key in &keys {
        assert_eq!(source.read(&b, key.as_str()).await, 0, "found: {key}");
        b.remove(key).await;
        assert_eq!(source.read(&b, key.as_str()).await, 1, "removed: {key}");
    }
    assert_eq!(source.loads(), 6);
}

pub async fn undecodable_bytes_are_misses(world: &World<'_>) {
    let cache = world.process().await;
    let source = Source::default();
    let foreign: [&[u8]; 5] =
        [b"", b"hello", "Grüße".as_bytes(), b"\xff\x00\xc3\x28", &[0xC3; 300]];
    for (at, bytes) in foreign.into_iter().enumerate() {
        let key = format!("foreign{at}");
        world.command(&[&b"SET"[..], world.entry(&key).as_bytes(), bytes]).await;
        assert_eq!(source.read_tagged(&cache, &key, "t").await, 0);
        assert_eq!(cache.stats().undecodable, at as u64 + 1);
    }
    assert_eq!(cache.stats().fills, 5, "they are replaced");
    // Another type under the same key.
    cache.set("typed", "text".to_owned(), Duration::from_secs(60)).await;
    assert_eq!(source.read(&cache, "typed").await, 0);
    assert_eq!((cache.stats().undecodable, cache.stats().remote_faults), (6, 0));
}

pub async fn another_kind_of_value_is_left_alone(world: &World<'_>) {
    let cache = world.process().await;
    let name = world.entry("list");
    world.command(&["RPUSH", &name, "x"]).await;
    let load = || async { Ok::<_, Infallible>(7) };
    assert_eq!(cache.read("list").or_load(load).await, Ok(7));
    assert_eq!(world.command(&["RPUSH", &name, "x"]).await.to_string(), "2");
    assert_eq!((cache.stats().remote_faults, cache.stats().fills), (0, 0));
}
