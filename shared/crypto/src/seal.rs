//! Content fields under a client's data key: AES-256-GCM, bound to the place where they are stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad as LibraryAad, Nonce, RandomizedNonceKey};

use crate::Secret;

/// `P1`: which layout the bytes have. Then 12 bytes of nonce, the ciphertext, 16 bytes of tag.
const MAGIC: &[u8; 2] = b"P1";
const NONCE_BYTES: usize = 12;

/// The place a sealed value belongs to. A value copied to another row, client or attribute does not open.
#[derive(Debug, Clone, Copy)]
pub struct Aad<'a> {
    /// A table's or bucket's name in the product's words: `data`, `index`.
    pub table: &'a str,
    pub pk: &'a str,
    pub sk: &'a str,
    pub attribute: &'a str,
}

impl Aad<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for part in [self.table, self.pk, self.sk, self.attribute] {
            // Lengths, so that no two places write the same bytes.
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open: another key, another place, or changed bytes")]
pub struct SealBroken;

/// A client's data key, as the key service unwrapped it.
#[derive(Clone, Debug)]
pub struct DataKey(Secret<[u8; 32]>);

impl DataKey {
    pub fn new(bytes: &[u8]) -> Result<Self, SealBroken> {
        Ok(Self(Secret::new(bytes.try_into().map_err(|_| SealBroken)?)))
    }

    pub fn seal(&self, plain: &[u8], place: &Aad<'_>) -> Result<Vec<u8>, SealBroken> {
        let mut content = plain.to_vec();
        let nonce = self
            .key()?
            .seal_in_place_append_tag(LibraryAad::from(place.bytes()), &mut content)
            .map_err(|_| SealBroken)?;
        let mut sealed = Vec::with_capacity(MAGIC.len() + NONCE_BYTES + content.len());
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut content);
        Ok(sealed)
    }

    pub fn open(&self, sealed: &[u8], place: &Aad<'_>) -> Result<Vec<u8>, SealBroken> {
        let rest = sealed.strip_prefix(MAGIC).ok_or(SealBroken)?;
        let (nonce, content) = rest.split_at_checked(NONCE_BYTES).ok_or(SealBroken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealBroken)?;
        let mut content = content.to_vec();
        let plain = self
            .key()?
            .open_in_place(nonce, LibraryAad::from(place.bytes()), &mut content)
            .map_err(|_| SealBroken)?
            .len();
        content.truncate(plain);
        Ok(content)
    }

    fn key(&self) -> Result<RandomizedNonceKey, SealBroken> {
        RandomizedNonceKey::new(&AES_256_GCM, self.0.expose()).map_err(|_| SealBroken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Aad<'static> = Aad { table: "data", pk: "T#1#C#2", sk: "DOC#3", attribute: "name" };

    #[test]
    fn a_value_opens_in_its_place_only() {
        let key = DataKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(b"Engagement letter.pdf", &HERE).unwrap();
        assert_eq!(key.open(&sealed, &HERE).unwrap(), b"Engagement letter.pdf");
        for place in [
            Aad { pk: "T#1#C#9", ..HERE },
            Aad { sk: "DOC#4", ..HERE },
            Aad { attribute: "text", ..HERE },
            Aad { table: "index", ..HERE },
            Aad { pk: "T#1#C#2D", sk: "OC#3", ..HERE },
        ] {
            assert_eq!(key.open(&sealed, &place), Err(SealBroken), "{place:?}");
        }
        assert_eq!(DataKey::new(&[8; 32]).unwrap().open(&sealed, &HERE), Err(SealBroken));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = DataKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(b"abc", &HERE).unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(&changed, &HERE), Err(SealBroken), "byte {place}");
        }
        for length in 0..sealed.len() {
            assert_eq!(key.open(&sealed[..length], &HERE), Err(SealBroken), "{length} bytes");
        }
    }

    #[test]
    fn the_same_text_never_seals_alike() {
        let key = DataKey::new(&[7; 32]).unwrap();
        assert_ne!(key.seal(b"abc", &HERE).unwrap(), key.seal(b"abc", &HERE).unwrap());
        assert!(DataKey::new(&[7; 31]).is_err());
    }
}
