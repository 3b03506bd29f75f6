//! Zip archives, the one way in. What an entry unpacks to is counted while it is read: sizes that the archive declares
//! are the sender's word. Archives inside an archive stay closed, and names are never used as paths.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use domain::document::RejectReason;
use domain::limits;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const BLOCK_BYTES: usize = 64 * 1024;

pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    unpacked_bytes: u64,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, RejectReason> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(reason)?;
        if zip.len() > limits::ARCHIVE_ENTRIES_MAX {
            return Err(RejectReason::TooMuchInside);
        }
        // Two entries of one name: a scanner may look at one and a program at the other.
        if zip.has_duplicate_names() {
            return Err(RejectReason::Unreadable);
        }
        Ok(Self { zip, unpacked_bytes: 0 })
    }

    pub(crate) fn names(&self) -> Result<Vec<String>, RejectReason> {
        let names = (0..self.zip.len()).filter_map(|index| self.zip.name_for_index(index));
        names.map(|name| Ok(name.map_err(reason)?.into_owned())).collect()
    }

    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, RejectReason> {
        let Some(index) = self.zip.index_for_name(name) else { return Ok(None) };
        let mut content = Vec::new();
        self.unpack(index, |block| content.extend_from_slice(block))?;
        Ok(Some(content))
    }

    /// Unpacks every entry into nothing, so that whoever opens the file later is safe from what it holds.
    pub(crate) fn check(&mut self) -> Result<(), RejectReason> {
        (0..self.zip.len()).try_for_each(|index| self.unpack(index, |_| ()))
    }

    fn unpack(&mut self, index: usize, mut take: impl FnMut(&[u8])) -> Result<(), RejectReason> {
        let mut entry = self.zip.by_index(index).map_err(reason)?;
        let ratio_bytes = entry.compressed_size().saturating_mul(limits::ARCHIVE_RATIO_MAX);
        let entry_bytes_max = limits::ARCHIVE_ENTRY_BYTES_MAX.min(ratio_bytes.max(limits::ARCHIVE_RATIO_FREE_BYTES));
        let mut entry_bytes = 0;
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            let count = entry.read(&mut block).map_err(|_| RejectReason::Unreadable)?;
            if count == 0 {
                return Ok(());
            }
            entry_bytes += count as u64;
            self.unpacked_bytes += count as u64;
            if entry_bytes > entry_bytes_max || self.unpacked_bytes > limits::ARCHIVE_BYTES_MAX {
                return Err(RejectReason::TooMuchInside);
            }
            take(&block[..count]);
        }
    }
}

/// The archive with these parts changed, or added at its end. The others are copied as they are packed.
pub(crate) fn rewritten(bytes: &[u8], changed: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, RejectReason> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(reason)?;
    let mut copy = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    let put = |copy: &mut ZipWriter<_>, name: &str, part: &[u8]| {
        copy.start_file(name, SimpleFileOptions::default()).map_err(reason)?;
        copy.write_all(part).map_err(|_| RejectReason::Unreadable)
    };
    let mut left: Vec<&String> = changed.keys().collect();
    for index in 0..zip.len() {
        let name = zip.name_for_index(index).ok_or(RejectReason::Unreadable)?.map_err(reason)?.into_owned();
        match changed.get(&name) {
            Some(part) => {
                left.retain(|other| **other != name);
                put(&mut copy, &name, part)?;
            }
            None => copy.raw_copy_file(zip.by_index_raw(index).map_err(reason)?).map_err(reason)?,
        }
    }
    for name in left {
        put(&mut copy, name, &changed[name])?;
    }
    Ok(copy.finish().map_err(reason)?.into_inner())
}

fn reason(error: ZipError) -> RejectReason {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            RejectReason::Protected
        }
        _ => RejectReason::Unreadable,
    }
}
