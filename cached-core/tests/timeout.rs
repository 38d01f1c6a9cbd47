//! `timeout`: how long callers wait for a load, and what they get then. Both clocks stand still: the cache's is moved by
//! hand, tokio's jumps to the next timer when nothing else is to be done.

mod common;

use cached_core::remote::transport::Memory;
use cached_core::{
    Cache, Clock, ClockHand, LoadTimeout, ReadSource, cached, request_scope_with_report,
};
use common::{Slow, eventually, listening};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

const TTL: Duration = Duration::from_secs(10);
const LIMIT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq)]
enum Failure {
    Late(Duration),
    Broken,
    /// Not an error to serve a stale value for.
    Gone,
}

/// Not to be cloned.
#[derive(Debug, PartialEq)]
struct Alone(Failure);

/// A source whose answers come when the test lets them.
#[derive(Clone)]
struct Source {
    answers: Arc<Semaphore>,
    begun: Arc<AtomicU32>,
}

impl Source {
    fn new() -> Self {
        Self { answers: Arc::new(Semaphore::new(0)), begun: Arc::default() }
    }

    /// Every load gives the next number.
    async fn load(self) -> Result<u32, Failure> {
        let load = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        match self.answers.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_) => return Err(Failure::Broken),
        }
        Ok(load)
    }

    fn begun(&self) -> u32 {
        self.begun.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct World {
    cache: Cache,
    hand: ClockHand,
    source: Source,
}

impl World {
    fn new() -> Self {
        let (clock, hand) = Clock::manual();
        let cache = Cache::builder().clock(clock).build().unwrap();
        Self { cache, hand, source: Source::new() }
    }

    async fn strict(&self) -> Result<u32, Failure> {
        let read = self.cache.read("k").ttl(TTL).timeout(LIMIT, late);
        read.or_load(|| self.source.clone().load()).await
    }

    /// A load that cannot go on in the background.
    async fn tolerant(&self) -> Result<u32, Failure> {
        let read = self.cache.read("k").ttl(TTL).stale_if_error(TTL).timeout(LIMIT, late);
        read.or_load(|| self.source.clone().load()).await
    }

    async fn background(&self) -> Result<u32, Failure> {
        let source = self.source.clone();
        let read = self.cache.read("k").ttl(TTL).stale_if_error(TTL).timeout(LIMIT, late);
        read.or_load_owned(move || source.clone().load()).await
    }

    /// The first load gives a value; later ones take most of the limit to say that there is none.
    async fn gone(&self) -> Result<u32, Failure> {
        match self.source.begun.fetch_add(1, Ordering::SeqCst) + 1 {
            1 => Ok(1),
            _ => {
                tokio::time::sleep(LIMIT * 3 / 4).await;
                Err(Failure::Gone)
            }
        }
    }

    #[cached(cache = self.cache, key = "shared", ttl = "10s", timeout = "2s", timeout_error = |limit| Failure::Late(limit.limit()), stale_if_error = "10s",
        stale_if = |error| *error != Failure::Gone)]
    async fn refused(&self) -> Result<u32, Failure> {
        self.gone().await
    }

    /// The same, with an error that only one caller can have.
    #[cached(cache = self.cache, key = "own", ttl = "10s", timeout = "2s", timeout_error = |limit| Alone(late(limit)),
        stale_if_error = "10s", stale_if = |error| error.0 != Failure::Gone)]
    async fn refused_alone(&self) -> Result<u32, Alone> {
        self.gone().await.map_err(Alone)
    }

    /// Has a stale value.
    async fn stale(self) -> Self {
        self.source.answers.add_permits(1);
        assert_eq!(self.background().await, Ok(1));
        self.hand.advance(TTL);
        self
    }
}

fn late(limit: LoadTimeout) -> Failure {
    Failure::Late(limit.limit())
}

/// Lets other tasks run until they wait.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_load_that_takes_too_long_is_given_up() {
    let (world, began) = (World::new(), Instant::now());
    assert_eq!(world.strict().await, Err(Failure::Late(LIMIT)));
    assert_eq!(began.elapsed(), LIMIT);
    let stats = world.cache.stats();
    assert_eq!((stats.load_timeouts, stats.load_errors, world.cache.flights()), (1, 1, 0));
    world.source.answers.add_permits(1);
    assert_eq!(world.strict().await, Ok(2), "nothing was stored, and nobody is in the way");
    assert_eq!(world.strict().await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn who_waits_with_it_gives_up_with_it() {
    let world = World::new();
    let callers = (0..20).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { world.strict().await })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.unwrap(), Err(Failure::Late(LIMIT)));
    }
    let stats = world.cache.stats();
    assert_eq!((world.source.begun(), stats.load_timeouts), (1, 20));
    assert_eq!(stats.misses, 20, "each read counts once");
}

