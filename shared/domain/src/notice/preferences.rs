//! How one person wants to hear of things: how soon of each kind, in which hours not, and when a digest comes. What is
//! not chosen is as the firm has it, and follows it when the firm changes its mind.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::clock::{Clock, Day, Hour};
use super::kind::{FirmRule, FirmRules, Kind, Pace};
use super::quiet::QuietHours;
use crate::calendar;
use crate::limits::LANGUAGE_CHARACTERS_MAX;
use crate::person::{FieldRefused, Fields};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    kinds: BTreeMap<Kind, Choice>,
    /// IANA name; the firm's zone where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// When digests come, daily and weekly ones.
    #[serde(default = "morning")]
    pub digest_hour: Hour,
    /// When weekly ones come.
    #[serde(default = "monday")]
    pub digest_day: Day,
    /// Of mails and pages; the firm's where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

fn morning() -> Hour {
    Hour::MORNING
}

fn monday() -> Day {
    Day::Monday
}

impl Default for Preferences {
    fn default() -> Self {
        let (digest_hour, digest_day) = (morning(), monday());
        Self { kinds: BTreeMap::new(), zone: None, quiet: None, digest_hour, digest_day, language: None }
    }
}

/// What somebody chose for one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Choice {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pace: Option<Pace>,
    /// No text messages, though the number is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    no_sms: bool,
}

impl Preferences {
    /// How soon this person hears of a kind: what was chosen, as far as the firm lets it be turned down today.
    pub fn pace(&self, kind: Kind, rule: FirmRule) -> Pace {
        self.choice(kind).pace.map_or(rule.pace(), |chosen| chosen.min(rule.least))
    }

    /// Whether text messages of a kind are wanted, where its tier and a verified number allow any.
    pub fn wants_sms(&self, kind: Kind) -> bool {
        !self.choice(kind).no_sms
    }

    /// The zone in which the hours are meant.
    pub fn time_zone(&self, of_firm: &TimeZone) -> TimeZone {
        // A zone that was renamed since is no reason to tell nothing.
        self.zone.as_deref().and_then(|name| calendar::zone(name).ok()).unwrap_or_else(|| of_firm.clone())
    }

