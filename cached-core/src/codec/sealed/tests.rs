//! What opens, what does not, and that nothing secret is shown.

use super::*;
use crate::codec::envelope::{Format, Stamp};

fn header() -> Envelope {
    Envelope {
        format: Format { codec: 0, compression: 0, flags: 1 },
        id: 1,
        created: 2,
        fresh_until: 3,
        cost_us: 4,
        schema: 5,
        fingerprint: 6,
        stamps: vec![Stamp { tag: "teacher:1".into(), generation: 7 }],
    }
}

fn keys(ids: &[(&str, u8)]) -> Keys {
    Keys::new(ids.iter().map(|(id, byte)| EncryptionKey::new(*id, [*byte; 32])).collect())
}

#[test]
fn the_first_key_seals_and_all_of_them_open() {
    let (old, both) = (keys(&[("a", 1)]), keys(&[("b", 2), ("a", 1)]));
    let by_old = old.seal("ns:k:x", &header(), b"text").unwrap();
    assert_eq!(both.open("ns:k:x", &header(), &by_old).unwrap(), b"text");
    let by_new = both.seal("ns:k:x", &header(), b"text").unwrap();
    assert_eq!(by_new[..2], [1, b'b']);
    let why = old.open("ns:k:x", &header(), &by_new).unwrap_err().to_string();
    assert!(why.contains("does not have"), "{why}");
    assert!(keys(&[("b", 3)]).open("ns:k:x", &header(), &by_new).is_err());
    // No two alike.
    assert_ne!(by_new, both.seal("ns:k:x", &header(), b"text").unwrap());
}

#[test]
fn no_byte_of_it_its_name_or_its_header_can_be_another() {
    let keys = keys(&[("a", 1)]);
    let sealed = keys.seal("ns:k:x", &header(), b"text").unwrap();
    assert!(keys.open("ns:k:x", &header(), &sealed).is_ok());
    assert!(keys.open("ns:k:y", &header(), &sealed).is_err());
    assert!(keys.open("other:k:x", &header(), &sealed).is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(keys.open("ns:k:x", &header(), &changed).is_err(), "byte {at}");
        assert!(keys.open("ns:k:x", &header(), &sealed[..at]).is_err(), "up to {at}");
    }
    let mut plain = Vec::new();
    header().write(&mut plain).unwrap();
    for at in 0..plain.len() {
        let mut changed = plain.clone();
        changed[at] ^= 1;
        // Some are no headers any more.
        if let Some((header, _)) = Envelope::read(&changed) {
            assert!(keys.open("ns:k:x", &header, &sealed).is_err(), "byte {at} of the header");
        }
    }
}

/// Sealed by libsodium, and so by whatever another version is built on.
#[test]
fn what_another_implementation_sealed_is_opened() {
    let text = include_str!("../../../tests/golden/sealed.txt").trim();
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    let sealed: Vec<u8> = (0..text.len()).step_by(2).map(digits).collect();
    let opened = keys(&[("2026-03", 9)]).open("golden:k:x", &header(), &sealed);
    assert_eq!(opened.unwrap(), b"\"text\"");
}

#[test]
fn keys_are_checked_and_not_shown() {
    assert!(keys(&[("a", 1), ("b", 1)]).check().is_ok());
    for (wrong, why) in
        [(keys(&[]), "no key"), (keys(&[("", 1)]), "255"), (keys(&[("a", 1), ("a", 2)]), "same id")]
    {
        assert!(wrong.check().unwrap_err().to_string().contains(why));
    }
    let secret = base64::engine::general_purpose::STANDARD.encode([b'S'; 32]);
    let key = EncryptionKey::from_base64("2026-03", &format!("{secret}\n")).unwrap();
    assert_eq!(format!("{key:?}"), "EncryptionKey { id: \"2026-03\", .. }");
    let why = EncryptionKey::from_base64("a", &secret[..20]).unwrap_err();
    assert!(!format!("{why} {why:?}").contains(&secret[..20]));
}
