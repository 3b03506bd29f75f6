//! What a run leaves to the next: which documents are done, what was written of the zip, and the bytes that are in no
//! part of it yet.

use documents::zipped::Entry;
use domain::parcel::{Held, Paths};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The place in the list of what comes next.
    pub(crate) next: usize,
    /// Of the originals that are done.
    pub(crate) done_bytes: u64,
    /// Of the zip, in parts and not.
    pub(crate) offset: u64,
    /// By which storage knows each part.
    pub(crate) tags: Vec<String>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) left_out: Vec<LeftOut>,
    /// Documents that the reader does not see any more: nothing tells them from those that are gone.
    pub(crate) unseen: usize,
    /// A file that is too large for memory.
    pub(crate) file: Option<Underway>,
    /// What was written.
    #[serde(default)]
    pub(crate) holds: Vec<Held>,
    /// A single copy that was written: what it is.
    #[serde(default)]
    pub(crate) single: Option<String>,
    /// What is in no part yet.
    #[serde(skip)]
    pub(crate) rest: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    pub(crate) name: String,
    pub(crate) why: String,
}

/// Its checksum stands before its bytes: it is read for that first, and then once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Underway {
    pub(crate) entry: Entry,
    pub(crate) summed_bytes: u64,
    /// None as long as its head is not.
    pub(crate) written_bytes: Option<u64>,
}

/// Before the record there is its length.
const LENGTH_BYTES: usize = 8;

impl Kept {
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let record = serde_json::to_vec(self)?;
        let length = (record.len() as u64).to_le_bytes();
        Ok([length.as_slice(), &record, &self.rest].concat())
    }

    /// None for what no run of ours has left.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_at_checked(LENGTH_BYTES)?;
        let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
        let (record, rest) = rest.split_at_checked(length)?;
        let kept: Self = serde_json::from_slice(record).ok()?;
        Some(Self { rest: rest.to_vec(), ..kept })
    }

    pub(crate) fn paths(&self) -> Paths {
        let underway = self.file.iter().map(|file| &file.entry);
        Paths::of(self.entries.iter().chain(underway).map(|entry| entry.path.as_str()))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        self.rest.extend_from_slice(bytes);
    }

    pub(crate) fn left_out_count(&self) -> usize {
        self.left_out.len() + self.unseen
    }

    /// What the zip says of files that are not in it; none if all are.
    pub(crate) fn note(&self) -> Option<String> {
        if self.left_out_count() == 0 {
            return None;
        }
        let mut text = "These files were asked for and are not in this zip:\r\n\r\n".to_owned();
        for LeftOut { name, why } in &self.left_out {
            text += &format!("{name}\r\n    {why}\r\n");
        }
        match self.unseen {
            0 => (),
            1 => text += "One file\r\n    It is not there any more.\r\n",
            count => text += &format!("{count} files\r\n    They are not there any more.\r\n"),
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let entry = Entry {
            path: "A/B/c.pdf".into(),
            crc: 7,
            size_bytes: 9,
            offset: 3,
            changed: 1,
            year: 2026,
            month: 1,
            day: 2,
            hour: 3,
            minute: 4,
        };
        let left_out = LeftOut { name: "A/B/d.pdf".into(), why: "It is in the bin.".into() };
        let kept = Kept {
            next: 2,
            tags: vec!["t".into()],
            entries: vec![entry.clone()],
            left_out: vec![left_out],
            unseen: 2,
            file: Some(Underway { entry, summed_bytes: 5, written_bytes: Some(1) }),
            rest: vec![0, 255, 10],
            ..Kept::default()
        };
        let bytes = kept.to_bytes().unwrap();
        assert_eq!(Kept::from_bytes(&bytes), Some(kept.clone()));
        for wrong in [&bytes[..4], &bytes[..20], b"99999999{}"] {
            assert_eq!(Kept::from_bytes(wrong), None);
        }
        let note = kept.note().unwrap();
        assert!(note.contains("A/B/d.pdf\r\n    It is in the bin.") && note.contains("2 files\r\n"), "{note}");
        assert_eq!(Kept::default().note(), None);
        assert_eq!(kept.paths().add("a", "b", "C.PDF"), "a/b/C (2).PDF");
    }
}
