//! A firm's rules: which documents are kept how long, counted from when, and what happens to them then.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::person::{FieldRefused, Fields};
use crate::{limits, packs::Pack};

/// Which documents a rule is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "covers", rename_all = "snake_case")]
pub enum Covers {
    Everything,
    Pack { pack: Pack },
    Category { category: String },
    CategoryOfPack { category: String, pack: Pack },
}

impl Covers {
    pub fn covers(&self, category: &str, pack: Pack) -> bool {
        match self {
            Covers::Everything => true,
            Covers::Pack { pack: own } => *own == pack,
            Covers::Category { category: own } => own == category,
            Covers::CategoryOfPack { category: own, pack: of } => own == category && *of == pack,
        }
    }

    /// The highest decides. A category says what a document is, a pack only what it was for: the category wins.
    fn rank(&self) -> u8 {
        match self {
            Covers::Everything => 0,
            Covers::Pack { .. } => 1,
            Covers::Category { .. } => 2,
            Covers::CategoryOfPack { .. } => 3,
        }
    }

    pub fn words(&self) -> String {
        match self {
            Covers::Everything => "All documents".to_owned(),
            Covers::Pack { pack } => format!("Documents of {}", pack.title()),
            Covers::Category { category } => category.clone(),
            Covers::CategoryOfPack { category, pack } => format!("{category} of {}", pack.title()),
        }
    }

    fn parse(category: Option<&str>, pack: Option<Pack>) -> Result<Self, RuleRefused> {
        let known = |pack: Pack, category: &str| pack.categories().contains(&category);
        match (category, pack) {
            (None, None) => Ok(Covers::Everything),
            (None, Some(pack)) => Ok(Covers::Pack { pack }),
            (Some(category), None) if Pack::ALL.iter().any(|pack| known(*pack, category)) => {
                Ok(Covers::Category { category: category.to_owned() })
            }
            (Some(category), Some(pack)) if known(pack, category) => {
                Ok(Covers::CategoryOfPack { category: category.to_owned(), pack })
            }
            (Some(_), _) => Err(RuleRefused::NoSuchCategory),
        }
    }
}

/// The event that a rule counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Anchor {
    /// A project that is opened again is not closed: nothing counts until the next time.
    ProjectClose,
    /// The end of the tax year that a document is about: this day of the year by which the tax year is called. A day
    /// that the month lacks in that year is its last, so that 29 February ends a February of any length.
    TaxYearEnd {
        month: i8,
        day: i8,
    },
    LastActivity,
    Upload,
}

impl Anchor {
    fn words(self, noun: &str) -> String {
        match self {
            Anchor::ProjectClose => format!("the {noun} is closed"),
            Anchor::TaxYearEnd { month, day } => {
                // Of a leap year, so that every day that can be chosen has its name.
                let named = Date::new(2000, month, day).map(|day| day.strftime("%-d %B").to_string());
                format!("the tax year ends ({})", named.unwrap_or_else(|_| format!("{month}-{day}")))
            }
            Anchor::LastActivity => "the last activity".to_owned(),
            Anchor::Upload => "the upload".to_owned(),
        }
    }
}

/// Whole months, years among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
pub struct Period(u16);

impl Period {
    pub fn of(years: u16, months: u16) -> Result<Self, RuleRefused> {
        let months = years.checked_mul(12).and_then(|years| years.checked_add(months)).unwrap_or(u16::MAX);
        Self::try_from(months)
    }

    /// The last day of the period that begins with an event of `day`. Where the month has no such day it is the
    /// month's last: a year from 29 February ends on 28 February, a month from 31 January on 28 or 29 February. All
    /// months are added at once, so that a short month on the way costs nothing.
    pub fn last_day(self, day: Date) -> Date {
        day.checked_add(i32::from(self.0).months()).unwrap_or(Date::MAX)
    }

    pub fn words(self) -> String {
        let count = |count: u16, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        match (self.0 / 12, self.0 % 12) {
            (0, months) => count(months, "month"),
            (years, 0) => count(years, "year"),
            (years, months) => format!("{} and {}", count(years, "year"), count(months, "month")),
        }
    }
}

