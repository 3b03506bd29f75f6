//! Messages saved by Outlook: the same of them as of other mails. A compound file with a stream per property, whose
//! name says which one it is and how it is written.

mod packed;

use domain::document::RejectReason;
use encoding_rs::Encoding;
use mail_parser::MessageParser;

use crate::bounded::Pages;
use crate::compound::{Compound, Folder};
use crate::mail::people;
use crate::rtf::of_code_page;
use crate::{page, rtf};

/// A message attached to a message attached to a message.
const NESTING_MAX: usize = 3;
const RECIPIENTS_MAX: usize = 1_000;

const PROPERTIES: &str = "__properties_version1.0";
const NAMES: &str = "__nameid_version1.0";
/// Where the properties of fixed size begin, by what holds them.
const HEAD_OF_MESSAGE: usize = 32;
const HEAD_OF_INNER_MESSAGE: usize = 24;
const HEAD_OF_PART: usize = 8;

// Properties, by their numbers.
const SUBJECT: u16 = 0x0037;
const SENT: u16 = 0x0039;
const HEADER: u16 = 0x007d;
const RECIPIENT_TYPE: u16 = 0x0c15;
const SENDER_NAME: u16 = 0x0c1a;
const SENDER_ADDRESS: u16 = 0x0c1f;
const DISPLAY_CC: u16 = 0x0e03;
const DISPLAY_TO: u16 = 0x0e04;
const DELIVERED: u16 = 0x0e06;
const BODY: u16 = 0x1000;
const BODY_RICH: u16 = 0x1009;
const BODY_HTML: u16 = 0x1013;
const NAME: u16 = 0x3001;
const ADDRESS: u16 = 0x3003;
const SMTP_ADDRESS: u16 = 0x39fe;
const ATTACHED_MESSAGE: &str = "__substg1.0_3701000D";
const FILE_NAME: u16 = 0x3704;
const LONG_FILE_NAME: u16 = 0x3707;
const BODY_CODE_PAGE: u16 = 0x3fde;
const CODE_PAGE: u16 = 0x3ffd;
const SENDER_SMTP_ADDRESS: u16 = 0x5d01;

/// Every message has the list of its properties, and the outermost one that of their names.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    let names = Compound::open(bytes).and_then(|mut file| file.names(Folder::ROOT)).unwrap_or_default();
    [PROPERTIES, NAMES].iter().all(|wanted| names.iter().any(|name| name == wanted))
}

pub(crate) fn read(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let mut file = Compound::open(bytes)?;
    let mut words = String::new();
    let mut message = Holder::of(&mut file, Folder::ROOT, HEAD_OF_MESSAGE)?.ok_or(RejectReason::Unreadable)?;
    message.write(NESTING_MAX, pages, &mut words)?;
    pages.count(1);
    pages.push(words);
    Ok(())
}

/// A message, recipient or attachment: whatever holds properties.
struct Holder<'a, 'b> {
    file: &'a mut Compound<'b>,
    folder: Folder,
    /// Those of fixed size.
    fixed: Vec<u8>,
    head: usize,
}

impl<'a, 'b> Holder<'a, 'b> {
    fn of(file: &'a mut Compound<'b>, folder: Folder, head: usize) -> Result<Option<Self>, RejectReason> {
        let fixed = file.read(folder, PROPERTIES)?;
        Ok(fixed.map(|fixed| Self { file, folder, fixed, head }))
    }

