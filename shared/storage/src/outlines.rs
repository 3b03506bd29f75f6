//! A firm's clients in a few rows, each of which holds many: what the partners' board counts and orders, and what lists go
//! through by name. Thousands of rows would have to be read for the same; cards are read for what a page shows.

use aws_sdk_dynamodb::Client;
use domain::project::board::Outline;
use domain::text::Name;
use domain::{ClientId, FirmId, Timestamp};
use serde::de::DeserializeOwned;

use crate::commit::{Lost, Write};
use crate::error::{During, StorageError};
use crate::firm::ListedClient;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};

/// One of the rows.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Shard {
    outlines: Vec<Outline>,
    names: Vec<Named>,
    version: u64,
}

/// A client in a list: id, name, and when it was made, in seconds.
type Named = (ClientId, Name, i64);

const OUTLINES: &str = "outlines";
const NAMES: &str = "names";

impl Shard {
    pub(crate) fn read(row: Option<&Item>) -> Result<Shard, StorageError> {
        let Some(row) = row else { return Ok(Shard::default()) };
        Ok(Shard {
            outlines: list(row, OUTLINES)?,
            names: list(row, NAMES)?,
            version: item::number_of(row, "version").unwrap_or_default(),
        })
    }

    /// Puts a client in its place, and says whether that changed anything. Without an outline the board has it no more.
    pub(crate) fn set(&mut self, outline: Option<Outline>, listed: &ListedClient) -> bool {
        let named = (listed.client.clone(), listed.name.clone(), listed.created_at.as_second());
        let outline_changed = match outline {
            Some(outline) => put(&mut self.outlines, outline, |outline| &outline.client),
            None => {
                let count = self.outlines.len();
                self.outlines.retain(|outline| outline.client != listed.client);
                self.outlines.len() != count
            }
        };
        put(&mut self.names, named, |named| &named.0) || outline_changed
    }

    /// Holds the row to the version that was read: the client's card is newer than what the row says, or this is.
    pub(crate) fn write(&self, table: &str, pk: String, sk: String, changed: bool) -> Result<Write, StorageError> {
        let from = self.version;
        let values = Item::from([(":from".to_owned(), item::number(from))]);
        if !changed {
            return Write::check_that(table, item::key(pk, sk), "version = :from", values, Lost::Stale);
        }
        let mut row = item::key(pk, sk);
        row.insert(OUTLINES.to_owned(), text(&self.outlines)?);
        row.insert(NAMES.to_owned(), text(&self.names)?);
        row.insert("version".to_owned(), item::number(from + 1));
        if from == 0 { Write::create(table, row) } else { Write::replace(table, row, from) }
    }
}

/// Every client of the firm as the board has it.
pub(crate) async fn outlines(dynamo: &Client, table: &str, firm: &FirmId) -> Result<Vec<Outline>, StorageError> {
    all(dynamo, table, firm, OUTLINES).await
}

/// Every client of the firm by name, in the order in which they came.
pub(crate) async fn names(dynamo: &Client, table: &str, firm: &FirmId) -> Result<Vec<ListedClient>, StorageError> {
    let mut listed = Vec::new();
    for (client, name, created) in all::<Named>(dynamo, table, firm, NAMES).await? {
        let created_at = Timestamp::from_second(created).during("read a list of clients")?;
        listed.push(ListedClient { client, name, created_at });
    }
    listed.sort_by(|a, b| a.client.cmp(&b.client));
    Ok(listed)
}

async fn all<T: DeserializeOwned>(
    dynamo: &Client,
    table: &str,
    firm: &FirmId,
    attribute: &'static str,
) -> Result<Vec<T>, StorageError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let range = Range { pk: keys::outlines(firm), only: Some(attribute), after, ..Range::default() };
        let page = query(dynamo, table, range).await?;
        for row in &page.rows {
            found.extend(list::<T>(row, attribute)?);
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

fn list<T: DeserializeOwned>(row: &Item, attribute: &str) -> Result<Vec<T>, StorageError> {
    item::text_of(row, attribute)
        .map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(text).during("read a list"))
}

fn text<T: serde::Serialize>(list: &[T]) -> Result<aws_sdk_dynamodb::types::AttributeValue, StorageError> {
    serde_json::to_string(list).map(item::text).during("write a list")
}

fn put<T: PartialEq>(list: &mut Vec<T>, new: T, client: impl Fn(&T) -> &ClientId) -> bool {
    match list.iter_mut().find(|old| client(old) == client(&new)) {
        Some(old) if *old == new => return false,
        Some(old) => *old = new,
        None => list.push(new),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::project::card::Card;

    fn client(number: u128, name: &str) -> (Outline, ListedClient) {
        let client = ClientId::from_bits(number);
        let outline = Outline::from(&Card::empty(client.clone(), name.to_owned()));
        (outline, ListedClient { client, name: Name::parse(name).unwrap(), created_at: Timestamp::UNIX_EPOCH })
    }

    #[test]
    fn a_row_reads_back_and_changes_only_where_something_did() {
        let mut shard = Shard::read(None).unwrap();
        let (acme, birch) = (client(1, "Acme"), client(2, "Birch"));
        assert!(shard.set(Some(acme.0.clone()), &acme.1));
        assert!(shard.set(Some(birch.0.clone()), &birch.1));
        assert!(!shard.set(Some(acme.0.clone()), &acme.1));
        let busier = Outline { open_projects: 1, ..acme.0.clone() };
        assert!(shard.set(Some(busier.clone()), &acme.1));
        assert!(shard.set(Some(busier), &client(1, "Acme & Sons").1));
        assert_eq!((shard.outlines.len(), shard.names.len()), (2, 2));
        assert!(shard.set(None, &birch.1));
        assert!(!shard.set(None, &birch.1));
        assert_eq!((shard.outlines.len(), shard.names.len()), (1, 2));

        let row = Item::from([
            (OUTLINES.to_owned(), text(&shard.outlines).unwrap()),
            (NAMES.to_owned(), text(&shard.names).unwrap()),
            ("version".to_owned(), item::number(7)),
        ]);
        shard.version = 7;
        assert_eq!(Shard::read(Some(&row)).unwrap(), shard);
    }
}
