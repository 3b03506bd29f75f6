//! The parts of a mail: which of them are its words, and which are files.
//!
//! The parts are found here and not by the library that reads headers and alphabets: it looks for the end of each part in
//! all of the rest, and holds mails in mails as deep as they are made, so that a small mail can cost minutes or the stack.

use domain::limits;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, Message, MessageParser, MimeHeaders};

use super::ReplyError;
use super::flowed::Flowed;

/// Stands for what names no alphabet, or not its own.
const WESTERN: &[u8] = b"windows-1252";
const SUBJECT_CHARACTERS_MAX: usize = 80;

/// A part with its header, or the mail itself.
pub(crate) struct Part<'a> {
    pub(crate) header: Message<'a>,
    /// As it came, with the empty line at its end.
    pub(crate) header_bytes: &'a [u8],
    body: &'a [u8],
}

/// Words of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Plain { text: String, flowed: Flowed },
    Html(String),
}

/// A file as the mail carries it.
pub(crate) struct File<'a> {
    pub(crate) name: String,
    pub(crate) ending: &'static str,
    pub(crate) content_id: Option<String>,
    carried: &'a [u8],
    encoding: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Base64,
    QuotedPrintable,
}

/// A mail's words, in each of the two ways that they may come, and its files in their order.
#[derive(Default)]
pub(crate) struct Found<'a> {
    pub(crate) plain: Vec<Piece>,
    pub(crate) html: Vec<Piece>,
    pub(crate) files: Vec<File<'a>>,
    /// A body was longer than what is looked through.
    pub(crate) shortened: bool,
    parts: usize,
    /// Of plain bodies, and of pages.
    read_bytes: [usize; 2],
}

pub(crate) fn found<'a>(mail: &Part<'a>) -> Result<Found<'a>, ReplyError> {
    let mut found = Found::default();
    let (plain, html) = found.words(mail, false, limits::MAIL_NESTING_MAX)?;
    Ok(Found { plain, html, ..found })
}

type Both = (Vec<Piece>, Vec<Piece>);

impl<'a> Found<'a> {
    /// The words of a part and of the parts in it. Its files are put with the others.
    fn words(&mut self, part: &Part<'a>, is_alternative: bool, nesting: usize) -> Result<Both, ReplyError> {
        self.parts += 1;
        if self.parts > limits::MAIL_PARTS_MAX {
            return Err(ReplyError::TooComplex);
        }
        let kind = part.header.content_type();
        let main = kind.map(|kind| kind.ctype().to_ascii_lowercase()).unwrap_or_default();
        let sub = kind.and_then(ContentType::subtype).map(str::to_ascii_lowercase).unwrap_or_default();
        if main == "multipart"
            && let Some(bodies) = part.inside()
        {
            let nesting = nesting.checked_sub(1).ok_or(ReplyError::TooComplex)?;
            let mut all = Vec::new();
            for body in bodies {
                all.push(self.words(&Part::of(body), sub == "alternative", nesting)?);
            }
            return Ok(if sub == "alternative" { chosen(all) } else { one_after_another(all) });
        }
        let is_words = match main.as_str() {
            "text" => matches!(sub.as_str(), "plain" | "html"),
            // A mail that does not say what it is is words, and so is one whose parts cannot be told.
            "" | "multipart" => true,
            _ => false,
        };
        let is_file = part.is_attached() || !part.name().is_empty();
        if is_words && !is_file {
            return Ok(self.piece(part, kind, sub == "html"));
        }
        // Another form of the same words, such as an invitation for calendars, or the proof of who wrote them.
        let is_other_form = is_alternative && !is_file;
        if !is_other_form && !sub.contains("signature") && sub != "applefile" {
            self.files.push(part.file(&main, &sub));
        }
        Ok((Vec::new(), Vec::new()))
    }

