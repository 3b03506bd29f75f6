//! An operator's admission to one client of a firm, in an emergency. The operator asks in the platform's table, and nothing
//! can be read by that. A worker writes it into the client's audit and, in the same transaction, the row that lets the
//! operator in; that row lies with the firm, whose partners see it and can end it.

use access::{AdmissionScope, OnePerson};
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::permissions::{BreakGlass, EndSessions, ManageFirms, ViewSignIns};
use domain::person::Membership;
use domain::platform::{self, AdmissionOrder, AdmissionState, EndedBy, Reason, Ticket, Turn};
use domain::text::Name;
use domain::{
    AdmissionId, ClientId, EmailAddress, EventId, FirmId, Moment, PersonId, Role, SessionId, Timestamp, limits,
};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::brand::Brand;
use crate::check;
use crate::client::{ClientChange, ClientStore};
use crate::commit::{self, AuditReceipt, Change, Write};
use crate::error::{During, StorageError};
use crate::firm::{FirmStore, Listed, ListedClient, ListedPerson};
use crate::item::{self, Item};
use crate::keys;
use crate::orders_provision::ProvisionStore;
use crate::platform::PlatformStore;
use crate::query::{Range, query};

/// An admission as the platform has it: what was asked for, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAdmission {
    pub admission: AdmissionId,
    pub firm: FirmId,
    pub firm_name: String,
    #[serde(flatten)]
    pub order: AdmissionOrder,
    pub by: PersonId,
    pub by_name: String,
    pub session: SessionId,
    pub asked_at: Timestamp,
    pub state: AdmissionState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<EndedBy>,
}

impl AskedAdmission {
    /// Whether anything can be read by it now, as far as the platform knows.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == AdmissionState::Open && self.until.is_some_and(|until| now < until)
    }

    fn who(&self) -> Who {
        Who::person(self.by.clone(), Role::PlatformAdmin, self.session.clone())
    }
}

/// An admission as the firm has it: whoever vends credentials believes this row and no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionRow {
    pub admission: AdmissionId,
    pub client: ClientId,
    pub client_name: Name,
    pub reason: Reason,
    pub ticket: Ticket,
    pub by: PersonId,
    pub by_name: String,
    pub opened_at: Timestamp,
    pub until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<EndedBy>,
    /// The partners are still to be told.
    #[serde(default)]
    pub mail_due: bool,
    /// Who was told.
    #[serde(default)]
    pub told: Vec<PersonId>,
}

impl AdmissionRow {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.admits(&self.by, now)
    }

    /// Whether it lets this person in at this moment.
    pub fn admits(&self, asks: &PersonId, now: Timestamp) -> bool {
        platform::admits(&self.by, self.until, self.ended_at.is_some(), asks, now)
    }
}

/// A firm that was closed or opened, as its partners may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmTurn {
    pub turn: Turn,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub by_name: String,
    pub at: Timestamp,
}

/// Which firm an admission in the operators' list is of.
#[derive(Serialize, Deserialize)]
struct ListedAdmission {
    firm: FirmId,
    admission: AdmissionId,
}

/// What the partners are told by mail, and who they are.
#[derive(Debug, Clone)]
pub struct ToTell {
    pub firm_name: String,
    pub zone: TimeZone,
    pub partners: Vec<(PersonId, EmailAddress)>,
}

impl<P: Send + Sync> PlatformStore<'_, P> {
    /// Newest first. `after` is the last admission of the page before.
    pub async fn admissions(&self, after: Option<&AdmissionId>) -> Result<Listed<AskedAdmission>, StorageError> {
        let range = Range {
            pk: keys::ADMISSIONS.to_owned(),
            prefix: keys::ADMISSION,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            after: after.map(keys::admission),
            consistent: true,
            ..Range::default()
        };
        let page = query(&self.dynamo, self.table(), range).await?;
        let listed: Vec<ListedAdmission> = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let next = page.next.and_then(|_| listed.last()).map(|last| last.admission.to_string());
        let place = |one: &ListedAdmission| item::key(keys::platform_firm(&one.firm), keys::admission(&one.admission));
        let found = check::batch(&self.dynamo, self.table(), listed.iter().map(place).collect()).await?;
        let mut rows: Vec<AskedAdmission> = found.into_iter().map(item::read).collect::<Result<_, _>>()?;
        rows.sort_by(|a, b| b.admission.cmp(&a.admission));
        Ok(Listed { rows, next })
    }

    pub async fn admission(&self, id: &AdmissionId) -> Result<Option<AskedAdmission>, StorageError> {
        let Some(listed) = self.get(keys::ADMISSIONS.to_owned(), keys::admission(id)).await? else { return Ok(None) };
        let ListedAdmission { firm, .. } = item::read(listed)?;
        self.get(keys::platform_firm(&firm), keys::admission(id)).await?.map(item::read).transpose()
    }
}

