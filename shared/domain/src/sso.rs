//! Single sign-on: a firm or a client's company has its own provider say who somebody is. Which addresses it may speak
//! for, whom it may let in, and what is left of the other ways in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::factors::{Means, Proven};
use crate::person::Membership;
use crate::{ConnectionId, EmailAddress, FirmId, Role, limits};

mod newcomers;

pub use newcomers::{Arrival, JoinOrder, Newcomer, Newcomers, NewcomersRefused, NotJoining, check_join};

/// A domain of addresses: `acme.example`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a domain as it stands in addresses, like company.com.")]
pub struct DomainRefused;

impl Domain {
    pub fn parse(text: &str) -> Result<Self, DomainRefused> {
        let text = text.trim().trim_start_matches('@').trim_end_matches('.').to_lowercase();
        // What is the domain of an address is a domain, and nothing else is.
        let address = EmailAddress::parse(&format!("a@{text}")).map_err(|_| DomainRefused)?;
        if text.len() > limits::DOMAIN_BYTES_MAX || text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(DomainRefused);
        }
        Ok(Self::of(&address))
    }

    pub fn of(address: &EmailAddress) -> Self {
        Self(address.as_str().rsplit('@').next().unwrap_or_default().to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the text record that proves it is looked for.
    pub fn record_name(&self) -> String {
        format!("_portico.{}", self.0)
    }
}

impl TryFrom<String> for Domain {
    type Error = DomainRefused;
    fn try_from(text: String) -> Result<Self, DomainRefused> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> String {
        domain.0
    }
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the record says.
pub fn record_value(token: &str) -> String {
    format!("portico-sso={token}")
}

/// Who vouched for a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vouched {
    /// The record was found.
    Dns,
    /// An operator saw to it.
    Platform,
}

/// A domain that a connection wants to speak for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub domain: Domain,
    /// In the record that is looked for.
    pub token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched: Option<Vouched>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
    /// People of this domain sign in in no other way.
    #[serde(default)]
    pub only: bool,
}

impl Claim {
    pub fn holds(&self) -> bool {
        self.vouched.is_some()
    }
}

/// A domain whose people sign in by one connection only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlyBy {
    pub firm: FirmId,
    pub whose: Membership,
}

/// One membership somebody could act as, for what a way in is worth there.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    pub firm: &'a FirmId,
    /// `FIRM`, `PLATFORM` or a client's id.
    pub membership: &'a str,
    pub role: Role,
}

impl OnlyBy {
    /// Whether the rule leaves this way in closed. Partners have one beside the provider, which may be down or set up
    /// wrong: whatever else proves them, but with a second factor.
    pub fn closes(&self, door: Door<'_>, first: Means, enrolled: bool) -> bool {
        let applies = *door.firm == self.firm && door.membership == self.whose.as_str();
        let beside = door.role == Role::Partner && enrolled;
        applies && first != Means::Sso && !beside
    }

    /// Whether a session that is there ends with the rule: it began in a way that is closed from then on. One of which
    /// nobody knows how it began is taken for one by mail.
    pub fn ends(&self, door: Door<'_>, proven: Option<&Proven>) -> bool {
        let first = proven.map_or(Means::Link, |proven| proven.first);
        // A passkey is two factors at once.
        let with_second = proven.is_some_and(|proven| proven.second.is_some() || proven.first == Means::Passkey);
        self.closes(door, first, with_second)
    }
}

/// What a session that a provider began is good for: the memberships of whoever set the provider up, and no other of the
/// same person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    pub firm: FirmId,
    /// `FIRM` or a client's id.
    pub membership: String,
    /// Which of their connections; rows from before this was written do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
}

impl Within {
    pub fn allows(&self, firm: &FirmId, membership: &str) -> bool {
        *firm == self.firm && membership == self.membership
    }

