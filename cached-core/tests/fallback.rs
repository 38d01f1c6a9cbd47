//! Redis absent, killed, stopped or cut off: callers always get their value, and caching resumes by itself.

mod common;

use cached_core::remote::transport::{
    Command, Fault as TransportFault, Memory, Reply, Transport, TransportFuture,
};
use cached_core::{Cache, Clock, Delivery};
use cached_testkit::{Fault, FaultProxy, RedisServer};
use common::{Source, eventually, listening, read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// No machine is so busy that a time-out would be a fault of this one.
fn cache(url: &str) -> Cache {
    let builder = Cache::builder().namespace("t").redis(url);
    builder.operation_timeout(Duration::from_secs(5)).build().unwrap()
}

/// Of a server that is to hang.
fn impatient(url: &str) -> Cache {
    let builder = Cache::builder().namespace("t").redis(url);
    builder.operation_timeout(Duration::from_millis(200)).build().unwrap()
}

async fn resumes(cache: &Cache, source: &Source) {
    let filled = cache.stats().fills;
    let mut at = 0;
    while cache.stats().fills == filled {
        at += 1;
        read(cache, &format!("probe:{at}"), source).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(at < 1_000, "caching did not resume");
    }
}

#[tokio::test]
async fn redis_absent_at_start() {
    let redis = RedisServer::start().unwrap();
    redis.kill();
    let cache = cache(&redis.url());
    let source = Source::default();
    assert_eq!(read(&cache, "k", &source).await, 0);
    source.write();
    assert_eq!(cache.remove("k").await, Delivery::Queued);
    assert_eq!(read(&cache, "k", &source).await, 1, "an invalidation holds here at once");
    redis.restart().unwrap();
    resumes(&cache, &source).await;
    eventually("the queue has drained", || cache.queued() == 0).await;
}

#[tokio::test]
async fn redis_killed_in_mid_run() {
    let redis = RedisServer::start().unwrap();
    let cache = cache(&redis.url());
    listening(&cache).await;
    let source = Source::default();
    read(&cache, "k", &source).await;
    redis.kill();
    for at in 0..50 {
        assert_eq!(read(&cache, &format!("k{at}"), &source).await, 0);
    }
    redis.restart().unwrap();
    resumes(&cache, &source).await;
}

#[tokio::test]
async fn redis_stopped_under_many_callers() {
    let redis = RedisServer::start().unwrap();
    let cache = impatient(&redis.url());
    listening(&cache).await;
    let source = Source::default();
    read(&cache, "k", &source).await;
    redis.pause();
    let mut callers = tokio::task::JoinSet::new();
    for at in 0..200 {
        let (cache, source) = (cache.clone(), source.clone());
        callers.spawn(async move { read(&cache, &format!("k{at}"), &source).await });
    }
    while let Some(value) = callers.join_next().await {
        assert_eq!(value.unwrap(), 0);
    }
    assert!(cache.is_remote_down(), "the breaker is open: calls cost the load alone");
    source.write();
    assert_eq!(cache.remove("k").await, Delivery::Queued);
    assert_eq!(read(&cache, "k", &source).await, 1);
    redis.resume();
    eventually("the queue has drained", || cache.queued() == 0).await;
    resumes(&cache, &source).await;
}

/// Counted at the server's door: who finds the breaker open sends nothing and waits for nothing but the load.
#[tokio::test]
async fn while_the_breaker_is_open_a_call_costs_the_load_alone() {
    let redis = RedisServer::start().unwrap();
    let proxy = FaultProxy::start(redis.address()).await.unwrap();
    // The breaker's pause is over when the test says so.
    let (clock, hand) = Clock::manual();
    let builder = Cache::builder().namespace("t").redis(proxy.url()).clock(clock);
    let cache = builder.operation_timeout(Duration::from_millis(200)).build().unwrap();
    listening(&cache).await;
    let source = Source::default();
    let callers = async |name: &str, count: u32| {
        let mut callers = tokio::task::JoinSet::new();
        for at in 0..count {
            let (cache, source, key) = (cache.clone(), source.clone(), format!("{name}:{at}"));
            callers.spawn(async move { read(&cache, &key, &source).await });
        }
        callers.join_all().await;
    };
    redis.pause();
    callers("finds out", 200).await;
    assert!(cache.is_remote_down());
    // Each asked once at most, and loaded when its time was up.
    let asked = proxy.commands_named("SET");
    assert!(asked <= 200, "{asked} look-ups");
    assert_eq!(source.loads(), 200);
    callers("knows", 200).await;
    assert_eq!((proxy.commands_named("SET"), source.loads()), (asked, 400));
    // Nor is it a caller that finds out whether it is well again.
    hand.advance(Duration::from_secs(1));
    callers("half open", 200).await;
    assert_eq!((proxy.commands_named("SET"), source.loads()), (asked, 600));
    redis.resume();
    resumes(&cache, &source).await;
    assert!(!cache.is_remote_down());
}

/// What waits for delivery is neither trusted nor filled: here the other process still finds the old entry.
#[tokio::test]
async fn an_invalidation_that_waits_is_respected_and_delivered() {
    let redis = RedisServer::start().unwrap();
    let proxy = FaultProxy::start(redis.address()).await.unwrap();
    let (near, far) = (cache(&redis.url()), cache(&proxy.url()));
    listening(&near).await;
    listening(&far).await;
    let source = Source::default();
    let uncopied = async |cache: &Cache| {
        cache.read("k").tag("t").local_off().or_load(|| source.load()).await.unwrap()
    };
    uncopied(&near).await;
    proxy.set(Fault::Cut).await;
    source.write();
    assert_eq!(far.remove_tag("t").await, Delivery::Queued);
    assert_eq!(uncopied(&far).await, 1, "the old entry is not trusted by who invalidated it");
    proxy.set(Fault::Pass).await;
    eventually("the queue has drained", || far.queued() == 0).await;
    assert_eq!(uncopied(&near).await, 1);
}

#[tokio::test]
async fn a_lost_answer_is_not_a_lost_invalidation() {
    let redis = RedisServer::start().unwrap();
    let proxy = FaultProxy::start(redis.address()).await.unwrap();
    let cache = cache(&proxy.url());
    listening(&cache).await;
    let source = Source::default();
    read(&cache, "k", &source).await;
    source.write();
    proxy.lose_command("UNLINK");
    cache.remove("k").await;
    assert_eq!(read(&cache, "k", &source).await, 1);
    eventually("the queue has drained", || cache.queued() == 0).await;
    assert_eq!(
        read(&self::cache(&redis.url()), "k", &source).await,
        1,
        "nobody finds the old entry"
    );
}

/// A process that hears nothing serves its local copies for the backplane timeout at the longest.
#[tokio::test]
async fn a_deaf_process_stops_trusting_its_local_tier_and_catches_up() {
    let redis = RedisServer::start().unwrap();
    let proxy = FaultProxy::start(redis.address()).await.unwrap();
    let near = cache(&redis.url());
    let deaf = Cache::builder()
        .namespace("t")
        .redis(proxy.url())
        .operation_timeout(Duration::from_millis(200))
        .backplane_timeout(Duration::from_millis(900))
        .build()
        .unwrap();
    listening(&deaf).await;
    let source = Source::default();
    read(&deaf, "k", &source).await;
    proxy.set(Fault::Stall).await;
    source.write();
    near.remove("k").await;
    let mut waited = 0;
    while read(&deaf, "k", &source).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        waited += 1;
        assert!(waited < 1_000, "the old value is served for ever");
    }
    proxy.set(Fault::Pass).await;
    eventually("it has caught up", || deaf.stats().invalidations_received > 0).await;
}