impl PlatformStore<'_, BreakGlass> {
    /// Asks for an admission. Nothing can be read by this; a worker opens it.
    pub async fn ask_admission(
        &self,
        firm: &FirmId,
        firm_name: &str,
        order: AdmissionOrder,
        moment: &mut Moment,
    ) -> Result<AskedAdmission, StorageError> {
        let row = AskedAdmission {
            admission: AdmissionId::from_bits(moment.next_id()),
            firm: firm.clone(),
            firm_name: firm_name.to_owned(),
            order,
            by: self.scope.person().clone(),
            by_name: self.name(),
            session: self.scope.session().clone(),
            asked_at: moment.now,
            state: AdmissionState::Asked,
            until: None,
            ended_at: None,
            ended_by: None,
        };
        let listed = ListedAdmission { firm: firm.clone(), admission: row.admission.clone() };
        let sk = keys::admission(&row.admission);
        let writes = vec![
            Write::create(self.table(), item::row(keys::platform_firm(firm), &sk, &row)?)?,
            Write::create(self.table(), item::row(keys::ADMISSIONS, &sk, &listed)?)?,
        ];
        self.commit(Act::AdmissionAsked, Object::new("admission", &row.admission), writes, moment).await?;
        Ok(row)
    }
}

impl PlatformStore<'_, ManageFirms> {
    /// Ends an admission that is open. Stale where it is not any more.
    pub async fn end_admission(&self, row: &AskedAdmission, moment: &mut Moment) -> Result<(), StorageError> {
        let values = Item::from([
            (":open".to_owned(), item::text(AdmissionState::Open.as_str())),
            (":ending".to_owned(), item::text(AdmissionState::Ending.as_str())),
            (":now".to_owned(), item::text(moment.now.to_string())),
        ]);
        let key = item::key(keys::platform_firm(&row.firm), keys::admission(&row.admission));
        let set = "SET #state = :ending, ended_at = :now";
        let end = Write::update(self.table(), key, set, &[("#state", "state")], values, Some("#state = :open"))?;
        self.commit(Act::AdmissionEndOrdered, Object::new("admission", &row.admission), vec![end], moment).await
    }
}

