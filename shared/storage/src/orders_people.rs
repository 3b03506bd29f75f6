//! Carrying out an order of a person: a membership in the person's home, an invitation under its address, a line in the
//! firm's list. One transaction, so that a repeated message finds the order closed.
//!
//! Orders are a partner's, for the firm or any client of it; those of a client's own admin, for that client alone; or, of
//! whom a provider of single sign-on vouches for, that this one person joins.

use access::JobScope;
use crypto::Mac;
use domain::audit::{Act, Chain, Draft, Object};
use domain::firm::{MemberOrder, Order, OrderRefused, check_order};
use domain::person::change::{Around, change};
use domain::person::company::{Invited, Orderer, arriving, check_invitation};
use domain::person::{Member, Membership, PersonOrder, admit};
use domain::{ClientId, EmailAddress, EventId, Moment, OrderId, PersonId, Role, Timestamp, limits};

use crate::aws::Aws;
use crate::brand::Brand;
use crate::commit::{self, Change, Write};
use crate::error::{During, StorageError};
use crate::firm::{ListedClient, ListedPerson};
use crate::firm_people::{relisted, touched};
use crate::identity_people::InvitationRow;
use crate::item::{self, Item};
use crate::keys;
use crate::orders::{self, Closing, OrderRow};
use crate::query::{Range, query};
use crate::vending::MembershipRow;

/// Orders and homes of a firm, by the worker `people`.
pub struct PeopleStore<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) scope: &'a JobScope,
    dynamo: aws_sdk_dynamodb::Client,
    ordered: OrderedBy,
}

/// Whose orders these are, which is where they lie: what may be in one follows from the key of its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderedBy {
    Partner,
    /// An admin of this client.
    Company(ClientId),
    /// A provider of single sign-on, for the person in whose home the order lies.
    Provider(PersonId),
}

/// What admitting somebody comes to, beside the rows that are the same however it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How<'a> {
    Invited {
        by: &'a Orderer,
        mails: bool,
    },
    /// The person is at the door: nobody has to be told by mail.
    Joins,
}

/// What is known before a person is admitted.
pub(crate) struct Known {
    pub(crate) client: Option<ListedClient>,
    pub(crate) member: Option<Member>,
    /// The clients assigned to the person.
    assigned: Vec<ClientId>,
    listed: bool,
}

/// An invitation as its mail tells it.
#[derive(Debug, Clone)]
pub struct ToInvite {
    pub name: String,
    pub email: EmailAddress,
    pub firm_name: String,
    /// Of whose company the person is; none for people of the firm.
    pub client_name: Option<String>,
    /// Whoever ordered it, where it is still listed.
    pub invited_by: Option<String>,
}

impl<'a> PeopleStore<'a> {
    pub fn open(aws: &'a Aws, scope: &'a JobScope, ordered: OrderedBy) -> Self {
        Self { aws, scope, dynamo: aws.dynamo(scope.keys()), ordered }
    }

    pub async fn order(&self, order: &OrderId) -> Result<Option<OrderRow>, StorageError> {
        let (table, pk) = self.orders();
        let request =
            self.dynamo.get_item().table_name(table).set_key(Some(item::key(pk, keys::order(order.as_str()))));
        let found = request.consistent_read(true).send().await.during("read an order")?.item;
        found.map(item::read).transpose()
    }

