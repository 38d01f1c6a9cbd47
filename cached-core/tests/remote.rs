//! The remote tier on a real Redis, with two caches that share a namespace as two processes would.

mod common;

use cached_core::{Cache, Delivery, Key, Pattern, Ttl, cached, key};
use cached_testkit::{FaultProxy, shared_redis, unique_name};
use common::{Source, eventually, listening, on_redis, pair, read};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::oneshot;

#[tokio::test]
async fn what_one_process_loads_another_finds() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    assert_eq!((read(&a, "k", &source).await, read(&b, "k", &source).await), (0, 0));
    assert_eq!(source.loads(), 1);
    assert_eq!((b.stats().remote_hits, a.stats().fills), (1, 1));
    read(&b, "k", &source).await;
    assert_eq!(b.stats().local_hits, 1, "a remote hit is kept in the local tier");
}

#[tokio::test]
async fn without_a_local_tier_a_write_is_seen_everywhere_once_it_has_answered() {
    let namespace = unique_name("t");
    let build = || on_redis(&namespace).local_off().build().expect("the settings are valid");
    let (a, b) = (build(), build());
    let source = Source::default();
    for _ in 0..3 {
        assert_eq!((read(&a, "k", &source).await, read(&b, "k", &source).await), (0, 0));
    }
    assert_eq!(source.loads(), 1);
    assert_eq!((b.stats().remote_hits, b.stats().local_hits, b.local_len()), (3, 0, 0));
    a.set("k", 7_u32, Ttl::MEDIUM).await;
    assert_eq!((read(&b, "k", &source).await, a.local_len()), (7, 0));
    assert_eq!(a.remove("k").await, Delivery::Done);
    source.write();
    // Nothing is waited for: what the other process was told of it does not matter.
    assert_eq!(read(&b, "k", &source).await, 1);
    assert_eq!((a.stats().unstorable, b.stats().unstorable), (0, 0));
}

#[tokio::test]
async fn an_invalidation_reaches_every_tier_of_every_process() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    for cache in [&a, &b] {
        read(cache, "k", &source).await;
    }
    source.write();
    assert_eq!(a.remove("k").await, Delivery::Done);
    assert_eq!(read(&a, "k", &source).await, 1);
    eventually("the other process has heard", || b.stats().invalidations_received == 1).await;
    assert_eq!(read(&b, "k", &source).await, 1);
}

/// A load that began before an invalidation must not repopulate any tier, whoever invalidates.
#[tokio::test]
async fn a_slow_reader_never_refills_what_was_invalidated() {
    for by_tag in [false, true] {
        for by_other in [false, true] {
            let (a, b, _) = pair().await;
            let (loaded, wait_loaded) = oneshot::channel();
            let (resume, wait_resume) = oneshot::channel::<()>();
            let reader = a.clone();
            let slow = tokio::spawn(async move {
                let load = || async {
                    let _ = loaded.send(());
                    let _ = wait_resume.await;
                    Ok::<_, Infallible>(0)
                };
                reader.read("k").tag("t").or_load(load).await
            });
            wait_loaded.await.unwrap();
            let writer = if by_other { &b } else { &a };
            match by_tag {
                true => writer.remove_tag("t").await,
                false => writer.remove("k").await,
            };
            resume.send(()).unwrap();
            assert_eq!(slow.await.unwrap(), Ok(0), "who asked before gets what was loaded");
            let source = Source::default();
            source.write();
            for cache in [&b, &a] {
                if by_other {
                    eventually("a has heard", || a.stats().invalidations_received == 1).await;
                }
                let fresh = cache.read("k").tag("t").or_load(|| source.load()).await;
                assert_eq!(fresh, Ok(1), "by_tag {by_tag}, by_other {by_other}");
            }
        }
    }
}