    fn piece(&mut self, part: &Part<'a>, kind: Option<&ContentType<'_>>, is_html: bool) -> Both {
        let mut bytes = part.decoded();
        let read = &mut self.read_bytes[usize::from(is_html)];
        let room = limits::REPLY_BODY_BYTES_MAX - *read;
        self.shortened |= bytes.len() > room;
        bytes.truncate(room);
        *read += bytes.len();
        let attribute = |name: &str| kind.and_then(|kind| kind.attribute(name)).unwrap_or_default();
        let text = letters(&bytes, attribute("charset"));
        let piece = if is_html {
            Piece::Html(text)
        } else {
            let flowed = attribute("format").eq_ignore_ascii_case("flowed");
            let space_is_dropped = attribute("delsp").eq_ignore_ascii_case("yes");
            Piece::Plain { text, flowed: Flowed { flowed, space_is_dropped } }
        };
        (vec![piece.clone()], vec![piece])
    }
}

fn one_after_another(all: Vec<Both>) -> Both {
    let mut both = Both::default();
    for (plain, html) in all {
        both.0.extend(plain);
        both.1.extend(html);
    }
    both
}

/// Of several forms of the same words the plain one, if there are words in it, and the page.
fn chosen(all: Vec<Both>) -> Both {
    let has_plain =
        |(pieces, _): &&Both| pieces.iter().any(|piece| matches!(piece, Piece::Plain { text, .. } if has_words(text)));
    let has_html = |(_, pieces): &&Both| pieces.iter().any(|piece| matches!(piece, Piece::Html(_)));
    let any = all.iter().find(|(pieces, _)| !pieces.is_empty());
    let plain = all.iter().find(has_plain).or(all.iter().rfind(has_html)).or(any);
    let html = all.iter().rfind(has_html).or(plain);
    (plain.map(|both| both.0.clone()).unwrap_or_default(), html.map(|both| both.1.clone()).unwrap_or_default())
}

fn has_words(text: &str) -> bool {
    text.chars().any(|letter| !letter.is_whitespace() && letter != '\u{feff}' && letter != '\u{200b}')
}

impl<'a> Part<'a> {
    pub(crate) fn of_mail(bytes: &'a [u8]) -> Result<Self, ReplyError> {
        let body_start = body_start(bytes);
        if body_start > limits::MAIL_HEADER_BYTES_MAX {
            return Err(ReplyError::TooComplex);
        }
        let header = MessageParser::default().parse_headers(&bytes[..body_start]).ok_or(ReplyError::Unreadable)?;
        let (header_bytes, body) = bytes.split_at(body_start);
        Ok(Self { header, header_bytes, body })
    }

    fn of(bytes: &'a [u8]) -> Self {
        let body_start = body_start(bytes);
        let header_end = body_start.min(limits::MAIL_PART_HEADER_BYTES_MAX);
        let header = MessageParser::default().parse_headers(&bytes[..header_end]);
        // A part may have no header at all.
        let (header_bytes, body) = bytes.split_at(body_start);
        Self { header: header.unwrap_or(without_header()), header_bytes, body }
    }

    /// The parts that a line with the boundary divides this one into. None: there is no such line.
    fn inside(&self) -> Option<Vec<&'a [u8]>> {
        let boundary = self.header.content_type()?.attribute("boundary").filter(|boundary| !boundary.is_empty())?;
        let mut parts = Vec::new();
        let mut start = None;
        let mut at = 0;
        for line in self.body.split_inclusive(|byte| *byte == b'\n') {
            if let Some(is_last) = divides(line, boundary.as_bytes()) {
                parts.extend(start.map(|start| without_line_end(&self.body[start..at.max(start)])));
                start = (!is_last).then_some(at + line.len());
                // One more than there may be says that there are too many.
                if is_last || parts.len() > limits::MAIL_PARTS_MAX {
                    return Some(parts);
                }
            }
            at += line.len();
        }
        let rest = start.map(|start| &self.body[start..]);
        (rest.is_some() || !parts.is_empty()).then(|| {
            parts.extend(rest);
            parts
        })
    }

    fn is_attached(&self) -> bool {
        self.header.root_part().content_disposition().is_some_and(ContentType::is_attachment)
    }

    fn name(&self) -> &str {
        self.header.root_part().attachment_name().unwrap_or_default()
    }

    fn encoding(&self) -> Encoding {
        let name = self.header.root_part().content_transfer_encoding().unwrap_or_default().trim();
        if name.eq_ignore_ascii_case("base64") {
            Encoding::Base64
        } else if name.eq_ignore_ascii_case("quoted-printable") {
            Encoding::QuotedPrintable
        } else {
            Encoding::Plain
        }
    }

    fn decoded(&self) -> Vec<u8> {
        decoded(self.body, self.encoding())
    }

    fn file(&self, main: &str, sub: &str) -> File<'a> {
        let is_mail = main == "message" && sub == "rfc822";
        let mut name = self.name().to_owned();
        if name.is_empty() && is_mail {
            name = self.subject_of_inner().map(|subject| format!("{subject}.eml")).unwrap_or_default();
        }
        File {
            name,
            ending: ending(main, sub),
            content_id: self.header.root_part().content_id().map(str::to_owned),
            carried: self.body,
            encoding: self.encoding(),
        }
    }

    /// A mail that is attached is called by what it is about.
    fn subject_of_inner(&self) -> Option<String> {
        let header = &self.body[..body_start(self.body).min(limits::MAIL_PART_HEADER_BYTES_MAX)];
        let inner = MessageParser::default().parse_headers(header)?;
        let subject: String = inner.subject()?.chars().take(SUBJECT_CHARACTERS_MAX).collect();
        Some(subject.replace(['/', '\\'], "-"))
    }
}