    /// Carries the order out, or closes it with the reason why not.
    pub async fn carry_out(
        &self,
        order: &OrderRow,
        moment: &mut Moment,
    ) -> Result<Result<(), OrderRefused>, StorageError> {
        let by = match &self.ordered {
            OrderedBy::Company(client) => self.orderer(&order.by, client).await?,
            OrderedBy::Partner | OrderedBy::Provider(_) => Some(Orderer::Firm),
        };
        let Some(by) = by else {
            // Whoever ordered it may do so no more.
            self.refuse(order, OrderRefused::NotYours, moment).await?;
            return Ok(Err(OrderRefused::NotYours));
        };
        let done = match &order.what {
            Order::Person(asked) if self.may_ask(asked) => self.invite(order, asked, &by, moment).await?,
            Order::Join(asked) => match &self.ordered {
                OrderedBy::Provider(person) => self.join(order, person, asked, moment).await?,
                OrderedBy::Partner | OrderedBy::Company(_) => Err(OrderRefused::NotYours),
            },
            Order::Withdrawal { person, email, membership } if self.ordered == OrderedBy::Partner => {
                self.withdraw(order, person, email, membership, moment).await?
            }
            Order::Member { person, change, even_last_admin, .. } => match &self.ordered {
                OrderedBy::Company(client) => {
                    let membership = Membership::Client(client.clone());
                    let around = Around { even_last_admin: *even_last_admin, by: &by, ..Around::default() };
                    self.change_member(order, person, &membership, change, around, moment).await?
                }
                OrderedBy::Partner | OrderedBy::Provider(_) => Err(OrderRefused::NotYours),
            },
            Order::Person(_) | Order::Withdrawal { .. } | Order::Client { .. } => Err(OrderRefused::NotYours),
        };
        if let Err(refused) = done {
            self.refuse(order, refused, moment).await?;
        }
        Ok(done)
    }

    /// A client's admin invites people of the own company, and nobody else.
    fn may_ask(&self, asked: &PersonOrder) -> bool {
        match &self.ordered {
            OrderedBy::Partner => true,
            OrderedBy::Company(own) => asked.role.is_client() && asked.client.as_ref() == Some(own),
            OrderedBy::Provider(_) => false,
        }
    }

    /// As whom somebody orders for this company, by what its homes say now.
    async fn orderer(&self, by: &PersonId, client: &ClientId) -> Result<Option<Orderer>, StorageError> {
        let of_company = Membership::Client(client.clone());
        let (of_firm, of_company) = tokio::join!(self.known(by, &Membership::Firm), self.known(by, &of_company));
        let (of_firm, of_company) = (of_firm?, of_company?);
        Ok(Orderer::found(of_firm.member.as_ref(), &of_firm.assigned, of_company.member.as_ref(), client))
    }

    async fn invite(
        &self,
        order: &OrderRow,
        asked: &PersonOrder,
        by: &Orderer,
        moment: &mut Moment,
    ) -> Result<Result<(), OrderRefused>, StorageError> {
        let mac = self.aws.address_mac(self.scope.keys(), &asked.email).await?;
        let person = PersonId::from_bits(mac.person_bits());
        let known = self.known(&person, &asked.membership()).await?;
        if let OrderedBy::Company(_) = &self.ordered {
            let of_firm = self.known(&person, &Membership::Firm).await?.member;
            let invited = Invited {
                own: order.by == person,
                of_firm: of_firm.is_some_and(|of_firm| of_firm.active),
                here: known.member.as_ref().filter(|member| member.active).map(|member| member.role),
                ended_by_firm: known.member.as_ref().is_some_and(|member| member.by_firm.ended),
            };
            if let Err(refused) = check_invitation(asked.role, invited, by) {
                return Ok(Err(refused));
            }
        }
        if let Err(refused) = check_order(asked, known.client.is_some(), known.member.as_ref()) {
            return Ok(Err(refused));
        }
        self.admit(order, asked, &mac, known, How::Invited { by, mails: asked.mail_again }, moment).await
    }

