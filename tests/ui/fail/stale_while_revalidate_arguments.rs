//! Arguments that no background task can own.

use cached_core::cached;
use std::borrow::Cow;

trait Source: Sync {
    fn load(&self) -> u32;
}

struct Path<T>(T);

#[cached(stale_while_revalidate = "10s", skip(count, source, other, visit))]
async fn borrowed<'a>(
    count: &mut u32,
    source: &dyn Source,
    other: &'a impl Source,
    visit: impl Fn(u32),
    names: &[&str],
    text: Cow<'a, str>,
    some: Option<&'a &'a str>,
) -> u32 {
    let _ = (names, text, some);
    visit(other.load());
    *count = 1;
    source.load()
}

#[cached(stale_while_revalidate = "10s")]
async fn patterns(Path(id): Path<u32>, _: u32, ref name: String) -> u32 {
    let _ = name;
    id
}

struct Repo;

impl Repo {
    #[cached(stale_while_revalidate = "10s")]
    async fn pinned(self: std::pin::Pin<&Self>) -> u32 {
        1
    }
}

fn main() {}