impl File<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        decoded(self.carried, self.encoding)
    }
}

fn without_header() -> Message<'static> {
    MessageParser::default().parse_headers(b"X: x\n\n").unwrap_or_default()
}

/// Behind the first empty line.
fn body_start(bytes: &[u8]) -> usize {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            return at;
        }
    }
    bytes.len()
}

/// Whether the line divides parts, and if so whether it is the last to do so.
fn divides(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?.trim_ascii_end();
    match rest {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

/// The end of the line before a boundary belongs to it.
fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

/// What is damaged is read as far as it can be.
fn decoded(carried: &[u8], encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Plain => carried.to_vec(),
        Encoding::Base64 => base64_decode(carried).unwrap_or_else(|| {
            let is_sign = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
            base64_decode(&carried.iter().copied().filter(is_sign).collect::<Vec<u8>>()).unwrap_or_default()
        }),
        Encoding::QuotedPrintable => quoted_printable_decode(carried).unwrap_or_else(|| leniently(carried)),
    }
}

/// Quoted-printable with signs in it that mean nothing: they stand for themselves.
fn leniently(carried: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(carried.len());
    let mut rest = carried;
    while let Some((first, after)) = rest.split_first() {
        let soft_end = [&b"\r\n"[..], b"\n"].into_iter().find_map(|end| after.strip_prefix(end));
        (rest, _) = match (first, digit(after.first()), digit(after.get(1)), soft_end) {
            (b'=', Some(high), Some(low), _) => (&after[2..], bytes.push((high * 16 + low) as u8)),
            (b'=', _, _, Some(after)) => (after, ()),
            _ => (after, bytes.push(*first)),
        };
    }
    bytes
}

/// In the alphabet that is named, unless the bytes prove it wrong.
fn letters(bytes: &[u8], alphabet: &str) -> String {
    let named = alphabet.trim().trim_matches('"').to_ascii_lowercase();
    let says_little =
        matches!(named.as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii" | "unknown-8bit" | "binary");
    let decoder = if says_little { None } else { charset_decoder(named.as_bytes()) };
    if let Some(decoder) = decoder {
        return decoder(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Cut off within a letter.
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned()
        }
        Err(_) => charset_decoder(WESTERN)
            .map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decoder| decoder(bytes)),
    }
}

/// Of the name of a file that has none.
fn ending(main: &str, sub: &str) -> &'static str {
    match (main, sub) {
        ("message", "rfc822") => "eml",
        ("text", "plain") => "txt",
        ("text", "html") => "html",
        ("text", "csv") => "csv",
        ("text", "calendar") => "ics",
        ("text", "vcard" | "x-vcard") => "vcf",
        ("image", "jpeg" | "jpg" | "pjpeg") => "jpg",
        ("image", "png") => "png",
        ("image", "gif") => "gif",
        ("image", "webp") => "webp",
        ("image", "tiff") => "tif",
        ("image", "heic" | "heif") => "heic",
        ("application", "pdf") => "pdf",
        ("application", "zip") => "zip",
        ("application", "pkcs7-mime" | "x-pkcs7-mime") => "p7m",
        _ => "bin",
    }
}
