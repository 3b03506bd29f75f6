//! Newsletters: what a firm writes to all of its clients, or to some, about no work of theirs. A draft can be changed,
//! tried on its writer and thrown away; once sent it stays as it was.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::person::{FieldRefused, Fields};
use crate::text::{MessageText, Name, TextRefused};
use crate::{ClientId, NewsletterId, PersonId, Timestamp, limits};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newsletter {
    pub id: NewsletterId,
    pub letter: Letter,
    pub to: Recipients,
    /// By whom it was changed last, and when.
    pub written_by: PersonId,
    pub written_at: Timestamp,
    /// Of its words and of whom it is for: whoever changes or sends it says which one they saw.
    pub edition: u64,
    /// How often it was tried on its writer.
    #[serde(default)]
    pub tried: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// Of the row.
    pub version: u64,
}

/// What is read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Letter {
    /// The subject of the mail.
    pub subject: Name,
    /// Paragraphs with an empty line between them.
    #[schemars(with = "String")]
    pub text: MessageText,
}

impl Letter {
    pub fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.text.as_str().split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty())
    }
}

/// Which clients' people it goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Recipients {
    All,
    Chosen { clients: BTreeSet<ClientId> },
}

impl Recipients {
    pub fn include(&self, client: &ClientId) -> bool {
        match self {
            Recipients::All => true,
            Recipients::Chosen { clients } => clients.contains(client),
        }
    }
}

/// That it left, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Sent {
    pub by: PersonId,
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// How many clients there were to send it to.
    pub clients: usize,
}

/// A newsletter as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNewsletter {
    pub subject: String,
    pub text: String,
    /// `all`, or `chosen`.
    pub to: String,
    /// Ids of the chosen clients.
    #[serde(default)]
    pub clients: Vec<String>,
    /// The edition that was changed; of a new one none.
    #[serde(default)]
    pub edition: Option<u64>,
}

