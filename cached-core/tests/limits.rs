//! What an entry of the remote tier can hold: beyond it a value is kept in its process only.

mod common;

use cached_core::Cache;
use cached_testkit::{shared_redis, unique_name};
use common::{eventually, listening, on_redis, pair};
use std::convert::Infallible;

#[tokio::test]
async fn a_payload_over_the_limit_stays_out_of_the_remote_tier() {
    let namespace = unique_name("t");
    let cache = on_redis(&namespace).max_value_bytes(100).build().unwrap();
    listening(&cache).await;
    let load = async || Ok::<_, Infallible>("x".repeat(200));
    cache.read("k").or_load(load).await.unwrap();
    assert_eq!((cache.stats().unstorable, cache.stats().fills), (1, 0));
    let name = format!("{namespace}:k:k");
    eventually("the lease is given back", || shared_redis().cli(&["EXISTS", &name]) == "0").await;
    cache.read("k").or_load(load).await.unwrap();
    assert_eq!(cache.stats().local_hits, 1);
}

#[tokio::test]
async fn an_entry_with_too_many_tags_stays_out_of_the_remote_tier() {
    let (a, b, namespace) = pair().await;
    let load = async || Ok::<_, Infallible>(1);
    let read = async |cache: &Cache, key: &str, tags: usize| {
        let read = cache.read(key);
        let read = (0..tags).fold(read, |read, tag| read.tag(format!("tag:{tag}")));
        read.or_load(load).await.unwrap();
    };
    read(&a, "most", 1_024).await;
    read(&b, "most", 1_024).await;
    assert_eq!((a.stats().fills, b.stats().remote_hits), (1, 1));
    read(&a, "more", 1_025).await;
    assert_eq!((a.stats().unstorable, a.stats().fills, a.stats().fills_refused), (1, 1, 0));
    let name = format!("{namespace}:k:more");
    eventually("the lease is given back", || shared_redis().cli(&["EXISTS", &name]) == "0").await;
    read(&a, "more", 1_025).await;
    assert_eq!(a.stats().local_hits, 1);
    a.remove_tag("tag:1024").await;
    read(&a, "more", 1_025).await;
    assert_eq!((a.stats().loads, a.stats().remote_faults), (3, 0));
}