#[tokio::test]
async fn a_flushed_or_restarted_server_is_noticed() {
    let redis = RedisServer::start().unwrap();
    let (a, b) = (cache(&redis.url()), cache(&redis.url()));
    listening(&a).await;
    listening(&b).await;
    let source = Source::default();
    for cache in [&a, &b] {
        read(cache, "k", &source).await;
    }
    a.remove("other").await;
    eventually("b hears", || b.stats().invalidations_received > 0).await;
    let resets = b.stats().local_resets;
    redis.flush();
    eventually("b drops its local tier", || b.stats().local_resets > resets).await;
    source.write();
    let heard = b.stats().invalidations_received;
    a.remove("k").await;
    eventually("b hears on the new stream", || b.stats().invalidations_received > heard).await;
    assert_eq!(read(&b, "k", &source).await, 1);
    // A look at the new stream, after its first message was read.
    let looks = b.stats().invalidations_received;
    a.remove("another").await;
    eventually("b hears again", || b.stats().invalidations_received > looks).await;
    assert_eq!((a.stats().clears, b.stats().clears), (0, 0), "nothing older came back");
}

/// A server is killed after an invalidation, and comes back from a snapshot of before it.
async fn comes_back_with_older_data(before_it: impl Fn(&RedisServer)) {
    let redis = RedisServer::start().unwrap();
    let cache = cache(&redis.url());
    listening(&cache).await;
    let source = Source::default();
    assert_eq!(read(&cache, "k", &source).await, 0);
    cache.remove("begins the stream").await;
    assert_eq!(redis.cli(&["SAVE"]), "OK");
    let written = source.write();
    before_it(&redis);
    assert_eq!(cache.remove("k").await, Delivery::Done);
    let clears = cache.stats().clears;
    redis.kill();
    redis.restart().unwrap();
    eventually("the cache clears it", || cache.stats().clears > clears).await;
    eventually("that is delivered", || cache.queued() == 0).await;
    assert_eq!(read(&cache, "k", &source).await, written, "the older value is back");
}

