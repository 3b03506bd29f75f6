//! What an upload may bring besides documents.

use std::io::Write as _;

use zip::write::SimpleFileOptions;

use super::{docx, pdf};

/// The harmless text that every virus scanner agrees to find. Spelled in two halves, so that no scanner finds it here.
pub fn eicar() -> Vec<u8> {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

pub fn empty() -> Vec<u8> {
    Vec::new()
}

/// The start of a Windows program.
pub fn program() -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 64;
    bytes[64..68].copy_from_slice(b"PE\0\0");
    bytes
}

/// A Word file of less than 100 kB whose comments unpack to 80 MB.
pub fn zip_bomb_docx() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new_append(std::io::Cursor::new(docx("Bomb", &["Bomb"])))
        .unwrap_or_else(|_| zip::ZipWriter::new(std::io::Cursor::new(Vec::new())));
    let block = vec![b' '; 1024 * 1024];
    let mut written = archive.start_file("word/comments.xml", SimpleFileOptions::default());
    for _ in 0..80 {
        written = written.and_then(|()| Ok(archive.write_all(&block)?));
    }
    written.and_then(|()| archive.finish()).map(std::io::Cursor::into_inner).unwrap_or_default()
}

/// A document whose table of objects points at the wrong places, as cut-off downloads and bad editors leave it.
pub fn pdf_broken_xref(title: &str, pages: &[&str]) -> Vec<u8> {
    let mut bytes = pdf(title, pages);
    let Some(at) = find(&bytes, b"startxref") else { return bytes };
    bytes.truncate(at);
    if let Some(table) = find(&bytes, b"\nxref") {
        for byte in &mut bytes[table + 5..] {
            if byte.is_ascii_digit() {
                *byte = b'7';
            }
        }
    }
    bytes.extend_from_slice(b"startxref\n99999999\n%%EOF\n");
    bytes
}

/// The first part of a file, `percent` of its bytes.
pub fn truncated(bytes: &[u8], percent: usize) -> Vec<u8> {
    bytes[..bytes.len() * percent.min(100) / 100].to_vec()
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|part| part == word)
}
