//! `cache_if`: a closure over the value or the path of a function.

use cached_core::cached;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(cache_if = |list| !list.is_empty())]
async fn list(len: usize) -> Result<Vec<u8>, std::io::Error> {
    LOADS.fetch_add(1, Ordering::Relaxed);
    Ok(vec![0; len])
}

#[allow(clippy::ptr_arg)]
fn is_public(name: &String) -> bool {
    !name.starts_with('_')
}

#[cached(cache_if = is_public, key = "name:<name>")]
async fn name(name: &str) -> String {
    name.to_owned()
}

#[cached(cache_if = |name| name.len() > prefix.len() + min, ttl = |_| std::time::Duration::from_secs(min as u64))]
async fn with_arguments(prefix: &str, min: usize) -> String {
    format!("{prefix}{min}")
}

pub(crate) async fn run() {
    assert_eq!(with_arguments("a", 1).await, "a1");
    for len in [0, 0, 1, 1] {
        assert_eq!(list(len).await.unwrap().len(), len);
    }
    assert_eq!(LOADS.load(Ordering::Relaxed), 3);
    assert_eq!(name("_a").await, "_a");
}