/// An invalidation that nobody has read is known to the process that was answered for it.
#[tokio::test]
async fn a_server_that_lost_what_no_process_had_read_is_cleared() {
    comes_back_with_older_data(|redis| {
        for client in redis.cli(&["CLIENT", "LIST"]).lines().filter(|it| it.contains("cmd=xread")) {
            let id = client.split(' ').find_map(|field| field.strip_prefix("id=")).unwrap();
            redis.cli(&["CLIENT", "KILL", "ID", id]);
        }
    })
    .await;
}

/// A snapshot brings back what was invalidated since, together with the generations of that time.
#[tokio::test]
async fn a_server_that_comes_back_with_older_data_is_cleared() {
    comes_back_with_older_data(|_| {}).await;
}

/// A server that can be stopped: it then takes everything, and answers when it goes on.
#[derive(Clone)]
struct Stoppable {
    server: Memory,
    stopped: watch::Sender<bool>,
}

impl Stoppable {
    fn new() -> Self {
        Self { server: Memory::new(), stopped: watch::Sender::new(false) }
    }

    async fn goes_on(&self) {
        let mut stopped = self.stopped.subscribe();
        let _ = stopped.wait_for(|stopped| !stopped).await;
    }
}

impl Transport for Stoppable {
    fn pipeline(
        &self,
        commands: Vec<Command>,
    ) -> TransportFuture<'_, Result<Vec<Reply>, TransportFault>> {
        Box::pin(async move {
            self.goes_on().await;
            self.server.pipeline(commands).await
        })
    }

    fn reset(&self) {}

    fn block(
        &self,
        command: Command,
        wait: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, TransportFault>>> {
        let reading = self.server.block(command, wait)?;
        Some(Box::pin(async move {
            self.goes_on().await;
            reading.await
        }))
    }
}

const TIMEOUT: Duration = Duration::from_millis(500);
const LOAD: Duration = Duration::from_millis(70);

/// How long each of 200 callers of as many keys waited.
async fn waits(cache: &Cache, name: &str) -> Vec<Duration> {
    let mut callers = tokio::task::JoinSet::new();
    for at in 0..200 {
        let (cache, key, began) = (cache.clone(), format!("{name}:{at}"), Instant::now());
        callers.spawn(async move {
            let load = async || {
                tokio::time::sleep(LOAD).await;
                Ok::<u32, std::convert::Infallible>(7)
            };
            assert_eq!(cache.read(key).or_load(load).await, Ok(7));
            began.elapsed()
        });
    }
    callers.join_all().await
}

