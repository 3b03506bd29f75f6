//! Answers by mail: the text that somebody newly wrote, and the files that came with it.
//!
//! A mail that answers a notice carries far more than its writer wrote: the notice itself, in the shape that the mail
//! program gives to quotes, a signature, pictures of both. What lands in a thread is what is new.
//!
//! The bytes of a mail in, a bounded value out. The time grows with the length of the mail, whatever is in it: its parts
//! are found in one pass per level, and its words are looked at line by line.

mod attribution;
mod automatic;
mod blocks;
mod flowed;
mod header;
mod html;
mod languages;
mod line;
mod parts;
mod quotes;
mod signature;

use domain::document::FileName;
use domain::email::EmailAddress;
use domain::reply::{ANSWER_ABOVE, Signature};
use domain::{limits, text};
use mail_parser::{HeaderName, HeaderValue};

pub use automatic::Automatic;

use crate::bounded;
use header::Fields;
use line::Line;
#[cfg(test)]
pub(crate) use line::PICTURE;
use parts::{File, Piece};

/// A mail that somebody, or a machine, sent to a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Without the angle brackets, as are all ids here. None where it is missing or longer than anybody makes it.
    pub message_id: Option<String>,
    pub in_reply_to: Option<String>,
    /// As the header says, which anybody may write: whoever posts on its strength has looked at the mail's proofs. None
    /// where it names nobody, or more than one, or could be read in two ways.
    pub from: Option<EmailAddress>,
    /// Whether one of them holds is for the mail service to say.
    pub signatures: Vec<Signature>,
    /// Whom it is to, in small letters, by each of these fields.
    pub to: Vec<String>,
    pub cc: Vec<String>,
    /// One line, empty where there is none.
    pub subject: String,
    /// Only what is new, or all of a mail that passes another one on. Trimmed, no more than one line in a row empty. No
    /// control characters but `\n` and `\t`, none that turn the reading direction. May be empty.
    pub text: String,
    /// There is more than the bounds allowed to read.
    pub shortened: bool,
    pub attachments: Vec<Attachment>,
    /// Files beyond [`limits::REPLY_ATTACHMENTS_MAX`].
    pub attachments_left_out: usize,
    /// Why this mail posts nothing.
    pub automatic: Option<Automatic>,
}

/// A file of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Never empty. A file without a name has one by its kind.
    pub name: FileName,
    /// As they were before the mail carried them.
    pub bytes: Vec<u8>,
    pub content_id: Option<String>,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A file that was attached.
    Attached,
    /// A picture inside of what is new.
    InText,
    /// A picture of the signature or of what is quoted, such as a logo: nobody sent it anew.
    InRest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    #[error("the mail is larger than {bytes_max} bytes")]
    TooLarge { bytes_max: usize },
    #[error("the mail has more or deeper parts than anybody writes")]
    TooComplex,
    #[error("this is no mail")]
    Unreadable,
}

/// What is new in this mail.
pub fn reply(bytes: &[u8]) -> Result<Reply, ReplyError> {
    if bytes.len() > limits::MAIL_BYTES_MAX {
        return Err(ReplyError::TooLarge { bytes_max: limits::MAIL_BYTES_MAX });
    }
    // The library that reads headers may fail on a strange one. That costs this mail alone.
    bounded::with_stack(|| read(bytes)).unwrap_or(Err(ReplyError::Unreadable))
}

fn read(bytes: &[u8]) -> Result<Reply, ReplyError> {
    let mail = parts::Part::of_mail(bytes)?;
    let header = &mail.header;
    let fields = Fields::of(mail.header_bytes, &bytes[mail.header_bytes.len()..]);
    let fields = fields.as_ref();
    let subject = header.subject().map(one_line).unwrap_or_default();
    let found = parts::found(&mail)?;
    let mut read = Words::default();
    read.of(&found.plain, &found.html, &subject);
    let files = found.files.iter().take(limits::REPLY_ATTACHMENTS_MAX).enumerate();
    let attachments = files.filter_map(|(at, file)| attachment(file, at + 1, &read)).collect();
    Ok(Reply {
        message_id: id(header.header(HeaderName::MessageId)),
        in_reply_to: id(header.header(HeaderName::InReplyTo)),
        from: fields.and_then(|fields| fields.sender(header)),
        signatures: fields.map(Fields::signatures).unwrap_or_default(),
        to: fields.map(|fields| fields.addressees("to", header.to())).unwrap_or_default(),
        cc: fields.map(|fields| fields.addressees("cc", header.cc())).unwrap_or_default(),
        subject,
        shortened: read.shortened || found.shortened,
        text: read.text,
        attachments_left_out: found.files.len().saturating_sub(limits::REPLY_ATTACHMENTS_MAX),
        attachments,
        automatic: automatic::automatic(header),
    })
}