    fn write(&mut self, nesting: usize, pages: &Pages, words: &mut String) -> Result<(), RejectReason> {
        let alphabet = self.alphabet(CODE_PAGE).or(self.alphabet(BODY_CODE_PAGE)).unwrap_or(encoding_rs::WINDOWS_1252);
        if let Some(subject) = self.text(SUBJECT, alphabet)? {
            line(words, &format!("Subject: {subject}"));
        }
        let header = self.text(HEADER, alphabet)?.unwrap_or_default();
        let header = Header::of(&header);
        let name = self.text(SENDER_NAME, alphabet)?;
        let address = self.address(&[SENDER_SMTP_ADDRESS, SENDER_ADDRESS], alphabet)?;
        let sender = if address.is_some() { None } else { header.from };
        let sender = sender.unwrap_or_else(|| person(name, address));
        if !sender.is_empty() {
            line(words, &format!("From: {sender}"));
        }
        self.recipients([header.to, header.cc], alphabet, words)?;
        if let Some(sent) = self.moment(SENT).or_else(|| self.moment(DELIVERED)) {
            line(words, &format!("Date: {sent}"));
        }
        words.push('\n');
        let body = self.body(alphabet, pages)?;
        line(words, &body);
        for name in self.names("__attach_version1.0_#")? {
            if pages.over() {
                break;
            }
            self.attachment(&name, alphabet, nesting, pages, words)?;
        }
        Ok(())
    }

    /// Each with name and address; without addresses, what the mail's own header says, or the list that was shown.
    fn recipients(
        &mut self,
        from_header: [Option<String>; 2],
        alphabet: &'static Encoding,
        words: &mut String,
    ) -> Result<(), RejectReason> {
        let mut people: [Vec<String>; 2] = Default::default();
        for name in self.names("__recip_version1.0_#")?.into_iter().take(RECIPIENTS_MAX) {
            let Some(folder) = self.file.folder(self.folder, &name)? else { continue };
            let Some(mut recipient) = Holder::of(self.file, folder, HEAD_OF_PART)? else { continue };
            let name = recipient.text(NAME, alphabet)?;
            let address = recipient.address(&[SMTP_ADDRESS, ADDRESS], alphabet)?;
            match recipient.number(RECIPIENT_TYPE) {
                Some(2) => people[1].push(person(name, address)),
                // Whoever was told in secret stays secret.
                Some(3) => (),
                _ => people[0].push(person(name, address)),
            }
        }
        for (((field, shown), people), header) in
            [("To", DISPLAY_TO), ("Cc", DISPLAY_CC)].into_iter().zip(people).zip(from_header)
        {
            let addressed = people.iter().any(|person| person.contains('@'));
            let people = if addressed || header.is_none() && !people.is_empty() {
                Some(people.join(", "))
            } else if header.is_some() {
                header
            } else {
                self.text(shown, alphabet)?
            };
            if let Some(people) = people.filter(|people| !people.is_empty()) {
                line(words, &format!("{field}: {people}"));
            }
        }
        Ok(())
    }

    /// The first that is one: inside a company, people are named by where they stand in its directory.
    fn address(&mut self, properties: &[u16], alphabet: &'static Encoding) -> Result<Option<String>, RejectReason> {
        for property in properties {
            if let Some(address) = self.text(*property, alphabet)?.filter(|address| address.contains('@')) {
                return Ok(Some(address));
            }
        }
        Ok(None)
    }

    fn attachment(
        &mut self,
        name: &str,
        alphabet: &'static Encoding,
        nesting: usize,
        pages: &Pages,
        words: &mut String,
    ) -> Result<(), RejectReason> {
        let Some(folder) = self.file.folder(self.folder, name)? else { return Ok(()) };
        let Some(mut attached) = Holder::of(self.file, folder, HEAD_OF_PART)? else { return Ok(()) };
        for property in [LONG_FILE_NAME, FILE_NAME, NAME] {
            if let Some(name) = attached.text(property, alphabet)?.filter(|name| !name.is_empty()) {
                line(words, &format!("Attachment: {name}"));
                break;
            }
        }
        if nesting > 0
            && let Some(inner) = self.file.folder(folder, ATTACHED_MESSAGE)?
            && let Some(mut message) = Holder::of(self.file, inner, HEAD_OF_INNER_MESSAGE)?
        {
            message.write(nesting - 1, pages, words)?;
        }
        Ok(())
    }

