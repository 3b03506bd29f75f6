//! Texts that a firm keeps to write with: one row in a partition that the firm's people read and no role of a client does.

use access::{ClientScope, OneClient, OnePerson};
use domain::Moment;
use domain::audit::{Act, Object};
use domain::firm::texts::Texts;
use domain::permissions::ManageSettings;

use crate::client::ClientStore;
use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::item;
use crate::keys;

impl FirmStore<'_, ManageSettings> {
    pub async fn texts(&self) -> Result<Texts, StorageError> {
        let row = self.get(keys::texts(self.scope.firm()), keys::TEXTS.to_owned()).await?;
        row.map_or_else(|| Ok(Texts::default()), item::read)
    }

    /// Stale if somebody was faster.
    pub async fn save_texts(&self, from: &Texts, next: &Texts, moment: &mut Moment) -> Result<(), StorageError> {
        let row = item::row(keys::texts(self.scope.firm()), keys::TEXTS, next)?;
        let write = match from.version {
            0 => Write::create(self.table(), row)?,
            version => Write::replace(self.table(), row, version)?,
        };
        let object = Object::new("firm", self.scope.firm()).at_version(next.version);
        let draft = self.draft(Act::TextsChanged, object, moment);
        let change = Change { chain: self.own_chain(), draft, writes: vec![write] };
        commit::commit(&self.dynamo, self.aws.settings(), change).await?;
        Ok(())
    }
}

impl<P> ClientStore<'_, ClientScope<P>> {
    /// For whoever of the firm writes; nobody of a client's is given any.
    pub async fn texts(&self) -> Result<Texts, StorageError> {
        if self.scope.role().is_client() || self.scope.vended().grant.viewing().is_some() {
            return Ok(Texts::default());
        }
        let row = self.get_firm(keys::texts(self.scope.client_firm()), keys::TEXTS.to_owned()).await?;
        row.map_or_else(|| Ok(Texts::default()), item::read)
    }
}
