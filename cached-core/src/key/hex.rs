//! Hexadecimal text of a UUID, eight digits at a time: it is the commonest part of a key, and a hit renders it.
//!
//! The digits of a word are made in one register and stored in words: text that is written byte by byte and then read in
//! words, as its hash is, has the processor wait until the bytes have left its store buffer.

/// The eight digits of 32 bits, the first of them in the highest byte.
#[inline]
fn digits(bits: u32) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut nibbles = u64::from(bits);
    nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF;
    nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF;
    nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F;
    // 10 and above carry into the next half of their byte.
    let letters = (nibbles + 6 * EACH) >> 4 & EACH;
    nibbles + u64::from(b'0') * EACH + u64::from(b'a' - b'9' - 1) * letters
}

/// The length of a UUID's text.
pub(super) const UUID_LEN: usize = 36;

/// `8-4-4-4-12` lower-case digits, as four words and a half.
#[inline]
pub(super) fn uuid(bits: u128) -> ([[u8; 8]; 4], [u8; 4]) {
    const HYPHEN: u64 = b'-' as u64;
    let [a, b, c, d] = [96, 64, 32, 0].map(|shift| digits((bits >> shift) as u32));
    let words = [
        a,
        HYPHEN << 56 | b >> 32 << 24 | HYPHEN << 16 | b >> 16 & 0xFFFF,
        b << 48 | HYPHEN << 40 | c >> 32 << 8 | HYPHEN,
        c << 32 | d >> 32,
    ];
    (words.map(u64::to_be_bytes), (d as u32).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::uuid;
    use proptest::prelude::*;

    fn text(bits: u128) -> String {
        let (words, half) = uuid(bits);
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
