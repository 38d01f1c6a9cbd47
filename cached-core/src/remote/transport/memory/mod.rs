//! The memory transport: the commands and scripts that the protocol uses, in this process. For tests of what is
//! built on a cache, without a server; it persists nothing and evicts nothing.

mod store;
mod stream;

use super::{Command, Fault, Reply, Transport, TransportFuture};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Store;
use tokio::sync::Notify;

/// A server in this process. Clones are connections to the same one: caches built over them share a remote tier,
/// as processes share a Redis.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use cached_core::Cache;
/// use cached_core::remote::transport::Memory;
/// let server = Memory::new();
/// let build = || Cache::builder().transport(server.clone()).build().unwrap();
/// let (here, there) = (build(), build());
/// here.set("course:7", "Rust".to_owned(), std::time::Duration::from_secs(60)).await;
/// assert_eq!(there.get::<String>("course:7").await.as_deref(), Some("Rust"));
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Memory {
    server: Arc<Server>,
}

#[derive(Default)]
struct Server {
    store: Mutex<Store>,
    away: AtomicBool,
    /// Something was added to a stream.
    news: Notify,
}

impl Memory {
    /// An empty server.
    pub fn new() -> Self {
        Self::default()
    }

    /// While away, every command fails as if the server could not be reached. What it holds stays.
    pub fn set_away(&self, away: bool) {
        self.server.away.store(away, Ordering::SeqCst);
    }

    /// Removes everything, as a restart without persistence does.
    pub fn flush(&self) {
        *self.store() = Store::default();
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.server.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, command: &Command) -> Result<Reply, Fault> {
        if self.server.away.load(Ordering::SeqCst) {
            return Err(Fault::Io("the memory transport was set away".into()));
        }
        let args: Vec<_> = command.args().map(<[u8]>::to_vec).collect();
        let reply = self.store().run(&args).unwrap_or_else(Reply::Error);
        if matches!(command.name(), b"XADD" | b"EVAL") {
            self.server.news.notify_waiters();
        }
        Ok(reply)
    }
}

impl Transport for Memory {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move {
            // A server is elsewhere: others may run between two pipelines of one task.
            tokio::task::yield_now().await;
            commands.iter().map(|command| self.run(command)).collect()
        })
    }

    fn reset(&self) {}

    fn block(
        &self,
        command: Command,
        wait: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        Some(Box::pin(async move {
            let end = tokio::time::Instant::now() + wait;
            loop {
                let news = self.server.news.notified();
                tokio::pin!(news);
                // From here on news are noticed, also while the command runs.
                news.as_mut().enable();
                let reply = self.run(&command)?;
                if reply != Reply::Nil || tokio::time::timeout_at(end, news).await.is_err() {
                    return Ok(reply);
                }
            }
        }))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
