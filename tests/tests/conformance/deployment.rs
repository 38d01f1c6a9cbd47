//! What a case needs of a server, however it is deployed, and how a case is run on it.

use crate::cases::Case;
use crate::process::World;
use cached_core::CacheBuilder;
use cached_testkit::Value;
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// A server in some form of deployment.
pub trait Server: Send + Sync {
    /// Points a builder at the server.
    fn connect(&self, builder: CacheBuilder) -> CacheBuilder;
    /// Runs a command past the cache; its first argument is a key.
    fn command<'a>(
        &'a self,
        arguments: &'a [&'a [u8]],
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>>;
    /// Takes the server away; who asks it gets no answer.
    fn leave(&self);
    /// Brings it back, with or without what it held.
    fn come_back(&self);
}

/// A server that is started by the first case that needs it. It ends with the process.
pub struct Deployment {
    start: fn() -> Result<Box<dyn Server>, String>,
    server: OnceLock<Result<Box<dyn Server>, String>>,
    /// Written by a case that takes the server away from all others.
    turn: RwLock<()>,
}

impl Deployment {
    pub fn new(start: fn() -> Result<Box<dyn Server>, String>) -> Self {
        Self { start, server: OnceLock::new(), turn: RwLock::new(()) }
    }

    pub fn run(&self, case: &Case) -> Result<(), String> {
        let server = self.server.get_or_init(self.start).as_ref().map_err(Clone::clone)?;
        let (_shared, _alone);
        match case.alone {
            true => _alone = self.turn.write().unwrap_or_else(PoisonError::into_inner),
            false => _shared = self.turn.read().unwrap_or_else(PoisonError::into_inner),
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let world = World::new(&**server);
        // A case that hangs fails; one that passes never waits for this.
        let limited =
            async { tokio::time::timeout(Duration::from_secs(120), (case.run)(&world)).await };
        let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(limited)));
        runtime.shutdown_background();
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err("hung for two minutes".into()),
            Err(panic) => Err(words(&*panic)),
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked").to_owned()
}
