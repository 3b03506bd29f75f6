//! How people want to hear of things: a row of each person's own preferences, which that person writes and whoever tells
//! it something reads.

use access::{ClientJob, OneClient, OnePerson};
use domain::audit::{Act, Object};
use domain::notice::delivery::Suppression;
use domain::notice::phone::PhoneCode;
use domain::notice::preferences::Preferences;
use domain::permissions::ViewHome;
use domain::person::Phone;
use domain::{FirmId, Moment, PersonId, limits};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::check;
use crate::client::ClientStore;
use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::item;
use crate::keys;
use crate::reach;
use crate::vending::MembershipRow;

/// What somebody chose, and what is known of the ways that lead there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    #[serde(default)]
    pub preferences: Preferences,
    /// The number that a code sent there proved. Another one of the same person is not proven by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven_phone: Option<String>,
    /// Counts changes; nobody who chose nothing has any.
    #[serde(default)]
    pub version: u64,
}

impl Hearing {
    pub fn has_proven(&self, phone: &Phone) -> bool {
        self.proven_phone.as_deref() == Some(phone.as_str())
    }

    /// The row of the next version, which takes the place of this one and of no other.
    pub(crate) fn write(&self, table: &str, pk: String, next: Hearing) -> Result<Write, StorageError> {
        let row = item::row(pk, keys::HEARING, &Hearing { version: self.version + 1, ..next })?;
        match self.version {
            0 => Write::create(table, row),
            from => Write::replace(table, row, from),
        }
    }
}

/// What a person sees of it on its own page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHearing {
    pub hearing: Hearing,
    /// The number that the firm has of the person, as what it acts now.
    pub phone: Option<Phone>,
    /// The newest code that was sent to prove one.
    pub code: Option<PhoneCode>,
    /// Why no mail goes to the address any more.
    pub suppressed: Option<Suppression>,
}

impl OwnHearing {
    pub fn has_proven_phone(&self) -> bool {
        self.phone.as_ref().is_some_and(|phone| self.hearing.has_proven(phone))
    }
}

impl FirmStore<'_, ViewHome> {
    pub async fn own_hearing(&self) -> Result<OwnHearing, StorageError> {
        let (firm, person) = (self.scope.firm(), self.scope.person());
        let membership = keys::membership(&self.scope.vended().grant.membership);
        let wanted = vec![
            item::key(self.own_preferences(), keys::HEARING),
            item::key(self.own_preferences(), keys::PHONE_CODE),
            item::key(keys::home(firm, person), &membership),
            item::key(keys::reach(firm, person), keys::ADDRESS),
        ];
        let mut rows = self.rows(wanted).await?;
        let mut row = |sk: &str| {
            let place = rows.iter().position(|row| item::text_of(row, "sk") == Some(sk))?;
            Some(rows.swap_remove(place))
        };
        let hearing = row(keys::HEARING).map(item::read).transpose()?.unwrap_or_default();
        let code = row(keys::PHONE_CODE).map(item::read).transpose()?;
        let membership: Option<MembershipRow> = row(&membership).map(item::read).transpose()?;
        let phone = membership.and_then(|row| Phone::parse(&row.phone?).ok());
        let suppressed = row(keys::ADDRESS).map(reach::suppression).transpose()?.flatten();
        Ok(OwnHearing { hearing, phone, code, suppressed })
    }

    /// Stale if something of it changed meanwhile.
    pub async fn save_preferences(
        &self,
        from: &Hearing,
        preferences: &Preferences,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let next = Hearing { preferences: preferences.clone(), ..from.clone() };
        let writes = vec![from.write(self.table(), self.own_preferences(), next)?];
        let object = Object::new("notices", self.scope.person()).at_version(from.version + 1);
        self.change_own(Act::NoticesChosen, object, writes, moment).await
    }

    /// A code is about to be sent. Of two that are asked for at once one is stale.
    pub async fn save_phone_code(
        &self,
        before: Option<&PhoneCode>,
        code: &PhoneCode,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let writes = vec![self.code_write(before, code)?];
        self.change_own(Act::PhoneCodeSent, self.own_phone(), writes, moment).await
    }

    /// One of a code's tries is taken. What came of it is an event.
    pub async fn count_phone_try(&self, from: &PhoneCode, tried: &PhoneCode) -> Result<(), StorageError> {
        commit::transact(&self.dynamo, vec![self.code_write(Some(from), tried)?]).await
    }

    /// The number to which this code was sent is the person's own.
    pub async fn save_proven_phone(
        &self,
        from: &Hearing,
        code: &PhoneCode,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let next = Hearing { proven_phone: Some(code.phone.as_str().to_owned()), ..from.clone() };
        let writes =
            vec![from.write(self.table(), self.own_preferences(), next)?, self.code_write(Some(code), &code.used())?];
        self.change_own(Act::PhoneProven, self.own_phone(), writes, moment).await
    }

    /// Somebody typed what was not sent.
    pub async fn phone_not_proven(&self, moment: &mut Moment) -> Result<(), StorageError> {
        let draft = self.draft(Act::PhoneNotProven, self.own_phone(), moment).refused();
        let change = Change { chain: self.own_chain(), draft, writes: Vec::new() };
        commit::note(&self.dynamo, self.aws.settings(), change).await
    }

    fn code_write(&self, before: Option<&PhoneCode>, code: &PhoneCode) -> Result<Write, StorageError> {
        let mut row = item::row(self.own_preferences(), keys::PHONE_CODE, code)?;
        row.insert("ttl".to_owned(), item::number(code.lapses_second()));
        match before {
            Some(before) => Write::replace(self.table(), row, before.version),
            None => Write::create(self.table(), row),
        }
    }

    pub(crate) async fn change_own(
        &self,
        act: Act,
        object: Object,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let draft = self.draft(act, object, moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }

    fn own_phone(&self) -> Object {
        Object::new("phone", self.scope.person())
    }

    fn own_preferences(&self) -> String {
        keys::preferences(self.scope.firm(), self.scope.person())
    }
}

impl Aws {
    /// A code as it is stored: a million of them are soon tried against a hash that needs no key. No address looks like
    /// what is hashed here.
    pub async fn phone_code_hash_as_function(
        &self,
        firm: &FirmId,
        person: &PersonId,
        phone: &Phone,
        code: &str,
    ) -> Result<String, StorageError> {
        let text = format!("phone|{firm}|{person}|{}|{code}", phone.as_str());
        Ok(crypto::hex(&self.keyed_hash_as_function(&text).await?))
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// What these people chose, in their order; what nobody chose is as the firm has it.
    pub async fn hearing(&self, people: &[&PersonId]) -> Result<Vec<Hearing>, StorageError> {
        let place = |person: &PersonId| keys::preferences(self.scope.client_firm(), person);
        let mut rows = Vec::new();
        for some in people.chunks(limits::PAGE_ROWS_MAX) {
            let wanted = some.iter().map(|person| item::key(place(person), keys::HEARING)).collect();
            rows.extend(check::batch(&self.dynamo, &self.aws.settings().table_firm, wanted).await?);
        }
        let of = |person: &&PersonId| {
            let pk = place(person);
            let found = rows.iter().position(|row| item::text_of(row, "pk") == Some(&pk));
            found.map_or_else(|| Ok(Hearing::default()), |at| item::read(rows.swap_remove(at)))
        };
        people.iter().map(of).collect()
    }
}
