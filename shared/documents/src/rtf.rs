//! Rich text: a page per page break that its writer asked for.
//!
//! Read in one pass over groups and signs. What a group is for stands at its start; groups for programs (fonts,
//! pictures, data) are passed over, and so is every group that its writer marked as one to pass over if unknown.

mod alphabets;
mod signs;

use std::collections::BTreeMap;

use domain::document::RejectReason;
use encoding_rs::Encoding;

use crate::bounded::Pages;
use crate::page;
use alphabets::of_charset;
pub(crate) use alphabets::of_code_page;
pub(crate) use signs::{Sign, Signs};

/// Groups inside groups. Programs write a few dozen.
const NESTING_MAX: usize = 10_000;
/// Signs between two looks at the time.
const SIGNS_BETWEEN_LOOKS: usize = 50_000;

/// Groups whose content is no text that somebody reads.
const UNSEEN: &[&str] = &[
    "stylesheet",
    "colortbl",
    "filetbl",
    "info",
    "pict",
    "objdata",
    "objclass",
    "fldinst",
    "datafield",
    "nonshppict",
    "shprslt",
    "sn",
    "sv",
    "xe",
    "tc",
    "rxe",
    "txe",
    "listtable",
    "listoverridetable",
    "revtbl",
    "template",
    "mhtmltag",
    "bkmkstart",
    "bkmkend",
    "atnid",
    "atnauthor",
    "atntime",
    "atnref",
    "atndate",
    "atnparent",
    "ffname",
    "ffdeftext",
    "ffformat",
    "ffhelptext",
    "ffstattext",
    "ffentrymcr",
    "ffexitmcr",
    "ffl",
    "mmathPict",
    "themedata",
    "falt",
    "panose",
    "background",
    "ftnsep",
    "ftnsepc",
    "ftncn",
    "aftnsep",
    "aftnsepc",
    "aftncn",
    "private",
    "keycode",
];
/// Groups marked as ones to pass over whose text is seen all the same.
const SEEN: &[&str] = &[
    "shppict",
    "shpinst",
    "shptxt",
    "shpgrp",
    "do",
    "dptxbxtext",
    "annotation",
    "moMath",
    "moMathPara",
    "mr",
    "htmltag",
    "footnote",
    "pntext",
    "ud",
    "nesttableprops",
];
/// Groups that stand within a line of text and are none of it.
const APART: &[&str] = &[
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "footnote",
    "annotation",
    "shptxt",
    "dptxbxtext",
];

pub(crate) fn starts_like_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\\rtf")
}

pub(crate) fn read(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let found = words(bytes, pages)?;
    pages.count(found.len());
    found.into_iter().all(|page| pages.push(page));
    Ok(())
}

/// The text by pages.
pub(crate) fn words(bytes: &[u8], pages: &Pages) -> Result<Vec<String>, RejectReason> {
    if !starts_like_one(bytes) {
        return Err(RejectReason::Unreadable);
    }
    let mut reading = Reading::default();
    for (count, sign) in Signs::of(bytes).enumerate() {
        if count % SIGNS_BETWEEN_LOOKS == 0 && pages.over() {
            break;
        }
        reading.take(sign)?;
    }
    reading.flush();
    let mut found = reading.pages;
    found.push(reading.page);
    // Mail programs wrap web pages into rich text, tags and all.
    Ok(if reading.is_web_page { vec![page::words(&found.concat())] } else { found })
}

