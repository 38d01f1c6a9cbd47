//! Stale windows and early refresh, on a clock that stands still until it is moved.

mod common;

use cached_core::remote::transport::Memory;
use cached_core::{
    Cache, Clock, ClockHand, ReadSource, cached, refresh_scope, request_scope,
    request_scope_with_report,
};
use common::{Slow, eventually, listening};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(10);

struct World {
    cache: Cache,
    hand: ClockHand,
    source: Source,
}

#[derive(Clone, Default)]
struct Source {
    loads: Arc<AtomicU32>,
    broken: Arc<AtomicBool>,
}

impl Source {
    /// Every load gives the next number.
    async fn load(self) -> Result<u32, String> {
        let load = self.loads.fetch_add(1, Ordering::SeqCst) + 1;
        if self.broken.load(Ordering::SeqCst) { Err("broken".into()) } else { Ok(load) }
    }

    fn loads(&self) -> u32 {
        self.loads.load(Ordering::SeqCst)
    }
}

impl World {
    fn new() -> Self {
        let (clock, hand) = Clock::manual();
        let cache = Cache::builder().clock(clock).build().unwrap();
        Self { cache, hand, source: Source::default() }
    }

    /// The same without a remote tier, and with one.
    fn both() -> [Self; 2] {
        let (clock, hand) = Clock::manual();
        let cache = Cache::builder().clock(clock).transport(Memory::new()).build().unwrap();
        [Self::new(), Self { cache, hand, source: Source::default() }]
    }

    async fn revalidated(&self) -> Result<u32, String> {
        let source = self.source.clone();
        let read = self.cache.read("k").ttl(TTL).tag("t").stale_while_revalidate(TTL);
        read.or_load_owned(move || source.clone().load()).await
    }

    async fn tolerant(&self) -> Result<u32, String> {
        let read = self.cache.read("k").ttl(TTL).stale_if_error(TTL);
        read.or_load(|| self.source.clone().load()).await
    }

    fn advance(&self, by: Duration) {
        self.hand.advance(by);
    }
}

#[tokio::test]
async fn a_stale_value_is_served_while_one_task_loads_it_anew() {
    let world = World::new();
    assert_eq!(world.revalidated().await, Ok(1));
    world.advance(TTL);
    for _ in 0..20 {
        assert_eq!(world.revalidated().await, Ok(1), "nobody waits");
    }
    eventually("the background load has ended", || world.source.loads() == 2).await;
    eventually("the new value is served", || world.cache.flights() == 0).await;
    assert_eq!((world.revalidated().await, world.source.loads()), (Ok(2), 2));
    let stats = world.cache.stats();
    assert_eq!((stats.misses, stats.stale_hits, stats.local_hits), (1, 20, 1), "each read once");
}

/// The task finds what another process has loaded: nobody has read that.
#[tokio::test]
async fn a_look_up_in_the_background_is_no_read() {
    let (clock, hand) = Clock::manual();
    let server = Memory::new();
    let source = Source::default();
    let build = || {
        let cache = Cache::builder().clock(clock.clone()).transport(server.clone());
        let (cache, hand) = (cache.build().unwrap(), hand.clone());
        World { cache, hand, source: source.clone() }
    };
    let (here, there) = (build(), build());
    listening(&here.cache).await;
    listening(&there.cache).await;
    assert_eq!((here.revalidated().await, there.revalidated().await), (Ok(1), Ok(1)));
    hand.advance(TTL);
    assert_eq!(here.revalidated().await, Ok(1));
    eventually("one has loaded it anew", || here.cache.stats().fills == 2).await;
    let is_trusted = || there.cache.health().remote.is_some_and(|remote| !remote.is_cut_off);
    eventually("the other has heard that nothing was invalidated", is_trusted).await;
    assert_eq!(there.revalidated().await, Ok(1));
    eventually("the other has it", || there.cache.flights() == 0).await;
    cached_testkit::eventually("it is served", async || there.revalidated().await == Ok(2)).await;
    let stats = there.cache.stats();
    let stale = stats.stale_hits;
    assert_eq!((stats.remote_hits, stats.loads, stats.shared, stats.misses), (1, 0, 0, 0));
    assert!((1..10).contains(&stale) && stats.local_hits == 1, "{stats:?}");
}

