//! `key`: arguments, field paths, `self`, digests; equal keys share an entry, others do not.

use cached_core::cached;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

struct Filter {
    page: u32,
    org: (String, u8),
    // No part of the key.
    _trace: f64,
}

struct Repo {
    tenant: &'static str,
}

impl Repo {
    #[cached(key = "search:<self.tenant>:<filter.page>:<filter.org.0>:<token:hash>:<type>")]
    async fn search(&self, filter: &Filter, token: String, r#type: Option<i64>) -> u32 {
        let _ = (filter, token, r#type);
        LOADS.fetch_add(1, Ordering::Relaxed)
    }
}

fn filter(page: u32, trace: f64) -> Filter {
    Filter { page, org: ("a:b".to_owned(), 1), _trace: trace }
}

pub(crate) async fn run() {
    let repo = Repo { tenant: "north" };
    let first = repo.search(&filter(1, 0.5), "t".to_owned(), None).await;
    let again = repo.search(&filter(1, 0.7), "t".to_owned(), None).await;
    assert_eq!(first, again);
    for other in [
        repo.search(&filter(2, 0.5), "t".to_owned(), None).await,
        repo.search(&filter(1, 0.5), "u".to_owned(), None).await,
        repo.search(&filter(1, 0.5), "t".to_owned(), Some(0)).await,
        Repo { tenant: "south" }.search(&filter(1, 0.5), "t".to_owned(), None).await,
    ] {
        assert_ne!(first, other);
    }
    assert_eq!(LOADS.load(Ordering::Relaxed), 5);
}
