//! A firm's own rows, by a partner's role: clients, people, orders. No client's data lies here but names.

use std::collections::BTreeMap;

use access::{FirmScope, OnePerson};
use domain::audit::{Act, Chain, Draft, Object};
use domain::firm::Order;
use domain::permissions::{
    Adjusted, EndMemberships, ManageClients, ManagePeople, Name as PermissionName, Reach, ViewFirm,
};
use domain::person::{Membership, PersonOrder};
use domain::project::card::Card;
use domain::text::Name;
use domain::{ClientId, EmailAddress, EventId, Moment, OrderId, PersonId, Role, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::check::{self, Check};
use crate::commit::{self, AuditReceipt, Change, Lost, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::orders::OrderRow;
use crate::outlines;
use crate::query::{Range, query};
use crate::vending::MembershipRow;

/// A client as its firm lists it: there from the moment in which the client is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedClient {
    pub client: ClientId,
    pub name: Name,
    pub created_at: Timestamp,
}

/// A person as the firm lists it, once for each membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPerson {
    pub person: PersonId,
    /// `FIRM`, or a client's id.
    pub membership: String,
    pub name: String,
    pub email: EmailAddress,
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How many clients are assigned to it.
    #[serde(default)]
    pub assignments: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Of somebody whose access has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What was granted and taken beside the role.
    #[serde(flatten)]
    pub adjusted: Adjusted,
}

impl ListedPerson {
    pub fn is_active(&self) -> bool {
        self.ended_at.is_none()
    }

    pub fn belongs(&self) -> Membership {
        self.client.clone().map_or(Membership::Firm, Membership::Client)
    }
}

/// A firm's rows, as far as a partner's role goes.
pub struct FirmStore<'a, P> {
    pub(crate) aws: &'a Aws,
    pub(crate) scope: &'a FirmScope<P>,
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
    check: Check<'a>,
}

/// Rows of a list, and where the next page begins.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    pub rows: Vec<T>,
    pub next: Option<String>,
}

impl<'a, P: Send + Sync> FirmStore<'a, P> {
    pub fn open(aws: &'a Aws, scope: &'a FirmScope<P>) -> Self {
        let dynamo = aws.dynamo(&scope.vended().keys);
        Self { aws, scope, dynamo, check: Check::new(aws, scope.lease().unchecked()) }
    }

    /// Whether the keys reach the firm's own rows. Who may see its views and nothing else reads what is drawn of them.
    fn reaches_rows(&self) -> bool {
        let of_rows = |name: &PermissionName| name.reach() == Reach::Firm && *name != PermissionName::ViewFirm;
        let is_partner = self.scope.role() == Role::Partner;
        is_partner && PermissionName::ALL.iter().filter(|name| of_rows(name)).any(|name| self.scope.may(*name))
    }

    /// Every client of the firm, in the order in which they came: by the view that is drawn of them, and the newest of
    /// them, which may not be drawn yet, by their own rows.
    pub async fn clients(&self) -> Result<Vec<ListedClient>, StorageError> {
        let newest = Range {
            pk: self.pk(),
            prefix: keys::CLIENTS,
            newest_first: true,
            limit: Some(limits::CLIENTS_UNDRAWN_MAX),
            ..Range::default()
        };
        let drawn = outlines::names(&self.dynamo, self.table(), self.scope.firm());
        if !self.reaches_rows() {
            return self.check.beside(&self.dynamo, drawn).await;
        }
        let (drawn, newest) = tokio::join!(drawn, self.query(newest));
        let mut clients = drawn?;
        for row in newest?.rows {
            let listed: ListedClient = item::read(row)?;
            match clients.binary_search_by(|client| client.client.cmp(&listed.client)) {
                Ok(place) => clients[place] = listed,
                Err(place) => clients.insert(place, listed),
            }
        }
        Ok(clients)
    }

    pub async fn client(&self, client: &ClientId) -> Result<Option<ListedClient>, StorageError> {
        if !self.reaches_rows() {
            return Ok(self.clients().await?.into_iter().find(|listed| listed.client == *client));
        }
        self.get(self.pk(), keys::listed_client(client)).await?.map(item::read).transpose()
    }

    /// People of the firm, or of one client.
    pub async fn people_of(&self, membership: &Membership) -> Result<Vec<ListedPerson>, StorageError> {
        self.all(&keys::people_of(membership.as_str()), limits::PEOPLE_SEARCHED_MAX).await
    }

