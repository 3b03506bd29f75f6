//! A person's second factors: one row, its content sealed under a key of this person. A version guards it, so that no
//! code counts twice and parallel guesses share their tries.

use std::collections::{BTreeMap, BTreeSet};

use crypto::Aad;
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::factors::{FactorPolicy, FirmSays, Held, Tries};
use domain::{EmailAddress, EventId, FirmId, Moment, PersonId, SessionId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::check;
use crate::commit::{self, Change, Write};
use crate::error::{During, StorageError};
use crate::identity::Identity;
use crate::identity_links::Proof;
use crate::identity_people::{Standing, platform_firm};
use crate::item::{self, Item};
use crate::keys;

const SEALED: &str = "sealed";

/// What is known of a person's factors without opening them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factors {
    pub person: PersonId,
    pub email: EmailAddress,
    /// Whether there is a second factor to ask for.
    pub enrolled: bool,
    /// When the first of them was enrolled.
    pub begun_at: Timestamp,
    pub tries: Tries,
    version: u64,
    sealed: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct FactorsRow {
    person: PersonId,
    email: EmailAddress,
    enrolled: bool,
    begun_at: Timestamp,
    tries: Tries,
    version: u64,
}

#[derive(Deserialize)]
struct ResetRow {
    at: Timestamp,
}

impl Identity<'_> {
    pub async fn factors(&self, person: &PersonId) -> Result<Option<Factors>, StorageError> {
        let Some(row) = self.get(keys::person(person), keys::FACTORS).await? else { return Ok(None) };
        let sealed = item::bytes_of(&row, SEALED).unwrap_or_default().to_vec();
        let row: FactorsRow = item::read(row)?;
        let FactorsRow { person, email, enrolled, begun_at, tries, version } = row;
        Ok(Some(Factors { person, email, enrolled, begun_at, tries, version, sealed }))
    }

    /// The factors themselves; none where there is no row.
    pub async fn held(&self, factors: Option<&Factors>) -> Result<Held, StorageError> {
        let Some(factors) = factors else { return Ok(Held::default()) };
        let pk = keys::person(&factors.person);
        let key = self.aws.identity_key_as_function(&pk).await?;
        let plain = key.open(&factors.sealed, &place(&pk)).during("open a person's factors")?;
        serde_json::from_slice(&plain).during("read a person's factors")
    }

    /// Counts a try before it is looked at; nothing where somebody else tried at the same time.
    pub async fn take_factor_try(&self, factors: &Factors, now: Timestamp) -> Result<Option<Factors>, StorageError> {
        let tries = factors.tries.with_one_more(now);
        let taken = Factors { tries, version: factors.version + 1, ..factors.clone() };
        let put = self.factors_put(&taken, Some(factors))?;
        match commit::transact(&self.dynamo, vec![put]).await {
            Ok(()) => Ok(Some(taken)),
            Err(StorageError::Stale) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The row as it is to be: what was held `before` is what was decided from. All tries are forgiven.
    pub async fn factors_proof(
        &self,
        person: &PersonId,
        email: &EmailAddress,
        before: Option<&Factors>,
        held: &Held,
        now: Timestamp,
    ) -> Result<Proof, StorageError> {
        let pk = keys::person(person);
        let plain = serde_json::to_vec(held).during("write a person's factors")?;
        let key = self.aws.identity_key_as_function(&pk).await?;
        let factors = Factors {
            person: person.clone(),
            email: email.clone(),
            enrolled: held.enrolled(),
            begun_at: before.filter(|before| before.enrolled).map_or(now, |before| before.begun_at),
            tries: Tries::default(),
            version: before.map_or(1, |before| before.version + 1),
            sealed: key.seal(&plain, &place(&pk)).during("seal a person's factors")?,
        };
        Ok(Proof { writes: vec![self.factors_put(&factors, before)?] })
    }

    fn factors_put(&self, factors: &Factors, before: Option<&Factors>) -> Result<Write, StorageError> {
        let row = FactorsRow {
            person: factors.person.clone(),
            email: factors.email.clone(),
            enrolled: factors.enrolled,
            begun_at: factors.begun_at,
            tries: factors.tries,
            version: factors.version,
        };
        let mut row = item::row(keys::person(&factors.person), keys::FACTORS, &row)?;
        row.insert(SEALED.to_owned(), item::bytes(factors.sealed.clone()));
        match before {
            Some(before) => Write::replace(self.table(), row, before.version),
            None => Write::create(self.table(), row),
        }
    }

    /// What a firm asks of its people; its own rule where it never said.
    pub async fn factor_policy(&self, firm: &FirmId) -> Result<FactorPolicy, StorageError> {
        let found = self
            .dynamo
            .get_item()
            .table_name(&self.aws.settings().table_firm)
            .set_key(Some(item::key(keys::public(firm), keys::SIGN_IN)))
            .send()
            .await
            .during("read a firm's sign-in rule")?;
        found.item.map_or_else(|| Ok(FactorPolicy::default()), item::read)
    }

    /// What each firm that the person belongs to says about a fresh start.
    pub async fn resets(&self, person: &PersonId, standings: &[Standing]) -> Result<Vec<FirmSays>, StorageError> {
        let firms: BTreeSet<&FirmId> = standings.iter().map(|standing| &standing.firm).collect();
        let rows = |sk| firms.iter().map(move |firm| item::key(keys::home(firm, person), sk));
        let wanted: Vec<Item> = rows(keys::RESET).chain(rows(keys::LAST_SIGN_IN)).collect();
        let mut marks: BTreeMap<String, Timestamp> = BTreeMap::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        for some in wanted.chunks(limits::PAGE_ROWS_MAX) {
            for row in check::batch(&self.dynamo, &self.aws.settings().table_firm, some.to_vec()).await? {
                let pk = item::text_of(&row, "pk").unwrap_or_default().to_owned();
                if item::text_of(&row, "sk") == Some(keys::LAST_SIGN_IN) {
                    used.insert(pk);
                } else {
                    marks.insert(pk, item::read::<ResetRow>(row)?.at);
                }
            }
        }
        let of = |firm: &&FirmId| {
            let home = keys::home(firm, person);
            // Nobody but the platform could order one for its own people, and it does not.
            let reset_at = marks.get(&home).copied().filter(|_| **firm != platform_firm());
            FirmSays { used: used.contains(&home), reset_at }
        };
        Ok(firms.iter().map(of).collect())
    }

    /// Gives a person's factors up, as every firm of theirs has ordered, on the way to a session.
    pub async fn give_up_factors(
        &self,
        factors: &Factors,
        standing: &Standing,
        session: &SessionId,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let values = Item::from([(":from".to_owned(), item::number(factors.version))]);
        let key = item::key(keys::person(&factors.person), keys::FACTORS);
        let gone = Write::delete(self.table(), key, Some(("version = :from", values)))?;
        let person = factors.person.clone();
        let who = Who::person(person.clone(), standing.row.role, session.clone());
        let object = Object::new("person", &person);
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, who, Act::FactorsReset, object);
        let chain = Chain::Person { firm: standing.firm.clone(), person };
        match self.commit(Change { chain, draft, writes: vec![gone] }).await {
            // They were given up or used meanwhile: the next sign-in looks again.
            Err(StorageError::Stale) => Ok(()),
            other => other,
        }
    }
}

fn place(pk: &str) -> Aad<'_> {
    Aad { table: "identity", pk, sk: keys::FACTORS, attribute: SEALED }
}
