//! The syntax that files, drawings and character maps of PDF share: tokens, and objects made of them.

use domain::limits;
use lopdf::{Dictionary, Object, StringFormat};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Integer(i64),
    Real(f32),
    Name(Vec<u8>),
    Text(Vec<u8>, StringFormat),
    ListStart,
    ListEnd,
    DictionaryStart,
    DictionaryEnd,
    Word(&'a [u8]),
}

impl Token<'_> {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Token::Integer(number) => Some(*number as f64),
            Token::Real(number) => Some(f64::from(*number)),
            _ => None,
        }
    }
}

/// What reading one file may still use up.
pub(super) struct Budget {
    values: usize,
    /// Bytes of the file, counted each time they are read: objects can be laid over each other.
    read_bytes: usize,
    unpacked_bytes: u64,
    spent: bool,
}

impl Budget {
    pub(super) fn new(file_bytes: usize) -> Self {
        Self {
            values: limits::PDF_VALUES_MAX,
            read_bytes: file_bytes.saturating_mul(4).saturating_add(1024 * 1024),
            unpacked_bytes: limits::PDF_OBJECTS_BYTES_MAX,
            spent: false,
        }
    }

    pub(super) fn value(&mut self) -> Option<()> {
        self.values = self.or_spent(self.values.checked_sub(1))?;
        Some(())
    }

    pub(super) fn read(&mut self, bytes: usize) -> Option<()> {
        self.read_bytes = self.or_spent(self.read_bytes.checked_sub(bytes))?;
        Some(())
    }

    pub(super) fn unpack(&mut self, bytes: usize) -> Option<()> {
        self.unpacked_bytes = self.or_spent(self.unpacked_bytes.checked_sub(bytes as u64))?;
        // What was unpacked is read as well.
        self.read_bytes = self.read_bytes.saturating_add(bytes.saturating_mul(2));
        Some(())
    }

    /// Nothing more can be read, and what was read is not the whole.
    pub(super) fn is_spent(&self) -> bool {
        self.spent
    }

    fn or_spent<T>(&mut self, left: Option<T>) -> Option<T> {
        self.spent |= left.is_none();
        left
    }
}

