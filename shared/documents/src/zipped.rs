//! The bytes of a zip that is written over hours and by several processes: heads of its files, and its directory. What
//! is between them are the files as they are.
//!
//! The crates that write zips keep a whole archive's state in memory, and cannot go on in another process. The format
//! itself is small: what stands here are its records for files that are stored as they are, whose size and checksum are
//! known before their head is written, so that every reader takes them, those that stream too. Beyond four gigabytes
//! the records are those of Zip64. Names are Unicode and say so.

use serde::{Deserialize, Serialize};

/// A file of a zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// With `/` between its folders.
    pub path: String,
    /// CRC-32 of its bytes.
    pub crc: u32,
    pub size_bytes: u64,
    /// Where its head begins.
    pub offset: u64,
    /// Seconds since 1970.
    pub changed: i64,
    /// The same at the firm: the format has a field for the time on a clock.
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
}

/// Of a file's bytes, or of what follows others whose checksum is known.
pub fn crc_of(before: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(before);
    hasher.update(bytes);
    hasher.finalize()
}

/// What stands before a file's bytes.
pub fn head(entry: &Entry) -> Vec<u8> {
    let large = entry.size_bytes >= LIMIT;
    let mut extra = changed(entry);
    if large {
        // A head has both sizes or none: the packed one is the same.
        extra.extend(field(ZIP64, &[entry.size_bytes.to_le_bytes(), entry.size_bytes.to_le_bytes()].concat()));
    }
    let mut out = Vec::with_capacity(HEAD_BYTES + entry.path.len() + extra.len());
    out.extend(0x0403_4b50_u32.to_le_bytes());
    out.extend(needed(large).to_le_bytes());
    common(&mut out, entry, entry.size_bytes);
    out.extend(length(entry.path.len()).to_le_bytes());
    out.extend(length(extra.len()).to_le_bytes());
    out.extend(entry.path.as_bytes());
    out.extend(extra);
    out
}

/// What stands at the end of a zip that has come to `offset` bytes.
pub fn directory(entries: &[Entry], offset: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        listed(&mut out, entry);
    }
    let (count, size) = (entries.len() as u64, out.len() as u64);
    if count >= u64::from(u16::MAX) || size >= LIMIT || offset >= LIMIT {
        out.extend(0x0606_4b50_u32.to_le_bytes());
        out.extend(44_u64.to_le_bytes());
        out.extend(MADE_BY.to_le_bytes());
        out.extend(needed(true).to_le_bytes());
        out.extend([0; 8]);
        for number in [count, count, size, offset] {
            out.extend(number.to_le_bytes());
        }
        out.extend(0x0706_4b50_u32.to_le_bytes());
        out.extend(0_u32.to_le_bytes());
        out.extend((offset + size).to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(short(size).to_le_bytes());
    out.extend(short(offset).to_le_bytes());
    out.extend([0; 2]);
    out
}

fn listed(out: &mut Vec<u8>, entry: &Entry) {
    let mut large = Vec::new();
    if entry.size_bytes >= LIMIT {
        large.extend(entry.size_bytes.to_le_bytes());
        large.extend(entry.size_bytes.to_le_bytes());
    }
    if entry.offset >= LIMIT {
        large.extend(entry.offset.to_le_bytes());
    }
    let mut extra = changed(entry);
    if !large.is_empty() {
        extra.extend(field(ZIP64, &large));
    }
    out.extend(0x0201_4b50_u32.to_le_bytes());
    out.extend(MADE_BY.to_le_bytes());
    out.extend(needed(!large.is_empty()).to_le_bytes());
    common(out, entry, entry.size_bytes);
    out.extend(length(entry.path.len()).to_le_bytes());
    out.extend(length(extra.len()).to_le_bytes());
    // No comment, on the first disk, of no known kind.
    out.extend([0; 6]);
    out.extend(PLAIN_FILE.to_le_bytes());
    out.extend(short(entry.offset).to_le_bytes());
    out.extend(entry.path.as_bytes());
    out.extend(extra);
}

/// From the flags to the sizes, which heads and the directory have alike.
fn common(out: &mut Vec<u8>, entry: &Entry, size: u64) {
    out.extend(UNICODE.to_le_bytes());
    // Stored as it is.
    out.extend(0_u16.to_le_bytes());
    let time = u16::from(entry.hour) << 11 | u16::from(entry.minute) << 5;
    let date = entry.year.saturating_sub(1980).min(127) << 9 | u16::from(entry.month) << 5 | u16::from(entry.day);
    out.extend(time.to_le_bytes());
    out.extend(date.to_le_bytes());
    out.extend(entry.crc.to_le_bytes());
    out.extend(short(size).to_le_bytes());
    out.extend(short(size).to_le_bytes());
}

/// The instant, for systems that keep those.
fn changed(entry: &Entry) -> Vec<u8> {
    let seconds = i32::try_from(entry.changed).unwrap_or(0);
    field(0x5455, &[&[1], seconds.to_le_bytes().as_slice()].concat())
}

fn field(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &length(content.len()).to_le_bytes(), content].concat()
}

