//! Which cached functions an invalidation concerns, told by their templates.

use super::linked::reads;
use crate::key::Outline;

/// What an invalidation names, as text.
pub(crate) trait Named {
    fn keys(&self) -> impl Iterator<Item = &str>;
    fn tags(&self) -> impl Iterator<Item = &str>;
    fn patterns(&self) -> impl Iterator<Item = &str>;
    fn is_everything(&self) -> bool;
}

/// The places in [`reads`] of the functions with an entry that it could invalidate.
pub(crate) fn met(what: &impl Named) -> Vec<usize> {
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
