//! Caches that write differently, and what each reads of the others.
#![cfg(all(feature = "msgpack", feature = "postcard"))]

mod common;

use cached_core::{Cache, CacheBuilder, Codec};
use common::{listening, on_redis};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

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
