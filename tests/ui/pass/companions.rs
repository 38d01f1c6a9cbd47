//! What a call in `#[invalidates]` renders is the key that the function reads, default keys included.

use cached_core::{Cache, KeyPart, cached, invalidates};
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load() -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

struct Path<T>(T);

#[cached]
async fn free(Path(id): Path<String>, (a, _): (u8, u8), text: &str, some: Option<&u64>) -> u32 {
    let _ = (id, a, text, some);
    load()
}

#[cached]
async fn borrowed((&a, b): (&u32, u32), &c: &u8) -> u32 {
    let _ = (a, b, c);
    load()
}

#[cached]
async fn generic<T, I: KeyPart + Send + Sync, const N: usize>(ids: [I; N]) -> u32 {
    let _ = ids;
    load()
}

// The type is in the key, and is that of the call: a reference more is another one.
#[cached(key = "size:<T>:<id>")]
async fn size<T: KeyPart + Sync + ?Sized>(id: &T) -> u32 {
    let _ = id;
    load()
}

#[cached]
async fn sizes<T: KeyPart + Sync, U: KeyPart + Sync>(id: &&T, ids: &[U], same: Option<&T>) -> u32 {
    let _ = (id, ids, same);
    load()
}

trait Pool: Sync {}
impl Pool for u8 {}

#[cached(skip(pool, R), key = "row:<row>", cache = pool_cache(pool))]
async fn row<R: Pool + KeyPart>(pool: &impl Pool, row: &R) -> u32 {
    let _ = (pool, row);
    load()
}

fn pool_cache(_: &impl Pool) -> Cache {
    cached_core::current()
}

#[invalidates(
    size(id), size(text), size(&*title), size((&[1, 2])), size((b"ab")), sizes(&id, ids, Some(id)), row(pool, pool)
)]
async fn resize(id: &u32, text: &str, title: String, ids: &[u64], pool: &u8) {}

/// Reads what `resize` changes twice: the number of loads that took.
async fn size_loads() -> u32 {
    let before = LOADS.load(Ordering::Relaxed);
    for _ in 0..2 {
        size(&7_u32).await;
        size("text").await;
        size("title").await;
        size(&[1, 2]).await;
        size(b"ab").await;
        sizes(&&7_u32, &[1_u64], Some(&7)).await;
        row(&1_u8, &1_u8).await;
    }
    LOADS.load(Ordering::Relaxed) - before
}

struct Repo<T>(T);

impl<T: Sync> Repo<T> {
    #[cached(skip(pool))]
    async fn method(&self, pool: &str, id: u64) -> u32 {
        let _ = (pool, id);
        load()
    }

    #[cached(key = "all")]
    async fn all(&self) -> u32 {
        load()
    }

    #[invalidates(Self::method(id), Self::all())]
    async fn change(&self, id: u64) {}

    #[invalidates(Repo::<u8>::method(id))]
    async fn change_other(&self, id: u64) {}
}

trait Courses {
    async fn course(&self, id: u64) -> u32;
}

#[cached]
impl<T: Sync> Courses for Repo<T> {
    #[cached]
    async fn course(&self, id: u64) -> u32 {
        let _ = id;
        load()
    }
}

#[invalidates(
    free(Path("a:b".to_owned()), (1, 0), "text", Some(&7)), borrowed((&1, 2), &3),
    generic::<u8, &str, 2>(["a", "b"]),
    Repo::<&str>::course(id)
)]
async fn change(id: u64) {}

/// Reads everything twice: the number of loads that took.
async fn loads() -> u32 {
    let before = LOADS.load(Ordering::Relaxed);
    let repo = Repo("north");
    for _ in 0..2 {
        free(Path("a:b".to_owned()), (1, 2), "text", Some(&7)).await;
        borrowed((&1, 2), &3).await;
        generic::<u8, _, 2>(["a", "b"]).await;
        repo.method("pool", 7).await;
        repo.all().await;
        repo.course(7).await;
    }
    LOADS.load(Ordering::Relaxed) - before
}

pub(crate) async fn run() {
    assert_eq!((size_loads().await, size_loads().await), (7, 0));
    resize(&7, "text", "title".to_owned(), &[1], &1).await;
    assert_eq!((size_loads().await, size_loads().await), (7, 0));
    assert_eq!((loads().await, loads().await), (6, 0));
    change(7).await;
    assert_eq!((loads().await, loads().await), (4, 0));
    Repo("south").change(7).await;
    assert_eq!((loads().await, loads().await), (2, 0));
    change(8).await;
    Repo("south").change_other(7).await;
    // The calls with other arguments leave alone what they do not name: only those without `id` are loaded again.
    assert_eq!(loads().await, 3);
}
