//! Reads inside loads: what is stored for everybody rests on nothing that was invalidated elsewhere before its load
//! began, also while the message of that is on its way.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, Clock, Invalidation, Pattern, request_scope};
use common::{Deaf, Source, eventually, listening};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Two caches on one server; the second does not hear the first once it is deaf.
struct World {
    server: Memory,
    near: Cache,
    deaf: Cache,
    source: Source,
    hand: cached_core::ClockHand,
}

impl World {
    async fn new() -> Self {
        let server = Memory::new();
        // The clock stands still: the second process trusts its local tier for ever.
        let (clock, hand) = Clock::manual();
        let near = Cache::builder().transport(server.clone()).clock(clock.clone()).build().unwrap();
        let ears = Deaf::new(server.clone());
        let deaf = Cache::builder().transport(ears.clone()).clock(clock).build().unwrap();
        listening(&near).await;
        listening(&deaf).await;
        ears.stop_hearing();
        Self { server, near, deaf, source: Source::default(), hand }
    }

    async fn inner(&self, cache: &Cache) -> u32 {
        let Ok(value) = cache.read("inner").or_load(|| self.source.load()).await;
        value
    }

    async fn outer(&self, cache: &Cache) -> u32 {
        let load = || async { Ok::<_, Infallible>(self.inner(cache).await) };
        let Ok(value) = cache.read("outer").or_load(load).await;
        value
    }

    async fn write(&self) {
        self.source.write();
        self.near.invalidate(Invalidation::new().key("inner").key("outer")).await;
    }
}

#[tokio::test]
async fn a_load_does_not_rest_on_a_local_copy() {
    let world = World::new().await;
    assert_eq!(world.inner(&world.deaf).await, 0);
    world.write().await;
    assert_eq!(world.inner(&world.deaf).await, 0, "the message has not come");
    assert_eq!(world.outer(&world.deaf).await, 1);
    assert_eq!(world.outer(&world.near).await, 1, "what was stored is not older than its load");
}

#[tokio::test]
async fn a_load_does_not_rest_on_what_its_request_has_read() {
    let world = World::new().await;
    request_scope(async {
        assert_eq!(world.inner(&world.deaf).await, 0);
        world.write().await;
        assert_eq!(world.outer(&world.deaf).await, 1);
    })
    .await;
    assert_eq!(world.outer(&world.near).await, 1);
}

#[tokio::test]
async fn a_load_joins_no_flight_that_is_older() {
    let world = Arc::new(World::new().await);
    let (entered, resume) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (world, entered, resume) = (world.clone(), entered.clone(), resume.clone());
        tokio::spawn(async move {
            let load = || async {
                let value = world.source.load().await;
                entered.notify_one();
                resume.notified().await;
                value
            };
            world.deaf.read("inner").or_load(load).await
        })
    };
    entered.notified().await;
    world.write().await;
    assert_eq!(world.outer(&world.deaf).await, 1);
    resume.notify_one();
    assert_eq!(slow.await.unwrap(), Ok(0));
    assert_eq!(world.outer(&world.near).await, 1);
}

#[tokio::test]
async fn a_value_that_is_only_looked_at_in_a_load_counts_as_well() {
    let world = World::new().await;
    assert_eq!(world.inner(&world.deaf).await, 0);
    world.write().await;
    let load = async || Ok::<_, Infallible>(world.deaf.get::<u32>("inner").await);
    assert_eq!(world.deaf.read("outer").or_load(load).await, Ok(None), "removed from the server");
}

/// Where a load may rest on a local copy (nothing is stored for others), it is as old as that copy: a process that
/// hears nothing serves neither for long.
#[tokio::test]
async fn a_load_is_as_old_as_what_it_rests_on() {
    let world = World::new().await;
    world.server.set_away(true);
    assert_eq!(world.inner(&world.deaf).await, 0);
    world.hand.advance(Duration::from_millis(1_500));
    assert_eq!((world.outer(&world.deaf).await, world.source.loads()), (0, 1));
    world.source.write();
    world.hand.advance(Duration::from_millis(1_000));
    assert_eq!(world.outer(&world.deaf).await, 1, "2.5 s old, and the backplane is not heard");
}

/// Nobody can see that the task belongs to the load; so nobody waits for a flight for ever.
#[tokio::test(start_paused = true)]
async fn a_load_that_waits_for_a_task_that_reads_its_key_ends() {
    let cache = Cache::builder().transport(Memory::new()).build().unwrap();
    let load = || async {
        let cache = cache.clone();
        let task = async move { cache.read("k").or_load(async || Ok::<_, Infallible>(7)).await };
        tokio::spawn(task).await.unwrap()
    };
    let read = cache.read("k").or_load(load);
    let day = Duration::from_secs(86_400);
    assert_eq!(tokio::time::timeout(day, read).await.expect("it hangs"), Ok(7));
}

/// A server on which one step of an invalidation, and what comes after it, takes as long as the test wants.
#[derive(Clone)]
struct SlowRemoval {
    server: Memory,
    step: [&'static str; 2],
    reached: Arc<AtomicBool>,
    go_on: Arc<Notify>,
}

impl Transport for SlowRemoval {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move {
            let is_step = |command: &Command| {
                let has = |word: &str| command.args().any(|arg| arg == word.as_bytes());
                has(self.step[0]) && has(self.step[1])
            };
            let position = commands.iter().position(is_step);
            // The first time only.
            let position = position.filter(|_| !self.reached.load(Ordering::SeqCst));
            let Some(position) = position else {
                return self.server.pipeline(commands).await;
            };
            let mut before = commands;
            let after = before.split_off(position);
            let mut replies = self.server.pipeline(before).await?;
            self.reached.store(true, Ordering::SeqCst);
            self.go_on.notified().await;
            replies.extend(self.server.pipeline(after).await?);
            Ok(replies)
        })
    }

    common::in_all_else_as!(server);

    fn is_spread(&self) -> bool {
        true
    }
}

