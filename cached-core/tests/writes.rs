//! `#[invalidates]`: it happens whatever becomes of the body, and of the future around it.

mod common;

use cached_core::{Cache, Invalidation, Ttl, cached, invalidates, key};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// A repository whose one value is the number of writes.
#[derive(Default)]
struct Repository {
    writes: AtomicU32,
    committed: Notify,
}

fn course_changed(id: u32) -> Invalidation {
    Invalidation::new().key(key!("course:<id>")).tag("courses").pattern(key!("page:*"))
}

impl Repository {
    #[cached(key = "course:<id>")]
    async fn course(&self, id: u32) -> Result<(u32, u32), String> {
        Ok((id, self.writes.load(Ordering::SeqCst)))
    }

    #[cached(key = "courses", tags = ["courses"])]
    async fn courses(&self) -> u32 {
        self.writes.load(Ordering::SeqCst)
    }

    #[cached(key = "page:<number>")]
    async fn page(&self, number: u32) -> u32 {
        number + self.writes.load(Ordering::SeqCst)
    }

    #[invalidates(Self::course(id), tags = ["courses"], pattern = "page:*")]
    async fn write(&self, id: u32, outcome: Result<(), String>) -> Result<(), String> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        outcome
    }

    #[invalidates(with = course_changed(id))]
    async fn write_and_hang(&self, id: u32) {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.committed.notify_one();
        std::future::pending::<()>().await;
    }

    #[invalidates(with = course_changed(id))]
    async fn write_and_panic(&self, id: u32) {
        self.writes.fetch_add(1, Ordering::SeqCst);
        panic!("on purpose");
    }

    #[invalidates(with = course_changed(id), key = "course:<return>")]
    async fn write_and_panic_after(&self, id: u32) -> Unprintable {
        self.writes.fetch_add(1, Ordering::SeqCst);
        Unprintable
    }

    #[invalidates(key = "course:<return.id>")]
    async fn create(&self, fail: bool) -> Result<Created, String> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        if fail { Err("no".into()) } else { Ok(Created { id: 7 }) }
    }

    async fn seen(&self) -> [u32; 3] {
        [self.course(7).await.unwrap().1, self.courses().await, self.page(0).await]
    }
}

/// Its rendering panics.
#[derive(Debug)]
struct Unprintable;

impl cached_core::KeyPart for Unprintable {
    fn render(&self, _: &mut cached_core::Part<'_>) {
        panic!("on purpose");
    }
}

struct Created {
    id: u32,
}

async fn in_scope<F: Future>(test: F) -> F::Output {
    Cache::builder().build().unwrap().scope(test).await
}

#[tokio::test]
async fn after_success_and_after_an_error() {
    in_scope(async {
        let repository = Repository::default();
        assert_eq!(repository.seen().await, [0; 3]);
        repository.writes.fetch_add(1, Ordering::SeqCst);
        assert_eq!(repository.seen().await, [0; 3], "cached: an unannounced write is not seen");
        repository.write(7, Ok(())).await.unwrap();
        assert_eq!(repository.seen().await, [2; 3]);
        repository.write(7, Err("an error can hide a commit".into())).await.unwrap_err();
        assert_eq!(repository.seen().await, [3; 3]);
        repository.write(8, Ok(())).await.unwrap();
        assert_eq!(repository.seen().await, [3, 4, 4], "another course's key is left alone");
    })
    .await;
}

/// After the commit, before the return: the caller goes away, and the invalidation happens all the same.
#[tokio::test]
async fn when_the_caller_is_cancelled() {
    in_scope(async {
        let repository = Repository::default();
        assert_eq!(repository.seen().await, [0; 3]);
        tokio::select! {
            () = repository.write_and_hang(7) => unreachable!("it hangs"),
            () = repository.committed.notified() => {}
        }
        assert_eq!(repository.seen().await, [1; 3]);
    })
    .await;
}

#[tokio::test]
async fn when_the_body_panics() {
    in_scope(async {
        let repository = std::sync::Arc::new(Repository::default());
        assert_eq!(repository.seen().await, [0; 3]);
        let writer = repository.clone();
        let cache = cached_core::current();
        let panicked = tokio::spawn(async move { cache.scope(writer.write_and_panic(7)).await });
        assert!(panicked.await.unwrap_err().is_panic());
        assert_eq!(repository.seen().await, [1; 3]);
    })
    .await;
}

