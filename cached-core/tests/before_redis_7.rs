//! A server that refuses `SET` with `NX` and `GET` together, as Redis did before 7.0: scripts do the same, and nothing of it is
//! a fault.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, Clock, ClockHand, Ttl, key};
use common::Source;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
struct Refusing {
    server: Memory,
    refused: Arc<AtomicU32>,
}

impl Refusing {
    async fn run(&self, command: Command) -> Result<Reply, Fault> {
        let has = |word: &str| command.args().any(|arg| arg == word.as_bytes());
        if command.name() == b"SET" && has("NX") && has("GET") {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Ok(Reply::Error("ERR syntax error".into()));
        }
        Ok(self.server.pipeline(vec![command]).await?.remove(0))
    }
}

impl Transport for Refusing {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move {
            let mut replies = Vec::new();
            for command in commands {
                replies.push(self.run(command).await?);
            }
            Ok(replies)
        })
    }

    common::in_all_else_as!(server);
}

/// Two caches on one server, and the hand of their clock.
fn pair() -> (Refusing, [Cache; 2], ClockHand) {
    let server = Refusing::default();
    let (clock, hand) = Clock::manual();
    let caches = [(); 2]
        .map(|()| Cache::builder().transport(server.clone()).clock(clock.clone()).build().unwrap());
    (server, caches, hand)
}

fn without_fault(cache: &Cache) {
    assert_eq!((cache.stats().remote_faults, cache.stats().fills_refused), (0, 0));
    assert!(!cache.is_remote_down());
}

#[tokio::test]
async fn a_read_is_asked_by_scripts() {
    let (server, [a, b], _) = pair();
    let source = Source::default();
    let read = async |cache: &Cache, key: &str| {
        cache.read(key).tag("t").local_off().or_load(|| source.load()).await.unwrap()
    };
    // Each finds out by its first read, of which nothing is stored.
    for cache in [&a, &b] {
        assert_eq!((read(cache, "first").await, cache.stats().fills), (0, 0));
    }
    let refused = server.refused.load(Ordering::SeqCst);
    for key in ["k", "l"] {
        for cache in [&a, &b, &a] {
            assert_eq!(read(cache, key).await, 0);
        }
    }
    source.write();
    a.remove_tag("t").await;
    assert_eq!((read(&b, "k").await, read(&a, "k").await), (1, 1));
    let counts = |cache: &Cache| (cache.stats().fills, cache.stats().remote_hits);
    assert_eq!((source.loads(), counts(&a), counts(&b)), (2 + 3, (2, 3), (1, 2)));
    assert_eq!(server.refused.load(Ordering::SeqCst), refused, "never asked so again");
    without_fault(&a);
    without_fault(&b);
}

#[tokio::test]
async fn a_batch_is_asked_by_scripts() {
    let (server, [a, b], _) = pair();
    let source = Source::default();
    let read = async |cache: &Cache, from: u32| {
        let ids = from..from + 3;
        let batch = cache.read_many(ids, |id| key!("k:<id>")).tag(|_| "t".into()).local_off();
        let load = async |ids: Vec<u32>| {
            source.load().await.map(|version| ids.into_iter().map(|id| (id, version)).collect())
        };
        let Ok(found): Result<BTreeMap<u32, u32>, Infallible> = batch.or_load(load).await;
        assert_eq!(found.into_values().collect::<Vec<_>>(), [0; 3]);
    };
    for cache in [&a, &b] {
        read(cache, 0).await;
    }
    let refused = server.refused.load(Ordering::SeqCst);
    assert!(refused > 0);
    for cache in [&a, &b, &a] {
        read(cache, 10).await;
    }
    let counts = |cache: &Cache| (cache.stats().fills, cache.stats().remote_hits);
    assert_eq!((source.loads(), counts(&a), counts(&b)), (2 + 1, (3, 3), (0, 3)));
    assert_eq!(server.refused.load(Ordering::SeqCst), refused, "never asked so again");
    without_fault(&a);
    without_fault(&b);
}

/// One process loads a stale value anew, under a lease beside it.
#[tokio::test]
async fn a_renewal_is_asked_by_scripts() {
    let (server, [a, b], hand) = pair();
    let source = Source::default();
    let read = async |cache: &Cache, key: &str| {
        let read = cache.read(key).ttl(TTL).stale_if_error(Ttl::DAY).local_off();
        read.or_load(|| source.load()).await.unwrap()
    };
    for cache in [&a, &b] {
        read(cache, "first").await;
    }
    let refused = server.refused.load(Ordering::SeqCst);
    assert_eq!((read(&a, "k").await, read(&b, "k").await), (0, 0));
    source.write();
    hand.advance(TTL);
    assert_eq!((read(&b, "k").await, read(&a, "k").await), (1, 1));
    let counts = |cache: &Cache| (cache.stats().fills, cache.stats().remote_hits);
    assert_eq!((source.loads(), counts(&a), counts(&b)), (2 + 2, (1, 1), (1, 1)));
    assert_eq!(server.refused.load(Ordering::SeqCst), refused, "never asked so again");
    without_fault(&a);
    without_fault(&b);
}
