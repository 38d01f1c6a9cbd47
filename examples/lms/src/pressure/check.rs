//! After a write has answered: the pages that it concerns, in every server, at once.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;

use super::tally::Outcome;
use super::target::{Shared, get};

/// A page and what it must show.
pub(super) struct Expected {
    pub(super) path: String,
    pub(super) text: String,
}

/// Looks at every page in every server; the caller sees to it that nobody else writes meanwhile.
pub(super) async fn check(shared: &Shared, outcome: &mut Outcome, expected: &[Expected]) {
    let with_redis = shared.redis.load(Ordering::Relaxed);
    let pages = expected.iter().flat_map(|expected| {
        shared.targets.iter().map(move |target| async move {
            (expected, &target.base, get(target, &expected.path).await)
        })
    });
    for (expected, base, page) in join_all(pages).await {
        let page = match page {
            Ok(page) => page,
            Err(reason) => {
                outcome.fail(reason);
                continue;
            }
        };
        outcome.checked += 1;
        if page.contains(&expected.text) {
            continue;
        }
        // Redis may have gone between the write and the look.
        if with_redis && shared.redis.load(Ordering::Relaxed) {
            outcome.older += 1;
            let text = format!("{base}{} does not show `{}`", expected.path, expected.text);
            outcome.older_page.get_or_insert(text);
        } else {
            outcome.older_without_redis += 1;
        }
    }
}
