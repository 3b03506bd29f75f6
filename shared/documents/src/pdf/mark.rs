//! A copy that says on every page for whom it was made. The mark is drawn after the page, in a state of its own: a line
//! at the foot as people see the page, whichever way it is turned, and a pale one across.

mod drawing;
mod letters;

use std::collections::BTreeMap;

use domain::document::RejectReason;
use domain::limits;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::fonts::number;
use super::pages::{self, entry, resolve};
use super::{file, syntax};
use crate::mark::{Mark, MarkRefused};
use drawing::Sheet;
pub(super) use letters::{Letters, packed};

/// US letter, which readers take where a page does not say its size.
const SHEET: [f64; 4] = [0.0, 0.0, 612.0, 792.0];

/// A copy with the mark on every page. Signatures and passwords are left to the caller, as refusals.
pub(crate) fn marked(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let mut document = file::open(bytes).map_err(|reason| match reason {
        RejectReason::Protected => MarkRefused::Protected,
        _ => MarkRefused::Unreadable,
    })?;
    if is_signed(&document) {
        return Err(MarkRefused::Signed);
    }
    let pages = pages::all(&document);
    if pages.is_empty() {
        return Err(MarkRefused::NoPages);
    }
    if pages.len() > limits::DOCUMENT_MARK_PAGES_MAX {
        return Err(MarkRefused::TooManyPages { pages_max: limits::DOCUMENT_MARK_PAGES_MAX });
    }
    // Transparency came with 1.4.
    if document.version.as_str() < "1.4" {
        document.version = "1.4".into();
    }
    let letters = Letters::for_line(&mark.whole());
    let font = letters.add_to(&mut document, &mark.whole());
    let pale = document.add_object(dictionary! { "Type" => "ExtGState", "ca" => 0.12 });
    let backing = document.add_object(dictionary! { "Type" => "ExtGState", "ca" => 0.75 });
    let mut marker = Marker { document, letters, font, pale, backing, drawn: BTreeMap::new() };
    for page in pages {
        marker.page(page, mark).ok_or(MarkRefused::Unreadable)?;
    }
    let mut bytes = Vec::new();
    marker.document.save_to(&mut bytes).map_err(|_| MarkRefused::Unreadable)?;
    Ok(bytes)
}

/// A signature covers ranges of the file's bytes.
fn is_signed(document: &Document) -> bool {
    let signs = |object: &Object| matches!(object, Object::Dictionary(found) if found.has(b"ByteRange"));
    let within = |object: &Object| match object {
        Object::Dictionary(found) => found.iter().any(|(_, value)| signs(value)),
        _ => false,
    };
    document.objects.values().any(|object| signs(object) || within(object))
}

struct Marker {
    document: Document,
    letters: Letters,
    font: ObjectId,
    pale: ObjectId,
    backing: ObjectId,
    /// Streams that were made already, by what they draw: pages are mostly alike.
    drawn: BTreeMap<Vec<u8>, ObjectId>,
}

impl Marker {
    fn page(&mut self, page: ObjectId, mark: &Mark) -> Option<()> {
        let sheet = self.sheet(page);
        let holder = self.resources(page)?;
        let (before, font) = self.named(holder, b"Font", self.font)?;
        let (_, pale) = self.named(holder, b"ExtGState", self.pale)?;
        let (_, backing) = self.named(holder, b"ExtGState", self.backing)?;
        let names = drawing::Names { before, font, pale, backing };
        let (closed, open) = imbalance(&pages::drawing(&self.document, page));
        let before = self.stream(b"q\n".repeat(1 + closed));
        let mut after = b"\n".to_vec();
        after.extend(b"Q\n".repeat(1 + open));
        after.extend(drawing::draw(&sheet, mark, self.letters, &names));
        let after = self.stream(after);
        let mut contents = vec![Object::Reference(before)];
        contents.append(&mut pages::contents(&self.document, page));
        contents.push(Object::Reference(after));
        self.document.get_dictionary_mut(page).ok()?.set("Contents", contents);
        Some(())
    }

    fn stream(&mut self, drawing: Vec<u8>) -> ObjectId {
        if let Some(known) = self.drawn.get(&drawing) {
            return *known;
        }
        let id = self.document.add_object(Stream::new(Dictionary::new(), drawing.clone()));
        self.drawn.insert(drawing, id);
        id
    }