#[tokio::test]
async fn a_tag_takes_its_entries_and_no_others() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    let tagged = |cache: Cache, key: &'static str, tag: &'static str| {
        let source = source.clone();
        async move { cache.read(key).tag(tag).tag("both").or_load(|| source.load()).await.unwrap() }
    };
    for key in ["k1", "k2"] {
        tagged(a.clone(), key, if key == "k1" { "one" } else { "two" }).await;
    }
    source.write();
    a.remove_tag("one").await;
    assert_eq!(tagged(b.clone(), "k1", "one").await, 1);
    assert_eq!(tagged(b.clone(), "k2", "two").await, 0);
    source.write();
    b.remove_tag("both").await;
    assert_eq!(tagged(b.clone(), "k1", "one").await, 2);
    assert_eq!(tagged(b.clone(), "k2", "two").await, 2);
}

/// A generation that the server lost makes its entries misses, not hits.
#[tokio::test]
async fn a_lost_generation_makes_misses() {
    let (a, b, namespace) = pair().await;
    let source = Source::default();
    a.read("k").tag("t").or_load(|| source.load()).await.unwrap();
    source.write();
    assert_eq!(shared_redis().cli(&["DEL", &format!("{namespace}:t:t")]), "1");
    assert_eq!(b.read("k").tag("t").or_load(|| source.load()).await, Ok(1));
}

#[tokio::test]
async fn patterns_remove_what_matches_leases_included() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    for key in ["d:1", "d:2", "e:1"] {
        read(&a, key, &source).await;
    }
    source.write();
    assert_eq!(a.remove_pattern(Pattern::parse("d:*").unwrap()).await, Delivery::Done);
    assert_eq!(read(&b, "d:1", &source).await, 1);
    assert_eq!(read(&b, "d:2", &source).await, 1);
    assert_eq!(read(&b, "e:1", &source).await, 0);
    source.write();
    a.clear().await;
    assert_eq!(read(&a, "e:1", &source).await, 2);
    eventually("b has heard", || b.stats().invalidations_received == 2).await;
    assert_eq!(read(&b, "e:1", &source).await, 2);
}

#[tokio::test]
async fn an_id_of_a_star_removes_nothing_but_itself() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    let (star, other) = ("*", "1");
    for id in [star, other] {
        read(&a, key!("course:<id>").as_str(), &source).await;
    }
    source.write();
    let id = star;
    a.remove(key!("course:<id>")).await;
    a.remove_pattern(key!("course:<id>*")).await;
    assert_eq!(read(&b, "course:1", &source).await, 0);
    assert_eq!(read(&b, key!("course:<id>").as_str(), &source).await, 1);
}

#[tokio::test]
async fn bytes_of_any_kind_are_a_counted_miss() {
    let (a, _, namespace) = pair().await;
    let source = Source::default();
    let name = |key: &str| format!("{namespace}:k:{key}");
    let redis = shared_redis();
    redis.cli(&["SET", &name("foreign"), "hello"]);
    redis.cli(&["SET", &name("empty"), ""]);
    for key in ["foreign", "empty"] {
        assert_eq!(read(&a, key, &source).await, 0);
    }
    assert_eq!(a.stats().undecodable, 2);
    // Another type under the same key.
    a.set("typed", "text".to_owned(), Duration::from_secs(60)).await;
    assert_eq!(read(&a, "typed", &source).await, 0);
    assert_eq!(a.stats().undecodable, 3);
    // Who only looks counts them too.
    redis.cli(&["SET", &name("looked_at"), "hello"]);
    redis.cli(&["LPUSH", &name("a_list"), "hello"]);
    a.set("of_another_type", "text".to_owned(), Duration::from_secs(60)).await;
    for (at, key) in ["looked_at", "a_list", "of_another_type"].into_iter().enumerate() {
        assert_eq!(a.get::<u32>(key).await, None);
        assert_eq!(a.stats().undecodable, 4 + at as u64, "{key}");
    }
    // Another kind of value is left alone.
    redis.cli(&["RPUSH", &name("list"), "x"]);
    assert_eq!(read(&a, "list", &source).await, 0);
    assert_eq!(redis.cli(&["LLEN", &name("list")]), "1");
    assert_eq!((a.stats().remote_faults, a.stats().unstorable), (0, 1));
}

