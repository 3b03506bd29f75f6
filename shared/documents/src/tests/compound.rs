//! Writes compound files: folders and streams in sectors of 512 bytes, small streams in a stream of their own.

const SECTOR: usize = 512;
const SMALL: usize = 64;
const SMALL_MAX: usize = 4096;
const END: u32 = 0xffff_fffe;
const NONE: u32 = u32::MAX;

pub(super) enum Item {
    Folder(String, Vec<Item>),
    Stream(String, Vec<u8>),
}

/// A property of variable size.
pub(super) fn stream(name: &str, content: &[u8]) -> Item {
    Item::Stream(format!("__substg1.0_{name}"), content.to_vec())
}

pub(super) fn wide(number: &str, text: &str) -> Item {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    stream(&format!("{number}001F"), &bytes)
}

#[derive(Default)]
struct Writer {
    entries: Vec<[u8; 128]>,
    /// In order, each sector's successor beside it.
    sectors: Vec<u8>,
    next: Vec<u32>,
    small: Vec<u8>,
    small_next: Vec<u32>,
}

pub(super) fn compound(items: Vec<Item>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.folder("Root Entry", 5, items);
    let small = std::mem::take(&mut writer.small);
    let first = writer.chain(&small);
    writer.entries[0][116..120].copy_from_slice(&first.to_le_bytes());
    writer.entries[0][120..124].copy_from_slice(&(small.len() as u32).to_le_bytes());
    let small_table: Vec<u8> = writer.small_next.iter().flat_map(|next| next.to_le_bytes()).collect();
    let small_table = writer.chain(&small_table);
    let folders = writer.entries.concat();
    let folders = writer.chain(&folders);
    // The table has to have room for the sectors that it lies in itself.
    let tables = (writer.next.len() + 8).div_ceil(SECTOR / 4 - 1);
    let first_table = writer.next.len();
    writer.next.extend(vec![0xffff_fffd; tables]);
    let mut table: Vec<u8> = writer.next.iter().flat_map(|next| next.to_le_bytes()).collect();
    table.resize(tables * SECTOR, 0xff);
    let mut file = vec![0xff; SECTOR];
    file[..32].fill(0);
    file[..8].copy_from_slice(crate::compound::MAGIC);
    file[24..34].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    let mut number = |at: usize, value: u32| file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    number(44, tables as u32);
    number(48, folders);
    number(56, SMALL_MAX as u32);
    number(60, small_table);
    number(68, END);
    number(72, 0);
    (0..tables).for_each(|index| number(76 + index * 4, (first_table + index) as u32));
    file.extend(writer.sectors);
    file.extend(table);
    file
}

impl Writer {
    fn folder(&mut self, name: &str, kind: u8, items: Vec<Item>) -> u32 {
        let number = self.entry(name, kind, NONE, 0);
        let mut before = None;
        for item in items {
            let inside = match item {
                Item::Folder(name, items) => self.folder(&name, 1, items),
                Item::Stream(name, content) => {
                    let first = if content.len() < SMALL_MAX { self.small(&content) } else { self.chain(&content) };
                    self.entry(&name, 2, first, content.len())
                }
            };
            // A tree that leans to the right is one too.
            let (of, at) = before.map_or((number, 76), |before| (before, 72));
            self.entries[of as usize][at..at + 4].copy_from_slice(&inside.to_le_bytes());
            before = Some(inside);
        }
        number
    }

    fn entry(&mut self, name: &str, kind: u8, first: u32, size: usize) -> u32 {
        let mut entry = [0; 128];
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..name.len()].copy_from_slice(&name);
        entry[64] = name.len() as u8 + 2;
        entry[66] = kind;
        entry[68..80].fill(0xff);
        entry[116..120].copy_from_slice(&first.to_le_bytes());
        entry[120..124].copy_from_slice(&(size as u32).to_le_bytes());
        self.entries.push(entry);
        self.entries.len() as u32 - 1
    }

    fn chain(&mut self, content: &[u8]) -> u32 {
        link(content, SECTOR, &mut self.sectors, &mut self.next)
    }

    fn small(&mut self, content: &[u8]) -> u32 {
        link(content, SMALL, &mut self.small, &mut self.small_next)
    }
}

fn link(content: &[u8], sector: usize, sectors: &mut Vec<u8>, next: &mut Vec<u32>) -> u32 {
    let first = next.len() as u32;
    let count = content.len().div_ceil(sector);
    sectors.extend_from_slice(content);
    sectors.resize((first as usize + count) * sector, 0);
    next.extend((1..=count).map(|step| if step == count { END } else { first + step as u32 }));
    if count == 0 { END } else { first }
}
