//! Default keys: functions of one name share no entry, whether modules, types, traits or functions around them tell
//! them apart.

use async_trait::async_trait;
use cached_core::{cached, invalidates};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

/// Another number at each load.
fn load() -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

struct A;
struct B;

impl A {
    #[cached]
    async fn count() -> u32 {
        load()
    }
}

impl B {
    #[cached]
    async fn count() -> u32 {
        load()
    }

    #[invalidates(Self::count())]
    async fn change() {}
}

struct Of<T>(PhantomData<T>);

impl<T> Of<T> {
    #[cached]
    async fn count() -> u32 {
        load()
    }

    #[invalidates(Self::count())]
    async fn change() {}
}

mod elsewhere {
    impl super::A {
        #[cached_core::cached]
        pub(super) async fn r#move() -> u32 {
            super::load()
        }
    }

    impl super::B {
        #[cached_core::cached]
        pub(super) async fn r#move() -> u32 {
            super::load()
        }
    }

    #[cached_core::invalidates(super::B::r#move())]
    pub(super) async fn change() {}
}

async fn inside_one() -> u32 {
    #[cached]
    async fn inner() -> u32 {
        load()
    }
    inner().await
}

async fn inside_other() -> u32 {
    #[cached]
    async fn inner() -> u32 {
        load()
    }
    inner().await
}

#[async_trait]
trait Students {
    async fn get(&self, id: u32) -> u32;
}

#[async_trait]
trait Teachers {
    async fn get(&self, id: u32) -> u32;
}

#[async_trait]
impl Students for A {
    #[cached]
    async fn get(&self, _id: u32) -> u32 {
        load()
    }
}

#[async_trait]
impl Teachers for A {
    #[cached]
    async fn get(&self, _id: u32) -> u32 {
        load()
    }
}

trait Named<L> {
    async fn name() -> u32;
}

struct Short;

#[cached]
impl<L> Named<L> for Short {
    #[cached]
    async fn name() -> u32 {
        load()
    }
}

struct Long<T>(PhantomData<T>);

#[cached]
impl<T> Named<u8> for Long<T> {
    #[cached]
    async fn name() -> u32 {
        load()
    }
}

#[invalidates(Short::name::<u16>(), Long::<u16>::name())]
async fn change_names() {}

/// All of them, twice: each is loaded at most once.
async fn all() -> Vec<u32> {
    let mut all = Vec::new();
    for _ in 0..2 {
        all = vec![
            A::count().await,
            B::count().await,
            Of::<u8>::count().await,
            Of::<u16>::count().await,
            A::r#move().await,
            B::r#move().await,
            inside_one().await,
            inside_other().await,
            Students::get(&A, 1).await,
            Teachers::get(&A, 1).await,
            <Short as Named<u8>>::name().await,
            <Short as Named<u16>>::name().await,
            <Long<u8> as Named<u8>>::name().await,
            <Long<u16> as Named<u8>>::name().await,
        ];
    }
    all
}

/// The keys are as docs/KEYS.md writes them.
async fn documented() {
    let here = module_path!();
    let escaped = here.replace(':', "%3A");
    let cache = cached_core::current();
    for key in [
        format!("{here}::A::count"),
        format!("{here}::Of%3Cu8%3E::count"),
        format!("{here}::inside_one::%7B%7Bclosure%7D%7D::inner"),
        format!("%3C{here}::A%20as%20{here}::Students%3E::get:1"),
        format!("{here}::name:{escaped}%3A%3AShort:Named%3CL%3E:u8"),
    ] {
        assert!(cache.get::<u32>(&*key).await.is_some(), "{key}");
    }
}

pub(crate) async fn run() {
    let first = all().await;
    let mut distinct = first.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), first.len(), "{first:?}");
    assert_eq!(all().await, first);
    documented().await;
    B::change().await;
    Of::<u16>::change().await;
    elsewhere::change().await;
    change_names().await;
    let second = all().await;
    let changed: Vec<usize> = (0..first.len()).filter(|at| first[*at] != second[*at]).collect();
    assert_eq!(changed, [1, 3, 5, 11, 13]);
}
