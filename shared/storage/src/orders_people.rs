//! Carrying out an order of a person: a membership in the person's home, an invitation under its address, a line in the
//! firm's list. One transaction, so that a repeated message finds the order closed.

use access::JobScope;
use crypto::Mac;
use domain::audit::{Act, Chain, Draft, Object};
use domain::firm::{OrderRefused, check_order};
use domain::person::{Member, Membership, PersonOrder, admit};
use domain::{ClientId, EventId, Moment, OrderId, PersonId, Role, limits};

use crate::aws::Aws;
use crate::brand::Brand;
use crate::commit::{self, Change, Write};
use crate::error::{During, StorageError};
use crate::firm::{ListedClient, ListedPerson};
use crate::identity_people::InvitationRow;
use crate::item::{self, Item};
use crate::keys;
use crate::orders::{self, OrderRow};
use crate::query::{Range, query};
use crate::vending::MembershipRow;

/// A firm's orders and homes, by the worker `people`.
pub struct PeopleStore<'a> {
    aws: &'a Aws,
    scope: &'a JobScope,
    dynamo: aws_sdk_dynamodb::Client,
}

/// What is known before a person is admitted.
struct Known {
    firm_name: String,
    client: Option<ListedClient>,
    member: Option<Member>,
    /// The clients assigned to the person.
    assigned: Vec<ClientId>,
    listed: bool,
}

impl<'a> PeopleStore<'a> {
    pub fn open(aws: &'a Aws, scope: &'a JobScope) -> Self {
        Self { aws, scope, dynamo: aws.dynamo(scope.keys()) }
    }

    pub async fn order(&self, order: &OrderId) -> Result<Option<OrderRow>, StorageError> {
        self.get(self.pk(), keys::order(order.as_str())).await?.map(item::read).transpose()
    }

    /// Carries the order out, or closes it with the reason why not.
    pub async fn admit(
        &self,
        order: &OrderRow,
        asked: &PersonOrder,
        moment: &mut Moment,
    ) -> Result<Result<PersonId, OrderRefused>, StorageError> {
        let mac = self.aws.address_mac(self.scope.keys(), &asked.email).await?;
        let person = PersonId::from_bits(mac.person_bits());
        let membership = asked.membership();
        let known = self.known(&person, &membership).await?;
        let is_partner = known.member.as_ref().is_some_and(|known| known.active && known.role == Role::Partner);
        let others = if is_partner { self.other_partners(&person).await? } else { 0 };
        if let Err(refused) = check_order(asked, known.client.is_some(), is_partner, others) {
            self.refuse(order, refused, moment).await?;
            return Ok(Err(refused));
        }
        let admitted = admit(known.member.as_ref(), asked);
        let mut writes = vec![self.listing(&person, &membership, &admitted, &known)?];
        if known.member.as_ref() != Some(&admitted) {
            writes.push(self.membership(&person, &membership, &admitted, &known)?);
            // A client's team is a copy of homes: touching the assignment lets the copy be made anew.
            for client in &known.assigned {
                writes.push(self.touch(&person, client)?);
            }
        }
        writes.push(self.invitation(&mac, &membership, &admitted, &known, moment)?);
        writes.push(orders::close(self.table(), self.pk(), &order.order, None, moment.now)?);
        let object = Object::new("membership", membership.as_str()).at_version(admitted.version);
        self.commit(&person, Act::PersonAdded, object, writes, true, moment).await?;
        Ok(Ok(person))
    }

    async fn refuse(&self, order: &OrderRow, why: OrderRefused, moment: &mut Moment) -> Result<(), StorageError> {
        let close = orders::close(self.table(), self.pk(), &order.order, Some(why), moment.now)?;
        // There may be no such person: whoever ordered it reads of it.
        self.commit(&order.by, Act::PersonAdded, Object::new("order", &order.order), vec![close], false, moment).await
    }

    async fn known(&self, person: &PersonId, membership: &Membership) -> Result<Known, StorageError> {
        let home = keys::home(self.scope.firm(), person);
        let client = async {
            match membership.client() {
                Some(client) => self.get(self.pk(), keys::listed_client(client)).await,
                None => Ok(None),
            }
        };
        let assigned = async {
            match membership {
                Membership::Firm => self.assigned(home.clone()).await,
                Membership::Client(_) => Ok(Vec::new()),
            }
        };
        let (brand, client, member, assigned, listed) = tokio::join!(
            self.get(keys::public(self.scope.firm()), keys::BRAND.to_owned()),
            client,
            self.get(home.clone(), keys::membership(membership.as_str())),
            assigned,
            self.get(self.pk(), keys::listed_person(membership.as_str(), person)),
        );
        let brand = brand?.ok_or_else(|| StorageError::bug("read a firm's brand", "there is none"))?;
        let member: Option<MembershipRow> = member?.map(item::read).transpose()?;
        Ok(Known {
            firm_name: item::read::<Brand>(brand)?.firm_name,
            client: client?.map(item::read).transpose()?,
            member: member.map(MembershipRow::member),
            assigned: assigned?,
            listed: listed?.is_some(),
        })
    }

    async fn assigned(&self, pk: String) -> Result<Vec<ClientId>, StorageError> {
        let limit = Some(limits::ASSIGNMENTS_PER_PERSON_MAX);
        let range = Range { pk, prefix: keys::ASSIGNMENTS, limit, consistent: true, ..Range::default() };
        let page = query(&self.dynamo, self.table(), range).await?;
        let client = |row: &Item| ClientId::parse(item::text_of(row, "sk")?.strip_prefix(keys::ASSIGNMENTS)?).ok();
        Ok(page.rows.iter().filter_map(client).collect())
    }

