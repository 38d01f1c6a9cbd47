//! Invalidations that are gathered now and applied later, by whoever knows when: a transaction, once it has
//! committed. Nothing is applied here.

use super::Invalidation;
use crate::outcome::Outcome;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// Gathers invalidations until its owner takes them. Cloning gives the same collection.
#[derive(Clone, Default, Debug)]
pub struct Collector(Arc<Mutex<Invalidation>>);

impl Collector {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the targets of an invalidation.
    pub fn add(&self, invalidation: Invalidation) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all = std::mem::take(&mut *all).and(invalidation);
    }

    /// Takes what was gathered, and leaves nothing.
    pub fn take(&self) -> Invalidation {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What `#[invalidates(in = ..)]` may name: something that applies invalidations later, such as cached-postgres'
/// `CachedTransaction`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` gathers no invalidations",
    label = "`in = ..` needs a transaction that applies them when it has committed",
    note = "take `&mut cached_postgres::CachedTransaction<'_>` in place of sqlx's transaction"
)]
pub trait Collects {
    /// Where it gathers them.
    fn collector(&self) -> Collector;
}

impl<T: Collects + ?Sized> Collects for &T {
    fn collector(&self) -> Collector {
        (**self).collector()
    }
}

impl<T: Collects + ?Sized> Collects for &mut T {
    fn collector(&self) -> Collector {
        (**self).collector()
    }
}

type OnSuccess<'a, T> = Box<dyn FnOnce(&T, Invalidation) -> Invalidation + Send + 'a>;

/// A write inside something that [collects](Collects): a body, and what it makes untrue once that is committed.
#[must_use = "a write does nothing until it is run"]
pub struct Gather<'a, O: Outcome> {
    collector: Collector,
    invalidation: Invalidation,
    on_success: Vec<OnSuccess<'a, O::Value>>,
}

impl<'a, O: Outcome> Gather<'a, O> {
    pub(crate) fn begin(collector: Collector, invalidation: Invalidation) -> Self {
        Self { collector, invalidation, on_success: Vec::new() }
    }

    /// Adds targets that depend on the value; an error adds none.
    pub fn on_success(
        mut self,
        add: impl FnOnce(&O::Value, Invalidation) -> Invalidation + Send + 'a,
    ) -> Self {
        self.on_success.push(Box::new(add));
        self
    }

    /// Gathers, then runs the body: whatever becomes of it, a commit that follows includes what it wrote.
    ///
    /// # Cancel safety
    /// Once polled, everything is gathered but the targets that depend on the value.
    pub async fn run<F>(self, body: F) -> O::Return
    where
        F: Future<Output = O::Return>,
    {
        self.collector.add(self.invalidation);
        let returned = body.await;
        if let Some(value) = O::peek(&returned) {
            for add in self.on_success {
                self.collector.add(add(value, Invalidation::new()));
            }
        }
        returned
    }
}
