//! Versions of one application that write in different ways share one Redis: each reads what it can, the rest is a
//! counted miss, and nothing is an error.
#![cfg(all(feature = "encryption", feature = "msgpack", feature = "postcard", feature = "zstd"))]

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, CacheBuilder, Codec, EncryptionKey, Ttl, cached, refresh_scope};
use cached_testkit::{shared_redis, unique_name};
use common::{listening, on_redis};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Course {
    id: u64,
    title: String,
    teacher: Option<u32>,
}

fn course() -> Course {
    Course { id: 7, title: "On types ".repeat(50), teacher: Some(3) }
}

/// One version of the application: what it writes, and which keys it has.
struct Version {
    name: &'static str,
    cache: Cache,
    keys: &'static [&'static str],
}

impl Version {
    /// Whether it reads what another one wrote: with the key that it was sealed with, or in the clear.
    fn reads(&self, writer: &Version) -> bool {
        match writer.keys.first() {
            Some(key) => self.keys.contains(key),
            None => self.keys.is_empty(),
        }
    }

    /// Reads through; says whether it had to load.
    async fn read(&self, key: &str) -> bool {
        let mut loaded = false;
        let load = async || {
            loaded = true;
            Ok::<_, Infallible>(course())
        };
        let value = self.cache.read(key).local_off().or_load(load).await;
        assert_eq!(value.unwrap(), course(), "{}", self.name);
        loaded
    }
}

fn key(id: &str) -> EncryptionKey {
    EncryptionKey::new(id, [id.as_bytes()[0]; 32])
}

async fn versions(builder: impl Fn() -> CacheBuilder) -> Vec<Version> {
    type Settings = fn(CacheBuilder) -> CacheBuilder;
    let settings: [(&str, Settings, &[&str]); 6] = [
        ("first", |builder| builder, &[]),
        ("smaller", |builder| builder.codec(Codec::MessagePack).compress_above(100), &[]),
        ("smallest", |builder| builder.codec(Codec::Postcard).compress_above(0), &[]),
        ("sealed", |builder| builder.encryption_keys([key("a")]), &["a"]),
        (
            "rotating",
            |builder| builder.codec(Codec::Postcard).encryption_keys([key("b"), key("a")]),
            &["b", "a"],
        ),
        ("rotated", |builder| builder.compress_above(100).encryption_keys([key("b")]), &["b"]),
    ];
    let mut versions = Vec::new();
    for (name, settings, keys) in settings {
        let cache = settings(builder()).build().unwrap();
        listening(&cache).await;
        versions.push(Version { name, cache, keys });
    }
    versions
}

#[tokio::test]
async fn each_version_reads_what_it_can_and_counts_the_rest() {
    let namespace = unique_name("mixed");
    each_reads_of_each(&versions(|| on_redis(&namespace)).await).await;
}

/// A connection that carries text and nothing else.
struct TextOnly {
    server: Memory,
}

impl Transport for TextOnly {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let arguments = commands.iter().flat_map(Command::args);
        assert!(arguments.into_iter().all(|argument| std::str::from_utf8(argument).is_ok()));
        self.server.pipeline(commands)
    }

    fn text_only(&self) -> bool {
        true
    }

    common::in_all_else_as!(server);
}

#[tokio::test]
async fn where_nothing_but_text_is_carried() {
    let server = Memory::new();
    let builder = || Cache::builder().operation_timeout(Duration::from_secs(5));
    let text = versions(|| builder().transport(TextOnly { server: server.clone() })).await;
    each_reads_of_each(&text).await;
    // Either form is read by everybody.
    for (either, other) in
        text.into_iter().zip(versions(|| builder().transport(server.clone())).await)
    {
        either.cache.remove("course:7").await;
        assert!(either.read("course:7").await);
        assert!(!other.read("course:7").await, "{}", other.name);
    }
}

/// An entry that is not text is named by its digits there.
#[tokio::test]
async fn where_nothing_but_text_is_carried_a_refresh_replaces_what_is_there() {
    let server = Memory::new();
    let text = TextOnly { server: server.clone() };
    let (writer, text) =
        (Cache::builder().transport(server.clone()), Cache::builder().transport(text));
    let (writer, text) = (writer.build().unwrap(), text.build().unwrap());
    writer.set("k", 1, Ttl::DAY).await;
    let refreshed = text.read("k").or_load(async || Ok::<_, Infallible>(2));
    assert_eq!(refresh_scope(refreshed).await, Ok(2));
    let reader = Cache::builder().transport(server).build().unwrap();
    assert_eq!(reader.get("k").await, Some(2));
}

async fn each_reads_of_each(versions: &[Version]) {
    for writer in versions {
        for reader in versions {
            let (w, r) = (writer.name, reader.name);
            writer.cache.remove("course:7").await;
            assert!(writer.read("course:7").await, "{w} has written");
            let before = reader.cache.stats();
            let peeked: Option<Course> = reader.cache.get("course:7").await;
            assert_eq!(peeked.is_some(), reader.reads(writer), "{r} peeks at {w}'s");
            assert_eq!(reader.read("course:7").await, !reader.reads(writer), "{r} reads {w}'s");
            let counted = reader.cache.stats().undecodable - before.undecodable;
            assert_eq!(counted, if reader.reads(writer) { 0 } else { 2 }, "{r} of {w}'s");
            // Whoever could not read it has put its own in its place.
            assert!(!reader.read("course:7").await);
        }
    }
    for version in versions {
        let stats = version.cache.stats();
        assert_eq!((stats.remote_faults, stats.unstorable), (0, 0), "{}", version.name);
    }
}