impl TryFrom<u16> for Period {
    type Error = RuleRefused;
    fn try_from(months: u16) -> Result<Self, RuleRefused> {
        let fits = (1..=limits::RETENTION_MONTHS_MAX).contains(&months);
        if fits { Ok(Self(months)) } else { Err(RuleRefused::Period { years_max: limits::RETENTION_MONTHS_MAX / 12 }) }
    }
}

impl From<Period> for u16 {
    fn from(period: Period) -> u16 {
        period.0
    }
}

/// What happens when the period is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "then", rename_all = "snake_case")]
pub enum Then {
    /// Kept for good, where keeping costs less. It can still be read.
    Archive,
    Delete,
    /// Both counted from the same event, so that seven years are seven years and not two and five.
    ArchiveThenDelete {
        delete_after: Period,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rule {
    #[serde(flatten)]
    pub covers: Covers,
    pub anchor: Anchor,
    pub period: Period,
    pub then: Then,
}

/// A rule as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// Left out: every category.
    #[serde(default)]
    pub category: Option<String>,
    /// Left out: every practice.
    #[serde(default)]
    pub pack: Option<String>,
    /// `project_close`, `tax_year_end`, `last_activity` or `upload`.
    pub anchor: String,
    /// Of `tax_year_end`: month and day, `12-31`.
    #[serde(default)]
    pub tax_year_ends: Option<String>,
    #[serde(default)]
    pub years: String,
    #[serde(default)]
    pub months: String,
    /// `archive`, `delete` or `archive_then_delete`.
    pub then: String,
    /// Of `archive_then_delete`, counted from the same event.
    #[serde(default)]
    pub delete_years: String,
    #[serde(default)]
    pub delete_months: String,
    /// The version of the rules that was changed.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleRefused {
    #[error("Choose one of the practices on the list.")]
    NoSuchPack,
    #[error("Choose one of the categories that documents can have there.")]
    NoSuchCategory,
    #[error(
        "Choose what to count from: the project's close, the end of the tax year, the last activity or the upload."
    )]
    NoSuchAnchor,
    #[error("Enter the month and day on which the tax year ends, like 12-31.")]
    NoSuchYearEnd,
    #[error(
        "This counts only where documents are kept from the end of the tax year. Choose that, or leave this empty."
    )]
    YearEndUnused,
    #[error("Enter whole years and months: at least 1 month and at most {years_max} years.")]
    Period { years_max: u16 },
    #[error("Choose whether documents are archived, deleted, or first archived and later deleted.")]
    NoSuchEnd,
    #[error("Enter after how many years they are deleted, counted from the same day.")]
    NoDeletion,
    #[error("This counts only where documents are archived first and deleted later. Choose that, or leave this empty.")]
    DeletionUnused,
    #[error("Documents can only be deleted after they were archived. Enter a longer time for deleting.")]
    DeletedBeforeArchived,
}

