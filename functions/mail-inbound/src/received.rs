//! What the mail service tells of a mail: who it was for on the envelope, and what was found out about its sender.

use std::collections::BTreeSet;

use domain::reply::{Findings, Verdict};
use domain::{ReplyId, limits};
use serde::Deserialize;

/// `aws:ses`, version 1.0. The mail itself is not in it.
#[derive(Debug, Deserialize)]
pub struct Received {
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) ses: OneMail,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OneMail {
    mail: Envelope,
    receipt: Receipt,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    message_id: String,
    /// The envelope's sender; empty in a report of what could not be delivered.
    #[serde(default)]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    /// Of the envelope: what its header says of whom it is to, anybody may write.
    recipients: Vec<String>,
    #[serde(default)]
    spam_verdict: Found,
    #[serde(default)]
    virus_verdict: Found,
    #[serde(default)]
    spf_verdict: Found,
    #[serde(default)]
    dkim_verdict: Found,
    #[serde(default)]
    dmarc_verdict: Found,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
struct Found {
    status: Verdict,
}

impl OneMail {
    /// The mail service's name of it, which is that of its object. None for what is no such name.
    pub(crate) fn name(&self) -> Option<&str> {
        let name = self.mail.message_id.as_str();
        let fits = (1..=limits::PROVIDER_ID_CHARACTERS_MAX).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        fits.then_some(name)
    }

    /// Each reply address once. A mail to more of them than there are people in one conversation is to none.
    pub(crate) fn replies(&self, domain: &str) -> BTreeSet<ReplyId> {
        let found: BTreeSet<ReplyId> =
            self.receipt.recipients.iter().filter_map(|address| ReplyId::of_address(address, domain)).collect();
        if found.len() > limits::REPLY_ADDRESSES_PER_MAIL_MAX { BTreeSet::new() } else { found }
    }

    pub(crate) fn findings(&self) -> Findings {
        let receipt = &self.receipt;
        Findings {
            spam: receipt.spam_verdict.status,
            virus: receipt.virus_verdict.status,
            spf: receipt.spf_verdict.status,
            dkim: receipt.dkim_verdict.status,
            dmarc: receipt.dmarc_verdict.status,
            envelope_domain: self.mail.source.trim().rsplit_once('@').map(|(_, domain)| domain.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(changes: impl FnOnce(&mut serde_json::Value)) -> OneMail {
        let mut said = serde_json::json!({
            "mail": { "messageId": "6n4thuhcbhpfiuf25gshf70rss364fuejrvmqko1", "source": "ana@acme.example" },
            "receipt": {
                "recipients": ["reply+01arz3ndektsv4rrffq69g5fav@reply.example", "somebody@reply.example"],
                "spamVerdict": { "status": "PASS" },
                "dmarcVerdict": { "status": "SOMETHING_NEW" },
                "action": { "type": "Lambda" },
            },
        });
        changes(&mut said);
        serde_json::from_value(said).unwrap()
    }

    #[test]
    fn reads_what_it_knows_and_no_more() {
        let read = mail(|_| ());
        assert_eq!(read.name(), Some("6n4thuhcbhpfiuf25gshf70rss364fuejrvmqko1"));
        let want =
            Findings { spam: Verdict::Pass, envelope_domain: Some("acme.example".into()), ..Findings::default() };
        assert_eq!(read.findings(), want);
        let replies: Vec<String> = read.replies("reply.example").iter().map(ToString::to_string).collect();
        assert_eq!(replies, ["01ARZ3NDEKTSV4RRFFQ69G5FAV"]);
        assert!(read.replies("other.example").is_empty());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        for name in ["", "../other", "a/b", "a b", &"a".repeat(1_000)] {
            assert_eq!(mail(|said| said["mail"]["messageId"] = name.into()).name(), None, "{name}");
        }
    }

    #[test]
    fn a_mail_to_everybody_is_to_nobody() {
        let addresses = |count: u128| -> Vec<String> {
            (0..count).map(|n| ReplyId::from_bits(n).address("reply.example")).collect()
        };
        let count =
            |n: u128| mail(|said| said["receipt"]["recipients"] = addresses(n).into()).replies("reply.example").len();
        let most = limits::REPLY_ADDRESSES_PER_MAIL_MAX;
        assert_eq!((count(most as u128), count(most as u128 + 1)), (most, 0));
    }
}
