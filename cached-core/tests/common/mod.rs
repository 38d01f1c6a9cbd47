//! What the tests share: caches on a private Redis, and a source that counts its loads.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test binary uses a part")]

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, CacheBuilder};
use cached_testkit::{shared_redis, unique_name};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::oneshot;

/// A builder on the shared Redis, in a namespace.
pub fn on_redis(namespace: &str) -> CacheBuilder {
    Cache::builder()
        .namespace(namespace)
        .redis(shared_redis().url())
        .operation_timeout(Duration::from_secs(5))
}

/// Two caches as two processes would have them: one namespace, nothing else in common.
pub async fn pair() -> (Cache, Cache, String) {
    let namespace = unique_name("t");
    let build = || on_redis(&namespace).build().expect("the settings are valid");
    let (a, b) = (build(), build());
    listening(&a).await;
    listening(&b).await;
    (a, b, namespace)
}

/// Waits until a cache hears the backplane: only then does its local tier serve without limit.
pub async fn listening(cache: &Cache) {
    eventually("the backplane is heard", || cache.stats().local_resets > 0).await;
}

/// Waits for a condition, with a deadline that only a hang reaches.
pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    cached_testkit::eventually(what, || std::future::ready(condition())).await;
}

/// A source of truth with a version, that counts how often it is asked.
#[derive(Clone, Default)]
pub struct Source {
    version: Arc<AtomicU32>,
    loads: Arc<AtomicU32>,
}

impl Source {
    pub fn write(&self) -> u32 {
        self.version.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub async fn load(&self) -> Result<u32, Infallible> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        Ok(self.version.load(Ordering::SeqCst))
    }

    pub fn loads(&self) -> u32 {
        self.loads.load(Ordering::SeqCst)
    }
}

/// A read-through of one key, without tags.
pub async fn read(cache: &Cache, key: &str, source: &Source) -> u32 {
    let Ok(value) = cache.read(key).or_load(|| source.load()).await;
    value
}

/// What a transport does that differs from the one in a field of it by its pipelines alone.
macro_rules! in_all_else_as {
    ($inner:ident) => {
        fn reset(&self) {}

        fn block(
            &self,
            command: cached_core::remote::transport::Command,
            wait: std::time::Duration,
        ) -> Option<
            cached_core::remote::transport::TransportFuture<
                '_,
                Result<
                    cached_core::remote::transport::Reply,
                    cached_core::remote::transport::Fault,
                >,
            >,
        > {
            self.$inner.block(command, wait)
        }
    };
}
pub(crate) use in_all_else_as;

/// A connection to a server in this process that can go deaf: commands run, and no message arrives any more.
#[derive(Clone)]
pub struct Deaf {
    server: Memory,
    hears_nothing: Arc<AtomicBool>,
}

impl Deaf {
    pub fn new(server: Memory) -> Self {
        Self { server, hears_nothing: Arc::default() }
    }

    pub fn stop_hearing(&self) {
        self.hears_nothing.store(true, Ordering::SeqCst);
    }
}

impl Transport for Deaf {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        self.server.pipeline(commands)
    }

    fn reset(&self) {}

    fn block(
        &self,
        command: Command,
        wait: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        let reading = self.server.block(command, wait)?;
        Some(Box::pin(async move {
            let reply = reading.await;
            if self.hears_nothing.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            reply
        }))
    }
}

/// A connection on which the pipelines that a test chooses run late, and whose answers come late.
#[derive(Clone)]
pub struct Slow {
    server: Memory,
    state: Arc<Mutex<SlowState>>,
}

#[derive(Default)]
struct SlowState {
    /// Of those that name this key, how many pass before one is caught.
    catch: Option<(String, usize)>,
    caught: bool,
    late: Option<Vec<Command>>,
    release: Option<oneshot::Receiver<()>>,
}

impl Slow {
    pub fn new(server: Memory) -> Self {
        Self { server, state: Arc::default() }
    }

    /// The pipeline after `pass` others that name the key on the server is not run before [`Slow::run_late`].
    pub fn hold_back(&self, key: &str, pass: usize) {
        self.state().catch = Some((key.to_owned(), pass));
    }

    /// ... is run, and its answer comes when the sender says so.
    pub fn keep_answer(&self, key: &str, pass: usize) -> oneshot::Sender<()> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        state.catch = Some((key.to_owned(), pass));
        state.release = Some(receiver);
        sender
    }

    /// Whether one was caught, and run if it is to be.
    pub fn has_caught(&self) -> bool {
        self.state().caught
    }

    /// Runs what was held back.
    pub async fn run_late(&self) {
        let late = self.state().late.take().expect("nothing was held back");
        self.server.pipeline(late).await.expect("the server is there");
    }

    fn keep_for_later(&self, commands: Vec<Command>) {
        let mut state = self.state();
        (state.late, state.caught) = (Some(commands), true);
    }

    fn state(&self) -> MutexGuard<'_, SlowState> {
        self.state.lock().unwrap()
    }

    fn catches(&self, commands: &[Command]) -> bool {
        let mut state = self.state();
        let Some((key, pass)) = &mut state.catch else { return false };
        let names = |command: &Command| {
            let (name, named) = (command.name(), command.args().any(|a| a == key.as_bytes()));
            named && matches!(name, b"SET" | b"EVAL" | b"GET")
        };
        if !commands.iter().any(names) {
            return false;
        }
        if *pass > 0 {
            *pass -= 1;
            return false;
        }
        state.catch = None;
        true
    }
}

impl Transport for Slow {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move {
            if !self.catches(&commands) {
                return self.server.pipeline(commands).await;
            }
            let release = self.state().release.take();
            let Some(release) = release else {
                self.keep_for_later(commands);
                return std::future::pending().await;
            };
            let replies = self.server.pipeline(commands).await;
            self.state().caught = true;
            let _ = release.await;
            replies
        })
    }

    in_all_else_as!(server);
}
