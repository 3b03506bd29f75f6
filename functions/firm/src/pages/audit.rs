//! The audit in words: whose to read, the events of one chain, one event in full.

use crypto::chain::Event;
use domain::audit::{Act, Outcome, Who};
use domain::{ClientId, DocumentId, EventId, PersonId, ProjectId, RequestId, Role, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::AuditRow;
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::facts::facts;
use web::ui::feedback::{Empty, empty};
use web::ui::history::{HistoryEntry, history};
use web::ui::icon::icon;
use web::ui::search::search_form;
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, client_mark, fold, page_head, rows, section};
use web::ui::{Button, Icon, SearchBox, words};

use crate::audit::{Names, Titles};

/// Whose chain it is.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    Client {
        client: ClientId,
        name: String,
    },
    Person {
        person: PersonId,
        name: String,
    },
    /// The firm as a whole.
    Firm {
        name: String,
    },
}

impl Subject {
    pub(crate) fn name(&self) -> &str {
        match self {
            Subject::Client { name, .. } | Subject::Person { name, .. } | Subject::Firm { name } => name,
        }
    }

    fn href(&self) -> String {
        match self {
            Subject::Client { client, .. } => format!("/firm/audit?client={client}"),
            Subject::Person { person, .. } => format!("/firm/audit?person={person}"),
            Subject::Firm { .. } => "/firm/audit?of=firm".to_owned(),
        }
    }
}

/// A kind of events, to narrow the list by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Documents,
    Projects,
    People,
    SignIn,
    Refused,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Documents, Kind::Projects, Kind::People, Kind::SignIn, Kind::Refused];

    fn as_str(self) -> &'static str {
        match self {
            Kind::Documents => "documents",
            Kind::Projects => "projects",
            Kind::People => "people",
            Kind::SignIn => "sign-in",
            Kind::Refused => "refused",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Kind::Documents => "Documents",
            Kind::Projects => "Projects",
            Kind::People => "Clients and people",
            Kind::SignIn => "Signing in",
            Kind::Refused => "Refused",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub(crate) fn holds(self, event: &Event) -> bool {
        match self {
            Kind::Refused => event.outcome == Outcome::Refused || act_kind(event.act) == Some(Kind::Refused),
            kind => act_kind(event.act) == Some(kind),
        }
    }
}

/// By the first word of the act.
fn act_kind(act: Act) -> Option<Kind> {
    match act.as_str().split('.').next()? {
        "document" | "request" | "retention" | "hold" | "erasure" => Some(Kind::Documents),
        "project" | "message" | "thread" | "note" | "reminder" | "notice" | "newsletter" => Some(Kind::Projects),
        "client" | "person" | "assignment" | "firm" | "invitation" | "membership" | "review" | "admission" => {
            Some(Kind::People)
        }
        "session" | "token" | "viewing" | "factor" | "sso" => Some(Kind::SignIn),
        "access" => Some(Kind::Refused),
        _ => None,
    }
}

pub(crate) struct ChoiceView<'a> {
    pub(crate) q: &'a str,
    pub(crate) clients: &'a [(ClientId, String)],
    pub(crate) clients_count: usize,
    pub(crate) people: &'a [(PersonId, String)],
}

