//! Payloads sealed by XChaCha20-Poly1305, an authenticated encryption (AEAD) whose nonces of 24 bytes can be drawn at
//! random for any number of entries (draft-irtf-cfrg-xchacha).
//!
//! ```text
//! id length 1 | key id | nonce 24 | the payload, encrypted | tag 16
//! ```
//! Bound to it as associated data are the key id, the name at which the entry is stored and its whole header: moved to
//! another key, or with another lifetime or tag, it cannot be opened.

use super::envelope::Envelope;
use super::error::CodecError;
use crate::error::{Error, ErrorKind};
use base64::Engine as _;
use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fmt;

const NONCE_BYTES: usize = 24;

/// A key that entries of the shared tier are encrypted with: 32 secret bytes and an id that is none.
///
/// `Debug` shows the id alone.
#[derive(Clone)]
pub struct EncryptionKey {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl EncryptionKey {
    /// A key from its bytes. The id stands in every entry that the key seals; it tells keys apart while they change.
    pub fn new(id: impl Into<String>, secret: [u8; 32]) -> Self {
        Self { id: id.into(), cipher: XChaCha20Poly1305::new(&secret.into()) }
    }

    /// A key from base64 (RFC 4648 section 4), as `openssl rand -base64 32` makes it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for text that is not the base64 of 32 bytes. The message does not quote it.
    pub fn from_base64(id: impl Into<String>, secret: &str) -> Result<Self, Error> {
        let bytes = base64::engine::general_purpose::STANDARD.decode(secret.trim()).ok();
        match bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
            Some(secret) => Ok(Self::new(id, secret)),
            None => Err(Error::new(
                ErrorKind::Config,
                "an encryption key is the base64 of 32 random bytes: `openssl rand -base64 32` makes one",
            )),
        }
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The keys of a cache: the first one seals, all of them open.
#[derive(Debug, Clone)]
pub(crate) struct Keys(Vec<EncryptionKey>);

impl Keys {
    pub(crate) fn new(keys: Vec<EncryptionKey>) -> Self {
        Self(keys)
    }

    /// Whether they can be used, as `build` asks.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |why: &str| Err(Error::new(ErrorKind::Config, why));
        if self.0.is_empty() {
            return refuse("`encryption_keys` got no key: give it one, or leave it out");
        }
        for (at, key) in self.0.iter().enumerate() {
            if key.id.is_empty() || u8::try_from(key.id.len()).is_err() {
                return refuse("the id of an encryption key is 1 to 255 bytes long");
            }
            if self.0[..at].iter().any(|other| other.id == key.id) {
                return refuse("two encryption keys have the same id: give each one of its own");
            }
        }
        Ok(())
    }

    /// Seals a payload. `None` if the header cannot be written, or the system has no random bytes.
    pub(super) fn seal(&self, name: &str, header: &Envelope, payload: &[u8]) -> Option<Vec<u8>> {
        let key = self.0.first()?;
        let aad = bound(key, name, header)?;
        let nonce = XNonce::try_generate().ok()?;
        let sealed = key.cipher.encrypt(&nonce, Payload { msg: payload, aad: &aad }).ok()?;
        let id = [u8::try_from(key.id.len()).ok()?];
        Some([&id, key.id.as_bytes(), nonce.as_slice(), &sealed].concat())
    }

    /// Opens what a key of ours has sealed.
    pub(super) fn open(
        &self,
        name: &str,
        header: &Envelope,
        sealed: &[u8],
    ) -> Result<Vec<u8>, CodecError> {
        let (id, nonce, sealed) = parts(sealed).ok_or("sealed, and cut short")?;
        let key = self.0.iter().find(|key| key.id.as_bytes() == id);
        let key = key.ok_or("sealed with a key that this cache does not have")?;
        let aad = bound(key, name, header).ok_or("its header is too long")?;
        let opened = key.cipher.decrypt(&nonce, Payload { msg: sealed, aad: &aad });
        // Which of these it is cannot be told.
        opened.map_err(|_| "sealed with another key of this id, moved here, or changed".into())
    }
}

fn parts(sealed: &[u8]) -> Option<(&[u8], XNonce, &[u8])> {
    let (length, rest) = sealed.split_first()?;
    let (id, rest) = rest.split_at_checked(usize::from(*length))?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
    Some((id, (*nonce).into(), rest))
}

/// What a sealed payload is bound to.
fn bound(key: &EncryptionKey, name: &str, header: &Envelope) -> Option<Vec<u8>> {
    let mut aad = b"cached entry 1".to_vec();
    // With their lengths: no two of them make the same bytes.
    for part in [&key.id, name] {
        aad.extend_from_slice(&u32::try_from(part.len()).ok()?.to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    header.write(&mut aad)?;
    Some(aad)
}

#[cfg(test)]
mod tests;
