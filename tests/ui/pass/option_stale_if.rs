//! `stale_if`: in place of which errors a stale value is served, by a closure or the path of a function.

use cached_core::{Cache, Clock, LoadTimeout, cached};
use std::sync::Mutex;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Failure {
    Down,
    NotFound,
    Late,
}

impl Failure {
    fn is_passing(&self) -> bool {
        *self != Self::NotFound
    }
}

impl From<LoadTimeout> for Failure {
    fn from(_: LoadTimeout) -> Self {
        Self::Late
    }
}

/// What the source says; nothing, if it says nothing.
static ANSWER: Mutex<Option<Result<u32, Failure>>> = Mutex::new(Some(Ok(1)));

fn say(answer: Option<Result<u32, Failure>>) {
    *ANSWER.lock().unwrap() = answer;
}

async fn asked() -> Result<u32, Failure> {
    let answer = *ANSWER.lock().unwrap();
    match answer {
        Some(answer) => {
            tokio::task::yield_now().await;
            answer
        }
        None => std::future::pending().await,
    }
}

#[cached(ttl = "10s", stale_if_error = "10m", stale_if = Failure::is_passing, key = "by_path:<id>")]
async fn by_path(id: u32) -> Result<u32, Failure> {
    asked().await.map(|answer| answer + id)
}

// An error that cannot be shared, and a closure that uses an argument.
#[cached(
    ttl = "10s",
    stale_if_error = "10m",
    stale_if = |error| !error.to_string().contains(refused),
    key = "by_closure:<refused>"
)]
async fn by_closure(refused: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    asked().await.map_err(|failure| format!("{failure:?}").into())
}

#[cached(
    ttl = "10s",
    stale_if_error = "10m",
    stale_if = |error: &Failure| error.is_passing(),
    timeout = "20ms",
    key = "limited:<id>"
)]
async fn limited(id: u32) -> Result<u32, Failure> {
    asked().await.map(|answer| answer + id)
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).build().unwrap();
    let reads = async {
        assert_eq!(by_path(1).await, Ok(2));
        assert_eq!(by_closure("NotFound").await.unwrap(), 1);
        assert_eq!(limited(1).await, Ok(2));
        hand.advance(Duration::from_secs(10));

        say(Some(Err(Failure::Down)));
        assert_eq!(by_path(1).await, Ok(2), "the stale value");
        assert_eq!(by_closure("NotFound").await.unwrap(), 1);
        assert_eq!(limited(1).await, Ok(2));
        assert_eq!(by_path(2).await, Err(Failure::Down), "there is none");

        say(Some(Err(Failure::NotFound)));
        let both = tokio::join!(by_path(1), by_path(1));
        assert_eq!(both, (Err(Failure::NotFound), Err(Failure::NotFound)), "who waits with it too");
        assert_eq!(by_closure("NotFound").await.unwrap_err().to_string(), "NotFound");
        assert_eq!(limited(1).await, Err(Failure::NotFound));

        say(None);
        assert_eq!(limited(1).await, Ok(2), "a load that takes too long");
        assert_eq!(limited(2).await, Err(Failure::Late), "there is no stale value");
    };
    cache.scope(reads).await;
}
