//! What can be seen of a cache: counts and durations per template, its state, recent events, what the server says.

mod common;

use cached_core::remote::transport::Memory;
use cached_core::{BreakerState, Cache, EventKind, TemplateStats, Watching, cached};
use common::{eventually, listening, on_redis, pair};
use std::time::Duration;

#[cached(key = "observed:<id>", tags = ["observed"])]
async fn observed(id: u32) -> Result<u32, String> {
    if id == 0 { Err("none".to_owned()) } else { Ok(id) }
}

#[cached(key = "generic:<T>:<id>")]
async fn generic<T: Send>(id: u32) -> u32 {
    id
}

fn of(cache: &Cache, template: &str) -> TemplateStats {
    cache.template_stats().into_iter().find(|stats| stats.template == template).expect("linked")
}

#[tokio::test]
async fn each_template_has_its_counts_in_each_cache() {
    let caches = [(); 2].map(|()| Cache::builder().build().unwrap());
    for (cache, times) in caches.iter().zip([1_u64, 3]) {
        cache
            .scope(async {
                for _ in 0..times {
                    observed(7).await.unwrap();
                    observed(0).await.unwrap_err();
                }
                generic::<u8>(1).await;
                generic::<u16>(1).await;
            })
            .await;
        let stats = of(cache, "observed:<id>");
        assert!(stats.function.ends_with("::observed"), "{}", stats.function);
        assert_eq!((stats.local_hits, stats.misses), (times - 1, times + 1));
        assert_eq!((stats.loads, stats.load_errors), (times + 1, times));
        assert_eq!((stats.load.count(), stats.local.count()), (times + 1, 0));
        assert_eq!(of(cache, "generic:<T>:<id>").loads, 2);
        assert_eq!(cache.stats().loads, times + 3);
        assert_eq!(cache.stats().local_hits, times - 1);
    }
    assert!((of(&caches[1], "observed:<id>").hit_rate() - 2.0 / 6.0).abs() < 1e-9);
}

#[tokio::test]
async fn reads_without_the_macros_are_counted_together() {
    let cache = Cache::builder().build().unwrap();
    for key in ["a", "b", "a"] {
        let load = cache.read(key).or_load(|| async { Ok::<_, String>(1) });
        load.await.unwrap();
    }
    let stats = cache.template_stats().pop().unwrap();
    assert_eq!((stats.template, stats.local_hits, stats.loads), ("", 1, 2));
}

#[tokio::test]
async fn invalidations_are_counted_by_kind() {
    let cache = Cache::builder().build().unwrap();
    cache.remove("a").await;
    cache.remove_tag("b").await;
    cache.remove_tag("c").await;
    cache.remove_pattern("d:*".try_into().unwrap()).await;
    cache.clear().await;
    let stats = cache.stats();
    assert_eq!((stats.keys_invalidated, stats.tags_invalidated), (1, 2));
    assert_eq!((stats.patterns_invalidated, stats.clears, stats.invalidations), (1, 1, 5));
}

#[tokio::test]
async fn a_watch_tells_events_and_durations_of_local_hits() {
    let cache = Cache::builder().build().unwrap();
    let read = || cache.scope(observed(7));
    read().await.unwrap();
    assert!(cache.events_after(0).is_empty() && cache.hottest_keys(9).is_empty());
    cache.watch(Watching::new());
    read().await.unwrap();
    cache.scope(observed(8)).await.unwrap();
    cache.remove("observed:7").await;
    assert_eq!(of(&cache, "observed:<id>").local.count(), 1);
    let events = cache.events_after(0);
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Loaded, EventKind::Invalidated]);
    assert_eq!((events[0].template, events[0].took_us.is_some()), ("observed:<id>", true));
    assert_eq!(events[1].detail, "key");
    assert!(events.iter().all(|event| event.key.is_none()), "keys were not asked for");
    assert!(cache.hottest_keys(9).is_empty());
}

#[tokio::test]
async fn keys_are_told_if_asked_for() {
    let cache = Cache::builder().build().unwrap();
    cache.watch(Watching::new().keys(true));
    for id in [7, 7, 7, 8] {
        cache.scope(observed(id)).await.unwrap();
    }
    let hottest = cache.hottest_keys(1);
    assert_eq!((&*hottest[0].key, hottest[0].reads), ("observed:7", 3));
    assert_eq!(cache.events_after(1)[0].key.as_deref(), Some("observed:8"));
}

#[tokio::test]
async fn remote_hits_are_measured_and_the_servers_asked() {
    let (here, there, _) = pair().await;
    here.scope(observed(7)).await.unwrap();
    there.scope(observed(7)).await.unwrap();
    let stats = of(&there, "observed:<id>");
    assert_eq!((stats.remote_hits, stats.remote.count(), stats.loads), (1, 1, 0));
    assert_eq!(of(&here, "observed:<id>").fills, 1);
    let info = here.server_info().await.unwrap().expect("a remote tier");
    assert!(info.servers == 1 && info.used_memory > 100_000 && info.clients > 0, "{info:?}");
    let health = here.health();
    let remote = health.remote.expect("a remote tier");
    assert_eq!((remote.breaker, remote.queued, remote.leases), (BreakerState::Closed, 0, 0));
    assert!(!remote.is_cut_off && remote.backplane_lag() < Duration::from_secs(2), "{remote:?}");
    assert_eq!(health.local_entries, 1);
}

#[tokio::test]
async fn a_lease_is_counted_while_it_is_held() {
    let cache = on_redis(&cached_testkit::unique_name("leases")).build().unwrap();
    let leases = || cache.health().remote.unwrap().leases;
    let (release, released) = tokio::sync::oneshot::channel();
    let reading = {
        let cache = cache.clone();
        tokio::spawn(async move {
            let load = || async { Ok::<u32, String>(released.await.unwrap()) };
            cache.read("leased").or_load(load).await
        })
    };
    eventually("a lease is held", || leases() == 1).await;
    assert_eq!(cache.health().flights, 1);
    release.send(7).unwrap();
    assert_eq!(reading.await.unwrap(), Ok(7));
    assert_eq!(leases(), 0);
}

#[tokio::test]
async fn without_a_remote_tier_there_is_none_to_ask() {
    let cache = Cache::builder().build().unwrap();
    assert!(cache.server_info().await.unwrap().is_none() && cache.health().remote.is_none());
}

/// A value that was overtaken is stored in neither tier: that is one refusal.
#[tokio::test]
async fn a_value_that_was_overtaken_is_counted_once() {
    let cache = Cache::builder().transport(Memory::new()).build().unwrap();
    listening(&cache).await;
    let load = || async {
        cache.remove("k").await;
        Ok::<_, String>(1)
    };
    cache.read("k").or_load(load).await.unwrap();
    assert_eq!((cache.stats().fills, cache.stats().fills_refused), (0, 1));
    let alone = Cache::builder().build().unwrap();
    let load = || async {
        alone.remove("k").await;
        Ok::<_, String>(1)
    };
    alone.read("k").or_load(load).await.unwrap();
    assert_eq!((alone.stats().fills, alone.stats().fills_refused), (0, 1));
}