/// What is new in the words of a mail, and the pictures that it shows.
#[derive(Default)]
struct Words {
    text: String,
    shortened: bool,
    pictures: Vec<String>,
    pictures_in_text: Vec<String>,
}

impl Words {
    /// The plain words, unless they say nothing new: some programs quote in plain words what nobody can tell apart.
    fn of(&mut self, plain: &[Piece], html: &[Piece], subject: &str) {
        let is_forward = blocks::is_forward(subject);
        let from_plain = self.new_of(plain, is_forward);
        let has_html = html.iter().any(|piece| matches!(piece, Piece::Html(_)));
        let from_html = if has_html { self.new_of(html, is_forward) } else { String::new() };
        // What is new in the page could not be told, so that every picture may be.
        if from_html.is_empty() {
            self.pictures_in_text = self.pictures.clone();
        }
        let new = if from_plain.is_empty() { from_html } else { from_plain };
        self.shortened = new.chars().count() > limits::REPLY_TEXT_CHARACTERS_MAX;
        let end = new.char_indices().nth(limits::REPLY_TEXT_CHARACTERS_MAX).map_or(new.len(), |(at, _)| at);
        self.text = new[..end].trim_end().to_owned();
    }

    fn new_of(&mut self, pieces: &[Piece], is_forward: bool) -> String {
        let mut lines: Vec<Line> = Vec::new();
        self.pictures.clear();
        for piece in pieces {
            match piece {
                Piece::Plain { text, flowed } => flowed::lines(text, *flowed, &mut lines),
                Piece::Html(page) => html::lines(page, &mut lines, &mut self.pictures),
            }
        }
        let new = quotes::new_text(lines, is_forward);
        let (new, shown) = line::without_pictures(&new);
        self.pictures_in_text = shown.into_iter().filter_map(|at| self.pictures.get(at).cloned()).collect();
        new
    }

    fn place(&self, content_id: Option<&str>) -> Place {
        let among = |pictures: &[String]| content_id.is_some_and(|id| pictures.iter().any(|picture| picture == id));
        match (among(&self.pictures_in_text), among(&self.pictures)) {
            (true, _) => Place::InText,
            (false, true) => Place::InRest,
            (false, false) => Place::Attached,
        }
    }
}

fn attachment(file: &File<'_>, number: usize, words: &Words) -> Option<Attachment> {
    let content_id = file.content_id.as_deref().and_then(short_id);
    Some(Attachment {
        name: file_name(&file.name, number, file.ending)?,
        bytes: file.bytes(),
        place: words.place(content_id.as_deref()),
        content_id,
    })
}

/// The name as a mail gives it, made one that people may see: its beginning and its ending, if it is too long.
fn file_name(given: &str, number: usize, ending: &str) -> Option<FileName> {
    let readable: String = given.chars().filter(|c| !text::reorders_or_controls(*c)).collect();
    let last = readable.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let (stem, own_ending) = last.rsplit_once('.').unwrap_or((last, ""));
    let stem_length = limits::FILE_NAME_CHARACTERS_MAX.saturating_sub(own_ending.chars().count() + 1);
    let shortened = format!("{}.{own_ending}", stem.chars().take(stem_length).collect::<String>());
    let names = [last, shortened.as_str(), &format!("attachment-{number}.{ending}")];
    names.into_iter().find_map(|name| FileName::parse(name).ok())
}

/// The first of the ids that a field names.
fn id(field: Option<&HeaderValue<'_>>) -> Option<String> {
    match field? {
        HeaderValue::Text(id) => short_id(id),
        HeaderValue::TextList(ids) => short_id(ids.first()?),
        _ => None,
    }
}

fn short_id(id: &str) -> Option<String> {
    let id = id.trim();
    let fits = !id.is_empty() && id.len() <= limits::MAIL_ID_BYTES_MAX && !id.chars().any(text::reorders_or_controls);
    fits.then(|| id.to_owned())
}

fn one_line(words: &str) -> String {
    let kept = words.chars().filter(|c| c.is_whitespace() || !text::reorders_or_controls(*c)).collect::<String>();
    let line = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(limits::MAIL_SUBJECT_CHARACTERS_MAX).collect()
}