pub(crate) fn choice(view: &ChoiceView<'_>) -> Markup {
    let line =
        html! { "Everything that happens is written down once and cannot be changed. Reading it is written down too." };
    let search = search_box(view.q);
    let clients: Vec<(String, &String)> =
        view.clients.iter().map(|(client, name)| (format!("/firm/audit?client={client}"), name)).collect();
    let people: Vec<(String, &String)> =
        view.people.iter().map(|(person, name)| (format!("/firm/audit?person={person}"), name)).collect();
    html! {
        (page_head(&PageHead { title: "Audit", line: Some(line), ..PageHead::default() }))
        (search_form(&search))
        @if clients.is_empty() && people.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Search),
                title: "No client or person has that name",
                text: "Check the spelling, or search for a part of the name.",
                action: None,
            }))
        }
        @if !clients.is_empty() {
            (section(
                &Section { title: "What happened to a client", count: Some(view.clients_count), ..Section::default() },
                rows(clients.iter().map(|(href, name)| Row {
                    lead: Some(client_mark(name)),
                    title: name,
                    href: Some(href),
                    ..Row::default()
                })),
            ))
        }
        @if view.q.is_empty() {
            (section(&Section { title: "What happened to the firm", ..Section::default() }, rows([
                Row {
                    lead: Some(icon(Icon::Board)),
                    title: "The firm as a whole",
                    href: Some("/firm/audit?of=firm"),
                    ..Row::default()
                },
                Row {
                    lead: Some(icon(Icon::Lock)),
                    title: "What operators of Portico did",
                    href: Some("/firm/admissions"),
                    ..Row::default()
                },
            ])))
        }
        @if !people.is_empty() {
            (section(
                &Section { title: "What a person did", ..Section::default() },
                rows(people.iter().map(|(href, name)| Row {
                    lead: Some(avatar(name)),
                    title: name,
                    href: Some(href),
                    ..Row::default()
                })),
            ))
        }
    }
}

pub(crate) struct EventsView<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) rows: &'a [AuditRow],
    pub(crate) names: &'a Names,
    pub(crate) titles: &'a Titles,
    pub(crate) kind: Option<Kind>,
    pub(crate) is_first: bool,
    pub(crate) next: Option<u64>,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn events(view: &EventsView<'_>) -> Markup {
    let title = format!("Audit of {}", view.subject.name());
    let base = view.subject.href();
    let kept = view.kind.map_or_else(String::new, |kind| format!("&kind={}", kind.as_str()));
    let first = format!("{base}{kept}");
    let next = view.next.map(|next| format!("{first}&after={next}"));
    html! {
        (page_head(&PageHead {
            title: &title,
            crumbs: &[Crumb { label: "Audit", href: "/firm/audit" }],
            ..PageHead::default()
        }))
        (kinds(&base, view.kind))
        @if view.rows.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Audit),
                title: "Nothing of this kind here",
                text: if view.next.is_some() { "There are older events: show more." } else { "Choose another kind." },
                action: None,
            }))
        } @else {
            (days(view, &base))
        }
        (pagination(&Pages { first: (!view.is_first).then_some(&first), next: next.as_deref(), shown: None }))
    }
}

fn kinds(base: &str, chosen: Option<Kind>) -> Markup {
    let hrefs: Vec<String> = Kind::ALL.iter().map(|kind| format!("{base}&kind={}", kind.as_str())).collect();
    let mut list = vec![Chip { label: "All", href: base, chosen: chosen.is_none(), count: None }];
    list.extend(Kind::ALL.iter().zip(&hrefs).map(|(kind, href)| Chip {
        label: kind.label(),
        href,
        chosen: chosen == Some(*kind),
        count: None,
    }));
    chips("Kinds of events", &list)
}

/// Under the day on which they were, by the firm's clock.
fn days(view: &EventsView<'_>, base: &str) -> Markup {
    let day_of = |row: &AuditRow| domain::calendar::today(row.event.at, view.zone);
    let today = domain::calendar::today(view.now, view.zone);
    html! {
        @for rows in view.rows.chunk_by(|a, b| day_of(a) == day_of(b)) {
            @let day = day_of(&rows[0]);
            @let title = if day == today { "Today".to_owned() } else { domain::calendar::day_words(day, today) };
            (section(&Section { title: &title, ..Section::default() }, card(list(view, rows, base))))
        }
    }
}

