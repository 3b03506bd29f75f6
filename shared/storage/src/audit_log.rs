//! Reading the audit: pages of one chain, by the role that may do nothing else.

use access::{FirmScope, OnePerson};
use crypto::chain::Event;
use domain::audit::Chain;
use domain::permissions::ViewAudit;
use domain::{ClientId, EventId, PersonId, limits};

use crate::aws::Aws;
use crate::check::Check;
use crate::error::{During, StorageError};
use crate::item;
use crate::keys;
use crate::query::{Page, Range, query};

/// One stored event, parsed.
#[derive(Debug, Clone)]
pub struct AuditRow {
    pub event: Event,
    /// The bytes that are hashed.
    pub text: String,
}

/// The firm's chains, to read.
pub struct AuditStore<'a> {
    aws: &'a Aws,
    scope: &'a FirmScope<ViewAudit>,
    dynamo: aws_sdk_dynamodb::Client,
    check: Check<'a>,
}

impl<'a> AuditStore<'a> {
    pub fn open(aws: &'a Aws, scope: &'a FirmScope<ViewAudit>) -> Self {
        let dynamo = aws.dynamo(&scope.vended().keys);
        Self { aws, scope, dynamo, check: Check::new(aws, scope.lease().unchecked()) }
    }

    /// What was done to the firm as a whole.
    pub fn firm_chain(&self) -> Chain {
        Chain::Firm { firm: self.scope.firm().clone() }
    }

    pub fn client_chain(&self, client: &ClientId) -> Chain {
        Chain::Client { firm: self.scope.firm().clone(), client: client.clone() }
    }

    pub fn person_chain(&self, person: &PersonId) -> Chain {
        Chain::Person { firm: self.scope.firm().clone(), person: person.clone() }
    }

    /// The event that a code names, if it is in this chain. A code begins with its time, and a chain goes by time but for
    /// what was written at the same moment, so that it is found by halves.
    pub async fn find(&self, chain: &Chain, code: &EventId) -> Result<Option<AuditRow>, StorageError> {
        let at = i64::try_from(code.bits() >> 80).unwrap_or(i64::MAX);
        let Some(newest) = self.at_most(chain, None, 1).await?.pop() else { return Ok(None) };
        let late = newest.event.at.as_millisecond() + limits::CHAIN_DISORDER_MILLISECONDS;
        if late < at {
            return Ok(None);
        }
        let (mut low, mut high) = (0, newest.event.seq);
        while high - low > limits::CHAIN_DISORDER_EVENTS {
            let middle = low + (high - low) / 2;
            let Some(row) = self.at_most(chain, Some(middle), 1).await?.pop() else { return Ok(None) };
            if row.event.at.as_millisecond() < at { low = middle } else { high = middle }
        }
        let last = high + limits::CHAIN_DISORDER_EVENTS;
        let count_max = usize::try_from(limits::CHAIN_DISORDER_EVENTS * 3).unwrap_or(usize::MAX);
        Ok(self.at_most(chain, Some(last), count_max).await?.into_iter().find(|row| row.event.id == *code))
    }

    /// Events with this number and lower ones, the highest first.
    async fn at_most(&self, chain: &Chain, seq: Option<u64>, count_max: usize) -> Result<Vec<AuditRow>, StorageError> {
        let range = Range {
            pk: keys::chain_events(chain),
            newest_first: true,
            limit: Some(count_max),
            after: seq.map(|seq| keys::event(seq + 1)),
            ..Range::default()
        };
        let read = query(&self.dynamo, &self.aws.settings().table_audit, range);
        rows(&self.check.beside(&self.dynamo, read).await?)
    }

    /// Newest first. `after` is the number of the last event of the page before.
    pub async fn page(&self, chain: &Chain, after: Option<u64>) -> Result<(Vec<AuditRow>, Option<u64>), StorageError> {
        let range = Range {
            pk: keys::chain_events(chain),
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            after: after.map(keys::event),
            ..Range::default()
        };
        let read = query(&self.dynamo, &self.aws.settings().table_audit, range);
        let page = self.check.beside(&self.dynamo, read).await?;
        let rows = rows(&page)?;
        let next = page.next.and_then(|_| rows.last().map(|row| row.event.seq));
        Ok((rows, next))
    }
}

fn rows(page: &Page) -> Result<Vec<AuditRow>, StorageError> {
    let rows = page.rows.iter().map(|row| {
        let text = item::text_of(row, "ev").unwrap_or_default().to_owned();
        let event = serde_json::from_str(&text).during("read an event")?;
        Ok(AuditRow { event, text })
    });
    rows.collect()
}
