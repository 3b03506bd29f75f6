//! Bodies that are pages: their lines as people see them, and what the page says of each.
//!
//! Read in one pass without building the tree, as all pages are here. What marks a quote or a signature is an element
//! that is followed to its end by counting the elements of its name in it.

use super::line::{Line, PICTURE, Role, cleaned};
use crate::page;

/// Of a tag that is looked at. Behind it stand styles and addresses nobody needs.
const TAG_BYTES_MAX: usize = 4 * 1024;
const LINK_BYTES_MAX: usize = 2_000;
/// Quotes in quotes, lists in lists.
const OPEN_MAX: usize = 100;
const PICTURES_MAX: usize = 500;
/// A picture with such a text for those who cannot see it is a letter: a smiling face.
const LETTER_CHARACTERS_MAX: usize = 8;

/// What an element says of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Quoted,
    Indented,
    Attribution,
    Signature,
    Unseen,
    Preformatted,
}

struct Open {
    says: Says,
    name: String,
    /// Elements of the same name that are open in it, itself among them.
    depth: usize,
}

/// Appends the lines of a page, with marks for the pictures that it shows from the mail's own files; their ids go to
/// `pictures`.
pub(crate) fn lines(page: &str, lines: &mut Vec<Line>, pictures: &mut Vec<String>) {
    let page = cleaned(page);
    let mut reader = Reader { lines, pictures, line: String::new(), open: Vec::new(), lists: Vec::new(), link: None };
    let mut rest = page.as_str();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '<' => reader.tag(rest),
            '&' => page::letters(rest).map(|(letters, length)| {
                cleaned(&letters).chars().for_each(|letter| reader.letter(letter, true));
                length
            }),
            _ => None,
        };
        rest = match length {
            Some(length) => &rest[length..],
            None => {
                reader.letter(first, false);
                &rest[first.len_utf8()..]
            }
        };
    }
    reader.end_line();
}

struct Reader<'a> {
    lines: &'a mut Vec<Line>,
    pictures: &'a mut Vec<String>,
    line: String,
    open: Vec<Open>,
    /// The number that the next line of each open list has, if it has numbers.
    lists: Vec<Option<usize>>,
    /// Where the words of the open link begin in the line, and where it leads.
    link: Option<(usize, String)>,
}

