//! One cold key, many callers, two real processes: one load; and a holder of the lease that is killed delays the
//! others by no more than the lease's life.

use cached_testkit::shared_postgres;
use cached_tests::consistency::duo::{Duo, line_up, served};
use cached_tests::consistency::process::{Answer, Order};
use std::path::Path;
use std::time::Duration;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_consistency"))
}

#[tokio::test]
async fn ten_thousand_callers_in_each_of_two_processes_cause_one_load() {
    const CALLERS: usize = 10_000;
    // Longer than any scheduling, so that a second load would be a mistake.
    let lease = Duration::from_secs(120);
    let mut duo = Duo::start(program(), shared_postgres(), lease).await;
    for process in [&mut duo.first, &mut duo.second] {
        line_up(process, "cold", CALLERS, Duration::from_millis(500)).await;
    }
    duo.first.order(&Order::Go).await;
    duo.second.order(&Order::Go).await;
    for process in [&mut duo.first, &mut duo.second] {
        assert_eq!(served(process).await, CALLERS);
    }
    assert_eq!(duo.loads("cold").await, 1);
}

#[tokio::test]
async fn a_killed_holder_delays_the_others_by_no_more_than_its_lease() {
    let lease = Duration::from_secs(6);
    let forever = Duration::from_secs(100_000);
    let mut duo = Duo::start(program(), shared_postgres(), lease).await;
    line_up(&mut duo.first, "held", 1, forever).await;
    // Long enough for its lease to be looked at.
    line_up(&mut duo.second, "held", 100, Duration::from_secs(2)).await;
    duo.first.order(&Order::Go).await;
    duo.first.expect(&Answer::Loading).await;
    let ends = duo.ends_ms("held");
    assert!(ends > 0, "a lease that ends by itself");
    duo.second.order(&Order::Go).await;
    let killed = duo.first.id();
    // `kill -9`: nothing of it can give the lease back.
    duo.first.kill().await;
    duo.second.expect(&Answer::Loading).await;
    // One of those who waited holds a lease of its own now. When it was taken is told by the server's clock.
    let taken = duo.ends_ms("held") - lease.as_millis() as i64;
    let late = taken - ends;
    // They look every 60 ms at most; the rest is for a machine that is busy.
    let looks = lease.as_millis() as i64 / 4;
    assert!((0..looks).contains(&late), "taken {late} ms after the other's end");
    let callers = served(&mut duo.second).await;
    assert_eq!((callers, duo.loads("held").await), (100, 2), "process {killed} died loading");
}
