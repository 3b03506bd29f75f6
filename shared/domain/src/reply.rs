//! Answers by mail: the address at which one person answers in one conversation, whether a mail is to be believed, and
//! what its writer is told where it was not taken.

use serde::{Deserialize, Serialize};

use crate::message::{BARE_WORDS, NewMessage, Topic};
use crate::text::{MessageText, TextRefused};
use crate::{ClientId, EmailAddress, FirmId, PersonId, ReplyId, limits};

mod files;

pub use files::{FilesRefused, MailedFile, is_worth_filing, line_for, news_of, project_of};

/// Stands at the top of every notice that can be answered. What a mail program puts below it is our own words.
pub const ANSWER_ABOVE: &str = "— Write your answer above this line —";
/// Every mail of ours that answers a mail carries it.
pub const LOOP_HEADER: &str = "X-Portico-Loop";
/// A reply address begins with it, in whichever letters.
const PREFIX: &str = "REPLY+";

/// Who answers where, by one address. It says nothing of it: the address is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyPlace {
    pub firm: FirmId,
    pub client: ClientId,
    pub topic: Topic,
    pub person: PersonId,
}

impl ReplyPlace {
    /// What is signed: the same place has the same address, and nobody without the key can make one for another place.
    pub fn signed_text(&self) -> String {
        format!("reply|{}|{}|{}|{}", self.firm, self.client, self.topic, self.person)
    }
}

impl ReplyId {
    /// The first half of a keyed hash of 32 bytes: 128 bits that nobody can guess. None where it is shorter than that.
    pub fn of_mac(mac: &[u8]) -> Option<Self> {
        Some(Self::from_bits(u128::from_be_bytes(mac.get(..16)?.try_into().ok()?)))
    }

    /// `reply+01k…@reply.example`, in small letters: some servers write what comes before the @ anew.
    pub fn address(&self, domain: &str) -> String {
        format!("{PREFIX}{self}@{domain}").to_ascii_lowercase()
    }

    /// From an envelope's recipient. None for any other address.
    pub fn of_address(address: &str, domain: &str) -> Option<Self> {
        let (local, host) = address.trim().rsplit_once('@')?;
        if !host.eq_ignore_ascii_case(domain) {
            return None;
        }
        Self::parse(local.to_ascii_uppercase().strip_prefix(PREFIX)?).ok()
    }
}

/// What the mail service found out about a mail. Source: AWS, "Contents of notifications for Amazon SES email receiving".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    Pass,
    Fail,
    Gray,
    ProcessingFailed,
    /// Not looked at, or a word that is not known here.
    #[default]
    #[serde(other)]
    Unknown,
}

/// All that the mail service found out about one mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    pub spam: Verdict,
    pub virus: Verdict,
    pub spf: Verdict,
    pub dkim: Verdict,
    pub dmarc: Verdict,
    /// The domain for which SPF was asked: that of the envelope's sender.
    pub envelope_domain: Option<String>,
}

impl Findings {
    /// Whether it is junk: nobody is answered, nothing is posted.
    pub fn are_of_junk(&self) -> bool {
        self.spam == Verdict::Fail || self.virus == Verdict::Fail
    }
}

/// A mail that came, to one reply address. Ids and findings: what it says lies where the mail service put it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailMessage {
    pub v: u32,
    /// The mail service's name of it.
    pub mail: String,
    pub reply: ReplyId,
    /// It is to no other address, so that it goes when this one has dealt with it.
    pub alone: bool,
    pub found: Findings,
}

/// A signature that a mail carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Whose it says that it is.
    pub domain: String,
    /// It would not hold if somebody changed whom the mail is to.
    pub covers_to: bool,
    pub covers_cc: bool,
}

/// Where a mail says of itself that it is to the address at which it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressed {
    To,
    Cc,
    Nowhere,
}

/// By what a mail may prove who sent it, and that it was sent here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proofs<'a> {
    /// The sender as its header names it.
    pub from: &'a EmailAddress,
    pub found: &'a Findings,
    pub signatures: &'a [Signature],
    pub addressed: Addressed,
}

