//! People whom a provider vouches for and nobody invited: whether they come in, and as what.

use serde::{Deserialize, Serialize};

use crate::firm::OrderRefused;
use crate::person::{Member, Membership, PersonOrder};
use crate::{ConnectionId, EmailAddress, Role, Timestamp, limits, text::Name};

/// Whom a connection lets in for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Newcomers {
    /// Only who is invited.
    #[default]
    Invited,
    /// Whoever comes joins the firm as staff.
    Staff,
    /// Whoever comes joins the client's company as a member.
    ClientMember,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NewcomersRefused {
    #[error("Choose what becomes of people who come in for the first time.")]
    NoChoice,
    #[error("Whoever joins by this connection is staff. Partners are named by partners.")]
    NotOfFirm,
    #[error("Whoever joins by this connection is a member of the client. Admins are named by the firm or by an admin.")]
    NotOfClient,
}

impl Newcomers {
    /// What a connection of the firm or of this client may be set to. More than the least of its roles is given by
    /// people, never by a provider's word.
    pub fn parse(text: &str, whose: &Membership) -> Result<Self, NewcomersRefused> {
        let asked = match text {
            "invited" => return Ok(Newcomers::Invited),
            "staff" => Newcomers::Staff,
            "client_member" => Newcomers::ClientMember,
            _ if Role::parse(text).is_none() => return Err(NewcomersRefused::NoChoice),
            _ => return Err(Self::other(whose)),
        };
        if asked.role(whose).is_some() { Ok(asked) } else { Err(Self::other(whose)) }
    }

    fn other(whose: &Membership) -> NewcomersRefused {
        match whose {
            Membership::Firm => NewcomersRefused::NotOfFirm,
            Membership::Client(_) => NewcomersRefused::NotOfClient,
        }
    }

    /// What joining by a connection of the firm or of a client comes to.
    pub fn joining(whose: &Membership) -> Self {
        match whose {
            Membership::Firm => Newcomers::Staff,
            Membership::Client(_) => Newcomers::ClientMember,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Newcomers::Invited => "invited",
            Newcomers::Staff => "staff",
            Newcomers::ClientMember => "client_member",
        }
    }

    /// The role that somebody joins with; none where nobody joins, or where the choice is not one of this membership.
    pub fn role(self, whose: &Membership) -> Option<Role> {
        match (self, whose) {
            (Newcomers::Staff, Membership::Firm) => Some(Role::Staff),
            (Newcomers::ClientMember, Membership::Client(_)) => Some(Role::ClientMember),
            _ => None,
        }
    }
}

/// Somebody who is to join, as the function that heard the provider asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinOrder {
    pub connection: ConnectionId,
    #[serde(flatten)]
    pub person: PersonOrder,
}

/// Somebody whom a provider signed in and nobody invited.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    pub email: &'a EmailAddress,
    /// Whether the provider says that the address is verified, or proves it.
    pub verified: bool,
    /// As the provider has it, which may be no name.
    pub name: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotJoining {
    OnlyInvited,
    /// For whoever is invited a person vouches too; here nobody does but the provider, who has to say so.
    NotVerified,
}

impl JoinOrder {
    pub fn new(
        connection: &ConnectionId,
        newcomers: Newcomers,
        whose: &Membership,
        who: Newcomer<'_>,
    ) -> Result<Self, NotJoining> {
        let role = newcomers.role(whose).ok_or(NotJoining::OnlyInvited)?;
        if !who.verified {
            return Err(NotJoining::NotVerified);
        }
        let local = who.email.as_str().split('@').next().unwrap_or_default();
        let name = who.name.and_then(|said| Name::parse(said).ok()).or_else(|| Name::parse(local).ok());
        let name = name.ok_or(NotJoining::NotVerified)?;
        let client = whose.client().cloned();
        let person = PersonOrder { name, email: who.email.clone(), role, client, phone: None, mail_again: false };
        Ok(Self { connection: connection.clone(), person })
    }

    /// The order's name is made from its cause: however often and in however many tabs somebody comes at once, it is one
    /// order. After a while the same person may ask again, since what refused it may have changed.
    pub fn window(now: Timestamp) -> i64 {
        now.as_second().div_euclid(limits::SSO_JOIN_WINDOW_SECONDS)
    }
}

/// What a join order comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    New,
    /// Somebody made the person meanwhile, in whatever role: it stays what it is.
    Here,
}

