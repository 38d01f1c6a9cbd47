//! `pattern`: globs over keys, one or a list, with placeholders of arguments and of the returned value.

use cached_core::{cached, invalidates};
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(key = "page:<user>:<name>")]
async fn page(user: u32, name: &str) -> String {
    LOADS.fetch_add(1, Ordering::Relaxed);
    format!("{user} {name}")
}

#[invalidates(pattern = "page:*")]
async fn everywhere() {}

#[invalidates(pattern = ["page:<user>:*", "page:?:<user>"])]
async fn of_user(user: u32) {}

#[invalidates(pattern = "page:<user>:<return>*")]
async fn of_returned(user: u32) -> Result<String, std::io::Error> {
    Ok("ho".to_owned())
}

async fn loads() -> u32 {
    page(1, "home").await;
    LOADS.load(Ordering::Relaxed)
}

pub(crate) async fn run() {
    assert_eq!((loads().await, loads().await), (1, 1));
    everywhere().await;
    assert_eq!(loads().await, 2);
    of_user(1).await;
    assert_eq!(loads().await, 3);
    of_user(2).await;
    assert_eq!(loads().await, 3);
    of_returned(1).await.unwrap();
    assert_eq!(loads().await, 4);
}
