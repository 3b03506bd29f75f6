//! What a client's own admins order for the people of their company: rows in a partition of that client, carried out by
//! the worker that may reach homes. The admin's own role reaches none.

use access::{ClientScope, OneClient, OnePerson};
use domain::audit::{Act, Object, Who};
use domain::firm::Order;
use domain::permissions::{ManageCompany, ViewCompany};
use domain::{Moment, OrderId, limits};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::Write;
use crate::error::StorageError;
use crate::item;
use crate::keys;
use crate::orders::OrderRow;
use crate::query::Range;

impl<S: OneClient + OnePerson> ClientStore<'_, S> {
    async fn company_order_row(&self, order: &OrderId) -> Result<Option<OrderRow>, StorageError> {
        self.get(self.keys.orders(), keys::order(order.as_str())).await?.map(item::read).transpose()
    }
}

impl ClientStore<'_, ClientScope<ViewCompany>> {
    /// The newest orders, whatever became of them. None for somebody who looks at the portal as a client's person: the role
    /// that views reads no orders.
    pub async fn company_orders(&self) -> Result<Vec<OrderRow>, StorageError> {
        if matches!(self.scope.who(), Who::Person { viewing_as: Some(_), .. }) {
            return Ok(Vec::new());
        }
        let range = Range {
            pk: self.keys.orders(),
            prefix: keys::ORDERS,
            newest_first: true,
            limit: Some(limits::COMPANY_ORDERS_SHOWN_MAX),
            consistent: true,
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    pub async fn company_order(&self, order: &OrderId) -> Result<Option<OrderRow>, StorageError> {
        self.company_order_row(order).await
    }
}

impl ClientStore<'_, ClientScope<ManageCompany>> {
    /// Writes an order, once for each idempotency key; the one that was written then, if it was before.
    pub async fn order_in_company(
        &self,
        what: Order,
        once: Option<&str>,
        moment: &mut Moment,
    ) -> Result<OrderRow, StorageError> {
        let order = OrderId::from_bits(moment.next_id());
        let (act, object) = match &what {
            Order::Member { person, .. } => (Act::MemberOrdered, Object::new("person", person)),
            // Who it becomes is known once the address has been looked up.
            _ => (Act::PersonInvited, Object::new("membership", self.scope.client())),
        };
        let row = OrderRow::new(order.clone(), self.scope.person().clone(), what, moment.now);
        let stored = item::row(self.keys.orders(), keys::order(order.as_str()), &row)?;
        let writes = vec![Write::create(self.table(), stored)?];
        let once = once.map(|key| Once { key, answer: order.to_string() });
        let draft = self.draft(act, object, moment);
        match self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await {
            Ok(_) => Ok(row),
            Err(StorageError::DoneBefore(answer)) => {
                let before = OrderId::parse(&answer).map_err(|_| StorageError::Stale)?;
                self.company_order_row(&before).await?.ok_or(StorageError::Stale)
            }
            Err(error) => Err(error),
        }
    }
}
