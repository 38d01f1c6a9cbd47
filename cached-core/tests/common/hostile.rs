//! Whatever bytes stand at a key: what is checked of one input. The property test and the fuzz target share it.
#![allow(unreachable_pub, reason = "a module of each of the two")]

use cached_core::remote::transport::{Command, Memory, Reply, Transport};
use cached_core::{Cache, CacheValue, Codec, EncryptionKey, Ttl};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Debug;
use std::time::{Duration, SystemTime};

const NAME: &str = "hostile:k:x";
/// Of the magic and kind, and of a header without tags.
const START: usize = 5 + 45;

/// A bit of everything that serde knows.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Record {
    id: u64,
    title: String,
    initial: char,
    level: std::num::NonZeroU8,
    score: Option<f64>,
    raw: Vec<i16>,
    names: BTreeMap<String, Kind>,
    wide: (i128, [bool; 3], ()),
    at: std::net::IpAddr,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
enum Kind {
    None,
    One(Box<Tree>),
    Two(u8, String),
    Named { inner: Option<u32> },
}

/// As deep as its bytes say.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Tree {
    #[serde(default)]
    branches: Vec<Tree>,
}

/// A type that is read, and what its source holds.
trait Loaded: CacheValue + Debug {
    fn loaded() -> Self;
}

impl Loaded for Record {
    fn loaded() -> Self {
        Self { id: 0, ..record() }
    }
}

impl Loaded for Tree {
    fn loaded() -> Self {
        Self { branches: vec![] }
    }
}

impl Loaded for String {
    fn loaded() -> Self {
        "loaded".into()
    }
}

fn record() -> Record {
    let leaf = Tree { branches: vec![] };
    let kinds = [
        ("a", Kind::None),
        ("b", Kind::One(Box::new(Tree { branches: vec![leaf.clone(), leaf] }))),
        ("c", Kind::Two(1, "text ".repeat(9))),
        ("d", Kind::Named { inner: Some(9) }),
    ];
    Record {
        id: 1 << 40,
        title: "Zoë".into(),
        initial: 'é',
        level: std::num::NonZeroU8::MIN,
        score: Some(0.5),
        raw: vec![-1, 0, 300],
        names: kinds.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect(),
        wide: (-1, [true, false, true], ()),
        at: [127, 0, 0, 1].into(),
    }
}

/// A cache and what it must not be taken in by.
struct Reader {
    cache: Cache,
    /// Opens nothing but what stands in `entries`.
    seals: bool,
}

/// Caches of every sort on one server, and entries of each to begin from.
pub struct Hostile {
    runtime: tokio::runtime::Runtime,
    server: Memory,
    readers: Vec<Reader>,
    /// Of a `Record`, a `Tree` and a text in turn, by each cache.
    entries: Vec<Vec<u8>>,
    /// Values that were read, and bytes that were none.
    pub served: Cell<u64>,
    pub misses: Cell<u64>,
}

impl Hostile {
    /// Starts the caches, in a runtime of their own.
    pub fn start() -> Self {
        // Its clock stands still but where a read waits: what looks like a lease is waited for.
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().expect("a runtime");
        let within = runtime.enter();
        let server = Memory::new();
        let builder = || {
            let builder = Cache::builder().namespace("hostile").transport(server.clone());
            // No machine is so busy that a time-out would be a fault.
            builder.local_off().operation_timeout(Duration::from_secs(600)).max_value_bytes(1 << 16)
        };
        let key = || [EncryptionKey::new("a", [1; 32])];
        let readers: Vec<_> = [
            (builder(), false),
            (builder().codec(Codec::MessagePack).compress_above(0), false),
            (builder().codec(Codec::Postcard), false),
            (builder().codec(Codec::Postcard).compress_above(0).encryption_keys(key()), true),
        ]
        .into_iter()
        .map(|(builder, seals)| Reader { cache: builder.build().expect("settings"), seals })
        .collect();
        drop(within);
        let (served, misses) = Default::default();
        let mut this = Self { runtime, server, readers, entries: Vec::new(), served, misses };
        for at in 0..this.readers.len() {
            let entries = this.runtime.block_on(this.written_by(&this.readers[at].cache));
            this.entries.extend(entries);
        }
        this
    }

    async fn written_by(&self, cache: &Cache) -> [Vec<u8>; 3] {
        cache.set("x", record(), Ttl::DAY).await;
        let record = self.stored().await;
        cache.set("x", Tree { branches: vec![Tree { branches: vec![] }] }, Ttl::DAY).await;
        let tree = self.stored().await;
        cache.set("x", "text".to_owned(), Ttl::DAY).await;
        [record, tree, self.stored().await]
    }

    async fn stored(&self) -> Vec<u8> {
        match self.run(Command::new("GET").arg(NAME)).await {
            Reply::Bytes(bytes) => bytes.to_vec(),
            other => panic!("nothing stored: {other:?}"),
        }
    }

