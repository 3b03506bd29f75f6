//! Files that are never in memory as a whole: their kind is told by both ends, their digest is made window by window,
//! and they are filed by a copy within storage. They are found by their names, not by their words.

use domain::document::{Checked, Document, Parts, RejectReason};
use domain::limits;
use storage::{Brand, LargeUpload};
use web::worker::Outcome;

use crate::{Desk, Finding, filed_as};

/// Whether bytes are what their sender computed the digests of. A file that came by a form has none: storage and the
/// browser compared nothing, and neither do we.
pub(crate) fn is_as_sent(document: &Document, bytes: &[u8]) -> bool {
    let Some(parts) = &document.parts else { return true };
    let mut digests = Digests::of(parts);
    digests.update(bytes);
    digests.finish().1
}

/// The digest of a file, and beside it those of its parts.
struct Digests {
    parts: Parts,
    whole: crypto::Hasher,
    part: crypto::Hasher,
    part_left: usize,
    of_parts: crypto::Hasher,
}

impl Digests {
    fn of(parts: &Parts) -> Self {
        let part_left = usize::try_from(parts.part_bytes).unwrap_or(usize::MAX);
        let [whole, part, of_parts] = [(); 3].map(|()| crypto::Hasher::default());
        Self { parts: parts.clone(), whole, part, part_left, of_parts }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        self.whole.update(bytes);
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(self.part_left));
            self.part.update(now);
            self.part_left -= now.len();
            bytes = rest;
            if self.part_left == 0 {
                self.end_part();
            }
        }
    }

    fn end_part(&mut self) {
        self.of_parts.update(&std::mem::take(&mut self.part).bytes());
        self.part_left = usize::try_from(self.parts.part_bytes).unwrap_or(usize::MAX);
    }

    /// SHA-256 of the whole, and whether the parts are those that were sent.
    fn finish(mut self) -> (String, bool) {
        if self.part_left as u64 != self.parts.part_bytes {
            self.end_part();
        }
        (self.whole.hex(), self.parts.digest.as_deref() == Some(self.of_parts.hex().as_str()))
    }
}