impl Reader<'_> {
    fn says(&self, what: Says) -> bool {
        self.open.iter().any(|open| open.says == what)
    }

    fn letter(&mut self, letter: char, is_entity: bool) {
        if self.open.iter().any(|open| open.says == Says::Unseen) {
            return;
        }
        match letter {
            '\n' if !is_entity && self.open.last().is_some_and(|open| open.says == Says::Preformatted) => {
                self.end_line_always()
            }
            // Space is one space, unless it is said not to break.
            ' ' | '\t' | '\n' if !self.says(Says::Preformatted) => {
                if !self.line.is_empty() && !self.line.ends_with(' ') {
                    self.line.push(' ');
                }
            }
            '\u{a0}' => self.line.push(' '),
            letter => self.line.push(letter),
        }
    }

    /// How long the tag or comment is that begins here, with what nobody sees after it. None: only a sign for less.
    fn tag(&mut self, rest: &str) -> Option<usize> {
        if rest.starts_with("<!--") {
            return Some(rest.find("-->").map_or(rest.len(), |at| at + 3));
        }
        let inside = &rest[1..];
        if inside.starts_with(['!', '?']) {
            return Some(rest.find('>').map_or(rest.len(), |at| at + 1));
        }
        let closes = inside.starts_with('/');
        let name_start = inside.strip_prefix('/').unwrap_or(inside);
        if !name_start.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        let length = name_start.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b':').count();
        let name = name_start[..length.min(TAG_BYTES_MAX)].to_ascii_lowercase();
        let end = page::tag_end(rest);
        if closes {
            self.close(&name);
            return Some(end);
        }
        if matches!(name.as_str(), "script" | "style" | "title") {
            return Some(end + page::unseen(&rest[end..], &name));
        }
        self.begin(&name, &Attributes::of(&rest[1 + length..end]));
        Some(end)
    }

    fn begin(&mut self, name: &str, attributes: &Attributes<'_>) {
        match name {
            "br" => return self.end_line_always(),
            "img" => return self.picture(attributes),
            "a" => self.begin_link(attributes),
            "td" | "th" if !self.line.is_empty() => self.line.push(' '),
            _ if !is_inline(name) => self.end_line(),
            _ => (),
        }
        match name {
            "p" if !attributes.has_class("msonormal") => self.empty_line(),
            "ul" if self.lists.len() < OPEN_MAX => self.lists.push(None),
            "ol" if self.lists.len() < OPEN_MAX => self.lists.push(Some(1)),
            "li" => self.begin_item(),
            _ => (),
        }
        if let Some(role) = begins_quote(name, attributes) {
            self.end_line();
            self.lines.push(Line { role, ..self.empty() });
        }
        if let Some(open) = self.open.last_mut().filter(|open| open.name == name) {
            open.depth += 1;
        }
        if let Some(says) = says(name, attributes)
            && self.open.len() < OPEN_MAX
        {
            self.end_line();
            // It closes with its own tag, which is not the surrounding one's.
            if let Some(open) = self.open.last_mut().filter(|open| open.name == name) {
                open.depth -= 1;
            }
            self.open.push(Open { says, name: name.to_owned(), depth: 1 });
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.end_link(),
            "ul" | "ol" => {
                self.end_line();
                self.lists.pop();
            }
            _ if !is_inline(name) && !matches!(name, "td" | "th") => self.end_line(),
            _ => (),
        }
        let Some(open) = self.open.last_mut().filter(|open| open.name == name) else {
            if name == "p" {
                self.empty_line();
            }
            return;
        };
        open.depth -= 1;
        if open.depth == 0 {
            self.end_line();
            self.open.pop();
        }
    }

    /// A line without words that stands where this one will.
    fn empty(&self) -> Line {
        let role = if self.says(Says::Signature) {
            Role::Signature
        } else if self.says(Says::Attribution) {
            Role::Attribution
        } else {
            Role::Words
        };
        let quoted = self.open.iter().filter(|open| open.says == Says::Quoted).count();
        Line { text: String::new(), quoted, indented: self.says(Says::Indented), role }
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.end_line_always();
        }
    }

    fn end_line_always(&mut self) {
        if self.says(Says::Unseen) {
            return;
        }
        let text = std::mem::take(&mut self.line);
        self.link = self.link.take().map(|(_, address)| (0, address));
        self.lines.push(Line { text, ..self.empty() });
    }

    /// Between paragraphs.
    fn empty_line(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_blank()) {
            self.lines.push(self.empty());
        }
    }

    fn begin_item(&mut self) {
        self.end_line();
        let item = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        };
        item.chars().for_each(|letter| self.letter(letter, false));
    }

    fn picture(&mut self, attributes: &Attributes<'_>) {
        if let Some(id) = attributes.value("src").and_then(|source| source.strip_prefix("cid:"))
            && self.pictures.len() < PICTURES_MAX
        {
            self.line.push_str(&format!("{PICTURE}{}{PICTURE}", self.pictures.len()));
            self.pictures.push(id.to_owned());
            return;
        }
        let text = attributes.value("data-emoji").or(attributes.value("alt")).unwrap_or_default();
        let is_letter = !text.is_empty() && !text.contains(|c: char| c.is_ascii() || c.is_alphabetic());
        if is_letter && text.chars().count() <= LETTER_CHARACTERS_MAX {
            text.chars().for_each(|letter| self.letter(letter, false));
        }
    }

    fn begin_link(&mut self, attributes: &Attributes<'_>) {
        let leads = attributes.value("href").filter(|href| href.starts_with("http") && href.len() <= LINK_BYTES_MAX);
        self.link = leads.map(|href| (self.line.len(), href.to_owned()));
    }

    /// Where a link leads is part of what was written, unless its words say so.
    fn end_link(&mut self) {
        let Some((start, address)) = self.link.take() else {
            return;
        };
        let words = self.line.get(start..).unwrap_or_default().trim();
        let bare = |text: &str| {
            let text = text.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
            text.trim_end_matches('/').to_lowercase()
        };
        if !words.is_empty() && !words.contains(PICTURE) && bare(words) != bare(&address) && !self.says(Says::Unseen) {
            let space = if self.line.ends_with(' ') { "" } else { " " };
            self.line.push_str(&format!("{space}<{}>", cleaned(&address)));
        }
    }
}

