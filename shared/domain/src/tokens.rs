//! A personal token as somebody asks for it: what it is called, what it may do, how long it lasts.

use std::collections::BTreeSet;

use crate::person::FieldRefused;
use crate::text::Name;
use crate::{PermissionName, Timestamp, limits};

/// As typed, or as a program sends it.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for: "Nightly export".
    pub name: String,
    /// What it may do of what the person may.
    #[schemars(with = "Vec<PermissionName>")]
    pub scopes: Vec<String>,
    /// It looks only, whatever its scopes say.
    #[serde(default)]
    pub read_only: bool,
    /// For how many days it is good, a year at the most.
    pub days: i64,
}

/// A parsed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOrder {
    pub name: Name,
    pub scopes: BTreeSet<PermissionName>,
    pub read_only: bool,
    pub expires: Timestamp,
}

/// How long tokens last, as pages offer it.
pub const DAYS_OFFERED: [i64; 4] = [7, 30, 90, limits::TOKEN_AGE_DAYS_MAX];

const DAY_SECONDS: i64 = 24 * 60 * 60;

impl TokenOrder {
    /// `may` is what the person may do by a token. `count` tokens are there already.
    pub fn parse(
        new: &NewToken,
        may: &BTreeSet<PermissionName>,
        count: usize,
        now: Timestamp,
    ) -> Result<Self, Vec<FieldRefused>> {
        let mut refused = Vec::new();
        let mut refuse = |field, why: String| refused.push(FieldRefused { field, why });
        let name = Name::parse(&new.name).map_err(|why| refuse("name", why.to_string())).ok();
        let scopes: Option<BTreeSet<PermissionName>> =
            new.scopes.iter().map(|scope| PermissionName::parse(scope).filter(|scope| may.contains(scope))).collect();
        match &scopes {
            None => refuse("scopes", "Choose only what you may do yourself.".to_owned()),
            Some(scopes) if scopes.is_empty() => refuse("scopes", "Choose at least one thing it may do.".to_owned()),
            Some(scopes) if new.read_only && scopes.iter().any(|scope| !scope.reads()) => {
                refuse("scopes", "A token that only reads cannot change anything. Leave out what changes.".to_owned());
            }
            Some(_) => (),
        }
        if !(1..=limits::TOKEN_AGE_DAYS_MAX).contains(&new.days) {
            refuse("days", format!("Choose from 1 to {} days.", limits::TOKEN_AGE_DAYS_MAX));
        }
        if count >= limits::TOKENS_PER_MEMBERSHIP_MAX {
            refuse("name", format!("You have {count} tokens, which are as many as there can be. End one first."));
        }
        let expires = Timestamp::from_second(now.as_second().saturating_add(new.days.saturating_mul(DAY_SECONDS))).ok();
        match (name, scopes, expires) {
            (Some(name), Some(scopes), Some(expires)) if refused.is_empty() => {
                Ok(Self { name, scopes, read_only: new.read_only, expires })
            }
            _ => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::permissions::{Adjusted, State, all};

    fn check(role: Role, scopes: &[&str], read_only: bool, days: i64, count: usize, refused: &[&str]) {
        let may = all(role, &Adjusted::default(), State::Token);
        let scopes = scopes.iter().map(ToString::to_string).collect();
        let new = NewToken { name: "Export".into(), scopes, read_only, days };
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let fields = match TokenOrder::parse(&new, &may, count, now) {
            Ok(order) => {
                assert_eq!(order.expires.as_second() - now.as_second(), days * 86_400);
                Vec::new()
            }
            Err(refused) => refused.into_iter().map(|refused| refused.field).collect(),
        };
        assert_eq!(fields, refused, "{role:?} {new:?}");
    }

    #[test]
    fn a_token_is_of_what_its_person_may_do_and_ends_within_a_year() {
        let full = limits::TOKENS_PER_MEMBERSHIP_MAX;
        check(Role::Staff, &["view_projects", "edit_projects"], false, 30, 0, &[]);
        check(Role::Staff, &["view_projects"], true, 365, full - 1, &[]);
        check(Role::Staff, &["view_projects"], true, 366, 0, &["days"]);
        check(Role::Staff, &["view_projects"], true, 0, 0, &["days"]);
        check(Role::Staff, &["view_projects"], true, i64::MAX, 0, &["days"]);
        check(Role::Staff, &["edit_projects"], true, 30, 0, &["scopes"]);
        check(Role::Staff, &["manage_people"], false, 30, 0, &["scopes"]);
        check(Role::Staff, &["everything"], false, 30, 0, &["scopes"]);
        check(Role::Staff, &[], false, 30, 0, &["scopes"]);
        check(Role::Partner, &["manage_people", "view_firm"], false, 30, 0, &[]);
        check(Role::Partner, &["change_roles"], false, 30, 0, &["scopes"]);
        check(Role::ClientMember, &["view_invoices"], false, 30, 0, &["scopes"]);
        check(Role::Staff, &["view_projects"], false, 30, full, &["name"]);
    }
}