    pub fn zone_name(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// A pace that is the firm's own is not written down.
    pub(super) fn set_pace(&mut self, kind: Kind, rule: FirmRule, pace: Pace) {
        let pace = Some(pace).filter(|pace| *pace != rule.pace());
        self.set(kind, Choice { pace, ..self.choice(kind) });
    }

    fn choice(&self, kind: Kind) -> Choice {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    fn set(&mut self, kind: Kind, choice: Choice) {
        if choice == Choice::default() {
            self.kinds.remove(&kind);
        } else {
            self.kinds.insert(kind, choice);
        }
    }

    /// These as a form shows them, for these kinds. Read back unchanged, nothing changes.
    pub fn typed(&self, kinds: impl IntoIterator<Item = Kind>, rules: &FirmRules, version: u64) -> NewPreferences {
        let choice = |kind: Kind| {
            let (pace, sms) = (self.pace(kind, rules.of(kind)).as_str().to_owned(), self.wants_sms(kind));
            (kind.as_str().to_owned(), NewChoice { pace, sms })
        };
        NewPreferences {
            kinds: kinds.into_iter().map(choice).collect(),
            zone: self.zone.clone(),
            quiet_start: self.quiet.map(|quiet| quiet.start().to_string()),
            quiet_end: self.quiet.map(|quiet| quiet.end().to_string()),
            digest_hour: self.digest_hour.to_string(),
            digest_day: self.digest_day.as_str().to_owned(),
            language: self.language.as_ref().map(|language| language.as_str().to_owned()),
            version,
        }
    }

    /// What a form makes of these. A kind that it leaves out stays as it is; all else is as the form says.
    pub fn parse(mut self, new: &NewPreferences, rules: &FirmRules) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        for (name, typed) in &new.kinds {
            match Kind::parse(name) {
                Some(kind) => self.parse_kind(kind, typed, rules.of(kind), &mut fields),
                None => fields.refuse("kinds", "Choose from the kinds of notices on the list."),
            }
        }
        self.zone = given(&new.zone).map(str::to_owned);
        if self.zone.as_deref().is_some_and(|name| calendar::zone(name).is_err()) {
            fields.refuse("zone", "Choose a time zone by its name, like America/New_York.");
        }
        self.quiet = parse_quiet(new, &mut fields);
        if let Some(hour) = fields.take("digest_hour", Hour::parse(&new.digest_hour)) {
            self.digest_hour = hour;
        }
        if let Some(day) = fields.take("digest_day", Day::parse(&new.digest_day)) {
            self.digest_day = day;
        }
        self.language = given(&new.language).and_then(|tag| fields.take("language", Language::parse(tag)));
        let refused = fields.refused();
        if refused.is_empty() { Ok(self) } else { Err(refused) }
    }

    fn parse_kind(&mut self, kind: Kind, typed: &NewChoice, rule: FirmRule, fields: &mut Fields) {
        match Pace::parse(&typed.pace) {
            None => fields.refuse(kind.as_str(), "Choose how soon you want to hear of it."),
            Some(pace) if pace > rule.least => fields.refuse(kind.as_str(), rule.least.refusal()),
            Some(pace) => {
                self.set(kind, Choice { no_sms: !typed.sms, ..self.choice(kind) });
                self.set_pace(kind, rule, pace);
            }
        }
    }
}

fn parse_quiet(new: &NewPreferences, fields: &mut Fields) -> Option<QuietHours> {
    let (start, end) = match (given(&new.quiet_start), given(&new.quiet_end)) {
        (Some(start), Some(end)) => (start, end),
        (None, None) => return None,
        (Some(_), None) => {
            fields.refuse("quiet_end", "Say when quiet hours end, or leave both times empty.");
            return None;
        }
        (None, Some(_)) => {
            fields.refuse("quiet_start", "Say when quiet hours begin, or leave both times empty.");
            return None;
        }
    };
    let start = fields.take("quiet_start", Clock::parse(start));
    let end = fields.take("quiet_end", Clock::parse(end));
    QuietHours::between(start?, end?)
}

/// What was typed, unless nothing was.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Preferences, as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPreferences {
    /// By the names of kinds.
    #[serde(default)]
    #[schemars(with = "BTreeMap<Kind, NewChoice>")]
    pub kinds: BTreeMap<String, NewChoice>,
    /// IANA name of the person's time zone; the firm's where it is left out.
    #[serde(default)]
    pub zone: Option<String>,
    /// `22:00`. There are no quiet hours where both are left out, or the same.
    #[serde(default)]
    pub quiet_start: Option<String>,
    #[serde(default)]
    pub quiet_end: Option<String>,
    /// 0 to 23.
    pub digest_hour: String,
    #[schemars(with = "Day")]
    pub digest_day: String,
    /// A language tag, `en` or `de-AT`; the firm's where it is left out.
    #[serde(default)]
    pub language: Option<String>,
    /// The version that was changed.
    pub version: u64,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChoice {
    #[schemars(with = "Pace")]
    pub pace: String,
    #[serde(default)]
    pub sms: bool,
}

/// A language as BCP 47 writes it, with a region or without: `en`, `de-AT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Choose a language from the list.")]
pub struct LanguageRefused;

impl Language {
    pub fn parse(text: &str) -> Result<Self, LanguageRefused> {
        let text = text.trim();
        if text.len() > LANGUAGE_CHARACTERS_MAX {
            return Err(LanguageRefused);
        }
        let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
        let (language, region) =
            text.split_once('-').map_or((text, None), |(language, region)| (language, Some(region)));
        if !(2..=3).contains(&language.len()) || !letters(language) {
            return Err(LanguageRefused);
        }
        let language = language.to_ascii_lowercase();
        match region {
            None => Ok(Self(language)),
            Some(region) if region.len() == 2 && letters(region) => {
                Ok(Self(format!("{language}-{}", region.to_ascii_uppercase())))
            }
            Some(_) => Err(LanguageRefused),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageRefused;
    fn try_from(text: String) -> Result<Self, LanguageRefused> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.0
    }
}

#[cfg(test)]
mod tests;