#[tokio::test]
async fn round_trips_are_counted() {
    let proxy = FaultProxy::start(shared_redis().address()).await.unwrap();
    let namespace = unique_name("t");
    let cache = Cache::builder().namespace(&namespace).redis(proxy.url()).build().unwrap();
    listening(&cache).await;
    let source = Source::default();
    let tagged = |key: &'static str| {
        let read = cache.read(key).tag("one").tag("two").local_off();
        async { read.or_load(|| source.load()).await.unwrap() }
    };
    tagged("warm").await;
    // The backplane talks on its own: let the counts speak of commands.
    let before = proxy.commands();
    tagged("k").await;
    let after_miss = proxy.commands();
    tagged("k").await;
    let after_hit = proxy.commands();
    let spent = |from: &std::collections::BTreeMap<String, u64>,
                 to: &std::collections::BTreeMap<String, u64>,
                 name: &str| {
        to.get(name).copied().unwrap_or(0) - from.get(name).copied().unwrap_or(0)
    };
    assert_eq!(
        spent(&before, &after_miss, "SET"),
        3,
        "the lease and two generations, in one pipeline"
    );
    assert_eq!(spent(&before, &after_miss, "EVAL"), 1, "the fill");
    assert_eq!(spent(&after_miss, &after_hit, "SET"), 3);
    assert_eq!(spent(&after_miss, &after_hit, "EVAL") + spent(&after_miss, &after_hit, "GET"), 0);
    assert_eq!(cache.stats().remote_hits, 1);
}

#[tokio::test]
async fn thousands_of_callers_in_two_processes_cause_one_load() {
    let namespace = unique_name("t");
    // No machine is so busy that a lease would end before its load.
    let build = || on_redis(&namespace).lease(Duration::from_secs(60)).build().unwrap();
    let (a, b) = (build(), build());
    listening(&a).await;
    listening(&b).await;
    let source = Source::default();
    let mut callers = tokio::task::JoinSet::new();
    for at in 0..20_000 {
        let (cache, source) = (if at % 2 == 0 { a.clone() } else { b.clone() }, source.clone());
        callers.spawn(async move {
            let slow = || async {
                tokio::task::yield_now().await;
                source.load().await
            };
            cache.read("cold").or_load(slow).await
        });
    }
    while let Some(value) = callers.join_next().await {
        assert_eq!(value.unwrap(), Ok(0));
    }
    assert_eq!(source.loads(), 1);
}

/// A holder that is gone delays the others by no more than the lease's life.
#[tokio::test]
async fn a_dead_holder_delays_others_by_its_lease_only() {
    let namespace = unique_name("t");
    let cache = on_redis(&namespace).lease(Duration::from_millis(300)).build().unwrap();
    let name = format!("{namespace}:k:k");
    // A lease as a process leaves it that was killed.
    let mut lease = b"\xCAch\x01L".to_vec();
    lease.extend([7; 16]);
    shared_redis().command(&[&b"SET"[..], name.as_bytes(), &lease, b"PX", b"300"]).unwrap();
    let source = Source::default();
    assert_eq!(read(&cache, "k", &source).await, 0);
    assert_eq!((source.loads(), cache.stats().fills), (1, 1), "under a lease of its own");
}

#[tokio::test]
async fn a_full_server_is_read_and_invalidated_but_not_filled() {
    let redis = cached_testkit::RedisServer::start().unwrap();
    let cache = Cache::builder().namespace("full").redis(redis.url()).build().unwrap();
    let source = Source::default();
    let tagged =
        || async { cache.read("k").tag("t").local_off().or_load(|| source.load()).await.unwrap() };
    tagged().await;
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!((tagged().await, source.loads()), (0, 1), "what is there is read");
    source.write();
    assert_eq!(cache.remove_tag("t").await, Delivery::Done);
    assert_eq!(tagged().await, 1);
    assert_eq!(tagged().await, 1);
    assert_eq!(source.loads(), 3, "nothing can be stored");
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    tagged().await;
    assert_eq!((tagged().await, source.loads()), (1, 4));
}