/// One thing done again and again by one person is one line, with how often and when last.
fn list(view: &EventsView<'_>, rows: &[AuditRow], base: &str) -> Markup {
    let same = |a: &AuditRow, b: &AuditRow| {
        let (a, b) = (&a.event, &b.event);
        a.actor == b.actor
            && a.act == b.act
            && a.obj.kind == b.obj.kind
            && a.obj.id == b.obj.id
            && a.obj.pages == b.obj.pages
            && a.outcome == b.outcome
    };
    let runs: Vec<(&AuditRow, usize)> = rows.chunk_by(same).map(|run| (&run[0], run.len())).collect();
    let told: Vec<(String, String)> = runs
        .iter()
        .map(|(row, times)| {
            let what = what(&row.event, view.names, view.titles);
            let what = if *times > 1 { format!("{what} ({times} times)") } else { what };
            (who(&row.event, view.names), what)
        })
        .collect();
    let entries: Vec<HistoryEntry<'_>> = runs
        .iter()
        .zip(&told)
        .map(|((row, _), (who, what))| HistoryEntry {
            who,
            picture: picture(&row.event.actor),
            what,
            when: words::instant(row.event.at, view.now, view.zone),
            detail: Some(html! {
                @if row.event.outcome == Outcome::Refused { (pill_saying(State::Overdue, "Refused")) " " }
                @if let Some((label, href)) = thing(view.subject, &row.event) { a href=(href) { (label) } " " }
                a href={ (base) "&event=" (row.event.seq) } { "Event " (row.event.seq) }
            }),
        })
        .collect();
    history(&entries)
}

/// The documents that an event is about.
pub(crate) fn documents_of(event: &Event) -> Vec<DocumentId> {
    match event.obj.kind.as_str() {
        "document" | "documents" => event.obj.id.split(',').filter_map(|id| DocumentId::parse(id).ok()).collect(),
        _ => Vec::new(),
    }
}

/// The way to the thing itself.
fn thing(subject: &Subject, event: &Event) -> Option<(&'static str, String)> {
    let Subject::Client { client, .. } = subject else { return None };
    let of = format!("/clients/{client}");
    Some(match event.obj.kind.as_str() {
        "document" => ("Open the document", format!("{of}/documents/{}", DocumentId::parse(&event.obj.id).ok()?)),
        "documents" => ("Open the documents", format!("{of}/documents")),
        "project" => ("Open the project", format!("{of}/projects/{}", ProjectId::parse(&event.obj.id).ok()?)),
        // Of a line the list's id comes first.
        "request" | "request_line" => {
            let list = RequestId::parse(event.obj.id.split('/').next()?).ok()?;
            ("Open the request list", format!("{of}/requests/{list}"))
        }
        _ => return None,
    })
}

/// No chain that was looked through has an event under this code.
pub(crate) fn no_event(code: &EventId, through: usize, all: usize, next: Option<usize>) -> Markup {
    let href = next.map(|next| format!("/firm/audit?q={code}&from={next}"));
    let text = match next {
        Some(_) => format!("The newest {through} of {all} clients were looked through. Look through the next ones."),
        None => {
            "Check the code: it has 26 letters and digits, and stands at the edge of each page of a copy.".to_owned()
        }
    };
    html! {
        (page_head(&PageHead { title: "Audit", crumbs: &[Crumb { label: "Audit", href: "/firm/audit" }], ..PageHead::default() }))
        (search_form(&search_box(code.as_str())))
        (empty(&Empty {
            icon: Some(Icon::Search),
            title: "No event has this code",
            text: &text,
            action: href.map(|href| Button::quiet("Look further").link(&href)),
        }))
    }
}

fn search_box(q: &str) -> SearchBox {
    let label = "Client, person, or the code on a copy".to_owned();
    SearchBox { action: "/firm/audit".to_owned(), value: q.to_owned(), label }
}

fn who(event: &Event, names: &Names) -> String {
    match &event.actor {
        Who::Person { person, role, viewing_as, .. } => {
            let named = |person: &PersonId| names.get(person).cloned();
            // Operators are of no firm, so that no firm lists them.
            let nameless = match role {
                Role::PlatformAdmin => "An operator of Portico",
                _ => "Somebody who has left",
            };
            let who = named(person).unwrap_or_else(|| nameless.to_owned());
            match viewing_as {
                Some(viewed) => format!("{who}, viewing as {},", named(viewed).as_deref().unwrap_or("a client")),
                None => who,
            }
        }
        Who::Worker { .. } => "The portal".to_owned(),
        Who::Nobody => "Somebody not signed in".to_owned(),
    }
}

