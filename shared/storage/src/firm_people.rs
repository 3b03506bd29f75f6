//! Memberships as partners change them. The row in the person's home is the truth, which every request of that person
//! reads; the line in the firm's list goes with it in the same transaction.

use std::collections::BTreeMap;

use access::OnePerson;
use domain::audit::{Act, Chain, Object};
use domain::permissions::{Adjusted, ChangeRoles, EndMemberships, EndSessions, Name as PermissionName};
use domain::person::{Member, Membership};
use domain::{ClientId, Moment, PersonId, Role, SessionId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::commit::{self, Change, Lost, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::identity_sessions::SessionInHome;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;
use crate::vending::MembershipRow;

/// Sessions that end together with a membership: the transaction holds the assignments too.
const ENDED_AT_ONCE: usize = 25;

/// A membership, and what a change of it is decided from.
#[derive(Debug, Clone)]
pub struct MemberFacts {
    pub person: PersonId,
    pub membership: Membership,
    pub member: Member,
    pub client_name: Option<String>,
    /// Other active admins of the same client.
    pub other_admins: usize,
    /// Clients whose teams have to hear of a change.
    assigned: Vec<ClientId>,
}

/// A client that somebody works on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AssignedClient {
    pub client: ClientId,
    pub client_name: String,
    pub at: Timestamp,
    #[serde(default)]
    pub by: Option<PersonId>,
}

/// When somebody came in last, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSignIn {
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl<P: Send + Sync> FirmStore<'_, P> {
    /// Nothing for somebody who never belonged there.
    pub async fn member(
        &self,
        person: &PersonId,
        membership: &Membership,
    ) -> Result<Option<MemberFacts>, StorageError> {
        let row = self.get(keys::home(self.scope.firm(), person), keys::membership(membership.as_str()));
        let assigned = async {
            match membership {
                Membership::Firm => self.assigned_to(person).await,
                Membership::Client(_) => Ok(Vec::new()),
            }
        };
        let colleagues = async {
            match membership {
                Membership::Firm => Ok(Vec::new()),
                Membership::Client(_) => self.people_of(membership).await,
            }
        };
        let (row, assigned, colleagues) = tokio::join!(row, assigned, colleagues);
        let Some(row) = row? else { return Ok(None) };
        let row: MembershipRow = item::read(row)?;
        let speaks = |other: &&crate::ListedPerson| other.role == Role::ClientAdmin && other.is_active();
        let other_admins = colleagues?.iter().filter(speaks).filter(|other| other.person != *person).count();
        Ok(Some(MemberFacts {
            person: person.clone(),
            membership: membership.clone(),
            client_name: row.client_name.clone(),
            member: row.member(),
            other_admins,
            assigned: assigned?.into_iter().map(|one| one.client).collect(),
        }))
    }

    /// The clients assigned to somebody, by the rows that are the right itself.
    pub async fn assigned_to(&self, person: &PersonId) -> Result<Vec<AssignedClient>, StorageError> {
        let range = Range {
            pk: keys::home(self.scope.firm(), person),
            prefix: keys::ASSIGNMENTS,
            limit: Some(limits::ASSIGNMENTS_PER_PERSON_MAX),
            consistent: true,
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    /// Sessions of this firm that have not been ended, the newest first. One that nobody used for a while has lapsed
    /// by itself, which its row does not say.
    pub async fn sessions_of(&self, person: &PersonId) -> Result<Vec<(SessionId, SessionInHome)>, StorageError> {
        let range = Range {
            pk: keys::home(self.scope.firm(), person),
            prefix: keys::SESSIONS,
            newest_first: true,
            limit: Some(limits::SESSIONS_PER_PERSON_MAX),
            consistent: true,
            ..Range::default()
        };
        let mut sessions = Vec::new();
        for row in self.query(range).await?.rows {
            let id = item::text_of(&row, "sk").and_then(|sk| SessionId::parse(sk.strip_prefix(keys::SESSIONS)?).ok());
            if let Some(id) = id {
                sessions.push((id, item::read(row)?));
            }
        }
        Ok(sessions)
    }

    /// Those of these people who have ever come in.
    pub async fn last_sign_ins(&self, people: &[PersonId]) -> Result<BTreeMap<PersonId, LastSignIn>, StorageError> {
        let mut homes: BTreeMap<String, &PersonId> = BTreeMap::new();
        for person in people {
            homes.insert(keys::home(self.scope.firm(), person), person);
        }
        let wanted: Vec<Item> = homes.keys().map(|home| item::key(home, keys::LAST_SIGN_IN)).collect();
        let mut seen = BTreeMap::new();
        for some in wanted.chunks(limits::PAGE_ROWS_MAX) {
            for row in self.rows(some.to_vec()).await? {
                let person = item::text_of(&row, "pk").and_then(|home| homes.get(home).copied());
                if let Some(person) = person {
                    seen.insert(person.clone(), item::read(row)?);
                }
            }
        }
        Ok(seen)
    }
}

/// The permissions that change memberships, each its own acts.
pub trait ChangesMembers: Send + Sync {
    fn covers(act: Act) -> bool;
}

impl ChangesMembers for ChangeRoles {
    fn covers(act: Act) -> bool {
        matches!(act, Act::RoleChanged | Act::PermissionsChanged)
    }
}

impl ChangesMembers for EndMemberships {
    fn covers(act: Act) -> bool {
        matches!(act, Act::MembershipEnded | Act::MembershipReinstated)
    }
}

impl<P: ChangesMembers> FirmStore<'_, P> {
    /// A changed membership, its line in the list, and what makes the clients' teams be drawn anew. Whoever changes it
    /// has to be active still: of two partners who end each other at once, one stays. With a membership its sessions
    /// end.
    pub async fn save_member(
        &self,
        facts: &MemberFacts,
        next: &Member,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let act = match (facts.member.active, next.active) {
            (true, false) => Act::MembershipEnded,
            (false, true) => Act::MembershipReinstated,
            _ if facts.member.role != next.role => Act::RoleChanged,
            _ => Act::PermissionsChanged,
        };
        if !P::covers(act) {
            return Err(StorageError::bug("change a membership", "the permission is another"));
        }
        let (firm, person, membership) = (self.scope.firm(), &facts.person, &facts.membership);
        let home = keys::home(firm, person);
        let row = MembershipRow {
            client: membership.client().cloned(),
            client_name: facts.client_name.clone(),
            ..MembershipRow::of(next, None)
        };
        let row = item::row(&home, keys::membership(membership.as_str()), &row)?;
        let mut writes = vec![
            Write::replace(self.table(), row, facts.member.version)?,
            relisted(self.table(), self.pk(), person, membership, next)?,
            self.still_acts()?,
        ];
        for client in &facts.assigned {
            writes.push(touched(self.table(), &home, client)?);
        }
        if act == Act::MembershipEnded {
            writes.extend(self.sessions_ended(facts).await?);
        }
        let chain = match membership.client() {
            Some(client) => Chain::Client { firm: firm.clone(), client: client.clone() },
            None => self.own_chain(),
        };
        let draft = self.draft(act, Object::new("person", person).at_version(next.version), moment);
        commit::commit(&self.dynamo, self.aws.settings(), Change { chain, draft, writes }).await.map(|_| ())
    }

    async fn sessions_ended(&self, facts: &MemberFacts) -> Result<Vec<Write>, StorageError> {
        let home = keys::home(self.scope.firm(), &facts.person);
        let acts_as_it = |(_, row): &(SessionId, SessionInHome)| {
            row.membership.as_deref().is_none_or(|acts_as| acts_as == facts.membership.as_str())
        };
        let sessions = self.sessions_of(&facts.person).await?;
        let ended = sessions.into_iter().filter(acts_as_it).take(ENDED_AT_ONCE);
        ended.map(|(id, _)| Write::delete(self.table(), item::key(&home, keys::session(&id)), None)).collect()
    }

    fn still_acts(&self) -> Result<Write, StorageError> {
        let grant = &self.scope.vended().grant;
        let key = item::key(keys::home(&grant.firm, &grant.person), keys::membership(&grant.membership));
        let values = Item::from([
            (":yes".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true)),
            (":version".to_owned(), item::number(grant.membership_version)),
        ]);
        Write::check_that(self.table(), key, "active = :yes AND version = :version", values, Lost::Stale)
    }
}

