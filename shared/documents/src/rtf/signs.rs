//! The signs that rich text is written in.

/// One sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign<'a> {
    Open,
    Close,
    /// What the group is for may be unknown to a program, which then passes it over.
    Optional,
    Word(&'a str, Option<i32>),
    Letter(char),
    /// Of a letter in the alphabet that holds here.
    Byte(u8),
}

pub(crate) struct Signs<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Signs<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How far it was read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn word(&mut self) -> Sign<'a> {
        let start = self.at;
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
        let length = self.bytes[start..].iter().take_while(|byte| is_letter(byte)).count();
        self.at += length;
        let name = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        let is_negative = self.peek(0) == Some(b'-') && self.peek(1).is_some_and(|byte| byte.is_ascii_digit());
        self.at += usize::from(is_negative);
        let mut number = None;
        while let Some(digit) = self.peek(0).filter(u8::is_ascii_digit) {
            let before = number.unwrap_or(0_i32);
            number = Some(before.saturating_mul(10).saturating_add(i32::from(digit - b'0')));
            self.at += 1;
        }
        // One space ends the word and is no part of the text.
        self.at += usize::from(self.peek(0) == Some(b' '));
        let number = number.map(|number| if is_negative { -number } else { number });
        if name == "bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            self.at = self.at.saturating_add(length).min(self.bytes.len());
        }
        Sign::Word(name, number)
    }

    /// What a backslash and this stand for. None: nothing.
    fn symbol(&mut self, symbol: u8) -> Option<Sign<'a>> {
        self.at += 1;
        Some(match symbol {
            b'\'' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit(self.peek(0))?, digit(self.peek(1))?);
                self.at += 2;
                Sign::Byte((high * 16 + low) as u8)
            }
            b'*' => Sign::Optional,
            b'~' => Sign::Letter('\u{a0}'),
            b'_' => Sign::Letter('-'),
            b'\\' | b'{' | b'}' => Sign::Letter(char::from(symbol)),
            b'\n' | b'\r' => Sign::Word("par", None),
            b'\t' => Sign::Word("tab", None),
            _ => return None,
        })
    }
}

impl<'a> Iterator for Signs<'a> {
    type Item = Sign<'a>;

    fn next(&mut self) -> Option<Sign<'a>> {
        loop {
            let byte = self.peek(0)?;
            self.at += 1;
            match byte {
                b'{' => return Some(Sign::Open),
                b'}' => return Some(Sign::Close),
                b'\n' | b'\r' | 0 => (),
                b'\\' => match self.peek(0)? {
                    letter if letter.is_ascii_alphabetic() => return Some(self.word()),
                    symbol => {
                        if let Some(sign) = self.symbol(symbol) {
                            return Some(sign);
                        }
                    }
                },
                byte => return Some(Sign::Byte(byte)),
            }
        }
    }
}