    /// The plain text, else the web page, else the rich text: programs write one of them, or the same in several.
    fn body(&mut self, alphabet: &'static Encoding, pages: &Pages) -> Result<String, RejectReason> {
        if let Some(text) = self.text(BODY, alphabet)?.filter(|text| !text.trim().is_empty()) {
            return Ok(text);
        }
        let of_body = self.alphabet(BODY_CODE_PAGE).unwrap_or(alphabet);
        if let Some(html) = self.stream(BODY_HTML, "0102")? {
            return Ok(page::words(&of_body.decode(&html).0));
        }
        if let Some(html) = self.text(BODY_HTML, of_body)? {
            return Ok(page::words(&html));
        }
        match self.stream(BODY_RICH, "0102")? {
            Some(packed) => Ok(rtf::words(&packed::unpacked(&packed)?, pages)?.concat()),
            None => Ok(String::new()),
        }
    }

    /// In Unicode, or in the alphabet of the message.
    fn text(&mut self, property: u16, alphabet: &'static Encoding) -> Result<Option<String>, RejectReason> {
        let (bytes, alphabet) = match self.stream(property, "001F")? {
            Some(bytes) => (bytes, encoding_rs::UTF_16LE),
            None => match self.stream(property, "001E")? {
                Some(bytes) => (bytes, alphabet),
                None => return Ok(None),
            },
        };
        let text = alphabet.decode_without_bom_handling(&bytes).0;
        Ok(Some(text.trim_end_matches('\0').to_owned()))
    }

    fn stream(&mut self, property: u16, kind: &str) -> Result<Option<Vec<u8>>, RejectReason> {
        self.file.read(self.folder, &format!("__substg1.0_{property:04X}{kind}"))
    }

    fn names(&mut self, start: &str) -> Result<Vec<String>, RejectReason> {
        let mut names = self.file.names(self.folder)?;
        names.retain(|name| name.starts_with(start));
        names.sort_unstable();
        Ok(names)
    }

    fn alphabet(&self, property: u16) -> Option<&'static Encoding> {
        self.number(property).and_then(|number| of_code_page(i32::try_from(number).ok()?))
    }

    fn number(&self, property: u16) -> Option<u32> {
        self.fixed(property, 3).and_then(|value| u32::try_from(value & 0xffff_ffff).ok())
    }

    /// In world time; which zone the sender was in is not said.
    fn moment(&self, property: u16) -> Option<String> {
        const SECONDS_FROM_1601_TO_1970: i64 = 11_644_473_600;
        let ticks = i64::try_from(self.fixed(property, 0x40)?).ok()?;
        let moment = jiff::Timestamp::from_second(ticks / 10_000_000 - SECONDS_FROM_1601_TO_1970).ok()?;
        Some(moment.strftime("%Y-%m-%d %H:%M UTC").to_string())
    }

    fn fixed(&self, property: u16, kind: u16) -> Option<u64> {
        let rows = self.fixed.get(self.head..)?.chunks_exact(16);
        let two = |row: &[u8], at: usize| u16::from_le_bytes([row[at], row[at + 1]]);
        let row = rows.into_iter().find(|row| two(row, 0) == kind && two(row, 2) == property)?;
        row[8..].try_into().ok().map(u64::from_le_bytes)
    }
}

/// People by the header that the mail came with.
#[derive(Default)]
struct Header {
    from: Option<String>,
    to: Option<String>,
    cc: Option<String>,
}

impl Header {
    fn of(text: &str) -> Self {
        let Some(message) = MessageParser::default().parse_headers(text.as_bytes()) else { return Self::default() };
        Self { from: message.from().map(people), to: message.to().map(people), cc: message.cc().map(people) }
    }
}

fn person(name: Option<String>, address: Option<String>) -> String {
    let address = address.filter(|address| name.as_ref() != Some(address));
    [name, address].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn line(words: &mut String, text: &str) {
    words.push_str(text.trim_end());
    words.push('\n');
}
