//! Real files as bytes, made from a few words: the same bytes for the same words. They open in the programs people use.
//!
//! The hostile ones are what a careless or malicious upload looks like.

mod hostile;
mod office;
mod pdf;

pub use hostile::{eicar, empty, pdf_broken_xref, program, truncated, zip_bomb_docx};
pub use office::{docx, docx_with_macros, pptx, xlsx};
pub use pdf::{Layout, pdf, pdf_laid_out, pdf_protected};

use base64::Engine as _;

/// Plain text, UTF-8.
pub fn txt(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// A web page with a title and a paragraph per text.
pub fn html(title: &str, paragraphs: &[&str]) -> Vec<u8> {
    let title = escaped(title);
    let body: String = paragraphs.iter().map(|text| format!("<p>{}</p>\n", escaped(text))).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>p {{ margin: 1em }}</style></head>\n<body>\n<h1>{title}</h1>\n{body}\
         <script>document.title = 'hidden words';</script>\n</body>\n</html>\n"
    )
    .into_bytes()
}

/// A message as mail programs save it, with a small text file attached. Addresses and subject are ASCII.
pub fn eml(from: &str, to: &str, subject: &str, body: &str) -> Vec<u8> {
    let attached = base64::engine::general_purpose::STANDARD.encode("Exhibit list\r\n");
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Mon, 2 Mar 2026 09:30:00 +0000\r\n\
         Message-ID: <sample@portico.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n\
         --part\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n\
         --part\r\nContent-Type: text/plain; name=\"exhibits.txt\"\r\n\
         Content-Disposition: attachment; filename=\"exhibits.txt\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {attached}\r\n--part--\r\n",
        body.replace("\r\n", "\n").replace('\n', "\r\n")
    )
    .into_bytes()
}

/// A picture of one grey point.
pub fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    png_chunk(&mut bytes, b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    // One stored block of zlib with the filter byte and the point, then its Adler-32.
    png_chunk(&mut bytes, b"IDAT", &[0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0x80, 0x00, 0x82, 0x00, 0x81]);
    png_chunk(&mut bytes, b"IEND", &[]);
    bytes
}

fn png_chunk(bytes: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    let checked: Vec<u8> = name.iter().chain(content).copied().collect();
    bytes.extend_from_slice(&checked);
    bytes.extend_from_slice(&crc32(&checked).to_be_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// Text made safe between tags and in attributes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
