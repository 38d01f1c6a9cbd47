//! What a deployment of several servers does that a single one does not: fail over, move slots, refuse a stranger.

use cached_core::remote::transport::Tls;
use cached_core::{Cache, CacheBuilder, Delivery, Pattern};
use cached_testkit::{RedisCluster, RedisSentinel, RedisServer, eventually};
use std::convert::Infallible;
use std::time::Duration;

async fn listening(builder: CacheBuilder) -> Cache {
    let cache = builder.namespace("t").operation_timeout(Duration::from_secs(2)).build().unwrap();
    eventually("the backplane is heard", || async { cache.stats().local_resets > 0 }).await;
    cache
}

async fn read(cache: &Cache, key: &str, version: u32) -> u32 {
    let Ok(found) = cache
        .read(key)
        .tag("t")
        .local_off()
        .or_load(|| async { Ok::<_, Infallible>(version) })
        .await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failover_the_new_primary_serves_and_nothing_old_is_left() {
    let sentinels = RedisSentinel::start().unwrap();
    let primary = format!("redis://{}", sentinels.name());
    let cache = listening(Cache::builder().redis_sentinel(sentinels.urls(), primary)).await;
    assert_eq!((read(&cache, "k", 0).await, read(&cache, "k", 1).await), (0, 0));
    let old = sentinels.primary().port();
    sentinels.fail_over().unwrap();
    assert_ne!(sentinels.primary().port(), old);
    cache.remove_tag("t").await;
    eventually("the queue has drained", || async { cache.queued() == 0 }).await;
    assert_eq!(read(&cache, "k", 2).await, 2);
    let mut version = 2;
    eventually("the new primary keeps values", || {
        version += 1;
        let (cache, fills) = (cache.clone(), cache.stats().fills);
        async move {
            read(&cache, &format!("k{version}"), version).await;
            cache.stats().fills > fills
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_that_move_take_their_entries_with_them_and_patterns_find_them() {
    let cluster = RedisCluster::start().unwrap();
    let cache = listening(Cache::builder().redis_cluster(cluster.urls())).await;
    for at in 0..50 {
        assert_eq!(read(&cache, &format!("d:{at}"), 0).await, 0);
    }
    for node in cluster.nodes() {
        assert_ne!(node.cli(&["DBSIZE"]), "0", "every node has its share");
    }
    for at in 0..10 {
        let slot = cluster.nodes()[0].cli(&["CLUSTER", "KEYSLOT", &format!("t:k:d:{at}")]);
        cluster.move_slot(slot.parse().unwrap(), at % 3);
    }
    for at in 0..50 {
        let faults = cache.stats().remote_faults;
        let found = read(&cache, &format!("d:{at}"), 1).await;
        // Where nobody could be asked in time it was loaded.
        assert!(found == 0 || cache.stats().remote_faults > faults, "d:{at} is found where it is");
    }
    // The list of nodes and slots may be an old one at first: then it is the queue that tries again.
    cache.remove_pattern(Pattern::parse("d:*").unwrap()).await;
    eventually("the queue has drained", || async { cache.queued() == 0 }).await;
    for at in 0..50 {
        assert_eq!(read(&cache, &format!("d:{at}"), 2).await, 2, "d:{at} was removed");
    }
}

/// While a slot is on its way its keys are on two nodes; neither half may be forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_removes_what_is_on_its_way_between_nodes() {
    let cluster = RedisCluster::start().unwrap();
    let cache = listening(Cache::builder().redis_cluster(cluster.urls())).await;
    // One slot for all of them.
    for at in 0..40 {
        assert_eq!(read(&cache, &format!("d:{{x}}:{at}"), 0).await, 0);
    }
    let slot = cluster.nodes()[0].cli(&["CLUSTER", "KEYSLOT", "t:k:d:{x}:0"]);
    cluster.move_half(slot.parse().unwrap());
    assert_eq!(cache.remove_pattern(Pattern::parse("d:*").unwrap()).await, Delivery::Done);
    for node in cluster.nodes() {
        assert_eq!(node.cli(&["CLUSTER", "COUNTKEYSINSLOT", &slot]), "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_prove_itself_is_not_used() {
    let server = RedisServer::builder().tls().start().unwrap();
    let stranger = RedisServer::builder().tls().start().unwrap();
    let (certificate, key) = server.client_pem();
    let tls = Tls::new().ca_pem(stranger.ca_pem()).client_pem(certificate, key);
    let shown = format!("{tls:?}");
    assert!(!shown.contains("PRIVATE"), "{shown}");
    let cache = Cache::builder().namespace("t").redis(server.tls_url()).tls(tls).build().unwrap();
    assert_eq!((read(&cache, "k", 0).await, read(&cache, "k", 1).await), (0, 1));
    assert!(cache.stats().remote_faults > 0);
    assert_eq!(server.cli(&["DBSIZE"]), "0");
}
