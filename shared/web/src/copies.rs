//! Copies of documents that leave: whose are marked, how the mark reads, and what is said where one cannot be made. Every
//! way out goes through here: a download, a preview, a file of an archive.

use documents::{Kind, Mark, MarkRefused, Marked};
use domain::document::{Document, FileName};
use domain::{Role, Timestamp, limits};
use storage::{AuditReceipt, Brand};

use crate::Failure;

/// Who takes a copy, and against which event.
pub struct Taker<'a> {
    pub role: Role,
    pub email: &'a str,
    pub now: Timestamp,
    pub receipt: &'a AuditReceipt,
    pub room: Room,
}

/// Where a copy is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Request,
    /// With more memory and time.
    Worker,
}

impl Room {
    fn bytes_max(self) -> u64 {
        match self {
            Room::Request => limits::DOCUMENT_MARK_BYTES_MAX,
            Room::Worker => limits::DOCUMENT_MARK_LARGE_BYTES_MAX,
        }
    }
}

/// Whether this person's copy will be marked, or not given at all.
pub fn is_marked(brand: &Brand, document: &Document, role: Role) -> bool {
    let fits = document.size_bytes <= Room::Worker.bytes_max() || !brand.marks.covers();
    fits && brand.marks.marks(role, &document.category)
}

/// Whether this person's copy has to be marked and only a worker can.
pub fn takes_a_worker(brand: &Brand, document: &Document, role: Role) -> bool {
    let is_for_a_worker =
        document.size_bytes > Room::Request.bytes_max() && document.size_bytes <= Room::Worker.bytes_max();
    is_for_a_worker && brand.marks.marks(role, &document.category)
}

/// The mark that the firm's rule asks for on this person's copy. None: it goes out as it is. So does a file that is too
/// large to be marked at all, against its event, unless the firm is strict: then it must not slip out for its size.
pub fn mark(brand: &Brand, document: &Document, taker: &Taker<'_>) -> Result<Option<Mark>, Failure> {
    if !brand.marks.marks(taker.role, &document.category) {
        return Ok(None);
    }
    if document.size_bytes > taker.room.bytes_max() {
        if brand.marks.covers() {
            return Ok(None);
        }
        let most = taker.room.bytes_max() / (1024 * 1024);
        return Err(refused(&format!("Files of more than {most} MB cannot be marked.")));
    }
    Ok(Some(says(brand, document, taker, brand.marks.covers())))
}

/// The same for the picture of a page, which is small whatever its file is. It is never put into a cover: it is there to be
/// looked at.
pub fn mark_of_picture(brand: &Brand, document: &Document, taker: &Taker<'_>) -> Option<Mark> {
    let is_marked = brand.marks.marks(taker.role, &document.category);
    is_marked.then(|| says(brand, document, taker, false))
}

fn says(brand: &Brand, document: &Document, taker: &Taker<'_>, covers: bool) -> Mark {
    let time = taker.now.to_zoned(brand.time_zone()).strftime("%-d %b %Y %H:%M %Z");
    Mark {
        line: format!("{} · {time}", taker.email),
        code: taker.receipt.event().to_string(),
        name: document.name.to_string(),
        covers,
    }
}

/// Makes the copy, beside what else the process does.
pub async fn marked(kind: Kind, original: Vec<u8>, mark: Mark) -> Result<Marked, Failure> {
    let work = move || documents::mark(kind, &original, &mark);
    match tokio::task::spawn_blocking(work).await.map_err(Failure::bug)? {
        Ok(copy) => Ok(copy),
        Err(why @ MarkRefused::TooLong { .. }) => Err(Failure::bug(why)),
        Err(why) => Err(refused(&why.to_string())),
    }
}

/// What the copy is called: with the ending of what it is, where that is a cover.
pub fn name(name: &FileName, kind: Kind, copy: Kind) -> FileName {
    if copy == kind {
        return name.clone();
    }
    let ending = format!(".{}", copy.as_str());
    let stem: String = name.as_str().chars().take(limits::FILE_NAME_CHARACTERS_MAX - ending.len()).collect();
    FileName::parse(&format!("{stem}{ending}")).unwrap_or_else(|_| name.clone())
}

fn refused(why: &str) -> Failure {
    Failure::Refused(format!(
        "A copy with your name on it could not be made. {why} Ask your contact at the firm for this file."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_called_what_it_is() {
        let check = |called: &str, kind: Kind, copy: Kind, want: &str| {
            assert_eq!(name(&FileName::parse(called).unwrap(), kind, copy).as_str(), want);
        };
        check("Lease.pdf", Kind::Pdf, Kind::Pdf, "Lease.pdf");
        check("Roof.heic", Kind::Heic, Kind::Pdf, "Roof.heic.pdf");
        check("Re.eml", Kind::Eml, Kind::Eml, "Re.eml");
        let long = "x".repeat(limits::FILE_NAME_CHARACTERS_MAX);
        check(&long, Kind::Msg, Kind::Pdf, &format!("{}.pdf", "x".repeat(limits::FILE_NAME_CHARACTERS_MAX - 4)));
    }
}