#[tokio::test(start_paused = true)]
async fn who_may_wait_for_longer_loads_next() {
    let world = World::new();
    let (early, source) = (world.clone(), world.source.clone());
    let leader = tokio::spawn(async move { early.strict().await });
    settle().await;
    let read = world.cache.read("k").ttl(TTL);
    let patient = read.or_load(|| async {
        source.answers.add_permits(1);
        source.clone().load().await
    });
    assert_eq!(patient.await, Ok(2));
    assert_eq!(leader.await.unwrap(), Err(Failure::Late(LIMIT)));
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_is_served_and_the_load_goes_on() {
    let (world, began) = (World::new().stale().await, Instant::now());
    assert_eq!(world.background().await, Ok(1));
    assert_eq!((began.elapsed(), world.source.begun()), (LIMIT, 2));
    assert_eq!(world.background().await, Ok(1), "and while it goes on, nobody loads beside it");
    assert_eq!((world.source.begun(), world.cache.stats().stale_hits), (2, 2));
    world.source.answers.add_permits(1);
    eventually("the load has ended", || world.cache.flights() == 0).await;
    assert_eq!((world.background().await, world.source.begun()), (Ok(2), 2));
}

/// The stale value is in the remote tier alone: the caller's own load is dropped, one in the background goes on.
#[tokio::test(start_paused = true)]
async fn a_source_that_is_always_slower_is_heard() {
    let (clock, hand) = Clock::manual();
    let builder = Cache::builder().clock(clock).transport(Memory::new()).local_off();
    let cache = builder.lease(10 * LIMIT).build().unwrap();
    listening(&cache).await;
    let world = World { cache, hand, source: Source::new() }.stale().await;
    for _ in 0..3 {
        assert_eq!(world.background().await, Ok(1));
        settle().await;
    }
    assert_eq!(world.source.begun(), 3, "one was dropped, one goes on");
    world.source.answers.add_permits(1);
    eventually("it has ended", || world.cache.flights() == 0).await;
    assert_eq!((world.background().await, world.source.begun()), (Ok(3), 3));
}

#[tokio::test(start_paused = true)]
async fn a_load_in_time_is_preferred_to_the_stale_value() {
    let world = World::new().stale().await;
    world.source.answers.add_permits(1);
    assert_eq!(world.background().await, Ok(2));
    assert_eq!(world.cache.stats().stale_hits, 0);
}

#[tokio::test(start_paused = true)]
async fn a_load_that_fails_in_time_leaves_the_stale_value() {
    let (world, began) = (World::new().stale().await, Instant::now());
    world.source.answers.close();
    assert_eq!(world.background().await, Ok(1));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

/// However late it comes: the load in the background is this caller's, and is not asked twice.
#[tokio::test(start_paused = true)]
async fn an_error_that_is_refused_in_time_is_the_callers() {
    let world = World::new();
    assert_eq!(world.refused().await, Ok(1));
    world.hand.advance(TTL);
    let both = tokio::join!(world.refused(), world.refused());
    assert_eq!(both, (Err(Failure::Gone), Err(Failure::Gone)));
    assert_eq!(world.source.begun(), 2);
}

/// It cannot be told to the caller, who asks for itself, and is not served what it was refused for when its time is over.
#[tokio::test(start_paused = true)]
async fn an_error_that_is_refused_is_not_answered_with_a_stale_value_though_it_cannot_be_told() {
    let world = World::new();
    assert_eq!(world.refused_alone().await, Ok(1));
    world.hand.advance(TTL);
    assert_eq!(world.refused_alone().await, Err(Alone(Failure::Late(LIMIT))));
    assert_eq!(world.source.begun(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_load_that_borrows_is_dropped_where_the_stale_value_is_served() {
    let world = World::new().stale().await;
    assert_eq!(world.tolerant().await, Ok(1));
    assert_eq!((world.source.begun(), world.cache.flights()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_invalidated_meanwhile_is_not_served_stale() {
    let world = World::new().stale().await;
    let caller = {
        let world = world.clone();
        tokio::spawn(async move { world.background().await })
    };
    settle().await;
    world.cache.remove("k").await;
    assert_eq!(caller.await.unwrap(), Err(Failure::Late(LIMIT)));
}

/// The look-up takes four seconds of an operation timeout of five.
#[tokio::test(start_paused = true)]
async fn what_the_tiers_take_does_not_count() {
    let slow = Slow::new(Memory::new());
    let operations = Duration::from_secs(5);
    let builder = Cache::builder().transport(slow.clone()).operation_timeout(operations);
    let world = World { cache: builder.build().unwrap(), ..World::new() };
    let answer = slow.keep_answer("cached:k:k", 0);
    let callers = [world.clone(), world.clone()]
        .map(|world| tokio::spawn(async move { world.strict().await }));
    settle().await;
    tokio::time::sleep(2 * LIMIT).await;
    assert!(slow.has_caught());
    answer.send(()).unwrap();
    tokio::time::sleep(LIMIT / 2).await;
    world.source.answers.add_permits(1);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Ok(1));
    }
}

#[tokio::test(start_paused = true)]
async fn another_process_is_waited_for_no_longer_than_that() {
    let server = Memory::new();
    let build = || {
        let builder = Cache::builder().transport(server.clone()).lease(Duration::from_secs(60));
        World { cache: builder.build().unwrap(), ..World::new() }
    };
    let (holder, world) = (build(), build());
    listening(&world.cache).await;
    let read = holder.cache.read("k");
    let held = read.or_load(|| async {
        assert_eq!(world.strict().await, Err(Failure::Late(LIMIT)));
        Ok::<u32, Failure>(7)
    });
    assert_eq!(held.await, Ok(7));
    assert_eq!((world.source.begun(), world.strict().await), (0, Ok(7)));
}

/// The leader itself has no limit: it is its follower's time.
#[tokio::test(start_paused = true)]
async fn another_process_is_waited_for_no_longer_than_that_by_who_follows() {
    let server = Memory::new();
    let build = || {
        let builder = Cache::builder().transport(server.clone()).lease(Duration::from_secs(60));
        World { cache: builder.build().unwrap(), ..World::new() }
    };
    let (holder, world) = (build(), build());
    listening(&world.cache).await;
    let mut leaders = Vec::new();
    let read = holder.cache.read("k");
    let held = read.or_load(|| async {
        let leader = world.clone();
        leaders.push(tokio::spawn(async move {
            let source = leader.source.clone();
            leader.cache.read("k").ttl(TTL).or_load(|| source.load()).await
        }));
        settle().await;
        let began = Instant::now();
        assert_eq!(world.strict().await, Err(Failure::Late(LIMIT)));
        assert!(began.elapsed() < 2 * LIMIT);
        Ok::<u32, Failure>(7)
    });
    assert_eq!(held.await, Ok(7));
    assert_eq!(leaders.pop().unwrap().await.unwrap(), Ok(7));
    assert_eq!(world.source.begun(), 0);
}

/// Who has most of its time left loads anew; who has not does not, or each of many would in turn.
#[tokio::test(start_paused = true)]
async fn who_joined_late_does_not_give_up_with_the_leader() {
    let world = World::new();
    let strict = || {
        let world = world.clone();
        tokio::spawn(async move { world.strict().await })
    };
    let leader = strict();
    tokio::time::sleep(LIMIT / 4).await;
    let second = strict();
    tokio::time::sleep(LIMIT / 2).await;
    let late = strict();
    assert_eq!(leader.await.unwrap(), Err(Failure::Late(LIMIT)));
    assert_eq!(second.await.unwrap(), Err(Failure::Late(LIMIT)));
    world.source.answers.add_permits(1);
    assert_eq!((late.await.unwrap(), world.source.begun()), (Ok(2), 2));
}

/// In `Cache-Status`, and for who warms: the source was asked and had nothing.
#[tokio::test(start_paused = true)]
async fn a_stale_value_of_another_load_is_told_as_stale() {
    let world = World::new().stale().await;
    world.source.answers.close();
    let (value, report) = request_scope_with_report(world.background()).await;
    assert_eq!((value, report.count(ReadSource::Stale)), (Ok(1), 1), "one in the background");
    let stats = world.cache.stats();
    assert_eq!((stats.stale_hits, stats.shared, stats.load_errors), (1, 0, 1), "read once");

    let world = World::new().stale().await;
    let both = async {
        let tolerant = || request_scope_with_report(world.tolerant());
        let fails = async {
            settle().await;
            world.source.answers.close();
        };
        tokio::join!(tolerant(), tolerant(), fails)
    };
    let (leader, follower, ()) = both.await;
    for (value, report) in [leader, follower] {
        assert_eq!((value, report.count(ReadSource::Stale)), (Ok(1), 1), "one of another caller");
    }
    let stats = world.cache.stats();
    assert_eq!((stats.stale_hits, stats.shared, stats.load_errors), (2, 0, 1));
}

/// What a load in the background brings is told to whoever waits for it; what that load reads elsewhere is not.
#[tokio::test(start_paused = true)]
async fn a_key_of_the_same_name_in_another_cache_is_another_key() {
    let (world, inner) = (World::new(), Cache::builder().build().unwrap());
    let read = async || {
        let inner = inner.clone();
        let load = move || {
            let inner = inner.clone();
            async move {
                inner.read("k").or_load(async || Ok::<u32, Failure>(1)).await.map(|raw| raw + 100)
            }
        };
        let read = world.cache.read("k").ttl(TTL).stale_if_error(TTL).timeout(LIMIT, late);
        read.or_load_owned(load).await
    };
    assert_eq!(read().await, Ok(101));
    world.hand.advance(TTL);
    assert_eq!(read().await, Ok(101));
    assert_eq!((world.cache.stats().loads, inner.stats().loads), (2, 1));
}
