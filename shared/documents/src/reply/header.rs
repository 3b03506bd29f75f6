//! The header of a mail, judged before anything that it says is believed.
//!
//! Whoever proved its sender has read it as well, and may have read it otherwise: a line that one program skips and another takes
//! for the end, a name with a space in it, an address within a name. Where two readings are thinkable nobody is named.

use domain::email::EmailAddress;
use domain::limits;
use domain::reply::Signature;
use mail_parser::{Address, HeaderName, HeaderValue, Message};

/// The fields of a header as they stand in it.
pub(super) struct Fields<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Fields<'a> {
    /// None where a line is neither a field nor the continuation of one, or ends in another way than the others: RFC 5322, 2.2,
    /// without its obsolete forms.
    pub(super) fn of(header: &'a [u8], body: &[u8]) -> Option<Self> {
        let (mut fields, mut at) = (Vec::new(), 0);
        let lines = header.split_inclusive(|byte| *byte == b'\n');
        let is_whole = |bytes: &[u8]| bytes.ends_with(b"\r\n");
        let ends: &[u8] = if is_whole(lines.clone().next()?) { b"\r\n" } else { b"\n" };
        let has_other = lines.clone().any(|line| line.ends_with(b"\n") && is_whole(line) != is_whole(ends));
        // Who takes nothing else for the end of a line has not come to the end of the header yet.
        let goes_on = !is_whole(ends) && body.windows(2).any(is_whole);
        if has_other || goes_on {
            return None;
        }
        for line in lines {
            at += line.len();
            let line = line.strip_suffix(ends).unwrap_or(line);
            if line.is_empty() {
                break;
            }
            if line.iter().any(|byte| matches!(byte, b'\r' | 0)) || line.trim_ascii().is_empty() {
                return None;
            }
            if matches!(line[0], b' ' | b'\t') {
                let (_, value): &mut (&[u8], &[u8]) = fields.last_mut()?;
                // From where the value begins to where this line ends.
                let begun = value.as_ptr() as usize - header.as_ptr() as usize;
                *value = &header[begun..at];
                continue;
            }
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = &line[..colon];
            if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
                return None;
            }
            fields.push((name, &line[colon + 1..]));
        }
        Some(Self(fields))
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let is = move |field: &&(&[u8], &[u8])| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.0.iter().filter(is).map(|(_, value)| *value)
    }

    fn only(&self, name: &str) -> Option<&'a str> {
        let mut fields = self.named(name);
        let (first, None) = (fields.next()?, fields.next()) else { return None };
        std::str::from_utf8(first).ok()
    }

    /// The one address of the one sender, where nothing beside it could be taken for another one.
    pub(super) fn sender(&self, header: &Message<'_>) -> Option<EmailAddress> {
        let written = self.only("from")?;
        let Some(HeaderValue::Address(Address::List(people))) = header.header(HeaderName::From) else {
            // A group in place of a sender hides who wrote.
            return None;
        };
        let [person] = people.as_slice() else { return None };
        let from = EmailAddress::parse(person.address.as_deref()?).ok()?;
        let name = person.name.as_deref().unwrap_or_default();
        let mut addresses = addresses_in(written).chain(addresses_in(name));
        addresses.all(|address| address.eq_ignore_ascii_case(from.as_str())).then_some(from)
    }

    /// Of each `DKIM-Signature` the domain that signed, its tag `d`, and whether it covers whom the mail is to, by its tag `h`.
    /// RFC 6376, 3.5.
    pub(super) fn signatures(&self) -> Vec<Signature> {
        let signature = |field: &[u8]| {
            // What cannot be read is of no domain, and so of no sender's.
            let field = std::str::from_utf8(field).unwrap_or_default();
            let tag = |wanted: &str| -> String {
                let tags = field.split(';').filter_map(|tag| tag.split_once('='));
                let values = tags.filter(|(name, _)| name.trim() == wanted).flat_map(|(_, value)| value.chars());
                values.filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
            };
            let (domain, covered) = (tag("d"), tag("h"));
            let covers = |name: &str| covered.split(':').any(|one| one == name);
            Signature {
                domain: domain.chars().take(limits::EMAIL_BYTES_MAX).collect(),
                covers_to: covers("to"),
                covers_cc: covers("cc"),
            }
        };
        self.named("dkim-signature").take(limits::MAIL_SIGNATURES_MAX + 1).map(signature).collect()
    }

    /// Whom a field says that the mail is to: `To`, or `Cc`. Nobody where it stands there twice.
    pub(super) fn addressees(&self, name: &str, field: Option<&Address<'_>>) -> Vec<String> {
        if self.named(name).count() != 1 {
            return Vec::new();
        }
        let people = field.into_iter().flat_map(Address::iter);
        let addresses = people.filter_map(|person| person.address.as_deref());
        addresses.take(limits::MAIL_RECIPIENTS_MAX).map(str::to_ascii_lowercase).collect()
    }
}

