//! Reading the audit: pages of one chain, by the role that may do nothing else.

use access::{FirmScope, OnePerson};
use crypto::chain::Event;
use domain::audit::Chain;
use domain::permissions::ViewAudit;
use domain::{ClientId, PersonId, limits};

use crate::aws::Aws;
use crate::check::Check;
use crate::error::{During, StorageError};
use crate::item;
use crate::keys;
use crate::query::{Range, query};

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

    pub fn client_chain(&self, client: &ClientId) -> Chain {
        Chain::Client { firm: self.scope.firm().clone(), client: client.clone() }
    }

    pub fn person_chain(&self, person: &PersonId) -> Chain {
        Chain::Person { firm: self.scope.firm().clone(), person: person.clone() }
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
        let rows = page.rows.iter().map(|row| {
            let text = item::text_of(row, "ev").unwrap_or_default().to_owned();
            let event = serde_json::from_str(&text).during("read an event")?;
            Ok(AuditRow { event, text })
        });
        let rows = rows.collect::<Result<Vec<_>, StorageError>>()?;
        let next = page.next.and_then(|_| rows.last().map(|row| row.event.seq));
        Ok((rows, next))
    }
}
