//! Portable documents: A4, Helvetica, text wrapped to the page, cross-reference table and stream lengths right.

use lopdf::content::{Content, Operation};
use lopdf::{Document, EncryptionState, EncryptionVersion, Object, Permissions, Stream, StringFormat, dictionary};

const LINE_CHARACTERS_MAX: usize = 90;
const LINES_MAX: usize = 52;

/// Where a page's properties are kept, and how it is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Everything in the page itself.
    Plain,
    /// Fonts and size in the page tree's root.
    Inherited,
    /// Turned clockwise by this many degrees, the page itself lying the other way.
    Rotated(i64),
    /// The page's drawing leaves its graphics state open and shifted.
    Unbalanced,
}

/// A document with one text a page; lines break where the text does and at the margin. Latin letters only.
pub fn pdf(title: &str, pages: &[&str]) -> Vec<u8> {
    pdf_laid_out(title, pages, Layout::Plain)
}

pub fn pdf_laid_out(title: &str, pages: &[&str], layout: Layout) -> Vec<u8> {
    written(&mut drawn(title, pages, layout))
}

/// Opens only with this password.
pub fn pdf_protected(title: &str, pages: &[&str], password: &str) -> Vec<u8> {
    let mut document = drawn(title, pages, Layout::Plain);
    let id = Object::String(b"0123456789abcdef".to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    let asked = EncryptionVersion::V2 {
        document: &document,
        owner_password: password,
        user_password: password,
        key_length: 128,
        permissions: Permissions::all(),
    };
    if let Ok(state) = EncryptionState::try_from(asked) {
        document.encrypt(&state).unwrap_or_default();
    }
    written(&mut document)
}

fn drawn(title: &str, pages: &[&str], layout: Layout) -> Document {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let (width, height) = if matches!(layout, Layout::Rotated(90 | 270)) { (842, 595) } else { (595, 842) };
    let sheet: Vec<Object> = vec![0.into(), 0.into(), width.into(), height.into()];
    let mut kids = Vec::new();
    for text in pages {
        let mut content = Stream::new(dictionary! {}, drawing(text, height, layout));
        content.compress().unwrap_or_default();
        let content = document.add_object(content);
        let mut page = dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content };
        if layout != Layout::Inherited {
            page.set("Resources", resources);
            page.set("MediaBox", sheet.clone());
        }
        if let Layout::Rotated(degrees) = layout {
            page.set("Rotate", degrees);
        }
        kids.push(Object::Reference(document.add_object(page)));
    }
    let mut root = dictionary! { "Type" => "Pages", "Count" => pages.len() as i64, "Kids" => kids };
    if layout == Layout::Inherited {
        root.set("Resources", resources);
        root.set("MediaBox", sheet);
    }
    document.objects.insert(tree, Object::Dictionary(root));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    let about = document.add_object(dictionary! { "Title" => Object::string_literal(latin(title)) });
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", about);
    document
}

fn drawing(text: &str, height: i64, layout: Layout) -> Vec<u8> {
    let mut steps = Vec::new();
    if layout == Layout::Unbalanced {
        steps.push(Operation::new("q", vec![]));
        steps.push(Operation::new("cm", [1, 0, 0, 1, 20, -20].map(Object::from).to_vec()));
    }
    steps.push(Operation::new("BT", vec![]));
    steps.push(Operation::new("Tf", vec!["F1".into(), 11.into()]));
    steps.push(Operation::new("TL", vec![14.into()]));
    steps.push(Operation::new("Td", vec![56.into(), (height - 64).into()]));
    for line in wrapped(text).into_iter().take(LINES_MAX) {
        steps.push(Operation::new("Tj", vec![Object::string_literal(latin(&line))]));
        steps.push(Operation::new("T*", vec![]));
    }
    steps.push(Operation::new("ET", vec![]));
    Content { operations: steps }.encode().unwrap_or_default()
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > LINE_CHARACTERS_MAX {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The font's encoding holds the Latin letters at their own code points; the rest becomes a question mark.
fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| match u32::from(letter) {
            code @ (0x20..=0x7e | 0xa0..=0xff) => code as u8,
            _ => b'?',
        })
        .collect()
}

fn written(document: &mut Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap_or_default();
    bytes
}
