//! What a firm sets for itself. It lies where every role of the firm reads it; other functions follow within the minute
//! that they keep it.

use access::OnePerson;
use domain::audit::{Act, Object};
use domain::firm::settings::{Branding, Rules};
use domain::marking::MarkRule;
use domain::notice::kind::FirmRules;
use domain::permissions::{ManageBranding, ManageSettings, ViewHome};
use domain::{Moment, Timestamp};

use crate::brand::{Brand, Logo};
use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::item::{self, Item};
use crate::keys;

impl<P: Send + Sync> FirmStore<'_, P> {
    /// As it is stored this moment, to be changed.
    pub async fn brand(&self) -> Result<Brand, StorageError> {
        let row = self.get(keys::public(self.scope.firm()), keys::BRAND.to_owned()).await?;
        item::read(row.ok_or_else(|| StorageError::bug("read a firm's brand", "there is none"))?)
    }

    /// When the firm began.
    pub async fn began(&self) -> Result<Timestamp, StorageError> {
        let row = self.get(self.pk(), keys::SETTINGS.to_owned()).await?;
        let at = row.as_ref().and_then(|row| item::text_of(row, "created_at")?.parse().ok());
        Ok(at.unwrap_or(Timestamp::UNIX_EPOCH))
    }

    async fn save_brand(
        &self,
        act: Act,
        from_version: u64,
        next: Brand,
        more: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let firm = self.scope.firm();
        let next = Brand { version: from_version + 1, ..next };
        let row = item::row(keys::public(firm), keys::BRAND, &next)?;
        // What was written before there were versions has none.
        let condition = match from_version {
            0 => ("attribute_not_exists(version)", Item::new()),
            from => ("version = :from", Item::from([(":from".to_owned(), item::number(from))])),
        };
        let mut writes = vec![Write::put(self.table(), row, Some(condition), commit::Lost::Stale)?];
        writes.extend(more);
        let draft = self.draft(act, Object::new("firm", firm).at_version(next.version), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await?;
        self.aws.forget_brand(firm);
        Ok(())
    }
}

impl FirmStore<'_, ManageBranding> {
    pub async fn save_branding(
        &self,
        from: &Brand,
        branding: &Branding,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let next = Brand {
            firm_name: branding.name.to_string(),
            accent: branding.accent.as_ref().map(|accent| accent.as_str().to_owned()),
            ..from.clone()
        };
        self.save_brand(Act::BrandingChanged, from.version, next, Vec::new(), moment).await
    }

    /// `png` is a picture of our own making, at most a few tens of kilobytes.
    pub async fn save_logo(
        &self,
        from: &Brand,
        logo: Option<(Logo, Vec<u8>)>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let public = keys::public(self.scope.firm());
        let next = Brand { logo: logo.as_ref().map(|(logo, _)| logo.clone()), ..from.clone() };
        let mut writes = Vec::new();
        if let Some(old) = from.logo.as_ref().filter(|old| next.logo.as_ref().is_none_or(|new| new.hash != old.hash)) {
            writes.push(Write::delete(self.table(), item::key(&public, keys::logo(&old.hash)), None)?);
        }
        if let Some((logo, png)) = logo {
            let mut row = item::key(&public, keys::logo(&logo.hash));
            row.insert("png".to_owned(), item::bytes(png));
            writes.push(Write::overwrite(self.table(), row)?);
        }
        self.save_brand(Act::BrandingChanged, from.version, next, writes, moment).await
    }
}

impl FirmStore<'_, ManageSettings> {
    pub async fn save_rules(&self, from: &Brand, rules: &Rules, moment: &mut Moment) -> Result<(), StorageError> {
        let next =
            Brand { zone: rules.zone.clone(), packs: rules.packs.clone(), mails: rules.mails.clone(), ..from.clone() };
        self.save_brand(Act::SettingsChanged, from.version, next, Vec::new(), moment).await
    }

    pub async fn save_marks(&self, from: &Brand, marks: &MarkRule, moment: &mut Moment) -> Result<(), StorageError> {
        let next = Brand { marks: marks.clone(), ..from.clone() };
        self.save_brand(Act::MarksChanged, from.version, next, Vec::new(), moment).await
    }

    pub async fn save_notices(
        &self,
        from: &Brand,
        notices: &FirmRules,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let next = Brand { notices: notices.clone(), ..from.clone() };
        self.save_brand(Act::NoticeRulesChanged, from.version, next, Vec::new(), moment).await
    }
}

impl FirmStore<'_, ViewHome> {
    /// The picture, for everybody who belongs to the firm or to one of its clients.
    pub async fn logo(&self, hash: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let row = self.get(keys::public(self.scope.firm()), keys::logo(hash)).await?;
        Ok(row.as_ref().and_then(|row| item::bytes_of(row, "png")).map(<[u8]>::to_vec))
    }
}
