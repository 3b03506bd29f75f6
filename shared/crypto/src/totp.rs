//! Codes of apps that show a new one every half minute: RFC 4226 over the steps of RFC 6238. Which steps count is
//! decided elsewhere.

use aws_lc_rs::hmac;

/// Bits of a new seed: as many as the hash has, as RFC 4226 asks for.
pub const SEED_BYTES: usize = 20;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The six digits of one step. SHA-1 is what every app understands; a keyed hash does not rest on its collisions.
pub fn totp_code(seed: &[u8], step: u64) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed), &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes[bytes.len() - 1] & 0xf);
    let window: [u8; 4] = std::array::from_fn(|place| bytes[offset + place]);
    format!("{:06}", (u32::from_be_bytes(window) & 0x7fff_ffff) % 1_000_000)
}

/// As apps take a seed that is typed: RFC 4648's base 32 without padding. Seeds have a whole number of groups.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let bits =
            group.iter().enumerate().fold(0_u64, |bits, (place, byte)| bits | (u64::from(*byte) << (32 - place * 8)));
        let letters = (group.len() * 8).div_ceil(5);
        text.extend((0..letters).map(|place| char::from(ALPHABET[(bits >> (35 - place * 5)) as usize & 31])));
    }
    text
}

/// The bytes behind what [`base32`] wrote; nothing where it did not.
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4226, appendix D, and RFC 6238, appendix B: the last six of its eight digits.
    #[test]
    fn the_rfcs_vectors() {
        let seed = b"12345678901234567890";
        let check = |step: u64, want: &str| assert_eq!(totp_code(seed, step), want, "step {step}");
        for (step, want) in
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
                .iter()
                .enumerate()
        {
            check(step as u64, want);
        }
        for (second, want) in [
            (59_u64, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            check(second / 30, want);
        }
    }

    /// RFC 4648, section 10, without padding.
    #[test]
    fn seeds_as_text() {
        for (bytes, want) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), want);
            assert_eq!(from_base32(want).as_deref(), Some(bytes.as_bytes()));
        }
        let seed: Vec<u8> = (0..SEED_BYTES as u8).collect();
        assert_eq!(from_base32(&base32(&seed)), Some(seed));
        assert_eq!(from_base32("MZXW1"), None);
        assert_eq!(from_base32("mzxw6"), None);
    }
}
