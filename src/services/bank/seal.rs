//! Sealing what genetics alone may read: AES-256-GCM under the node's bank key, which never enters the database.
//!
//! A sealed text is a version, a nonce of twelve random bytes and the ciphertext with its tag (NIST SP 800-38D). The record's id goes in as associated data,
//! so that a sealed text moved to another record does not open. The standard allows 2^32 texts with random nonces under one key.

use crate::app::Random;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use std::path::Path;
use uuid::Uuid;

const VERSION: u8 = 1;
const NONCE: usize = 12;

/// A bank key. It is never printed.
#[derive(Clone)]
pub struct Key {
    cipher: Aes256Gcm,
    fingerprint: [u8; 32],
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file.
    #[error("the key file cannot be read")]
    File(#[from] std::io::Error),
    /// Its content.
    #[error("the key file holds something else than 64 hexadecimal digits; make one with `openssl rand -hex 32`")]
    Form,
}

/// A sealed text that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another key, another record, or changed bytes.
    #[error("a sealed text does not open: it was sealed with another key or for another record, or it was changed")]
    Closed,
    /// What came out is not what was expected, or cannot be written.
    #[error("a sealed text is not in a form this release knows")]
    Form,
}

fn derived(key: &[u8; 32], what: &[u8]) -> [u8; 32] {
    let mut mac = mac(key);
    mac.update(what);
    mac.finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl Key {
    /// From 32 bytes, of which a key for sealing and one for fingerprints are derived.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self { cipher: Aes256Gcm::new(&derived(key, b"rastro bank: seal").into()), fingerprint: derived(key, b"rastro bank: fingerprint") }
    }

    /// From a file of 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(file: &Path) -> Result<Self, KeyError> {
        let mut key = [0; 32];
        hex::decode_to_slice(std::fs::read_to_string(file)?.trim(), &mut key).map_err(|_| KeyError::Form)?;
        Ok(Self::new(&key))
    }

    /// Seals a value for a record.
    ///
    /// # Errors
    /// [`SealError::Form`] for a value that is no JSON.
    pub fn seal<T: Serialize>(&self, record: Uuid, value: &T, random: &dyn Random) -> Result<Vec<u8>, SealError> {
        let text = serde_json::to_vec(value).map_err(|_| SealError::Form)?;
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce);
        let payload = Payload { msg: &text, aad: record.as_bytes() };
        let closed = self.cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Form)?;
        Ok([&[VERSION][..], &nonce, &closed].concat())
    }

    /// Opens what was sealed for a record.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open<T: DeserializeOwned>(&self, record: Uuid, sealed: &[u8]) -> Result<T, SealError> {
        let (nonce, closed) = match sealed {
            [VERSION, rest @ ..] => rest.split_first_chunk::<NONCE>().ok_or(SealError::Form)?,
            _ => return Err(SealError::Form),
        };
        let payload = Payload { msg: closed, aad: record.as_bytes() };
        let text = self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealError::Closed)?;
        serde_json::from_slice(&text).map_err(|_| SealError::Form)
    }

    /// A fingerprint of a value: equal for equal values, and of no use without the key.
    ///
    /// # Errors
    /// [`SealError::Form`] for a value that is no JSON.
    pub fn fingerprint<T: Serialize>(&self, value: &T) -> Result<[u8; 32], SealError> {
        let text = serde_json::to_vec(value).map_err(|_| SealError::Form)?;
        Ok(derived(&self.fingerprint, &text))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::app::SystemRandom;

    #[test]
    fn a_sealed_text_opens_with_its_key_for_its_record_and_only_unchanged() {
        let (key, record) = (Key::new(&[7; 32]), Uuid::from_u128(1));
        let sealed = key.seal(record, &["15", "17"], &SystemRandom).unwrap();
        assert_eq!(key.open::<[String; 2]>(record, &sealed).unwrap(), ["15", "17"]);
        assert_eq!(key.open::<[String; 2]>(Uuid::from_u128(2), &sealed), Err(SealError::Closed));
        assert_eq!(Key::new(&[8; 32]).open::<[String; 2]>(record, &sealed), Err(SealError::Closed));
        for at in 1..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open::<[String; 2]>(record, &changed), Err(SealError::Closed));
        }
        for cut in 0..sealed.len() {
            assert!(key.open::<[String; 2]>(record, &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn one_text_sealed_twice_looks_different_and_has_one_fingerprint() {
        let key = Key::new(&[7; 32]);
        let seal = || key.seal(Uuid::from_u128(1), &"15,17", &SystemRandom).unwrap();
        assert_ne!(seal(), seal());
        assert!(!seal().windows(5).any(|w| w == b"15,17"));
        assert_eq!(key.fingerprint(&"15,17").unwrap(), key.fingerprint(&"15,17").unwrap());
        assert_ne!(key.fingerprint(&"15,17").unwrap(), Key::new(&[8; 32]).fingerprint(&"15,17").unwrap());
    }
}
