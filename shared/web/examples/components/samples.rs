//! The firm, the people and the instant that all shown pages share.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use web::ui::{ClientTag, Frame, Icon, Membership, NavItem, SearchBox};

pub(crate) const ACCENTS: &[&str] = &["#1f5f8b", "#7a1f2b", "#0b5d4b", "#ffd400"];

pub(crate) fn today() -> Date {
    jiff::civil::date(2026, 11, 24)
}

pub(crate) fn on(month: i8, day: i8) -> Date {
    jiff::civil::date(2026, month, day)
}

pub(crate) fn now() -> Timestamp {
    at("2026-11-24T14:05:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) fn zone() -> TimeZone {
    domain::calendar::zone("America/New_York").unwrap_or(TimeZone::UTC)
}

fn nav(items: &[(&str, Icon)], current: &str) -> Vec<NavItem> {
    let item = |(label, icon): &(&str, Icon)| NavItem {
        label: (*label).into(),
        href: "#content".into(),
        current: *label == current,
        icon: *icon,
    };
    items.iter().map(item).collect()
}

pub(crate) fn client_frame(title: &str, current: &str) -> Frame {
    Frame {
        title: title.into(),
        firm_name: "Hartwell & Pryce".into(),
        accent: Some("#1f5f8b".into()),
        home_href: "/".into(),
        person_name: "Ana Mendes".into(),
        person_email: "ana.mendes@acme-holdings.example".into(),
        role_title: "Admin".into(),
        nav: nav(
            &[
                ("Home", Icon::Home),
                ("Matters", Icon::Folder),
                ("Documents", Icon::Document),
                ("Messages", Icon::Message),
                ("Invoices", Icon::Invoice),
                ("Calendar", Icon::Calendar),
            ],
            current,
        ),
        client: None,
        search: Some(SearchBox { action: "/search".into(), value: String::new(), label: "Search documents".into() }),
        csrf: "sample".into(),
        memberships: vec![
            Membership { label: "Acme Holdings at Hartwell & Pryce".into(), value: "1".into(), current: true },
            Membership { label: "Mendes Family Trust at Orchard Tax".into(), value: "2".into(), current: false },
        ],
        switch_action: "/switch".into(),
        security_href: "/security".into(),
        sessions_href: "/sessions".into(),
        notices_href: Some("/notices".into()),
        sign_out_action: "/sign-out".into(),
        ..Frame::default()
    }
}

pub(crate) fn staff_frame(title: &str, current: &str) -> Frame {
    Frame {
        person_name: "Thomas Pryce".into(),
        person_email: "thomas@hartwellpryce.example".into(),
        role_title: "Partner".into(),
        nav: nav(
            &[
                ("Home", Icon::Home),
                ("Board", Icon::Board),
                ("Clients", Icon::Clients),
                ("People", Icon::People),
                ("Audit", Icon::Audit),
                ("Settings", Icon::Settings),
            ],
            current,
        ),
        memberships: Vec::new(),
        ..client_frame(title, current)
    }
}

pub(crate) fn acme() -> ClientTag {
    ClientTag { name: "Acme Holdings".into(), href: "#content".into() }
}

pub(crate) const PHASES: &[&str] = &["Intake", "Pleadings", "Discovery", "Motions", "Trial", "Resolution"];
