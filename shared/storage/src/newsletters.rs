//! Newsletters: the firm's own rows beside the texts that it writes with, and a copy with each client that one reached.
//! No role of a client reads the firm's: among them are drafts, and letters to others.

use access::{ClientJob, ClientScope, OneClient, OnePerson};
use domain::audit::{Act, Object};
use domain::firm::newsletter::{Letter, Newsletter};
use domain::notice::Cause;
use domain::permissions::{ManageSettings, ReadMessages};
use domain::{EmailAddress, Moment, NewsletterId, OrderId, OutboxId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::brand::Brand;
use crate::client::ClientStore;
use crate::commit::{self, Change, Write};
use crate::error::{During, StorageError};
use crate::firm::FirmStore;
use crate::item::{self, Item};
use crate::keys;
use crate::orders_provision::ProvisionStore;
use crate::query::Range;

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

/// What is tried, as it was then, on the only one who gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub to: EmailAddress,
    pub letter: Letter,
}

impl FirmStore<'_, ManageSettings> {
    /// The newest first.
    pub async fn newsletters(&self) -> Result<Vec<Newsletter>, StorageError> {
        let range = Range {
            pk: keys::texts(self.scope.firm()),
            prefix: keys::NEWSLETTERS,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            consistent: true,
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    pub async fn newsletter(&self, id: &NewsletterId) -> Result<Option<Newsletter>, StorageError> {
        self.get(keys::texts(self.scope.firm()), keys::newsletter(id)).await?.map(item::read).transpose()
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

    /// Has its writer get it by mail.
    pub async fn try_newsletter(
        &self,
        from: &Newsletter,
        next: &Newsletter,
        to: &EmailAddress,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let trial = Some(Trial { to: to.clone(), letter: next.letter.clone() });
        let order = NewsletterOrder { newsletter: next.id.clone(), trial };
        let writes = vec![self.newsletter_write(Some(from), next)?, self.newsletter_order(&order, moment)?];
        self.newsletter_commit(Act::NewsletterTried, next, writes, moment).await
    }

    /// It leaves: what is sent and that it is to leave are one change.
    pub async fn send_newsletter(
        &self,
        from: &Newsletter,
        next: &Newsletter,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let order = NewsletterOrder { newsletter: next.id.clone(), trial: None };
        let writes = vec![self.newsletter_write(Some(from), next)?, self.newsletter_order(&order, moment)?];
        self.newsletter_commit(Act::NewsletterSent, next, writes, moment).await
    }

    /// A draft; what was sent stays.
    pub async fn remove_newsletter(&self, of: &Newsletter, moment: &mut Moment) -> Result<(), StorageError> {
        let key = item::key(keys::texts(self.scope.firm()), keys::newsletter(&of.id));
        let values = Item::from([(":from".to_owned(), item::number(of.version))]);
        let condition = Some(("version = :from AND attribute_not_exists(sent)", values));
        let gone = Write::delete(self.table(), key, condition)?;
        self.newsletter_commit(Act::NewsletterRemoved, of, vec![gone], moment).await
    }

    fn newsletter_write(&self, from: Option<&Newsletter>, next: &Newsletter) -> Result<Write, StorageError> {
        let row = item::row(keys::texts(self.scope.firm()), keys::newsletter(&next.id), next)?;
        match from {
            None => Write::create(self.table(), row),
            Some(from) => Write::replace(self.table(), row, from.version),
        }
    }

    fn newsletter_order(&self, order: &NewsletterOrder, moment: &mut Moment) -> Result<Write, StorageError> {
        let id = OrderId::from_bits(moment.next_id());
        let mut row = item::row(keys::texts(self.scope.firm()), keys::order(id.as_str()), order)?;
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

impl ProvisionStore<'_> {
    pub async fn newsletter_order(&self, order: &OrderId) -> Result<Option<NewsletterOrder>, StorageError> {
        let pk = keys::texts(self.scope().firm());
        self.get(&self.settings().table_firm, pk, keys::order(order.as_str())).await?.map(item::read).transpose()
    }

    pub async fn brand(&self) -> Result<Option<Brand>, StorageError> {
        let pk = keys::public(self.scope().firm());
        self.get(&self.settings().table_firm, pk, keys::BRAND.to_owned()).await?.map(item::read).transpose()
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// As the firm has it.
    pub async fn firms_newsletter(&self, id: &NewsletterId) -> Result<Option<Newsletter>, StorageError> {
        let pk = keys::texts(self.scope.client_firm());
        self.get_firm(pk, keys::newsletter(id)).await?.map(item::read).transpose()
    }

    /// It comes to the client, whose people are told: once, however often this is asked.
    pub async fn take_newsletter(&self, of: &Newsletter, now: Timestamp) -> Result<(), StorageError> {
        let came = Came { id: of.id.clone(), letter: of.letter.clone(), at: now };
        let outbox = OutboxId::parse(of.id.as_str()).during("name a newsletter's notice")?;
        let cause = Cause::NewsletterSent { newsletter: of.id.clone() };
        let writes = vec![
            Write::create(self.table(), item::row(self.keys.data(), keys::newsletter(&of.id), &came)?)?,
            commit::outbox_row(self.table(), self.keys.outbox(), &outbox, &cause, now)?,
        ];
        match commit::transact(&self.dynamo, writes).await {
            // Another message with it was here before.
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }

    pub async fn newsletter(&self, id: &NewsletterId) -> Result<Option<Came>, StorageError> {
        self.get(self.keys.data(), keys::newsletter(id)).await?.map(item::read).transpose()
    }
}

impl ClientStore<'_, ClientScope<ReadMessages>> {
    /// What came to the client, the newest first.
    pub async fn newsletters(&self) -> Result<Vec<Came>, StorageError> {
        self.newest_newsletters(limits::PAGE_ROWS_MAX).await
    }

    pub async fn newest_newsletter(&self) -> Result<Option<Came>, StorageError> {
        Ok(self.newest_newsletters(1).await?.pop())
    }

    async fn newest_newsletters(&self, count: usize) -> Result<Vec<Came>, StorageError> {
        let pk = self.keys.data();
        let range = Range { pk, prefix: keys::NEWSLETTERS, newest_first: true, limit: Some(count), ..Range::default() };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    pub async fn newsletter(&self, id: &NewsletterId) -> Result<Option<Came>, StorageError> {
        self.get(self.keys.data(), keys::newsletter(id)).await?.map(item::read).transpose()
    }
}
