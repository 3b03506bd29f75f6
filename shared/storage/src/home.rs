//! The person's own home, as far as it is about clients; and the firm's view of all of them.

use std::collections::{BTreeMap, BTreeSet};

use access::{FirmScope, HomeScope, OnePerson};
use aws_sdk_dynamodb::Client;
use domain::permissions::ViewFirm;
use domain::project::board::Outline;
use domain::project::card::Card;
use domain::{ClientId, limits};
use serde::Deserialize;

use crate::aws::Aws;
use crate::check::{self, Check};
use crate::error::{During, StorageError};
use crate::firm_clients;
use crate::item;
use crate::keys;
use crate::outlines;
use crate::query::{Range, query};

/// What a home says of the clients assigned to its person.
pub struct HomeStore<'a> {
    aws: &'a Aws,
    scope: &'a HomeScope,
    dynamo: Client,
    check: Check<'a>,
}

/// An assignment, as far as a list needs it.
#[derive(Debug, Deserialize)]
struct Assignment {
    client: ClientId,
    client_name: String,
}

impl<'a> HomeStore<'a> {
    pub fn open(aws: &'a Aws, scope: &'a HomeScope) -> Self {
        let dynamo = aws.dynamo(&scope.vended().keys);
        Self { aws, scope, dynamo, check: Check::new(aws, scope.lease().unchecked()) }
    }

    /// A card for exactly the clients assigned to this person: one that is not drawn yet is empty, and one that was
    /// left behind by an assignment that ended is not shown.
    pub async fn assigned(&self) -> Result<Vec<Card>, StorageError> {
        let read = async {
            let request = self
                .dynamo
                .query()
                .table_name(&self.aws.settings().table_firm)
                .consistent_read(true)
                .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":pk", item::text(keys::home(self.scope.firm(), self.scope.person())))
                .expression_attribute_values(":first", item::text(keys::ASSIGNMENTS))
                .expression_attribute_values(":last", item::text(LAST_CARD));
            // 60 assignments and as many cards are far less than one page of a query.
            Ok(request.send().await.during("read a home")?.items.unwrap_or_default())
        };
        let archived = firm_clients::archived(&self.dynamo, &self.aws.settings().table_firm, self.scope.firm());
        let (rows, archived) = tokio::join!(self.check.beside(&self.dynamo, read), archived);
        let (rows, archived) = (rows?, archived?);
        let mut assigned = Vec::new();
        let mut cards = BTreeMap::new();
        for row in rows {
            match item::text_of(&row, "sk").unwrap_or_default() {
                sk if sk.starts_with(keys::ASSIGNMENTS) => assigned.push(item::read::<Assignment>(row)?),
                sk if sk.starts_with(keys::CARDS) => {
                    let card: Card = item::read(row)?;
                    cards.insert(card.client.clone(), card);
                }
                _ => (),
            }
        }
        let card = |of: Assignment| cards.remove(&of.client).unwrap_or_else(|| Card::empty(of.client, of.client_name));
        let works_on = assigned.into_iter().filter(|of| !archived.contains_key(&of.client));
        Ok(works_on.map(card).collect())
    }
}

/// Behind every card: `$` follows `#`.
const LAST_CARD: &str = "CARD$";

/// All clients of the firm, with their boards.
pub struct ClientsView<'a> {
    aws: &'a Aws,
    scope: &'a FirmScope<ViewFirm>,
    dynamo: Client,
    check: Check<'a>,
}

impl<'a> ClientsView<'a> {
    pub fn open(aws: &'a Aws, scope: &'a FirmScope<ViewFirm>) -> Self {
        let dynamo = aws.dynamo(&scope.vended().keys);
        Self { aws, scope, dynamo, check: Check::new(aws, scope.lease().unchecked()) }
    }

    /// A page of clients, in the order in which they were made, after the one named.
    pub async fn page(
        &self,
        after: Option<&ClientId>,
        count_max: usize,
    ) -> Result<(Vec<Card>, Option<ClientId>), StorageError> {
        let range = Range {
            pk: keys::clients_view(self.scope.firm()),
            prefix: keys::BOARD,
            limit: Some(count_max),
            after: after.map(keys::board),
            ..Range::default()
        };
        let table = &self.aws.settings().table_firm;
        let archived = firm_clients::archived(&self.dynamo, table, self.scope.firm());
        let read = self.check.beside(&self.dynamo, query(&self.dynamo, table, range));
        let (page, archived) = tokio::join!(read, archived);
        let (page, archived) = (page?, archived?);
        let next = page.next.and_then(|sk| ClientId::parse(sk.strip_prefix(keys::BOARD)?).ok());
        let mut cards: Vec<Card> = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        cards.retain(|card| !archived.contains_key(&card.client));
        Ok((cards, next))
    }

    /// All of them, as far as the board counts and orders them.
    pub async fn outlines(&self) -> Result<Vec<Outline>, StorageError> {
        let read = outlines::outlines(&self.dynamo, &self.aws.settings().table_firm, self.scope.firm());
        self.check.beside(&self.dynamo, read).await
    }

    /// The cards of these clients, no more than a page of them.
    pub async fn cards(&self, clients: &BTreeSet<ClientId>) -> Result<BTreeMap<ClientId, Card>, StorageError> {
        let view = keys::clients_view(self.scope.firm());
        let wanted = clients.iter().take(limits::PAGE_ROWS_MAX).map(|client| item::key(&view, keys::board(client)));
        let read = check::batch(&self.dynamo, &self.aws.settings().table_firm, wanted.collect());
        let mut cards = BTreeMap::new();
        for row in self.check.beside(&self.dynamo, read).await? {
            let card: Card = item::read(row)?;
            cards.insert(card.client.clone(), card);
        }
        Ok(cards)
    }
}
