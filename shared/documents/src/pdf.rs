//! Portable documents: their words, and their copies with a mark on every page.
//!
//! The file is read by our own loops and kept in lopdf's types, which also write it. Ready-made readers follow the file
//! wherever it leads: a drawing that draws itself, a character map of four thousand million letters or a list within a
//! list a million times over ends the process, not just the thread. Here each such chain has a bound, and each structure
//! that can point at itself is walked by a loop that counts.

mod cmap;
mod cover;
mod file;
mod fonts;
mod helvetica;
mod layout;
mod mark;
mod pages;
mod streams;
mod syntax;
mod table;
mod words;

use domain::document::RejectReason;
use domain::limits;

use crate::bounded::Pages;

pub(crate) use cover::cover;
pub(crate) use file::{is_protected, starts_like_one};
pub(crate) use syntax::find;

pub(crate) use mark::marked;

/// Of each page, whether it draws a picture, or a drawing of its own that may hold one.
pub(crate) fn holds_pictures(bytes: &[u8]) -> Option<Vec<bool>> {
    let document = file::open(bytes).ok()?;
    let draws = |page: &lopdf::ObjectId| {
        let resources = pages::inherited(&document, *page, b"Resources").as_dict().ok();
        let named = resources.and_then(|resources| pages::entry(&document, resources, b"XObject").as_dict().ok());
        named.is_some_and(|named| !named.is_empty()) || find(&pages::drawing(&document, *page), b"BI", 0).is_some()
    };
    Some(pages::all(&document).iter().take(limits::DOCUMENT_TEXT_PAGES_MAX).map(draws).collect())
}

pub(crate) fn read(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let document = file::open(bytes)?;
    words::read(&document, pages);
    Ok(())
}