impl NewNewsletter {
    /// `known` are the firm's clients.
    fn parse(&self, known: &[ClientId]) -> Result<(Letter, Recipients), Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let subject = Name::parse(&self.subject).map_err(|why| match why {
            TextRefused::Empty => "Write a subject.".to_owned(),
            why => why.to_string(),
        });
        let subject = fields.take("subject", subject);
        let text = fields.take("text", MessageText::parse(&self.text));
        let to = match (self.to.as_str(), self.chosen(known)) {
            ("all", _) => Ok(Recipients::All),
            ("chosen", Some(clients)) if !clients.is_empty() => Ok(Recipients::Chosen { clients }),
            ("chosen", Some(_)) => Err(("clients", "Choose at least one client, or send it to all.")),
            ("chosen", None) => Err(("clients", "One of these clients is not there. Choose again.")),
            _ => Err(("to", "Choose who gets it.")),
        };
        let to = to.map_err(|(field, why)| fields.refuse(field, why)).ok();
        match (subject, text, to, fields.refused()) {
            (Some(subject), Some(text), Some(to), refused) if refused.is_empty() => Ok((Letter { subject, text }, to)),
            (.., refused) => Err(refused),
        }
    }

    /// A draft, to be changed.
    pub fn of(draft: &Newsletter) -> Self {
        let (to, clients) = match &draft.to {
            Recipients::All => ("all", Vec::new()),
            Recipients::Chosen { clients } => ("chosen", clients.iter().map(ToString::to_string).collect()),
        };
        Self {
            subject: draft.letter.subject.to_string(),
            text: draft.letter.text.as_str().to_owned(),
            to: to.to_owned(),
            clients,
            edition: Some(draft.edition),
        }
    }

    fn chosen(&self, known: &[ClientId]) -> Option<BTreeSet<ClientId>> {
        let parsed = self.clients.iter().map(|id| ClientId::parse(id).ok().filter(|id| known.contains(id)));
        parsed.collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NewsletterRefused {
    #[error("It has been sent, and stays as it is. Write another one.")]
    Sent,
    #[error("Somebody changed it meanwhile. Look at it again first.")]
    Changed,
    #[error("None of its clients is there any more. Choose others.")]
    Nobody,
    #[error("It was tried {} times. Send it, or write it anew.", limits::NEWSLETTER_TRIES_MAX)]
    TriedTooOften,
}

impl Newsletter {
    /// `id` is made when the form is, so that one form makes one draft, however often it comes.
    pub fn draft(
        id: NewsletterId,
        new: &NewNewsletter,
        known: &[ClientId],
        by: PersonId,
        now: Timestamp,
    ) -> Result<Self, Vec<FieldRefused>> {
        let (letter, to) = new.parse(known)?;
        Ok(Self { id, letter, to, written_by: by, written_at: now, edition: 1, tried: 0, sent: None, version: 1 })
    }

    fn next(&self) -> Result<Self, NewsletterRefused> {
        match self.sent {
            Some(_) => Err(NewsletterRefused::Sent),
            None => Ok(Self { version: self.version + 1, ..self.clone() }),
        }
    }

    /// The inner refusal is of what was typed.
    pub fn change(
        &self,
        new: &NewNewsletter,
        known: &[ClientId],
        by: PersonId,
        now: Timestamp,
    ) -> Result<Result<Self, Vec<FieldRefused>>, NewsletterRefused> {
        let next = self.next()?;
        if new.edition != Some(self.edition) {
            return Err(NewsletterRefused::Changed);
        }
        let edition = self.edition + 1;
        Ok(new.parse(known).map(|(letter, to)| Self { letter, to, written_by: by, written_at: now, edition, ..next }))
    }

    /// Its writer gets it by mail, as a client's people would.
    pub fn tried(&self) -> Result<Self, NewsletterRefused> {
        let next = self.next()?;
        if self.tried >= limits::NEWSLETTER_TRIES_MAX {
            return Err(NewsletterRefused::TriedTooOften);
        }
        Ok(Self { tried: self.tried + 1, ..next })
    }

    /// `seen` is the edition that whoever sends it has looked at.
    pub fn send(&self, seen: u64, known: &[ClientId], by: PersonId, now: Timestamp) -> Result<Self, NewsletterRefused> {
        let next = self.next()?;
        if seen != self.edition {
            return Err(NewsletterRefused::Changed);
        }
        let clients = known.iter().filter(|client| self.to.include(client)).count();
        if clients == 0 {
            return Err(NewsletterRefused::Nobody);
        }
        Ok(Self { sent: Some(Sent { by, at: now, clients }), ..next })
    }

    /// Whether it has left, and for this client among others.
    pub fn reaches(&self, client: &ClientId) -> bool {
        self.sent.is_some() && self.to.include(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(n: u128) -> ClientId {
        ClientId::from_bits(n)
    }

    fn new(to: &str, clients: &[u128]) -> NewNewsletter {
        NewNewsletter {
            subject: " New rules ".into(),
            text: "Dear clients,\n\n\n\nthere are new rules.\nRead them.\n".into(),
            to: to.into(),
            clients: clients.iter().map(|n| client(*n).to_string()).collect(),
            edition: None,
        }
    }

    fn draft(new: &NewNewsletter, known: &[ClientId]) -> Result<Newsletter, Vec<FieldRefused>> {
        Newsletter::draft(NewsletterId::from_bits(7), new, known, PersonId::from_bits(9), Timestamp::UNIX_EPOCH)
    }

    fn drafted(to: &str, clients: &[u128]) -> Newsletter {
        let known = [client(1), client(2), client(3)];
        draft(&new(to, clients), &known).unwrap()
    }

    #[test]
    fn what_was_typed_is_refused_at_its_field() {
        let check = |new: NewNewsletter, field: &str| {
            let refused = draft(&new, &[client(1)]).unwrap_err();
            assert_eq!(refused.iter().map(|one| one.field).collect::<Vec<_>>(), [field], "{new:?}");
        };
        check(NewNewsletter { subject: " ".into(), ..new("all", &[]) }, "subject");
        check(NewNewsletter { subject: "a\nb".into(), ..new("all", &[]) }, "subject");
        check(NewNewsletter { text: "\n".into(), ..new("all", &[]) }, "text");
        check(NewNewsletter { text: "x".repeat(limits::MESSAGE_CHARACTERS_MAX + 1), ..new("all", &[]) }, "text");
        check(new("some", &[]), "to");
        check(new("chosen", &[]), "clients");
        // Of another firm, or of none.
        check(new("chosen", &[1, 2]), "clients");
        check(NewNewsletter { clients: vec!["x".into()], ..new("chosen", &[]) }, "clients");
    }

    #[test]
    fn paragraphs_are_kept_and_lines_within_them() {
        let draft = drafted("all", &[]);
        assert_eq!(draft.letter.subject.as_str(), "New rules");
        let paragraphs: Vec<&str> = draft.letter.paragraphs().collect();
        assert_eq!(paragraphs, ["Dear clients,", "there are new rules.\nRead them."]);
    }

    #[test]
    fn it_reaches_those_for_whom_it_was_sent_and_stays_as_it_was() {
        let (by, known) = (PersonId::from_bits(9), [client(1), client(2), client(3)]);
        let check = |draft: Newsletter, want: [bool; 3]| {
            assert!(known.iter().all(|client| !draft.reaches(client)), "a draft reaches nobody");
            let sent = draft.send(draft.edition, &known, by.clone(), Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(known.each_ref().map(|client| sent.reaches(client)), want);
            let counted = want.iter().filter(|reached| **reached).count();
            assert_eq!(sent.sent.as_ref().map(|sent| sent.clients), Some(counted));
            let again = sent.send(sent.edition, &known, by.clone(), Timestamp::UNIX_EPOCH);
            assert_eq!(again, Err(NewsletterRefused::Sent));
            assert_eq!(sent.tried(), Err(NewsletterRefused::Sent));
            let changed = sent.change(&new("all", &[]), &known, by.clone(), Timestamp::UNIX_EPOCH);
            assert_eq!(changed, Err(NewsletterRefused::Sent));
        };
        check(drafted("all", &[]), [true; 3]);
        check(drafted("chosen", &[2]), [false, true, false]);
    }

    #[test]
    fn nobody_sends_what_they_have_not_seen_or_to_nobody() {
        let draft = drafted("chosen", &[2]);
        let send = |seen, known: &[ClientId]| draft.send(seen, known, PersonId::from_bits(9), Timestamp::UNIX_EPOCH);
        assert_eq!(send(draft.edition - 1, &[client(2)]), Err(NewsletterRefused::Changed));
        assert_eq!(send(draft.edition, &[client(1)]), Err(NewsletterRefused::Nobody));
        assert!(send(draft.edition, &[client(2)]).is_ok());
    }

    #[test]
    fn nobody_writes_over_what_they_have_not_seen_and_a_trial_changes_no_word() {
        let (by, known) = (PersonId::from_bits(9), [client(1), client(2), client(3)]);
        let first = drafted("all", &[]);
        let change = |of: &Newsletter, edition| {
            of.change(&NewNewsletter { edition, ..new("all", &[]) }, &known, by.clone(), Timestamp::UNIX_EPOCH)
        };
        let tried = first.tried().unwrap();
        assert_eq!((tried.edition, tried.version), (first.edition, first.version + 1));
        let second = change(&tried, Some(first.edition)).unwrap().unwrap();
        assert_eq!(second.edition, first.edition + 1);
        assert_eq!(change(&second, Some(first.edition)), Err(NewsletterRefused::Changed));
        assert_eq!(change(&second, None), Err(NewsletterRefused::Changed));
    }

    #[test]
    fn it_is_tried_so_often() {
        let mut draft = drafted("all", &[]);
        for _ in 0..limits::NEWSLETTER_TRIES_MAX {
            draft = draft.tried().unwrap();
        }
        assert_eq!(draft.tried(), Err(NewsletterRefused::TriedTooOften));
    }
}
