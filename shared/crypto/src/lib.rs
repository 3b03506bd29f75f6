//! Secrets, hashes, sealed fields and the audit's hash chain. Pure, but for the one function that draws random bits.

pub mod chain;
mod hash;
mod seal;
mod secret;
mod totp;

pub use hash::{Hasher, Mac, constant_time_eq, hex, hmac_sha256, sha256, sha256_hex, tagged_token};
pub use seal::{Aad, DataKey, SealBroken};
pub use secret::{BearerToken, Secret, SessionToken, random_bits};
pub use totp::{SEED_BYTES, base32, from_base32, totp_code};
