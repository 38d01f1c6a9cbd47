//! The relay: a task that applies what the outbox holds, in any process that shares the cache. What one pass does is
//! in `pass`.

use super::handed::HandedOver;
use super::progress::{Progress, RelayStats};
use super::{listen, pass};
use crate::error::{Error, ErrorKind};
use crate::pool::CachedPool;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running relay. It ends when this is dropped.
///
/// Every process that shares the cache may run one: a row is held by one of them at a time. It opens one connection
/// beside the pool, for LISTEN, and takes one of the pool for the moment of a pass; without LISTEN (behind PgBouncer in
/// transaction mode, say) polling is all there is, and enough. It ends when the pool is closed.
#[must_use = "the relay ends when this is dropped"]
#[derive(Debug)]
pub struct Relay {
    shared: Arc<Progress>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl CachedPool {
    /// Starts a relay on the present tokio runtime.
    ///
    /// # Errors
    /// [`ErrorKind::NoOutbox`] if the pool has none.
    pub fn start_relay(&self) -> Result<Relay, Error> {
        let Some(outbox) = self.outbox() else {
            return Err(Error::no_outbox());
        };
        if self.cache().health().remote.is_none() {
            tracing::warn!(
                target: crate::TARGET,
                "the relay's cache has no remote tier: if other processes share the outbox {:?}, each row is heard by one \
                 of them only, so give each an outbox of its own name, or all a remote tier",
                outbox.name()
            );
        }
        let shared = Arc::new(Progress::default());
        let (stop, stopped) = watch::channel(false);
        let (name, interval) = (outbox.name().to_owned(), outbox.interval);
        let work = run(self.clone(), name, interval, shared.clone(), stopped);
        let runtime = tokio::runtime::Handle::try_current().map_err(|error| {
            Error::new(ErrorKind::NoRuntime, "start the relay inside a tokio runtime").with(error)
        })?;
        Ok(Relay { shared, stop, task: Some(runtime.spawn(work)) })
    }
}

impl Relay {
    /// What it has done.
    pub fn stats(&self) -> RelayStats {
        self.shared.stats()
    }

    /// Ends the relay after the pass that is under way, or, where the database is silent, within about 10 s.
    ///
    /// # Cancel safety
    /// Dropped half-way, the relay ends at once; rows that it held stay.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = &mut self.task {
            // A panic there was reported when it happened.
            let _ = task.await;
        }
        self.task = None;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn run(
    db: CachedPool,
    name: String,
    interval: Duration,
    shared: Arc<Progress>,
    mut stopped: watch::Receiver<bool>,
) {
    let listening = Aborted(tokio::spawn(listen::run(db.pool().clone(), shared.clone())));
    let mut relaying = Relaying { db, name, shared, handed: HandedOver::default() };
    let mut closed = pin!(relaying.db.pool().close_event());
    let mut look = true;
    // It is not begun anew when the relay is woken: wake-ups may come all the time.
    let mut looks = pin!(tokio::time::sleep(interval));
    loop {
        let round = relaying.round(look).await;
        if relaying.db.pool().is_closed() {
            break;
        }
        if let Err(error) = round {
            relaying.shared.faults.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(target: crate::TARGET, "the relay could not read the outbox: {error}");
        }
        if look {
            looks.set(tokio::time::sleep(interval));
        }
        look = tokio::select! {
            () = relaying.shared.wake.notified() => false,
            () = &mut looks => true,
            _ = stopped.changed() => break,
            () = &mut closed => break,
        };
    }
    drop(listening);
}

/// A task that ends with its owner.
struct Aborted(JoinHandle<()>);

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Relaying {
    db: CachedPool,
    name: String,
    shared: Arc<Progress>,
    handed: HandedOver,
}

impl Relaying {
    /// Applies all that is due; with `look`, sees first whether there is anything.
    async fn round(&mut self, look: bool) -> sqlx::Result<()> {
        let arrived = self.handed.remove_arrived(&self.db, &self.name).await?;
        self.shared.applied.fetch_add(arrived, Ordering::Relaxed);
        if look && let Some(outbox) = self.db.outbox() {
            let backlog = outbox.backlog(self.db.pool()).await?;
            self.shared.set_backlog(backlog);
            if backlog.rows == 0 {
                return Ok(());
            }
        }
        loop {
            let passed = pass::pass(&self.db, &self.name, &mut self.handed).await?;
            self.shared.applied.fetch_add(passed.applied, Ordering::Relaxed);
            if !passed.more {
                return Ok(());
            }
        }
    }
}
