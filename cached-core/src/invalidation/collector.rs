//! Invalidations that are gathered now and applied later, by whoever knows when: a transaction, once it has
//! committed. Nothing is applied here.

use super::Invalidation;
use crate::outcome::Outcome;
use crate::site::WriteSite;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Gathers invalidations until its owner takes them. Cloning gives the same collection.
#[derive(Clone, Default)]
pub struct Collector(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    gathered: Invalidation,
    /// Where to hand on what comes after the commit.
    late: Option<Arc<Late>>,
}

type Late = dyn Fn(Invalidation) + Send + Sync;

impl Collector {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the targets of an invalidation.
    pub fn add(&self, invalidation: Invalidation) {
        let mut state = self.state();
        let Some(late) = state.late.clone() else {
            state.gathered = std::mem::take(&mut state.gathered).and(invalidation);
            return;
        };
        drop(state);
        late(invalidation);
    }

    /// Takes what was gathered, and leaves nothing.
    pub fn take(&self) -> Invalidation {
        std::mem::take(&mut self.state().gathered)
    }

    /// Hands on, from now on, what is added, and at once what was gathered since it was taken: for a transaction
    /// that has committed, so that nothing added late is lost.
    pub fn hand_on(&self, late: impl Fn(Invalidation) + Send + Sync + 'static) {
        let late: Arc<Late> = Arc::new(late);
        self.state().late = Some(late.clone());
        let gathered = self.take();
        if !gathered.is_empty() {
            late(gathered);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Collector").field(&self.state().gathered).finish()
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
    site: Option<&'static WriteSite>,
    on_success: Vec<OnSuccess<'a, O::Value>>,
}

impl<'a, O: Outcome> Gather<'a, O> {
    pub(crate) fn begin(collector: Collector, invalidation: Invalidation) -> Self {
        Self { collector, invalidation, site: None, on_success: Vec::new() }
    }

    /// The annotated function.
    pub fn site(mut self, site: &'static WriteSite) -> Self {
        self.site = Some(site);
        self
    }

    /// Adds targets that depend on the value; an error adds none.
    pub fn on_success(
        mut self,
        add: impl FnOnce(&O::Value, Invalidation) -> Invalidation + Send + 'a,
    ) -> Self {
        self.on_success.push(Box::new(add));
        self
    }

    /// Gathers, then runs the body: whatever becomes of it, a commit that follows includes what it wrote, and a
    /// body that commits by itself does.
    ///
    /// # Cancel safety
    /// Once polled, everything is gathered but the targets that depend on the value.
    pub async fn run<F>(self, body: F) -> O::Return
    where
        F: Future<Output = O::Return>,
    {
        if let Some(site) = self.site {
            site.ran(&self.invalidation);
        }
        self.collector.add(self.invalidation);
        let returned = body.await;
        if let Some(value) = O::peek(&returned) {
            let none = Invalidation::new();
            let late = self.on_success.into_iter().fold(none, |all, add| add(value, all));
            if let Some(site) = self.site {
                site.look(&late);
            }
            self.collector.add(late);
        }
        returned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_the_commit_is_handed_on() {
        let (collector, seen) = (Collector::new(), Collector::new());
        collector.add(Invalidation::new().key("before"));
        assert_eq!(collector.take().keys().collect::<Vec<_>>(), ["before"]);
        collector.add(Invalidation::new().key("while"));
        let to = seen.clone();
        collector.hand_on(move |late| to.add(late));
        collector.add(Invalidation::new().key("after"));
        assert_eq!(seen.take().keys().collect::<Vec<_>>(), ["while", "after"]);
        assert!(collector.take().is_empty());
    }
}