impl Proofs<'_> {
    /// Whether the person wrote it, and to this conversation. Whoever has a mail of somebody's, signed for good, could bring it
    /// to an address that they know: so it names that address itself, in a field that each signature of the sender's covers
    /// (which of them held is not told); or it came from a server of the sender's own, which nobody else has.
    pub fn is_proven(&self) -> bool {
        let covers = |signature: &&Signature| match self.addressed {
            Addressed::To => signature.covers_to,
            Addressed::Cc => signature.covers_cc,
            Addressed::Nowhere => false,
        };
        let Some((_, domain)) = self.from.as_str().rsplit_once('@') else { return false };
        let own: Vec<&Signature> =
            self.signatures.iter().filter(|signature| is_aligned(&signature.domain, domain)).collect();
        let is_covered =
            self.signatures.len() <= limits::MAIL_SIGNATURES_MAX && !own.is_empty() && own.iter().all(covers);
        let is_meant = self.addressed != Addressed::Nowhere && (is_covered || self.is_by_envelope(domain));
        is_meant && self.is_of_sender(domain)
    }

    fn is_by_envelope(&self, domain: &str) -> bool {
        let envelope = self.found.envelope_domain.as_deref();
        self.found.spf == Verdict::Pass && envelope.is_some_and(|envelope| is_aligned(envelope, domain))
    }

    /// Whether it was sent by whom its header names. A domain's own policy decides where it has one; else the envelope or
    /// every signature has to be of the same domain as the header. Which of several signatures held is not told, so that
    /// one of somebody else's spoils them.
    fn is_of_sender(&self, domain: &str) -> bool {
        match self.found.dmarc {
            Verdict::Pass => return true,
            Verdict::Fail => return false,
            Verdict::Gray | Verdict::ProcessingFailed | Verdict::Unknown => (),
        }
        let by_signature = self.found.dkim == Verdict::Pass
            && (1..=limits::MAIL_SIGNATURES_MAX).contains(&self.signatures.len())
            && self.signatures.iter().all(|signature| is_aligned(&signature.domain, domain));
        self.is_by_envelope(domain) || by_signature
    }
}

/// The same domain, or one below the other: `mail.acme.example` speaks for `acme.example`. A single label, such as `com`,
/// speaks for nobody.
fn is_aligned(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let below = |low: &str, high: &str| {
        high.contains('.') && low.strip_suffix(high).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    below(&one, &other) || below(&other, &one)
}

/// Why what somebody wrote by mail was not taken, in words for whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyRefused {
    #[error(
        "From this address you cannot write in this conversation, so your mail was not added. Sign in to write to us."
    )]
    NotYours,
    #[error("Your mail says nothing above the text that it quotes, so there was nothing to add.")]
    Nothing,
    #[error(
        "Your mail is longer than {} characters, so it was not added. Please shorten it, or send it as a document.",
        limits::MESSAGE_CHARACTERS_MAX
    )]
    TooLong,
    #[error(
        "You cannot write in this conversation any more, so your mail was not added. Sign in to see what you can do."
    )]
    MayNotWrite,
    #[error("This conversation is full, so your mail was not added. Sign in to begin another one.")]
    Full,
    #[error(
        "You have written very many messages here, so your mail was not added. Wait ten minutes, then send it again."
    )]
    TooMany,
    #[error("Your words were added to the conversation. Your files were not, because {0}. Add them under Documents.")]
    Files(FilesRefused),
    #[error("Your mail had files and no words. The files were not added, because {0}. Add them under Documents.")]
    OnlyFiles(FilesRefused),
    #[error(
        "The files of your mail were added, and its words were not: this conversation takes no more at the moment. Sign in to \
         write to us."
    )]
    OnlyWords,
    #[error(
        "Your mail was added, but not all of its files: a message takes up to {} of them, and none that is empty. Add the \
         others under Documents.",
        limits::ATTACHMENTS_PER_MESSAGE_MAX
    )]
    SomeFiles,
    #[error(
        "A mail in your name came, and nothing proved that you sent it, so it was not added. If it was yours, sign in and write \
         there; if it was not, there is nothing to do."
    )]
    Unproven,
    #[error("Your mail could not be read, so it was not added. Sign in to write to us.")]
    Unreadable,
}

