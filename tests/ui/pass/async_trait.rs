//! `#[async_trait]` above and below the `#[cached]` of the block, and without one.

use async_trait::async_trait;
use cached_core::{cached, invalidates};
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[async_trait]
trait Courses: Send + Sync {
    async fn course(&self, id: u64) -> Result<String, std::io::Error>;
    async fn named(&self, prefix: &str, name: String) -> Option<String>;
    async fn rename(&mut self, id: u64, title: &str) -> Result<(), std::io::Error>;
    async fn unnamed(&self, id: u64, by: String) -> u64;
    async fn forget(&self, id: u64, pair: (u32, u32)) -> u32;
}

struct Above(&'static str);
struct Below;
struct Without;

#[async_trait]
#[cached]
impl Courses for Above {
    #[cached(key = "above:<self.0>:<id>", tags = ["tenant:<self.0>:<return>"])]
    async fn course(&self, id: u64) -> Result<String, std::io::Error> {
        LOADS.fetch_add(1, Ordering::Relaxed);
        let number: u64 = "7".parse().map_err(|_| std::io::ErrorKind::Other)?;
        Ok(format!("{} {id} {number}", self.0))
    }

    #[cached(tags = ["prefix:<prefix>"])]
    #[tracing::instrument(skip_all)]
    async fn named(&self, prefix: &str, mut name: String) -> Option<String> {
        name.insert_str(0, prefix);
        Some(name)
    }

    #[invalidates(self.course(id), Self::named("a", "b".to_owned()))]
    async fn rename(&mut self, id: u64, title: &str) -> Result<(), std::io::Error> {
        let _ = (id, title);
        Ok(())
    }

    // `_` by value gets a name from `#[async_trait]`; no key has it.
    #[cached]
    async fn unnamed(&self, id: u64, _: String) -> u64 {
        id + u64::from(LOADS.fetch_add(1, Ordering::Relaxed))
    }

    // A pattern is the body's own matter, where no template names it.
    #[invalidates(Self::unnamed(id))]
    async fn forget(&self, id: u64, (a, b): (u32, u32)) -> u32 {
        let _ = id;
        a + b
    }
}

#[cached]
#[async_trait]
impl Courses for Below {
    #[tracing::instrument(skip_all)]
    #[cached(key = "below:<id>")]
    async fn course(&self, id: u64) -> Result<String, std::io::Error> {
        Ok(id.to_string())
    }

    #[cached]
    async fn named(&self, prefix: &str, name: String) -> Option<String> {
        Some(format!("{prefix}{name}"))
    }

    #[invalidates(Self::course(id), key = "x:<title>")]
    async fn rename(&mut self, id: u64, title: &str) -> Result<(), std::io::Error> {
        let _ = (id, title);
        Ok(())
    }

    #[cached(key = "unnamed:<id>")]
    async fn unnamed(&self, id: u64, _: String) -> u64 {
        id
    }

    #[invalidates(Self::unnamed(id))]
    async fn forget(&self, id: u64, (a, _): (u32, u32)) -> u32 {
        let _ = id;
        a
    }
}

// Cached, but `#[invalidates]` cannot name it: that takes the attribute on the block.
#[async_trait]
impl Courses for Without {
    #[cached(key = "without:<id>")]
    async fn course(&self, id: u64) -> Result<String, std::io::Error> {
        Ok(id.to_string())
    }

    async fn named(&self, _: &str, _: String) -> Option<String> {
        None
    }

    async fn unnamed(&self, id: u64, _: String) -> u64 {
        id
    }

    async fn forget(&self, _: u64, _: (u32, u32)) -> u32 {
        0
    }

    #[invalidates(key = "without:<id>")]
    async fn rename(&mut self, id: u64, _: &str) -> Result<(), std::io::Error> {
        let _ = id;
        Ok(())
    }
}

pub(crate) async fn run() {
    let mut above = Above("north");
    for _ in 0..2 {
        assert_eq!(above.course(1).await.unwrap(), "north 1 7");
    }
    assert_eq!(LOADS.load(Ordering::Relaxed), 1);
    assert_eq!(above.named("a", "b".to_owned()).await.unwrap(), "ab");
    above.rename(1, "Rust").await.unwrap();
    above.course(1).await.unwrap();
    assert_eq!(LOADS.load(Ordering::Relaxed), 2);

    let unnamed = async || above.unnamed(1, String::new()).await;
    let first = unnamed().await;
    assert_eq!(unnamed().await, first);
    assert_eq!(above.forget(1, (2, 3)).await, 5);
    assert_ne!(unnamed().await, first);

    let mut all: [Box<dyn Courses>; 2] = [Box::new(Below), Box::new(Without)];
    for courses in &mut all {
        assert_eq!(courses.course(1).await.unwrap(), "1");
        courses.rename(1, "Rust").await.unwrap();
    }
}
