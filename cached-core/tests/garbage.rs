//! Bytes that nobody wrote, or somebody changed: misses or values, never a panic, never an error. `fuzz/` goes on from
//! here with the same checks.
#![cfg(all(feature = "encryption", feature = "msgpack", feature = "postcard", feature = "zstd"))]

#[path = "common/hostile.rs"]
mod hostile;

use cached_core::Cache;
use cached_core::remote::transport::{Command, Memory, Transport};
use cached_testkit::eventually;
use hostile::Hostile;
use std::future::ready;
use std::time::{Duration, Instant};

/// For how long inputs are made up: a minute, whatever machine that is.
const FOR: Duration = Duration::from_secs(60);

/// Shows the input that led to a panic.
struct Input(Vec<u8>);

impl Drop for Input {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input is b\"{}\"", self.0.escape_ascii());
        }
    }
}

/// What a lease looks like, in both forms.
const LEASES: [&[u8]; 2] = [b"\xCAch\x01L0123456789abcdef", b"cached1LMDEyMzQ1Njc4OWFiY2RlZg"];

/// What formats begin with, or repeat.
const WORDS: [&[u8]; 18] = [
    LEASES[0],
    LEASES[1],
    b"\xCAch\x01E\0\0\0",
    b"cached1Et",
    b"cached1Eb",
    b"\x28\xb5\x2f\xfd",
    b"{\"branches\":[",
    b"[",
    b"]}",
    b"null",
    b"\"",
    b"\x81\xa8branches\x91",
    b"\xdd\xff\xff\xff\xff",
    b"\x01",
    b"\x00",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\xc0",
    b"1e999",
];

fn input() -> Vec<u8> {
    let mut input: Vec<u8> = (0..3).map(|_| fastrand::u8(..)).collect();
    match fastrand::u8(..4) {
        0 => input.extend((0..fastrand::usize(..100)).map(|_| fastrand::u8(..))),
        // Single changes.
        1 => input.extend((0..3 * fastrand::usize(..4)).map(|_| fastrand::u8(..))),
        2 => {
            // What goes before a payload, for inputs that are one.
            input.extend((0..3 * fastrand::usize(..2)).map(|_| fastrand::u8(..)));
            for _ in 0..fastrand::usize(..8) {
                input.extend_from_slice(fastrand::choice(WORDS).unwrap_or_default());
            }
        }
        _ => {
            input.extend((0..3).map(|_| fastrand::u8(..)));
            let word = fastrand::choice(WORDS).unwrap_or_default();
            input.extend(word.repeat(fastrand::usize(..2000)));
        }
    }
    input
}

#[test]
fn whatever_bytes_are_stored() {
    let hostile = Hostile::start();
    let (began, mut inputs) = (Instant::now(), 0_u64);
    // The hundreds are for a machine that stands still.
    while began.elapsed() < FOR || inputs < 500 {
        let input = Input(input());
        hostile.check(&input.0);
        inputs += 1;
    }
    let (served, misses) = (hostile.served.get(), hostile.misses.get());
    println!("{inputs} inputs: {misses} misses, {served} values");
    // Both are met often, or little was tried.
    assert!(served > inputs / 100 && misses > inputs / 3, "{served} and {misses} of {inputs}");
}

/// Also those one byte shorter or longer, which are none.
#[test]
fn leases_that_nobody_holds_are_counted_misses() {
    let hostile = Hostile::start();
    let mut inputs = 0;
    for reader_and_type in 0..12_u8 {
        for lease in LEASES {
            let longer = [lease, b"A"].concat();
            for bytes in [lease, &lease[..lease.len() - 1], &longer] {
                let as_they_are = [reader_and_type, reader_and_type, 0];
                let input = Input([&as_they_are, bytes].concat());
                hostile.check(&input.0);
                inputs += 1;
                assert_eq!(hostile.misses.get(), inputs);
            }
        }
    }
}

/// Messages that nobody sent, among them some that mean something: who listens goes on listening.
#[tokio::test]
async fn whatever_messages_are_sent() {
    const PARTS: [&[u8]; 12] = [
        b"{\"o\":\"x\"",
        b",\"k\":[\"a\"]",
        b",\"t\":",
        b",\"p\":[\"a[\",\"*\"]",
        b",\"a\":true",
        b"}",
        b"[",
        b"\"\\ud800\"",
        b"null",
        b"1e999",
        b"\xff\xfe",
        b"",
    ];
    let server = Memory::new();
    let build = || Cache::builder().transport(server.clone()).build().unwrap();
    let (far, near) = (build(), build());
    for cache in [&far, &near] {
        eventually("it hears", || ready(cache.stats().local_resets > 0)).await;
    }
    for round in 0..2_000 {
        let mut message = Vec::new();
        for _ in 0..fastrand::usize(..8) {
            message.extend_from_slice(fastrand::choice(PARTS).unwrap_or_default());
        }
        let add = Command::new("XADD").arg("cached:bus").arg("*").arg("m").arg(message);
        server.pipeline(vec![add]).await.unwrap();
        if round % 100 == 0 {
            let heard = near.stats().invalidations_received;
            far.remove("k").await;
            let hears = || ready(near.stats().invalidations_received > heard);
            eventually("it hears on", hears).await;
        }
    }
    assert_eq!(near.stats().remote_faults, 0);
}
