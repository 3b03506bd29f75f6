//! Who is signed in, and who came in of late.

use domain::audit::Outcome;
use domain::permissions::Name as PermissionName;
use domain::{PersonId, SessionId, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::AuditRow;
use web::ui::choose::{Chip, chips};
use web::ui::feedback::{Empty, empty};
use web::ui::form;
use web::ui::history::{HistoryEntry, history as list};
use web::ui::search::search_form;
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, facts_line, page_head, rows, section};
use web::ui::{Button, Icon, SearchBox, words};

use crate::sign_ins::{Asked, SignedIn};

pub(crate) struct SignInsView<'a> {
    pub(crate) people: &'a [SignedIn],
    pub(crate) asked: &'a Asked,
    pub(crate) may: &'a (dyn Fn(PermissionName) -> bool + Sync),
    /// The session that reads this page.
    pub(crate) reader: &'a SessionId,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn sign_ins(view: &SignInsView<'_>) -> Markup {
    let q = view.asked.q.as_deref().unwrap_or_default().trim();
    let search = SearchBox {
        action: "/firm/sign-ins".to_owned(),
        value: q.to_owned(),
        label: "Search people of the firm and of clients".to_owned(),
    };
    let (now_in, others): (Vec<&SignedIn>, Vec<&SignedIn>) =
        view.people.iter().partition(|one| !one.sessions.is_empty());
    html! {
        (page_head(&PageHead {
            title: "Sign-ins",
            line: Some(html! { "Whoever is signed out here is asked to sign in again at the next click." }),
            crumbs: &[Crumb { label: "People", href: "/firm/people" }],
            ..PageHead::default()
        }))
        (search_form(&search))
        @if !q.is_empty() || view.asked.client.is_some() {
            (chips("Whose sign-ins", &[Chip { label: "The firm's own people", href: "/firm/sign-ins", chosen: false, count: None }]))
        }
        (section(&Section { title: "Signed in now", count: Some(now_in.len()), ..Section::default() }, html! {
            @if now_in.is_empty() {
                (empty(&Empty {
                    icon: Some(Icon::Device),
                    title: "Nobody of these",
                    text: "People appear here while they are signed in.",
                    action: None,
                }))
            }
            @for one in &now_in { (devices(one, view)) }
        }))
        @if !others.is_empty() {
            (section(&Section { title: "Before", count: Some(others.len()), ..Section::default() }, earlier(&others, view)))
        }
    }
}

fn devices(one: &SignedIn, view: &SignInsView<'_>) -> Markup {
    let may_end = (view.may)(PermissionName::EndSessions);
    let lines: Vec<(String, String, Vec<Markup>, bool)> = one
        .sessions
        .iter()
        .map(|(id, row)| {
            let action = format!("/firm/people/{}/sessions/{id}/end?to=sign-ins", one.person.person);
            let device = row.device.clone().unwrap_or_else(|| "A browser that did not say what it is".to_owned());
            let mut meta =
                vec![html! { (device) }, html! { "since " (words::instant(row.started_at, view.now, view.zone)) }];
            meta.extend(row.place.as_ref().map(|place| html! { (place) }));
            (action, device, meta, id == view.reader)
        })
        .collect();
    let href = format!("/firm/people/{}", one.person.person);
    rows(lines.iter().map(|(action, device, meta, is_reader)| Row {
        lead: Some(avatar(&one.person.name)),
        title: &one.person.name,
        href: None,
        meta: Some(facts_line(&[meta.as_slice(), &[html! { a href=(href) { "Person" } }]].concat())),
        trail: match (*is_reader, may_end) {
            (true, _) => Some(pill_saying(State::Done, "This device")),
            (false, true) => {
                let about = format!("{} from {device}", one.person.name);
                let button = Button::quiet("Sign out").small().about(&about).submit();
                Some(form::inline_form(action, view.csrf, &[], button))
            }
            (false, false) => None,
        },
    }))
}

fn earlier(people: &[&SignedIn], view: &SignInsView<'_>) -> Markup {
    let hrefs: Vec<String> = people.iter().map(|one| format!("/firm/sign-ins?person={}", one.person.person)).collect();
    let told = |one: &SignedIn| match &one.last {
        None => html! { "Has not signed in yet" },
        Some(last) => {
            let mut parts = vec![html! { "Last " (words::instant(last.at, view.now, view.zone)) }];
            parts.extend(last.device.as_ref().map(|device| html! { (device) }));
            parts.extend(last.place.as_ref().map(|place| html! { (place) }));
            facts_line(&parts)
        }
    };
    rows(people.iter().zip(&hrefs).map(|(one, href)| Row {
        lead: Some(avatar(&one.person.name)),
        title: &one.person.name,
        href: (view.may)(PermissionName::ViewAudit).then_some(href),
        meta: Some(told(one)),
        trail: (!one.person.is_active()).then(|| pill_saying(State::Quiet, "Ended")),
    }))
}

pub(crate) struct HistoryView<'a> {
    pub(crate) name: &'a str,
    pub(crate) person: &'a PersonId,
    pub(crate) rows: &'a [AuditRow],
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

/// Sign-ins of one person, and what was refused.
pub(crate) fn history(view: &HistoryView<'_>) -> Markup {
    let title = format!("Sign-ins of {}", view.name);
    let line = format!("The last {} days, the newest first.", limits::SIGN_INS_SHOWN_DAYS);
    let person = format!("/firm/people/{}", view.person);
    let entries: Vec<HistoryEntry<'_>> = view
        .rows
        .iter()
        .map(|row| HistoryEntry {
            who: view.name,
            picture: (row.event.outcome == Outcome::Refused).then_some(Icon::Alert),
            what: row.event.act.words(),
            when: words::instant(row.event.at, view.now, view.zone),
            detail: (row.event.outcome == Outcome::Refused).then(|| pill_saying(State::Overdue, "Refused")),
        })
        .collect();
    html! {
        (page_head(&PageHead {
            title: &title,
            line: Some(html! { (line) }),
            crumbs: &[
                Crumb { label: "Sign-ins", href: "/firm/sign-ins" },
                Crumb { label: view.name, href: &person },
            ],
            ..PageHead::default()
        }))
        @if entries.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Audit),
                title: "Nothing in this time",
                text: "Sign-ins and refusals appear here as they happen.",
                action: None,
            }))
        } @else {
            (card(list(&entries)))
        }
    }
}
