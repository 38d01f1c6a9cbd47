//! A hit allocates nothing but what the value's own clone does.

use cached_core::{Cache, cached};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use uuid::Uuid;

#[cached(ttl = "medium", key = "course:<id>:<title>:<page>", tags = ["teacher:<id>"])]
async fn course(id: Uuid, title: &str, page: Option<u32>) -> Result<u64, String> {
    Ok(title.len() as u64 + u64::from(page.unwrap_or(0)) + u64::from(id.as_bytes()[0]))
}

#[cached(key = "named:<id>")]
async fn named(id: u32) -> String {
    format!("a text of some length, number {id}")
}

/// A hit is ready at the first poll.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("not a hit"),
    }
}

#[test]
fn a_hit_allocates_nothing_for_its_key() {
    let id = Uuid::from_u128(7);
    let read = || now(course(id, "a:b title with spaces", Some(3)));
    read().unwrap();
    let allocated = allocation_counter::measure(|| {
        read().unwrap();
    });
    assert_eq!(allocated.count_total, 0, "{allocated:?}");
    assert!(cached_core::current().stats().local_hits >= 1);
}

#[test]
fn the_values_own_clone_is_all_that_is_allocated() {
    now(named(1));
    let allocated = allocation_counter::measure(|| {
        now(named(1));
    });
    assert_eq!(allocated.count_total, 1, "{allocated:?}");
}

/// The measure measures: a miss allocates.
#[test]
fn a_miss_allocates() {
    let cache = Cache::builder().build().unwrap();
    let allocated = allocation_counter::measure(|| {
        let _ = now(cache.scope(course(Uuid::nil(), "x", None)));
    });
    assert!(allocated.count_total > 0);
}
