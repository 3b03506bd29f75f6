//! Whether mail reaches a person: that an address came back, or that what came was called unwanted. Whoever hears of it
//! writes it down, and the person says when to try again.

use access::{ClientJob, OneClient, OnePerson};
use domain::audit::{Act, Object};
use domain::notice::delivery::{Suppression, Why};
use domain::permissions::{ManagePeople, ViewHome};
use domain::{Moment, PersonId, Timestamp, limits};
use serde::Deserialize;

use crate::check;
use crate::client::ClientStore;
use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::item::{self, Item};
use crate::keys;

#[derive(Deserialize)]
struct Stored {
    /// None where it was lifted.
    why: Option<Why>,
    at: Timestamp,
}

/// What a row says.
pub(crate) fn suppression(row: Item) -> Result<Option<Suppression>, StorageError> {
    let Stored { why, at } = item::read(row)?;
    Ok(why.map(|why| Suppression { why, at }))
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Nothing goes to this person's address any more, and the event says so. A complaint outweighs a bounce, and news from
    /// before it was lifted say nothing.
    pub async fn suppress(
        &self,
        person: &PersonId,
        because: Suppression,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let (pk, sk) = (keys::reach(self.scope.client_firm(), person), keys::ADDRESS);
        let mut values = Item::from([
            (":why".to_owned(), item::text(because.why.as_str())),
            (":at".to_owned(), item::text(because.at.to_string())),
            (":ms".to_owned(), item::number(because.at.as_millisecond())),
        ]);
        let heeded = Lift::heeded_by(because.why);
        let weaker = match because.why {
            Why::HardBounce => "attribute_not_exists(why)",
            Why::Complaint => {
                values.insert(":bounce".to_owned(), item::text(Why::HardBounce.as_str()));
                "(attribute_not_exists(why) OR why = :bounce)"
            }
        };
        let later = |lift: &Lift| format!(" AND (attribute_not_exists({0}) OR {0} < :ms)", lift.attribute());
        let condition = heeded.iter().map(later).fold(weaker.to_owned(), |all, one| all + &one);
        let table = &self.aws.settings().table_firm;
        let names = [("#at", "at")];
        let expression = "SET why = :why, #at = :at";
        let write = Write::update(table, item::key(&pk, sk), expression, &names, values, Some(&condition))?;
        let draft = self.draft(Act::NoticeCameBack, Object::new("address", person), moment);
        let change = Change { chain: self.chain(), draft, writes: vec![write] };
        match commit::commit(&self.dynamo, self.aws.settings(), change).await {
            Ok(_) => Ok(()),
            // Known, or lifted since: anything else is tried again.
            Err(StorageError::Stale) => match self.get_firm(pk, sk.to_owned()).await? {
                Some(row) if is_settled(&row, because) => Ok(()),
                _ => Err(StorageError::Stale),
            },
            Err(error) => Err(error),
        }
    }

    /// Whose addresses take nothing any more, of these people in their order.
    pub async fn suppressed(&self, people: &[&PersonId]) -> Result<Vec<Option<Suppression>>, StorageError> {
        let place = |person: &PersonId| keys::reach(self.scope.client_firm(), person);
        let mut rows = Vec::new();
        for some in people.chunks(limits::PAGE_ROWS_MAX) {
            let wanted = some.iter().map(|person| item::key(place(person), keys::ADDRESS)).collect();
            rows.extend(check::batch(&self.dynamo, &self.aws.settings().table_firm, wanted).await?);
        }
        let of = |person: &&PersonId| {
            let pk = place(person);
            let found = rows.iter().position(|row| item::text_of(row, "pk") == Some(&pk));
            found.map_or(Ok(None), |at| suppression(rows.swap_remove(at)))
        };
        people.iter().map(of).collect()
    }
}

/// Who had an address tried again. News of before it say nothing any more; but what the firm lifted says nothing of what
/// the person wants.
#[derive(Clone, Copy)]
enum Lift {
    ByPerson,
    ByFirm,
}

impl Lift {
    fn attribute(self) -> &'static str {
        match self {
            Lift::ByPerson => "lifted_ms",
            Lift::ByFirm => "lifted_by_firm_ms",
        }
    }

    fn heeded_by(why: Why) -> &'static [Lift] {
        match why {
            Why::HardBounce => &[Lift::ByPerson, Lift::ByFirm],
            Why::Complaint => &[Lift::ByPerson],
        }
    }
}

/// Whether a row says all that this news does.
fn is_settled(row: &Item, because: Suppression) -> bool {
    let lifted = |lift: &Lift| {
        item::number_of::<i64>(row, lift.attribute()).is_some_and(|lifted| lifted >= because.at.as_millisecond())
    };
    item::text_of(row, "why").is_some() || Lift::heeded_by(because.why).iter().any(lifted)
}

impl<P: Send + Sync> FirmStore<'_, P> {
    /// What lifts it, where the row is as `known` says.
    fn lifted(
        &self,
        person: &PersonId,
        lift: Lift,
        known: (&str, Item),
        moment: &Moment,
    ) -> Result<Write, StorageError> {
        let key = item::key(keys::reach(self.scope.firm(), person), keys::ADDRESS);
        let (condition, mut values) = known;
        values.insert(":ms".to_owned(), item::number(moment.now.as_millisecond()));
        let expression = format!("SET {} = :ms REMOVE why", lift.attribute());
        Write::update(self.table(), key, &expression, &[], values, Some(condition))
    }
}

impl FirmStore<'_, ViewHome> {
    /// Mails go to the person's address again, until one comes back.
    pub async fn lift_suppression(&self, moment: &mut Moment) -> Result<(), StorageError> {
        let person = self.scope.person();
        let write = self.lifted(person, Lift::ByPerson, ("attribute_exists(why)", Item::new()), moment)?;
        let object = Object::new("address", person);
        match self.change_own(Act::AddressTriedAgain, object, vec![write], moment).await {
            // It was lifted before, or its chain is in others' hands for too long.
            Err(StorageError::Stale) if self.own_hearing().await?.suppressed.is_none() => Ok(()),
            answer => answer,
        }
    }
}

impl FirmStore<'_, ManagePeople> {
    /// Why nothing is mailed to somebody of the firm or of its clients; none where mails are.
    pub async fn suppression_of(&self, person: &PersonId) -> Result<Option<Suppression>, StorageError> {
        let row = self.get(keys::reach(self.scope.firm(), person), keys::ADDRESS.to_owned()).await?;
        Ok(row.map(suppression).transpose()?.flatten())
    }

    /// Mails go to somebody's address again that came back. Stale where that is not, or not any more, why none do.
    pub async fn lift_suppression_of(&self, person: &PersonId, moment: &mut Moment) -> Result<(), StorageError> {
        let bounce = Item::from([(":bounce".to_owned(), item::text(Why::HardBounce.as_str()))]);
        let writes = vec![self.lifted(person, Lift::ByFirm, ("why = :bounce", bounce), moment)?];
        let draft = self.draft(Act::AddressTriedAgain, Object::new("address", person), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }
}