/// On tokio's paused clock, which the cache's follows: nothing here depends on the machine.
#[tokio::test(start_paused = true)]
async fn a_stopped_server_costs_one_operation_timeout_and_then_nothing() {
    let server = Stoppable::new();
    let (clock, hand) = Clock::manual();
    tokio::spawn(async move {
        let step = Duration::from_millis(1);
        loop {
            tokio::time::sleep(step).await;
            hand.advance(step);
        }
    });
    let builder = Cache::builder().transport(server.clone()).operation_timeout(TIMEOUT);
    let cache = builder.clock(clock).build().unwrap();
    listening(&cache).await;
    assert!(waits(&cache, "well").await.iter().all(|wait| *wait <= LOAD + LOAD / 10));

    server.stopped.send_replace(true);
    for wait in waits(&cache, "finds out").await {
        assert!(wait <= TIMEOUT + LOAD, "{wait:?}");
    }
    assert!(cache.is_remote_down());
    let began = Instant::now();
    assert_eq!(cache.remove("k").await, Delivery::Queued);
    assert_eq!(began.elapsed(), Duration::ZERO, "a write knows it too");
    // For ten seconds, trials and all.
    for round in 0..140 {
        assert_eq!(waits(&cache, &format!("knows:{round}")).await, [LOAD; 200]);
    }

    server.stopped.send_replace(false);
    let began = Instant::now();
    while cache.is_remote_down() || cache.queued() > 0 {
        assert_eq!(waits(&cache, &format!("goes on:{:?}", began.elapsed())).await.len(), 200);
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    let filled = cache.stats().fills;
    waits(&cache, "well again").await;
    assert_eq!(cache.stats().fills, filled + 200);
}

/// A single read costs one operation timeout and its load, a single write one operation timeout.
#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_operation_timeout_and_the_load() {
    let server = Stoppable::new();
    server.stopped.send_replace(true);
    let cache = Cache::builder().transport(server).operation_timeout(TIMEOUT).build().unwrap();
    let source = Source::default();
    let began = Instant::now();
    let load = async || {
        tokio::time::sleep(LOAD).await;
        source.load().await
    };
    assert_eq!(cache.read("k").or_load(load).await, Ok(0));
    assert_eq!(began.elapsed(), TIMEOUT + LOAD);
    let began = Instant::now();
    assert_eq!(cache.remove("k").await, Delivery::Queued);
    assert!(began.elapsed() <= TIMEOUT);
}

/// A server of which only what holds the stream is well, as one node of a cluster may be.
#[derive(Clone, Default)]
struct OnlyItsStream {
    server: Memory,
    is_well: Arc<AtomicBool>,
}

impl Transport for OnlyItsStream {
    fn pipeline(
        &self,
        commands: Vec<Command>,
    ) -> TransportFuture<'_, Result<Vec<Reply>, TransportFault>> {
        let names_it = |command: &Command| command.args().any(|arg| arg == b"t:bus");
        let stream = commands.iter().all(names_it);
        if stream || self.is_well.load(Ordering::SeqCst) {
            return self.server.pipeline(commands);
        }
        Box::pin(async { Err(TransportFault::Timeout) })
    }

    common::in_all_else_as!(server);
}

#[tokio::test]
async fn a_stream_that_answers_is_a_reason_to_try_and_no_more() {
    let (clock, hand) = Clock::manual();
    let transport = OnlyItsStream::default();
    let builder = Cache::builder().namespace("t").transport(transport.clone());
    let cache = builder.clock(clock).build().unwrap();
    listening(&cache).await;
    let source = Source::default();
    for key in ["a", "b", "c"] {
        assert_eq!(read(&cache, key, &source).await, 0);
    }
    assert!(cache.is_remote_down());
    let other = Cache::builder().namespace("t").transport(transport.server.clone());
    let other = other.build().unwrap();
    let hears = async |times: u64| {
        for _ in 0..times {
            let heard = cache.stats().invalidations_received;
            other.remove("x").await;
            eventually("it hears", || cache.stats().invalidations_received > heard).await;
        }
    };
    hears(5).await;
    assert!(cache.is_remote_down(), "the others' place is as sick as before");
    hand.advance(Duration::from_millis(400));
    hears(5).await;
    assert!(cache.is_remote_down(), "a trial has failed, or is on its way");
    transport.is_well.store(true, Ordering::SeqCst);
    hand.advance(Duration::from_millis(400));
    // Nobody asks for a key.
    hears(1).await;
    eventually("it was tried", || !cache.is_remote_down()).await;
}

/// Who only looks is told no by the same server as everybody.
#[tokio::test]
async fn a_server_that_refuses_those_who_only_look_is_down_for_all() {
    let redis = RedisServer::start().unwrap();
    redis.cli(&["ACL", "SETUSER", "default", "-get"]);
    let cache = cache(&redis.url());
    listening(&cache).await;
    assert_eq!(cache.get::<u32>("k").await, None);
    assert!(cache.stats().remote_faults > 0);
    while !cache.is_remote_down() {
        assert_eq!(cache.get::<u32>("k").await, None);
    }
}