impl FirmStore<'_, EndSessions> {
    /// Ends a session of somebody else: its next request finds it gone. Nothing where it is gone already.
    pub async fn end_session(
        &self,
        person: &PersonId,
        session: &SessionId,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let key = item::key(keys::home(self.scope.firm(), person), keys::session(session));
        let writes = vec![Write::delete(self.table(), key, None)?];
        let draft = self.draft(Act::SessionEndedByFirm, Object::new("person", person), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }
}

/// The person's line in the firm's list, as the membership is. A line keeps its count of assignments.
pub(crate) fn relisted(
    table: &str,
    pk: String,
    person: &PersonId,
    membership: &Membership,
    member: &Member,
) -> Result<Write, StorageError> {
    let mut values = Item::from([
        (":name".to_owned(), item::text(&member.name)),
        (":role".to_owned(), item::text(member.role.as_str())),
    ]);
    let mut set = vec!["#name = :name", "#role = :role"];
    let mut remove = Vec::new();
    let mut put =
        |name: &'static str, expression: &'static str, value: Option<aws_sdk_dynamodb::types::AttributeValue>| {
            match value {
                Some(value) => {
                    values.insert(format!(":{name}"), value);
                    set.push(expression);
                }
                None => remove.push(name),
            }
        };
    put("phone", "phone = :phone", member.phone.as_ref().map(item::text));
    put("ended_at", "ended_at = :ended_at", member.ended_at.map(|at| item::text(at.to_string())));
    let Adjusted { granted, removed } = &member.adjusted;
    put("granted", "granted = :granted", names(granted));
    put("removed", "removed = :removed", names(removed));
    let mut expression = format!("SET {}", set.join(", "));
    if !remove.is_empty() {
        expression += &format!(" REMOVE {}", remove.join(", "));
    }
    let key = item::key(pk, keys::listed_person(membership.as_str(), person));
    let aliases = [("#name", "name"), ("#role", "role")];
    Write::update(table, key, &expression, &aliases, values, Some("attribute_exists(pk)"))
}

fn names(of: &std::collections::BTreeSet<PermissionName>) -> Option<aws_sdk_dynamodb::types::AttributeValue> {
    let list = of.iter().map(|name| item::text(name.as_str())).collect();
    (!of.is_empty()).then_some(aws_sdk_dynamodb::types::AttributeValue::L(list))
}

/// A client's team is a copy of homes: touching the assignment lets the copy be made anew.
pub(crate) fn touched(table: &str, home: &str, client: &ClientId) -> Result<Write, StorageError> {
    let values = Item::from([(":one".to_owned(), item::number(1))]);
    let key = item::key(home, keys::assignment(client));
    Write::update(table, key, "ADD #version :one", &[("#version", "version")], values, Some("attribute_exists(pk)"))
}