/// Whatever in these words somebody could take for an address.
fn addresses_in(words: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "<>\"(),;:[]\\".contains(c);
    // Within an address an apostrophe is one of its signs.
    words
        .split(ends)
        .map(|word| word.trim_matches('\''))
        .filter(|word| word.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::super::{Reply, reply};

    fn read(header: &[u8]) -> Reply {
        reply(&[header, b"Subject: Re: x\r\n\r\nYes.\r\n"].concat()).unwrap()
    }

    #[test]
    fn nobody_is_named_where_a_header_can_be_read_in_two_ways() {
        let check = |header: &[u8], want: Option<&str>| {
            let from = read(header).from;
            assert_eq!(from.as_ref().map(|from| from.as_str()), want, "{}", String::from_utf8_lossy(header));
        };
        let ana = Some("ana@acme.example");
        check(b"From: Ana <ana@acme.example>\r\n", ana);
        check(b"from:\r\n Ana\r\n\t<ana@acme.example>\r\n", ana);
        check(b"From: \"ana@acme.example\" <Ana@acme.example>\r\n", ana);
        check("From: Ana M\u{fc}ller @ Acme <ana@acme.example>\r\n".as_bytes(), ana);
        check(b"From: =?utf-8?q?Ana_M=C3=BCller?= <ana@acme.example>\r\n", ana);
        check(b"From: O'Brien <o'brien@acme.example>\r\n", Some("o'brien@acme.example"));
        check(b"From: 'ana@acme.example' <ana@acme.example>\r\n", ana);
        check(b"From: 'x@evil.example' <ana@acme.example>\r\n", None);
        // Some take only the one for the end of a line, some both.
        check(b"X: a\nFrom: ana@acme.example\n\n\r\nFrom: x@evil.example\r\n", None);
        check(b"X: a\nFrom: ana@acme.example\r\n", None);
        // A name with a space in it, and a line that is no field before one that some take for the end.
        check(b"F rom: ana@acme.example\r\ngarbage\r\n \r\nFrom: x@evil.example\r\n", None);
        check(b"From : ana@acme.example\r\n", None);
        check(b"garbage\r\nFrom: ana@acme.example\r\n", None);
        check(b"From: ana@acme.example\r\nX: a\rFrom: x@evil.example\r\n", None);
        // More than one, in one way or another.
        check(b"From: ana@acme.example\r\nFrom: x@evil.example\r\n", None);
        check(b"From: x@evil.example, ana@acme.example\r\n", None);
        check(b"From: x@evil.example <ana@acme.example>\r\n", None);
        check(b"From: \"<x@evil.example>\" <ana@acme.example>\r\n", None);
        check(b"From: =?utf-8?q?<x@evil.example>?= <ana@acme.example>\r\n", None);
        check(b"From: =?utf-8?b?PHhAZXZpbC5leGFtcGxlPg==?= <ana@acme.example>\r\n", None);
        check(b"From: ana@acme.example (x@evil.example)\r\n", None);
        check(b"From: Us: ana@acme.example;\r\n", None);
        check(b"From: \xff <ana@acme.example>\r\n", None);
    }

    #[test]
    fn a_signature_says_whose_it_is_and_what_it_covers() {
        let check = |signature: &[u8], want: (&str, bool, bool)| {
            let header = [b"DKIM-Signature: ", signature, b"\r\nFrom: ana@acme.example\r\n"].concat();
            let found = read(&header).signatures;
            let [one] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!((one.domain.as_str(), one.covers_to, one.covers_cc), want);
        };
        check(b"v=1; d=Acme.example; h=from:to:cc:subject; b=abc", ("acme.example", true, true));
        check(b"v=1; d=acme.example;\r\n\th=From :\r\n\tTo; b=abc", ("acme.example", true, false));
        check(b"v=1; d=acme.example; b=abc", ("acme.example", false, false));
        check(b"v=1; d=acme.example; x=\xff; h=to", ("", false, false));
        check(b"v=1; d=acme.example; d=evil.example; h=to", ("acme.exampleevil.example", true, false));
    }

    #[test]
    fn a_mail_is_to_whom_its_one_field_names() {
        let check = |header: &str, to: &[&str], cc: &[&str]| {
            let read = read(format!("From: ana@acme.example\r\n{header}").as_bytes());
            assert_eq!(
                (read.to, read.cc),
                (to.iter().map(|a| (*a).to_owned()).collect(), cc.iter().map(|a| (*a).to_owned()).collect()),
                "{header}"
            );
        };
        check(
            "To: Us <Reply+1@r.example>, x@y.example\r\nCc: z@y.example\r\n",
            &["reply+1@r.example", "x@y.example"],
            &["z@y.example"],
        );
        check("To: Us: a@b.example, c@d.example;\r\n", &["a@b.example", "c@d.example"], &[]);
        check("To: a@b.example\r\nTo: reply+1@r.example\r\n", &[], &[]);
        check("", &[], &[]);
    }
}
