//! The good files that damage is done to: real ones of the corpus, and small ones that the samples make.

use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use documents::Kind;
use testkit::samples;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::damage::{Dice, damage};
use crate::world::{setting, volume};

/// Large files only slow the damage down.
const BYTES_MAX: usize = 256 * 1024;
/// Files of the corpus of an ordinary run, for each kind.
const OF_A_KIND: usize = 6;
const PNG_SIGNATURE_BYTES: usize = 8;

pub(super) struct Seed {
    pub(super) kind: Kind,
    pub(super) name: String,
    bytes: Vec<u8>,
    /// The same with its streams unpacked, so that damage reaches what is in them.
    opened: Option<Vec<u8>>,
}

impl Seed {
    pub(super) fn of(kinds: &[Kind]) -> Vec<Seed> {
        let mut seeds: Vec<Seed> = made().into_iter().filter(|seed| kinds.contains(&seed.kind)).collect();
        let folder = PathBuf::from(setting("PORTICO_CORPUS"));
        for kind in kinds {
            let most = volume(usize::MAX, if kinds.len() > 1 { 1 } else { OF_A_KIND });
            seeds.extend(corpus(&folder, *kind).take(most));
        }
        assert!(kinds.iter().all(|kind| seeds.iter().any(|seed| seed.kind == *kind)), "a kind without a good file");
        seeds
    }

    /// Changed as the dice fall: in its packing or in what is packed.
    pub(super) fn damaged(&self, others: &[Seed], dice: &mut Dice) -> Vec<u8> {
        let other = &others[dice.below(others.len())].bytes;
        let inside = !dice.one_in(3);
        if inside && let Some(packed) = self.damaged_part(other, dice) {
            return packed;
        }
        let mut bytes = self.opened.as_ref().filter(|_| inside).unwrap_or(&self.bytes).clone();
        damage(&mut bytes, other, self.kind, dice);
        if inside && self.kind == Kind::Png {
            sum_anew(&mut bytes);
        }
        bytes
    }

    /// A package with one of its parts changed, and packed as if nothing were wrong.
    fn damaged_part(&self, other: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
        let mut package = ZipArchive::new(Cursor::new(&self.bytes)).ok()?;
        let chosen = dice.below(package.len());
        let mut again = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..package.len() {
            let mut part = package.by_index(index).ok()?;
            if index != chosen {
                again.raw_copy_file(part).ok()?;
                continue;
            }
            let (name, mut bytes) = (part.name().ok()?.into_owned(), Vec::new());
            part.read_to_end(&mut bytes).ok()?;
            damage(&mut bytes, other, self.kind, dice);
            again.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).ok()?;
            again.write_all(&bytes).ok()?;
        }
        Some(again.finish().ok()?.into_inner())
    }
}

/// The checksum of each chunk of a PNG as if nothing were wrong: readers look no further than a wrong one.
fn sum_anew(bytes: &mut [u8]) {
    let mut at = PNG_SIGNATURE_BYTES;
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let end = at + 8 + length;
        let Some(summed) = bytes.get(at + 4..end) else { return };
        let sum = crc32fast::hash(summed).to_be_bytes();
        let Some(place) = bytes.get_mut(end..end + 4) else { return };
        place.copy_from_slice(&sum);
        at = end + 4;
    }
}

fn corpus(folder: &Path, kind: Kind) -> impl Iterator<Item = Seed> {
    let folder = folder.to_path_buf();
    let list = std::fs::read_to_string(folder.join("list.tsv")).unwrap();
    let files: Vec<(String, String)> = list
        .lines()
        .filter_map(|line| {
            let [number, of, origin, refused, ..] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
            (of == kind.as_str() && refused.is_empty()).then(|| (format!("{number}.{of}"), origin.to_owned()))
        })
        .collect();
    files.into_iter().filter_map(move |(file, name)| {
        let path = folder.join("files").join(file);
        let bytes = std::fs::read(&path).unwrap();
        (bytes.len() <= BYTES_MAX).then(|| Seed { kind, name, opened: opened(kind, &path), bytes })
    })
}

/// By a program that nobody here wrote; none where it gives up.
fn opened(kind: Kind, path: &Path) -> Option<Vec<u8>> {
    if kind != Kind::Pdf {
        return None;
    }
    let qpdf = Command::new("qpdf").args(["--qdf", "--object-streams=disable"]).arg(path).arg("-").output().unwrap();
    Some(qpdf.stdout).filter(|bytes| !bytes.is_empty() && bytes.len() <= 4 * BYTES_MAX)
}

/// A grey picture of 480 by 360 points, large enough to carry a mark.
fn picture() -> Vec<u8> {
    let (width, height) = (480_u32, 360_u32);
    let mut points = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for row in 0..height {
        // Each row begins with how it was filtered: not at all.
        let row: Vec<u8> = std::iter::once(0).chain((0..width).map(|at| ((row ^ at) & 0xff) as u8)).collect();
        points.write_all(&row).unwrap();
    }
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [(b"IHDR", header), (b"IDAT", points.finish().unwrap()), (b"IEND", Vec::new())] {
        bytes.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        bytes.extend(name);
        bytes.extend(content);
        bytes.extend([0; 4]);
    }
    sum_anew(&mut bytes);
    bytes
}

fn made() -> Vec<Seed> {
    let made = [
        (Kind::Pdf, samples::pdf("Lease", &["Rent is due", "In May"])),
        (Kind::Docx, samples::docx("Lease", &["Rent is due"])),
        (Kind::Xlsx, samples::xlsx(&[("Rents", &[&["May", "900"]])])),
        (Kind::Pptx, samples::pptx("Talk", &["One", "Two"])),
        (Kind::Html, samples::html("Terms", &["All & any"])),
        (Kind::Eml, samples::eml("a@firm.example", "b@client.example", "Lease", "See below.")),
        (Kind::Txt, samples::txt("Rent is due in M\u{e4}y.\nAll of it.\n")),
        (Kind::Txt, "\u{feff}Miete f\u{fc}r Mai".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (Kind::Png, samples::png()),
        (Kind::Png, picture()),
        (Kind::Jpeg, b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9".to_vec()),
        (Kind::Gif, b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec()),
        (Kind::Webp, b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0/\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0".to_vec()),
        (Kind::Tiff, b"II*\0\x08\0\0\0\x01\0\x00\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0".to_vec()),
        (Kind::Heic, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
    ];
    made.into_iter().map(|(kind, bytes)| Seed { kind, name: "a sample".into(), bytes, opened: None }).collect()
}