impl ReplyRefused {
    /// Of the mail that says so.
    pub fn subject(self) -> &'static str {
        match self {
            ReplyRefused::Files(_) | ReplyRefused::OnlyFiles(_) => "Your files were not added",
            ReplyRefused::SomeFiles => "Not all of your files were added",
            ReplyRefused::OnlyWords => "Your words were not added",
            _ => "Your mail was not added",
        }
    }

    /// Whether part of a mail was lost, and not the whole: each mail that it happens to is told of.
    pub fn is_of_files(self) -> bool {
        match self {
            ReplyRefused::Files(_) | ReplyRefused::OnlyFiles(_) | ReplyRefused::SomeFiles | ReplyRefused::OnlyWords => {
                true
            }
            ReplyRefused::NotYours
            | ReplyRefused::Nothing
            | ReplyRefused::TooLong
            | ReplyRefused::MayNotWrite
            | ReplyRefused::Full
            | ReplyRefused::TooMany
            | ReplyRefused::Unproven
            | ReplyRefused::Unreadable => false,
        }
    }

    /// In keys.
    pub fn name(self) -> &'static str {
        match self {
            ReplyRefused::NotYours => "not-yours",
            ReplyRefused::Nothing => "nothing",
            ReplyRefused::TooLong => "too-long",
            ReplyRefused::MayNotWrite => "may-not-write",
            ReplyRefused::Full => "full",
            ReplyRefused::TooMany => "too-many",
            ReplyRefused::Files(_) => "files",
            ReplyRefused::OnlyFiles(_) => "only-files",
            ReplyRefused::SomeFiles => "some-files",
            ReplyRefused::OnlyWords => "only-words",
            ReplyRefused::Unproven => "unproven",
            ReplyRefused::Unreadable => "unreadable",
        }
    }
}

