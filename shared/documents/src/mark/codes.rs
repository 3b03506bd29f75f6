//! The code of a mark, read out of a copy again.

use domain::EventId;

use crate::archive::Archive;
use crate::{Kind, plain, text};

const CODE_LETTERS: usize = 26;
/// A copy of a copy has two; a list of codes is a document of its own.
const CODES_MAX: usize = 100;

/// Whatever in a copy has the shape of a code, in the order in which it stands there, each once. Pictures have it as
/// points only, which people read.
pub fn codes(kind: Kind, bytes: &[u8]) -> Vec<EventId> {
    let mut found = Vec::new();
    match kind {
        Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Odt | Kind::Ods | Kind::Odp => {
            let Ok(mut archive) = Archive::open(bytes) else { return found };
            for name in archive.names().unwrap_or_default() {
                if let Ok(Some(part)) = archive.read(&name) {
                    within(&String::from_utf8_lossy(&part), &mut found);
                }
            }
        }
        Kind::Txt | Kind::Csv | Kind::Html | Kind::Rtf | Kind::Eml => {
            within(&plain::decoded(bytes).unwrap_or_default(), &mut found);
        }
        Kind::Pdf => {
            let pages = text(kind, bytes).map(|text| text.pages).unwrap_or_default();
            pages.iter().for_each(|page| within(page, &mut found));
        }
        Kind::Msg | Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp | Kind::Tiff | Kind::Heic => (),
    }
    found
}

fn within(text: &str, found: &mut Vec<EventId>) {
    for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let may_be_one = word.len() == CODE_LETTERS && found.len() < CODES_MAX;
        found.extend(EventId::parse(word).ok().filter(|code| may_be_one && !found.contains(code)));
    }
}
