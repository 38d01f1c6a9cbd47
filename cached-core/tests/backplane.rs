//! What a listener makes of a stream that tells it less than there is, or that is slow: it trusts its copies no longer than
//! it may, and what it is told is bounded.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, Clock, Invalidation};
use common::{Source, eventually, listening, read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How much of the stream is heard.
#[derive(Clone, Copy, PartialEq)]
enum Hears {
    All,
    AllButTheNewest,
    Nothing,
    /// No read of more messages than so many is answered in time.
    AtMost(u64),
}

/// A connection whose reads of the stream are as a test says, as on a primary that was demoted and lags behind.
#[derive(Clone)]
struct Lagging {
    server: Memory,
    hears: Arc<Mutex<Hears>>,
    reads: Arc<AtomicUsize>,
    most: Arc<AtomicU64>,
    longest: Arc<AtomicUsize>,
}

impl Lagging {
    fn new(server: Memory) -> Self {
        let (reads, most, longest) = Default::default();
        Self { server, hears: Arc::new(Mutex::new(Hears::All)), reads, most, longest }
    }

    /// Changes what is heard, and waits until the listener has begun anew since.
    async fn hear(&self, what: Hears) {
        *self.hears.lock().unwrap() = what;
        self.step().await;
    }

    async fn step(&self) {
        let before = self.reads.load(Ordering::SeqCst);
        eventually("it reads on", || self.reads.load(Ordering::SeqCst) > before + 2).await;
    }
}

fn without_newest(reply: Reply) -> Reply {
    let Reply::Array(mut streams) = reply else { return reply };
    let Some(Reply::Array(stream)) = streams.first_mut() else { return Reply::Array(streams) };
    let Some(Reply::Array(messages)) = stream.get_mut(1) else { return Reply::Array(streams) };
    messages.pop();
    if messages.is_empty() { Reply::Nil } else { Reply::Array(streams) }
}

impl Transport for Lagging {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        for command in commands.iter().filter(|command| command.name() == b"XADD") {
            let length = command.args().map(<[u8]>::len).sum();
            self.longest.fetch_max(length, Ordering::SeqCst);
        }
        self.server.pipeline(commands)
    }

    fn reset(&self) {}

    fn block(
        &self,
        command: Command,
        _: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        Some(Box::pin(async move {
            self.reads.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(1)).await;
            let count = command.args().skip_while(|arg| arg != b"COUNT").nth(1).unwrap();
            let count: u64 = std::str::from_utf8(count).unwrap().parse().unwrap();
            self.most.store(count, Ordering::SeqCst);
            let hears = *self.hears.lock().unwrap();
            match hears {
                Hears::Nothing => return Ok(Reply::Nil),
                Hears::AtMost(most) if count > most => return Err(Fault::Timeout),
                _ => {}
            }
            let reply = self.server.block(command, Duration::ZERO).unwrap();
            let reply = tokio::time::timeout(Duration::from_millis(5), reply).await;
            let reply = reply.unwrap_or(Ok(Reply::Nil))?;
            Ok(if hears == Hears::AllButTheNewest { without_newest(reply) } else { reply })
        }))
    }
}

async fn pair() -> (Cache, Cache, Lagging, cached_core::ClockHand) {
    let (clock, hand) = Clock::manual();
    let server = Memory::new();
    let lagging = Lagging::new(server.clone());
    let near = Cache::builder().transport(server).clock(clock.clone()).build().unwrap();
    let far = Cache::builder().transport(lagging.clone()).clock(clock).build().unwrap();
    listening(&near).await;
    listening(&far).await;
    (near, far, lagging, hand)
}

#[tokio::test]
async fn what_is_heard_in_part_is_not_taken_for_the_whole() {
    let (near, far, lagging, hand) = pair().await;
    let source = Source::default();
    assert_eq!(read(&far, "k", &source).await, 0);
    lagging.hear(Hears::Nothing).await;
    let written = source.write();
    near.remove("another").await;
    near.remove("k").await;
    hand.advance(Duration::from_millis(1_500));
    lagging.step().await;
    lagging.hear(Hears::AllButTheNewest).await;
    assert_eq!(far.stats().invalidations_received, 1);
    hand.advance(Duration::from_millis(1_000));
    assert_eq!(read(&far, "k", &source).await, written, "the message was sent 2.5 seconds ago");
    lagging.hear(Hears::All).await;
    eventually("it has heard all", || far.stats().invalidations_received == 2).await;
}

#[tokio::test]
async fn an_invalidation_of_many_names_is_told_in_small_messages() {
    let (near, far, lagging, _) = pair().await;
    let source = Source::default();
    let names: Vec<String> = (0..1_000).map(|id| format!("{id:0100}")).collect();
    for key in [&names[0], &names[999]] {
        assert_eq!(read(&near, key, &source).await, 0);
    }
    let written = source.write();
    let all = names.iter().fold(Invalidation::new(), |all, name| all.key(name.as_str()));
    far.invalidate(all.tag("t")).await;
    let longest = lagging.longest.load(Ordering::SeqCst);
    assert!((10_000..20_000).contains(&longest), "{longest} bytes");
    for key in [&names[0], &names[999]] {
        cached_testkit::eventually("it is gone", async || {
            read(&near, key, &source).await == written
        })
        .await;
    }
    assert_eq!(near.stats().local_resets, 1, "each message was counted");
}

#[tokio::test]
async fn a_read_of_the_stream_that_takes_too_long_is_made_smaller() {
    let (near, far, lagging, _) = pair().await;
    lagging.hear(Hears::AtMost(300)).await;
    near.remove("k").await;
    eventually("it is heard", || far.stats().invalidations_received == 1).await;
    let most = || lagging.most.load(Ordering::SeqCst);
    *lagging.hears.lock().unwrap() = Hears::All;
    eventually("the next are as large as before", || most() == 1_000).await;
}
