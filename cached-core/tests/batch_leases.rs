//! Leases of batches that come to nothing: they are given back, all at once, whatever ends the batch.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, key};
use common::{eventually, listening};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const KEYS: u32 = 300;

/// What a server answers to the taking of a lease, where that is not to be had.
type Refuses = fn(&Command) -> Option<&'static str>;

/// Counts the pipelines in which scripts run, and refuses what a test says.
#[derive(Clone)]
struct Server {
    memory: Memory,
    scripts: Arc<AtomicUsize>,
    refuses: Refuses,
    hangs_up: Arc<AtomicBool>,
}

impl Server {
    fn new(refuses: Refuses) -> Self {
        let (scripts, hangs_up) = Default::default();
        Self { memory: Memory::new(), scripts, refuses, hangs_up }
    }

    async fn cache(&self) -> Cache {
        let lease = Duration::from_secs(60 * 60);
        let builder = Cache::builder().namespace("t").transport(self.clone());
        let cache = builder.lease(lease).build().unwrap();
        listening(&cache).await;
        self.scripts.store(0, Ordering::SeqCst);
        cache
    }

    fn scripts(&self) -> usize {
        self.scripts.load(Ordering::SeqCst)
    }

    async fn at(&self, name: &str) -> Reply {
        let get = vec![Command::new("GET").arg(name)];
        self.memory.pipeline(get).await.unwrap().remove(0)
    }
}

impl Transport for Server {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        if commands.iter().any(|command| command.name() == b"EVAL") {
            self.scripts.fetch_add(1, Ordering::SeqCst);
        }
        if self.hangs_up.load(Ordering::SeqCst) && commands[0].name() == b"GET" {
            return Box::pin(std::future::ready(Err(Fault::Io("reset".into()))));
        }
        let refused: Vec<_> = commands.iter().map(self.refuses).collect();
        let may_run = commands.into_iter().zip(&refused).filter(|(_, refused)| refused.is_none());
        let may_run = may_run.map(|(command, _)| command).collect();
        Box::pin(async move {
            let mut replies = self.memory.pipeline(may_run).await?.into_iter();
            let answer = |refused: Option<&str>| match refused {
                Some(why) => Some(Reply::Error(why.into())),
                None => replies.next(),
            };
            Ok(refused.into_iter().map_while(answer).collect())
        })
    }

    common::in_all_else_as!(memory);
}

fn nothing(_: &Command) -> Option<&'static str> {
    None
}

type Values = HashMap<u32, u32>;

async fn read<E>(
    cache: &Cache,
    load: impl AsyncFnOnce() -> Result<Values, E>,
) -> Result<Values, E> {
    let read = cache.read_many(0..KEYS, |id| key!("k:<id>")).tag(|_| key!("all"));
    read.or_load(async move |_: Vec<u32>| load().await).await
}

fn values() -> Values {
    (0..KEYS).map(|id| (id, id)).collect()
}

/// That of a test is the only thread: whatever is dropped is dropped before the task runs that gives it back.
#[tokio::test]
async fn leases_that_come_to_nothing_are_given_back_in_one_pipeline() {
    let server = Server::new(nothing);
    let cache = server.cache().await;

    assert_eq!(read(&cache, async || Err("broken")).await, Err("broken"));
    eventually("the load has failed", || server.scripts() > 0).await;

    let panicking = cache.clone();
    let load = async || -> Result<Values, Infallible> { panic!("as it is to") };
    let panicked = tokio::spawn(async move { read(&panicking, load).await }).await;
    assert!(panicked.is_err());
    eventually("the load has panicked", || server.scripts() > 1).await;

    let begun = Arc::new(AtomicBool::new(false));
    let cancelled = tokio::spawn({
        let (cache, begun) = (cache.clone(), begun.clone());
        let load = async move || {
            begun.store(true, Ordering::SeqCst);
            std::future::pending::<Result<Values, Infallible>>().await
        };
        async move { read(&cache, load).await }
    });
    eventually("the load has begun", || begun.load(Ordering::SeqCst)).await;
    cancelled.abort();
    eventually("it was cancelled", || server.scripts() > 2).await;

    assert_eq!(read(&cache, async || Ok::<_, Infallible>(values())).await.unwrap().len(), 300);
    assert_eq!(cache.stats().fills, u64::from(KEYS));
    assert_eq!(server.scripts(), 4, "three that give back, and one that fills");
}

/// One of the takes is refused: the others are not waited for by anybody.
#[tokio::test]
async fn a_look_up_that_fails_gives_back_what_it_has_taken() {
    let server = Server::new(|command| {
        let is_bad = command.name() == b"SET" && command.args().any(|arg| arg == b"t:k:k:150");
        is_bad.then_some("ERR out of order")
    });
    let cache = server.cache().await;
    assert_eq!(read(&cache, async || Ok::<_, Infallible>(values())).await.unwrap().len(), 300);
    assert_eq!((cache.stats().remote_faults, cache.stats().fills), (1, 0));
    for key in [0, 149, 151, 299] {
        let name = format!("t:k:k:{key}");
        cached_testkit::eventually("it is free", async || server.at(&name).await == Reply::Nil)
            .await;
    }
    assert_eq!(server.scripts(), 1);
}

/// The connection breaks where the generations of tags that an entry bears are asked for.
#[tokio::test]
async fn a_look_up_that_breaks_off_gives_back_what_it_has_taken() {
    let server = Server::new(nothing);
    let (here, there) = (server.cache().await, server.cache().await);
    let load = async || Ok::<_, Infallible>(7_u32);
    assert_eq!(here.read("k:7").tag("another").or_load(load).await, Ok(7));
    server.hangs_up.store(true, Ordering::SeqCst);
    assert_eq!(read(&there, async || Ok::<_, Infallible>(values())).await.unwrap().len(), 300);
    cached_testkit::eventually("it is free", async || server.at("t:k:k:8").await == Reply::Nil)
        .await;
}

/// Before Redis 7.0, `SET` takes `NX` and `GET` for a syntax error, of generations too.
#[tokio::test]
async fn a_batch_with_tags_finds_out_that_scripts_are_needed() {
    let server = Server::new(|command| {
        let with = |word: &[u8]| command.name() == b"SET" && command.args().any(|arg| arg == word);
        (with(b"NX") && with(b"GET")).then_some("ERR syntax error")
    });
    let cache = server.cache().await;
    for _ in 0..2 {
        assert_eq!(read(&cache, async || Ok::<_, Infallible>(values())).await.unwrap().len(), 300);
        cache.remove_tag("all").await;
    }
    assert_eq!((cache.stats().fills, cache.stats().remote_faults), (u64::from(KEYS), 0));
}