/// Somebody else's values where tags, leases, messages and the notice should be.
#[tokio::test]
async fn values_of_another_kind_in_the_places_of_ours_do_no_harm() {
    let redis = cached_testkit::RedisServer::start().unwrap();
    let (clock, hand) = cached_core::Clock::manual();
    let build = || {
        let builder = Cache::builder().namespace("odd").redis(redis.url());
        builder.clock(clock.clone()).build().unwrap()
    };
    let (a, b) = (build(), build());
    listening(&a).await;
    listening(&b).await;
    for place in ["odd:t:t", "odd:seq", "odd:l:k", "odd:sweep", "odd:bus"] {
        redis.cli(&["DEL", place]);
        redis.cli(&["RPUSH", place, "x"]);
    }
    let source = Source::default();
    let ttl = Duration::from_secs(60);
    let kept = async |cache: &Cache| {
        let read = cache.read("k").tag("t").ttl(ttl).stale_if_error(Ttl::DAY).local_off();
        read.or_load(|| source.load()).await.unwrap()
    };
    let many = async |cache: &Cache| {
        let read = cache.read_many([1, 2], |id| key!("many:<id>")).tag(|_| "t".into()).local_off();
        let load = async |ids: Vec<u32>| {
            source.load().await.map(|_| ids.into_iter().map(|id| (id, id)).collect())
        };
        let found: std::collections::BTreeMap<u32, u32> = read.or_load(load).await.unwrap();
        assert_eq!(found.len(), 2);
    };
    for _ in 0..5 {
        for cache in [&a, &b] {
            assert_eq!(kept(cache).await, 0);
            many(cache).await;
        }
    }
    assert_eq!(source.loads(), 20, "nothing can be stored under such a tag, and nobody waits");
    assert!(!a.is_remote_down() && !b.is_remote_down());
    source.write();
    a.remove_tag("t").await;
    a.remove_pattern(Pattern::parse("k*").unwrap()).await;
    eventually("both are delivered", || a.queued() == 0).await;
    for place in ["odd:t:t", "odd:seq", "odd:sweep"] {
        assert_eq!(redis.cli(&["EXISTS", place]), "0", "{place}");
    }
    // A stale entry, and a lease beside it that is none.
    assert_eq!(kept(&a).await, 1);
    hand.advance(ttl);
    redis.cli(&["RPUSH", "odd:l:k", "x"]);
    assert_eq!((kept(&a).await, kept(&b).await), (1, 1));
    assert!(!a.is_remote_down() && !b.is_remote_down());
    let heard = b.stats().invalidations_received;
    a.remove("k").await;
    eventually("messages arrive again", || b.stats().invalidations_received > heard).await;
}

/// What it refuses for want of memory is no fault: it is asked on.
#[tokio::test]
async fn a_full_server_does_not_open_the_breaker() {
    let redis = cached_testkit::RedisServer::start().unwrap();
    let (clock, hand) = cached_core::Clock::manual();
    let builder = Cache::builder().namespace("full").redis(redis.url()).clock(clock);
    let cache = builder.build().unwrap();
    let source = Source::default();
    let ttl = Duration::from_secs(60);
    let load = async || source.load().await;
    let lasting = async || {
        let read = cache.read("k").tag("t").ttl(ttl).stale_if_error(ttl).local_off();
        read.or_load(load).await.unwrap()
    };
    let passing =
        async || cache.read("k").tag("t").ttl(ttl).local_off().or_load(load).await.unwrap();
    lasting().await;
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    for _ in 0..5 {
        cached_core::refresh_scope(lasting()).await;
    }
    hand.advance(ttl);
    for _ in 0..5 {
        lasting().await;
        passing().await;
    }
    assert_eq!((source.loads(), cache.stats().remote_faults), (16, 0));
    assert!(!cache.is_remote_down());
}

/// A full server takes no messages: every invalidation must be noticed all the same, not the first one only.
#[tokio::test]
async fn every_invalidation_on_a_full_server_is_noticed_by_other_processes() {
    let redis = cached_testkit::RedisServer::start().unwrap();
    let build = || Cache::builder().namespace("full").redis(redis.url()).build().unwrap();
    let (a, b) = (build(), build());
    listening(&a).await;
    listening(&b).await;
    let source = Source::default();
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    for _ in 0..3 {
        let old = read(&b, "k", &source).await;
        source.write();
        assert_eq!(a.remove("k").await, Delivery::Done);
        let noticed = || async { read(&b, "k", &source).await == old + 1 };
        cached_testkit::eventually("the other process has noticed", noticed).await;
    }
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    eventually("the stream has begun anew", || redis.cli(&["EXISTS", "full:bus"]) == "1").await;
    let (old, heard) = (read(&b, "k", &source).await, b.stats().invalidations_received);
    source.write();
    a.remove("k").await;
    eventually("messages arrive again", || b.stats().invalidations_received > heard).await;
    assert_eq!(read(&b, "k", &source).await, old + 1);
}

