//! Caches that write differently, and what each reads of the others.
#![cfg(all(feature = "msgpack", feature = "postcard"))]

mod common;

use cached_core::remote::transport::{Command, Memory, Reply, Transport};
use cached_core::{Cache, CacheBuilder, Clock, Codec, key};
use common::{listening, on_redis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Course {
    id: u64,
    title: String,
    teacher: Option<u32>,
    hours: Vec<f64>,
}

fn course() -> Course {
    Course { id: 7, title: "Zoë".into(), teacher: None, hours: vec![1.5, f64::MAX] }
}

/// Loads the course, or has it already.
async fn read(cache: &Cache) -> (Course, bool) {
    let mut loaded = false;
    let load = async || {
        loaded = true;
        Ok::<_, Infallible>(course())
    };
    let value = cache.read("course:7").local_off().or_load(load).await;
    (value.unwrap(), loaded)
}

async fn of(builder: CacheBuilder) -> Cache {
    let cache = builder.build().unwrap();
    listening(&cache).await;
    cache
}

#[tokio::test]
async fn each_codec_reads_what_any_other_wrote() {
    let codecs = [Codec::Json, Codec::MessagePack, Codec::Postcard];
    let namespace = cached_testkit::unique_name("codecs");
    let mut caches = Vec::new();
    for codec in codecs {
        caches.push(of(on_redis(&namespace).codec(codec)).await);
    }
    for (writer, codec) in caches.iter().zip(codecs) {
        writer.remove("course:7").await;
        assert_eq!(read(writer).await, (course(), true), "{codec:?}");
        for reader in &caches {
            assert_eq!(read(reader).await, (course(), false), "{codec:?}");
        }
        writer.set("by:set", course(), cached_core::Ttl::DAY).await;
        for reader in &caches {
            assert_eq!(reader.get("by:set").await, Some(course()), "{codec:?}");
        }
    }
    for cache in &caches {
        assert_eq!((cache.stats().undecodable, cache.stats().unstorable), (0, 0));
    }
}

#[tokio::test]
async fn what_a_codec_cannot_bring_back_is_loaded_each_time() {
    let cache = of(on_redis(&cached_testkit::unique_name("codecs")).codec(Codec::Postcard)).await;
    for reads in 1..=2 {
        let load = async || Ok::<_, Infallible>(serde_json::json!({ "id": 7 }));
        let value = cache.read("any").local_off().or_load(load).await.unwrap();
        assert_eq!(value, serde_json::json!({ "id": 7 }));
        assert_eq!((cache.stats().loads, cache.stats().unstorable), (reads, reads));
    }
}

/// Whether a key's entry in a cache's namespace holds names, as JSON and MessagePack write them.
async fn has_names(server: &Memory, key: &str) -> bool {
    let get = Command::new("GET").arg(format!("cached:k:{key}"));
    match server.pipeline(vec![get]).await.unwrap().remove(0) {
        Reply::Bytes(stored) => stored.windows(5).any(|bytes| bytes == b"title"),
        other => panic!("{key}: {other:?}"),
    }
}

#[tokio::test]
async fn a_read_can_have_its_own_codec() {
    let (clock, hand) = Clock::manual();
    let server = Memory::new();
    let cache = Cache::builder().transport(server.clone()).clock(clock).build().unwrap();
    let day = Duration::from_secs(86_400);
    let single = async || {
        let read = cache.read("alone").ttl(day).stale_while_revalidate(day).codec(Codec::Postcard);
        read.or_load_owned(async || Ok::<_, Infallible>(course())).await
    };
    single().await.unwrap();
    let read = cache.read_many([1, 2], |id| key!("many:<id>")).codec(Codec::Postcard);
    let load = async |ids: Vec<i32>| {
        Ok::<_, Infallible>(ids.into_iter().map(|id| (id, course())).collect::<BTreeMap<_, _>>())
    };
    read.or_load(load).await.unwrap();
    cache.read("usual").or_load(async || Ok::<_, Infallible>(course())).await.unwrap();
    for (key, names) in [("alone", false), ("many:1", false), ("many:2", false), ("usual", true)] {
        assert_eq!(has_names(&server, key).await, names, "{key}");
    }
    // A load in the background writes as the read that began it.
    hand.advance(day);
    let fills = cache.stats().fills;
    single().await.unwrap();
    let loaded = async || cache.stats().fills > fills;
    cached_testkit::eventually("it is loaded anew", loaded).await;
    assert!(!has_names(&server, "alone").await);
}

/// However small a compressed payload is: its length as it was written is bounded by who reads.
#[cfg(feature = "zstd")]
#[tokio::test]
async fn a_payload_that_expands_beyond_the_readers_bound_is_a_counted_miss() {
    let server = Memory::new();
    let build = |bytes: usize| {
        let builder = Cache::builder().transport(server.clone()).compress_above(0);
        builder.max_value_bytes(bytes).build().unwrap()
    };
    let (writer, reader, other) = (build(8 << 20), build(1 << 10), build(1 << 20));
    let long = "x".repeat(100_000);
    writer.set("long", long.clone(), cached_core::Ttl::DAY).await;
    let short = "x".repeat(1_000);
    writer.set("short", short.clone(), cached_core::Ttl::DAY).await;
    assert_eq!(reader.get("short").await, Some(short));
    assert_eq!(reader.get::<String>("long").await, None);
    let load = async || Ok::<_, Infallible>("loaded".to_owned());
    assert_eq!(other.read("long").local_off().or_load(load).await, Ok(long));
    assert_eq!(reader.read("long").local_off().or_load(load).await, Ok("loaded".into()));
    assert_eq!((reader.stats().undecodable, other.stats().undecodable), (2, 0));
}
