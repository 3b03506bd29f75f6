//! Typed ids. Each is a ULID in Crockford base 32 (26 of `[0-9A-Z]`), so that neither a key delimiter nor a policy
//! wildcard can occur in one.

use serde::{Deserialize, Serialize};

/// Length of every id, in characters.
pub const ID_CHARACTERS: usize = 26;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 26 characters of 0-9 and A-Z")]
pub struct IdRefused;

/// Writes 128 bits as a ULID. The upper 48 bits are milliseconds since 1970, so ids sort by the time they were made.
pub fn ulid(bits: u128) -> String {
    (0..ID_CHARACTERS).rev().map(|place| ALPHABET[(bits >> (place * 5)) as usize & 31] as char).collect()
}

fn bits(ulid: &str) -> u128 {
    let value = |letter: u8| ALPHABET.iter().position(|known| *known == letter).unwrap_or(0) as u128;
    ulid.bytes().fold(0, |bits, letter| (bits << 5) | value(letter))
}

fn check(text: &str) -> Result<(), IdRefused> {
    let first_fits = matches!(text.as_bytes().first(), Some(b'0'..=b'7'));
    if text.len() == ID_CHARACTERS && first_fits && text.bytes().all(|b| ALPHABET.contains(&b)) {
        Ok(())
    } else {
        Err(IdRefused)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, IdRefused> {
                check(text)?;
                Ok(Self(text.to_owned()))
            }
            /// From the bits that a [`crate::Moment`] hands out.
            pub fn from_bits(bits: u128) -> Self { Self(ulid(bits)) }
            pub fn as_str(&self) -> &str { &self.0 }
            /// The bits that [`Self::from_bits`] was given.
            pub fn bits(&self) -> u128 { bits(&self.0) }
        }
        impl TryFrom<String> for $name {
            type Error = IdRefused;
            fn try_from(text: String) -> Result<Self, IdRefused> { check(&text)?; Ok(Self(text)) }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String { id.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

ids! {
    /// A firm: our tenant.
    FirmId,
    /// A client of one firm.
    ClientId,
    /// A person, the same in every firm and client it belongs to.
    PersonId,
    /// A project or matter of one client.
    ProjectId,
    /// A milestone of one project.
    MilestoneId,
    /// A document of one client, whatever its version.
    DocumentId,
    /// What a firm asks of a client: a list.
    RequestId,
    /// A line of one request list.
    RequestLineId,
    /// Documents that one act put into the bin together.
    BatchId,
    /// A text that a firm keeps to write with.
    TextId,
    /// A letter of a firm to its clients, the same in its drafts and with each client that it reached.
    NewsletterId,
    /// What the firm wrote to a client about a project.
    UpdateId,
    /// A message; [`MessageId::number`] is its place in its thread.
    MessageId,
    /// What a reply address holds: known to whom it was sent, and guessed by nobody.
    ReplyId,
    /// A note that the firm keeps to itself beside a conversation.
    NoteId,
    /// An audit event.
    EventId,
    /// An outbox row: one cause of notices.
    OutboxId,
    /// What a partner ordered: a client or a person.
    OrderId,
    /// What an operator ordered for a firm that is there: to be closed, or opened again.
    FirmChangeId,
    /// An operator's admission to one client.
    AdmissionId,
    /// A personal token's public name; the token itself is a secret.
    TokenId,
    /// A legal hold on things of one client.
    HoldId,
    /// What is made of documents for one reader to take away: a zip of many.
    ParcelId,
    /// A run of the firm's rules over one client's documents, from its rehearsal on.
    RunId,
    /// The erasure of one client.
    ErasureId,
    /// A connection to a provider of single sign-on.
    ConnectionId,
    /// A session's public name; the cookie's value is a different, secret one.
    SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_parse(text: &str, accepted: bool) {
        assert_eq!(FirmId::parse(text).is_ok(), accepted, "{text:?}");
    }

    #[test]
    fn only_ulids_are_ids() {
        check_parse("01ARZ3NDEKTSV4RRFFQ69G5FAV", true);
        check_parse("01ARZ3NDEKTSV4RRFFQ69G5FA", false);
        check_parse("01ARZ3NDEKTSV4RRFFQ69G5FA*", false);
        check_parse("01ARZ3NDEKTSV4RRFFQ69G5FA#", false);
        check_parse("01arz3ndektsv4rrffq69g5fav", false);
        check_parse("81ARZ3NDEKTSV4RRFFQ69G5FAV", false);
        check_parse("01ARZ3NDEKTSV4RRFFQ69G5FAU", false);
        check_parse("", false);
    }

    #[test]
    fn bits_round_trip_in_order() {
        let (early, late) = (FirmId::from_bits(1 << 80), FirmId::from_bits(2 << 80));
        assert!(early < late);
        assert_eq!((early.bits(), FirmId::from_bits(u128::MAX).bits()), (1 << 80, u128::MAX));
        assert_eq!(FirmId::parse(early.as_str()), Ok(early));
        assert_eq!(ulid(u128::MAX), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    }
}
