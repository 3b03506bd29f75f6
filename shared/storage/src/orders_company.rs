//! What a client's own admins order for the people of their company: rows in a partition of that client, carried out by
//! the worker that may reach homes. The admin's own role reaches none.

use access::{ClientScope, OneClient, OnePerson};
use domain::audit::{Act, Object, Who};
use domain::firm::{Order, OrderRefused, OrderState};
use domain::permissions::{ManageCompany, ViewCompany};
use domain::person::company::{Earlier, check_pace};
use domain::{Moment, OrderId, Timestamp, limits};

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

    async fn newest_orders(&self, count_max: usize) -> Result<Vec<OrderRow>, StorageError> {
        let range = Range {
            pk: self.keys.orders(),
            prefix: keys::ORDERS,
            newest_first: true,
            limit: Some(count_max),
            consistent: true,
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }
}

impl ClientStore<'_, ClientScope<ViewCompany>> {
    /// The newest orders, whatever became of them. None for somebody who looks at the portal as a client's person: the role
    /// that views reads no orders.
    pub async fn company_orders(&self) -> Result<Vec<OrderRow>, StorageError> {
        if matches!(self.scope.who(), Who::Person { viewing_as: Some(_), .. }) {
            return Ok(Vec::new());
        }
        self.newest_orders(limits::COMPANY_ORDERS_SHOWN_MAX).await
    }

    pub async fn company_order(&self, order: &OrderId) -> Result<Option<OrderRow>, StorageError> {
        self.company_order_row(order).await
    }
}

impl ClientStore<'_, ClientScope<ManageCompany>> {
    /// Whether the company may send one more invitation now.
    async fn pace(&self, what: &Order, now: Timestamp) -> Result<Result<(), OrderRefused>, StorageError> {
        let Order::Person(asked) = what else { return Ok(Ok(())) };
        let newest = self.newest_orders(limits::COMPANY_ORDERS_PER_DAY).await?;
        let earlier = newest.iter().map(|row| {
            let invited = match &row.what {
                // What was refused mailed nobody, and is put right at once.
                Order::Person(person) if row.state != OrderState::Refused => Some(&person.email),
                _ => None,
            };
            Earlier { invited, at: row.at }
        });
        Ok(check_pace(&asked.email, earlier, now))
    }

    /// Writes an order, once for each idempotency key; the one that was written then, if it was before.
    pub async fn order_in_company(
        &self,
        what: Order,
        once: Option<&str>,
        moment: &mut Moment,
    ) -> Result<Result<OrderRow, OrderRefused>, StorageError> {
        if let Err(refused) = self.pace(&what, moment.now).await? {
            let before = match once {
                Some(key) => self.answered_before(key).await?.and_then(|before| OrderId::parse(&before).ok()),
                None => None,
            };
            return match before {
                Some(before) => Ok(Ok(self.company_order_row(&before).await?.ok_or(StorageError::Stale)?)),
                None => Ok(Err(refused)),
            };
        }
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
            Ok(_) => Ok(Ok(row)),
            Err(StorageError::DoneBefore(answer)) => {
                let before = OrderId::parse(&answer).map_err(|_| StorageError::Stale)?;
                Ok(Ok(self.company_order_row(&before).await?.ok_or(StorageError::Stale)?))
            }
            Err(error) => Err(error),
        }
    }
}