    async fn other_partners(&self, person: &PersonId) -> Result<usize, StorageError> {
        let prefix = keys::people_of(Membership::FIRM);
        let range = Range {
            pk: self.pk(),
            prefix: &prefix,
            filters: vec![("role", Role::Partner.as_str().to_owned())],
            consistent: true,
            ..Range::default()
        };
        let page = query(&self.dynamo, self.table(), range).await?;
        let own = keys::listed_person(Membership::FIRM, person);
        Ok(page.rows.iter().filter(|row| item::text_of(row, "sk") != Some(&own)).count())
    }

    fn membership(
        &self,
        person: &PersonId,
        membership: &Membership,
        admitted: &Member,
        known: &Known,
    ) -> Result<Write, StorageError> {
        let row = MembershipRow::of(admitted, known.client.as_ref());
        let home = keys::home(self.scope.firm(), person);
        let row = item::row(home, keys::membership(membership.as_str()), &row)?;
        match &known.member {
            Some(known) => Write::replace(self.table(), row, known.version),
            None => Write::create(self.table(), row),
        }
    }

    /// The person in the firm's list. A line that is there keeps its count of assignments.
    fn listing(
        &self,
        person: &PersonId,
        membership: &Membership,
        admitted: &Member,
        known: &Known,
    ) -> Result<Write, StorageError> {
        let row = listed_person(person, membership, admitted, known.client.as_ref());
        let sk = keys::listed_person(membership.as_str(), person);
        if !known.listed {
            return Write::create(self.table(), item::row(self.pk(), sk, &row)?);
        }
        let mut values = Item::from([
            (":name".to_owned(), item::text(row.name)),
            (":role".to_owned(), item::text(row.role.as_str())),
        ]);
        let mut expression = "SET #name = :name, #role = :role".to_owned();
        if let Some(phone) = row.phone {
            values.insert(":phone".to_owned(), item::text(phone));
            expression += ", phone = :phone";
        }
        let names = [("#name", "name"), ("#role", "role")];
        let key = item::key(self.pk(), sk);
        Write::update(self.table(), key, &expression, &names, values, Some("attribute_exists(pk)"))
    }

    fn touch(&self, person: &PersonId, client: &ClientId) -> Result<Write, StorageError> {
        let key = item::key(keys::home(self.scope.firm(), person), keys::assignment(client));
        let values = Item::from([(":one".to_owned(), item::number(1))]);
        let condition = Some("attribute_exists(pk)");
        Write::update(self.table(), key, "ADD #version :one", &[("#version", "version")], values, condition)
    }

    fn invitation(
        &self,
        mac: &Mac,
        membership: &Membership,
        admitted: &Member,
        known: &Known,
        moment: &Moment,
    ) -> Result<Write, StorageError> {
        let row = InvitationRow {
            firm: self.scope.firm().clone(),
            firm_name: known.firm_name.clone(),
            membership: membership.as_str().to_owned(),
            client: membership.client().cloned(),
            client_name: known.client.as_ref().map(|client| client.name.to_string()),
            role: admitted.role,
            name: admitted.name.clone(),
            email: admitted.email.clone(),
            at: moment.now,
        };
        let sk = keys::invitation(self.scope.firm(), membership.as_str());
        Write::overwrite(&self.aws.settings().table_identity, item::row(keys::invitations(mac), sk, &row)?)
    }

    async fn commit(
        &self,
        of: &PersonId,
        act: Act,
        object: Object,
        writes: Vec<Write>,
        done: bool,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let chain = Chain::Person { firm: self.scope.firm().clone(), person: of.clone() };
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, self.scope.who(), act, object);
        let draft = if done { draft } else { draft.refused() };
        commit::commit(&self.dynamo, self.aws.settings(), Change { chain, draft, writes }).await.map(|_| ())
    }

    async fn get(&self, pk: String, sk: String) -> Result<Option<Item>, StorageError> {
        let request = self.dynamo.get_item().table_name(self.table()).set_key(Some(item::key(pk, sk)));
        Ok(request.consistent_read(true).send().await.during("read a firm's row")?.item)
    }

    fn pk(&self) -> String {
        keys::firm(self.scope.firm())
    }

    fn table(&self) -> &str {
        &self.aws.settings().table_firm
    }
}

/// A line of the firm's list for a membership that begins.
pub(crate) fn listed_person(
    person: &PersonId,
    membership: &Membership,
    admitted: &Member,
    client: Option<&ListedClient>,
) -> ListedPerson {
    ListedPerson {
        person: person.clone(),
        membership: membership.as_str().to_owned(),
        name: admitted.name.clone(),
        email: admitted.email.clone(),
        role: admitted.role,
        client: membership.client().cloned(),
        client_name: client.map(|client| client.name.clone()),
        phone: admitted.phone.clone(),
        assignments: 0,
    }
}

impl MembershipRow {
    pub(crate) fn of(member: &Member, client: Option<&ListedClient>) -> Self {
        Self {
            role: member.role,
            client: client.map(|client| client.client.clone()),
            client_name: client.map(|client| client.name.to_string()),
            name: member.name.clone(),
            email: member.email.clone(),
            phone: member.phone.clone(),
            active: member.active,
            ended_at: member.ended_at,
            adjusted: member.adjusted.clone(),
            version: member.version,
        }
    }

    pub(crate) fn member(self) -> Member {
        Member {
            name: self.name,
            email: self.email,
            role: self.role,
            phone: self.phone,
            active: self.active,
            ended_at: self.ended_at,
            adjusted: self.adjusted,
            version: self.version,
        }
    }
}
