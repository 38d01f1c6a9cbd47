//! Hexadecimal text of a UUID, a byte at a time from a table: it is the commonest part of a key, and a hit renders it.

/// The two digits of every byte.
const DIGITS: [[u8; 2]; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    digits
};

/// Where the digits of each byte stand between the hyphens.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// `8-4-4-4-12` lower-case digits.
#[inline]
pub(super) fn uuid(bits: u128) -> [u8; 36] {
    let mut text = [b'-'; 36];
    for (byte, place) in bits.to_be_bytes().into_iter().zip(PLACES) {
        text[place..place + 2].copy_from_slice(&DIGITS[usize::from(byte)]);
    }
    text
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
            prop_assert_eq!(&written[..], expected.as_bytes());
        }
    }

    #[test]
    fn every_digit_in_every_place() {
        for digit in 0..16 {
            let bits = 0x1111_1111_1111_1111_1111_1111_1111_1111 * digit;
            let expected = ::uuid::Uuid::from_u128(bits).to_string();
            assert_eq!(&uuid(bits)[..], expected.as_bytes());
        }
    }
}