    /// The same of a session, which is nobody's yet before its person has chosen what to act as.
    pub fn reaches(&self, firm: &FirmId, membership: Option<&str>) -> bool {
        membership.is_some_and(|membership| self.allows(firm, membership))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_those_of_addresses() {
        for (text, want) in [
            (" Acme.Example ", Some("acme.example")),
            ("@acme.example", Some("acme.example")),
            ("acme.example.", Some("acme.example")),
            ("mail.acme-law.co.uk", Some("mail.acme-law.co.uk")),
            ("acme", None),
            ("acme..example", None),
            ("https://acme.example", None),
            ("a@b.example", None),
            ("*.example", None),
            ("acme.example&type=A", None),
            ("10.0.0.1", None),
            ("", None),
        ] {
            assert_eq!(Domain::parse(text).ok().as_ref().map(Domain::as_str), want, "{text:?}");
        }
        let address = EmailAddress::parse("ada@sub.acme.example").unwrap();
        // A claim of acme.example is none of its subdomains.
        assert_ne!(Domain::of(&address), Domain::parse("acme.example").unwrap());
    }

    #[test]
    fn only_by_the_provider_leaves_partners_a_way() {
        let (firm, other) = (FirmId::from_bits(1), FirmId::from_bits(2));
        let rule = OnlyBy { firm: firm.clone(), whose: Membership::Firm };
        let check = |firm: &FirmId, membership: &str, role, first, enrolled, closed: bool| {
            let door = Door { firm, membership, role };
            assert_eq!(rule.closes(door, first, enrolled), closed, "{membership} {role:?} {first:?} {enrolled}");
        };
        check(&firm, "FIRM", Role::Staff, Means::Link, true, true);
        check(&firm, "FIRM", Role::Staff, Means::Passkey, true, true);
        check(&firm, "FIRM", Role::Staff, Means::Sso, false, false);
        check(&firm, "FIRM", Role::Partner, Means::Link, false, true);
        check(&firm, "FIRM", Role::Partner, Means::Link, true, false);
        check(&firm, "FIRM", Role::Partner, Means::Passkey, true, false);
        // A client's company of the firm, and another firm, have their own rules.
        check(&firm, "01ARZ3NDEKTSV4RRFFQ69G5FAV", Role::ClientAdmin, Means::Link, false, false);
        check(&other, "FIRM", Role::Staff, Means::Link, false, false);
    }

    #[test]
    fn sessions_that_the_rule_would_not_let_begin_end_with_it() {
        let firm = FirmId::from_bits(1);
        let rule = OnlyBy { firm: firm.clone(), whose: Membership::Firm };
        let by = |first, second| Some(Proven { first, second, at: Timestamp::UNIX_EPOCH });
        for (role, proven, ends) in [
            (Role::Staff, by(Means::Sso, None), false),
            (Role::Staff, by(Means::Sso, Some(Means::Totp)), false),
            (Role::Staff, by(Means::Link, None), true),
            (Role::Staff, by(Means::Link, Some(Means::Totp)), true),
            (Role::Staff, by(Means::Passkey, None), true),
            (Role::Staff, None, true),
            // A partner's way beside the provider is one with a second factor.
            (Role::Partner, by(Means::Link, None), true),
            (Role::Partner, by(Means::Link, Some(Means::Totp)), false),
            (Role::Partner, by(Means::Passkey, None), false),
            (Role::Partner, None, true),
        ] {
            let door = Door { firm: &firm, membership: "FIRM", role };
            assert_eq!(rule.ends(door, proven.as_ref()), ends, "{role:?} {proven:?}");
        }
        let door = Door { firm: &firm, membership: "01ARZ3NDEKTSV4RRFFQ69G5FAV", role: Role::ClientMember };
        assert!(!rule.ends(door, None), "a client's company has a rule of its own");
    }

    #[test]
    fn a_provider_reaches_the_sessions_of_its_own_company_only() {
        let (firm, other) = (FirmId::from_bits(1), FirmId::from_bits(2));
        let company = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let within = Within { firm: firm.clone(), membership: company.to_owned(), connection: None };
        for (of, membership, reached) in [
            (&firm, Some(company), true),
            (&firm, Some("FIRM"), false),
            (&other, Some(company), false),
            (&firm, None, false),
        ] {
            assert_eq!(within.reaches(of, membership), reached, "{of} {membership:?}");
        }
    }
}