impl ProvisionStore<'_> {
    pub async fn asked_admission(&self, id: &AdmissionId) -> Result<Option<AskedAdmission>, StorageError> {
        let pk = keys::platform_firm(self.scope().firm());
        self.get(self.platform(), pk, keys::admission(id)).await?.map(item::read).transpose()
    }

    pub async fn admission(&self, id: &AdmissionId) -> Result<Option<AdmissionRow>, StorageError> {
        let pk = keys::admissions(self.scope().firm());
        self.get(self.firm(), pk, keys::admission(id)).await?.map(item::read).transpose()
    }

    /// Opens an admission: the event in the client's chain and the row that lets the operator in, or neither. One that
    /// is too late, or to a client that is not there, is refused.
    pub async fn open_admission(&self, asked: &AskedAdmission, moment: &mut Moment) -> Result<bool, StorageError> {
        let firm = self.scope().firm();
        let client = &asked.order.client;
        let listed = self.get(self.firm(), keys::firm(firm), keys::listed_client(client)).await?;
        let late = moment.now.as_second() - asked.asked_at.as_second() > limits::ADMISSION_OPENED_WITHIN_SECONDS;
        let Some(listed) = listed.filter(|_| !late) else {
            let refuse = self.turn_admission(asked, AdmissionState::Asked, AdmissionState::Refused, "", Item::new())?;
            commit::transact(self.dynamo(), vec![refuse]).await?;
            return Ok(false);
        };
        let listed: ListedClient = item::read(listed)?;
        let until = moment.now.checked_add(i64::from(asked.order.minutes).minutes()).unwrap_or(moment.now);
        let row = AdmissionRow {
            admission: asked.admission.clone(),
            client: client.clone(),
            client_name: listed.name,
            reason: asked.order.reason.clone(),
            ticket: asked.order.ticket.clone(),
            by: asked.by.clone(),
            by_name: asked.by_name.clone(),
            opened_at: moment.now,
            until,
            ended_at: None,
            ended_by: None,
            mail_due: true,
            told: Vec::new(),
        };
        let values = Item::from([(":until".to_owned(), item::text(until.to_string()))]);
        let open =
            self.turn_admission(asked, AdmissionState::Asked, AdmissionState::Open, ", #until = :until", values)?;
        let row = item::row(keys::admissions(firm), keys::admission(&asked.admission), &row)?;
        let writes = vec![Write::create(self.firm(), row)?, open];
        let chain = Chain::Client { firm: firm.clone(), client: client.clone() };
        let object = Object::new("admission", &asked.admission);
        self.commit_as(asked.who(), chain, Act::AdmissionOpened, object, writes, moment).await?;
        Ok(true)
    }

    /// The operator ended it: from now on the row lets nobody in.
    pub async fn end_admission(&self, asked: &AskedAdmission, moment: &mut Moment) -> Result<(), StorageError> {
        let firm = self.scope().firm();
        let key = item::key(keys::admissions(firm), keys::admission(&asked.admission));
        let values = ended(moment.now, &EndedBy::Operator)?;
        let end = Write::update(self.firm(), key, END, &[], values, Some(NOT_ENDED))?;
        let values = Item::from([(":by".to_owned(), ended_by(&EndedBy::Operator)?)]);
        let note =
            self.turn_admission(asked, AdmissionState::Ending, AdmissionState::Ended, ", ended_by = :by", values)?;
        let chain = Chain::Client { firm: firm.clone(), client: asked.order.client.clone() };
        let object = Object::new("admission", &asked.admission);
        self.commit_as(asked.who(), chain, Act::AdmissionEnded, object, vec![end, note], moment).await
    }

    /// Lets operators know that a partner ended it.
    pub async fn note_ended(&self, asked: &AskedAdmission, row: &AdmissionRow) -> Result<(), StorageError> {
        let (Some(at), Some(by)) = (row.ended_at, &row.ended_by) else { return Ok(()) };
        let values = Item::from([(":at".to_owned(), item::text(at.to_string())), (":by".to_owned(), ended_by(by)?)]);
        let set = ", ended_at = :at, ended_by = :by";
        let note = self.turn_admission(asked, asked.state, AdmissionState::Ended, set, values)?;
        match commit::transact(self.dynamo(), vec![note]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }

    fn turn_admission(
        &self,
        asked: &AskedAdmission,
        from: AdmissionState,
        to: AdmissionState,
        more: &str,
        mut values: Item,
    ) -> Result<Write, StorageError> {
        values.insert(":from".to_owned(), item::text(from.as_str()));
        values.insert(":to".to_owned(), item::text(to.as_str()));
        let key = item::key(keys::platform_firm(&asked.firm), keys::admission(&asked.admission));
        let set = format!("SET #state = :to{more}");
        let mut names = vec![("#state", "state")];
        if more.contains("#until") {
            // A reserved word of expressions.
            names.push(("#until", "until"));
        }
        Write::update(self.platform(), key, &set, &names, values, Some("#state = :from"))
    }

    /// Whom the mail goes to: the firm's partners who have not had it.
    pub async fn to_tell(&self, row: &AdmissionRow) -> Result<ToTell, StorageError> {
        let firm = self.scope().firm();
        let prefix = keys::people_of(Membership::FIRM);
        let (brand, people) = tokio::join!(
            self.get(self.firm(), keys::public(firm), keys::BRAND.to_owned()),
            self.all(keys::firm(firm), &prefix)
        );
        let brand: Brand =
            item::read(brand?.ok_or_else(|| StorageError::bug("read a firm's brand", "there is none"))?)?;
        let mut partners = Vec::new();
        for person in people? {
            let person: ListedPerson = item::read(person)?;
            if person.role == Role::Partner && person.is_active() && !row.told.contains(&person.person) {
                partners.push((person.person, person.email));
            }
        }
        partners.truncate(limits::ADMISSION_TOLD_MAX);
        Ok(ToTell { zone: brand.time_zone(), firm_name: brand.firm_name, partners })
    }

    /// Takes the mails on, unless another run of this worker has them.
    pub async fn claim_telling(&self, row: &AdmissionRow, now: Timestamp) -> Result<bool, StorageError> {
        let values = Item::from([
            (":yes".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true)),
            (":now".to_owned(), item::number(now.as_second())),
            (":until".to_owned(), item::number(now.as_second() + limits::ADMISSION_LEASE_SECONDS)),
        ]);
        let free = "mail_due = :yes AND (attribute_not_exists(mail_until) OR mail_until <= :now)";
        let claim = Write::update(self.firm(), self.place(row), "SET mail_until = :until", &[], values, Some(free))?;
        match commit::transact(self.dynamo(), vec![claim]).await {
            Ok(()) => Ok(true),
            Err(StorageError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The mail service took the mail to this partner.
    pub async fn told(&self, row: &AdmissionRow, partner: &PersonId) -> Result<(), StorageError> {
        let one = serde_dynamo::to_attribute_value(vec![partner]).during("write a row")?;
        let values = Item::from([(":one".to_owned(), one)]);
        let set = "SET told = list_append(told, :one)";
        let mark = Write::update(self.firm(), self.place(row), set, &[], values, Some("attribute_exists(pk)"))?;
        commit::transact(self.dynamo(), vec![mark]).await
    }

    /// Everybody has it.
    pub async fn all_told(&self, row: &AdmissionRow, moment: &mut Moment) -> Result<(), StorageError> {
        let values = Item::from([
            (":yes".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true)),
            (":no".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(false)),
        ]);
        let set = "SET mail_due = :no REMOVE mail_until";
        let mark = Write::update(self.firm(), self.place(row), set, &[], values, Some("mail_due = :yes"))?;
        let chain = Chain::Client { firm: self.scope().firm().clone(), client: row.client.clone() };
        let object = Object::new("admission", &row.admission);
        self.commit_as(self.scope().who(), chain, Act::AdmissionTold, object, vec![mark], moment).await
    }

    fn place(&self, row: &AdmissionRow) -> Item {
        item::key(keys::admissions(self.scope().firm()), keys::admission(&row.admission))
    }
}

const END: &str = "SET ended_at = :at, ended_by = :by";
const NOT_ENDED: &str = "attribute_exists(pk) AND attribute_not_exists(ended_at)";

fn ended(now: Timestamp, by: &EndedBy) -> Result<Item, StorageError> {
    Ok(Item::from([(":at".to_owned(), item::text(now.to_string())), (":by".to_owned(), ended_by(by)?)]))
}

fn ended_by(by: &EndedBy) -> Result<aws_sdk_dynamodb::types::AttributeValue, StorageError> {
    serde_dynamo::to_attribute_value(by).during("write a row")
}

impl<P: Send + Sync> FirmStore<'_, P> {
    async fn admission(&self, id: &AdmissionId) -> Result<Option<AdmissionRow>, StorageError> {
        let pk = keys::admissions(self.scope.firm());
        self.get(pk, keys::admission(id)).await?.map(item::read).transpose()
    }
}

