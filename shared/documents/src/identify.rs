//! What a file is: its content says one thing, its name another, and both must agree. A file that is two things at
//! once would be checked as the one and opened as the other.

use domain::document::RejectReason;
use domain::limits;

use crate::Kind;
use crate::archive::Archive;
use crate::bounded;
use crate::{compound, odf, outlook, pdf, plain, rtf, word};

/// Endings of Office files that exist to carry macros.
const MACRO_EXTENSIONS: &[&str] =
    &["docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam", "sldm"];

/// Type by content and extension agreeing, or why the file is refused.
pub fn identify(name: &str, bytes: &[u8]) -> Result<Kind, RejectReason> {
    if bytes.is_empty() {
        return Err(RejectReason::Empty);
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.trim().to_ascii_lowercase());
    let extension = extension.unwrap_or_default();
    let owned = bytes.to_vec();
    let carries_macros = MACRO_EXTENSIONS.contains(&extension.as_str());
    let named = Kind::of_extension(&extension);
    let look = move || {
        let content = content(&owned)?;
        if carries_macros && content == Content::Archive {
            return Err(RejectReason::Macros);
        }
        let kind = agreed(content, named, !extension.is_empty(), &owned)?;
        // Only a file that is what it says is worth the cost of looking into.
        match kind {
            Kind::Pdf if pdf::is_protected(&owned)? => Err(RejectReason::Protected),
            kind if is_package(kind) => whole_package(kind, &owned),
            kind => Ok(kind),
        }
    };
    bounded::within(limits::DOCUMENT_READ_SECONDS_MAX, look).unwrap_or(Err(RejectReason::Unreadable))
}

/// The same for a file of which only the head and the end are at hand. What only a reading of the whole would make safe is
/// refused.
pub fn identify_by_ends(name: &str, head: &[u8], end: &[u8]) -> Result<Kind, RejectReason> {
    if head.is_empty() {
        return Err(RejectReason::Empty);
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.trim().to_ascii_lowercase());
    let extension = extension.unwrap_or_default();
    let content = content(head)?;
    if MACRO_EXTENSIONS.contains(&extension.as_str()) && content == Content::Archive {
        return Err(RejectReason::Macros);
    }
    let kind = agreed(content, Kind::of_extension(&extension), !extension.is_empty(), head)?;
    match kind {
        // The dictionary that names the encryption stands at either end, as whole as ever.
        Kind::Pdf if [head, end].iter().any(|part| pdf::find(part, b"/Encrypt", 0).is_some()) => {
            Err(RejectReason::Protected)
        }
        Kind::Msg => Err(RejectReason::TooLargeToCheck),
        kind if is_package(kind) => Err(RejectReason::TooLargeToCheck),
        _ if content == Content::Text && !plain::goes_on(head, end) => Err(RejectReason::UnknownKind),
        kind => Ok(kind),
    }
}

/// What content alone can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Certain(Kind),
    /// Which of the Office kinds, only the inside tells.
    Archive,
    /// Which kind of text, only the name tells.
    Text,
}

fn content(bytes: &[u8]) -> Result<Content, RejectReason> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let at = |place: usize, magic: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(magic));
    let certain = if pdf::starts_like_one(bytes) {
        Kind::Pdf
    } else if starts(b"\x89PNG\r\n\x1a\n") {
        Kind::Png
    } else if starts(b"\xff\xd8\xff") {
        Kind::Jpeg
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        Kind::Gif
    } else if starts(b"RIFF") && at(8, b"WEBP") {
        Kind::Webp
    } else if starts(b"II*\0") || starts(b"MM\0*") {
        Kind::Tiff
    } else if at(4, b"ftyp") && [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"].iter().any(|brand| at(8, *brand))
    {
        Kind::Heic
    } else if starts(b"PK\x03\x04") {
        return Ok(Content::Archive);
    } else if rtf::starts_like_one(bytes) {
        Kind::Rtf
    } else if outlook::is_one(bytes) {
        Kind::Msg
    } else if starts(compound::MAGIC) {
        // Office before 2007, and any Office file with a password.
        let sealed: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let is_sealed = pdf::find(bytes, &sealed, 0).is_some();
        return Err(if is_sealed { RejectReason::Protected } else { RejectReason::UnknownKind });
    } else if plain::is_text(bytes) {
        return Ok(Content::Text);
    } else {
        // Programs end here as well.
        return Err(RejectReason::UnknownKind);
    };
    Ok(Content::Certain(certain))
}

fn agreed(content: Content, named: Option<Kind>, has_extension: bool, bytes: &[u8]) -> Result<Kind, RejectReason> {
    let Some(named) = named else {
        // A name without an ending can be mended by its sender; a kind that we do not take cannot.
        let mendable = !has_extension && content != Content::Archive;
        return Err(if mendable { RejectReason::WrongExtension } else { RejectReason::UnknownKind });
    };
    let agree = match (content, named) {
        (Content::Certain(kind), named) => kind == named,
        (Content::Archive, named) => is_package(named),
        (Content::Text, Kind::Txt | Kind::Csv) => !plain::starts_like_page(bytes),
        (Content::Text, Kind::Html) => plain::has_tags(bytes),
        (Content::Text, Kind::Eml) => plain::starts_like_mail(bytes),
        (Content::Text, _) => false,
    };
    if agree { Ok(named) } else { Err(RejectReason::WrongExtension) }
}

fn is_package(kind: Kind) -> bool {
    matches!(kind, Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Odt | Kind::Ods | Kind::Odp)
}

/// The kind of Office package, every part of which unpacks within bounds and runs nothing.
fn whole_package(named: Kind, bytes: &[u8]) -> Result<Kind, RejectReason> {
    let mut archive = Archive::open(bytes)?;
    let package = word::Package::read(&mut archive)?;
    let runs = |name: &String| {
        let name = name.to_ascii_lowercase();
        let extension = name.rsplit('.').next().unwrap_or_default();
        name.ends_with("vbaproject.bin") || name.contains("/macrosheets/") || MACRO_EXTENSIONS.contains(&extension)
    };
    if package.has_macros || archive.names()?.iter().any(|name| runs(name) || odf::runs(name)) {
        return Err(RejectReason::Macros);
    }
    let kind = match (package.kind, odf::kind(&mut archive)?) {
        (Some(kind), None) | (None, Some(kind)) => kind,
        (None, None) => return Err(RejectReason::UnknownKind),
        (Some(_), Some(_)) => return Err(RejectReason::WrongExtension),
    };
    if kind != named {
        return Err(RejectReason::WrongExtension);
    }
    archive.check()?;
    Ok(kind)
}
