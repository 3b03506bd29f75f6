//! Firms as customers, by an operator's role, which reaches this one table and nothing else. What operators do is
//! written into a chain of their own in the same table; what they order for a firm is carried out by a worker.

use access::{OnePerson, PlatformScope};
use domain::audit::{Act, Chain, Draft, Object};
use domain::firm::{FirmOrder, FirmState};
use domain::permissions::{ManageFirms, SuspendFirms};
use domain::platform::{Reason, Turn, Usage};
use domain::{EventId, FirmChangeId, FirmId, Moment, PersonId, SessionId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::check;
use crate::commit::{self, Change, Lost, Write};
use crate::error::{During, StorageError};
use crate::firm::Listed;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};

/// A firm as an operator ordered it, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmRow {
    pub firm: FirmId,
    #[serde(flatten)]
    pub ordered: FirmOrder,
    pub state: FirmState,
    pub ordered_at: Timestamp,
    pub by: PersonId,
    /// The firm's own key, once it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_at: Option<Timestamp>,
    /// Since when it is suspended, or open again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Ordered and not carried out yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turning: Option<Turn>,
    /// As it was counted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

impl FirmRow {
    /// Since when it is what it is.
    pub fn state_since(&self) -> Timestamp {
        self.since.or(self.active_at).unwrap_or(self.ordered_at)
    }
}

/// An order to close a firm or to open it again, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnRow {
    pub change: FirmChangeId,
    pub turn: Turn,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub by: PersonId,
    pub by_name: String,
    pub session: SessionId,
    pub at: Timestamp,
    /// `ordered` or `done`.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
}

impl TurnRow {
    pub const ORDERED: &'static str = "ordered";
    pub const DONE: &'static str = "done";
}

/// A firm in the list: what it is found by. The rest is read where it changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ListedFirm {
    firm: FirmId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    domain: String,
}

/// The platform's table.
pub struct PlatformStore<'a, P> {
    pub(crate) aws: &'a Aws,
    pub(crate) scope: &'a PlatformScope<P>,
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
}

impl<'a, P: Send + Sync> PlatformStore<'a, P> {
    pub fn open(aws: &'a Aws, scope: &'a PlatformScope<P>) -> Self {
        Self { aws, scope, dynamo: aws.dynamo(&scope.vended().keys) }
    }

    /// Newest first. `after` is the last firm of the page before.
    pub async fn firms(&self, after: Option<&FirmId>) -> Result<Listed<FirmRow>, StorageError> {
        let page = query(&self.dynamo, self.table(), Self::list(after.map(keys::listed_firm))).await?;
        let listed: Vec<ListedFirm> = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let next = page.next.and_then(|_| listed.last()).map(|last| last.firm.to_string());
        let rows = self.rows_of(listed.into_iter().map(|listed| listed.firm).collect()).await?;
        Ok(Listed { rows, next })
    }

    /// Firms whose name or domain holds all of these words, the newest first, as many as a page has.
    pub async fn firms_found(&self, words: &[String]) -> Result<Vec<FirmRow>, StorageError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = query(&self.dynamo, self.table(), Self::list(after)).await?;
            for row in page.rows {
                let listed: ListedFirm = item::read(row)?;
                let text = format!("{} {}", listed.name, listed.domain).to_lowercase();
                if words.iter().all(|word| text.contains(word.as_str())) {
                    found.push(listed.firm);
                }
            }
            after = page.next;
            if after.is_none() || found.len() >= limits::PAGE_ROWS_MAX {
                found.truncate(limits::PAGE_ROWS_MAX);
                return self.rows_of(found).await;
            }
        }
    }

    fn list(after: Option<String>) -> Range<'static> {
        Range {
            pk: keys::FIRMS.to_owned(),
            prefix: keys::LISTED_FIRMS,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            after,
            ..Range::default()
        }
    }

    async fn rows_of(&self, firms: Vec<FirmId>) -> Result<Vec<FirmRow>, StorageError> {
        let wanted = firms.iter().map(|firm| item::key(keys::platform_firm(firm), keys::FIRM)).collect();
        let found = check::batch(&self.dynamo, self.table(), wanted).await?;
        let mut rows: Vec<FirmRow> = found.into_iter().map(item::read).collect::<Result<_, _>>()?;
        rows.sort_by(|a, b| b.firm.cmp(&a.firm));
        Ok(rows)
    }

    pub async fn firm(&self, firm: &FirmId) -> Result<Option<FirmRow>, StorageError> {
        self.get(keys::platform_firm(firm), keys::FIRM.to_owned()).await?.map(item::read).transpose()
    }

    /// When and why the firm was closed and opened, the newest first.
    pub async fn turns(&self, firm: &FirmId) -> Result<Vec<TurnRow>, StorageError> {
        let range = Range {
            pk: keys::platform_firm(firm),
            prefix: keys::TURNS,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            consistent: true,
            ..Range::default()
        };
        query(&self.dynamo, self.table(), range).await?.rows.into_iter().map(item::read).collect()
    }

    pub(crate) async fn get(&self, pk: String, sk: String) -> Result<Option<Item>, StorageError> {
        let request = self.dynamo.get_item().table_name(self.table()).set_key(Some(item::key(pk, sk)));
        Ok(request.consistent_read(true).send().await.during("read a row of the platform")?.item)
    }

    pub(crate) async fn commit(
        &self,
        act: Act,
        object: Object,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, self.scope.who(), act, object);
        let chain = Chain::Person { firm: self.scope.firm().clone(), person: self.scope.person().clone() };
        commit::commit_in(&self.dynamo, self.table(), Change { chain, draft, writes }).await.map(|_| ())
    }

    pub(crate) fn name(&self) -> String {
        self.scope.vended().grant.name.clone()
    }

    pub(crate) fn table(&self) -> &str {
        &self.aws.settings().table_platform
    }
}