impl FirmStore<'_, ViewSignIns> {
    /// Operators' admissions to the firm's clients, the newest first.
    pub async fn admissions(&self, after: Option<&AdmissionId>) -> Result<Listed<AdmissionRow>, StorageError> {
        let range = Range {
            pk: keys::admissions(self.scope.firm()),
            prefix: keys::ADMISSION,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            after: after.map(keys::admission),
            consistent: true,
            ..Range::default()
        };
        let page = self.query(range).await?;
        let rows: Vec<AdmissionRow> = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let next = page.next.and_then(|_| rows.last()).map(|last| last.admission.to_string());
        Ok(Listed { rows, next })
    }

    /// When and why the operator closed and opened the firm, the newest first.
    pub async fn turns(&self) -> Result<Vec<FirmTurn>, StorageError> {
        let range = Range {
            pk: self.pk(),
            prefix: keys::TURNS,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }
}

impl FirmStore<'_, EndSessions> {
    /// Ends an admission at once; none where there is no such one. One that has ended is as it is.
    pub async fn end_admission(
        &self,
        id: &AdmissionId,
        moment: &mut Moment,
    ) -> Result<Option<AdmissionRow>, StorageError> {
        let Some(row) = self.admission(id).await? else { return Ok(None) };
        if !row.is_open(moment.now) {
            return Ok(Some(row));
        }
        let firm = self.scope.firm();
        let key = item::key(keys::admissions(firm), keys::admission(id));
        let values = ended(moment.now, &EndedBy::Partner)?;
        let end = Write::update(self.table(), key, END, &[], values, Some(NOT_ENDED))?;
        let chain = Chain::Client { firm: firm.clone(), client: row.client.clone() };
        let draft = self.draft(Act::AdmissionEnded, Object::new("admission", id), moment);
        let change = Change { chain, draft, writes: vec![end] };
        match commit::commit(&self.dynamo, self.aws.settings(), change).await {
            // Ended by somebody else meanwhile.
            Ok(_) | Err(StorageError::Stale) => self.admission(id).await,
            Err(error) => Err(error),
        }
    }
}