#[tokio::test]
async fn all_of_them_at_once() {
    let namespace = unique_name("mixed");
    let versions = versions(|| on_redis(&namespace)).await;
    let at_once = versions.iter().flat_map(|version| {
        (0..4).map(move |task: u32| async move {
            for round in 0..25 {
                let key = format!("course:{}", (round + task) % 3);
                version.read(&key).await;
                if round % 10 == 9 {
                    version.cache.remove(key).await;
                }
            }
        })
    });
    futures_util::future::join_all(at_once).await;
    for version in &versions {
        assert_eq!(version.cache.stats().remote_faults, 0, "{}", version.name);
    }
}

/// A type of one version, read through a cache: what was read, shown, and whether it was loaded.
type Reading = for<'c> fn(&'c Cache) -> Pin<Box<dyn Future<Output = (String, bool)> + 'c>>;

macro_rules! type_of_a_version {
    ($type:item $value:expr) => {{
        #[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
        $type
        let read: Reading = |cache| {
            Box::pin(async move {
                let mut loaded = false;
                let load = async || {
                    loaded = true;
                    Ok::<_, Infallible>($value)
                };
                let value = cache.read("room:7").local_off().or_load(load).await.unwrap();
                (format!("{value:?}"), loaded)
            })
        };
        read
    }};
}

/// Types of one name: types in two blocks of a function are called the same.
fn rooms() -> [Reading; 4] {
    [
        type_of_a_version! { struct Room { id: u32, seats: u32 } Room { id: 7, seats: 30 } },
        type_of_a_version! { struct Room { seats: u32, id: u32 } Room { seats: 30, id: 7 } },
        type_of_a_version! { struct Room { id: String, seats: u8 } Room { id: "7".into(), seats: 30 } },
        type_of_a_version! {
            struct Room { id: u32, seats: u32, #[serde(default)] floor: Option<u8> }
            Room { id: 7, seats: 30, floor: None }
        },
    ]
}

/// What the first version wrote, as the others read it: with names in the bytes that is right or a miss, without names
/// always a miss.
#[tokio::test]
async fn a_type_that_has_changed() {
    for (codec, misses) in [
        (Codec::Json, [false, false, true, false]),
        (Codec::MessagePack, [false, false, true, false]),
        (Codec::Postcard, [false, true, true, true]),
    ] {
        let cache = on_redis(&unique_name("mixed")).codec(codec).build().unwrap();
        listening(&cache).await;
        let rooms = rooms();
        for (read, miss) in rooms.iter().zip(misses) {
            cache.remove("room:7").await;
            rooms[0](&cache).await;
            let before = cache.stats().undecodable;
            let (shown, loaded) = read(&cache).await;
            let id = if shown.contains('"') { "id: \"7\"" } else { "id: 7" };
            assert!(shown.contains(id) && shown.contains("seats: 30"), "{codec:?}: {shown}");
            assert_eq!(loaded, miss, "{codec:?}: {shown}");
            assert_eq!(cache.stats().undecodable - before, u64::from(miss), "{codec:?}: {shown}");
        }
    }
}

mod one {
    use super::*;

    #[cached(key = "limit:<id>", local = off)]
    pub(super) async fn limit(id: u32) -> u32 {
        id + 1
    }
}

mod two {
    use super::*;

    #[cached(key = "limit:<id>", local = off, version = 2)]
    pub(super) async fn limit(id: u32) -> u32 {
        id + 2
    }
}

#[tokio::test]
async fn a_function_of_another_version() {
    let cache = on_redis(&unique_name("mixed")).build().unwrap();
    listening(&cache).await;
    let reads = async {
        for _ in 0..3 {
            assert_eq!((one::limit(1).await, two::limit(1).await), (2, 3));
        }
    };
    cache.scope(reads).await;
    assert_eq!((cache.stats().loads, cache.stats().undecodable), (6, 5));
}

/// Numbers of formats that nobody has given a meaning yet.
#[tokio::test]
async fn what_a_later_version_wrote() {
    let namespace = unique_name("mixed");
    let versions = versions(|| on_redis(&namespace)).await;
    let (redis, name) = (shared_redis(), format!("{namespace}:k:course:7"));
    for version in &versions {
        version.cache.set("course:7", course(), Ttl::DAY).await;
        let Ok(cached_testkit::Value::Bytes(entry)) = redis.command(&["GET", &name]) else {
            panic!("no entry")
        };
        // The version of the whole form, the codec, the compression, the flags.
        for (at, number) in [(3, 2), (5, 3), (6, 2), (7, 2), (7, 0x81)] {
            let mut later = entry.clone();
            later[at] = number;
            redis.command(&[b"SET", name.as_bytes(), &later]).unwrap();
            let before = version.cache.stats().undecodable;
            assert!(version.read("course:7").await, "{}: byte {at}", version.name);
            assert_eq!(version.cache.stats().undecodable, before + 1, "{}", version.name);
        }
    }
}
