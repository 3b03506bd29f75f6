//! The tree of pages, and what a page has from the nodes above it.

use std::collections::BTreeSet;

use domain::limits;
use lopdf::{Dictionary, Document, Object, ObjectId};

use super::streams;

/// Nodes above a page. Real trees have three or four.
const TREE_DEPTH_MAX: usize = 64;
const PAGES_MAX: usize = 100_000;

static NULL: Object = Object::Null;

/// What a reference leads to, within bounds; anything else as it is.
pub(super) fn resolve<'a>(document: &'a Document, object: &'a Object) -> &'a Object {
    document.dereference(object).map_or(&NULL, |(_, found)| found)
}

/// An entry of a dictionary, followed.
pub(super) fn entry<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> &'a Object {
    dictionary.get(key).map_or(&NULL, |found| resolve(document, found))
}

/// Each page once, in reading order. If the tree leads to none, the pages that lie about.
pub(super) fn all(document: &Document) -> Vec<ObjectId> {
    let catalog = document.trailer.get(b"Root").map(|root| resolve(document, root)).and_then(Object::as_dict);
    let root = catalog.and_then(|catalog| catalog.get(b"Pages")).and_then(Object::as_reference);
    let mut pages = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<ObjectId> = root.into_iter().collect();
    while let Some(id) = waiting.pop() {
        let Ok(node) = document.get_dictionary(id) else { continue };
        if !seen.insert(id) || pages.len() >= PAGES_MAX {
            continue;
        }
        match entry(document, node, b"Kids") {
            Object::Array(kids) => waiting.extend(kids.iter().rev().filter_map(|kid| kid.as_reference().ok())),
            _ => pages.push(id),
        }
    }
    if pages.is_empty() {
        let is_page = |object: &Object| matches!(object, Object::Dictionary(found) if found.has_type(b"Page"));
        pages =
            document.objects.iter().filter(|(_, object)| is_page(object)).map(|(id, _)| *id).take(PAGES_MAX).collect();
    }
    pages
}

/// The node nearest to the page, itself first, that has this entry.
pub(super) fn holder(document: &Document, page: ObjectId, key: &[u8]) -> Option<ObjectId> {
    let mut id = page;
    for _ in 0..TREE_DEPTH_MAX {
        let node = document.get_dictionary(id).ok()?;
        if *entry(document, node, key) != Object::Null {
            return Some(id);
        }
        id = node.get(b"Parent").and_then(Object::as_reference).ok()?;
    }
    None
}

pub(super) fn inherited<'a>(document: &'a Document, page: ObjectId, key: &[u8]) -> &'a Object {
    let node = holder(document, page, key).and_then(|id| document.get_dictionary(id).ok());
    node.map_or(&NULL, |node| entry(document, node, key))
}

/// The streams that draw the page, in order.
pub(super) fn contents(document: &Document, page: ObjectId) -> Vec<Object> {
    let Ok(contents) = document.get_dictionary(page).and_then(|page| page.get(b"Contents")) else { return Vec::new() };
    match resolve(document, contents) {
        Object::Array(parts) => parts.clone(),
        Object::Stream(_) => vec![contents.clone()],
        _ => Vec::new(),
    }
}

/// All that draws the page as one piece, up to the bound of one drawing.
pub(super) fn drawing(document: &Document, page: ObjectId) -> Vec<u8> {
    let mut drawing = Vec::new();
    for part in contents(document, page) {
        let room = limits::PDF_STREAM_BYTES_MAX.saturating_sub(drawing.len() as u64);
        let Object::Stream(stream) = resolve(document, &part) else { continue };
        let Some(plain) = streams::plain(document, stream, room) else { break };
        drawing.extend_from_slice(&plain);
        drawing.push(b'\n');
    }
    drawing
}