impl ClientStore<'_, AdmissionScope> {
    /// Writes down that the operator looks, before anything is shown.
    pub async fn used_admission(&self, moment: &mut Moment) -> Result<AuditReceipt, StorageError> {
        let object = Object::new("admission", self.scope.admission());
        let draft = self.draft(Act::AdmissionUsed, object, moment);
        self.commit(ClientChange::event(draft), moment).await
    }
}

impl ProvisionStore<'_> {
    /// A member of the chain that whoever ordered it is named in.
    pub(crate) async fn commit_as(
        &self,
        who: Who,
        chain: Chain,
        act: Act,
        object: Object,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, who, act, object);
        commit::commit(self.dynamo(), self.settings(), Change { chain, draft, writes }).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_rows_of_an_admission_read_back() {
        let order = AdmissionOrder {
            client: ClientId::from_bits(3),
            reason: Reason::parse("Uploads stay unchecked.").unwrap(),
            ticket: Ticket::parse("SUP-7").unwrap(),
            minutes: 30,
        };
        let asked = AskedAdmission {
            admission: AdmissionId::from_bits(1),
            firm: FirmId::from_bits(2),
            firm_name: "Hartwell".into(),
            order: order.clone(),
            by: PersonId::from_bits(4),
            by_name: "Op".into(),
            session: SessionId::from_bits(5),
            asked_at: Timestamp::UNIX_EPOCH,
            state: AdmissionState::Asked,
            until: None,
            ended_at: None,
            ended_by: Some(EndedBy::Partner),
        };
        let stored = item::row("FIRM#2", "ADM#1", &asked).unwrap();
        assert_eq!(item::text_of(&stored, "state"), Some("asked"));
        assert_eq!(item::read::<AskedAdmission>(stored).unwrap(), asked);
        let row = AdmissionRow {
            admission: asked.admission.clone(),
            client: order.client,
            client_name: Name::parse("Acme").unwrap(),
            reason: order.reason,
            ticket: order.ticket,
            by: asked.by,
            by_name: asked.by_name,
            opened_at: Timestamp::UNIX_EPOCH,
            until: "1970-01-01T00:30:00Z".parse().unwrap(),
            ended_at: None,
            ended_by: None,
            mail_due: true,
            told: vec![PersonId::from_bits(9)],
        };
        let mut stored = item::row("T#2#ADM", "ADM#1", &row).unwrap();
        stored.insert("mail_until".to_owned(), item::number(7));
        assert_eq!(item::read::<AdmissionRow>(stored).unwrap(), row);
    }
}
