//! Compound files, the file system in a file that Office used before its packages: folders and streams in sectors that
//! tables chain together. Reading only.
//!
//! Every chain is as long as there are sectors at most, all streams together hold no more than twice the file, and
//! folders are looked through so many times: sectors that belong to several streams and folders that hold themselves
//! are made to cost.

use std::collections::BTreeSet;

use domain::document::RejectReason;
use domain::limits;

pub(crate) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
const SMALL_SECTOR_BYTES: usize = 64;
/// Sectors from this number on are signs: of an end, of a free sector, of a table.
const SECTORS_MAX: u32 = 0xffff_fffa;
const NONE: u32 = u32::MAX;
const TABLES_IN_HEADER: usize = 109;
/// Entries that are looked at, each as often as it is.
const LOOKS_MAX: usize = 5_000_000;

pub(crate) struct Compound<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    /// The sector that follows each sector.
    next: Vec<u32>,
    small_next: Vec<u32>,
    /// What small streams lie in.
    small: Vec<u8>,
    small_bytes_max: u64,
    entries: Vec<Entry>,
    budget_bytes: usize,
    budget_looks: usize,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    is_folder: bool,
    left: u32,
    right: u32,
    child: u32,
    first: u32,
    size: u64,
}

/// A folder of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Folder(usize);

impl Folder {
    pub(crate) const ROOT: Folder = Folder(0);
}

