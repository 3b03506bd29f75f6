//! A page that carries the mark, with a file inside that could not: unchanged, byte for byte, so that its signature or
//! password is worth what it was.

use domain::limits;
use lopdf::{Document, Object, Stream, dictionary};

use super::mark::{Letters, marked, packed};
use crate::Kind;
use crate::mark::{Mark, MarkRefused};

const WIDTH: f64 = 595.0;
const HEIGHT: f64 = 842.0;
const MARGIN: f64 = 72.0;
const SIZE: f64 = 11.0;
const STEP: f64 = 17.0;

pub(crate) fn cover(kind: Kind, bytes: &[u8], mark: &Mark, why: MarkRefused) -> Result<Vec<u8>, MarkRefused> {
    let mut document = Document::with_version("1.7");
    let reason = match why {
        MarkRefused::Signed => {
            "It is signed. A mark on its pages would break the signature, so it is inside as it is.".to_owned()
        }
        MarkRefused::Protected => "It is protected by a password, so it is inside as it is.".to_owned(),
        _ => "It cannot carry a mark of its own, so it is inside as it is.".to_owned(),
    };
    let lines = [
        format!("This copy holds the file {}", mark.name),
        String::new(),
        reason,
        "Open the list of attachments of this PDF (the paper clip) and save the file from there.".to_owned(),
        "Acrobat, Firefox, Chrome and Edge show the list; the previews of some phones do not.".to_owned(),
    ];
    let text = lines.concat();
    let letters = Letters::for_line(&text);
    let font = letters.add_to(&mut document, &text);
    let drawing = document.add_object(packed(page(&lines, letters).as_bytes(), dictionary! {}));
    let parent = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => parent, "Contents" => drawing,
        "MediaBox" => vec![0.into(), 0.into(), Object::Real(WIDTH as f32), Object::Real(HEIGHT as f32)],
        "Resources" => dictionary! { "Font" => dictionary! { "Text" => font } },
    });
    document
        .objects
        .insert(parent, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into());
    let size = Object::Integer(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    let content_type = kind.content_type().split(';').next().unwrap_or_default();
    // As it is, not made smaller: whoever looks into the copy finds the very bytes.
    let file = document.add_object(Stream::new(
        dictionary! { "Type" => "EmbeddedFile", "Subtype" => content_type, "Params" => dictionary! { "Size" => size } },
        bytes.to_vec(),
    ));
    let name = unicode(&mark.name);
    let specification = document.add_object(dictionary! {
        "Type" => "Filespec", "F" => name.clone(), "UF" => name.clone(), "AFRelationship" => "Source",
        "EF" => dictionary! { "F" => file, "UF" => file },
    });
    let catalog = document.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => parent, "PageMode" => "UseAttachments",
        "AF" => vec![Object::Reference(specification)],
        "Names" => dictionary! { "EmbeddedFiles" => dictionary! { "Names" => vec![name, specification.into()] } },
    });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|_| MarkRefused::Unreadable)?;
    // Read back and marked as any other: the bounds of our reader hold for the cover too.
    marked(&bytes, mark)
}

/// Lines from the top, in sizes that fit.
fn page(lines: &[String], letters: Letters) -> String {
    let mut drawing = String::new();
    for (index, line) in lines.iter().enumerate() {
        let codes = letters.codes(&crate::mark::font::plain_line(line));
        let width = letters.text_width(&codes);
        let size = SIZE.min((WIDTH - 2.0 * MARGIN) / width.max(1.0));
        let digits: String = codes.iter().map(|code| format!("{code:0width$x}", width = letters.digits())).collect();
        let top = HEIGHT - MARGIN - STEP * index as f64;
        drawing.push_str(&format!("BT /Text {size:.2} Tf {MARGIN:.1} {top:.1} Td <{digits}> Tj ET\n"));
    }
    drawing
}

/// A name with any letters in it, within bounds.
fn unicode(name: &str) -> Object {
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(
        name.chars()
            .take(limits::FILE_NAME_CHARACTERS_MAX)
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_be_bytes),
    );
    Object::String(bytes, lopdf::StringFormat::Hexadecimal)
}