#[tokio::test]
async fn keys_on_the_server_are_named_as_documented() {
    let (a, _, namespace) = pair().await;
    let (school, id) = ("a:b", 7);
    a.read(key!("course:<school>:<id>"))
        .tag("t")
        .or_load(|| async { Ok::<_, Infallible>(1) })
        .await
        .unwrap();
    let mut names: Vec<_> = shared_redis()
        .cli(&["KEYS", &format!("{namespace}:*")])
        .lines()
        .map(str::to_owned)
        .collect();
    names.sort();
    let expected = ["bus", "k:course:a%3Ab:7", "t:t"].map(|name| format!("{namespace}:{name}"));
    assert_eq!(names, expected);
    assert_eq!(Key::from("course:a%3Ab:7"), key!("course:<school>:<id>"));
}

#[cached(key = "late", tags = ["u:<return>"], local = off)]
async fn late() -> u32 {
    1
}

/// What stands under a namespace, but for the stream. All of it ends by itself.
fn ending(redis: &cached_testkit::RedisServer) -> Vec<String> {
    let names = redis.cli(&["KEYS", "ends:*"]);
    let mut names: Vec<_> = names.lines().filter(|name| *name != "ends:bus").collect();
    names.sort_unstable();
    for name in &names {
        let left: i64 = redis.cli(&["PTTL", name]).parse().unwrap();
        assert!(left > 0, "{name} stands for ever");
    }
    names.into_iter().map(|name| name["ends:".len()..].to_owned()).collect()
}

/// Whatever is left when processes die goes: only the stream stays, which is bounded.
#[tokio::test]
async fn all_that_is_put_on_the_server_ends() {
    let redis = cached_testkit::RedisServer::start().unwrap();
    let (clock, hand) = cached_core::Clock::manual();
    let builder = Cache::builder().namespace("ends").redis(redis.url()).clock(clock);
    let builder = builder.operation_timeout(Duration::from_secs(60)).lease(Duration::from_secs(60));
    let cache = builder.synchronous_invalidation().build().unwrap();
    listening(&cache).await;
    eventually("it is on record", || redis.cli(&["EXISTS", "ends:hearing"]) == "1").await;
    assert_eq!(ending(&redis), ["hearing"]);
    let ttl = Duration::from_secs(60);
    let stands = async |expected: &[&str]| {
        assert_eq!(ending(&redis), expected);
        Ok::<_, Infallible>(1)
    };
    // A lease, a value; tags that are known only now.
    let read = cache.read("k").tag("t").ttl(ttl).stale_if_error(Ttl::DAY).local_off();
    let load = async || stands(&["hearing", "k:k", "t:t"]).await;
    assert_eq!(read.or_load(load).await, Ok(1));
    assert_eq!(cache.scope(late()).await, 1);
    let all = ["hearing", "k:k", "k:late", "seq", "t:t", "t:u:1"];
    assert_eq!(ending(&redis), all);
    // A lease beside a stale value.
    hand.advance(ttl);
    let read = cache.read("k").tag("t").ttl(ttl).stale_if_error(Ttl::DAY).local_off();
    let beside = ["hearing", "k:k", "k:late", "l:k", "seq", "t:t", "t:u:1"];
    assert_eq!(read.or_load(async || stands(&beside).await).await, Ok(1));
    assert_eq!(ending(&redis), all);
    // Leases and generations of many.
    let many = cache.read_many([1, 2], |id| key!("many:<id>")).tag(|_| "v".into()).local_off();
    let load = async |ids: Vec<u32>| {
        let mut with = [&all[..], &["k:many:1", "k:many:2", "t:v"]].concat();
        with.sort_unstable();
        assert_eq!(ending(&redis), with);
        Ok::<_, Infallible>(ids.into_iter().map(|id| (id, id)).collect())
    };
    let found: Result<std::collections::BTreeMap<u32, u32>, _> = many.or_load(load).await;
    assert_eq!(found.map(|found| found.len()), Ok(2));
    cache.set("set", 1_u32, ttl).await;
    assert_eq!(ending(&redis).len(), 10);
    // Removals: beside the marks of a process that lives, and of one that died before its mark ended.
    let now: u64 = redis.cli(&["TIME"]).lines().next().unwrap().parse().unwrap();
    let ends = |seconds: u64| (seconds * 1_000).to_string();
    redis.cli(&["ZADD", "ends:sweep", &ends(now + 600), "other", &ends(now - 600), "dead"]);
    cache.remove_tag("t").await;
    cache.remove_pattern(Pattern::parse("many:*").unwrap()).await;
    assert_eq!(redis.cli(&["ZRANGE", "ends:sweep", "0", "-1"]), "other");
    assert_eq!(ending(&redis), ["hearing", "k:k", "k:late", "k:set", "sweep", "t:u:1", "t:v"]);
    cache.clear().await;
    assert_eq!(ending(&redis), ["hearing", "sweep", "t:u:1", "t:v"]);
}