#[tokio::test]
async fn after_the_window_callers_wait_for_the_load() {
    let world = World::new();
    assert_eq!(world.revalidated().await, Ok(1));
    world.advance(TTL + TTL);
    assert_eq!(world.revalidated().await, Ok(2));
    assert_eq!(world.cache.stats().stale_hits, 0);
}

/// Stale by age is served; stale by an invalidation never is.
#[tokio::test]
async fn what_was_invalidated_is_not_served_stale() {
    for by_tag in [false, true] {
        let world = World::new();
        assert_eq!(world.revalidated().await, Ok(1));
        world.advance(TTL);
        if by_tag {
            world.cache.remove_tag("t").await;
        } else {
            world.cache.remove("k").await;
        }
        assert_eq!(world.revalidated().await, Ok(2), "by_tag {by_tag}");
    }
}

#[tokio::test]
async fn a_background_load_that_fails_is_tried_again() {
    let world = World::new();
    assert_eq!(world.revalidated().await, Ok(1));
    world.advance(TTL);
    world.source.broken.store(true, Ordering::SeqCst);
    assert_eq!(world.revalidated().await, Ok(1));
    eventually("it has failed", || world.source.loads() == 2 && world.cache.flights() == 0).await;
    world.source.broken.store(false, Ordering::SeqCst);
    // The right to refresh is given back when the task ends.
    eventually("the next read tries again", || {
        let mut read = std::pin::pin!(world.revalidated());
        let _ = read.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        world.source.loads() >= 3
    })
    .await;
}

/// Without the macros: the loader borrows, owns, and is waited for no longer than a limit.
#[tokio::test]
async fn a_refused_error_is_the_callers() {
    let world = World::new();
    let loaded = || {
        let (borrowed, owned) = (world.source.clone(), world.source.clone());
        let read = |key: &str, refused: &'static str| {
            let read = world.cache.read(key.to_owned()).ttl(TTL).stale_if_error(TTL);
            read.stale_if(move |error: &String| error != refused)
        };
        let limit = Duration::from_secs(60);
        async move {
            let refused = read("borrowed", "broken").or_load(|| borrowed.load()).await;
            let owned = move || owned.clone().load();
            let accepted = read("owned", "other").or_load_owned(owned.clone()).await;
            let limited = read("limited", "broken").timeout(limit, |_| "late".into());
            (refused, accepted, limited.or_load_owned(owned).await)
        }
    };
    assert_eq!(loaded().await, (Ok(1), Ok(2), Ok(3)));
    world.advance(TTL);
    world.source.broken.store(true, Ordering::SeqCst);
    let broken = || Err("broken".to_owned());
    assert_eq!(loaded().await, (broken(), Ok(2), broken()));
}

#[tokio::test]
async fn an_error_is_answered_with_the_stale_value_within_its_window() {
    let world = World::new();
    assert_eq!(world.tolerant().await, Ok(1));
    world.source.broken.store(true, Ordering::SeqCst);
    world.advance(TTL);
    assert_eq!(world.tolerant().await, Ok(1));
    assert_eq!(world.source.loads(), 2, "it was tried");
    let stats = world.cache.stats();
    assert_eq!((stats.misses, stats.stale_hits), (1, 1), "each read once");
    world.cache.remove("k").await;
    assert_eq!(world.tolerant().await, Err("broken".into()), "not after an invalidation");
}

#[tokio::test]
async fn after_its_window_an_error_is_an_error() {
    let world = World::new();
    assert_eq!(world.tolerant().await, Ok(1));
    world.source.broken.store(true, Ordering::SeqCst);
    world.advance(TTL + TTL);
    assert_eq!(world.tolerant().await, Err("broken".into()));
}

