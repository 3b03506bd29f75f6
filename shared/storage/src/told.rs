//! What was told to whom, and what became of it: a row for each mail or text that a provider took, under the first cause
//! that it told. Ids, words of the provider and times; nothing of what was said.
//!
//! Whoever sent it and whoever hears of it later write different attributes of the row, in whatever order they come.

use access::{ClientJob, ClientScope};
use domain::audit::{Act, Object};
use domain::notice::delivery::{Delivery, Heard, Word};
use domain::notice::{Cause, Channel, EffectKey, HeardMessage, Kind, Tier};
use domain::permissions::{EditProjects, ViewAccessHistory};
use domain::{Moment, OutboxId, PersonId, Timestamp, limits};
use serde::Deserialize;

use crate::claims::{self, Claim};
use crate::client::{ClientChange, ClientStore};
use crate::commit::{self, AuditReceipt, Change, Write};
use crate::dues;
use crate::error::StorageError;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

/// What was sent: which notice, to whom, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent<'a> {
    /// The first cause that it told.
    pub first: &'a OutboxId,
    pub person: &'a PersonId,
    pub channel: Channel,
    pub about: Kind,
    pub tier: Tier,
    /// Within the client's own pages.
    pub page: &'a str,
    /// How many things it told.
    pub things: usize,
}

/// One notice to one person on one channel, with all times that it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub first: OutboxId,
    pub person: PersonId,
    pub channel: Channel,
    /// None while only news of it are known.
    pub about: Option<About>,
    pub delivery: Delivery,
    /// Not sent: nothing goes to the address any more.
    pub withheld_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct About {
    pub about: Kind,
    pub tier: Tier,
    pub page: String,
    pub things: usize,
}

impl Told {
    /// What came back, what nobody knows to have arrived, and what was never sent; not without end.
    pub fn may_be_sent_again(&self) -> bool {
        self.delivery.may_be_resent(None) || (self.withheld_at.is_some() && self.delivery.sends() == 0)
    }

    /// When it was first sent, or would have been.
    pub fn at(&self) -> Option<Timestamp> {
        self.delivery.first_at().into_iter().chain(self.withheld_at).min()
    }
}

#[derive(Deserialize)]
struct Stored {
    #[serde(flatten)]
    about: Option<About>,
    sent_at: Option<Timestamp>,
    withheld_at: Option<Timestamp>,
    heard: Option<Word>,
    heard_at: Option<Timestamp>,
}

/// In the place of a provider's id.
const WITHHELD: &str = "withheld";

/// Rows as they come, which lie together by cause, person and channel.
fn told(rows: Vec<Item>) -> Result<Vec<Told>, StorageError> {
    let mut found: Vec<Told> = Vec::new();
    for row in rows {
        let Some((first, person, channel, provider_id)) = item::text_of(&row, "sk").and_then(keys::told_parts) else {
            return Err(StorageError::bug("read what was told", "its key is none"));
        };
        let Stored { about, sent_at, withheld_at, heard, heard_at } = item::read(row)?;
        let is_same = |one: &Told| one.first == first && one.person == person && one.channel == channel;
        let place = match found.iter().position(is_same) {
            Some(place) => place,
            None => {
                let (delivery, withheld_at) = (Delivery::default(), None);
                found.push(Told { first, person, channel, about: None, delivery, withheld_at });
                found.len() - 1
            }
        };
        let Some(one) = found.get_mut(place) else { continue };
        one.about = about.or(one.about.take());
        one.withheld_at = one.withheld_at.or(withheld_at);
        for (word, at) in [(Some(Word::Sent), sent_at), (heard, heard_at)] {
            let Some((word, at)) = word.zip(at) else { continue };
            // What is beyond the bound is one send too many, of which nothing more is kept.
            if let Ok(Some(next)) = one.delivery.hear(&Heard { provider_id: provider_id.clone(), word, at }) {
                one.delivery = next;
            }
        }
    }
    Ok(found)
}

