//! Hexadecimal text of a UUID without a loop over its digits: it is the commonest part of a key, and a hit renders it.

use arrayvec::ArrayString;

/// `8-4-4-4-12` lower-case digits.
#[inline]
pub(super) fn uuid(bits: u128) -> ArrayString<36> {
    let digits: [[u8; 8]; 4] =
        std::array::from_fn(|quarter| eight_digits((bits >> (96 - 32 * quarter)) as u32));
    let mut text = [b'-'; 36];
    text[..8].copy_from_slice(&digits[0]);
    text[9..13].copy_from_slice(&digits[1][..4]);
    text[14..18].copy_from_slice(&digits[1][4..]);
    text[19..23].copy_from_slice(&digits[2][..4]);
    text[24..28].copy_from_slice(&digits[2][4..]);
    text[28..].copy_from_slice(&digits[3]);
    // Only ASCII was written.
    ArrayString::from_byte_string(&text).unwrap_or_default()
}

/// The digits of 32 bits, all eight at once: one nibble a byte, then each byte turned into its digit.
#[inline]
fn eight_digits(bits: u32) -> [u8; 8] {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let mut nibbles = u64::from(bits);
    nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff;
    nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff;
    nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    // 10 and more carry into bit 4 when 6 is added; no byte carries into the next.
    let letters = ((nibbles + 6 * LOW) >> 4) & LOW;
    // `a` is 39 after the character that follows `9`.
    (nibbles + u64::from(b'0') * LOW + letters * 39).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::uuid;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_text_is_the_one_of_the_uuid_crate(bits: u128) {
            let expected = ::uuid::Uuid::from_u128(bits).hyphenated().to_string();
            let written = uuid(bits);
            prop_assert_eq!(written.as_str(), expected);
        }
    }

    #[test]
    fn every_digit_in_every_place() {
        for digit in 0..16 {
            let bits = 0x1111_1111_1111_1111_1111_1111_1111_1111 * digit;
            let expected = ::uuid::Uuid::from_u128(bits).to_string();
            assert_eq!(uuid(bits).as_str(), expected);
        }
    }
}
