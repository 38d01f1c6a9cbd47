//! The bytes that other versions and other processes read, pinned. `BLESS=1` rewrites the files.

mod common;

use cached_core::{Cache, Clock, Invalidation, Pattern};
use cached_testkit::{RedisServer, Value};
use common::eventually;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Prints bytes as text where they are text, as `\xNN` elsewhere.
fn shown(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| std::ascii::escape_default(*byte).to_string()).collect()
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text, expected,
        "{name}: if the change is meant, raise the envelope's version and bless"
    );
}

fn bytes(value: Value) -> Vec<u8> {
    match value {
        Value::Bytes(bytes) => bytes,
        other => panic!("not bytes: {other:?}"),
    }
}

#[tokio::test]
async fn an_entry_and_a_lease() {
    let redis = RedisServer::start().unwrap();
    let (clock, hand) = Clock::manual();
    hand.advance(Duration::from_secs(1));
    let builder =
        Cache::builder().namespace("golden").redis(redis.url()).clock(clock).ttl_jitter(0.0);
    let cache = builder.lease(Duration::from_secs(60)).build().unwrap();
    let load = async || {
        let lease = bytes(redis.command(&["GET", "golden:k:course:7"]).unwrap());
        Ok::<_, Infallible>(lease)
    };
    // The loader sees its own lease.
    let lease = cache.read("course:7").tag("teacher:1").or_load(load).await.unwrap();
    let entry = bytes(redis.command(&["GET", "golden:k:course:7"]).unwrap());
    let mut text = String::new();
    let _ = writeln!(text, "lease: {}<token 16>", shown(&lease[..5]));
    // magic, kind, codec, compression, flags | created, fresh until | schema | tags
    let _ = writeln!(text, "head: {}", shown(&entry[..8]));
    let _ = writeln!(text, "id: <8>");
    let _ = writeln!(text, "created: {}", shown(&entry[16..24]));
    let _ = writeln!(text, "fresh until: {}", shown(&entry[24..32]));
    let _ = writeln!(text, "load cost: <4>");
    let _ = writeln!(text, "schema: {}", shown(&entry[36..40]));
    let _ = writeln!(text, "type: {}", shown(&entry[40..48]));
    let _ = writeln!(text, "tags: {}<generation 8>", shown(&entry[48..61]));
    let _ = writeln!(text, "payload: {}", shown(&entry[69..75]));
    assert_eq!(lease.len(), 21);
    golden("entry.txt", &text);
}

/// A struct, a list, an option, text: as they are stored, with the three bytes of the header that say how.
#[cfg(all(feature = "encryption", feature = "msgpack", feature = "postcard", feature = "zstd"))]
#[tokio::test]
async fn payloads() {
    use cached_core::{Codec, EncryptionKey, Ttl};

    #[derive(serde::Serialize, serde::Deserialize, Clone)]
    struct Course {
        id: u64,
        title: String,
        teacher: Option<u32>,
        hours: Vec<f32>,
    }
    let redis = RedisServer::start().unwrap();
    let builder = || Cache::builder().namespace("golden").redis(redis.url());
    let mut text = String::new();
    let mut add = async |name: &str, cache: Cache, title: String| {
        let course = Course { id: 7, title, teacher: None, hours: vec![1.5] };
        cache.set("course:7", course, Ttl::DAY).await;
        let entry = bytes(redis.command(&["GET", "golden:k:course:7"]).unwrap());
        // No tags: the header ends after 45 bytes.
        let (format, payload) = (shown(&entry[5..8]), &entry[5 + 45..]);
        let payload = match name {
            // Where the rest is random: the length and id of the key.
            // Where the rest is the library's choice: the start of a zstd frame, the length of its content.
            "compressed" => shown(&payload[..7]),
            "sealed" => format!("{}<{}>", shown(&payload[..8]), payload.len() - 8),
            _ => shown(payload),
        };
        let _ = writeln!(text, "{name}: {format} {payload}");
    };
    for codec in [Codec::Json, Codec::MessagePack, Codec::Postcard] {
        add(&format!("{codec:?}"), builder().codec(codec).build().unwrap(), "Zoë".into()).await;
    }
    add("compressed", builder().compress_above(100).build().unwrap(), "Zoë".repeat(100)).await;
    let keys = [EncryptionKey::new("2026-03", [9; 32])];
    add("sealed", builder().encryption_keys(keys).build().unwrap(), "Zoë".into()).await;
    golden("payloads.txt", &text);
}

#[tokio::test]
async fn the_layout_on_the_server_and_a_message() {
    let redis = RedisServer::start().unwrap();
    let cache = Cache::builder().namespace("golden").redis(redis.url()).build().unwrap();
    cache
        .read("course:a%3Ab:7")
        .tag("teacher:1")
        .or_load(async || Ok::<_, Infallible>(1))
        .await
        .unwrap();
    cache.invalidate(Invalidation::new().key("course:8").tag("x")).await;
    eventually("it is delivered", || cache.queued() == 0).await;
    cache.invalidate(Invalidation::new().pattern(Pattern::parse("page:*").unwrap())).await;
    eventually("it is delivered", || cache.queued() == 0).await;
    let mut names: Vec<_> = redis.cli(&["KEYS", "*"]).lines().map(str::to_owned).collect();
    names.sort();
    let messages = redis.cli(&["XRANGE", "golden:bus", "-", "+"]);
    let stripped = messages.lines().filter(|line| line.starts_with('{')).map(|line| {
        let from = line.find("\"o\":\"").unwrap() + 5;
        let to = from + line[from..].find('"').unwrap();
        format!("{}<origin>{}", &line[..from], &line[to..])
    });
    let mut text = names.join("\n");
    for message in stripped {
        text.push('\n');
        text.push_str(&message);
    }
    golden("layout.txt", &(text + "\n"));
}
