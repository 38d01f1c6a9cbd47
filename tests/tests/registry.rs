//! Annotated functions of every shape are listed when the program is linked, before any is called, in a crate that
//! forbids `unsafe`.
#![forbid(unsafe_code)]

use cached_core::registry::{CachedFunction, Registry, Via};
use cached_core::{Cache, Invalidation, Key, cached, invalidates, key};
use std::fmt::Display;
use std::time::Duration;

#[cached(key = "plain:<id>", tags = ["owner:<id>"], ttl = "long", local = "10s", version = 3)]
async fn plain(id: u64) -> Result<u64, String> {
    Ok(id)
}

#[cached(key = "generic:<T>:<name>", ttl = Duration::from_secs(90), remote = off)]
async fn generic<
    T: Default + Clone + Send + Sync + serde::Serialize + serde::de::DeserializeOwned + 'static,
>(
    name: &str,
) -> T {
    let _ = name;
    T::default()
}

struct Repo<T>(T);

trait Titles {
    async fn title(&self, id: u64) -> String;
}

#[cached]
impl<T: Display + Sync> Titles for Repo<T> {
    #[cached(key = "title:<id>", local = off)]
    async fn title(&self, id: u64) -> String {
        format!("{}{id}", self.0)
    }
}

impl<T: Display + Sync> Repo<T> {
    #[invalidates(Self::title(id), plain(id), tags = ["owner:<id>"], pattern = "generic:*")]
    async fn rename(&self, id: u64) {}

    #[invalidates(with = renamed(id))]
    async fn rename_by_event(&self, id: u64) {}
}

fn renamed(id: u64) -> Invalidation {
    Invalidation::new().key(key!("plain:<id>"))
}

fn linked() -> Registry {
    Registry::linked().within("registry::")
}

fn find(function: &str) -> CachedFunction {
    let path = format!("registry::{function}");
    linked().cached.into_iter().find(|read| read.path == path).expect("listed")
}

#[test]
fn a_cached_function_tells_what_it_is() {
    let plain = find("plain");
    assert_eq!((plain.template, &plain.tags[..]), ("plain:<id>", &["owner:<id>"][..]));
    assert_eq!((&*plain.ttl, &*plain.local, plain.remote, plain.version), ("long", "10s", true, 3));
    assert!(plain.file.ends_with("registry.rs") && plain.line == 10, "{plain:?}");
}

#[test]
fn generic_functions_and_trait_impls_are_listed() {
    let generic = find("generic");
    assert_eq!(generic.template, "generic:<T>:<name>");
    assert!(generic.ttl.contains("from_secs") && !generic.remote, "{generic:?}");
    assert_eq!((find("title").template, &*find("title").local), ("title:<id>", "off"));
}

/// In one test, since what an event was seen to invalidate is known to the whole process.
#[tokio::test]
async fn the_map_follows_calls_tags_patterns_and_events() {
    let edges = |registry: &Registry, function: &str| -> Vec<(String, Via)> {
        let path = format!("registry::{function}");
        let write = registry.invalidating.iter().position(|write| write.path == path).unwrap();
        let of_write = registry.edges().into_iter().filter(|edge| edge.write == write);
        of_write.map(|edge| (registry.cached[edge.read].template.to_owned(), edge.via)).collect()
    };
    let renames = [
        ("title:<id>".to_owned(), Via::Call),
        ("plain:<id>".to_owned(), Via::Call),
        ("generic:<T>:<name>".to_owned(), Via::Pattern),
    ];
    assert_eq!(edges(&linked(), "rename"), renames);
    assert_eq!(edges(&linked(), "rename_by_event"), []);
    let event = [("plain:<id>".to_owned(), Via::Event)];
    let sampled = linked().event("renamed", Invalidation::new().key(Key::from("plain:1")));
    assert_eq!(edges(&sampled, "rename_by_event"), event);
    assert!(sampled.audit().is_clean());
    let audit = linked().audit();
    assert!(audit.to_string().contains("what `with = renamed(id)` of"), "{audit}");

    let cache = Cache::builder().build().unwrap();
    cache.scope(Repo("").rename_by_event(7)).await;
    assert_eq!(edges(&linked(), "rename_by_event"), event, "seen to run");
    assert!(linked().audit().is_clean(), "{}", linked().audit());
    assert_eq!(linked().invalidating.iter().map(|write| write.runs).sum::<u64>(), 1);

    // The functions are real.
    cache
        .scope(async {
            assert_eq!(plain(1).await, Ok(1));
            assert_eq!(generic::<u8>("x").await, 0);
            assert_eq!(Repo("a").title(1).await, "a1");
            Repo("a").rename(1).await;
        })
        .await;
}
