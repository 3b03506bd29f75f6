//! Mail: what is said, as text and as HTML, in one message that the mail service takes.
//!
//! Invariant: nothing that people typed can begin a header line. Addresses are [`EmailAddress`], names and subjects
//! are [`HeaderText`], names of headers are our own words.

use access::Keys;
use aws_sdk_ses::Client;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{MessageTag, RawMessage};
use domain::EmailAddress;
use domain::text::reorders_or_controls;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;

use crate::aws::Aws;
use crate::error::{During, StorageError};

const HEADER_CHARACTERS_MAX: usize = 200;

/// Text that stays within its header: one line, bounded, without what turns the reading direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    pub fn new(text: &str) -> Self {
        let plain: String = text.chars().map(|c| if reorders_or_controls(c) { ' ' } else { c }).collect();
        let words: Vec<&str> = plain.split_whitespace().collect();
        Self(words.join(" ").chars().take(HEADER_CHARACTERS_MAX).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One message to one person.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: EmailAddress,
    /// Shown beside the deployment's sender address.
    pub from_name: HeaderText,
    pub subject: HeaderText,
    pub text: String,
    pub html: String,
    /// By which the mail service's news of it are known; none for what nobody follows.
    pub tags: Vec<(&'static str, String)>,
    /// Further headers, such as `List-Unsubscribe`. Plain ASCII values are written as they are.
    pub headers: Vec<(&'static str, HeaderText)>,
}

impl Mail {
    /// The message as bytes.
    pub fn raw(&self, sender: &str) -> Result<Vec<u8>, StorageError> {
        let mut message = MessageBuilder::new()
            .from((self.from_name.as_str(), sender))
            .to(self.to.as_str())
            .subject(self.subject.as_str())
            // Nobody is to be answered by a machine because a machine wrote to them.
            .header("Auto-Submitted", Raw::new("auto-generated"))
            .text_body(self.text.as_str())
            .html_body(self.html.as_str());
        for (name, value) in &self.headers {
            message = message.header(*name, Raw::new(value.as_str()));
        }
        message.write_to_vec().during("write a mail")
    }
}

impl Aws {
    /// Sends with vended keys; the mail service's id of the message.
    pub async fn send_mail(&self, keys: &Keys, mail: &Mail) -> Result<String, StorageError> {
        self.send(&self.ses(keys), mail).await
    }

    /// Sends with the execution role, for the one function that may.
    pub async fn send_mail_as_function(&self, mail: &Mail) -> Result<String, StorageError> {
        self.send(&Client::new(self.own()), mail).await
    }

    async fn send(&self, ses: &Client, mail: &Mail) -> Result<String, StorageError> {
        let sender = &self.settings().mail_from;
        let message = RawMessage::builder().data(Blob::new(mail.raw(sender)?)).build().during("write a mail")?;
        let mut request = ses.send_raw_email().source(sender).destinations(mail.to.as_str()).raw_message(message);
        if !mail.tags.is_empty() {
            request = request.configuration_set_name(format!("{}-notices", self.settings().stack_prefix));
        }
        for (name, value) in &mail.tags {
            let tag = MessageTag::builder().name(*name).value(value).build().during("tag a mail")?;
            request = request.tags(tag);
        }
        let sent = request.send().await.during("send a mail")?;
        Ok(sent.message_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(from_name: &str, subject: &str, header: &str) -> String {
        let mail = Mail {
            to: EmailAddress::parse("ada@x.example").unwrap(),
            from_name: HeaderText::new(from_name),
            subject: HeaderText::new(subject),
            text: "Hello".into(),
            html: "<p>Hello</p>".into(),
            tags: Vec::new(),
            headers: vec![("List-Unsubscribe", HeaderText::new(header))],
        };
        String::from_utf8(mail.raw("no-reply@p.example").unwrap()).unwrap()
    }

    /// Whatever is in a name or subject, the header lines are the same ones.
    #[test]
    fn no_header_can_be_added() {
        let names = |raw: &str| -> Vec<String> {
            let head = raw.split("\r\n\r\n").next().unwrap_or_default().to_owned();
            let begins = |line: &&str| !line.starts_with([' ', '\t']);
            head.split("\r\n").filter(begins).map(|line| line.split(':').next().unwrap().to_owned()).collect()
        };
        let plain = names(&mail("Hartwell & Pryce", "Your link", "<https://x.example/u>"));
        for wanted in ["From", "To", "Subject", "Auto-Submitted", "List-Unsubscribe", "MIME-Version"] {
            assert!(plain.iter().any(|name| name == wanted), "{wanted} in {plain:?}");
        }
        for evil in
            ["a\r\nBcc: b@x.example", "a\nBcc: b@x.example", "a\rBcc: b@x.example", "\u{2028}Bcc: b", "x\0\r\n\r\nbody"]
        {
            let evil_too = names(&mail(evil, evil, evil));
            assert_eq!(plain, evil_too, "{evil:?}");
        }
    }

    #[test]
    fn both_forms_are_there() {
        let raw = mail("Zoë & Söhne", "Ihr Link", "<https://x.example/u>");
        for part in ["multipart/alternative", "text/plain", "text/html", "<no-reply@p.example>", "<ada@x.example>"] {
            assert!(raw.contains(part), "{part} in {raw}");
        }
    }

    #[test]
    fn header_text_is_one_short_line() {
        let check = |text: &str, want: &str| assert_eq!(HeaderText::new(text).as_str(), want, "{text:?}");
        check("  Hartwell\r\n & \u{202E}Pryce ", "Hartwell & Pryce");
        check("", "");
        assert_eq!(HeaderText::new(&"é".repeat(500)).as_str().chars().count(), HEADER_CHARACTERS_MAX);
    }
}