/// What depends on the value is the user's code as well.
#[tokio::test]
async fn when_a_target_from_the_returned_value_panics() {
    in_scope(async {
        let repository = std::sync::Arc::new(Repository::default());
        assert_eq!(repository.seen().await, [0; 3]);
        let writer = repository.clone();
        let cache = cached_core::current();
        let panicked =
            tokio::spawn(async move { cache.scope(writer.write_and_panic_after(7)).await });
        assert!(panicked.await.unwrap_err().is_panic());
        assert_eq!(repository.seen().await, [1; 3]);
    })
    .await;
}

#[tokio::test]
async fn targets_from_the_returned_value_apply_on_success_only() {
    in_scope(async {
        let repository = Repository::default();
        repository.seen().await;
        repository.create(true).await.map(drop).unwrap_err();
        assert_eq!(repository.course(7).await.unwrap().1, 0);
        repository.create(false).await.map(drop).unwrap();
        assert_eq!(repository.course(7).await.unwrap().1, 2);
    })
    .await;
}

/// A future that was never polled ran nothing and invalidates nothing.
#[tokio::test]
async fn a_future_that_was_never_polled_does_nothing() {
    in_scope(async {
        let repository = Repository::default();
        repository.seen().await;
        drop(repository.write(7, Ok(())));
        repository.writes.fetch_add(1, Ordering::SeqCst);
        assert_eq!(repository.seen().await, [0; 3]);
    })
    .await;
}

mod elsewhere {
    //! Functions of two caches: each call goes to the cache of the function that it names.

    use cached_core::{Cache, cached, invalidates};
    use std::sync::atomic::{AtomicU32, Ordering};

    pub(super) struct Two {
        pub(super) own: Cache,
        pub(super) writes: AtomicU32,
    }

    impl Two {
        #[cached(key = "in-default")]
        pub(super) async fn in_default(&self) -> u32 {
            self.writes.load(Ordering::SeqCst)
        }

        #[cached(key = "in-own", cache = self.own)]
        pub(super) async fn in_own(&self) -> u32 {
            self.writes.load(Ordering::SeqCst)
        }

        #[invalidates(Self::in_default(), self.in_own(), cache = self.own)]
        pub(super) async fn write(&self) {
            self.writes.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn a_call_goes_to_the_cache_of_the_function_that_it_names() {
    in_scope(async {
        let own = Cache::builder().build().unwrap();
        let two = elsewhere::Two { own, writes: AtomicU32::new(0) };
        assert_eq!((two.in_default().await, two.in_own().await), (0, 0));
        two.write().await;
        assert_eq!((two.in_default().await, two.in_own().await), (1, 1));
    })
    .await;
}

/// A value whose end invalidates.
struct Touching(Option<Cache>);

impl Clone for Touching {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl serde::Serialize for Touching {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> serde::Deserialize<'de> for Touching {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Self(None))
    }
}

impl Drop for Touching {
    fn drop(&mut self) {
        if let Some(cache) = self.0.take() {
            cache.invalidate_soon(Invalidation::new().key("other"));
        }
    }
}

/// Would it be dropped under a lock of the local tier, it would wait for itself.
#[tokio::test]
async fn values_whose_end_invalidates_can_be_removed() {
    let cache = Cache::builder().build().unwrap();
    let put = async || {
        for name in ["a:1", "a:2"] {
            cache
                .set(name, Touching(Some(cache.clone())), std::time::Duration::from_secs(60))
                .await;
        }
    };
    put().await;
    cache.remove("a:1").await;
    put().await;
    cache.remove_pattern(key!("a:*")).await;
    put().await;
    cache.clear().await;
    assert_eq!(cache.get::<Touching>("a:1").await.map(|_| ()), None);
}

/// One that is large takes the place of many at once.
#[tokio::test]
async fn values_whose_end_invalidates_can_be_evicted() {
    let cache = Cache::builder().local_entries(40).local_bytes(100_000).build().unwrap();
    for id in 0..30 {
        cache.set(key!("touching:<id>"), Touching(Some(cache.clone())), Ttl::LONG).await;
    }
    // The map makes room for what it has seen before.
    for _ in 0..2 {
        let load = async || Ok::<_, std::convert::Infallible>("x".repeat(90_000));
        cache.read("large").or_load(load).await.unwrap();
    }
    assert!(cache.health().local_entries < 10, "{}", cache.health().local_entries);
}