impl PlatformStore<'_, ManageFirms> {
    /// Orders a firm, once for each idempotency key; the firm that was ordered then, if it was before.
    pub async fn order_firm(
        &self,
        ordered: FirmOrder,
        once: Option<&str>,
        moment: &mut Moment,
    ) -> Result<FirmRow, StorageError> {
        let firm = FirmId::from_bits(moment.next_id());
        let listed = ListedFirm {
            firm: firm.clone(),
            name: ordered.name.to_string(),
            domain: ordered.domain.as_str().to_owned(),
        };
        let row = FirmRow {
            firm: firm.clone(),
            ordered,
            state: FirmState::Ordered,
            ordered_at: moment.now,
            by: self.scope.person().clone(),
            key_arn: None,
            active_at: None,
            since: None,
            turning: None,
            usage: None,
        };
        let mut writes = vec![
            Write::create(self.table(), item::row(keys::platform_firm(&firm), keys::FIRM, &row)?)?,
            Write::create(self.table(), item::row(keys::FIRMS, keys::listed_firm(&firm), &listed)?)?,
        ];
        let repeated = once.map(|once| keys::repeated(self.scope.person(), once));
        if let Some(sk) = &repeated {
            let mut row = item::key(keys::FIRMS, sk);
            row.insert("answer".to_owned(), item::text(firm.as_str()));
            let condition = Some(("attribute_not_exists(pk)", Item::new()));
            writes.push(Write::put(self.table(), row, condition, Lost::Repeated)?);
        }
        match self.commit(Act::FirmOrdered, Object::new("firm", &firm), writes, moment).await {
            Ok(()) => Ok(row),
            Err(StorageError::DoneBefore(_)) => self.ordered_before(repeated.unwrap_or_default()).await,
            Err(error) => Err(error),
        }
    }

    async fn ordered_before(&self, sk: String) -> Result<FirmRow, StorageError> {
        let found = self.get(keys::FIRMS.to_owned(), sk).await?;
        let firm = found.as_ref().and_then(|row| FirmId::parse(item::text_of(row, "answer")?).ok());
        let firm = firm.ok_or(StorageError::Stale)?;
        self.firm(&firm).await?.ok_or(StorageError::Stale)
    }
}

impl PlatformStore<'_, SuspendFirms> {
    /// Orders a firm to be closed or opened again. Stale where its state is another by now, or another order waits.
    pub async fn order_turn(
        &self,
        firm: &FirmRow,
        turn: Turn,
        reason: Option<Reason>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let change = FirmChangeId::from_bits(moment.next_id());
        let row = TurnRow {
            change: change.clone(),
            turn,
            reason,
            by: self.scope.person().clone(),
            by_name: self.name(),
            session: self.scope.session().clone(),
            at: moment.now,
            state: TurnRow::ORDERED.to_owned(),
            done_at: None,
        };
        let pk = keys::platform_firm(&firm.firm);
        let values = Item::from([
            (":from".to_owned(), item::text(firm.state.as_str())),
            (":turn".to_owned(), item::text(turn.as_str())),
        ]);
        let free = Some("#state = :from AND attribute_not_exists(turning)");
        let key = item::key(&pk, keys::FIRM);
        let mark = Write::update(self.table(), key, "SET turning = :turn", &[("#state", "state")], values, free)?;
        let writes = vec![mark, Write::create(self.table(), item::row(&pk, keys::turn(&change), &row)?)?];
        self.commit(Act::FirmTurnOrdered, Object::new("firm", &firm.firm), writes, moment).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::firm::NewFirm;

    #[test]
    fn a_firms_row_reads_back_with_its_state_in_the_open() {
        let new = NewFirm {
            name: "Hartwell".into(),
            domain: "hartwell.example".into(),
            zone: "Europe/Berlin".into(),
            accent: None,
            packs: vec!["tax".into()],
            partner_name: "Ada".into(),
            partner_email: "ada@hartwell.example".into(),
        };
        let row = FirmRow {
            firm: FirmId::from_bits(1),
            ordered: FirmOrder::parse(&new).unwrap(),
            state: FirmState::Ordered,
            ordered_at: Timestamp::UNIX_EPOCH,
            by: PersonId::from_bits(2),
            key_arn: None,
            active_at: None,
            since: None,
            turning: Some(Turn::Suspend),
            usage: Some(Usage {
                day: jiff::civil::date(2026, 11, 26),
                people: 12,
                clients: 3,
                documents: 40,
                bytes: 5_000_000_000,
                counted_at: Timestamp::UNIX_EPOCH,
            }),
        };
        let mut stored = item::row("FIRM#1", "FIRM", &row).unwrap();
        assert_eq!(item::text_of(&stored, "state"), Some("ordered"));
        assert_eq!(item::text_of(&stored, "turning"), Some("suspend"));
        stored.insert("last_ev".to_owned(), item::text("x"));
        assert_eq!(item::read::<FirmRow>(stored).unwrap(), row);
    }
}
