//! `cache`: another cache than the installed one: a field, a static, or of an argument that the body takes.

use cached_core::{Cache, cached, invalidates};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

static CACHE: LazyLock<Cache> = LazyLock::new(|| Cache::builder().build().unwrap());

#[cached(cache = CACHE)]
async fn of_static(id: u32) -> u32 {
    id + LOADS.fetch_add(1, Ordering::Relaxed)
}

struct App {
    cache: Cache,
}

#[cached(cache = &app.cache, key = "app:<id>", skip(app))]
async fn of_argument(app: App, id: u32) -> u32 {
    drop(app);
    id
}

struct Repo {
    cache: Cache,
}

impl Repo {
    #[cached(cache = self.cache, key = "course:<id>")]
    async fn course(&self, id: u32) -> u32 {
        id
    }

    #[invalidates(self.course(id), of_static(id), of_argument(&App { cache: self.cache.clone() }, id), cache = self.cache)]
    async fn change(&mut self, id: u32) {}
}

pub(crate) async fn run() {
    let cache = Cache::builder().build().unwrap();
    assert_eq!((of_static(7).await, of_static(7).await), (7, 7));
    assert_eq!(of_argument(App { cache: cache.clone() }, 7).await, 7);
    let mut repo = Repo { cache };
    assert_eq!(repo.course(7).await, 7);
    repo.change(7).await;
    assert_eq!(of_static(7).await, 8);
}
