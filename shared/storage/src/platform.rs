//! Firms as customers, by an operator's role, which reaches this one table and nothing else. What operators do is
//! written into a chain of their own in the same table.

use access::{OnePerson, PlatformScope};
use domain::audit::{Act, Chain, Draft, Object};
use domain::firm::{FirmOrder, FirmState};
use domain::permissions::ManageFirms;
use domain::{EventId, FirmId, Moment, PersonId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::check;
use crate::commit::{self, Change, Lost, Write};
use crate::error::{During, StorageError};
use crate::firm::Listed;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};

/// A firm as an operator ordered it.
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
}

/// A firm in the list, which has no more than its name: the rest is read where it changes.
#[derive(Serialize, Deserialize)]
struct ListedFirm {
    firm: FirmId,
}

/// The platform's table.
pub struct PlatformStore<'a> {
    aws: &'a Aws,
    scope: &'a PlatformScope<ManageFirms>,
    dynamo: aws_sdk_dynamodb::Client,
}

impl<'a> PlatformStore<'a> {
    pub fn open(aws: &'a Aws, scope: &'a PlatformScope<ManageFirms>) -> Self {
        Self { aws, scope, dynamo: aws.dynamo(&scope.vended().keys) }
    }

    /// Newest first. `after` is the last firm of the page before.
    pub async fn firms(&self, after: Option<&FirmId>) -> Result<Listed<FirmRow>, StorageError> {
        let range = Range {
            pk: keys::FIRMS.to_owned(),
            prefix: keys::LISTED_FIRMS,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            after: after.map(keys::listed_firm),
            ..Range::default()
        };
        let page = query(&self.dynamo, self.table(), range).await?;
        let listed: Vec<ListedFirm> = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let next = page.next.and_then(|_| listed.last()).map(|last| last.firm.to_string());
        if listed.is_empty() {
            return Ok(Listed { rows: Vec::new(), next });
        }
        let wanted = listed.iter().map(|listed| item::key(keys::platform_firm(&listed.firm), keys::FIRM)).collect();
        let found = check::batch(&self.dynamo, self.table(), wanted).await?;
        let mut rows: Vec<FirmRow> = found.into_iter().map(item::read).collect::<Result<_, _>>()?;
        rows.sort_by(|a, b| b.firm.cmp(&a.firm));
        Ok(Listed { rows, next })
    }

    pub async fn firm(&self, firm: &FirmId) -> Result<Option<FirmRow>, StorageError> {
        self.get(keys::platform_firm(firm), keys::FIRM.to_owned()).await?.map(item::read).transpose()
    }

    /// Orders a firm, once for each idempotency key; the firm that was ordered then, if it was before.
    pub async fn order_firm(
        &self,
        ordered: FirmOrder,
        once: Option<&str>,
        moment: &mut Moment,
    ) -> Result<FirmRow, StorageError> {
        let firm = FirmId::from_bits(moment.next_id());
        let row = FirmRow {
            firm: firm.clone(),
            ordered,
            state: FirmState::Ordered,
            ordered_at: moment.now,
            by: self.scope.person().clone(),
            key_arn: None,
            active_at: None,
        };
        let listed = ListedFirm { firm: firm.clone() };
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
        let id = EventId::from_bits(moment.next_id());
        let draft = Draft::new(id, moment.now, self.scope.who(), Act::FirmOrdered, Object::new("firm", &firm));
        let chain = Chain::Person { firm: self.scope.firm().clone(), person: self.scope.person().clone() };
        match commit::commit_in(&self.dynamo, self.table(), Change { chain, draft, writes }).await {
            Ok(_) => Ok(row),
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

    async fn get(&self, pk: String, sk: String) -> Result<Option<Item>, StorageError> {
        let request = self.dynamo.get_item().table_name(self.table()).set_key(Some(item::key(pk, sk)));
        Ok(request.consistent_read(true).send().await.during("read a firm's row")?.item)
    }

    fn table(&self) -> &str {
        &self.aws.settings().table_platform
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
        };
        let mut stored = item::row("FIRM#1", "FIRM", &row).unwrap();
        assert_eq!(item::text_of(&stored, "state"), Some("ordered"));
        stored.insert("last_ev".to_owned(), item::text("x"));
        assert_eq!(item::read::<FirmRow>(stored).unwrap(), row);
    }
}
