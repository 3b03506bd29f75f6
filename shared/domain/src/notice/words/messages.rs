//! What a mail says of messages: what was written, as long as the firm's mails say so at all.

use super::Reader;
use crate::limits;
use crate::text::MessageText;

/// Messages of one person in one conversation, the oldest first.
#[derive(Debug, Clone, Copy)]
pub struct MessagesTold<'a> {
    pub texts: &'a [&'a MessageText],
    /// None of the general conversation.
    pub project: Option<&'a str>,
    pub by: Option<&'a str>,
    /// It is the client's side that wrote.
    pub by_client: bool,
}

impl MessagesTold<'_> {
    pub(super) fn words(&self, reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
        let company = if self.by_client { reader.client_name } else { reader.firm_name };
        let who = self.by.map_or_else(|| company.to_owned(), |by| format!("{by} of {company}"));
        let about = self.project.map(|project| format!(" about {project}")).unwrap_or_default();
        let mut lines = vec![format!("{who} wrote{about}:")];
        let mut left = limits::MAIL_MESSAGE_CHARACTERS_MAX;
        for text in self.texts {
            for paragraph in text.as_str().split("\n\n") {
                let shown: String = paragraph.chars().take(left).collect();
                left -= shown.chars().count();
                let cut = shown.len() < paragraph.len();
                lines.push(if cut { format!("{}…", shown.trim_end()) } else { shown });
                if cut {
                    lines.push("Read the rest in the portal.".to_owned());
                    return (self.subject(who), lines, LINK);
                }
            }
        }
        (self.subject(who), lines, LINK)
    }

    fn subject(&self, who: String) -> String {
        let about = self.project.map(|project| format!(": {project}")).unwrap_or_default();
        match self.texts.len() {
            0 | 1 => format!("Message from {who}{about}"),
            more => format!("{more} messages from {who}{about}"),
        }
    }

    pub(super) fn nameless(&self) -> String {
        if self.texts.len() > 1 {
            format!("There are {} new messages", self.texts.len())
        } else {
            "There is a new message".to_owned()
        }
    }
}

const LINK: &str = "Read and answer";

#[cfg(test)]
mod tests {
    use super::super::{Told, nameless, words};
    use super::*;

    #[test]
    fn a_mail_repeats_what_was_written_up_to_its_bound() {
        let reader = Reader {
            of_client: true,
            firm_name: "Hartwell",
            client_name: "Acme",
            today: "2026-11-24".parse().unwrap(),
        };
        let one = MessageText::parse("Hello.\n\nCan you send the lease?\nBy Friday.").unwrap();
        let two = MessageText::parse(&"long ".repeat(1_000)).unwrap();
        let told = |texts: &[&MessageText]| {
            let told = MessagesTold { texts, project: Some("Lease review"), by: Some("Sam Staff"), by_client: false };
            (words(&Told::Messages(told), &reader), nameless(&Told::Messages(told), &reader))
        };
        let (words, quiet) = told(&[&one]);
        assert_eq!(words.subject, "Message from Sam Staff of Hartwell: Lease review");
        let want = ["Sam Staff of Hartwell wrote about Lease review:", "Hello.", "Can you send the lease?\nBy Friday."];
        assert_eq!(words.lines, want);
        assert_eq!(quiet.subject, "There is a new message");
        assert!(!format!("{quiet:?}").contains("lease"), "{quiet:?}");
        let (words, quiet) = told(&[&one, &two]);
        assert_eq!(words.subject, "2 messages from Sam Staff of Hartwell: Lease review");
        assert_eq!(words.lines.last().unwrap(), "Read the rest in the portal.");
        let characters: usize = words.lines[1..].iter().map(|line| line.chars().count()).sum();
        assert!(characters <= limits::MAIL_MESSAGE_CHARACTERS_MAX + 40, "{characters}");
        assert_eq!(quiet.subject, "There are 2 new messages");
    }
}