    async fn run(&self, command: Command) -> Reply {
        let mut replies = self.server.pipeline(vec![command]).await.expect("it is there");
        replies.pop().expect("one reply")
    }

    /// Puts at a key what an input says, and reads it as one of the types by one of the caches.
    ///
    /// # Panics
    /// If anything panics, is an error, or gives a value that cannot be.
    pub fn check(&self, input: &[u8]) {
        let Some((choice, input)) = input.split_first_chunk::<3>() else { return };
        let bytes = self.bytes(choice, input);
        let reader = &self.readers[usize::from(choice[0]) % self.readers.len()];
        self.runtime.block_on(async {
            // As the type that the true entry is of; now and then as another.
            match (choice[1] % 12 + u8::from(choice[2] >= 240)) % 3 {
                0 => self.read::<Record>(reader, &bytes).await,
                1 => self.read::<Tree>(reader, &bytes).await,
                _ => self.read::<String>(reader, &bytes).await,
            }
        });
    }

    /// What stands at the key: bytes as they are, a payload behind a true header, or a true entry with changes.
    fn bytes(&self, choice: &[u8; 3], input: &[u8]) -> Vec<u8> {
        let true_entry = &self.entries[usize::from(choice[1]) % self.entries.len()];
        match choice[2] % 4 {
            0 => input.to_vec(),
            1 => {
                let Some((format, payload)) = input.split_first_chunk::<3>() else { return vec![] };
                let mut entry = true_entry[..START].to_vec();
                // Mostly such as mean something.
                entry[5] = format[0] % 4;
                entry[6] = u8::from(format[1] % 4 == 0);
                entry[7] = u8::from(format[2] % 8 == 0);
                entry.extend_from_slice(payload);
                entry
            }
            2 => {
                let mut entry = true_entry.clone();
                for edit in input.chunks_exact(3) {
                    let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % entry.len();
                    entry[at] ^= edit[2];
                }
                entry
            }
            _ => {
                let cut = input.first().map_or(0, |at| usize::from(*at)) * true_entry.len() / 255;
                [&true_entry[..cut], input.get(1..).unwrap_or_default()].concat()
            }
        }
    }

    async fn read<T: Loaded>(&self, reader: &Reader, bytes: &[u8]) {
        let cache = &reader.cache;
        self.run(Command::new("SET").arg(NAME).arg(bytes)).await;
        let got: Option<T> = cache.get("x").await;
        let before = cache.stats();
        let load = async || Ok::<_, Infallible>(T::loaded());
        let Ok(read) = cache.read("x").local_off().or_load(load).await;
        let after = cache.stats();
        assert_eq!(after.remote_faults, 0);
        let counted = after.undecodable - before.undecodable;
        self.misses.set(self.misses.get() + counted);
        if after.loads > before.loads {
            assert_eq!(shown(&read), shown(&T::loaded()));
            let counts = counted == 1 || (counted == 0 && may_be_outdated(bytes));
            assert!(counts, "a miss that was counted {counted} times");
        } else {
            // `get` asks for no schema and leaves out what has ended: it may give less, and nothing else.
            assert!(got.is_none_or(|value| shown(&value) == shown(&read)), "two reads, two values");
            self.serves(reader, bytes, read).await;
        }
    }

    async fn serves<T: Loaded>(&self, reader: &Reader, bytes: &[u8], value: T) {
        let cache = &reader.cache;
        assert!(!reader.seals || self.entries.iter().any(|entry| entry == bytes), "forged");
        self.served.set(self.served.get() + 1);
        // What was served is a value like any other: stored again it comes back the same.
        let expected = shown(&value);
        let before = cache.stats();
        cache.set("x", value, Ttl::DAY).await;
        if cache.stats().unstorable == before.unstorable {
            let again: Option<T> = cache.get("x").await;
            assert_eq!(again.as_ref().map(shown), Some(expected));
        }
    }
}

/// Whether bytes may be an entry that has ended, or one with tags, whose generations nobody knows: a miss like any other.
fn may_be_outdated(bytes: &[u8]) -> bool {
    if let Some(header) = bytes.strip_prefix(b"\xCAch\x01E") {
        let Some((header, _)) = header.split_first_chunk::<{ START - 5 }>() else { return false };
        // Behind the format, the id and the time of creation.
        let fresh_until = header[19..27].try_into().map_or(0, u64::from_be_bytes);
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_millis();
        return u128::from(fresh_until) <= since_1970 || header[START - 7..] != [0, 0];
    }
    // Text: a header of that length, in base64.
    let header = bytes.strip_prefix(b"cached1Et").or(bytes.strip_prefix(b"cached1Eb"));
    let header = header.and_then(|rest| rest.split(|byte| *byte == b'.').next());
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    header.is_some_and(|header| header.len() >= 60 && header.iter().all(is_base64))
}

/// Numbers that are none are equal so.
fn shown<T: Debug>(value: &T) -> String {
    format!("{value:?}")
}
