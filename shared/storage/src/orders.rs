//! Orders of a firm's partners, for a client or a person: rows in the firm's own partition, written with their event
//! and carried out by a worker.

use domain::firm::{Order, OrderRefused, OrderState};
use domain::{OrderId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::commit::Write;
use crate::error::StorageError;
use crate::item::{self, Item};
use crate::keys;

/// An order as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    pub order: OrderId,
    pub by: PersonId,
    pub at: Timestamp,
    pub state: OrderState,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<OrderRefused>,
    /// It is carried out, and whoever it is about is to be told by mail.
    #[serde(default)]
    pub mail_due: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed_at: Option<Timestamp>,
    #[serde(flatten)]
    pub what: Order,
}

impl OrderRow {
    pub(crate) fn new(order: OrderId, by: PersonId, what: Order, at: Timestamp) -> Self {
        Self { order, by, at, state: OrderState::Ordered, refused: None, mail_due: false, mailed_at: None, what }
    }
}

/// What an order comes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closing {
    pub(crate) refused: Option<OrderRefused>,
    /// A mail follows.
    pub(crate) mails: bool,
}

/// The member of a transaction that closes an order. Of two workers that carry one out, one wins.
pub(crate) fn close(
    table: &str,
    pk: String,
    order: &OrderId,
    closing: Closing,
    now: Timestamp,
) -> Result<Write, StorageError> {
    let Closing { refused, mails } = closing;
    let state = if refused.is_some() { OrderState::Refused } else { OrderState::Done };
    let mut values = Item::from([
        (":open".to_owned(), item::text(OrderState::Ordered.as_str())),
        (":state".to_owned(), item::text(state.as_str())),
        (":now".to_owned(), item::text(now.to_string())),
        (":mails".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(mails)),
    ]);
    let mut expression = "SET #state = :state, closed_at = :now, mail_due = :mails".to_owned();
    if let Some(refused) = refused {
        values.insert(
            ":why".to_owned(),
            serde_dynamo::to_attribute_value(refused).map_err(|e| StorageError::bug("write a row", e))?,
        );
        expression += ", refused = :why";
    }
    let key = item::key(pk, keys::order(order.as_str()));
    Write::update(table, key, &expression, &[("#state", "state")], values, Some("#state = :open"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ClientId;
    use domain::person::{NewPerson, PersonOrder};

    fn check(what: Order) {
        let row = OrderRow {
            order: OrderId::from_bits(1),
            by: PersonId::from_bits(2),
            at: Timestamp::UNIX_EPOCH,
            state: OrderState::Refused,
            refused: Some(OrderRefused::NoSuchClient),
            mail_due: false,
            mailed_at: None,
            what,
        };
        let mut stored = item::row("T#1", "ORDER#1", &row).unwrap();
        // What reads rows by their text has it at the top.
        assert_eq!(item::text_of(&stored, "state"), Some("refused"));
        assert!(item::text_of(&stored, "kind").is_some());
        stored.insert("last_ev".to_owned(), item::text("x"));
        assert_eq!(item::read::<OrderRow>(stored).unwrap(), row);
    }

    #[test]
    fn both_kinds_of_orders_read_back() {
        check(Order::Client { client: ClientId::from_bits(3), name: domain::text::Name::parse("Acme").unwrap() });
        let new = NewPerson {
            name: "Ada".into(),
            email: "ada@x.example".into(),
            role: "client_admin".into(),
            client: Some(ClientId::from_bits(3).to_string()),
            phone: Some("+1 555 010 0199".into()),
        };
        check(Order::Person(PersonOrder::parse(&new).unwrap()));
    }
}
