//! Saved e-mails: who, whom, what about, the words, and what is attached.

use domain::document::RejectReason;
use mail_parser::{Address, DateTime, Message, MessageParser, MimeHeaders, PartType};

use crate::bounded::Pages;
use crate::page;

/// A message attached to a message attached to a message.
const NESTING_MAX: usize = 3;

pub(crate) fn read(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let message = MessageParser::default().parse(bytes).ok_or(RejectReason::Unreadable)?;
    let mut words = String::new();
    write(&message, NESTING_MAX, &mut words);
    pages.count(1);
    pages.push(words);
    Ok(())
}

fn write(message: &Message<'_>, nesting: usize, words: &mut String) {
    let fields = [
        ("Subject", message.subject().map(str::to_owned)),
        ("From", message.from().map(people)),
        ("To", message.to().map(people)),
        ("Cc", message.cc().map(people)),
        ("Date", message.date().map(sent)),
    ];
    for (field, content) in fields {
        if let Some(content) = content {
            line(words, &format!("{field}: {content}"));
        }
    }
    words.push('\n');
    for position in 0..message.text_body_count() {
        if let Some(body) = message.text_part(position as u32) {
            part(&body.body, nesting, words);
        }
    }
    for attached in message.attachments() {
        if let Some(name) = attached.attachment_name() {
            line(words, &format!("Attachment: {name}"));
        }
        part(&attached.body, nesting, words);
    }
}

fn part(body: &PartType<'_>, nesting: usize, words: &mut String) {
    match body {
        PartType::Text(text) => line(words, text),
        PartType::Html(html) => line(words, &page::words(html)),
        PartType::Message(message) if nesting > 0 => write(message, nesting - 1, words),
        PartType::Message(_) | PartType::Multipart(_) | PartType::Binary(_) | PartType::InlineBinary(_) => (),
    }
}

pub(crate) fn people(address: &Address<'_>) -> String {
    let one = |person: &mail_parser::Addr<'_>| {
        let words = [person.name.as_deref(), person.address.as_deref()];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    address.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// As Outlook's files are told of.
fn sent(at: &DateTime) -> String {
    let moment = jiff::Timestamp::from_second(at.to_timestamp()).ok();
    moment.map_or_else(|| at.to_rfc822(), |moment| moment.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn line(words: &mut String, text: &str) {
    words.push_str(text.trim_end());
    words.push('\n');
}
