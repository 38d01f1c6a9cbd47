//! Types decide, not spelling: aliases of `Result`, own types called `Result`, plain values.

use cached_core::cached;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

// Not `Clone`, as most errors.
#[derive(Debug)]
struct Failed(std::io::Error);

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error)
    }
}

type Fallible<T = u32> = std::result::Result<T, Failed>;

mod house {
    pub(super) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
}

mod named_result {
    #[derive(Clone, serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    pub(super) struct Result(pub(super) u32);
}

#[cached(key = "alias:<fail>")]
async fn alias(fail: bool) -> Fallible {
    LOADS.fetch_add(1, Ordering::Relaxed);
    if fail {
        return Err(std::io::Error::from(std::io::ErrorKind::Other).into());
    }
    Ok(1)
}

#[cached]
async fn boxed(text: &str) -> house::Result<u32> {
    Ok(text.parse()?)
}

#[cached]
async fn plain() -> named_result::Result {
    named_result::Result(3)
}

#[cached]
async fn shared_error(fail: bool) -> Result<u32, String> {
    if fail { Err("failed".to_owned()) } else { Ok(1) }
}

#[cached]
async fn static_error(fail: bool) -> Result<u32, &'static str> {
    if fail { Err("failed") } else { Ok(1) }
}

static BEHIND: AtomicU32 = AtomicU32::new(0);

trait Answer: cached_core::CacheValue {
    fn answer() -> Self;
}

impl Answer for u32 {
    fn answer() -> Self {
        7
    }
}

impl Answer for Result<u32, String> {
    fn answer() -> Self {
        Err("failed".to_owned())
    }
}

// That `T` is a `Result` is not to be known here: nothing is cached then, rather than its error.
#[cached]
async fn behind<T: Answer>() -> T {
    BEHIND.fetch_add(1, Ordering::Relaxed);
    T::answer()
}

pub(crate) async fn run() {
    assert_eq!((behind::<u32>().await, behind::<u32>().await), (7, 7));
    assert_eq!(BEHIND.load(Ordering::Relaxed), 1);
    for _ in 0..2 {
        behind::<Result<u32, String>>().await.unwrap_err();
    }
    assert_eq!(BEHIND.load(Ordering::Relaxed), 3);
    for _ in 0..2 {
        assert_eq!(alias(true).await.unwrap_err().0.kind(), std::io::ErrorKind::Other);
        alias(false).await.unwrap();
    }
    // Errors are not cached.
    assert_eq!(LOADS.load(Ordering::Relaxed), 3);
    assert_eq!(boxed("2").await.unwrap(), 2);
    boxed("x").await.unwrap_err();
    assert_eq!(plain().await, named_result::Result(3));
    assert_eq!(shared_error(true).await.unwrap_err(), "failed");
    assert_eq!(static_error(true).await, Err("failed"));
}