impl<'a> Compound<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, RejectReason> {
        let number = |at: usize| number32(bytes, at).ok_or(RejectReason::Unreadable);
        if !bytes.starts_with(MAGIC) || bytes.len() < HEADER_BYTES {
            return Err(RejectReason::Unreadable);
        }
        let sector_bytes = match bytes[30] {
            9 => 512,
            12 => 4096,
            _ => return Err(RejectReason::Unreadable),
        };
        let mut file = Self {
            bytes,
            sector_bytes,
            next: Vec::new(),
            small_next: Vec::new(),
            small: Vec::new(),
            small_bytes_max: u64::from(number(56)?),
            entries: Vec::new(),
            budget_bytes: bytes.len().saturating_mul(2),
            budget_looks: LOOKS_MAX,
        };
        for table in file.tables(number(68)?) {
            let sector = file.sector(table).unwrap_or_default();
            file.next.extend(sector.chunks_exact(4).map(|four| number32(four, 0).unwrap_or(NONE)));
        }
        let folders = file.chain(number(48)?, (limits::ARCHIVE_ENTRIES_MAX + 1) * ENTRY_BYTES);
        if folders.len() / ENTRY_BYTES > limits::ARCHIVE_ENTRIES_MAX {
            return Err(RejectReason::TooMuchInside);
        }
        file.entries = folders.chunks_exact(ENTRY_BYTES).map(|entry| Entry::of(entry, sector_bytes)).collect();
        let root = file.entries.first().cloned().ok_or(RejectReason::Unreadable)?;
        file.small = file.chain(root.first, bytes.len());
        let table = file.chain(number(60)?, bytes.len());
        file.small_next = table.chunks_exact(4).map(|four| number32(four, 0).unwrap_or(NONE)).collect();
        Ok(file)
    }

    /// What lies in a folder: names of streams and folders.
    pub(crate) fn names(&mut self, folder: Folder) -> Result<Vec<String>, RejectReason> {
        Ok(self.inside(folder)?.into_iter().map(|at| self.entries[at].name.clone()).collect())
    }

    pub(crate) fn folder(&mut self, within: Folder, name: &str) -> Result<Option<Folder>, RejectReason> {
        Ok(self.find(within, name)?.filter(|at| self.entries[*at].is_folder).map(Folder))
    }

    pub(crate) fn read(&mut self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, RejectReason> {
        let Some(at) = self.find(folder, name)?.filter(|at| !self.entries[*at].is_folder) else { return Ok(None) };
        let Entry { first, size, .. } = self.entries[at];
        let bytes_max = usize::try_from(size).unwrap_or(usize::MAX);
        let is_small = size < self.small_bytes_max;
        let mut content = if is_small { self.small_chain(first, size) } else { self.chain(first, bytes_max) };
        content.truncate(bytes_max);
        self.budget_bytes = self.budget_bytes.checked_sub(content.len()).ok_or(RejectReason::TooMuchInside)?;
        Ok(Some(content))
    }

    fn find(&mut self, folder: Folder, name: &str) -> Result<Option<usize>, RejectReason> {
        Ok(self.inside(folder)?.into_iter().find(|at| self.entries[*at].name == name))
    }

    /// The entries of a folder hang together as a tree, each in the places of others.
    fn inside(&mut self, folder: Folder) -> Result<Vec<usize>, RejectReason> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<u32> = self.entries.get(folder.0).map(|entry| entry.child).into_iter().collect();
        while let Some(number) = open.pop() {
            let Some(entry) = self.entries.get(number as usize).filter(|_| seen.insert(number)) else { continue };
            self.budget_looks = self.budget_looks.checked_sub(1).ok_or(RejectReason::TooMuchInside)?;
            found.push(number as usize);
            open.extend([entry.right, entry.left]);
        }
        Ok(found)
    }

    /// Sectors that hold the table of chains: the first in the header, the rest in a chain of its own.
    fn tables(&self, mut more: u32) -> Vec<u32> {
        let in_header = (0..TABLES_IN_HEADER).filter_map(|index| number32(self.bytes, 76 + index * 4));
        let mut tables: Vec<u32> = in_header.collect();
        let sectors = self.bytes.len() / self.sector_bytes;
        for _ in 0..sectors {
            let Some(sector) = self.sector(more) else { break };
            let (list, next) = sector.split_at(sector.len().saturating_sub(4));
            tables.extend(list.chunks_exact(4).filter_map(|four| number32(four, 0)));
            more = number32(next, 0).unwrap_or(NONE);
        }
        tables.retain(|sector| *sector < SECTORS_MAX);
        tables.truncate(sectors);
        tables
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector_bytes)?;
        // The last sector of a file may be cut short.
        self.bytes.get(start..start.saturating_add(self.sector_bytes).min(self.bytes.len()))
    }

    /// At least so many bytes of it, if there are.
    fn chain(&self, mut number: u32, bytes_max: usize) -> Vec<u8> {
        let mut content = Vec::new();
        for _ in 0..=self.bytes.len() / self.sector_bytes {
            if content.len() >= bytes_max {
                break;
            }
            let Some(sector) = (number < SECTORS_MAX).then(|| self.sector(number)).flatten() else { break };
            content.extend_from_slice(sector);
            number = self.next.get(number as usize).copied().unwrap_or(NONE);
        }
        content
    }

    fn small_chain(&self, mut number: u32, size: u64) -> Vec<u8> {
        let mut content = Vec::new();
        while (content.len() as u64) < size {
            let start = (number as usize).saturating_mul(SMALL_SECTOR_BYTES);
            let end = start.saturating_add(SMALL_SECTOR_BYTES).min(self.small.len());
            let Some(sector) = self.small.get(start..end).filter(|sector| !sector.is_empty()) else { break };
            content.extend_from_slice(sector);
            number = self.small_next.get(number as usize).copied().unwrap_or(NONE);
        }
        content
    }
}

impl Entry {
    fn of(entry: &[u8], sector_bytes: usize) -> Self {
        let number = |at: usize| number32(entry, at).unwrap_or(NONE);
        let name_bytes = usize::from(entry[64]).saturating_sub(2).min(62);
        let units = entry[..name_bytes].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let name = char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        // The upper half means nothing where sectors are small, and is not always zero.
        let high = if sector_bytes > HEADER_BYTES { u64::from(number(124)) << 32 } else { 0 };
        Self {
            name,
            is_folder: matches!(entry[66], 1 | 5),
            left: number(68),
            right: number(72),
            child: number(76),
            first: number(116),
            size: high | u64::from(number(120)),
        }
    }
}

fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
