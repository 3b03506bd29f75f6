//! Large files go up in parts, each with its own digest, and can be gone on with for days: after a lost network, in
//! another tab, from another place. What has arrived is known to storage; the row knows which upload it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Document, Event, RejectReason, State, next};
use crate::{PersonId, limits};

/// How one large file is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// The name that storage gave to the upload; empty until it was begun.
    pub upload: String,
    /// Each part but the last.
    pub part_bytes: u64,
    /// SHA-256 in hex over the digests of all parts, as whoever sent them computed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// SHA-256 of one part, in hex, as whoever sends it computed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartDigest {
    /// From 1.
    pub number: u32,
    /// SHA-256 of the part's bytes, in hex.
    pub sha256: String,
}

impl PartDigest {
    pub fn bytes(&self) -> Option<[u8; 32]> {
        let mut digest = [0; 32];
        let text = self.sha256.as_bytes();
        if text.len() != 64 || !text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(text.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(digest)
    }
}

/// Where one part lies in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub number: u32,
    pub size_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartsRefused {
    #[error("Only who started this upload can go on with it.")]
    NotYours,
    #[error("This file is not sent in parts.")]
    NotInParts,
    #[error("This upload is over. Start it again.")]
    Over,
    #[error("Ask for 1 to {count_max} parts at a time.")]
    Count { count_max: usize },
    #[error("This upload has no part {number}.")]
    NoSuchPart { number: u32 },
    #[error("Part {number} needs its SHA-256 as 64 lowercase hexadecimal digits.")]
    NoDigest { number: u32 },
    #[error("Part {number} has not arrived yet. Send it, then finish the upload.")]
    Missing { number: u32 },
    #[error("Part {number} did not arrive as it was sent. Send it again.")]
    Differs { number: u32 },
}

impl Parts {
    /// None where one form takes the file whole.
    pub fn of(size_bytes: u64) -> Option<Parts> {
        if size_bytes <= limits::UPLOAD_FORM_BYTES_MAX {
            return None;
        }
        const MIB: u64 = 1024 * 1024;
        let even = size_bytes.div_ceil(limits::UPLOAD_PARTS_MAX).div_ceil(MIB) * MIB;
        Some(Parts { upload: String::new(), part_bytes: even.max(limits::UPLOAD_PART_BYTES_MIN), digest: None })
    }

    /// All of them have been sent, and storage puts them together.
    pub fn is_sent(&self) -> bool {
        self.digest.is_some()
    }

    pub fn count(&self, size_bytes: u64) -> u32 {
        u32::try_from(size_bytes.div_ceil(self.part_bytes.max(1))).unwrap_or(u32::MAX)
    }

    pub fn part(&self, size_bytes: u64, number: u32) -> Result<Part, PartsRefused> {
        if number == 0 || number > self.count(size_bytes) {
            return Err(PartsRefused::NoSuchPart { number });
        }
        let before = u64::from(number - 1) * self.part_bytes;
        Ok(Part { number, size_bytes: self.part_bytes.min(size_bytes - before) })
    }

    /// Parts that may be signed: each with its size, each with a digest.
    pub fn to_sign(&self, size_bytes: u64, asked: &[PartDigest]) -> Result<Vec<(Part, [u8; 32])>, PartsRefused> {
        let count_max = limits::UPLOAD_PARTS_PER_CALL_MAX;
        if asked.is_empty() || asked.len() > count_max {
            return Err(PartsRefused::Count { count_max });
        }
        let one = |asked: &PartDigest| {
            let digest = asked.bytes().ok_or(PartsRefused::NoDigest { number: asked.number })?;
            Ok((self.part(size_bytes, asked.number)?, digest))
        };
        asked.iter().map(one).collect()
    }

    /// The digests of all parts in their order, if `sent` names each part once and `arrived` says the same of each.
    pub fn whole(
        &self,
        size_bytes: u64,
        sent: &[PartDigest],
        arrived: &[(Part, String)],
    ) -> Result<Vec<u8>, PartsRefused> {
        let mut digests = Vec::new();
        for number in 1..=self.count(size_bytes) {
            let part = self.part(size_bytes, number)?;
            let said = sent.get(number as usize - 1).filter(|said| said.number == number);
            let digest = said.and_then(PartDigest::bytes).ok_or(PartsRefused::NoDigest { number })?;
            let lies = arrived.iter().find(|(lies, _)| lies.number == number);
            let (lies, lies_as) = lies.ok_or(PartsRefused::Missing { number })?;
            if *lies != part || said.is_none_or(|said| said.sha256 != *lies_as) {
                return Err(PartsRefused::Differs { number });
            }
            digests.extend_from_slice(&digest);
        }
        match sent.get(self.count(size_bytes) as usize) {
            Some(extra) => Err(PartsRefused::NoSuchPart { number: extra.number }),
            None => Ok(digests),
        }
    }
}

impl Document {
    /// The parts that somebody may go on sending.
    pub fn open_parts(&self, by: &PersonId, now: Timestamp) -> Result<&Parts, PartsRefused> {
        let parts = self.parts.as_ref().ok_or(PartsRefused::NotInParts)?;
        if self.by != *by {
            return Err(PartsRefused::NotYours);
        }
        let awaits = matches!(self.state, State::AwaitingUpload { .. }) && !self.state.missed(now);
        if awaits { Ok(parts) } else { Err(PartsRefused::Over) }
    }
}

/// Every part was sent. `digest` is over the digests of all parts. Said again, it changes nothing.
pub fn sent(document: &Document, digest: &str) -> (Document, Vec<Event>) {
    match (&document.parts, &document.state) {
        (Some(parts), State::AwaitingUpload { .. }) if parts.digest.as_deref() != Some(digest) => {
            let parts = Parts { digest: Some(digest.to_owned()), ..parts.clone() };
            (Document { parts: Some(parts), ..next(document, document.state.clone()) }, vec![Event::Sent])
        }
        _ => (document.clone(), Vec::new()),
    }
}

/// Whoever started it stops it. Nobody is asked for another copy, and a file that comes all the same is not taken.
pub fn cancel(document: &Document, by: &PersonId, now: Timestamp) -> Result<(Document, Vec<Event>), PartsRefused> {
    if document.by != *by {
        return Err(PartsRefused::NotYours);
    }
    match document.state {
        State::AwaitingUpload { .. } => {
            let state = State::Rejected { reason: RejectReason::Cancelled, at: now };
            Ok((Document { not_needed: true, ..next(document, state) }, vec![Event::Cancelled]))
        }
        State::Rejected { reason: RejectReason::Cancelled, .. } => Ok((document.clone(), Vec::new())),
        State::Processing { .. } | State::Ready { .. } | State::Rejected { .. } => Err(PartsRefused::Over),
    }
}

#[cfg(test)]
mod tests;
