//! A place for a connection, which is made when it is needed and replaced when it broke or hung.

use crate::remote::transport::Fault;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

pub(super) struct Slot<C> {
    connection: Mutex<Option<(u64, C)>>,
    /// Connections made before this number are not used any more.
    valid_from: AtomicU64,
    made: AtomicU64,
}

impl<C> Default for Slot<C> {
    fn default() -> Self {
        let (valid_from, made) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { connection: Mutex::new(None), valid_from, made }
    }
}

impl<C: Clone> Slot<C> {
    /// The connection and its number; connects if there is none. Callers who come meanwhile wait for that one
    /// attempt, each no longer than its own timeout.
    pub(super) async fn connection<F>(&self, connect: impl FnOnce() -> F) -> Result<(u64, C), Fault>
    where
        F: Future<Output = Result<C, Fault>>,
    {
        let mut held = self.connection.lock().await;
        if let Some((number, connection)) = &*held
            && *number >= self.valid_from.load(Ordering::Acquire)
        {
            return Ok((*number, connection.clone()));
        }
        *held = None;
        let connection = connect().await?;
        let number = self.number();
        *held = Some((number, connection.clone()));
        Ok((number, connection))
    }

    /// Puts a connection that was made elsewhere in the place of the one that is used.
    #[cfg(feature = "redis-cluster")]
    pub(super) async fn put(&self, connection: C) {
        let mut held = self.connection.lock().await;
        *held = Some((self.number(), connection));
    }

    fn number(&self) -> u64 {
        self.made.fetch_add(1, Ordering::AcqRel) + 1
    }
}

impl<C> Slot<C> {
    /// Connections up to this number are not used any more.
    pub(super) fn drop_through(&self, number: u64) {
        self.valid_from.fetch_max(number + 1, Ordering::AcqRel);
    }

    /// No connection that was made until now is used any more.
    pub(super) fn drop_all(&self) {
        self.drop_through(self.made.load(Ordering::Acquire));
    }
}
