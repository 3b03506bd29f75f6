//! Newsletters: the firm's own rows in a partition for its partners, and a copy with each client that one reached. Nobody
//! else reads the firm's: among them are drafts, and letters to others.

use access::{ClientJob, ClientScope, OneClient, OnePerson};
use domain::audit::{Act, Object};
use domain::firm::newsletter::{Letter, Newsletter};
use domain::notice::Cause;
use domain::permissions::{Permission, ReadMessages, SendNewsletters, WriteNewsletters};
use domain::person::Membership;
use domain::{EmailAddress, Moment, NewsletterId, OrderId, OutboxId, PersonId, Role, Timestamp, limits};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::brand::Brand;
use crate::client::ClientStore;
use crate::commit::{self, Change, Write};
use crate::error::{During, StorageError};
use crate::firm::{FirmStore, ListedPerson};
use crate::item::{self, Item};
use crate::keys;
use crate::orders_provision::ProvisionStore;
use crate::query::{Page, Range};

/// As a client has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    pub id: NewsletterId,
    pub letter: Letter,
    pub at: Timestamp,
}

/// That a newsletter is to leave: for its clients, or for its writer to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewsletterOrder {
    pub newsletter: NewsletterId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
}

/// What is tried, as it was then, on the only one who gets it: a partner, whose address the firm's own list has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub to: PersonId,
    pub letter: Letter,
}

/// A page of a list, the newest first, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Newest<T> {
    pub rows: Vec<T>,
    pub next: Option<NewsletterId>,
}

impl<T: DeserializeOwned> Newest<T> {
    fn of(page: Page) -> Result<Self, StorageError> {
        let next = page.next.as_deref().and_then(|sk| NewsletterId::parse(sk.strip_prefix(keys::NEWSLETTERS)?).ok());
        Ok(Self { rows: page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?, next })
    }
}

/// Permissions to deal with newsletters.
pub trait Newsletters: Permission {}

impl Newsletters for WriteNewsletters {}
impl Newsletters for SendNewsletters {}

impl<P: Newsletters + Send + Sync> FirmStore<'_, P> {
    /// The newest first, behind the one of this id.
    pub async fn newsletters(&self, after: Option<&NewsletterId>) -> Result<Newest<Newsletter>, StorageError> {
        let range = Range {
            pk: keys::newsletters(self.scope.firm()),
            prefix: keys::NEWSLETTERS,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            after: after.map(keys::newsletter),
            consistent: true,
            ..Range::default()
        };
        Newest::of(self.query(range).await?)
    }

    pub async fn newsletter(&self, id: &NewsletterId) -> Result<Option<Newsletter>, StorageError> {
        self.get(keys::newsletters(self.scope.firm()), keys::newsletter(id)).await?.map(item::read).transpose()
    }

    /// Stale if somebody was faster.
    pub async fn save_newsletter(
        &self,
        from: Option<&Newsletter>,
        next: &Newsletter,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let row = self.newsletter_write(from, next)?;
        self.newsletter_commit(Act::NewsletterWritten, next, vec![row], moment).await
    }

    /// Whoever asks gets it by mail.
    pub async fn try_newsletter(
        &self,
        from: &Newsletter,
        next: &Newsletter,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let trial = Trial { to: self.scope.person().clone(), letter: next.letter.clone() };
        self.order_newsletter(Act::NewsletterTried, from, next, Some(trial), moment).await
    }

    /// What is changed of it and that it is to leave are one change.
    async fn order_newsletter(
        &self,
        act: Act,
        from: &Newsletter,
        next: &Newsletter,
        trial: Option<Trial>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let order = NewsletterOrder { newsletter: next.id.clone(), trial };
        let writes = vec![self.newsletter_write(Some(from), next)?, self.newsletter_order(&order, moment)?];
        self.newsletter_commit(act, next, writes, moment).await
    }

    /// A draft; what was sent stays.
    pub async fn remove_newsletter(&self, of: &Newsletter, moment: &mut Moment) -> Result<(), StorageError> {
        let key = item::key(keys::newsletters(self.scope.firm()), keys::newsletter(&of.id));
        let values = Item::from([(":from".to_owned(), item::number(of.version))]);
        let condition = Some(("version = :from AND attribute_not_exists(sent)", values));
        let gone = Write::delete(self.table(), key, condition)?;
        self.newsletter_commit(Act::NewsletterRemoved, of, vec![gone], moment).await
    }

    fn newsletter_write(&self, from: Option<&Newsletter>, next: &Newsletter) -> Result<Write, StorageError> {
        let row = item::row(keys::newsletters(self.scope.firm()), keys::newsletter(&next.id), next)?;
        match from {
            None => Write::create(self.table(), row),
            Some(from) => Write::replace(self.table(), row, from.version),
        }
    }

    fn newsletter_order(&self, order: &NewsletterOrder, moment: &mut Moment) -> Result<Write, StorageError> {
        let id = OrderId::from_bits(moment.next_id());
        let mut row = item::row(keys::newsletters(self.scope.firm()), keys::order(id.as_str()), order)?;
        // Long enough for a worker that fails for days; nobody else looks at it.
        row.insert("ttl".to_owned(), item::number(moment.now.as_second() + limits::CLAIM_KEPT_SECONDS));
        Write::create(self.table(), row)
    }

    async fn newsletter_commit(
        &self,
        act: Act,
        of: &Newsletter,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let draft = self.draft(act, Object::new("newsletter", &of.id).at_version(of.version), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }
}