/// What an element says that mail programs make for quotes and signatures.
fn says(name: &str, attributes: &Attributes<'_>) -> Option<Says> {
    let id = attributes.value("id").unwrap_or_default();
    let class = |class: &str| attributes.has_class(class);
    let style: String = attributes.value("style").unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    if style.contains("display:none") || attributes.has("hidden") {
        return Some(Says::Unseen);
    }
    if class("gmail_attr") || class("moz-cite-prefix") || id == "reply-intro" {
        return Some(Says::Attribution);
    }
    let is_signature = ["gmail_signature", "gmail_signature_prefix", "moz-signature", "protonmail_signature_block"];
    if is_signature.iter().any(|it| class(it)) || id == "Signature" || id == "x_Signature" {
        return Some(Says::Signature);
    }
    if attributes.value("class").is_some_and(|class| class.contains("yahoo_quoted")) || id == "AppleOriginalContents" {
        return Some(Says::Quoted);
    }
    match name {
        "blockquote" if attributes.is("type", "cite") || class("gmail_quote") || class("protonmail_quote") => {
            Some(Says::Quoted)
        }
        "blockquote" => Some(Says::Indented),
        "div" if attributes.is("name", "quote") => Some(Says::Quoted),
        "pre" => Some(Says::Preformatted),
        _ => None,
    }
}

/// What Microsoft's programs put where the quote begins. It has no end.
fn begins_quote(name: &str, attributes: &Attributes<'_>) -> Option<Role> {
    let id = attributes.value("id").unwrap_or_default();
    let begins = ["appendonsend", "divRplyFwdMsg", "OLK_SRC_BODY_SECTION", "mail-editor-reference-message-container"];
    if begins.contains(&id) || attributes.has_class("ms-outlook-mobile-reference-message") {
        return Some(Role::QuoteBegins);
    }
    let is_made_by_program = ["stopSpelling", "zwchr"].contains(&id) || attributes.is("tabindex", "-1");
    if name == "hr" && is_made_by_program {
        return Some(Role::Rule);
    }
    let style = attributes.value("style").unwrap_or_default().to_ascii_lowercase();
    let is_line = style.contains("border-top:solid") || style.contains("border-top: solid");
    let is_long_form = style.contains("border-top-style: solid") || style.contains("border-top: 1px solid");
    (name == "div" && (is_line || is_long_form)).then_some(Role::Rule)
}

fn is_inline(name: &str) -> bool {
    page::WITHIN_WORDS.contains(&name) || name == "img" || name.contains(':')
}

/// Names in small letters, values as they are written.
struct Attributes<'a>(Vec<(String, &'a str)>);

impl<'a> Attributes<'a> {
    fn of(tag: &'a str) -> Self {
        let mut end = tag.len().min(TAG_BYTES_MAX);
        while !tag.is_char_boundary(end) {
            end -= 1;
        }
        let mut rest = tag[..end].trim_end_matches('>');
        let mut all = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let name_end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            if rest.is_empty() {
                return Self(all);
            }
            let name = rest[..name_end].to_ascii_lowercase();
            rest = rest[name_end..].trim_start();
            let Some(after) = rest.strip_prefix('=') else {
                all.push((name, ""));
                continue;
            };
            let after = after.trim_start();
            let (value, length) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inside = &after[1..];
                    let end = inside.find(quote).unwrap_or(inside.len());
                    (&inside[..end], (end + 2).min(after.len()))
                }
                _ => {
                    let end = after.find(char::is_whitespace).unwrap_or(after.len());
                    (&after[..end], end)
                }
            };
            all.push((name, value));
            rest = &after[length..];
        }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.value(name).is_some_and(|given| given.eq_ignore_ascii_case(value))
    }

    fn has_class(&self, class: &str) -> bool {
        self.value("class").is_some_and(|all| all.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case(class)))
    }
}
