//! A part that is rendered before the key that it stands in, as those of tags that name what is returned.

use super::buf::KeyBuf;

/// A part as it is rendered, whatever its length: [`KeyBuf::rendered`] writes it into the key, and the key has a limit.
pub struct EarlyPart(String);

impl EarlyPart {
    /// Renders it.
    pub fn render(write: impl FnOnce(&mut KeyBuf)) -> Self {
        Self(KeyBuf::whole(write))
    }
}

impl AsRef<str> for EarlyPart {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
