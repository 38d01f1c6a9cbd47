//! `ttl`: a tier, a duration, an expression of `Duration` or `Ttl`, or a closure over the value.

use cached_core::{Ttl, cached};
use std::time::Duration;

#[cached(ttl = "short")]
async fn tier() -> u32 {
    1
}

#[cached(ttl = "1h30m500ms")]
async fn duration() -> u32 {
    2
}

#[cached(ttl = Duration::from_secs(5))]
async fn expression() -> u32 {
    3
}

struct Repo {
    ttl: Ttl,
}

impl Repo {
    #[cached(ttl = self.ttl)]
    async fn field(&self) -> Option<u32> {
        Some(4)
    }
}

#[cached(ttl = |names| if names.is_empty() { Ttl::SHORT } else { Ttl::DAY }, key = "names:<prefix>")]
async fn by_value(prefix: String) -> Result<Vec<String>, std::io::Error> {
    Ok(vec![prefix])
}

pub(crate) async fn run() {
    assert_eq!((tier().await, duration().await, expression().await), (1, 2, 3));
    assert_eq!(Repo { ttl: Ttl::LONG }.field().await, Some(4));
    assert_eq!(by_value("a".to_owned()).await.unwrap(), ["a"]);
}
