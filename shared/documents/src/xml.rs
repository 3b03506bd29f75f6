//! The XML parts of Office packages. References to anything but letters stay unresolved, so that a part is never
//! larger than it was unpacked.

use domain::document::RejectReason;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::archive::Archive;
use crate::plain;

pub(crate) fn part(archive: &mut Archive<'_>, path: &str) -> Result<Option<String>, RejectReason> {
    let Some(bytes) = archive.read(path)? else { return Ok(None) };
    plain::decoded(&bytes).map(Some).ok_or(RejectReason::Unreadable)
}

pub(crate) fn for_each_tag(xml: &str, mut act: impl FnMut(&BytesStart<'_>)) -> Result<(), RejectReason> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(|_| RejectReason::Unreadable)? {
            Event::Start(tag) | Event::Empty(tag) => act(&tag),
            Event::Eof => return Ok(()),
            _ => (),
        }
    }
}

pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

/// The letter that stands behind `&name;`.
pub(crate) fn letter(name: &BytesRef<'_>) -> Option<char> {
    match name.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => name.resolve_char_ref().ok().flatten(),
    }
}