/// The version of the format that a reader has to know.
fn needed(large: bool) -> u16 {
    if large { 45 } else { 20 }
}

/// Paths and fields are bounded far below.
fn length(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap_or(u16::MAX)
}

/// What does not fit stands in a field of Zip64.
fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

const LIMIT: u64 = u32::MAX as u64;
const ZIP64: u16 = 1;
const UNICODE: u16 = 1 << 11;
const HEAD_BYTES: usize = 30;
/// Unix, by whose rights the files are then known, and version 4.5 of the format.
const MADE_BY: u16 = 3 << 8 | 45;
/// A plain file that its owner writes and everybody reads.
const PLAIN_FILE: u32 = 0o100_644 << 16;

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Seek, SeekFrom};

    use super::*;

    fn entry(path: &str, bytes: &[u8], offset: u64) -> Entry {
        Entry {
            path: path.into(),
            crc: crc_of(0, bytes),
            size_bytes: bytes.len() as u64,
            offset,
            changed: 1_795_600_800,
            year: 2026,
            month: 11,
            day: 25,
            hour: 9,
            minute: 41,
        }
    }

    #[test]
    fn what_is_written_is_read_by_others() {
        let files: [(&str, &[u8]); 3] =
            [("A/Übersicht/日本語.txt", b"words"), ("A/empty.txt", b""), ("B/x.pdf", b"%PDF")];
        let (mut out, mut entries) = (Vec::new(), Vec::new());
        for (path, bytes) in files {
            let one = entry(path, bytes, out.len() as u64);
            out.extend(head(&one));
            out.extend(bytes);
            entries.push(one);
        }
        let end = directory(&entries, out.len() as u64);
        out.extend(end);
        let mut zip = zip::ZipArchive::new(Cursor::new(&out)).unwrap();
        assert_eq!(zip.len(), files.len());
        for (path, bytes) in files {
            let mut file = zip.by_name(path).unwrap();
            let mut found = Vec::new();
            // Its end compares the checksum.
            file.read_to_end(&mut found).unwrap();
            assert_eq!((found.as_slice(), file.unix_mode()), (bytes, Some(0o100_644)), "{path}");
            let at = file.last_modified().unwrap();
            assert_eq!((at.year(), at.month(), at.day(), at.hour(), at.minute()), (2026, 11, 25, 9, 41));
        }
        // One that reads from the front, without looking at the directory.
        let mut front = out.as_slice();
        for (path, bytes) in files {
            let mut file = zip::read::read_zipfile_from_stream(&mut front).unwrap().unwrap();
            let mut found = Vec::new();
            file.read_to_end(&mut found).unwrap();
            assert_eq!((file.name().unwrap().as_ref(), found.as_slice()), (path, bytes));
        }
    }

    #[test]
    fn a_checksum_goes_on() {
        assert_eq!(crc_of(crc_of(0, b"one and "), b"two"), crc_of(0, b"one and two"));
        assert_eq!(crc_of(0, b"123456789"), 0xcbf4_3926);
    }

    /// Pieces of a file of many gigabytes with nothing but zeros between.
    struct Sparse {
        pieces: Vec<(u64, Vec<u8>)>,
        size: u64,
        at: u64,
    }

    impl Read for Sparse {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = into.len().min(usize::try_from(self.size - self.at).unwrap_or(usize::MAX));
            into[..count].fill(0);
            for (start, bytes) in &self.pieces {
                for (place, byte) in bytes.iter().enumerate() {
                    let at = start + place as u64;
                    if at >= self.at && at < self.at + count as u64 {
                        into[usize::try_from(at - self.at).unwrap()] = *byte;
                    }
                }
            }
            self.at += count as u64;
            Ok(count)
        }
    }

    impl Seek for Sparse {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            let to = match to {
                SeekFrom::Start(to) => Some(to),
                SeekFrom::End(by) => self.size.checked_add_signed(by),
                SeekFrom::Current(by) => self.at.checked_add_signed(by),
            };
            self.at = to.ok_or(std::io::ErrorKind::InvalidInput)?;
            Ok(self.at)
        }
    }

    #[test]
    fn beyond_four_gigabytes_it_is_zip64() {
        let large = Entry { size_bytes: 5 << 30, ..entry("large.mov", b"", 0) };
        let first = head(&large);
        let offset = first.len() as u64 + large.size_bytes;
        let small = entry("small.txt", b"words", offset);
        let second = [head(&small), b"words".to_vec()].concat();
        let end_at = offset + second.len() as u64;
        let end = directory(&[large.clone(), small], end_at);
        let size = end_at + end.len() as u64;
        let file = Sparse { pieces: vec![(0, first), (offset, second), (end_at, end)], size, at: 0 };
        let mut zip = zip::ZipArchive::new(file).unwrap();
        assert_eq!(zip.by_name("large.mov").unwrap().size(), large.size_bytes);
        let mut found = String::new();
        zip.by_name("small.txt").unwrap().read_to_string(&mut found).unwrap();
        assert_eq!(found, "words");
    }
}