impl Rule {
    pub fn parse(new: &NewRule) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let asked = given(new.pack.as_deref());
        let pack = asked.map(|pack| Pack::parse(pack).ok_or(RuleRefused::NoSuchPack)).transpose();
        let pack = fields.take("pack", pack);
        // Without knowing the pack, the category is judged by itself, so that both are refused at once.
        let covers = fields.take("category", Covers::parse(given(new.category.as_deref()), pack.flatten()));
        let anchor = match new.anchor.trim() {
            "tax_year_end" => fields.take("tax_year_ends", year_end(new.tax_year_ends.as_deref())),
            other => {
                let anchor = fields.take("anchor", plain_anchor(other));
                // What would be dropped is refused: who typed it meant something by it.
                if anchor.is_some() && given(new.tax_year_ends.as_deref()).is_some() {
                    fields.refuse("tax_year_ends", RuleRefused::YearEndUnused.to_string());
                }
                anchor
            }
        };
        let period = period(&mut fields, ["years", "months"], [&new.years, &new.months]);
        let then = match new.then.trim() {
            "archive" => Some(Then::Archive),
            "delete" => Some(Then::Delete),
            "archive_then_delete" => {
                deleted_after(&mut fields, period, new).map(|delete_after| Then::ArchiveThenDelete { delete_after })
            }
            _ => fields.take("then", Err(RuleRefused::NoSuchEnd)),
        };
        if matches!(then, Some(Then::Archive | Then::Delete)) {
            for (field, typed) in [("delete_years", &new.delete_years), ("delete_months", &new.delete_months)] {
                if given(Some(typed)).is_some() {
                    fields.refuse(field, RuleRefused::DeletionUnused.to_string());
                }
            }
        }
        match (covers, anchor, period, then, fields.refused()) {
            (Some(covers), Some(anchor), Some(period), Some(then), refused) if refused.is_empty() => {
                Ok(Self { covers, anchor, period, then })
            }
            (.., refused) => Err(refused),
        }
    }

    /// As it would be typed into the rules of this version: what puts it back where another took its place.
    pub fn typed(&self, version: u64) -> NewRule {
        let text = |number: u16| if number == 0 { String::new() } else { number.to_string() };
        let parts = |Period(months): Period| (text(months / 12), text(months % 12));
        let (category, pack) = match &self.covers {
            Covers::Everything => (None, None),
            Covers::Pack { pack } => (None, Some(*pack)),
            Covers::Category { category } => (Some(category), None),
            Covers::CategoryOfPack { category, pack } => (Some(category), Some(*pack)),
        };
        let (anchor, tax_year_ends) = match self.anchor {
            Anchor::ProjectClose => ("project_close", None),
            Anchor::TaxYearEnd { month, day } => ("tax_year_end", Some(format!("{month:02}-{day:02}"))),
            Anchor::LastActivity => ("last_activity", None),
            Anchor::Upload => ("upload", None),
        };
        let (then, (delete_years, delete_months)) = match self.then {
            Then::Archive => ("archive", Default::default()),
            Then::Delete => ("delete", Default::default()),
            Then::ArchiveThenDelete { delete_after } => ("archive_then_delete", parts(delete_after)),
        };
        let (years, months) = parts(self.period);
        NewRule {
            category: category.cloned(),
            pack: pack.map(|pack| pack.as_str().to_owned()),
            anchor: anchor.to_owned(),
            tax_year_ends,
            years,
            months,
            then: then.to_owned(),
            delete_years,
            delete_months,
            version,
        }
    }

    /// When nothing of it is left to be done.
    fn longest(&self) -> Option<Period> {
        match self.then {
            Then::Archive => None,
            Then::Delete => Some(self.period),
            Then::ArchiveThenDelete { delete_after } => Some(delete_after),
        }
    }

    /// One sentence, the same in every list that is confirmed, in every certificate and for programs: a fingerprint is
    /// made of it.
    pub fn words(&self) -> String {
        self.sentence("project")
    }

    /// The same where people read it, who call a project by their own word: that of the practice that it is for, or else
    /// `noun`.
    pub fn words_of(&self, noun: &str) -> String {
        let noun = match &self.covers {
            Covers::Pack { pack } | Covers::CategoryOfPack { pack, .. } => pack.noun(),
            Covers::Everything | Covers::Category { .. } => noun,
        };
        self.sentence(noun)
    }

    fn sentence(&self, noun: &str) -> String {
        let (covers, period, anchor) = (self.covers.words(), self.period.words(), self.anchor.words(noun));
        match self.then {
            Then::Archive => format!("{covers}: archived {period} after {anchor}"),
            Then::Delete => format!("{covers}: deleted {period} after {anchor}"),
            Then::ArchiveThenDelete { delete_after } => {
                format!("{covers}: archived {period} and deleted {} after {anchor}", delete_after.words())
            }
        }
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn plain_anchor(text: &str) -> Result<Anchor, RuleRefused> {
    match text {
        "project_close" => Ok(Anchor::ProjectClose),
        "last_activity" => Ok(Anchor::LastActivity),
        "upload" => Ok(Anchor::Upload),
        _ => Err(RuleRefused::NoSuchAnchor),
    }
}

fn year_end(text: Option<&str>) -> Result<Anchor, RuleRefused> {
    let (month, day) = given(text).and_then(|text| text.split_once('-')).ok_or(RuleRefused::NoSuchYearEnd)?;
    let number = |text: &str| text.parse::<i8>().map_err(|_| RuleRefused::NoSuchYearEnd);
    let (month, day) = (number(month)?, number(day)?);
    // A leap year has every day that a tax year can end on.
    Date::new(2000, month, day).map_err(|_| RuleRefused::NoSuchYearEnd)?;
    Ok(Anchor::TaxYearEnd { month, day })
}

/// Each number is refused at its own field, what they are together at that of the years.
fn period(fields: &mut Fields, names: [&'static str; 2], typed: [&str; 2]) -> Option<Period> {
    let number = |text: &str| match text.trim() {
        "" => Ok(0),
        text => text.parse().map_err(|_| RuleRefused::Period { years_max: limits::RETENTION_MONTHS_MAX / 12 }),
    };
    let ([of_years, of_months], [years, months]) = (names, typed);
    let (years, months) = (fields.take(of_years, number(years)), fields.take(of_months, number(months)));
    fields.take(of_years, Period::of(years?, months?))
}

fn deleted_after(fields: &mut Fields, first: Option<Period>, new: &NewRule) -> Option<Period> {
    let typed = [new.delete_years.as_str(), new.delete_months.as_str()];
    if typed.iter().all(|text| given(Some(text)).is_none()) {
        return fields.take("delete_years", Err(RuleRefused::NoDeletion));
    }
    let later = period(fields, ["delete_years", "delete_months"], typed)?;
    let is_later = first.is_none_or(|first| later > first);
    fields.take("delete_years", if is_later { Ok(later) } else { Err(RuleRefused::DeletedBeforeArchived) })
}

/// All rules of a firm. What none of them covers is kept for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    list: Vec<Rule>,
    /// Counts changes; a change names the version it was made from.
    version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RulesRefused {
    #[error("Somebody else changed these rules meanwhile. Reload to see them, then make your change again.")]
    Stale,
    #[error("A firm has at most {count_max} rules. Remove one first.")]
    TooMany { count_max: usize },
    #[error("That rule is gone already.")]
    NoSuchRule,
}

impl Rules {
    /// What a firm begins with. Letters count from the project's close, so that none goes while its matter is open.
    pub fn standard() -> Self {
        let kept = |covers, anchor, years: u16| Rule { covers, anchor, period: Period(12 * years), then: Then::Delete };
        let tax_year = Anchor::TaxYearEnd { month: 12, day: 31 };
        let category = |category: &str| Covers::Category { category: category.to_owned() };
        let list = vec![
            kept(category("Correspondence"), Anchor::ProjectClose, 3),
            kept(category("Tax documents"), tax_year, 7),
            kept(Covers::Pack { pack: Pack::Tax }, tax_year, 7),
        ];
        Self { list, version: 1 }
    }

    /// The most specific first.
    pub fn list(&self) -> &[Rule] {
        &self.list
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    /// The rule that decides: the most specific. No two of a firm's rules cover the same; should they, the one that
    /// keeps longer wins.
    pub fn decides(&self, category: &str, pack: Pack) -> Option<&Rule> {
        let covering = self.list.iter().filter(|rule| rule.covers.covers(category, pack));
        // Of two that archive only, neither takes anything away.
        covering.max_by_key(|rule| (rule.covers.rank(), rule.longest().is_none(), rule.longest()))
    }

    /// The rule that covers exactly this, whatever else covers it.
    pub fn of(&self, covers: &Covers) -> Option<&Rule> {
        self.list.iter().find(|rule| rule.covers == *covers)
    }

    /// Adds a rule, in place of the one that covers the same. Equal to these where nothing differs.
    pub fn with(&self, rule: Rule, version: u64) -> Result<Self, RulesRefused> {
        self.check(version)?;
        if self.list.contains(&rule) {
            return Ok(self.clone());
        }
        let mut list: Vec<Rule> = self.list.iter().filter(|own| own.covers != rule.covers).cloned().collect();
        list.push(rule);
        if list.len() > limits::RETENTION_RULES_PER_FIRM_MAX {
            return Err(RulesRefused::TooMany { count_max: limits::RETENTION_RULES_PER_FIRM_MAX });
        }
        list.sort_by_key(|rule| (std::cmp::Reverse(rule.covers.rank()), rule.covers.words()));
        Ok(Self { list, version: self.version + 1 })
    }

    pub fn without(&self, covers: &Covers, version: u64) -> Result<Self, RulesRefused> {
        self.check(version)?;
        let list: Vec<Rule> = self.list.iter().filter(|rule| rule.covers != *covers).cloned().collect();
        if list.len() == self.list.len() {
            return Err(RulesRefused::NoSuchRule);
        }
        Ok(Self { list, version: self.version + 1 })
    }

    fn check(&self, version: u64) -> Result<(), RulesRefused> {
        if version == self.version { Ok(()) } else { Err(RulesRefused::Stale) }
    }
}
