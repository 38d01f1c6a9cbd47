//! `.*` in an argument of `#[invalidates]`: a bulk write names an entry for each element.

use cached_core::{Invalidation, cached, invalidates};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(key = "course:<id>", tags = ["teacher:<id>:math"])]
async fn course(id: u32) -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed) + id
}

struct Change {
    id: u32,
    parts: Vec<(u32, String)>,
}

struct Shelf {
    ids: Vec<u32>,
}

impl Shelf {
    #[invalidates(key = "course:<self.ids.*>")]
    async fn clear(&mut self) {
        self.ids.clear();
    }
}

// Lent, and what the body takes.
#[invalidates(key = "course:<ids.*>")]
async fn remove(ids: &[u32]) -> Result<(), io::Error> {
    if ids.is_empty() { Err(io::ErrorKind::InvalidInput.into()) } else { Ok(()) }
}

#[invalidates(key = ["course:<changes.*.id>", "part:<changes.*.id>:<changes.*.parts.*.1>"], tags = "all")]
async fn apply(changes: Vec<Change>) -> usize {
    changes.into_iter().map(|change| change.parts.len()).sum()
}

#[invalidates(
    tags = "teacher:<names.*.0>:<subject>",
    pattern = "list:<names.*.1:hash>:*",
    key = "of:<return>"
)]
async fn reassign(names: HashMap<u32, String>, subject: &str) -> u32 {
    names.into_values().map(|name| name.len() as u32).sum()
}

// Of what is not rendered, any type will do; and the event may take what the others go through.
#[invalidates(key = "course:<moved.1.*>", with = all_of(moved.1))]
async fn shift(moved: (f64, Vec<u32>)) {}

fn all_of(ids: Vec<u32>) -> Invalidation {
    ids.iter().fold(Invalidation::new(), |inv, id| inv.key(format!("part:{id}")))
}

#[invalidates(key = "course:<id.*>")]
async fn perhaps(id: Option<u32>) {}

async fn loads() -> u32 {
    for id in 1..=3 {
        course(id).await;
    }
    LOADS.load(Ordering::Relaxed)
}

pub(crate) async fn run() {
    assert_eq!((loads().await, loads().await), (3, 3));
    remove(&[1, 3]).await.unwrap();
    assert_eq!(loads().await, 5);
    assert!(remove(&[]).await.is_err());
    assert_eq!(loads().await, 5);
    let parts = vec![(1, "a:b".to_owned())];
    assert_eq!(apply(vec![Change { id: 2, parts }, Change { id: 9, parts: vec![] }]).await, 1);
    assert_eq!(loads().await, 6);
    assert_eq!(
        reassign(HashMap::from([(1, "ada".to_owned()), (2, "bob".to_owned())]), "math").await,
        6
    );
    assert_eq!(loads().await, 8);
    perhaps(None).await;
    assert_eq!(loads().await, 8);
    perhaps(Some(3)).await;
    assert_eq!(loads().await, 9);
    shift((0.5, vec![3])).await;
    assert_eq!(loads().await, 10);
    Shelf { ids: vec![1, 2] }.clear().await;
    assert_eq!(loads().await, 12);
}