/// The message that a mail's new words make; files need none.
pub fn message_of(new_words: &str, shortened: bool, has_files: bool) -> Result<NewMessage, ReplyRefused> {
    if shortened {
        return Err(ReplyRefused::TooLong);
    }
    let is_bare = has_files && new_words.trim().is_empty();
    match MessageText::parse(if is_bare { BARE_WORDS } else { new_words }) {
        Ok(text) => Ok(NewMessage { text, answer_wanted: false, attachments: Vec::new(), mentions: Vec::new() }),
        Err(TextRefused::TooLong { .. }) => Err(ReplyRefused::TooLong),
        Err(_) if new_words.trim().is_empty() => Err(ReplyRefused::Nothing),
        Err(_) => Err(ReplyRefused::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_again_and_no_other_is_taken_for_one() {
        let id = ReplyId::of_mac(&[0xab; 32]).unwrap();
        let address = id.address("reply.example");
        assert_eq!(address.split('@').next().map(str::len), Some("reply+".len() + 26));
        assert_eq!(address, address.to_lowercase());
        let check = |address: &str, want: Option<&ReplyId>| {
            assert_eq!(ReplyId::of_address(address, "reply.example").as_ref(), want, "{address}");
        };
        check(&address, Some(&id));
        check(&address.to_uppercase(), Some(&id));
        check(&address.replace("reply.example", "reply.example.evil"), None);
        check(&address.replace("reply+", ""), None);
        check(&address.replace("reply+", "reply-"), None);
        check("reply+@reply.example", None);
        check("reply", None);
        assert_eq!(ReplyId::of_mac(&[0; 15]), None);
    }

    #[test]
    fn every_part_of_a_place_is_signed() {
        let place = |n: [u128; 4]| ReplyPlace {
            firm: FirmId::from_bits(n[0]),
            client: ClientId::from_bits(n[1]),
            topic: Topic::Project(crate::ProjectId::from_bits(n[2])),
            person: PersonId::from_bits(n[3]),
        };
        let mut seen = std::collections::BTreeSet::from([place([1, 2, 3, 4]).signed_text()]);
        for other in [[9, 2, 3, 4], [1, 9, 3, 4], [1, 2, 9, 4], [1, 2, 3, 9], [2, 1, 3, 4]] {
            assert!(seen.insert(place(other).signed_text()), "{other:?}");
        }
        let general = ReplyPlace { topic: Topic::General, ..place([1, 2, 3, 4]) };
        assert!(seen.insert(general.signed_text()));
    }

    /// `dmarc spf envelope dkim signers`, for a mail from `ana@acme.example` that names its reply address in `To`, covered by
    /// every signature.
    fn check(said: &str, want: bool) {
        check_to(said, (Addressed::To, true), want);
    }

    fn check_to(said: &str, (addressed, covered): (Addressed, bool), want: bool) {
        let words: Vec<&str> = said.split(' ').collect();
        let verdict = |word: &str| serde_json::from_value(serde_json::json!(word)).unwrap();
        let domains = |word: &str| -> Vec<String> {
            word.split(',').filter(|domain| *domain != "-").map(str::to_owned).collect()
        };
        let from = EmailAddress::parse("ana@acme.example").unwrap();
        let (envelope, signers) = (domains(words[2]), domains(words[4]));
        let found = Findings {
            dmarc: verdict(words[0]),
            spf: verdict(words[1]),
            envelope_domain: envelope.first().cloned(),
            dkim: verdict(words[3]),
            ..Findings::default()
        };
        let signature = |domain| Signature { domain, covers_to: covered, covers_cc: covered };
        let signatures: Vec<Signature> = signers.into_iter().map(signature).collect();
        let proofs = Proofs { from: &from, found: &found, signatures: &signatures, addressed };
        assert_eq!(proofs.is_proven(), want, "{said} {addressed:?} {covered}");
    }

    #[test]
    fn a_mail_that_was_sent_elsewhere_proves_nothing_here() {
        let (signed, unsigned) = ("PASS FAIL - PASS acme.example", "PASS PASS acme.example FAIL -");
        for addressed in [Addressed::To, Addressed::Cc] {
            check_to(signed, (addressed, true), true);
            // Anybody could have put the address there.
            check_to(signed, (addressed, false), false);
            check_to(unsigned, (addressed, false), true);
            check_to("PASS PASS acme.example PASS list.example", (addressed, false), true);
            // What its domain's policy lets pass by somebody else's signature, or by one that cannot be read.
            check_to("PASS FAIL - PASS list.example", (addressed, true), false);
            check_to("PASS FAIL - PASS -", (addressed, true), false);
        }
        for said in [signed, unsigned] {
            check_to(said, (Addressed::Nowhere, true), false);
        }
    }

    #[test]
    fn a_signature_that_was_added_covers_nothing_for_another() {
        let from = EmailAddress::parse("ana@acme.example").unwrap();
        let found = Findings { dmarc: Verdict::Pass, dkim: Verdict::Pass, ..Findings::default() };
        let own = |covers_to| Signature { domain: "acme.example".into(), covers_to, covers_cc: false };
        let check = |signatures: &[Signature], want: bool| {
            let proofs = Proofs { from: &from, found: &found, signatures, addressed: Addressed::To };
            assert_eq!(proofs.is_proven(), want, "{signatures:?}");
        };
        check(&[own(true), own(true)], true);
        check(&[own(false), own(true)], false);
        check(&vec![own(true); limits::MAIL_SIGNATURES_MAX], true);
        // Behind so many one is not looked at.
        check(&vec![own(true); limits::MAIL_SIGNATURES_MAX + 1], false);
    }

    #[test]
    fn a_sender_is_proven_by_its_own_domain_alone() {
        check("PASS FAIL - PASS acme.example", true);
        check("PASS PASS acme.example FAIL -", true);
        check("FAIL PASS acme.example PASS acme.example", false);
        check("GRAY PASS acme.example FAIL -", true);
        check("GRAY PASS bounces.acme.example FAIL -", true);
        check("GRAY PASS evil.example FAIL -", false);
        check("GRAY PASS example FAIL -", false);
        check("GRAY PASS notacme.example FAIL -", false);
        check("GRAY PASS - FAIL -", false);
        check("GRAY FAIL acme.example FAIL acme.example", false);
        check("GRAY FAIL - PASS ACME.example", true);
        check("GRAY FAIL - PASS -", false);
        check("GRAY FAIL - PASS evil.example", false);
        check("GRAY FAIL - PASS acme.example,evil.example", false);
        check("GRAY FAIL - PASS mail.acme.example,acme.example", true);
        check("PROCESSING_FAILED GRAY acme.example PROCESSING_FAILED acme.example", false);
        check("SOMETHING_NEW PASS acme.example FAIL -", true);
        check("DISABLED FAIL - FAIL -", false);
    }

    #[test]
    fn only_words_make_a_message() {
        let check = |words: &str, shortened, want: Result<&str, ReplyRefused>| {
            let message = message_of(words, shortened, false);
            assert_eq!(message.as_ref().map(|new| new.text.as_str()), want.as_ref().copied(), "{words:?}");
        };
        assert_eq!(message_of(" \n", false, true).unwrap().text.as_str(), BARE_WORDS);
        check("Yes, Tuesday.", false, Ok("Yes, Tuesday."));
        check(" \n ", false, Err(ReplyRefused::Nothing));
        check("Yes", true, Err(ReplyRefused::TooLong));
        check(&"x".repeat(limits::MESSAGE_CHARACTERS_MAX + 1), false, Err(ReplyRefused::TooLong));
    }
}