impl Desk<'_> {
    pub(crate) async fn file_large(
        &self,
        document: &Document,
        version: &str,
        brand: &Brand,
    ) -> Result<Finding, Outcome> {
        let (id, key_arn) = (&document.id, brand.key_arn.as_str());
        let size_bytes = match self.size_of(document, version, brand).await? {
            Ok(size_bytes) => size_bytes,
            Err(reason) => return Ok(Err(reason)),
        };
        let kind = match self.by_ends(document, version, size_bytes).await? {
            Ok(kind) => kind,
            Err(reason) => return Ok(Err(reason)),
        };
        let (digest, as_sent) = self.digest(document, version, size_bytes).await?;
        if !as_sent {
            tracing::warn!(document.id = id.as_str(), "an upload differs from what was sent");
            return Ok(Err(RejectReason::Altered));
        }
        let filed_as = filed_as(version);
        self.objects.file_copy(document, version, size_bytes, &filed_as, kind.content_type(), key_arn).await?;
        Ok(Ok(Checked {
            object_version: version.to_owned(),
            filed_as,
            digest,
            size_bytes,
            kind: kind.as_str().to_owned(),
            pages: 0,
            searchable: false,
            read_by_sight: 0,
            unseen: 0,
            previews: 0,
            language: None,
        }))
    }

    pub(crate) async fn why_large_unsupported(
        &self,
        document: &Document,
        version: &str,
        brand: &Brand,
    ) -> Result<RejectReason, Outcome> {
        let size_bytes = match self.size_of(document, version, brand).await? {
            Ok(size_bytes) => size_bytes,
            Err(reason) => return Ok(reason),
        };
        Ok(self.by_ends(document, version, size_bytes).await?.err().unwrap_or(RejectReason::ScanFailed))
    }

    async fn size_of(
        &self,
        document: &Document,
        version: &str,
        brand: &Brand,
    ) -> Result<Result<u64, RejectReason>, Outcome> {
        Ok(match self.objects.describe_upload(document, version, &brand.key_arn).await? {
            LargeUpload::There { size_bytes: 0 } => Err(RejectReason::Empty),
            LargeUpload::There { size_bytes } if size_bytes > document.size_bytes => Err(RejectReason::TooLarge),
            LargeUpload::There { size_bytes } => Ok(size_bytes),
            LargeUpload::ForeignKey => {
                tracing::warn!(document.id = document.id.as_str(), "an upload lies under another key than the firm's");
                Err(RejectReason::ScanFailed)
            }
            LargeUpload::Gone => Err(RejectReason::ScanFailed),
        })
    }

    async fn by_ends(
        &self,
        document: &Document,
        version: &str,
        size_bytes: u64,
    ) -> Result<Result<documents::Kind, RejectReason>, Outcome> {
        let count = size_bytes.min(limits::DOCUMENT_ENDS_BYTES);
        let head = self.objects.upload_window(document, version, 0, count).await?;
        let end = self.objects.upload_window(document, version, size_bytes - count, count).await?;
        let name = document.name.as_str().to_owned();
        let look = move || documents::identify_by_ends(&name, &head, &end);
        tokio::task::spawn_blocking(look).await.map_err(|error| Outcome::retry(&error))
    }

    /// While one window is counted in, the next is on its way: two of them are the most that is in memory.
    async fn digest(&self, document: &Document, version: &str, size_bytes: u64) -> Result<(String, bool), Outcome> {
        let Some(parts) = &document.parts else {
            return Err(Outcome::bury("a large file that was not sent in parts"));
        };
        let mut digests = Digests::of(parts);
        let mut from = 0;
        let window = async |from: u64| -> Result<Vec<u8>, Outcome> {
            let count = (size_bytes - from).min(limits::DOCUMENT_WINDOW_BYTES);
            if count == 0 {
                return Ok(Vec::new());
            }
            Ok(self.objects.upload_window(document, version, from, count).await?)
        };
        let mut bytes = window(0).await?;
        while !bytes.is_empty() {
            from += bytes.len() as u64;
            let count_in = tokio::task::spawn_blocking(move || {
                digests.update(&bytes);
                digests
            });
            let (next, counted) = tokio::join!(window(from), count_in);
            bytes = next?;
            digests = counted.map_err(|error| Outcome::retry(&error))?;
        }
        Ok(digests.finish())
    }
}

#[cfg(test)]
mod tests {
    use domain::document::{NewDocument, request_upload, sent};
    use domain::{Moment, PersonId, ProjectId};

    use super::*;

    fn document(size_bytes: u64) -> Document {
        let new = NewDocument {
            name: "a.pdf".into(),
            size_bytes,
            project: ProjectId::from_bits(1),
            category: "Other".into(),
            again_for: None,
            replaces: None,
            visibility: None,
            request: None,
        };
        let mut moment = Moment::new("2026-11-24T10:00:00Z".parse().unwrap(), || 3);
        request_upload(&new, &["Other"], 0, &PersonId::from_bits(2), true, &mut moment).unwrap()
    }

    #[test]
    fn what_lies_there_is_compared_with_what_was_sent() {
        let size_bytes = limits::UPLOAD_FORM_BYTES_MAX + 1;
        let bytes: Vec<u8> = (0..size_bytes).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let asked = document(size_bytes);
        let part_bytes = usize::try_from(asked.parts.as_ref().unwrap().part_bytes).unwrap();
        let digests: Vec<u8> = bytes.chunks(part_bytes).flat_map(crypto::sha256).collect();
        let (document, _) = sent(&asked, &crypto::sha256_hex(&digests));
        assert!(is_as_sent(&document, &bytes));
        assert!(!is_as_sent(&asked, &bytes), "nobody said that it was sent");
        let mut other = bytes.clone();
        other[part_bytes] ^= 1;
        assert!(!is_as_sent(&document, &other) && !is_as_sent(&document, &bytes[1..]));
        let mut pieces = Digests::of(document.parts.as_ref().unwrap());
        bytes.chunks(7_000_001).for_each(|piece| pieces.update(piece));
        assert_eq!(pieces.finish(), (crypto::sha256_hex(&bytes), true));
    }

    #[test]
    fn a_file_that_came_by_a_form_has_nothing_to_compare() {
        assert!(is_as_sent(&document(5), b"words"));
    }
}