#[tokio::test]
async fn lifetimes_are_shortened_at_random_and_never_lengthened() {
    let namespace = unique_name("t");
    let cache = on_redis(&namespace).ttl_jitter(0.5).build().unwrap();
    let source = Source::default();
    let mut lives = Vec::new();
    for at in 0..40 {
        cache
            .read(format!("k{at}"))
            .ttl(Duration::from_secs(1_000))
            .or_load(|| source.load())
            .await
            .unwrap();
        let left: u64 =
            shared_redis().cli(&["PTTL", &format!("{namespace}:k:k{at}")]).parse().unwrap();
        assert!((490_000..=1_000_000).contains(&left), "{left}");
        lives.push(left / 10_000);
    }
    lives.sort_unstable();
    lives.dedup();
    assert!(lives.len() > 5, "spread out: {lives:?}");
}

#[tokio::test]
async fn a_prefix_pattern_reaches_keys_that_end_in_a_digest() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    let (id, long) = ("a", "y".repeat(600));
    let key = key!("lk:<id>:<long>");
    read(&a, key.as_str(), &source).await;
    read(&a, "other:1", &source).await;
    source.write();
    a.remove_pattern(key!("lk:<id>:*")).await;
    assert_eq!(read(&b, key.as_str(), &source).await, 1);
    assert_eq!(read(&a, key.as_str(), &source).await, 1);
    assert_eq!(read(&b, "other:1", &source).await, 0);
}

#[tokio::test]
async fn a_value_that_is_set_replaces_what_others_hold_and_what_is_being_loaded() {
    let (a, b, _) = pair().await;
    let (entered, wait_entered) = oneshot::channel();
    let (resume, wait_resume) = oneshot::channel::<()>();
    assert_eq!(b.read("k").or_load(async || Ok::<u32, Infallible>(1)).await, Ok(1));
    a.remove("k").await;
    let reader = a.clone();
    let slow = tokio::spawn(async move {
        let load = async || {
            let _ = entered.send(());
            let _ = wait_resume.await;
            Ok::<u32, Infallible>(2)
        };
        reader.read("k").or_load(load).await
    });
    wait_entered.await.unwrap();
    a.set("k", 3u32, Duration::from_secs(60)).await;
    assert_eq!(a.get::<u32>("k").await, Some(3), "it waits for nobody's load");
    resume.send(()).unwrap();
    assert_eq!(slow.await.unwrap(), Ok(2));
    assert_eq!(a.get::<u32>("k").await, Some(3), "the older load does not replace it");
    eventually("b has heard of both", || b.stats().invalidations_received == 2).await;
    assert_eq!(b.get::<u32>("k").await, Some(3));
    let stats = a.stats();
    assert_eq!(stats.loads, 1, "to set is not to load");
    cached_core::bypass_scope(a.set("k", 4u32, Duration::from_secs(60))).await;
    assert_eq!(a.get::<u32>("k").await, Some(4), "a scope changes reads, not this");
}