/// What holds from the start of a group to its end.
#[derive(Clone, Copy, Default)]
struct Group {
    purpose: Purpose,
    /// The group began with the sign for "pass over if unknown".
    optional: bool,
    hidden: bool,
    /// The rich text's own copy of what a tag says.
    copy: bool,
    alphabet: Option<&'static Encoding>,
    /// Signs after a Unicode letter that stand for it where Unicode is not known. None: one.
    substitutes: Option<usize>,
    apart: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Purpose {
    #[default]
    Text,
    Fonts,
    Unseen,
    /// A tag of the web page that the text was made from.
    Tag,
}

#[derive(Default)]
struct Reading {
    group: Group,
    outer: Vec<Group>,
    /// The next sign says what the group is for.
    at_start: bool,
    fonts: BTreeMap<i32, &'static Encoding>,
    font: i32,
    default_font: i32,
    alphabet: Option<&'static Encoding>,
    /// Bytes of letters that are not complete yet: some alphabets take two for one.
    bytes: Vec<u8>,
    skip: usize,
    first_half: Option<u16>,
    is_web_page: bool,
    page: String,
    pages: Vec<String>,
}

impl Reading {
    fn take(&mut self, sign: Sign<'_>) -> Result<(), RejectReason> {
        let at_start = std::mem::take(&mut self.at_start);
        if self.skip > 0 {
            match sign {
                Sign::Open | Sign::Close => self.skip = 0,
                _ => {
                    self.skip -= 1;
                    return Ok(());
                }
            }
        }
        match sign {
            Sign::Byte(byte) if self.is_seen() => self.bytes.push(byte),
            Sign::Byte(_) => (),
            Sign::Open => {
                self.flush();
                if self.outer.len() >= NESTING_MAX {
                    return Err(RejectReason::TooMuchInside);
                }
                self.outer.push(self.group);
                self.group.optional = false;
                self.group.apart = false;
                self.at_start = true;
            }
            Sign::Close => {
                self.flush();
                if self.group.apart {
                    self.separate('\n');
                }
                // More ends than starts: the rest is read as if there were as many.
                self.group = self.outer.pop().unwrap_or(self.group);
            }
            Sign::Optional => {
                self.group.optional = at_start;
                self.at_start = at_start;
            }
            Sign::Letter(letter) => self.push(letter),
            Sign::Word(word, number) => {
                self.flush();
                self.word(word, number, at_start);
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &str, number: Option<i32>, at_start: bool) {
        let on = number != Some(0);
        if at_start {
            self.begin(word);
        }
        match word {
            "u" => self.unicode(number.unwrap_or(0)),
            "uc" => self.group.substitutes = Some(usize::try_from(number.unwrap_or(1)).unwrap_or(0)),
            "par" | "line" | "row" | "nestrow" | "sect" | "column" | "softline" => self.separate('\n'),
            "cell" | "nestcell" | "tab" => self.separate('\t'),
            "page" => self.end_page(),
            "emdash" => self.push('—'),
            "endash" => self.push('–'),
            "lquote" => self.push('‘'),
            "rquote" => self.push('’'),
            "ldblquote" => self.push('“'),
            "rdblquote" => self.push('”'),
            "bullet" => self.push('•'),
            "emspace" | "enspace" | "qmspace" => self.push(' '),
            "v" | "deleted" => self.group.hidden = on,
            "htmlrtf" => self.group.copy = on,
            "plain" => {
                self.group.hidden = false;
                self.group.alphabet = self.fonts.get(&self.default_font).copied();
            }
            "fromhtml" => self.is_web_page = true,
            "ansicpg" => self.alphabet = number.and_then(of_code_page),
            "mac" => self.alphabet = Some(encoding_rs::MACINTOSH),
            "deff" => self.default_font = number.unwrap_or(0),
            "f" if self.group.purpose == Purpose::Fonts => self.font = number.unwrap_or(0),
            "f" => self.group.alphabet = number.and_then(|font| self.fonts.get(&font).copied()),
            "fcharset" if self.group.purpose == Purpose::Fonts => {
                self.fonts.extend(number.and_then(of_charset).map(|alphabet| (self.font, alphabet)));
            }
            "cpg" if self.group.purpose == Purpose::Fonts => {
                self.fonts.extend(number.and_then(of_code_page).map(|alphabet| (self.font, alphabet)));
            }
            _ => (),
        }
    }

    /// The first word of a group says what it is for.
    fn begin(&mut self, word: &str) {
        if self.group.purpose == Purpose::Unseen {
            return;
        }
        if word == "fonttbl" {
            self.group.purpose = Purpose::Fonts;
        } else if word == "htmltag" {
            self.group.purpose = Purpose::Tag;
        } else if UNSEEN.contains(&word) || (self.group.optional && !SEEN.contains(&word)) {
            self.group.purpose = Purpose::Unseen;
        } else if APART.contains(&word) {
            self.separate(' ');
            self.group.apart = true;
            self.group.hidden = false;
        }
    }

    fn unicode(&mut self, number: i32) {
        self.skip = self.group.substitutes.unwrap_or(1);
        // Written as 16 bits with a sign, by some writers without it, by others as the whole number.
        let code = if number < 0 { number + 0x1_0000 } else { number };
        match u16::try_from(code) {
            Ok(unit) => {
                let half = self.first_half.take();
                match char::decode_utf16(half.into_iter().chain([unit])).next() {
                    Some(Ok(letter)) => self.push(letter),
                    _ if (0xd800..0xdc00).contains(&unit) => self.first_half = Some(unit),
                    _ => (),
                }
            }
            Err(_) => {
                if let Some(letter) = u32::try_from(code).ok().and_then(char::from_u32) {
                    self.push(letter);
                }
            }
        }
    }

    fn is_seen(&self) -> bool {
        matches!(self.group.purpose, Purpose::Text | Purpose::Tag) && !self.group.hidden && !self.group.copy
    }

    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        if self.is_seen() {
            let alphabet = self.group.alphabet.or(self.alphabet).unwrap_or(encoding_rs::WINDOWS_1252);
            let text = alphabet.decode_without_bom_handling(&bytes).0;
            text.chars().for_each(|letter| self.write(letter));
        }
    }

    fn push(&mut self, letter: char) {
        self.flush();
        if self.is_seen() {
            self.write(letter);
        }
    }

    /// Signs of a web page's text that its tags are made of are written as the page would.
    fn write(&mut self, letter: char) {
        match letter {
            '<' if self.is_web_page && self.group.purpose == Purpose::Text => self.page.push_str("&lt;"),
            '&' if self.is_web_page && self.group.purpose == Purpose::Text => self.page.push_str("&amp;"),
            letter => self.page.push(letter),
        }
    }

    fn separate(&mut self, space: char) {
        if self.is_seen() && !self.page.is_empty() && !self.page.ends_with(['\n', '\t']) {
            self.page.push(space);
        }
    }

    fn end_page(&mut self) {
        if self.is_seen() && !self.page.trim().is_empty() {
            self.pages.push(std::mem::take(&mut self.page));
        }
    }
}
