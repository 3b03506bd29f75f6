//! What a file is, which words it holds, its pages as pictures, and its copies with the viewer's name on every page; and
//! what is new in an answer by mail.
//!
//! Pure: bytes in, bytes out. Everything an upload can make expensive is bounded here: time, unpacked bytes, pages,
//! nesting. A file is read on a thread of its own, so that a reader that fails or does not end costs that file alone.
//! That needs unwinding: this crate must not be built with `panic = "abort"`.

mod archive;
mod bounded;
mod compound;
mod csv;
mod identify;
mod kind;
mod language;
mod mail;
mod mark;
mod odf;
mod outlook;
mod page;
mod pdf;
mod picture;
mod plain;
pub mod reply;
mod rtf;
mod sheet;
mod word;
mod xml;
pub mod zipped;

use domain::document::RejectReason;
use domain::limits;

use bounded::{Pages, Stopped};

pub use identify::{identify, identify_by_ends};
pub use kind::{Kind, UnknownKind};
pub use language::{language, language_title};
pub use mark::{Mark, MarkRefused, Marked, codes, mark};
pub use picture::{Drawn, Look, draw, is_drawable, picture_count, size, typeset, unread};

/// The words of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// One per page, sheet or slide, as far as they were read. A page that is only a picture is empty.
    pub pages: Vec<String>,
    /// Pages, sheets or slides of the document. A picture has none.
    pub page_count: u32,
    /// There is more than the bounds allowed to read.
    pub truncated: bool,
}

/// Words of a document by page, sheet or slide.
pub fn text(kind: Kind, bytes: &[u8]) -> Result<Text, RejectReason> {
    if bytes.is_empty() {
        return Err(RejectReason::Empty);
    }
    let owned = bytes.to_vec();
    let pages = Pages::default();
    let ended = bounded::within(limits::DOCUMENT_READ_SECONDS_MAX, {
        let pages = pages.clone();
        move || match kind {
            Kind::Pdf => pdf::read(&owned, &pages),
            Kind::Docx => word::document(&owned, &pages),
            Kind::Pptx => word::slides(&owned, &pages),
            Kind::Xlsx => sheet::read(owned, &pages),
            Kind::Html => page::read(&owned, &pages),
            Kind::Txt => plain::read(&owned, &pages),
            Kind::Csv => csv::read(&owned, &pages),
            Kind::Rtf => rtf::read(&owned, &pages),
            Kind::Odt | Kind::Ods | Kind::Odp => odf::read(kind, &owned, &pages),
            Kind::Eml => mail::read(&owned, &pages),
            Kind::Msg => outlook::read(&owned, &pages),
            Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp | Kind::Tiff | Kind::Heic => Ok(()),
        }
    });
    let read = pages.take();
    match ended {
        Ok(Ok(())) => Ok(read),
        Ok(Err(reason)) => Err(reason),
        // What is slow or strange is still the client's document. It is refused only if nothing of it could be read.
        Err(Stopped::TookTooLong | Stopped::Failed) if read.page_count > 0 => Ok(Text { truncated: true, ..read }),
        Err(Stopped::TookTooLong) => Err(RejectReason::TookTooMuch),
        Err(Stopped::Failed) => Err(RejectReason::Unreadable),
    }
}

#[cfg(test)]
mod tests;