    /// What people see of the page, and how far it is turned.
    fn sheet(&self, page: ObjectId) -> Sheet {
        let area = |key: &[u8]| {
            let Object::Array(corners) = pages::inherited(&self.document, page, key) else { return None };
            let corners: Vec<f64> =
                corners.iter().filter_map(|corner| number(resolve(&self.document, corner))).collect();
            let [x, y, other_x, other_y] = <[f64; 4]>::try_from(corners).ok()?;
            let area = [x.min(other_x), y.min(other_y), x.max(other_x), y.max(other_y)];
            (area[2] - area[0] >= 1.0 && area[3] - area[1] >= 1.0).then_some(area)
        };
        let whole = area(b"MediaBox").unwrap_or(SHEET);
        let shown = area(b"CropBox")
            .map(|crop| [crop[0].max(whole[0]), crop[1].max(whole[1]), crop[2].min(whole[2]), crop[3].min(whole[3])]);
        let shown = shown.filter(|shown| shown[2] - shown[0] >= 1.0 && shown[3] - shown[1] >= 1.0).unwrap_or(whole);
        let turned = pages::inherited(&self.document, page, b"Rotate").as_i64().unwrap_or_default();
        Sheet::new(shown, turned)
    }

    /// The object that holds the page's resources: their own, or the page or a node above with them inside.
    fn resources(&mut self, page: ObjectId) -> Option<(ObjectId, bool)> {
        if let Some(node) = pages::holder(&self.document, page, b"Resources") {
            let found = self.document.get_dictionary(node).ok()?.get(b"Resources").ok()?;
            if let (id, Object::Dictionary(_)) = self.document.dereference(found).ok()? {
                return Some(id.map_or((node, true), |id| (id, false)));
            }
        }
        self.document.get_dictionary_mut(page).ok()?.set("Resources", Dictionary::new());
        Some((page, true))
    }

    /// Gives a resource a name that is free there, or finds the one it has. Also says which of these names it is.
    fn named(
        &mut self,
        (holder, inside): (ObjectId, bool),
        kind: &[u8],
        resource: ObjectId,
    ) -> Option<(usize, Vec<u8>)> {
        let resources = |document: &Document| -> Option<Dictionary> {
            let holder = document.get_dictionary(holder).ok()?;
            if inside { entry(document, holder, b"Resources").as_dict().ok().cloned() } else { Some(holder.clone()) }
        };
        let shared = match resources(&self.document)?.get(kind) {
            Ok(found) => match self.document.dereference(found) {
                Ok((id, Object::Dictionary(_))) => id,
                _ => None,
            },
            Err(_) => None,
        };
        let owner = match shared {
            Some(id) => self.document.get_dictionary_mut(id).ok()?,
            None => {
                let holder = self.document.get_dictionary_mut(holder).ok()?;
                let resources = if inside { holder.get_mut(b"Resources").ok()?.as_dict_mut().ok()? } else { holder };
                if !matches!(resources.get(kind), Ok(Object::Dictionary(_))) {
                    resources.set(kind, Dictionary::new());
                }
                resources.get_mut(kind).ok()?.as_dict_mut().ok()?
            }
        };
        let names = (0..).map(|count| (count, format!("Mark{count}").into_bytes()));
        let resource = Object::Reference(resource);
        let (count, name) =
            names.into_iter().find(|(_, name)| owner.get(name).map_or(true, |known| *known == resource))?;
        owner.set(name.clone(), resource);
        Some((count, name))
    }
}

/// How many more states a drawing closes than it opened, and how many it leaves open. Many do either.
fn imbalance(drawing: &[u8]) -> (usize, usize) {
    let (mut closed, mut open) = (0, 0);
    let mut lexer = syntax::Lexer::new(drawing);
    while let Some(token) = lexer.next() {
        match token {
            syntax::Token::Word(b"q") => open += 1,
            syntax::Token::Word(b"Q") if open == 0 => closed += 1,
            syntax::Token::Word(b"Q") => open -= 1,
            syntax::Token::Word(b"BI") => lexer.skip_inline_picture(),
            _ => (),
        }
    }
    (closed, open)
}
