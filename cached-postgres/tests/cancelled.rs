//! Transactions that are given up while they begin: nothing is left open.

mod common;

use cached_postgres::CachedPool;
use cached_testkit::{Fault, FaultProxy, shared_postgres};
use common::*;
use sqlx::postgres::PgPoolOptions;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Polls a future so many times at most, then drops it; whether it was ready before.
async fn given_up(future: impl Future, after: usize) -> bool {
    let mut future = pin!(future);
    let mut polls = 0;
    std::future::poll_fn(|context| {
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if polls == after => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn a_begin_that_is_given_up_leaves_no_transaction_open_in_the_pool() {
    let (pool, url) = database().await;
    // No answer is there at once: each takes a poll of its own.
    let slow = FaultProxy::start(shared_postgres().address()).await.unwrap();
    slow.set(Fault::Slow(Duration::from_millis(5))).await;
    let port = |port: u16| format!(":{port}/");
    let url = url.replace(&port(shared_postgres().port()), &port(slow.address().port()));
    let one = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let db = CachedPool::new(one, cache().await);
    for polls in 1..5 {
        for explicit in [false, true] {
            if explicit {
                given_up(db.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE"), polls).await;
            } else {
                given_up(db.begin(), polls).await;
            }
            let title = format!("{polls} {explicit}");
            rename(&mut db.pool().acquire().await.unwrap(), 1, &title).await;
            assert_eq!(title_in_database(&pool, 1).await.unwrap(), title, "it was not committed");
        }
    }
}