impl FirmStore<'_, SendNewsletters> {
    /// It leaves.
    pub async fn send_newsletter(
        &self,
        from: &Newsletter,
        next: &Newsletter,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        self.order_newsletter(Act::NewsletterSent, from, next, None, moment).await
    }
}

impl ProvisionStore<'_> {
    pub async fn newsletter_order(&self, order: &OrderId) -> Result<Option<NewsletterOrder>, StorageError> {
        let pk = keys::newsletters(self.scope().firm());
        self.get(&self.settings().table_firm, pk, keys::order(order.as_str())).await?.map(item::read).transpose()
    }

    /// As it was sent, or is a draft.
    pub async fn newsletter(&self, id: &NewsletterId) -> Result<Option<Newsletter>, StorageError> {
        let pk = keys::newsletters(self.scope().firm());
        self.get(&self.settings().table_firm, pk, keys::newsletter(id)).await?.map(item::read).transpose()
    }

    pub async fn brand(&self) -> Result<Option<Brand>, StorageError> {
        let pk = keys::public(self.scope().firm());
        self.get(&self.settings().table_firm, pk, keys::BRAND.to_owned()).await?.map(item::read).transpose()
    }

    pub async fn is_suspended(&self) -> Result<bool, StorageError> {
        let pk = keys::public(self.scope().firm());
        let row = self.get(&self.settings().table_firm, pk, keys::STATE.to_owned()).await?;
        Ok(row.as_ref().is_some_and(crate::vending::suspends))
    }

    /// The address of one of the firm's partners; none of anybody else.
    pub async fn partner_address(&self, person: &PersonId) -> Result<Option<EmailAddress>, StorageError> {
        let (pk, sk) = (keys::firm(self.scope().firm()), keys::listed_person(Membership::FIRM, person));
        let row = self.get(&self.settings().table_firm, pk, sk).await?;
        let listed: Option<ListedPerson> = row.map(item::read).transpose()?;
        Ok(listed.filter(|one| one.is_active() && one.role == Role::Partner).map(|one| one.email))
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// As the firm has it.
    pub async fn firms_newsletter(&self, id: &NewsletterId) -> Result<Option<Newsletter>, StorageError> {
        let pk = keys::newsletters(self.scope.client_firm());
        self.get_firm(pk, keys::newsletter(id)).await?.map(item::read).transpose()
    }

    /// It comes to the client, whose people are told: once, however often this is asked.
    pub async fn take_newsletter(&self, of: &Newsletter, moment: &mut Moment) -> Result<(), StorageError> {
        let now = moment.now;
        let came = Came { id: of.id.clone(), letter: of.letter.clone(), at: now };
        let outbox = OutboxId::parse(of.id.as_str()).during("name a newsletter's notice")?;
        let cause = Cause::NewsletterSent { newsletter: of.id.clone() };
        let writes = vec![
            Write::create(self.table(), item::row(self.keys.data(), keys::newsletter(&of.id), &came)?)?,
            commit::outbox_row(self.table(), self.keys.outbox(), &outbox, &cause, now)?,
        ];
        let draft = self.draft(Act::NewsletterCame, Object::new("newsletter", &of.id), moment);
        let change = Change { chain: self.chain(), draft, writes };
        match commit::commit(&self.dynamo, self.aws.settings(), change).await {
            // Another message with it was here before; else the chain is in others' hands for too long.
            Err(StorageError::Stale) if self.newsletter(&of.id).await?.is_some() => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    pub async fn newsletter(&self, id: &NewsletterId) -> Result<Option<Came>, StorageError> {
        self.get(self.keys.data(), keys::newsletter(id)).await?.map(item::read).transpose()
    }
}

impl ClientStore<'_, ClientScope<ReadMessages>> {
    /// What came to the client, the newest first, behind the one of this id.
    pub async fn newsletters(&self, after: Option<&NewsletterId>) -> Result<Newest<Came>, StorageError> {
        self.newest_newsletters(after, limits::PAGE_ROWS_MAX).await
    }

    pub async fn newest_newsletter(&self) -> Result<Option<Came>, StorageError> {
        Ok(self.newest_newsletters(None, 1).await?.rows.pop())
    }

    async fn newest_newsletters(
        &self,
        after: Option<&NewsletterId>,
        count: usize,
    ) -> Result<Newest<Came>, StorageError> {
        let range = Range {
            pk: self.keys.data(),
            prefix: keys::NEWSLETTERS,
            newest_first: true,
            limit: Some(count),
            after: after.map(keys::newsletter),
            ..Range::default()
        };
        Newest::of(self.query(range).await?)
    }

    pub async fn newsletter(&self, id: &NewsletterId) -> Result<Option<Came>, StorageError> {
        self.get(self.keys.data(), keys::newsletter(id)).await?.map(item::read).transpose()
    }
}
