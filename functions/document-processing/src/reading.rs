//! Reading a file's kind and words, away from the thread that waits for AWS. The reader has limits of its own.

use documents::{Kind, Text};
use domain::document::RejectReason;
use web::worker::Outcome;

/// A file that may be filed.
pub(crate) struct Read {
    /// As they came.
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
    pub(crate) text: Text,
    /// SHA-256 in hex.
    pub(crate) digest: String,
}

pub(crate) async fn read(name: String, bytes: Vec<u8>) -> Result<Result<Read, RejectReason>, Outcome> {
    let work = move || {
        let kind = documents::identify(&name, &bytes)?;
        let text = documents::text(kind, &bytes)?;
        let digest = crypto::sha256_hex(&bytes);
        Ok(Read { bytes, kind, text, digest })
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Outcome::retry(&error))
}

/// Why a file that the scanner did not open is refused.
pub(crate) async fn why_refused(name: String, bytes: Vec<u8>) -> Result<RejectReason, Outcome> {
    let work = move || documents::identify(&name, &bytes).err().unwrap_or(RejectReason::ScanFailed);
    tokio::task::spawn_blocking(work).await.map_err(|error| Outcome::retry(&error))
}

/// The name under which one version of an upload is filed: the same each time, so that a repeated try leaves nothing
/// behind, and nothing that the sender has chosen.
pub(crate) fn filed_as(object_version: &str) -> String {
    let digest = crypto::sha256(format!("filed|{object_version}").as_bytes());
    domain::ids::ulid(digest.iter().take(16).fold(0, |bits, byte| (bits << 8) | u128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_name() {
        let name = filed_as("v1");
        assert_eq!(name, filed_as("v1"));
        assert_ne!(name, filed_as("v2"));
        assert!(domain::DocumentId::parse(&name).is_ok(), "{name}");
    }

    fn check(name: &str, bytes: &[u8], want: Result<(&str, usize), RejectReason>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(read(name.to_owned(), bytes.to_vec())).unwrap();
        let found = read.map(|read| {
            assert_eq!(read.bytes, bytes, "{name}: filed as it came");
            (read.kind.as_str(), read.text.pages.len())
        });
        assert_eq!(found, want, "{name}");
    }

    #[test]
    fn a_file_is_what_both_its_name_and_its_content_say() {
        check("notes.txt", b"The lease ends in May.", Ok(("txt", 1)));
        check("notes.pdf", b"The lease ends in May.", Err(RejectReason::WrongExtension));
        check("empty.txt", b"", Err(RejectReason::Empty));
        check("tool.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", Err(RejectReason::UnknownKind));
    }
}
