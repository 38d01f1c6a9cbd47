//! `stale_while_revalidate`: a value whose lifetime has ended is served while a task loads it anew. The task owns what
//! the call takes, whatever the receiver and the arguments are.

use async_trait::async_trait;
use cached_core::{Cache, Clock, ClockHand, KeyPart, cached};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt::Debug;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load() -> u32 {
    LOADS.fetch_add(1, Ordering::SeqCst) + 1
}

// The `Self` of an impl inside of the body is another one.
#[cached(ttl = "10s", stale_while_revalidate = "1h")]
async fn free_with_impl() -> u32 {
    struct Inner(u32);
    impl Default for Inner {
        fn default() -> Self {
            Self(load())
        }
    }
    Inner::default().0
}

#[derive(Clone)]
struct Repo<T> {
    tenant: T,
    cache: Cache,
}

impl<T: KeyPart + Clone + Send + Sync + 'static> Repo<T> {
    const TTL: Duration = Duration::from_secs(10);

    #[cached(ttl = "10s", stale_while_revalidate = "1h", key = "course:<self.tenant>:<id>")]
    async fn course(&self, id: u64) -> Result<u32, std::io::Error> {
        tokio::task::yield_now().await;
        let _ = id;
        Ok(load())
    }

    #[cached(ttl = "10s", stale_while_revalidate = "1h")]
    async fn by_value(self, mut id: String) -> u32 {
        id.push('!');
        load()
    }

    #[cached(ttl = "10s", stale_while_revalidate = "1h", cache = self.cache)]
    async fn shared<U: KeyPart + Clone + Send + Sync + 'static, const N: usize>(
        self: Arc<Self>,
        ids: [U; N],
        more: &[U],
    ) -> u32 {
        let _ = (ids, more);
        load()
    }

    // In an impl block, which only the body tells.
    // `Self` stands in the options alone.
    #[cached(ttl = Self::TTL, stale_while_revalidate = "1h", key = "by_options:<id>")]
    async fn by_options(id: u32) -> u32 {
        let _ = id;
        load()
    }

    #[cached(ttl = "10s", stale_while_revalidate = "1h", key = "by_key:<Self>")]
    async fn by_key() -> u32 {
        load()
    }

    #[cached(ttl = "10s", stale_while_revalidate = "1h", key = "associated:<id>")]
    async fn associated(id: u32) -> u32 {
        Self::load_of(id).await
    }

    // A boxed future by hand, of a method that is no trait's.
    #[cached(ttl = "10s", stale_while_revalidate = "1h")]
    fn by_hand<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
        Box::pin(async move {
            let _ = (&self.tenant, name);
            load()
        })
    }

    async fn load_of(_: u32) -> u32 {
        load()
    }
}

trait Executor: Send + Sync {
    fn load(&self) -> u32 {
        load()
    }
}

#[derive(Clone)]
struct Pool;
impl Executor for Pool {}

// Arguments that are not in the key are handed on too; one may have the function's name.
#[cached(
    ttl = "10s",
    stale_while_revalidate = "1h",
    skip(pool, function, executor, path),
    key = "free:<free>:<name>:<ids>:<text>:<some>:<fixed>"
)]
#[allow(clippy::too_many_arguments)]
async fn free<'a>(
    free: u32,
    name: &'a str,
    ids: &[u32],
    path: &Path,
    text: Cow<'static, str>,
    some: Option<&'a str>,
    fixed: &'static str,
    pool: &'a Pool,
    function: fn(&Path) -> bool,
    executor: Arc<dyn Executor>,
) -> u32 {
    let _ = (free, name, ids, text, some, fixed, pool, function(path));
    executor.load()
}

#[cached(ttl = "10s", stale_while_revalidate = "1h")]
async fn r#match<T>() -> T
where
    T: From<u32> + Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    load().into()
}

trait Courses<U> {
    type Id;
    fn in_trait(&self, id: Self::Id, user: U) -> impl Future<Output = u32> + Send;
}

#[cached]
impl<T, U> Courses<U> for Repo<T>
where
    T: Clone + Send + Sync + 'static,
    U: KeyPart + Clone + Send + Sync + 'static,
{
    type Id = u64;

    #[cached(ttl = "10s", stale_while_revalidate = "1h")]
    async fn in_trait(&self, id: Self::Id, user: U) -> u32 {
        let _ = (id, user);
        load()
    }
}

mod other {
    #[async_trait::async_trait]
    pub(super) trait Boxed: Send + Sync {
        async fn above(&self, id: u64, name: &str) -> u32;
        async fn below(&self, some: Option<&str>) -> u32;
    }
}

#[async_trait]
#[cached]
impl other::Boxed for Repo<u8> {
    #[cached(ttl = "10s", stale_while_revalidate = "1h")]
    async fn above(&self, id: u64, name: &str) -> u32 {
        let _ = (id, name, &self.tenant);
        load()
    }

    #[cached(ttl = "10s", stale_while_revalidate = "1h")]
    async fn below(&self, some: Option<&str>) -> u32 {
        let _ = (some, &self.tenant);
        load()
    }
}

#[cached]
#[async_trait]
impl other::Boxed for Pool {
    #[cached(ttl = "10s", stale_while_revalidate = "1h")]
    async fn above(&self, id: u64, name: &str) -> u32 {
        let _ = (id, name);
        load()
    }

    async fn below(&self, _: Option<&str>) -> u32 {
        0
    }
}

/// Reads three times: fresh, stale, and what the task has loaded.
async fn thrice<F, Fut, R>(hand: &ClockHand, cache: &Cache, read: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = R>,
    R: PartialEq + Debug,
{
    let first = read().await;
    assert_eq!(read().await, first);
    hand.advance(Duration::from_secs(10));
    let loads = LOADS.load(Ordering::SeqCst);
    assert_eq!(read().await, first, "a stale value, without waiting");
    while LOADS.load(Ordering::SeqCst) == loads || cache.flights() > 0 {
        tokio::task::yield_now().await;
    }
    assert_ne!(read().await, first);
    assert_eq!(LOADS.load(Ordering::SeqCst), loads + 1);
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).build().unwrap();
    let repo = Repo { tenant: 7_u8, cache: cache.clone() };
    let reads = async {
        thrice(&hand, &cache, || async { repo.course(1).await.unwrap() }).await;
        thrice(&hand, &cache, || repo.clone().by_value("a".to_owned())).await;
        let shared = || Arc::new(repo.clone()).shared(["a", "b"], &["c"]);
        thrice(&hand, &cache, shared).await;
        thrice(&hand, &cache, || Repo::<u8>::associated(1)).await;
        thrice(&hand, &cache, || Repo::<u8>::by_options(1)).await;
        thrice(&hand, &cache, Repo::<u8>::by_key).await;
        thrice(&hand, &cache, free_with_impl).await;
        thrice(&hand, &cache, || repo.by_hand("a")).await;
        let path = Path::new("/");
        let executor = || Arc::new(Pool) as Arc<dyn Executor>;
        let free = || {
            let text = Cow::Borrowed("text");
            free(1, "a", &[1], path, text, Some("b"), "c", &Pool, Path::is_absolute, executor())
        };
        thrice(&hand, &cache, free).await;
        thrice(&hand, &cache, r#match::<u64>).await;
        thrice(&hand, &cache, || repo.in_trait(1, "user")).await;
        for boxed in [&repo as &dyn other::Boxed, &Pool] {
            thrice(&hand, &cache, || boxed.above(1, "a")).await;
        }
        thrice(&hand, &cache, || other::Boxed::below(&repo, Some("a"))).await;
    };
    cache.scope(reads).await;
}
