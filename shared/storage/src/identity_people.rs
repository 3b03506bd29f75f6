//! The people behind addresses: which firms and companies an address belongs to, and the invitations it may take up.

use std::collections::BTreeMap;

use crypto::Mac;
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::permissions::Adjusted;
use domain::person::company::ByFirm;
use domain::{ClientId, EmailAddress, EventId, FirmId, Moment, PersonId, Role, SessionId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::check;
use crate::commit::{Change, Write};
use crate::error::StorageError;
use crate::identity::Identity;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};
use crate::vending::{ActsAs, MembershipRow};

/// The membership of those who run the platform.
pub const PLATFORM_MEMBERSHIP: &str = "PLATFORM";

/// One firm or company of an address, as the address's own list has it. What the person may do there is read in the
/// home, which the firm writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belonging {
    pub firm: FirmId,
    pub firm_name: String,
    /// `FIRM`, `PLATFORM` or a client's id.
    pub membership: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    pub role: Role,
    pub name: String,
    /// When the person took it up: from then on counts how long a second factor may be put off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_up_at: Option<Timestamp>,
}

/// Waits for the person to sign in once: written by the workers that make people, taken up here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    pub firm: FirmId,
    pub firm_name: String,
    pub membership: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    pub role: Role,
    pub name: String,
    pub email: EmailAddress,
    pub at: Timestamp,
}

/// Everything known of an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addressee {
    pub belongs: Vec<Belonging>,
    pub invited: Vec<InvitationRow>,
}

impl Addressee {
    /// The firm, where it is the same for all memberships and invitations.
    pub fn only_firm(&self) -> Option<FirmId> {
        let of_belonging = self.belongs.iter().map(|belonging| &belonging.firm);
        let mut firms = of_belonging.chain(self.invited.iter().map(|invited| &invited.firm));
        let first = firms.next()?;
        firms.all(|firm| firm == first).then(|| first.clone())
    }
}

/// A membership that holds: on the address's list, and active in the home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub firm: FirmId,
    pub firm_name: String,
    pub membership: String,
    pub row: MembershipRow,
    pub taken_up_at: Option<Timestamp>,
}

impl Standing {
    pub fn acts_as(&self) -> ActsAs {
        ActsAs { firm: self.firm.clone(), membership: self.membership.clone() }
    }
}

#[derive(Serialize, Deserialize)]
struct PersonRow {
    person: PersonId,
    email: EmailAddress,
}

/// The firm under which the platform's own people, and sessions before a choice, are kept.
pub fn platform_firm() -> FirmId {
    FirmId::from_bits(0)
}

