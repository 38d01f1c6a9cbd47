//! Payloads compressed by zstd ([RFC 8878](https://www.rfc-editor.org/rfc/rfc8878)), one frame each that says how long
//! its content is.

use super::error::CodecError;
use zstd::bulk;
use zstd::zstd_safe::get_frame_content_size;

/// The compressed bytes, if they are fewer.
pub(super) fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    let smaller = bulk::compress(bytes, ::zstd::DEFAULT_COMPRESSION_LEVEL).ok()?;
    (smaller.len() < bytes.len()).then_some(smaller)
}

/// What was compressed, if it is no longer than `most` bytes: no more room than that is ever made.
pub(super) fn decompress(bytes: &[u8], most: usize) -> Result<Vec<u8>, CodecError> {
    let length = get_frame_content_size(bytes).ok().flatten().ok_or("no length in front of it")?;
    let length = usize::try_from(length).ok().filter(|length| *length <= most);
    let length = length.ok_or("longer than `max_value_bytes` when it is decompressed")?;
    let content = bulk::decompress(bytes, length).map_err(|error| error.to_string())?;
    if content.len() == length { Ok(content) } else { Err("shorter than it says".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn what_was_compressed_comes_back_up_to_a_bound() {
        let text = "a long text ".repeat(1000);
        let small = compress(text.as_bytes()).unwrap();
        assert!(small.len() < 100);
        assert_eq!(decompress(&small, text.len()).unwrap(), text.as_bytes());
        let why = decompress(&small, text.len() - 1).unwrap_err().to_string();
        assert!(why.contains("max_value_bytes"), "{why}");
    }

    #[test]
    fn what_does_not_shrink_stays_as_it_is() {
        assert_eq!(compress(b"ab"), None);
    }

    #[test]
    fn bombs_are_not_inflated() {
        // Without a length in front of it.
        let mut encoder = ::zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
        let unnamed = encoder.finish().unwrap();
        assert!(decompress(&unnamed, 1 << 24).is_err());
        // With another one than it has: the frame's header is 5 bytes, then the length.
        let honest = compress(&vec![0; 1 << 20]).unwrap();
        for claimed in [0_u32, 1000, (1 << 20) - 1, (1 << 20) + 1] {
            let mut lying = honest.clone();
            assert_eq!(lying[5..9], (1_u32 << 20).to_le_bytes());
            lying[5..9].copy_from_slice(&claimed.to_le_bytes());
            assert!(decompress(&lying, 1 << 24).is_err(), "{claimed}");
        }
        // One frame more.
        assert!(decompress(&[honest.clone(), honest].concat(), 1 << 24).is_err());
    }
}
