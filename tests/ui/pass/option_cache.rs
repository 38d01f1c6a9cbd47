//! `cache`: another cache than the installed one: a field, a static, or of an argument that the body takes. The audit tells
//! of a key that goes to another one than the function that has it.

use cached_core::registry::{Registry, Warning};
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

// Arguments that are `Copy` are values in the expression, of patterns too; others are borrowed by it.
#[cached(cache = cache_of(tenant, app.cache(), *flag), key = "tenant:<tenant>:<id>", skip(app, flag))]
async fn of_values(app: App, tenant: u32, Wrapped(flag): Wrapped<&bool>, id: u32) -> u32 {
    let _ = (app, tenant, flag);
    id + LOADS.fetch_add(1, Ordering::Relaxed)
}

#[cached(cache = tenant.cache(), key = "generic:<T>:<id>", skip(tenant))]
async fn of_generic<T: Choose>(tenant: T, id: u32) -> u32 {
    let _ = tenant;
    id + LOADS.fetch_add(1, Ordering::Relaxed)
}

#[derive(Clone, Copy)]
struct Wrapped<T>(T);

trait Choose: Send + Sync {
    fn cache(&self) -> Cache;
}

impl Choose for App {
    fn cache(&self) -> Cache {
        self.cache.clone()
    }
}

fn cache_of(tenant: u32, cache: Cache, flag: bool) -> Cache {
    assert!(tenant == 1 && flag);
    cache
}

#[invalidates(of_values(app, 1, &Wrapped(&true), id), of_generic(*app, id))]
async fn change_values(app: &App, id: u32) {}

struct Repo {
    cache: Cache,
}

impl Repo {
    #[cached(cache = self.cache, key = "course:<id>")]
    async fn course(&self, id: u32) -> u32 {
        id
    }

    fn cache(&self) -> Cache {
        self.cache.clone()
    }

    #[cached(cache = self.cache(), key = "made:<id>")]
    async fn of_call(&self, id: u32) -> u32 {
        id + LOADS.fetch_add(1, Ordering::Relaxed)
    }

    #[cached(cache = self.cache, key = "taken:<id>")]
    async fn of_taken(self, id: u32) -> u32 {
        drop(self);
        id
    }

    #[invalidates(self.of_call(id), key = "touched:<id>", cache = self.cache)]
    async fn touch(&mut self, id: u32) {
        self.cache = self.cache();
    }

    #[invalidates(key = "touched:<id>", cache = self.cache())]
    async fn consume(self, id: u32) {
        drop(self);
    }

    #[invalidates(key = "course:<id>")]
    async fn goes_astray(&self, id: u32) {}

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
    assert_eq!((repo.of_call(7).await, repo.of_call(7).await), (9, 9));
    repo.cache.set("touched:7", 1_u32, cached_core::Ttl::DAY).await;
    repo.touch(7).await;
    assert_eq!(repo.of_call(7).await, 10);
    assert_eq!(repo.cache.get::<u32>("touched:7").await, None);
    repo.goes_astray(7).await;
    let cache = repo.cache();
    repo.consume(7).await;
    assert_eq!(Repo { cache }.of_taken(7).await, 7);
    let loads = async |app: &App| {
        let before = LOADS.load(Ordering::Relaxed);
        for _ in 0..2 {
            of_values(App { cache: app.cache() }, 1, Wrapped(&true), 7).await;
            of_generic(App { cache: app.cache() }, 7).await;
        }
        LOADS.load(Ordering::Relaxed) - before
    };
    let app = App { cache: Cache::builder().build().unwrap() };
    assert_eq!((loads(&app).await, loads(&app).await), (2, 0));
    change_values(&app, 7).await;
    assert_eq!((loads(&app).await, loads(&app).await), (2, 0));
    let audit = Registry::linked().within(module_path!()).audit();
    let astray = |warning: &Warning| matches!(warning, Warning::OtherCache { .. });
    let told: Vec<String> =
        audit.warnings.iter().filter(|it| astray(it)).map(ToString::to_string).collect();
    let here = module_path!();
    let expected = format!(
        "`course:<id>` of `{here}::goes_astray` goes to the current cache, and `{here}::course` is in `self.cache`: \
         say `cache = self.cache`, or name the function instead"
    );
    assert_eq!(told, [expected]);
}
