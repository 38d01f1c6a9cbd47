//! A place for a connection, which is made when it is needed and replaced when it broke or hung.
//!
//! It is made in a task of its own: of those who wait for it none holds up the others, though nobody may poll them any more.

use crate::remote::transport::Fault;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

type Connecting<C> = Pin<Box<dyn Future<Output = Result<C, Fault>> + Send>>;
/// A connection and its number.
type Made<C> = Result<(u64, C), Fault>;
/// What has come of an attempt, once that is known.
type Attempt<C> = watch::Receiver<Option<Made<C>>>;

pub(super) struct Slot<C>(Arc<Place<C>>);

struct Place<C> {
    connect: Box<dyn Fn() -> Connecting<C> + Send + Sync>,
    held: Mutex<Held<C>>,
    /// Connections made before this number are not used any more.
    valid_from: AtomicU64,
    made: AtomicU64,
}

struct Held<C> {
    connection: Option<(u64, C)>,
    /// The attempt to connect that somebody waits for.
    attempt: Option<Attempt<C>>,
}

impl<C> Clone for Slot<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C: Clone + Send + Sync + 'static> Slot<C> {
    pub(super) fn new<F>(connect: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<C, Fault>> + Send + 'static,
    {
        Self(Arc::new(Place {
            connect: Box::new(move || Box::pin(connect())),
            held: Mutex::new(Held { connection: None, attempt: None }),
            valid_from: AtomicU64::new(0),
            made: AtomicU64::new(0),
        }))
    }

    /// The connection and its number; connects if there is none. Callers who come meanwhile wait for that one attempt, each
    /// no longer than its own timeout.
    pub(super) async fn connection(&self) -> Made<C> {
        loop {
            let mut attempt = match self.at_hand() {
                Ok(connection) => return Ok(connection),
                Err(attempt) => attempt,
            };
            // An attempt may end with the runtime that it was begun in: then there is another.
            if let Ok(made) = attempt.wait_for(Option::is_some).await
                && let Some(made) = &*made
            {
                return made.clone();
            }
        }
    }

    /// The connection and its number, if there is one.
    pub(super) fn made(&self) -> Option<(u64, C)> {
        self.valid(&self.lock())
    }

    fn valid(&self, held: &Held<C>) -> Option<(u64, C)> {
        let valid_from = self.0.valid_from.load(Ordering::Acquire);
        held.connection.clone().filter(|(number, _)| *number >= valid_from)
    }

    /// The connection, or the attempt to wait for.
    fn at_hand(&self) -> Result<(u64, C), Attempt<C>> {
        let mut held = self.lock();
        if let Some(connection) = self.valid(&held) {
            return Ok(connection);
        }
        held.connection = None;
        if let Some(attempt) = &held.attempt
            && attempt.has_changed().is_ok()
        {
            return Err(attempt.clone());
        }
        let (tell, attempt) = watch::channel(None);
        held.attempt = Some(attempt.clone());
        let slot = self.clone();
        tokio::spawn(async move {
            let connected = (slot.0.connect)().await;
            let mut held = slot.lock();
            held.attempt = None;
            let made = connected.map(|connection| slot.hold(&mut held, connection));
            drop(held);
            // Whoever has waited may be gone.
            tell.send_replace(Some(made));
        });
        Err(attempt)
    }

    /// Puts a connection that was made elsewhere in the place of the one that is used.
    #[cfg(feature = "redis-cluster")]
    pub(super) fn put(&self, connection: C) {
        self.hold(&mut self.lock(), connection);
    }

    fn hold(&self, held: &mut Held<C>, connection: C) -> (u64, C) {
        let number = self.0.made.fetch_add(1, Ordering::AcqRel) + 1;
        held.connection = Some((number, connection.clone()));
        (number, connection)
    }
}

impl<C> Slot<C> {
    /// Connections up to this number are not used any more. Says whether that one was until now.
    pub(super) fn drop_through(&self, number: u64) -> bool {
        self.0.valid_from.fetch_max(number + 1, Ordering::AcqRel) <= number
    }

    /// No connection that was made until now is used any more, and no attempt is waited for: its runtime may have no turn.
    pub(super) fn drop_all(&self) {
        self.drop_through(self.0.made.load(Ordering::Acquire));
        self.lock().attempt = None;
    }

    fn lock(&self) -> MutexGuard<'_, Held<C>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Waker};
    use tokio::sync::Semaphore;

    /// Each connection is its number; one is made for each permit.
    fn gated() -> (Arc<Semaphore>, Slot<u64>) {
        let (gate, count) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU64::new(0)));
        let opens = gate.clone();
        let slot = Slot::new(move || {
            let (gate, count) = (gate.clone(), count.clone());
            async move {
                gate.acquire().await.expect("it is never closed").forget();
                Ok(count.fetch_add(1, Ordering::SeqCst) + 1)
            }
        });
        (opens, slot)
    }

    #[tokio::test]
    async fn who_is_not_polled_holds_up_nobody() {
        let (gate, slot) = gated();
        let mut first = std::pin::pin!(slot.connection());
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        gate.add_permits(1);
        assert_eq!(slot.connection().await, Ok((1, 1)));
        slot.drop_all();
        gate.add_permits(1);
        assert_eq!(slot.connection().await, Ok((2, 2)));
        assert_eq!(first.await, Ok((1, 1)), "one attempt for both");
    }

    #[test]
    fn an_attempt_that_ends_with_its_runtime_is_made_anew() {
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (gate, slot) = gated();
        let ended = runtime();
        ended.block_on(async {
            let mut first = std::pin::pin!(slot.connection());
            assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        });
        drop(ended);
        gate.add_permits(1);
        assert_eq!(runtime().block_on(slot.connection()), Ok((1, 1)));
    }
}
