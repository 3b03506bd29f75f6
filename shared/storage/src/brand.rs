//! What every role of a firm may know of it: name, colour, zone, and the key its documents are written under.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Keys, OneClient, OnePerson};
use domain::firm::settings::MailRules;
use domain::marking::MarkRule;
use domain::notice::kind::FirmRules;
use domain::{FirmId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::error::{During, StorageError};
use crate::item;
use crate::keys;

/// How long a process keeps what it read. A changed name shows within this.
const KEPT_SECONDS: i64 = 60;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    pub firm_name: String,
    /// `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// IANA name of the firm's time zone.
    pub zone: String,
    /// ARN of the firm's key.
    pub key_arn: String,
    /// The practice packs that the firm works with.
    pub packs: Vec<domain::packs::Pack>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
    #[serde(default)]
    pub mails: MailRules,
    /// How loudly each kind of notice is told, and how far people may turn it down.
    #[serde(default)]
    pub notices: FirmRules,
    /// Whose copies of which documents carry a mark.
    #[serde(default)]
    pub marks: MarkRule,
    /// Counts changes; what was written before there were any has none.
    #[serde(default)]
    pub version: u64,
}

/// The firm's picture, drawn anew by us as PNG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// Of its bytes: the last part of its address.
    pub hash: String,
    pub width: u32,
    pub height: u32,
}

impl Brand {
    /// UTC where the stored name is none that this build knows.
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        domain::calendar::zone(&self.zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

#[derive(Default)]
pub(crate) struct BrandCache(BTreeMap<FirmId, (Timestamp, Arc<Brand>)>);

impl Aws {
    /// The brand of the firm that a person's scope is of.
    pub async fn brand(&self, scope: &impl OnePerson, now: Timestamp) -> Result<Arc<Brand>, StorageError> {
        self.brand_of(scope.firm(), &scope.vended().keys, now).await
    }

    /// The brand of the firm that a client belongs to.
    pub async fn client_brand(&self, scope: &impl OneClient, now: Timestamp) -> Result<Arc<Brand>, StorageError> {
        self.brand_of(scope.client_firm(), scope.keys(), now).await
    }

    async fn brand_of(&self, firm: &FirmId, vended: &Keys, now: Timestamp) -> Result<Arc<Brand>, StorageError> {
        if let Some(brand) = self.kept_brand(firm, now) {
            return Ok(brand);
        }
        let found = self
            .dynamo(vended)
            .get_item()
            .table_name(&self.settings().table_firm)
            .set_key(Some(item::key(keys::public(firm), keys::BRAND)))
            .send()
            .await
            .during("read a firm's brand")?;
        let row = found.item.ok_or_else(|| StorageError::bug("read a firm's brand", "there is none"))?;
        let brand = Arc::new(item::read::<Brand>(row)?);
        if let Ok(mut cache) = self.brands().lock() {
            cache.0.insert(firm.clone(), (now, Arc::clone(&brand)));
        }
        Ok(brand)
    }

    /// Lets this process read the brand anew.
    pub(crate) fn forget_brand(&self, firm: &FirmId) {
        if let Ok(mut cache) = self.brands().lock() {
            cache.0.remove(firm);
        }
    }

    fn kept_brand(&self, firm: &FirmId, now: Timestamp) -> Option<Arc<Brand>> {
        let cache = self.brands().lock().ok()?;
        let (read_at, brand) = cache.0.get(firm)?;
        (now.as_second() - read_at.as_second() < KEPT_SECONDS).then(|| Arc::clone(brand))
    }
}
