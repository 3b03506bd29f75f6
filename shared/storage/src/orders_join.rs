//! Orders that somebody join whom a provider of single sign-on vouches for. The function that hears the provider writes
//! one into the home that it is about, and waits; the worker of all orders of people carries it out.

use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::firm::{Order, OrderRefused, OrderState};
use domain::sso::{Arrival, JoinOrder, check_join};
use domain::{EventId, FirmId, Moment, OrderId, PersonId, limits};

use crate::commit::{Change, Write};
use crate::error::StorageError;
use crate::identity::Identity;
use crate::identity_sso::Connection;
use crate::item;
use crate::keys;
use crate::orders::{Closing, OrderRow};
use crate::orders_people::{How, PeopleStore};

/// How far an order to join is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    Waits,
    Done,
    Refused(OrderRefused),
}

impl Identity<'_> {
    /// Writes the order. Its name is made from its cause, so that whoever writes it a second time finds it written.
    pub async fn order_join(
        &self,
        connection: &Connection,
        person: &PersonId,
        asked: JoinOrder,
        moment: &mut Moment,
    ) -> Result<OrderId, StorageError> {
        let window = JoinOrder::window(moment.now);
        let cause = crypto::sha256(format!("join|{}|{person}|{window}", connection.connection).as_bytes());
        let bits = cause.iter().take(16).fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
        let order = OrderId::from_bits(bits);
        let home = keys::home(&connection.firm, person);
        let row = OrderRow::new(order.clone(), person.clone(), Order::Join(asked), moment.now);
        let mut row = item::row(home, keys::order(order.as_str()), &row)?;
        row.insert("ttl".to_owned(), item::number(moment.now.as_second() + limits::SSO_JOIN_KEPT_SECONDS));
        let writes = vec![Write::create(&self.aws.settings().table_firm, row)?];
        let id = EventId::from_bits(moment.next_id());
        let object = Object::new("connection", &connection.connection);
        let draft = Draft::new(id, moment.now, Who::Nobody, Act::JoinAsked, object);
        let chain = Chain::Person { firm: connection.firm.clone(), person: person.clone() };
        match self.commit(Change { chain, draft, writes }).await {
            Ok(()) | Err(StorageError::Stale) => Ok(order),
            Err(error) => Err(error),
        }
    }

    pub async fn joining(&self, firm: &FirmId, person: &PersonId, order: &OrderId) -> Result<Joining, StorageError> {
        let row = self.firm_row(&keys::home(firm, person), &keys::order(order.as_str())).await?;
        let row: Option<OrderRow> = row.map(item::read).transpose()?;
        Ok(match row.map(|row| (row.state, row.refused)) {
            Some((OrderState::Done, _)) => Joining::Done,
            Some((OrderState::Refused, why)) => Joining::Refused(why.unwrap_or(OrderRefused::NotYours)),
            Some((OrderState::Ordered, _)) | None => Joining::Waits,
        })
    }
}

impl PeopleStore<'_> {
    /// What makes an invited person makes one who joins: the same rows, and the invitation among them, which the person
    /// takes up at once.
    pub(crate) async fn join(
        &self,
        order: &OrderRow,
        home_of: &PersonId,
        asked: &JoinOrder,
        moment: &mut Moment,
    ) -> Result<Result<(), OrderRefused>, StorageError> {
        let mac = self.aws.address_mac(self.scope.keys(), &asked.person.email).await?;
        if PersonId::from_bits(mac.person_bits()) != *home_of {
            return Ok(Err(OrderRefused::NotYours));
        }
        let known = self.known(home_of, &asked.person.membership()).await?;
        match check_join(asked, known.client.is_some(), known.member.as_ref()) {
            Err(refused) => Ok(Err(refused)),
            Ok(Arrival::New) => self.admit(order, &asked.person, &mac, known, How::Joins, moment).await,
            Ok(Arrival::Here) => {
                let close = self.close(order, Closing { refused: None, mails: false }, moment.now)?;
                let object = Object::new("order", &order.order);
                self.commit(home_of, Act::PersonJoined, object, vec![close], true, moment).await?;
                Ok(Ok(()))
            }
        }
    }
}