    /// Everybody, the people of clients by client, then the firm's own. `after` is the cursor of the page before.
    pub async fn people(&self, after: Option<&str>) -> Result<Listed<ListedPerson>, StorageError> {
        let after = match after.map(person_key) {
            Some(None) => return Ok(Listed { rows: Vec::new(), next: None }),
            after => after.flatten(),
        };
        let limit = Some(limits::PAGE_ROWS_MAX);
        let range = Range { pk: self.pk(), prefix: keys::PEOPLE, limit, after, ..Range::default() };
        let page = self.query(range).await?;
        let next = page.next.as_deref().and_then(|sk| sk.strip_prefix(keys::PEOPLE)).map(str::to_owned);
        Ok(Listed { rows: page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?, next })
    }

    /// Everybody, for a search by name.
    pub async fn everybody(&self) -> Result<Vec<ListedPerson>, StorageError> {
        self.all(keys::PEOPLE, limits::PEOPLE_SEARCHED_MAX).await
    }

    /// Those of these people whom the firm lists, by membership and person.
    pub async fn named(
        &self,
        wanted: &[(Membership, PersonId)],
    ) -> Result<BTreeMap<PersonId, ListedPerson>, StorageError> {
        let mut keys: Vec<String> =
            wanted.iter().map(|(membership, person)| keys::listed_person(membership.as_str(), person)).collect();
        keys.sort();
        keys.dedup();
        let rows: Vec<ListedPerson> = self.batch(&self.aws.settings().table_firm, self.pk(), keys).await?;
        Ok(rows.into_iter().map(|row| (row.person.clone(), row)).collect())
    }

    /// What a person is in this firm, by the person's own home; nothing for somebody who does not belong to it.
    pub async fn memberships(&self, person: &PersonId) -> Result<Vec<MembershipRow>, StorageError> {
        let pk = keys::home(self.scope.firm(), person);
        let limit = Some(limits::MEMBERSHIPS_PER_PERSON_MAX);
        let range = Range { pk, prefix: keys::MEMBERSHIPS, limit, ..Range::default() };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    /// The cards of these clients, as far as they have been drawn.
    pub async fn boards(&self, clients: &[ClientId]) -> Result<BTreeMap<ClientId, Card>, StorageError> {
        let pk = keys::clients_view(self.scope.firm());
        let keys = clients.iter().map(keys::board).collect();
        let rows: Vec<Card> = self.batch(&self.aws.settings().table_firm, pk, keys).await?;
        Ok(rows.into_iter().map(|card| (card.client.clone(), card)).collect())
    }

    pub async fn order(&self, order: &OrderId) -> Result<Option<OrderRow>, StorageError> {
        if !self.reaches_rows() {
            return Ok(None);
        }
        self.get(self.pk(), keys::order(order.as_str())).await?.map(item::read).transpose()
    }

    /// The newest orders, whatever became of them.
    pub async fn orders(&self) -> Result<Vec<OrderRow>, StorageError> {
        if !self.reaches_rows() {
            return Ok(Vec::new());
        }
        let range = Range {
            pk: self.pk(),
            prefix: keys::ORDERS,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            consistent: true,
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    pub(crate) fn pk(&self) -> String {
        keys::firm(self.scope.firm())
    }

    pub(crate) fn table(&self) -> &str {
        &self.aws.settings().table_firm
    }

    pub(crate) fn draft(&self, act: Act, object: Object, moment: &mut Moment) -> Draft {
        Draft::new(EventId::from_bits(moment.next_id()), moment.now, self.scope.who(), act, object)
    }

    /// The partner's own chain.
    pub(crate) fn own_chain(&self) -> Chain {
        Chain::Person { firm: self.scope.firm().clone(), person: self.scope.person().clone() }
    }

    pub(crate) async fn get(&self, pk: String, sk: String) -> Result<Option<Item>, StorageError> {
        let read = async {
            let request = self.dynamo.get_item().table_name(self.table()).set_key(Some(item::key(pk, sk)));
            Ok(request.consistent_read(true).send().await.during("read a firm's row")?.item)
        };
        self.check.beside(&self.dynamo, read).await
    }

    /// Rows of several partitions of the firm, consistently and at once.
    pub(crate) async fn rows(&self, wanted: Vec<Item>) -> Result<Vec<Item>, StorageError> {
        self.check.beside(&self.dynamo, check::batch(&self.dynamo, self.table(), wanted)).await
    }

    pub(crate) async fn query(&self, range: Range<'_>) -> Result<crate::query::Page, StorageError> {
        self.check.beside(&self.dynamo, query(&self.dynamo, self.table(), range)).await
    }

    async fn all<T: serde::de::DeserializeOwned>(&self, prefix: &str, rows_max: usize) -> Result<Vec<T>, StorageError> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = self.query(Range { pk: self.pk(), prefix, after, ..Range::default() }).await?;
            for row in page.rows {
                rows.push(item::read(row)?);
            }
            match page.next {
                Some(next) if rows.len() < rows_max => after = Some(next),
                _ => return Ok(rows),
            }
        }
    }

    async fn batch<T: serde::de::DeserializeOwned>(
        &self,
        table: &str,
        pk: String,
        keys: Vec<String>,
    ) -> Result<Vec<T>, StorageError> {
        let mut found = Vec::new();
        for keys in keys.chunks(limits::PAGE_ROWS_MAX) {
            let wanted = keys.iter().map(|sk| item::key(&pk, sk)).collect();
            let rows = self.check.beside(&self.dynamo, check::batch(&self.dynamo, table, wanted)).await?;
            for row in rows {
                found.push(item::read(row)?);
            }
        }
        Ok(found)
    }

    /// Writes an order once for each idempotency key; the order that was written then, if it was before.
    async fn put_order(
        &self,
        act: Act,
        object: Object,
        what: Order,
        once: Option<&str>,
        moment: &mut Moment,
    ) -> Result<OrderRow, StorageError> {
        // What only writes reads nothing beside which the scope would be checked again.
        self.check.beside(&self.dynamo, async { Ok(()) }).await?;
        let order = OrderId::from_bits(moment.next_id());
        let by = self.scope.person().clone();
        let row = OrderRow::new(order.clone(), by, what, moment.now);
        let mut writes = vec![Write::create(self.table(), item::row(self.pk(), keys::order(order.as_str()), &row)?)?];
        let repeated = once.map(|once| keys::repeated(self.scope.person(), once));
        if let Some(sk) = &repeated {
            let mut row = item::key(self.pk(), sk);
            row.insert("answer".to_owned(), item::text(order.as_str()));
            row.insert("ttl".to_owned(), item::number(moment.now.as_second() + limits::IDEMPOTENCY_SECONDS));
            let condition = Some(("attribute_not_exists(pk)", Item::new()));
            writes.push(Write::put(self.table(), row, condition, Lost::Repeated)?);
        }
        let draft = self.draft(act, object, moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        match commit::commit(&self.dynamo, self.aws.settings(), change).await {
            Ok(_) => Ok(row),
            Err(StorageError::DoneBefore(_)) => self.ordered_before(repeated.unwrap_or_default()).await,
            Err(error) => Err(error),
        }
    }

    async fn ordered_before(&self, sk: String) -> Result<OrderRow, StorageError> {
        let found = self.get(self.pk(), sk).await?;
        let order = found.as_ref().and_then(|row| OrderId::parse(item::text_of(row, "answer")?).ok());
        let order = order.ok_or(StorageError::Stale)?;
        self.order(&order).await?.ok_or(StorageError::Stale)
    }
}

impl FirmStore<'_, ManageClients> {
    pub async fn order_client(
        &self,
        name: Name,
        once: Option<&str>,
        moment: &mut Moment,
    ) -> Result<OrderRow, StorageError> {
        let client = ClientId::from_bits(moment.next_id());
        let object = Object::new("client", &client);
        self.put_order(Act::ClientOrdered, object, Order::Client { client, name }, once, moment).await
    }
}

impl FirmStore<'_, ManagePeople> {
    pub async fn order_person(
        &self,
        person: PersonOrder,
        once: Option<&str>,
        moment: &mut Moment,
    ) -> Result<OrderRow, StorageError> {
        // Who it becomes is known once the address has been looked up.
        let object = Object::new("membership", person.membership().as_str());
        self.put_order(Act::PersonInvited, object, Order::Person(person), once, moment).await
    }
}