    pub(crate) async fn admit(
        &self,
        order: &OrderRow,
        asked: &PersonOrder,
        mac: &Mac,
        known: Known,
        how: How<'_>,
        moment: &mut Moment,
    ) -> Result<Result<(), OrderRefused>, StorageError> {
        let person = PersonId::from_bits(mac.person_bits());
        let membership = asked.membership();
        let is_new = known.member.as_ref().is_none_or(|known| !known.active);
        if is_new && membership.client().is_some() && self.is_full(&membership).await? {
            return Ok(Err(OrderRefused::TooMany));
        }
        let mut admitted = admit(known.member.as_ref(), asked);
        if is_new {
            let by = match how {
                How::Invited { by, .. } => by,
                How::Joins => &Orderer::Firm,
            };
            admitted = arriving(admitted, by);
        }
        let mut writes = vec![self.listing(&person, &membership, &admitted, &known, moment.now)?];
        if known.member.as_ref() != Some(&admitted) {
            writes.push(self.membership(
                &person,
                &membership,
                &admitted,
                known.member.as_ref(),
                known.client.as_ref(),
            )?);
            let home = keys::home(self.scope.firm(), &person);
            for client in &known.assigned {
                writes.push(touched(self.table(), &home, client)?);
            }
        }
        writes.push(self.invitation(mac, &membership, &admitted, &known, moment.now).await?);
        let (act, mails) = match how {
            How::Invited { mails, .. } => (Act::PersonAdded, is_new || mails),
            How::Joins => (Act::PersonJoined, false),
        };
        writes.push(self.close(order, Closing { refused: None, mails }, moment.now)?);
        let object = Object::new("membership", membership.as_str()).at_version(admitted.version);
        self.commit(&person, act, object, writes, true, moment).await?;
        Ok(Ok(()))
    }

    /// The membership ended when this was ordered; what is left of the invitation goes.
    async fn withdraw(
        &self,
        order: &OrderRow,
        person: &PersonId,
        email: &EmailAddress,
        membership: &str,
        moment: &mut Moment,
    ) -> Result<Result<(), OrderRefused>, StorageError> {
        let mac = self.aws.address_mac(self.scope.keys(), email).await?;
        if PersonId::from_bits(mac.person_bits()) != *person {
            return Ok(Err(OrderRefused::NobodyThere));
        }
        let invited = item::key(keys::invitations(&mac), keys::invitation(self.scope.firm(), membership));
        let writes = vec![
            Write::delete(&self.aws.settings().table_identity, invited, None)?,
            self.close(order, Closing { refused: None, mails: false }, moment.now)?,
        ];
        let object = Object::new("membership", membership);
        self.commit(person, Act::InvitationWithdrawn, object, writes, true, moment).await?;
        Ok(Ok(()))
    }

    async fn change_member(
        &self,
        order: &OrderRow,
        person: &PersonId,
        membership: &Membership,
        asked: &MemberOrder,
        around: Around<'_>,
        moment: &mut Moment,
    ) -> Result<Result<(), OrderRefused>, StorageError> {
        let (known, people) = tokio::join!(self.known(person, membership), self.people_of(membership));
        let (known, people) = (known?, people?);
        let Some(member) = &known.member else { return Ok(Err(OrderRefused::NobodyThere)) };
        let admins = people.iter().filter(|other| other.role == Role::ClientAdmin && other.is_active());
        let other_admins = admins.filter(|other| other.person != *person).count();
        let around = Around { own: order.by == *person, other_admins, ..around };
        let next = match change(member, membership, &asked.change(), around, moment.now) {
            Ok(next) => next,
            Err(refused) => return Ok(Err(refused.into())),
        };
        let mut writes = vec![self.close(order, Closing { refused: None, mails: false }, moment.now)?];
        if let Some(next) = &next {
            writes.push(self.membership(person, membership, next, Some(member), known.client.as_ref())?);
            writes.push(relisted(self.table(), self.pk(), person, membership, next)?);
        }
        let object = Object::new("membership", membership.as_str());
        self.commit(person, order.what.act(), object, writes, true, moment).await?;
        Ok(Ok(()))
    }

    async fn refuse(&self, order: &OrderRow, why: OrderRefused, moment: &mut Moment) -> Result<(), StorageError> {
        let close = self.close(order, Closing { refused: Some(why), mails: false }, moment.now)?;
        // There may be no such person: whoever ordered it reads of it.
        self.commit(&order.by, order.what.act(), Object::new("order", &order.order), vec![close], false, moment).await
    }

