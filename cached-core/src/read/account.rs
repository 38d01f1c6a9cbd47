//! What a read tells the request around it: where its value came from, and why the source was asked. How that is said in
//! HTTP is in `scope::report`.

use super::call::Call;
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::scope::{Forwarded, ReadReport, ReadSource, Request, Wish};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl<O: Outcome> Call<'_, O> {
    /// Looks whether this process has an entry whose lifetime has ended: a load replaces it.
    pub(super) fn look_for_ended(&self) {
        let lifetime = self.engine.local.lifetime(self.hash, self.key.as_bytes());
        if lifetime.is_some_and(|(left_ms, _)| left_ms == 0) {
            self.met.ended.store(true, Ordering::Relaxed);
        }
    }

    /// Puts a read on a request's account.
    pub(super) fn account(
        &self,
        request: &Request,
        took: Duration,
        source: ReadSource,
        entry: Option<&Arc<Entry<O::Value>>>,
    ) {
        let report = ReadReport::new(self.site.template, source, took);
        let report = report.forwarded(self.forwarded(source));
        request.account(match entry {
            Some(entry) => report.fresh_until(entry.meta.fresh_until, self.engine.clock.now()),
            None => report,
        });
    }

    /// Why the source was asked, if it was.
    fn forwarded(&self, source: ReadSource) -> Option<Forwarded> {
        let asked = match source {
            ReadSource::Request | ReadSource::Local | ReadSource::Remote => false,
            ReadSource::Stale => self.met.failure.load(Ordering::Relaxed),
            ReadSource::Shared | ReadSource::Load | ReadSource::Failed | ReadSource::Bypass => true,
        };
        let is_early = self.plan.early.is_some();
        asked.then(|| match self.plan.wish {
            Wish::Bypass => Forwarded::Bypass,
            Wish::Refresh => Forwarded::Request,
            Wish::Usual | Wish::Revalidate
                if is_early || self.met.ended.load(Ordering::Relaxed) =>
            {
                Forwarded::Stale
            }
            Wish::Usual | Wish::Revalidate => Forwarded::Miss,
        })
    }
}
