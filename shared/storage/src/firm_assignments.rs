//! Assignments: which staff work on which clients. The row in a person's home is the right itself: vending reads it,
//! every check beside a read repeats it, every write of staff depends on it.

use access::OnePerson;
use domain::audit::{Act, Chain, Object};
use domain::firm::Assignee;
use domain::permissions::AssignStaff;
use domain::{ClientId, Moment, PersonId, Role, limits};

use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::firm::{FirmStore, ListedClient, ListedPerson};
use crate::item::{self, Item};
use crate::keys;
use crate::vending::MembershipRow;

/// What an assignment is decided from.
#[derive(Debug, Clone)]
pub struct AssignmentFacts {
    pub person: PersonId,
    pub client: ListedClient,
    pub assignee: Assignee,
}

impl<P: Send + Sync> FirmStore<'_, P> {
    /// Which of these people are assigned to a client.
    pub async fn assigned(&self, client: &ClientId, people: &[PersonId]) -> Result<Vec<PersonId>, StorageError> {
        let sk = keys::assignment(client);
        let mut assigned = Vec::new();
        for people in people.chunks(limits::PAGE_ROWS_MAX) {
            let home = |person: &PersonId| keys::home(self.scope.firm(), person);
            let rows = self.rows(people.iter().map(|person| item::key(home(person), &sk)).collect()).await?;
            let is_there = |person: &&PersonId| {
                let home = home(person);
                rows.iter().any(|row| item::text_of(row, "pk") == Some(&home))
            };
            assigned.extend(people.iter().filter(is_there).cloned());
        }
        Ok(assigned)
    }
}

impl FirmStore<'_, AssignStaff> {
    /// Nothing where the firm has no such client, or nobody like that belongs to it.
    pub async fn assignment(
        &self,
        person: &PersonId,
        client: &ClientId,
    ) -> Result<Option<AssignmentFacts>, StorageError> {
        let home = keys::home(self.scope.firm(), person);
        let (membership, assignment) = (keys::membership(FIRM), keys::assignment(client));
        let (listed, listed_client) = (keys::listed_person(FIRM, person), keys::listed_client(client));
        let wanted = vec![
            item::key(&home, &membership),
            item::key(&home, &assignment),
            item::key(self.pk(), &listed),
            item::key(self.pk(), &listed_client),
        ];
        let mut rows = self.rows(wanted).await?;
        let mut take = |sk: &str| {
            let place = rows.iter().position(|row| item::text_of(row, "sk") == Some(sk))?;
            Some(rows.swap_remove(place))
        };
        let (membership, assigned, listed, client) =
            (take(&membership), take(&assignment).is_some(), take(&listed), take(&listed_client));
        let (Some(membership), Some(listed), Some(client)) = (membership, listed, client) else { return Ok(None) };
        let membership: MembershipRow = item::read(membership)?;
        let listed: ListedPerson = item::read(listed)?;
        let role = Some(membership.role).filter(|_| membership.active);
        let assignee = Assignee { role, assignments: listed.assignments, assigned };
        Ok(Some(AssignmentFacts { person: person.clone(), client: item::read(client)?, assignee }))
    }

    /// Assigns somebody, if nothing that was decided from has changed.
    pub async fn assign(&self, facts: &AssignmentFacts, moment: &mut Moment) -> Result<(), StorageError> {
        let AssignmentFacts { person, client, assignee } = facts;
        let row = serde_json::json!({
            "client": client.client,
            "client_name": client.name,
            "at": moment.now,
            "by": self.scope.person(),
            "version": 1,
        });
        let home = keys::home(self.scope.firm(), person);
        let row = item::row(home, keys::assignment(&client.client), &row)?;
        let writes = vec![
            Write::create(self.table(), row)?,
            self.count(person, assignee.assignments, assignee.assignments + 1, true)?,
        ];
        self.commit_assignment(Act::StaffAssigned, facts, writes, moment).await
    }

    /// Ends an assignment, if nothing that was decided from has changed.
    pub async fn unassign(&self, facts: &AssignmentFacts, moment: &mut Moment) -> Result<(), StorageError> {
        let AssignmentFacts { person, client, assignee } = facts;
        let key = item::key(keys::home(self.scope.firm(), person), keys::assignment(&client.client));
        let writes = vec![
            Write::delete(self.table(), key, Some(("attribute_exists(pk)", Item::new())))?,
            self.count(person, assignee.assignments, assignee.assignments.saturating_sub(1), false)?,
        ];
        self.commit_assignment(Act::StaffUnassigned, facts, writes, moment).await
    }

    /// The person's count moves with its rows, so that two partners together cannot exceed the bound; and somebody who
    /// became a partner meanwhile is not assigned.
    fn count(&self, person: &PersonId, from: usize, to: usize, must_be_staff: bool) -> Result<Write, StorageError> {
        let mut values = Item::from([(":from".to_owned(), item::number(from)), (":to".to_owned(), item::number(to))]);
        let mut condition = "assignments = :from".to_owned();
        let mut names = Vec::new();
        if must_be_staff {
            values.insert(":staff".to_owned(), item::text(Role::Staff.as_str()));
            names.push(("#role", "role"));
            condition += " AND #role = :staff";
        }
        let key = item::key(self.pk(), keys::listed_person(FIRM, person));
        Write::update(self.table(), key, "SET assignments = :to", &names, values, Some(&condition))
    }

    /// In the client's chain: whoever reads what happened to a client sees who could see it.
    async fn commit_assignment(
        &self,
        act: Act,
        facts: &AssignmentFacts,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let chain = Chain::Client { firm: self.scope.firm().clone(), client: facts.client.client.clone() };
        let draft = self.draft(act, Object::new("person", &facts.person), moment);
        commit::commit(&self.dynamo, self.aws.settings(), Change { chain, draft, writes }).await.map(|_| ())
    }
}

const FIRM: &str = domain::person::Membership::FIRM;