impl Identity<'_> {
    pub async fn addressee(&self, mac: &Mac) -> Result<Addressee, StorageError> {
        let range = |pk: String, prefix| Range {
            pk,
            prefix,
            limit: Some(limits::MEMBERSHIPS_PER_PERSON_MAX),
            consistent: true,
            ..Range::default()
        };
        let (belongs, invited) = tokio::join!(
            query(&self.dynamo, self.table(), range(keys::address(mac), keys::MEMBERSHIPS)),
            query(&self.dynamo, self.table(), range(keys::invitations(mac), "")),
        );
        Ok(Addressee {
            belongs: belongs?.rows.into_iter().map(item::read).collect::<Result<_, _>>()?,
            invited: invited?.rows.into_iter().map(item::read).collect::<Result<_, _>>()?,
        })
    }

    /// The memberships that hold today, by the firms' and companies' names.
    pub async fn standings(&self, person: &PersonId, belongs: &[Belonging]) -> Result<Vec<Standing>, StorageError> {
        if belongs.is_empty() {
            return Ok(Vec::new());
        }
        let key = |b: &Belonging| (keys::home(&b.firm, person), keys::membership(&b.membership));
        let wanted: BTreeMap<(String, String), &Belonging> = belongs.iter().map(|b| (key(b), b)).collect();
        let table = &self.aws.settings().table_firm;
        let keys: Vec<Item> = wanted.keys().map(|(pk, sk)| item::key(pk, sk)).collect();
        let mut rows = Vec::with_capacity(keys.len());
        for keys in keys.chunks(limits::PAGE_ROWS_MAX) {
            rows.extend(check::batch(&self.dynamo, table, keys.to_vec()).await?);
        }
        let mut standings = Vec::new();
        for row in rows {
            let place = |name| item::text_of(&row, name).unwrap_or_default().to_owned();
            let Some(belonging) = wanted.get(&(place("pk"), place("sk"))) else { continue };
            let row: MembershipRow = item::read(row)?;
            if row.active {
                standings.push(Standing {
                    firm: belonging.firm.clone(),
                    firm_name: belonging.firm_name.clone(),
                    membership: belonging.membership.clone(),
                    row,
                    taken_up_at: belonging.taken_up_at,
                });
            }
        }
        standings.sort_by(|a, b| {
            let by =
                |s: &Standing| (s.firm_name.clone(), s.row.client_name.clone(), s.firm.clone(), s.membership.clone());
            by(a).cmp(&by(b))
        });
        Ok(standings)
    }

    /// Takes an invitation up on the way to a session. Doing it again changes nothing.
    pub async fn adopt(
        &self,
        mac: &Mac,
        person: &PersonId,
        invited: &InvitationRow,
        session: &SessionId,
        moment: &mut Moment,
    ) -> Result<Belonging, StorageError> {
        let belonging = Belonging {
            firm: invited.firm.clone(),
            firm_name: invited.firm_name.clone(),
            membership: invited.membership.clone(),
            client_name: invited.client_name.clone(),
            role: invited.role,
            name: invited.name.clone(),
            taken_up_at: Some(moment.now),
        };
        let taken = item::key(keys::invitations(mac), keys::invitation(&invited.firm, &invited.membership));
        let mut writes = self.belonging_rows(mac, person, &invited.email, &belonging)?;
        writes.push(Write::delete(self.table(), taken, Some(("attribute_exists(pk)", Item::new())))?);
        self.joined(person, &belonging, session, writes, moment).await?;
        Ok(belonging)
    }

    /// Gives an operator the platform's membership. The deployment's list of operators is the invitation.
    pub async fn admit_operator(
        &self,
        mac: &Mac,
        person: &PersonId,
        email: &EmailAddress,
        session: &SessionId,
        moment: &mut Moment,
    ) -> Result<Belonging, StorageError> {
        let name = email.as_str().split('@').next().unwrap_or_default().to_owned();
        let belonging = Belonging {
            firm: platform_firm(),
            firm_name: "Portico".to_owned(),
            membership: PLATFORM_MEMBERSHIP.to_owned(),
            client_name: None,
            role: Role::PlatformAdmin,
            name: name.clone(),
            taken_up_at: Some(moment.now),
        };
        let membership = MembershipRow {
            role: Role::PlatformAdmin,
            client: None,
            client_name: None,
            name,
            email: email.clone(),
            phone: None,
            active: true,
            ended_at: None,
            adjusted: Adjusted::default(),
            by_firm: ByFirm::default(),
            version: 1,
        };
        let home = keys::home(&belonging.firm, person);
        let home = item::row(home, keys::membership(PLATFORM_MEMBERSHIP), &membership)?;
        let mut writes = self.belonging_rows(mac, person, email, &belonging)?;
        writes.push(Write::create(&self.aws.settings().table_firm, home)?);
        self.joined(person, &belonging, session, writes, moment).await?;
        Ok(belonging)
    }

    fn belonging_rows(
        &self,
        mac: &Mac,
        person: &PersonId,
        email: &EmailAddress,
        belonging: &Belonging,
    ) -> Result<Vec<Write>, StorageError> {
        let row = PersonRow { person: person.clone(), email: email.clone() };
        let row = item::row(keys::address(mac), keys::PERSON, &row)?;
        let sk = keys::membership_of(&belonging.firm, &belonging.membership);
        let belongs = item::row(keys::address(mac), sk, belonging)?;
        Ok(vec![Write::overwrite(self.table(), row)?, Write::overwrite(self.table(), belongs)?])
    }

    /// Commits with its event; somebody who did it at the same time has done it.
    async fn joined(
        &self,
        person: &PersonId,
        belonging: &Belonging,
        session: &SessionId,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let object = Object::new("membership", &belonging.membership);
        let id = EventId::from_bits(moment.next_id());
        let who = Who::person(person.clone(), belonging.role, session.clone());
        let draft = Draft::new(id, moment.now, who, Act::InvitationAccepted, object);
        let chain = Chain::Person { firm: belonging.firm.clone(), person: person.clone() };
        match self.commit(Change { chain, draft, writes }).await {
            Err(StorageError::Stale) => Ok(()),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_firm_is_the_one_that_access_knows() {
        assert_eq!(platform_firm().as_str(), access::PLATFORM_FIRM);
    }
}