/// Not worth keeping after the first load.
const FIRST: fn(&u32) -> bool = |value| *value == 1;

#[tokio::test]
async fn a_refresh_with_nothing_to_keep_ends_the_older_value() {
    for world in World::both() {
        let read = || {
            let read = world.cache.read("k").ttl(TTL).cache_if(FIRST);
            read.or_load(|| world.source.clone().load())
        };
        assert_eq!(read().await, Ok(1));
        assert_eq!(refresh_scope(read()).await, Ok(2));
        assert_eq!(read().await, Ok(3), "and not the older one");
    }
}

#[tokio::test]
async fn a_background_load_with_nothing_to_keep_ends_the_stale_value() {
    for world in World::both() {
        let read = || {
            let source = world.source.clone();
            let read = world.cache.read("k").ttl(TTL).stale_while_revalidate(TTL).cache_if(FIRST);
            read.or_load_owned(move || source.clone().load())
        };
        assert_eq!(read().await, Ok(1));
        world.advance(TTL);
        assert_eq!(read().await, Ok(1), "stale");
        let ended = async {
            while read().await == Ok(1) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(TTL, ended).await.expect("the background load ends it");
    }
}

#[tokio::test]
async fn a_load_with_nothing_to_keep_leaves_nothing_for_errors() {
    for world in World::both() {
        let read = || {
            let read = world.cache.read("k").ttl(TTL).stale_if_error(TTL).cache_if(FIRST);
            read.or_load(|| world.source.clone().load())
        };
        assert_eq!(read().await, Ok(1));
        world.advance(TTL);
        assert_eq!(read().await, Ok(2));
        world.source.broken.store(true, Ordering::SeqCst);
        assert_eq!(read().await, Err("broken".into()));
    }
}

/// Loads that overlap: the one that says "nothing" began before the value that is there was put.
#[tokio::test]
async fn a_load_with_nothing_to_keep_spares_a_newer_value() {
    for world in World::both() {
        let (begun, end) = (Arc::new(tokio::sync::Notify::new()), tokio::sync::Notify::new());
        let read = world.cache.read("k").cache_if(|_: &u32| false);
        let slow = read.or_load(|| async {
            begun.notify_one();
            end.notified().await;
            Ok::<_, String>(1)
        });
        let put = async {
            begun.notified().await;
            world.cache.set("k", 2_u32, TTL).await;
            end.notify_one();
        };
        assert_eq!(tokio::join!(slow, put).0, Ok(1));
        assert_eq!(world.cache.get("k").await, Some(2_u32));
    }
}

/// Two functions share the key, and the flight.
#[tokio::test]
async fn two_functions_of_one_key_share_neither_error_nor_stale_value_unless_both_may() {
    #[cached(cache = cache, key = "k", ttl = "10s", skip(cache, source))]
    async fn strict(cache: &Cache, source: &Source) -> Result<u32, String> {
        tokio::task::yield_now().await;
        source.clone().load().await
    }
    #[cached(cache = cache, key = "k", ttl = "10s", stale_if_error = "10s", skip(cache, source))]
    async fn tolerant(cache: &Cache, source: &Source) -> Result<u32, String> {
        tokio::task::yield_now().await;
        source.clone().load().await
    }
    let World { cache, hand, source } = World::new();
    assert_eq!(tolerant(&cache, &source).await, Ok(1));
    source.broken.store(true, Ordering::SeqCst);
    hand.advance(TTL);
    let both = tokio::join!(strict(&cache, &source), tolerant(&cache, &source));
    assert_eq!(both, (Err("broken".into()), Ok(1)));
    assert_eq!(source.loads(), 2, "there was one flight");

    // The other way round: what one may serve, the other may not.
    let both = tokio::join!(tolerant(&cache, &source), strict(&cache, &source));
    assert_eq!(both, (Ok(1), Err("broken".into())));
    assert_eq!(source.loads(), 4, "each has asked for itself");
    let both = tokio::join!(tolerant(&cache, &source), tolerant(&cache, &source));
    assert_eq!((both, source.loads()), ((Ok(1), Ok(1)), 5));
}

/// The stale value is in the remote tier alone.
#[tokio::test]
async fn a_refresh_that_fails_has_the_value_of_the_remote_tier() {
    let (clock, _hand) = Clock::manual();
    let builder = Cache::builder().clock(clock).transport(Memory::new()).local_off();
    let world = World { cache: builder.build().unwrap(), ..World::new() };
    listening(&world.cache).await;
    assert_eq!(world.tolerant().await, Ok(1));
    world.source.broken.store(true, Ordering::SeqCst);
    assert_eq!(refresh_scope(world.tolerant()).await, Ok(1));
    assert_eq!((world.tolerant().await, world.source.loads()), (Ok(1), 2), "it is there yet");
}

/// Two processes on one server; what the second asks may be answered late.
#[tokio::test]
async fn who_may_load_anew_looks_whether_somebody_has() {
    let (clock, hand) = Clock::manual();
    let server = Memory::new();
    let (slow, source) = (Slow::new(server.clone()), Source::default());
    let build = |builder: cached_core::CacheBuilder| World {
        cache: builder.clock(clock.clone()).build().unwrap(),
        hand: hand.clone(),
        source: source.clone(),
    };
    let first = build(Cache::builder().transport(server));
    let second = Arc::new(build(Cache::builder().transport(slow.clone())));
    assert_eq!(first.tolerant().await, Ok(1));
    hand.advance(TTL);
    let answer = slow.keep_answer("cached:k:k", 0);
    let late = tokio::spawn({
        let second = second.clone();
        async move { second.tolerant().await }
    });
    eventually("it has found the stale entry", || slow.has_caught()).await;
    assert_eq!(first.tolerant().await, Ok(2));
    answer.send(()).unwrap();
    assert_eq!((late.await.unwrap(), source.loads()), (Ok(2), 2));
}

/// Another version of the application has windows, and so the server keeps its entries beyond their lifetime.
#[tokio::test]
async fn a_read_without_windows_serves_nothing_whose_lifetime_has_ended() {
    let (clock, hand) = Clock::manual();
    let server = Memory::new();
    let build = || {
        let builder = Cache::builder().transport(server.clone()).clock(clock.clone());
        builder.ttl_jitter(0.0).build().unwrap()
    };
    let source = Source::default();
    let with = World { cache: build(), hand: hand.clone(), source: source.clone() };
    let without = build();
    let read =
        async || without.read("k").ttl(TTL).local_off().or_load(|| source.clone().load()).await;
    assert_eq!(with.tolerant().await, Ok(1));
    hand.advance(TTL - Duration::from_millis(1));
    assert_eq!(read().await, Ok(1), "fresh");
    hand.advance(Duration::from_millis(1));
    assert_eq!(read().await, Ok(2), "kept for those who have windows");
    assert_eq!((read().await, with.tolerant().await), (Ok(2), Ok(2)), "replaced for everybody");
    assert_eq!(without.stats().undecodable, 0);
}

/// How likely an early refresh is is tested beside its formula; here, that a free load is never done early.
#[tokio::test]
async fn a_free_value_is_not_loaded_early() {
    let world = World::new();
    for _ in 0..1_000 {
        let read = world.cache.read("k").ttl(TTL).early_refresh();
        assert_eq!(read.or_load(|| world.source.clone().load()).await, Ok(1));
    }
}

/// Two processes, and a value whose load is dear: near its end, nearly every read would load it anew.
struct Pair {
    early: Cache,
    other: Cache,
    hand: ClockHand,
    source: Source,
}

impl Pair {
    async fn near_the_end() -> Arc<Self> {
        let (clock, hand) = Clock::manual();
        let server = Memory::new();
        let build = || {
            let builder = Cache::builder().transport(server.clone()).clock(clock.clone());
            builder.ttl_jitter(0.0).build().unwrap()
        };
        let (early, other) = (build(), build());
        listening(&early).await;
        listening(&other).await;
        let pair = Self { early, other, hand, source: Source::default() };
        let dear = || async {
            let began = std::time::Instant::now();
            while began.elapsed() < Duration::from_millis(20) {}
            pair.source.clone().load().await
        };
        assert_eq!(pair.early.read("k").ttl(TTL).or_load(dear).await, Ok(1));
        pair.hand.advance(TTL - Duration::from_millis(1));
        // The moved clock makes the backplane unheard of late: a copy that is read now is trusted.
        assert_eq!(pair.early.read("k").ttl(TTL).or_load(dear).await, Ok(1));
        Arc::new(pair)
    }

    /// In a task of its own, as another request would be: not within the load that goes on.
    async fn another(self: &Arc<Self>) -> Result<u32, String> {
        let pair = self.clone();
        let read = async move { pair.refresh(|| async { Err("loaded twice".into()) }).await };
        tokio::spawn(read).await.unwrap()
    }

    async fn refresh<F: Future<Output = Result<u32, String>>>(
        &self,
        load: impl FnOnce() -> F,
    ) -> Result<u32, String> {
        self.early.read("k").ttl(TTL).early_refresh().or_load(load).await
    }

    async fn others(&self) -> Result<u32, String> {
        let load = || async { Err("the other process has loaded".into()) };
        self.other.read("k").ttl(TTL).local_off().or_load(load).await
    }
}

#[tokio::test]
async fn an_early_load_that_fails_leaves_the_fresh_value() {
    let pair = Pair::near_the_end().await;
    pair.source.broken.store(true, Ordering::SeqCst);
    for _ in 0..50 {
        assert_eq!(pair.refresh(|| pair.source.clone().load()).await, Ok(1));
    }
    assert!(pair.source.loads() > 1, "it was tried");
    pair.early.remove("k").await;
    let after = pair.refresh(|| pair.source.clone().load()).await;
    assert_eq!(after, Err("broken".into()), "not after an invalidation");
}

#[tokio::test]
async fn while_one_loads_early_the_others_are_served() {
    for invalidated in [false, true] {
        let pair = Pair::near_the_end().await;
        let mut seen = 1;
        while seen == 1 {
            let load = || async {
                assert_eq!(
                    pair.others().await,
                    Ok(1),
                    "the entry stays while its successor is made"
                );
                assert_eq!(pair.another().await, Ok(1));
                if invalidated {
                    pair.other.remove("k").await;
                }
                Ok(2)
            };
            seen = pair.refresh(load).await.unwrap();
        }
        let expected = if invalidated { Err("the other process has loaded".into()) } else { Ok(2) };
        assert_eq!(pair.others().await, expected, "invalidated {invalidated}");
    }
}

/// Each process has a caller that would load it early: one of them does, and nobody waits for it.
#[tokio::test]
async fn one_process_loads_early_for_all() {
    let pair = Pair::near_the_end().await;
    let no_load = || async { Err::<u32, String>("the other process has loaded".into()) };
    assert_eq!(pair.other.read("k").ttl(TTL).or_load(no_load).await, Ok(1), "both have copies");
    let mut seen = 1;
    while seen == 1 {
        let load = || async {
            for _ in 0..50 {
                let other = pair.clone();
                let read = async move {
                    let read = other.other.read("k").ttl(TTL).early_refresh();
                    read.or_load(async || Ok::<u32, String>(3)).await
                };
                assert_eq!(tokio::spawn(read).await.unwrap(), Ok(1));
            }
            Ok(2)
        };
        seen = pair.refresh(load).await.unwrap();
    }
    assert_eq!(pair.others().await, Ok(2));
}

/// And once more within the request, what it has read stays.
#[tokio::test]
async fn a_request_loads_early_too() {
    let pair = Pair::near_the_end().await;
    let fails = || async { Err("loaded twice".into()) };
    let mut requests = 0;
    let mut seen = 1;
    while seen == 1 {
        requests += 1;
        assert!(requests < 200, "no request loads early");
        seen = request_scope(async {
            let first = pair.refresh(|| async { Ok(2) }).await.unwrap();
            assert_eq!(pair.refresh(fails).await, Ok(first));
            first
        })
        .await;
    }
    assert_eq!(pair.others().await, Ok(2));
}

#[tokio::test]
async fn while_one_loads_early_requests_have_the_value_on_their_account() {
    let pair = Pair::near_the_end().await;
    let fails = || async { Err("loaded twice".into()) };
    let of_a_request = async || {
        let pair = pair.clone();
        let twice = async move { (pair.refresh(fails).await, pair.refresh(fails).await) };
        tokio::spawn(request_scope_with_report(twice)).await.unwrap()
    };
    let load = || async {
        for _ in 0..50 {
            let (values, report) = of_a_request().await;
            assert_eq!(values, (Ok(1), Ok(1)));
            let sources: Vec<_> = report.reads.iter().map(|read| read.source).collect();
            assert_eq!(sources, [ReadSource::Local, ReadSource::Request]);
        }
        Ok(2)
    };
    while pair.refresh(load).await.unwrap() == 1 {}
}

/// The other process holds the key's lease: nobody here waits for it.
#[tokio::test]
async fn an_early_load_waits_for_nobody() {
    let pair = Pair::near_the_end().await;
    let load = || async {
        for _ in 0..50 {
            assert_eq!(pair.another().await, Ok(1));
        }
        Ok::<u32, String>(2)
    };
    let refreshed = refresh_scope(pair.other.read("k").ttl(TTL).or_load(load)).await;
    assert_eq!(refreshed, Ok(2));
}

/// What a loader does before it gives its future is a part of the load.
#[tokio::test]
async fn a_loader_is_not_called_where_the_cache_answers() {
    let (world, calls) = (World::new(), Arc::new(AtomicU32::new(0)));
    for _ in 0..3 {
        let (one, other) = (calls.clone(), calls.clone());
        let load = move || {
            one.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok::<u32, String>(1))
        };
        world.cache.read("one").or_load_owned(load).await.unwrap();
        let load = move || {
            other.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok::<u32, String>(1))
        };
        world.cache.read("other").stale_if(|_| true).or_load_owned(load).await.unwrap();
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

/// However far the reader's clock is behind the writer's: a copy lives one lifetime at most.
#[tokio::test]
async fn clocks_that_differ_do_not_prolong_a_copy() {
    let server = Memory::new();
    let cache = async || {
        let (clock, hand) = Clock::manual();
        // Trusted all the time.
        let builder = Cache::builder().transport(server.clone()).clock(clock);
        let cache =
            builder.backplane_timeout(Duration::from_secs(80_000)).ttl_jitter(0.0).build().unwrap();
        listening(&cache).await;
        (cache, hand)
    };
    let ((ahead, ahead_hand), (behind, behind_hand)) = (cache().await, cache().await);
    ahead_hand.advance(Duration::from_secs(3_600));
    let source = Source::default();
    let read = async |cache: &Cache| {
        cache.read("k").ttl(TTL).or_load(|| source.clone().load()).await.unwrap()
    };
    assert_eq!((read(&ahead).await, read(&behind).await), (1, 1));
    let hits = || (behind.stats().local_hits, behind.stats().remote_hits);
    assert_eq!(hits(), (0, 1));
    behind_hand.advance(TTL - Duration::from_millis(1));
    read(&behind).await;
    assert_eq!(hits(), (1, 1));
    behind_hand.advance(Duration::from_millis(1));
    read(&behind).await;
    assert_eq!(hits(), (1, 2), "the copy has ended");
}