const INNER_IS_REMOVED: [&str; 2] = ["UNLINK", "cached:k:inner"];
const NOTICE_IS_PUT_UP: [&str; 2] = ["EVAL", "cached:sweep"];

/// A value that is loaded between the removal of its own key and that of the one that it rests on.
async fn in_the_middle_of(invalidation: Invalidation, before: [&'static str; 2]) {
    in_the_middle(invalidation, before, |load| load).await;
}

type Load<'a> = Pin<Box<dyn Future<Output = u32> + Send + 'a>>;

/// The same, with something around the read of the inner value.
async fn in_the_middle(
    invalidation: Invalidation,
    before: [&'static str; 2],
    around: impl for<'a> Fn(Load<'a>) -> Load<'a>,
) {
    let server = Memory::new();
    let (go_on, reached) = (Arc::new(Notify::new()), Arc::default());
    let slow = SlowRemoval { server: server.clone(), step: before, reached, go_on };
    let build = || Cache::builder().operation_timeout(Duration::from_secs(600));
    let writer = build().transport(slow.clone()).build().unwrap();
    let reader = build().transport(server.clone()).build().unwrap();
    let source = Source::default();
    let inner = async |cache: &Cache| common::read(cache, "inner", &source).await;
    let outer = async |cache: &Cache| {
        let load = || async { Ok::<_, Infallible>(around(Box::pin(inner(cache))).await) };
        let Ok(value) = cache.read("outer").or_load(load).await;
        value
    };
    assert_eq!(inner(&reader).await, 0);

    let written = source.write();
    let invalidating = tokio::spawn({
        let writer = writer.clone();
        async move { writer.invalidate(invalidation).await }
    });
    eventually("the step is reached", || slow.reached.load(Ordering::SeqCst)).await;
    assert_eq!(outer(&reader).await, 0, "what overlaps an invalidation may be older");
    slow.go_on.notify_one();
    invalidating.await.unwrap();
    let third = build().transport(server).build().unwrap();
    assert_eq!(outer(&third).await, written, "the older value was stored for everybody");
    assert_eq!(third.stats().fills, 2, "no notice stands any more");
}

/// Its own cache is asked for the notice, whatever is read before or in between.
#[tokio::test]
async fn a_value_that_rests_on_other_caches_too_is_not_stored() {
    let other = Cache::builder().namespace("other").transport(Memory::new()).build().unwrap();
    let here = Cache::builder().build().unwrap();
    let both = || Invalidation::new().key("outer").pattern(Pattern::parse("in*").unwrap());
    in_the_middle(both(), INNER_IS_REMOVED, |load| {
        let other = other.clone();
        Box::pin(async move {
            common::read(&other, "first", &Source::default()).await;
            load.await
        })
    })
    .await;
    in_the_middle(both(), INNER_IS_REMOVED, |load| {
        let here = here.clone();
        Box::pin(async move {
            let Ok(value) = here
                .read("between")
                .local_off()
                .or_load(|| async { Ok::<_, Infallible>(load.await) })
                .await;
            value
        })
    })
    .await;
}

/// What joins a flight is as old as that, though it began later.
#[tokio::test]
async fn a_load_that_joins_an_older_flight_is_trusted_no_longer_than_that() {
    let world = World::new().await;
    let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let flight = tokio::spawn({
        let (deaf, source) = (world.deaf.clone(), world.source.clone());
        let (entered, go_on) = (entered.clone(), go_on.clone());
        async move {
            let load = || async {
                let value = source.load().await;
                entered.notify_one();
                go_on.notified().await;
                value
            };
            deaf.read("inner").or_load(load).await
        }
    });
    entered.notified().await;
    world.write().await;
    world.hand.advance(Duration::from_millis(1_900));
    let outer = tokio::spawn({
        let (deaf, source) = (world.deaf.clone(), world.source.clone());
        async move {
            let load =
                || async { Ok::<_, Infallible>(common::read(&deaf, "inner", &source).await) };
            deaf.read("outer").remote_off().or_load(load).await
        }
    });
    eventually("the flight is joined", || world.deaf.flights() == 2).await;
    tokio::task::yield_now().await;
    go_on.notify_one();
    assert_eq!((flight.await.unwrap(), outer.await.unwrap()), (Ok(0), Ok(0)));
    world.hand.advance(Duration::from_millis(200));
    let load = || async { Ok::<_, Infallible>(world.inner(&world.near).await) };
    assert_eq!(world.deaf.read("outer").remote_off().or_load(load).await, Ok(1));
}

#[tokio::test]
async fn a_value_from_the_middle_of_a_scan_is_not_stored() {
    in_the_middle_of(Invalidation::new().pattern(Pattern::parse("*er").unwrap()), INNER_IS_REMOVED)
        .await;
}

#[tokio::test]
async fn a_value_from_between_its_name_and_a_pattern_is_not_stored() {
    let both = || Invalidation::new().key("outer").pattern(Pattern::parse("in*").unwrap());
    in_the_middle_of(both(), INNER_IS_REMOVED).await;
    in_the_middle_of(both(), NOTICE_IS_PUT_UP).await;
}

#[tokio::test]
async fn a_value_from_between_two_servers_is_not_stored() {
    in_the_middle_of(Invalidation::new().key("outer").key("inner"), INNER_IS_REMOVED).await;
}