pub(super) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn from(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at: at.min(bytes.len()) }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next token. Stray closing brackets are passed over, as every reader does.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.skip_space();
            let first = self.peek()?;
            let second = self.bytes.get(self.at + 1).copied();
            let (token, length) = match (first, second) {
                (b'/', _) => return Some(self.name()),
                (b'(', _) => return Some(self.literal()),
                (b'<', Some(b'<')) => (Token::DictionaryStart, 2),
                (b'<', _) => return Some(self.hexadecimal()),
                (b'>', Some(b'>')) => (Token::DictionaryEnd, 2),
                (b'[', _) => (Token::ListStart, 1),
                (b']', _) => (Token::ListEnd, 1),
                (b'{' | b'}' | b')' | b'>', _) => {
                    self.at += 1;
                    continue;
                }
                _ => return Some(self.regular()),
            };
            self.at += length;
            return Some(token);
        }
    }

    /// The next object with everything inside it. None at a word that is no value, which stays unread.
    pub(super) fn object(&mut self, budget: &mut Budget) -> Option<Object> {
        self.nested(budget, limits::PDF_NESTING_MAX)
    }

    fn nested(&mut self, budget: &mut Budget, nesting: usize) -> Option<Object> {
        let nesting = nesting.checked_sub(1)?;
        budget.value()?;
        let before = self.at;
        let object = match self.next()? {
            Token::Integer(number) => self.reference(number).unwrap_or(Object::Integer(number)),
            Token::Real(number) => Object::Real(number),
            Token::Name(name) => Object::Name(name),
            Token::Text(text, format) => Object::String(text, format),
            Token::ListStart => Object::Array(self.list(budget, nesting)?),
            Token::DictionaryStart => Object::Dictionary(self.dictionary(budget, nesting)?),
            Token::Word(b"true") => Object::Boolean(true),
            Token::Word(b"false") => Object::Boolean(false),
            Token::Word(b"null") => Object::Null,
            Token::ListEnd | Token::DictionaryEnd | Token::Word(_) => {
                self.at = before;
                return None;
            }
        };
        Some(object)
    }

    fn list(&mut self, budget: &mut Budget, nesting: usize) -> Option<Vec<Object>> {
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek()? == b']' {
                self.at += 1;
                return Some(items);
            }
            items.push(self.nested(budget, nesting)?);
        }
    }

    fn dictionary(&mut self, budget: &mut Budget, nesting: usize) -> Option<Dictionary> {
        let mut entries = Dictionary::new();
        loop {
            match self.next()? {
                Token::Name(key) => {
                    // A key without a value, as careless programs write it, is a key left out.
                    if let Some(value) = self.nested(budget, nesting) {
                        entries.set(key, value);
                    }
                }
                Token::DictionaryEnd => return Some(entries),
                Token::Word(b"endobj" | b"stream") => return None,
                _ => budget.value()?,
            }
        }
    }

    /// `number generation R`, of which the number is read.
    fn reference(&mut self, number: i64) -> Option<Object> {
        let before = self.at;
        let found = match (u32::try_from(number), self.next(), self.next()) {
            (Ok(number), Some(Token::Integer(generation)), Some(Token::Word(b"R"))) => {
                u16::try_from(generation).ok().map(|generation| Object::Reference((number, generation)))
            }
            _ => None,
        };
        if found.is_none() {
            self.at = before;
        }
        found
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                    self.at += 1;
                }
            } else if !is_space(byte) {
                return;
            } else {
                self.at += 1;
            }
        }
    }

    /// Passes over the data of a picture inside a drawing, whose `BI` is read.
    pub(super) fn skip_inline_picture(&mut self) {
        while let Some(token) = self.next() {
            if token == Token::Word(b"ID") {
                break;
            }
        }
        let mut from = self.at;
        while let Some(end) = find(self.bytes, b"EI", from) {
            let before = end.checked_sub(1).and_then(|at| self.bytes.get(at));
            let after = self.bytes.get(end + 2);
            if before.is_none_or(|byte| is_space(*byte)) && after.is_none_or(|byte| is_space(*byte)) {
                self.at = end + 2;
                return;
            }
            from = end + 2;
        }
        self.at = self.bytes.len();
    }

    fn name(&mut self) -> Token<'a> {
        self.at += 1;
        let raw = self.run();
        let mut name = Vec::with_capacity(raw.len());
        let mut at = 0;
        while at < raw.len() {
            let escaped =
                (raw[at] == b'#').then(|| Some(hex(*raw.get(at + 1)?)? * 16 + hex(*raw.get(at + 2)?)?)).flatten();
            name.push(escaped.unwrap_or(raw[at]));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        Token::Name(name)
    }

    fn literal(&mut self) -> Token<'a> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 0usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' if open == 0 => break,
                b')' => open -= 1,
                b'\\' => {
                    text.extend(self.escaped());
                    continue;
                }
                _ => (),
            }
            text.push(byte);
        }
        Token::Text(text, StringFormat::Literal)
    }

    fn escaped(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                self.at += usize::from(self.peek() == Some(b'\n'));
                None
            }
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                Some(code as u8)
            }
            other => Some(other),
        }
    }

    fn hexadecimal(&mut self) -> Token<'a> {
        self.at += 1;
        let mut text = Vec::new();
        let mut half = None;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match (hex(byte), half.take()) {
                (None, kept) if byte != b'>' => half = kept,
                (None, kept) => {
                    text.extend(kept.map(|high: u8| high * 16));
                    break;
                }
                (Some(digit), Some(high)) => text.push(high * 16 + digit),
                (Some(digit), None) => half = Some(digit),
            }
        }
        Token::Text(text, StringFormat::Hexadecimal)
    }

    /// A number or a word.
    fn regular(&mut self) -> Token<'a> {
        let run = self.run();
        if !run.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')) {
            return Token::Word(run);
        }
        let text = std::str::from_utf8(run).unwrap_or_default();
        if let Ok(number) = text.parse::<i64>() {
            return Token::Integer(number);
        }
        // `1.2.3` and `--4` are found in real files; readers agree on going on.
        Token::Real(text.parse::<f32>().ok().filter(|number| number.is_finite()).unwrap_or_default())
    }

    fn run(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| is_space(*byte) || b"()<>[]{}/%".contains(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0c | 0)
}

pub(super) fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// The first place of a word at or after `from`.
pub(crate) fn find(bytes: &[u8], word: &[u8], from: usize) -> Option<usize> {
    let first = *word.first()?;
    let mut from = from;
    loop {
        from += bytes.get(from..)?.iter().position(|byte| *byte == first)?;
        if bytes[from..].starts_with(word) {
            return Some(from);
        }
        from += 1;
    }
}
