//! How payloads are written, however the bytes travel: every codec, compressed and sealed, found by another process.

use crate::process::{World, listening};
use cached_core::{Cache, CacheBuilder, Codec, EncryptionKey, Ttl};

type Value = (Vec<u8>, String, Option<i64>);

fn values() -> [Value; 3] {
    [
        ((0..=255).collect(), "Ünïcödé \u{1F980} \"quoted\"\n".repeat(300), Some(-1)),
        (vec![0xff; 5_000], String::new(), None),
        (vec![], "short".into(), Some(i64::MAX)),
    ]
}

async fn survive(world: &World<'_>, settings: impl Fn(CacheBuilder) -> CacheBuilder) -> Cache {
    let process = async || listening(settings(world.builder()).build().unwrap()).await;
    let (a, b) = (process().await, process().await);
    for (at, value) in values().into_iter().enumerate() {
        let key = format!("v{at}");
        a.set(&*key, value.clone(), Ttl::DAY).await;
        assert_eq!(b.get::<Value>(&*key).await, Some(value.clone()), "{key}");
        // As it is filled by a load, too.
        a.remove(&*key).await;
        let load = async || Ok::<_, std::convert::Infallible>(value.clone());
        a.read(&*key).or_load(load).await.unwrap();
        assert_eq!(b.get::<Value>(&*key).await, Some(value), "{key}");
    }
    assert_eq!((b.stats().undecodable, b.stats().remote_faults), (0, 0));
    assert_eq!((a.stats().fills, a.stats().unstorable), (3, 0));
    b
}

pub async fn of_every_codec_survive(world: &World<'_>) {
    for codec in [Codec::Json, Codec::MessagePack, Codec::Postcard] {
        survive(world, |builder| builder.codec(codec)).await;
    }
}

pub async fn compressed_ones_survive(world: &World<'_>) {
    for codec in [Codec::Json, Codec::MessagePack, Codec::Postcard] {
        survive(world, |builder| builder.codec(codec).compress_above(100)).await;
    }
}

pub async fn sealed_ones_survive_and_are_read_by_nobody_else(world: &World<'_>) {
    let key = || [EncryptionKey::new("a", [7; 32])];
    let sealed = survive(world, |builder| builder.encryption_keys(key()).compress_above(100)).await;
    let open = world.process().await;
    assert_eq!((open.get::<Value>("v0").await, open.stats().undecodable), (None, 1));
    assert!(sealed.get::<Value>("v0").await.is_some());
}