impl FirmStore<'_, EndMemberships> {
    /// Nobody is to take the invitation up any more; the membership itself ends before this.
    pub async fn withdraw(
        &self,
        person: &PersonId,
        email: &EmailAddress,
        membership: &Membership,
        moment: &mut Moment,
    ) -> Result<OrderRow, StorageError> {
        let membership = membership.as_str().to_owned();
        let what = Order::Withdrawal { person: person.clone(), email: email.clone(), membership };
        self.put_order(Act::InvitationWithdrawn, Object::new("person", person), what, None, moment).await
    }
}

impl FirmStore<'_, ViewFirm> {
    /// Somebody is about to read a chain of the firm; the event comes before what it is about.
    pub async fn audit_viewed(&self, object: Object, moment: &mut Moment) -> Result<AuditReceipt, StorageError> {
        let draft = self.draft(Act::AuditViewed, object, moment);
        let change = Change { chain: self.own_chain(), draft, writes: Vec::new() };
        commit::commit(&self.dynamo, self.aws.settings(), change).await
    }
}

/// A list's cursor as a sort key, if it is one: a membership and a person.
fn person_key(cursor: &str) -> Option<String> {
    let (membership, person) = cursor.split_once('#')?;
    let (membership, person) = (Membership::parse(membership)?, PersonId::parse(person).ok()?);
    Some(keys::listed_person(membership.as_str(), &person))
}
