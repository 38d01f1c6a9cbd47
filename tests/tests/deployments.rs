//! What a deployment of several servers does that a single one does not: fail over, move slots, refuse a stranger.

use cached_core::remote::transport::Tls;
use cached_core::{BreakerState, Cache, CacheBuilder, Delivery, Pattern};
use cached_testkit::{Fault, FaultProxy, RedisCluster, RedisSentinel, RedisServer, eventually};
use std::convert::Infallible;
use std::time::Duration;

async fn listening(builder: CacheBuilder) -> Cache {
    let cache = builder.namespace("t").operation_timeout(Duration::from_secs(2)).build().unwrap();
    eventually("the backplane is heard", || async { cache.stats().local_resets > 0 }).await;
    cache
}

fn is_asked(cache: &Cache) -> bool {
    cache.health().remote.is_some_and(|remote| remote.breaker == BreakerState::Closed)
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
        // After three faults nobody is asked for a while.
        eventually("the cluster is asked", || async { is_asked(&cache) }).await;
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

/// A cluster of which one node is about to be sick: not the one that holds the stream, nor the one that trials ask.
struct Sick {
    cluster: RedisCluster,
    node: usize,
    its_own: Vec<String>,
    others: Vec<String>,
}

impl Sick {
    fn start() -> Self {
        let cluster = RedisCluster::start().unwrap();
        let nodes = cluster.nodes();
        for node in nodes {
            // Nobody is to find out and close the whole cluster.
            assert_eq!(node.cli(&["CONFIG", "SET", "cluster-node-timeout", "600000"]), "OK");
        }
        let node_of = |name: &str| -> usize {
            let slot: usize = nodes[0].cli(&["CLUSTER", "KEYSLOT", name]).parse().unwrap();
            slot * nodes.len() / 16_384
        };
        let busy = ["t:bus", "t:sweep"].map(node_of);
        let node = (0..3).find(|at| !busy.contains(at)).unwrap();
        let keys = (0..60).map(|at| format!("k{at}"));
        let (its_own, others) = keys.partition(|key| node_of(&format!("t:k:{key}")) == node);
        Self { cluster, node, its_own, others }
    }

    fn node(&self) -> &RedisServer {
        &self.cluster.nodes()[self.node]
    }

    /// A cache that has stored all keys, and was told of the other nodes.
    async fn filled(&self) -> Cache {
        let mut urls = self.cluster.urls();
        urls.remove(self.node);
        let builder = Cache::builder().namespace("t").redis_cluster(urls);
        let cache = builder.operation_timeout(Duration::from_secs(1)).build().unwrap();
        eventually("the backplane is heard", || async { cache.stats().local_resets > 0 }).await;
        for key in self.its_own.iter().chain(&self.others) {
            assert_eq!(read_untagged(&cache, key, 0).await, 0);
        }
        assert_eq!(cache.stats().fills, 60);
        cache
    }
}

async fn read_untagged(cache: &Cache, key: &str, version: u32) -> u32 {
    let load = || async { Ok::<_, Infallible>(version) };
    let Ok(found) = cache.read(key).local_off().or_load(load).await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_hangs_takes_its_own_keys_with_it_only() {
    let sick = Sick::start();
    let cache = sick.filled().await;
    sick.node().pause();
    for own in &sick.its_own[..3] {
        assert_eq!(read_untagged(&cache, own, 1).await, 1, "it is loaded");
        for other in &sick.others {
            assert_eq!(read_untagged(&cache, other, 1).await, 0, "it is found");
        }
    }
    assert_eq!(cache.stats().remote_faults, 3);
    sick.node().resume();
    for own in &sick.its_own {
        let faults = || cache.stats().remote_faults;
        eventually("it answers again", || async {
            let before = faults();
            read_untagged(&cache, own, 2).await;
            faults() == before
        })
        .await;
    }
}

/// The node is well, and a firewall has forgotten the connection to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_a_node_that_is_dead_is_replaced() {
    let sick = Sick::start();
    let proxy = FaultProxy::start(sick.node().address()).await.unwrap();
    let port = proxy.address().port().to_string();
    assert_eq!(sick.node().cli(&["CONFIG", "SET", "cluster-announce-port", &port]), "OK");
    eventually("the others name the proxy", || async {
        let named = |node: &RedisServer| node.cli(&["CLUSTER", "NODES"]).contains(&port);
        sick.cluster.nodes().iter().all(named)
    })
    .await;
    let cache = sick.filled().await;
    assert!(proxy.connections() > 0);
    proxy.set(Fault::HalfOpen).await;
    proxy.set(Fault::Pass).await;
    let own = &sick.its_own[0];
    assert_eq!(read_untagged(&cache, own, 1).await, 1, "no answer comes");
    eventually("a new connection is used", || async { read_untagged(&cache, own, 1).await == 0 })
        .await;
}
