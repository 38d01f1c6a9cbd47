//! No lint fires because of what the macros emit, under strict settings of the user's.

#![deny(
    warnings,
    missing_docs,
    unused,
    unreachable_pub,
    unused_qualifications,
    single_use_lifetimes
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![allow(clippy::redundant_pub_crate)]

use cached_core::{Invalidation, Ttl, cached, invalidates, key};
use std::sync::Arc;

/// A repository.
#[derive(Clone)]
pub(super) struct Repo {
    tenant: Arc<str>,
}

/// Stands in keys.
#[derive(cached_core::KeyPart)]
pub(super) struct Title<'a>(&'a str);

/// Does too.
#[derive(Clone, Copy, cached_core::KeyPart)]
pub(super) enum Order {
    /// By one.
    By {
        /// Which.
        field: u8,
        /// How.
        descending: bool,
    },
    /// By none.
    Unordered,
}

impl Repo {
    /// By derived parts.
    #[cached(stale_if_error = "1m", stale_if = |error| error.kind() != std::io::ErrorKind::NotFound)]
    pub(super) async fn ordered(
        &self,
        title: &Title<'_>,
        order: Order,
    ) -> Result<u32, std::io::Error> {
        let _ = (title.0, order);
        self.one(1, String::new()).await
    }

    /// One.
    ///
    /// # Errors
    /// None.
    #[cached(
        ttl = |value| if *value == 0 { Ttl::SHORT } else { Ttl::DAY },
        key = "one:<self.tenant>:<id>:<name>", tags = ["name:<name>", "v:<name>:<return>"], cache_if = |value| *value > 0
    )]
    pub(super) async fn one(&self, id: u32, name: String) -> Result<u32, std::io::Error> {
        tokio::task::yield_now().await;
        Ok(id + u32::try_from(name.len()).unwrap_or(0))
    }

    /// An argument that is only in the key.
    #[cached]
    async fn two(&self, id: u32, text: &str) -> Option<u32> {
        self.one(1, text.to_owned()).await.ok()
    }

    /// A body that is one `await`.
    #[cached(skip(other))]
    async fn three<T: Sync>(&self, other: &T) -> Option<u32> {
        let _ = other;
        self.two(1, "a").await
    }

    /// Tagged by elements, and loaded anew in the background.
    #[cached(
        key = "list:<id>:<name>", tags = ["of:<name>:<return.*.0>:<return.*.1.*>"], stale_while_revalidate = "10s",
        stale_if_error = "1m", early_refresh
    )]
    async fn list(&self, id: u32, name: &str) -> Result<Vec<(u32, Option<u32>)>, std::io::Error> {
        tokio::task::yield_now().await;
        Ok(vec![(id, u32::try_from(name.len()).ok())])
    }

    /// Changes all.
    #[invalidates(key = ["one:<return.*>:<id>", "all"])]
    async fn change_all(&self, id: u32) -> Vec<u32> {
        vec![id]
    }

    /// Changes.
    #[invalidates(
        self.one(id, String::new()), Self::two(id, "a"), pattern = "one:*", tags = ["v:<id>:<return>"],
        with = |count| Invalidation::new().key(key!("count:<count>"))
    )]
    pub(super) async fn change(&mut self, id: u32) -> u32 {
        self.tenant = "south".into();
        id
    }

    /// Returns nothing.
    #[invalidates(Self::two(1, "a"))]
    async fn nothing(&self) {
        tokio::task::yield_now().await;
    }
}

/// Unfinished.
#[cached]
async fn unfinished(id: u32) -> Result<u32, std::io::Error> {
    panic!("{id}")
}

pub(crate) async fn run() {
    let mut repo = Repo { tenant: "north".into() };
    assert_eq!(repo.one(1, "a".to_owned()).await.ok(), Some(2));
    assert_eq!(repo.ordered(&Title("a"), Order::Unordered).await.ok(), Some(1));
    let by = Order::By { field: 1, descending: true };
    assert_eq!(repo.ordered(&Title("a"), by).await.ok(), Some(1));
    assert_eq!(repo.three(&1).await, Some(2));
    assert_eq!(repo.change(1).await, 1);
    assert_eq!(repo.list(1, "a").await.ok(), Some(vec![(1, Some(1))]));
    assert_eq!(repo.change_all(1).await, [1]);
    repo.nothing().await;
    drop(unfinished(1));
}
