//! The people, documents and rules that the tests speak of.

use jiff::{Timestamp, tz::TimeZone};

use super::*;
use crate::packs::Pack;
use crate::{ClientId, DocumentId, Moment, PersonId, ProjectId, calendar};

mod bin;
mod due;
mod erasure;
mod holds;
mod oracle;
mod rehearsal;
mod rules;
mod run;
mod simulation;
mod timeline;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> crate::Date {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    calendar::zone(name).unwrap()
}

fn person(number: u128) -> PersonId {
    PersonId::from_bits(number)
}

fn client(number: u128) -> ClientId {
    ClientId::from_bits(number)
}

fn document(number: u128) -> DocumentId {
    DocumentId::from_bits(number)
}

/// Ids in order, at an instant.
fn moment(now: &str) -> Moment {
    let mut next = 0;
    Moment::new(at(now), move || {
        next += 1;
        next
    })
}

/// Document 1 of project 1 of client 1: a letter of a matter that is open.
fn facts() -> Facts {
    Facts {
        document: document(1),
        series: document(1),
        leads: false,
        client: client(1),
        project: ProjectId::from_bits(1),
        pack: Pack::Litigation,
        category: "Correspondence".into(),
        size_bytes: 1_000,
        digest: "d".repeat(64),
        version: 3,
        uploaded_at: at("2020-03-02T15:00:00Z"),
        last_activity_at: at("2020-04-02T15:00:00Z"),
        closed_at: None,
        tax_year: None,
        place: Place::InUse,
    }
}

fn years(years: u16) -> Period {
    Period::of(years, 0).unwrap()
}

fn months(months: u16) -> Period {
    Period::of(0, months).unwrap()
}

/// For everything, so that nothing but the anchor decides.
fn rule(anchor: Anchor, period: Period, then: Then) -> Rule {
    Rule { covers: Covers::Everything, anchor, period, then }
}

/// Those of a firm that wrote these in place of what it began with.
fn only(rules: impl IntoIterator<Item = Rule>) -> Rules {
    let begun = Rules::standard();
    let covered: Vec<Covers> = begun.list().iter().map(|rule| rule.covers.clone()).collect();
    let none = covered.iter().fold(begun, |rules, covers| rules.without(covers, rules.version()).unwrap());
    rules.into_iter().fold(none, |rules, rule| rules.with(rule, rules.version()).unwrap())
}

/// Stands in for SHA-256, which this crate does not have: different texts get different ones.
fn fingerprint(text: &str) -> Fingerprint {
    let part = |salt: u64| {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        text.bytes().fold(0xCBF2_9CE4_8422_2325 ^ salt, mix)
    };
    Fingerprint::parse(&format!("{:016x}{:016x}{:016x}{:016x}", part(1), part(2), part(3), part(4))).unwrap()
}
