//! Bytes that nobody wrote, or somebody changed: misses or values, never a panic, never an error. `fuzz/` goes on from
//! here with the same checks.
#![cfg(all(feature = "encryption", feature = "msgpack", feature = "postcard", feature = "zstd"))]

#[path = "common/hostile.rs"]
mod hostile;

use hostile::Hostile;

/// Half a minute of one idle core, unoptimised.
const INPUTS: usize = 60_000;

/// Shows the input that led to a panic.
struct Input(Vec<u8>);

impl Drop for Input {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let start = &self.0[..self.0.len().min(64)];
            eprintln!("the input has {} bytes: {start:02x?} ..", self.0.len());
        }
    }
}

/// What formats begin with, or repeat.
const WORDS: [&[u8]; 16] = [
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
            input.extend((0..3).map(|_| fastrand::u8(..)));
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
    for _ in 0..INPUTS {
        let input = Input(input());
        hostile.check(&input.0);
    }
    // Both are met often, or little was tried.
    assert!(hostile.served.get() > INPUTS as u64 / 100, "{}", hostile.served.get());
    assert!(hostile.misses.get() > INPUTS as u64 / 3, "{}", hostile.misses.get());
}