/// That something was asked for, as a claim that is done from the beginning: a second one does not go through.
fn done_claim(table: &str, pk: String, once: &EffectKey, now: Timestamp) -> Result<Write, StorageError> {
    let mut claim = item::key(pk, keys::claim(once));
    claim.insert("state".to_owned(), item::text(claims::DONE));
    claim.insert("ttl".to_owned(), item::number(now.as_second() + limits::CLAIM_KEPT_SECONDS));
    Write::create(table, claim)
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Records that the provider took it: the claims of all that it told, what the firm sees of it, and the event.
    pub async fn mark_told(
        &self,
        claims: &[Claim],
        provider_id: &str,
        sent: &Sent<'_>,
        object: Object,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let write = self.sent_write(sent, provider_id, "sent_at", moment.now)?;
        self.mark_with(claims, provider_id, vec![write], object, moment).await
    }

    /// That it was not sent, because nothing goes to the address any more.
    pub async fn mark_withheld(&self, sent: &Sent<'_>, now: Timestamp) -> Result<(), StorageError> {
        commit::transact(&self.dynamo, vec![self.sent_write(sent, WITHHELD, "withheld_at", now)?]).await
    }

    fn sent_write(
        &self,
        sent: &Sent<'_>,
        provider_id: &str,
        instant: &str,
        now: Timestamp,
    ) -> Result<Write, StorageError> {
        let Sent { first, person, channel, about, tier, page, things } = sent;
        let values = Item::from([
            (":about".to_owned(), item::text(about.as_str())),
            (":tier".to_owned(), item::text(tier.as_str())),
            (":page".to_owned(), item::text(*page)),
            (":things".to_owned(), item::number(u64::try_from(*things).unwrap_or(u64::MAX))),
            (":at".to_owned(), item::text(now.to_string())),
            (":ttl".to_owned(), item::number(now.as_second() + limits::CLAIM_KEPT_SECONDS)),
        ]);
        Write::update(
            self.table(),
            item::key(self.keys.outbox(), keys::told(first, person, *channel, provider_id)),
            "SET about = :about, tier = :tier, page = :page, things = :things, #at = :at, #ttl = :ttl",
            &[("#at", instant), ("#ttl", "ttl")],
            values,
            None,
        )
    }

    /// A provider's word, which stays unless a stronger one is known.
    pub async fn hear(&self, news: &HeardMessage, now: Timestamp) -> Result<(), StorageError> {
        let HeardMessage { outbox, person, provider_id, heard, at, channel, .. } = news;
        let values = Item::from([
            (":heard".to_owned(), item::text(heard.as_str())),
            (":rank".to_owned(), item::number(heard.rank())),
            (":at".to_owned(), item::text(at.to_string())),
            (":ttl".to_owned(), item::number(now.as_second() + limits::CLAIM_KEPT_SECONDS)),
        ]);
        let write = Write::update(
            self.table(),
            item::key(self.keys.outbox(), keys::told(outbox, person, *channel, provider_id)),
            "SET heard = :heard, heard_at = :at, #rank = :rank, #ttl = if_not_exists(#ttl, :ttl)",
            &[("#rank", "rank"), ("#ttl", "ttl")],
            values,
            Some("attribute_not_exists(#rank) OR #rank < :rank"),
        )?;
        match commit::transact(&self.dynamo, vec![write]).await {
            // A stronger word is there, or the row was in others' hands for too long.
            Err(StorageError::Stale) => {
                let sk = keys::told(outbox, person, *channel, provider_id);
                let row = self.get(self.keys.outbox(), sk).await?;
                let known = row.and_then(|row| item::number_of::<u8>(&row, "rank"));
                if known.is_some_and(|known| known >= heard.rank()) { Ok(()) } else { Err(StorageError::Stale) }
            }
            answer => answer,
        }
    }

    /// What somebody was told of a cause, on each channel.
    pub async fn told_to(&self, first: &OutboxId, person: &PersonId) -> Result<Vec<Told>, StorageError> {
        let prefix = keys::told_to(first, person);
        let range = Range { pk: self.keys.outbox(), prefix: &prefix, consistent: true, ..Range::default() };
        told(self.query_all(range, limits::PAGE_ROWS_MAX).await?)
    }

    /// Once, whoever hears of it twice: what follows when a notice came back, with the event that says so. `held_until` is
    /// when it is looked at, if not at once.
    pub async fn follow_up(
        &self,
        once: &EffectKey,
        cause: &Cause,
        held_until: Option<Timestamp>,
        act: Act,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let id = OutboxId::from_bits(moment.next_id());
        let claim = done_claim(self.table(), self.keys.outbox(), once, moment.now)?;
        let outbox = match held_until {
            None => commit::outbox_row(self.table(), self.keys.outbox(), &id, cause, moment.now)?,
            Some(at) => {
                let place = dues::place(at, id.as_str());
                commit::outbox_row_at(self.table(), self.keys.outbox(), &id, cause, moment.now, place)?
            }
        };
        let writes = vec![claim, outbox];
        let draft = self.draft(act, Object::new("notice", once.as_str()), moment);
        let change = Change { chain: self.chain(), draft, writes };
        match commit::commit(&self.dynamo, self.aws.settings(), change).await {
            Ok(_) => Ok(()),
            // Somebody heard of it before, or the chain is in others' hands for too long.
            Err(StorageError::Stale) if self.is_done(once).await? => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A page of what was told, the newest first.
pub struct ToldPage {
    pub told: Vec<Told>,
    /// Where the next one begins.
    pub next: Option<String>,
}

impl ClientStore<'_, ClientScope<ViewAccessHistory>> {
    /// What the client's people and the firm's team were told of it, the newest first.
    pub async fn told(&self, after: Option<&str>) -> Result<ToldPage, StorageError> {
        let range = Range {
            pk: self.keys.outbox(),
            prefix: keys::TOLD,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            after: after.and_then(keys::told_behind),
            ..Range::default()
        };
        let page = self.query(range).await?;
        let last =
            page.next.as_deref().and_then(keys::told_parts).map(|(first, person, channel, _)| (first, person, channel));
        let mut told = told(page.rows)?;
        // Of one that goes on beyond the page, the next page shows all: it begins behind the one before it.
        if told.len() > 1 {
            told.retain(|one| {
                last.as_ref().is_none_or(|(f, p, c)| (&one.first, &one.person, &one.channel) != (f, p, c))
            });
        }
        let is_last = page.next.is_none();
        let end = told.last().filter(|_| !is_last);
        let next = end.map(|one| keys::told_cursor(&one.first, &one.person, one.channel));
        Ok(ToldPage { told, next })
    }
}

impl ClientStore<'_, ClientScope<EditProjects>> {
    /// What somebody was told of a cause by mail, for whoever wants it sent again.
    pub async fn told_by_mail(&self, first: &OutboxId, person: &PersonId) -> Result<Option<Told>, StorageError> {
        let prefix = keys::told_to(first, person);
        let range = Range { pk: self.keys.outbox(), prefix: &prefix, consistent: true, ..Range::default() };
        let all = told(self.query_all(range, limits::PAGE_ROWS_MAX).await?)?;
        Ok(all.into_iter().find(|one| one.channel == Channel::Email))
    }

    /// Has it sent once more: once for each time that it was sent or withheld, however often that is asked for.
    pub async fn send_again(&self, told: &Told, about: Kind, moment: &mut Moment) -> Result<(), StorageError> {
        let Told { first, person, withheld_at, delivery, .. } = told;
        let withheld = withheld_at.map_or(0, |at| at.as_second());
        let once = EffectKey::follow_up(first, person, &format!("by-hand-{}-{withheld}", delivery.sends()));
        let claim = done_claim(self.table(), self.keys.outbox(), &once, moment.now)?;
        let draft = self.draft(Act::NoticeSentAgain, Object::new("notice", once.as_str()), moment);
        let cause = Cause::SendAgain { outbox: first.clone(), person: person.clone(), about };
        let change = ClientChange { draft, writes: vec![claim], causes: vec![cause], once: None };
        match self.commit(change, moment).await {
            Ok(_) => Ok(()),
            Err(StorageError::Stale) => {
                let asked = self.get(self.keys.outbox(), keys::claim(&once)).await?;
                asked.map(|_| ()).ok_or(StorageError::Stale)
            }
            Err(error) => Err(error),
        }
    }
}