/// Whether a join order can be carried out. Whoever writes such orders is the function that people reach from outside, so
/// that what they may be about is decided again where they are carried out.
pub fn check_join(order: &JoinOrder, client_exists: bool, known: Option<&Member>) -> Result<Arrival, OrderRefused> {
    let whose = order.person.membership();
    if Newcomers::joining(&whose).role(&whose) != Some(order.person.role) {
        return Err(OrderRefused::NotYours);
    }
    match known {
        // Access that a person ended is given again by a person.
        Some(known) if !known.active => Err(OrderRefused::Ended),
        Some(_) => Ok(Arrival::Here),
        None if order.person.client.is_some() && !client_exists => Err(OrderRefused::NoSuchClient),
        None => Ok(Arrival::New),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientId;
    use crate::permissions::Adjusted;

    fn client() -> Membership {
        Membership::Client(ClientId::from_bits(7))
    }

    #[test]
    fn the_choice_is_the_least_role_of_whose_connection_it_is() {
        let check = |text: &str, whose: &Membership, want| assert_eq!(Newcomers::parse(text, whose), want, "{text}");
        let (firm, client) = (Membership::Firm, client());
        check("invited", &firm, Ok(Newcomers::Invited));
        check("invited", &client, Ok(Newcomers::Invited));
        check("staff", &firm, Ok(Newcomers::Staff));
        check("client_member", &client, Ok(Newcomers::ClientMember));
        check("partner", &firm, Err(NewcomersRefused::NotOfFirm));
        check("client_member", &firm, Err(NewcomersRefused::NotOfFirm));
        check("platform_admin", &firm, Err(NewcomersRefused::NotOfFirm));
        check("client_admin", &client, Err(NewcomersRefused::NotOfClient));
        check("staff", &client, Err(NewcomersRefused::NotOfClient));
        check("", &firm, Err(NewcomersRefused::NoChoice));
        check("everybody", &client, Err(NewcomersRefused::NoChoice));
    }

    #[test]
    fn a_choice_that_is_stored_for_another_membership_lets_nobody_in() {
        assert_eq!(Newcomers::Staff.role(&client()), None);
        assert_eq!(Newcomers::ClientMember.role(&Membership::Firm), None);
        assert_eq!(Newcomers::Invited.role(&Membership::Firm), None);
    }

    fn asked(
        newcomers: Newcomers,
        whose: &Membership,
        verified: bool,
        name: Option<&str>,
    ) -> Result<JoinOrder, NotJoining> {
        let email = EmailAddress::parse("ada@acme.example").unwrap();
        JoinOrder::new(&ConnectionId::from_bits(1), newcomers, whose, Newcomer { email: &email, verified, name })
    }

    fn order(role: Role, whose: &Membership) -> JoinOrder {
        let made = asked(Newcomers::joining(whose), whose, true, None).unwrap();
        JoinOrder { person: PersonOrder { role, ..made.person.clone() }, ..made }
    }

    #[test]
    fn a_newcomer_is_called_as_the_provider_says_or_as_the_address_begins() {
        let named = |said| asked(Newcomers::Staff, &Membership::Firm, true, said).unwrap().person.name.to_string();
        assert_eq!(named(Some("Ada Okafor")), "Ada Okafor");
        assert_eq!(named(Some("  ")), "ada");
        assert_eq!(named(None), "ada");
    }

    #[test]
    fn who_may_ask_to_join() {
        let (firm, client) = (Membership::Firm, client());
        let check = |newcomers, whose: &Membership, verified, want: Result<Role, NotJoining>| {
            let found = asked(newcomers, whose, verified, None).map(|order| order.person.role);
            assert_eq!(found, want, "{newcomers:?} {whose:?} {verified}");
        };
        check(Newcomers::Staff, &firm, true, Ok(Role::Staff));
        check(Newcomers::ClientMember, &client, true, Ok(Role::ClientMember));
        check(Newcomers::Staff, &firm, false, Err(NotJoining::NotVerified));
        check(Newcomers::ClientMember, &client, false, Err(NotJoining::NotVerified));
        check(Newcomers::Invited, &firm, true, Err(NotJoining::OnlyInvited));
        check(Newcomers::Staff, &client, true, Err(NotJoining::OnlyInvited));
    }

    #[test]
    fn what_an_order_to_join_comes_to() {
        let known = |role, active| Member {
            name: "Ada".into(),
            email: EmailAddress::parse("ada@acme.example").unwrap(),
            role,
            phone: None,
            active,
            ended_at: None,
            adjusted: Adjusted::default(),
            by_firm: crate::person::company::ByFirm::default(),
            version: 3,
        };
        let check = |role, whose: &Membership, exists, known: Option<Member>, want| {
            assert_eq!(check_join(&order(role, whose), exists, known.as_ref()), want, "{role:?} {known:?}");
        };
        let (firm, client) = (Membership::Firm, client());
        check(Role::Staff, &firm, false, None, Ok(Arrival::New));
        check(Role::ClientMember, &client, true, None, Ok(Arrival::New));
        check(Role::ClientMember, &client, false, None, Err(OrderRefused::NoSuchClient));
        check(Role::Staff, &firm, false, Some(known(Role::Partner, true)), Ok(Arrival::Here));
        check(Role::Staff, &firm, false, Some(known(Role::Staff, false)), Err(OrderRefused::Ended));
        check(Role::ClientMember, &client, true, Some(known(Role::ClientAdmin, false)), Err(OrderRefused::Ended));
        // Whatever the order says, it makes nobody more than that.
        check(Role::Partner, &firm, false, None, Err(OrderRefused::NotYours));
        check(Role::ClientAdmin, &client, true, None, Err(OrderRefused::NotYours));
        check(Role::Staff, &client, true, None, Err(OrderRefused::NotYours));
    }

    #[test]
    fn the_same_order_within_a_window() {
        let window = |text: &str| JoinOrder::window(text.parse().unwrap());
        assert_eq!(window("2026-11-26T10:00:00Z"), window("2026-11-26T10:00:59Z"));
        assert_ne!(window("2026-11-26T10:00:59Z"), window("2026-11-26T10:01:00Z"));
    }
}
