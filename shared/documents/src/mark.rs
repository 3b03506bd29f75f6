//! Copies that say for whom they were made: the one door to every way of marking a file.
//!
//! A mark is a line that people see and a code that leads back to the recorded event. It becomes part of the copy's own
//! content, as each kind has it: drawn on every page of a PDF or picture, in the headers of a text, on every slide. A
//! file that cannot be marked without breaking what it is (a signature, a password, a kind that we cannot write) goes
//! unchanged into a cover that is marked; nothing leaves here without a mark.

mod codes;
pub(crate) mod font;
mod mail;
mod open_document;
mod package;
mod picture;
mod plain;
mod rich;
mod scan;
mod sheets;
mod slides;
mod splice;
mod word;

use domain::document::RejectReason;
use domain::limits;

use crate::Kind;
use crate::bounded::{self, Stopped};
use crate::pdf;

pub use codes::codes;

/// What a copy says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Viewer's address and time.
    pub line: String,
    /// Leads back to the event that was recorded.
    pub code: String,
    /// What the file is called inside a cover.
    pub name: String,
    /// Whether a file that cannot be marked itself may go into a cover.
    pub covers: bool,
}

impl Mark {
    pub(crate) fn whole(&self) -> String {
        font::plain_line(&format!("{} {}", self.line, self.code))
    }

    fn is_too_long(&self) -> bool {
        self.line.chars().count() + self.code.chars().count() > limits::MARK_CHARACTERS_MAX
    }
}

/// A copy with a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub bytes: Vec<u8>,
    /// What the copy is: a cover is a PDF or a mail, whatever is in it.
    pub kind: Kind,
    /// Why the file is inside, unchanged, and what people see first is the cover. None: the mark is its own.
    pub covered: Option<MarkRefused>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkRefused {
    #[error("This file is signed, and a mark would break the signature.")]
    Signed,
    #[error("This file is protected by a password, so it cannot be marked.")]
    Protected,
    #[error("This file is damaged, so it cannot be marked.")]
    Unreadable,
    #[error("Files of this kind cannot carry a mark.")]
    UnknownKind,
    #[error("This file has no page that a mark could stand on.")]
    NoPages,
    #[error("This file has more than {pages_max} pages.")]
    TooManyPages { pages_max: usize },
    #[error("This picture has more than {} million points.", pixels_max / 1_000_000)]
    TooManyPixels { pixels_max: u64 },
    #[error("This file unpacks to more than can be marked.")]
    TooMuchInside,
    #[error("A mark has at most {characters_max} characters.")]
    TooLong { characters_max: usize },
    #[error("Marking this file takes too long.")]
    TookTooLong,
}

impl From<RejectReason> for MarkRefused {
    fn from(reason: RejectReason) -> Self {
        match reason {
            RejectReason::Protected => MarkRefused::Protected,
            RejectReason::TooMuchInside => MarkRefused::TooMuchInside,
            _ => MarkRefused::Unreadable,
        }
    }
}

/// A copy with the mark as part of its content, or inside a cover that has it.
pub fn mark(kind: Kind, bytes: &[u8], mark: &Mark) -> Result<Marked, MarkRefused> {
    if mark.is_too_long() {
        return Err(MarkRefused::TooLong { characters_max: limits::MARK_CHARACTERS_MAX });
    }
    let (owned, wanted) = (bytes.to_vec(), mark.clone());
    // Only a worker, which has the time, takes files that are larger.
    let is_large = bytes.len() as u64 > limits::DOCUMENT_MARK_BYTES_MAX;
    let seconds_max =
        if is_large { limits::DOCUMENT_MARK_LARGE_SECONDS_MAX } else { limits::DOCUMENT_MARK_SECONDS_MAX };
    let ended = bounded::within(seconds_max, move || inside(kind, &owned, &wanted));
    match ended.unwrap_or_else(|stopped| Err(refused(stopped))) {
        Ok(bytes) => Ok(Marked { bytes, kind, covered: None }),
        Err(why) if mark.covers => covered(kind, bytes, mark, why),
        Err(why) => Err(why),
    }
}

fn refused(stopped: Stopped) -> MarkRefused {
    match stopped {
        Stopped::TookTooLong => MarkRefused::TookTooLong,
        Stopped::Failed => MarkRefused::Unreadable,
    }
}

/// The mark as each kind carries it.
pub(crate) fn inside(kind: Kind, bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    match kind {
        Kind::Pdf => pdf::marked(bytes, mark),
        Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp => picture::marked(kind, bytes, mark),
        Kind::Tiff => scan::marked(bytes, mark),
        Kind::Docx => word::marked(bytes, mark),
        Kind::Xlsx => sheets::marked(bytes, mark),
        Kind::Pptx => slides::marked(bytes, mark),
        Kind::Odt | Kind::Ods | Kind::Odp => open_document::marked(kind, bytes, mark),
        Kind::Rtf => rich::marked(bytes, mark),
        Kind::Txt => plain::text(bytes, mark),
        Kind::Csv => plain::table(bytes, mark),
        Kind::Html => plain::page(bytes, mark),
        // What a mail says and who signed it stays as it is; a picture of this kind and Outlook's own files are ones
        // that we read and do not write.
        Kind::Eml | Kind::Msg | Kind::Heic => Err(MarkRefused::UnknownKind),
    }
}

/// The file as it is, inside a copy that is marked: a mail as an attached mail, anything else in a PDF of one page.
fn covered(kind: Kind, bytes: &[u8], mark: &Mark, why: MarkRefused) -> Result<Marked, MarkRefused> {
    let (kind, bytes) = match kind {
        Kind::Eml => (Kind::Eml, mail::forwarded(bytes, mark)),
        kind => (Kind::Pdf, pdf::cover(kind, bytes, mark, why)?),
    };
    Ok(Marked { bytes, kind, covered: Some(why) })
}
