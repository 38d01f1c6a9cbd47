//! Which cached functions an invalidation concerns, told by their templates, and what a write's event was seen to
//! concern. What the compiler knows of a write is in `write`.

use super::linked::reads;
use super::write::WriteSite;
use crate::key::Outline;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// What an invalidation names, as text.
pub(crate) trait Named {
    fn keys(&self) -> impl Iterator<Item = &str>;
    fn tags(&self) -> impl Iterator<Item = &str>;
    fn patterns(&self) -> impl Iterator<Item = &str>;
    fn is_everything(&self) -> bool;
}

/// What an event invalidates is looked at this often, then once in as many calls.
const LOOKS: u64 = 64;

impl WriteSite {
    /// Counts a run with what it invalidates.
    pub(crate) fn ran(&self, what: &impl Named) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.look(what);
    }

    /// Now and then looks which cached functions the event invalidates: what it names is known only when it runs.
    pub(crate) fn look(&self, what: &impl Named) {
        let runs = self.runs();
        if self.event.is_some() && (runs <= LOOKS || runs.is_multiple_of(LOOKS)) {
            let met = met(what);
            self.learnt.lock().unwrap_or_else(PoisonError::into_inner).extend(met);
        }
    }
}

/// The places in [`reads`] of the functions with an entry that it could invalidate.
fn met(what: &impl Named) -> Vec<usize> {
    let keys: Vec<Outline> =
        what.keys().map(Outline::of_key).chain(what.patterns().map(Outline::of_pattern)).collect();
    let tags: Vec<Outline> = what.tags().map(Outline::of_key).collect();
    let meets = |template: &str, named: &[Outline]| {
        let template = Outline::of_template(template);
        named.iter().any(|outline| outline.meets(&template))
    };
    let concerned = |(_, site): &(usize, &&super::Site)| {
        what.is_everything()
            || meets(site.template, &keys)
            || site.tags.iter().any(|tag| meets(tag, &tags))
    };
    reads().iter().enumerate().filter(concerned).map(|(at, _)| at).collect()
}
