//! Hexadecimal text of a UUID: it is the commonest part of a key, and a hit renders it.
//!
//! All digits are made at once, in arithmetic that compilers put into vectors, and stored in words: text that is written
//! byte by byte and then read in words, as its hash is, has the processor wait until the bytes have left its store buffer.

/// The length of a UUID's text.
pub(super) const UUID_LEN: usize = 36;

/// The 32 digits, eight in a word, the first of them in its lowest byte.
///
/// Not part of its caller: what takes the words apart would be mixed with what makes them, and neither be done in vectors.
#[inline(never)]
fn digits(bytes: &[u8; 16]) -> [u64; 4] {
    // Both digits of a byte at a time, each in half of a lane.
    let mut lanes = [0; 16];
    for (lane, byte) in lanes.iter_mut().zip(bytes) {
        let byte = u16::from(*byte);
        let nibbles = (byte >> 4 | byte << 8) & 0x0F0F;
        // 10 and above carry into the next half of their byte.
        let letters = (nibbles + 0x0606) >> 4 & 0x0101;
        *lane = nibbles + 0x0101 * u16::from(b'0') + u16::from(b'a' - b'9' - 1) * letters;
    }
    let mut words = [0; 4];
    for (word, four) in words.iter_mut().zip(lanes.as_chunks::<4>().0) {
        let [a, b, c, d] = four.map(u64::from);
        *word = a | b << 16 | c << 32 | d << 48;
    }
    words
}

/// `8-4-4-4-12` lower-case digits, as four words and a half.
#[inline]
pub(super) fn uuid(bytes: &[u8; 16]) -> ([[u8; 8]; 4], [u8; 4]) {
    const HYPHEN: u64 = b'-' as u64;
    const { assert!(UUID_LEN == 4 * 8 + 4) };
    let [a, b, c, d] = digits(bytes);
    let words = [
        a,
        HYPHEN | (b & 0xFFFF_FFFF) << 8 | HYPHEN << 40 | b >> 32 << 48,
        b >> 48 | HYPHEN << 16 | (c & 0xFFFF_FFFF) << 24 | HYPHEN << 56,
        c >> 32 | d << 32,
    ];
    (words.map(u64::to_le_bytes), ((d >> 32) as u32).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::uuid;
    use proptest::prelude::*;

    fn text(bits: u128) -> String {
        let (words, half) = uuid(&bits.to_be_bytes());
        String::from_utf8([words.as_flattened(), &half].concat()).unwrap()
    }

    proptest! {
        #[test]
        fn the_text_is_the_one_of_the_uuid_crate(bits: u128) {
            let expected = ::uuid::Uuid::from_u128(bits).hyphenated().to_string();
            prop_assert_eq!(text(bits), expected);
        }
    }

    #[test]
    fn every_digit_in_every_place() {
        for digit in 0..16 {
            let bits = 0x1111_1111_1111_1111_1111_1111_1111_1111 * digit;
            let expected = ::uuid::Uuid::from_u128(bits).to_string();
            assert_eq!(text(bits), expected);
        }
    }
}