/// A face is for people.
fn picture(actor: &Who) -> Option<Icon> {
    match actor {
        Who::Person { .. } => None,
        Who::Worker { .. } => Some(Icon::Settings),
        Who::Nobody => Some(Icon::Person),
    }
}

/// The act in words, with the name of what it was about: a person, a document, a project.
fn what(event: &Event, names: &Names, titles: &Titles) -> String {
    let person = (event.obj.kind == "person").then(|| PersonId::parse(&event.obj.id).ok()).flatten();
    let person = person.and_then(|person| names.get(&person));
    let about = match documents_of(event).as_slice() {
        [_, _, ..] if event.obj.kind == "documents" => Some(format!("{} files", documents_of(event).len())),
        _ => person.or_else(|| titles.get(&event.obj.id)).cloned(),
    };
    let pages = match event.obj.pages {
        Some((first, last)) if first == last => format!(", page {first}"),
        Some((first, last)) => format!(", pages {first} to {last}"),
        None => String::new(),
    };
    match about {
        Some(name) => format!("{}: {name}{pages}", event.act.words()),
        None => format!("{}{pages}", event.act.words()),
    }
}

pub(crate) struct OneEventView<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) row: &'a AuditRow,
    pub(crate) names: &'a Names,
    pub(crate) titles: &'a Titles,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn event(view: &OneEventView<'_>) -> Markup {
    let event = &view.row.event;
    let title = format!("{} {}", who(event, view.names), what(event, view.names, view.titles));
    let back = view.subject.href();
    let label = format!("Audit of {}", view.subject.name());
    let outcome = match event.outcome {
        Outcome::Done => pill_saying(State::Done, "Done"),
        Outcome::Refused => pill_saying(State::Overdue, "Refused"),
    };
    let object = match event.obj.version {
        Some(version) => html! { (event.obj.kind) " " code { (event.obj.id) } ", version " (version) },
        None => html! { (event.obj.kind) " " code { (event.obj.id) } },
    };
    let about = match thing(view.subject, event) {
        Some((label, href)) => {
            html! { a href=(href) { (view.titles.get(&event.obj.id).map_or(label, String::as_str)) } }
        }
        None => html! { (event.obj.kind) },
    };
    let mut list = vec![
        ("When", words::instant(event.at, view.now, view.zone)),
        (
            "Who",
            html! { (who(event, view.names)) @if let Who::Person { role, .. } = &event.actor { ", " (role.title()) } },
        ),
        ("About", about),
    ];
    if let Subject::Client { client, name } = view.subject {
        list.push(("Client", html! { a href=(format!("/clients/{client}")) { (name) } }));
    }
    list.push(("Outcome", outcome));
    let mut technical = vec![
        ("Event", html! { (event.seq) " · " code { (event.id) } }),
        ("Instant", html! { (event.at) }),
        ("Actor", actor(&event.actor)),
        ("Act", html! { code { (event.act.as_str()) } }),
        ("Object", object),
    ];
    technical.extend(event.after_h.as_ref().map(|hash| ("State after it", html! { code { (hash) } })));
    technical.push(("Event before it", html! { code { (event.prev) } }));
    technical.push(("As it is stored", html! { code { (view.row.text) } }));
    html! {
        (page_head(&PageHead {
            title: &title,
            crumbs: &[Crumb { label: "Audit", href: "/firm/audit" }, Crumb { label: &label, href: &back }],
            ..PageHead::default()
        }))
        (card(facts(&list)))
        (fold("Technical", false, card(facts(&technical))))
    }
}

