//! What a firm orders about its people's sign-in: who has to have a second factor, and a fresh start for somebody who lost
//! theirs. Factors are out of a firm's reach; the order is a mark in the person's home, which signing in honours once
//! every firm that the person has come in to has made one.

use access::OnePerson;
use domain::audit::{Act, Object};
use domain::factors::FactorPolicy;
use domain::permissions::{ManageSignIn, ResetFactors};
use domain::{Moment, PersonId};

use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::item;
use crate::keys;
use crate::query::Range;

impl FirmStore<'_, ResetFactors> {
    /// False where nobody like that belongs to the firm.
    pub async fn order_factor_reset(&self, person: &PersonId, moment: &mut Moment) -> Result<bool, StorageError> {
        let home = keys::home(self.scope.firm(), person);
        let range = Range { pk: home.clone(), prefix: keys::MEMBERSHIPS, limit: Some(1), ..Range::default() };
        if self.query(range).await?.rows.is_empty() {
            return Ok(false);
        }
        let row = serde_json::json!({ "at": moment.now, "by": self.scope.person() });
        let writes = vec![Write::overwrite(self.table(), item::row(&home, keys::RESET, &row)?)?];
        let draft = self.draft(Act::FactorResetOrdered, Object::new("person", person), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await?;
        Ok(true)
    }
}

impl FirmStore<'_, ManageSignIn> {
    pub async fn factor_policy(&self) -> Result<FactorPolicy, StorageError> {
        let key = item::key(keys::public(self.scope.firm()), keys::SIGN_IN);
        let found = self.rows(vec![key]).await?.pop();
        found.map_or_else(|| Ok(FactorPolicy::default()), item::read)
    }

    /// Holds from everybody's next sign-in.
    pub async fn set_factor_policy(&self, policy: FactorPolicy, moment: &mut Moment) -> Result<(), StorageError> {
        let firm = self.scope.firm();
        let row = item::row(keys::public(firm), keys::SIGN_IN, &policy)?;
        let writes = vec![Write::overwrite(self.table(), row)?];
        let draft = self.draft(Act::FactorPolicySet, Object::new("firm", firm), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }
}
