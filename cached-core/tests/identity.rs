//! Two processes are told apart, whatever the application does with the generators that it shares with this crate.

mod common;

use cached_core::Cache;
use cached_core::remote::transport::Memory;
use common::{Source, eventually, listening, read};

/// A simulation that is to be repeated seeds `fastrand`, in each process alike.
#[tokio::test]
async fn caches_of_two_processes_that_seed_alike_hear_each_other() {
    let server = Memory::new();
    let build = || {
        fastrand::seed(7);
        Cache::builder().transport(server.clone()).build().unwrap()
    };
    let (a, b) = (build(), build());
    listening(&a).await;
    listening(&b).await;
    let source = Source::default();
    assert_eq!(read(&b, "k", &source).await, 0);
    let written = source.write();
    a.remove("k").await;
    eventually("the other one has heard", || b.stats().invalidations_received > 0).await;
    assert_eq!(read(&b, "k", &source).await, written);
}