fn actor(who: &Who) -> Markup {
    match who {
        Who::Person { person, role, session, .. } => {
            html! { (role.title()) " " code { (person) } ", session " code { (session) } }
        }
        Who::Worker { function } => html! { "The portal itself: " code { (function) } },
        Who::Nobody => html! { "Somebody not signed in" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto::chain::{Head, append};
    use domain::audit::{Chain, Draft, Object};
    use domain::{EventId, FirmId, Role, SessionId};

    fn event(act: Act, object: Object, refused: bool) -> Event {
        let chain = Chain::Client { firm: FirmId::from_bits(1), client: ClientId::from_bits(2) };
        let person = PersonId::from_bits(3);
        let who = Who::person(person, Role::Partner, SessionId::from_bits(4));
        let at = "2026-11-24T15:00:00Z".parse().unwrap();
        let draft = Draft::new(EventId::from_bits(5), at, who, act, object);
        append(&chain, &Head::start(), if refused { draft.refused() } else { draft }).unwrap().event
    }

    #[test]
    fn every_act_has_a_place() {
        for act in Act::ALL {
            let is_audit = act.as_str().starts_with("audit.");
            assert_eq!(act_kind(*act).is_none(), is_audit, "{}", act.as_str());
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn a_refusal_is_found_wherever_it_happened() {
        let document = || Object::new("document", 7);
        assert!(Kind::Documents.holds(&event(Act::DocumentViewed, document(), true)));
        assert!(Kind::Refused.holds(&event(Act::DocumentViewed, document(), true)));
        assert!(!Kind::Refused.holds(&event(Act::DocumentViewed, document(), false)));
        assert!(Kind::Refused.holds(&event(Act::AccessRefused, document(), true)));
    }

    #[test]
    fn events_are_told_with_names() {
        let (ada, ben) = (PersonId::from_bits(3), PersonId::from_bits(9));
        let names = Names::from([(ada, "Ada Pryce".to_owned()), (ben.clone(), "Ben Ito".to_owned())]);
        let check = |event: &Event, want: &str| {
            let titles = Titles::from([(domain::ids::ulid(7), "Lease.pdf".to_owned())]);
            assert_eq!(format!("{} {}", who(event, &names), what(event, &names, &titles)), want);
        };
        let document = Object::new("document", domain::ids::ulid(7));
        check(&event(Act::DocumentDownloaded, document.clone(), false), "Ada Pryce downloaded a document: Lease.pdf");
        let looked = document.clone().of_pages(5, 8);
        check(
            &event(Act::DocumentPreviewed, looked, false),
            "Ada Pryce looked at pages of a document: Lease.pdf, pages 5 to 8",
        );
        let one = document.clone().of_pages(1, 1);
        check(&event(Act::DocumentPreviewed, one, false), "Ada Pryce looked at pages of a document: Lease.pdf, page 1");
        let several = Object::new("documents", format!("{},{}", domain::ids::ulid(7), domain::ids::ulid(8)));
        check(&event(Act::UploadRequested, several, false), "Ada Pryce started an upload: 2 files");
        check(&event(Act::StaffAssigned, Object::new("person", &ben), false), "Ada Pryce assigned staff: Ben Ito");
        let left = Names::new();
        assert_eq!(who(&event(Act::DocumentViewed, document, false), &left), "Somebody who has left");
    }

    #[test]
    fn one_thing_again_and_again_is_one_line_under_its_day_and_leads_there() {
        let row = |seq: u64, at: &str, object: u128| {
            let mut event = event(Act::DocumentViewed, Object::new("document", domain::ids::ulid(object)), false);
            (event.seq, event.at) = (seq, at.parse().unwrap());
            AuditRow { event, text: "{}".into() }
        };
        let rows = [
            row(4, "2026-11-24T15:00:00Z", 7),
            row(3, "2026-11-24T14:00:00Z", 7),
            row(2, "2026-11-24T13:00:00Z", 8),
            row(1, "2026-11-23T13:00:00Z", 8),
        ];
        let client = ClientId::from_bits(2);
        let html = events(&EventsView {
            subject: &Subject::Client { client: client.clone(), name: "Acme".into() },
            rows: &rows,
            names: &Names::new(),
            titles: &Titles::from([(domain::ids::ulid(7), "<Lease>.pdf".to_owned())]),
            kind: None,
            is_first: true,
            next: None,
            now: "2026-11-24T16:00:00Z".parse().unwrap(),
            zone: &TimeZone::UTC,
        })
        .into_string();
        for part in ["viewed a document: &lt;Lease&gt;.pdf (2 times)", "Today", "Mon 23 Nov"] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("history-entry").count(), 3, "{html}");
        assert!(html.contains(&format!("/clients/{client}/documents/{}", domain::ids::ulid(7))), "{html}");
    }
}