    /// Takes the mail of a closed order on, unless another run of this worker has it.
    pub async fn claim_mail(&self, order: &OrderRow, now: Timestamp) -> Result<bool, StorageError> {
        let (table, pk) = self.orders();
        let values = Item::from([
            (":yes".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true)),
            (":now".to_owned(), item::number(now.as_second())),
            (":until".to_owned(), item::number(now.as_second() + limits::INVITATION_LEASE_SECONDS)),
        ]);
        let free = "mail_due = :yes AND (attribute_not_exists(mail_until) OR mail_until <= :now)";
        let key = item::key(pk, keys::order(order.order.as_str()));
        let claim = Write::update(table, key, "SET mail_until = :until", &[], values, Some(free))?;
        match commit::transact(&self.dynamo, vec![claim]).await {
            Ok(()) => Ok(true),
            Err(StorageError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What the mail of an order says; nothing for an order that is none of an invitation.
    pub async fn to_invite(&self, order: &OrderRow) -> Result<Option<ToInvite>, StorageError> {
        let Order::Person(asked) = &order.what else { return Ok(None) };
        let client = async {
            match &asked.client {
                Some(client) => self.get(self.pk(), keys::listed_client(client)).await,
                None => Ok(None),
            }
        };
        // A company's own admin, or somebody of the firm.
        let place = match &self.ordered {
            OrderedBy::Company(client) => client.as_str(),
            OrderedBy::Partner | OrderedBy::Provider(_) => Membership::FIRM,
        };
        let by = self.get(self.pk(), keys::listed_person(place, &order.by));
        let by_firm = self.get(self.pk(), keys::listed_person(Membership::FIRM, &order.by));
        let (firm_name, client, by, by_firm) = tokio::join!(self.firm_name(), client, by, by_firm);
        let by: Option<ListedPerson> = by?.or(by_firm?).map(item::read).transpose()?;
        let client: Option<ListedClient> = client?.map(item::read).transpose()?;
        Ok(Some(ToInvite {
            name: asked.name.to_string(),
            email: asked.email.clone(),
            firm_name: firm_name?,
            client_name: client.map(|client| client.name.to_string()),
            invited_by: by.map(|by| by.name),
        }))
    }

    /// The mail service has taken it.
    pub async fn mailed(
        &self,
        order: &OrderRow,
        email: &EmailAddress,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let mac = self.aws.address_mac(self.scope.keys(), email).await?;
        let (table, pk) = self.orders();
        let values = Item::from([
            (":yes".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true)),
            (":no".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(false)),
            (":now".to_owned(), item::text(moment.now.to_string())),
        ]);
        let key = item::key(pk, keys::order(order.order.as_str()));
        let expression = "SET mail_due = :no, mailed_at = :now REMOVE mail_until";
        let mark = Write::update(table, key, expression, &[], values, Some("mail_due = :yes"))?;
        let person = PersonId::from_bits(mac.person_bits());
        let object = Object::new("order", &order.order);
        self.commit(&person, Act::InvitationMailed, object, vec![mark], true, moment).await
    }

    pub(crate) fn close(&self, order: &OrderRow, closing: Closing, now: Timestamp) -> Result<Write, StorageError> {
        let (table, pk) = self.orders();
        orders::close(table, pk, &order.order, closing, now)
    }

    /// Where the orders lie.
    fn orders(&self) -> (&str, String) {
        let settings = self.aws.settings();
        match &self.ordered {
            OrderedBy::Company(client) => (&settings.table_data, keys::client_orders(self.scope.firm(), client)),
            OrderedBy::Provider(person) => (&settings.table_firm, keys::home(self.scope.firm(), person)),
            OrderedBy::Partner => (&settings.table_firm, self.pk()),
        }
    }

    pub(crate) async fn known(&self, person: &PersonId, membership: &Membership) -> Result<Known, StorageError> {
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
        let (client, member, assigned, listed) = tokio::join!(
            client,
            self.get(home.clone(), keys::membership(membership.as_str())),
            assigned,
            self.get(self.pk(), keys::listed_person(membership.as_str(), person)),
        );
        let member: Option<MembershipRow> = member?.map(item::read).transpose()?;
        Ok(Known {
            client: client?.map(item::read).transpose()?,
            member: member.map(MembershipRow::member),
            assigned: assigned?,
            listed: listed?.is_some(),
        })
    }

    async fn firm_name(&self) -> Result<String, StorageError> {
        let brand = self.get(keys::public(self.scope.firm()), keys::BRAND.to_owned()).await?;
        let brand = brand.ok_or_else(|| StorageError::bug("read a firm's brand", "there is none"))?;
        Ok(item::read::<Brand>(brand)?.firm_name)
    }

    async fn assigned(&self, pk: String) -> Result<Vec<ClientId>, StorageError> {
        let limit = Some(limits::ASSIGNMENTS_PER_PERSON_MAX);
        let range = Range { pk, prefix: keys::ASSIGNMENTS, limit, consistent: true, ..Range::default() };
        let page = query(&self.dynamo, self.table(), range).await?;
        let client = |row: &Item| ClientId::parse(item::text_of(row, "sk")?.strip_prefix(keys::ASSIGNMENTS)?).ok();
        Ok(page.rows.iter().filter_map(client).collect())
    }

    async fn is_full(&self, membership: &Membership) -> Result<bool, StorageError> {
        let people = self.people_of(membership).await?;
        Ok(people.iter().filter(|person| person.is_active()).count() >= limits::PEOPLE_PER_CLIENT_MAX)
    }

    /// One page of a query: a client's people are bounded, and so are those who left.
    async fn people_of(&self, membership: &Membership) -> Result<Vec<ListedPerson>, StorageError> {
        let prefix = keys::people_of(membership.as_str());
        let range = Range { pk: self.pk(), prefix: &prefix, consistent: true, ..Range::default() };
        query(&self.dynamo, self.table(), range).await?.rows.into_iter().map(item::read).collect()
    }

    fn membership(
        &self,
        person: &PersonId,
        membership: &Membership,
        next: &Member,
        from: Option<&Member>,
        client: Option<&ListedClient>,
    ) -> Result<Write, StorageError> {
        let row = MembershipRow::of(next, client);
        let home = keys::home(self.scope.firm(), person);
        let row = item::row(home, keys::membership(membership.as_str()), &row)?;
        match from {
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
        now: Timestamp,
    ) -> Result<Write, StorageError> {
        if known.listed {
            return relisted(self.table(), self.pk(), person, membership, admitted);
        }
        let row = listed_person(person, membership, admitted, known.client.as_ref(), now);
        let sk = keys::listed_person(membership.as_str(), person);
        Write::create(self.table(), item::row(self.pk(), sk, &row)?)
    }

    async fn invitation(
        &self,
        mac: &Mac,
        membership: &Membership,
        admitted: &Member,
        known: &Known,
        now: Timestamp,
    ) -> Result<Write, StorageError> {
        let row = InvitationRow {
            firm: self.scope.firm().clone(),
            firm_name: self.firm_name().await?,
            membership: membership.as_str().to_owned(),
            client: membership.client().cloned(),
            client_name: known.client.as_ref().map(|client| client.name.to_string()),
            role: admitted.role,
            name: admitted.name.clone(),
            email: admitted.email.clone(),
            at: now,
        };
        let sk = keys::invitation(self.scope.firm(), membership.as_str());
        Write::overwrite(&self.aws.settings().table_identity, item::row(keys::invitations(mac), sk, &row)?)
    }

    pub(crate) async fn commit(
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
    since: Timestamp,
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
        since: Some(since),
        ended_at: admitted.ended_at,
        adjusted: admitted.adjusted.clone(),
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
            by_firm: member.by_firm.clone(),
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
            by_firm: self.by_firm,
            version: self.version,
        }
    }
}
