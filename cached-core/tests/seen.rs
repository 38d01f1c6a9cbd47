//! Keys that a process has lately seen in the shared tier: how they are asked for, and what becomes of one that is gone.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, Clock};
use cached_testkit::eventually;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

/// Keeps what it is asked of entries and tags, but for scripts; as a replica it refuses to put anything.
#[derive(Clone)]
struct Recorded {
    server: Memory,
    sent: Arc<Mutex<Vec<Vec<String>>>>,
    is_replica: Arc<Mutex<bool>>,
}

impl Recorded {
    fn new() -> Self {
        Self { server: Memory::new(), sent: Arc::default(), is_replica: Arc::default() }
    }

    /// The names of the commands and their first two arguments.
    fn taken(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.sent.lock().unwrap())
    }

    async fn remove(&self, name: &str) {
        let removed = self.server.pipeline(vec![Command::new("DEL").arg(name)]).await;
        assert_eq!(removed, Ok(vec![Reply::Int(1)]), "{name}");
    }
}

impl Transport for Recorded {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let text = |arg: &[u8]| String::from_utf8_lossy(arg).into_owned();
        let of = |command: &Command| command.args().take(3).map(text).collect::<Vec<_>>();
        let ours: Vec<_> = commands.iter().map(of).collect();
        let names = |command: &&Vec<String>| {
            command[1].starts_with("t:k:") || command[1].starts_with("t:t:")
        };
        self.sent.lock().unwrap().extend(ours.iter().filter(names).cloned());
        let puts = ours.iter().filter(names).any(|command| command[0] != "GET");
        if puts && *self.is_replica.lock().unwrap() {
            let refused =
                Reply::Error("READONLY You can't write against a read only replica.".into());
            return Box::pin(std::future::ready(Ok(vec![refused; commands.len()])));
        }
        self.server.pipeline(commands)
    }

    common::in_all_else_as!(server);
}

async fn read(cache: &Cache, version: u32) -> u32 {
    let described = cache.read("k").tag("a").local_off();
    let Ok(found) = described.or_load(|| async { Ok::<_, Infallible>(version) }).await;
    found
}

/// A cache that has lately seen the key, and what it asks for it.
async fn seen() -> (Recorded, Cache) {
    let recorded = Recorded::new();
    let (clock, _) = Clock::manual();
    let builder = Cache::builder().namespace("t").clock(clock).transport(recorded.clone());
    let cache = builder.build().unwrap();
    // Until then it may have missed invalidations.
    eventually("the backplane is heard", || async { cache.stats().local_resets > 0 }).await;
    for _ in 0..2 {
        assert_eq!(read(&cache, 1).await, 1);
        assert_eq!(recorded.taken()[0][..2], ["SET", "t:k:k"], "it may not be there");
    }
    assert_eq!(read(&cache, 2).await, 1);
    assert_eq!(recorded.taken()[0], ["GET", "t:k:k"]);
    (recorded, cache)
}

/// A generation that has ended between two questions must not come back with the second: what was loaded under it meanwhile
/// would count as new.
#[tokio::test]
async fn one_that_is_gone_is_asked_for_with_other_generations() {
    let (recorded, cache) = seen().await;
    recorded.remove("t:k:k").await;
    recorded.remove("t:t:a").await;
    assert_eq!(read(&cache, 2).await, 2);
    let sent = recorded.taken();
    assert_eq!([&sent[0][..], &sent[2][..2]], [&["GET", "t:k:k"], &["SET", "t:k:k"]][..]);
    assert_eq!([&sent[1][..2], &sent[3][..2]], [["SET", "t:t:a"]; 2]);
    assert_ne!(sent[1][2], sent[3][2], "each question has a generation of its own");
    assert_eq!(read(&cache, 3).await, 2);
    assert_eq!(recorded.taken()[0][0], "SET", "it was forgotten");
    assert_eq!(read(&cache, 3).await, 2);
    assert_eq!(recorded.taken()[0][0], "GET");
}

#[tokio::test]
async fn nothing_is_put_over_what_is_empty() {
    let (recorded, cache) = seen().await;
    let set = Command::new("SET").arg("t:k:k").arg("").arg("PX").arg("60000");
    recorded.server.pipeline(vec![set]).await.unwrap();
    assert_eq!(read(&cache, 2).await, 2);
    assert_eq!(cache.stats().undecodable, 1, "it is told, and replaced");
    assert_eq!(read(&cache, 3).await, 2);
}

#[tokio::test]
async fn an_invalidation_that_was_heard_is_a_reason_to_take_a_lease() {
    let (recorded, cache) = seen().await;
    cache.remove("k").await;
    recorded.taken();
    assert_eq!(read(&cache, 2).await, 2);
    assert_eq!(recorded.taken()[0][..2], ["SET", "t:k:k"], "one round trip and the fill");
}

#[tokio::test]
async fn a_replica_is_believed_nothing_once_it_refuses_a_lease() {
    let (recorded, cache) = seen().await;
    *recorded.is_replica.lock().unwrap() = true;
    let other = cache.read("other").local_off().or_load(|| async { Ok::<_, Infallible>(7) });
    assert_eq!(other.await, Ok(7));
    // Of a tag it would ask by what is refused anyway.
    let untagged = cache.read("k").local_off().or_load(|| async { Ok::<_, Infallible>(2) });
    assert_eq!(untagged.await, Ok(2), "from the source");
    *recorded.is_replica.lock().unwrap() = false;
    recorded.taken();
    assert_eq!(read(&cache, 3).await, 1);
    assert_eq!(recorded.taken()[0][0], "SET");
    assert_eq!(read(&cache, 3).await, 1);
    assert_eq!(recorded.taken()[0][0], "GET", "a lease would have been put");
}
