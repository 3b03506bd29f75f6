//! What was found, and what to try where nothing was.

use domain::document::Visibility;
use domain::project::Project;
use domain::{ClientId, MessageId, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use search::EntryKind;
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::feedback::{Empty, empty};
use web::ui::search::{Found as Shown, found, search_form};
use web::ui::structure::{PageHead, Row, Section, client_mark, page_head, rows, section};
use web::ui::viewers::viewers_mark;
use web::ui::{Button, Icon, SearchBox, icon, words};

use super::{address, projects_in_order};
use crate::merge::Found;
use crate::searching::{Answer, SearchQuery, Theirs, in_pieces};

pub(crate) enum Where<'a> {
    Client { client: &'a ClientId, projects: &'a [Project], query: &'a SearchQuery },
    Everywhere(&'a Theirs),
}

pub(crate) struct Searched<'a> {
    pub(crate) place: Where<'a>,
    pub(crate) words: &'a str,
    /// Why it was not searched for.
    pub(crate) refused: Option<&'a str>,
    pub(crate) answer: &'a Answer,
    pub(crate) from_start: bool,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

/// Projects that a search can be narrowed to by a press.
const CHIPS_MAX: usize = 12;

impl Searched<'_> {
    fn action(&self) -> String {
        match &self.place {
            Where::Client { client, .. } => format!("/clients/{client}/search"),
            Where::Everywhere(_) => "/search".to_owned(),
        }
    }

    fn address(&self, project: &str, category: &str, after: &str) -> String {
        let from = match &self.place {
            Where::Everywhere(Theirs { partner: Some(partner), clients }) if partner.through > clients.len() => {
                (partner.through - clients.len()).to_string()
            }
            _ => String::new(),
        };
        let parameters =
            [("q", self.words), ("project", project), ("category", category), ("after", after), ("from", &from)];
        address(&self.action(), &parameters)
    }

    /// The project and category that it is narrowed to.
    fn narrowed(&self) -> (&str, &str) {
        match &self.place {
            Where::Client { query, .. } => {
                (query.project.as_deref().unwrap_or_default(), query.category.as_deref().unwrap_or_default())
            }
            Where::Everywhere(_) => ("", ""),
        }
    }
}

pub(crate) fn search(view: &Searched<'_>) -> Markup {
    let label = match view.place {
        Where::Client { .. } => "Search documents",
        Where::Everywhere(Theirs { partner: Some(_), .. }) => "Search clients and documents",
        Where::Everywhere(_) => "Search your clients' documents",
    };
    let (project, category) = view.narrowed();
    let page = |after: usize| view.address(project, category, &after.to_string());
    html! {
        (page_head(&PageHead { title: "Search", ..PageHead::default() }))
        (search_form(&SearchBox { action: view.action(), value: view.words.to_owned(), label: label.to_owned() }))
        @if let Some(why) = view.refused {
            p.field-error role="alert" { (icon::icon(Icon::Alert)) span { (why) } }
        } @else if !view.words.trim().is_empty() {
            (narrowing(view))
            (named(view))
            @if view.answer.rebuilding { (rebuilding(view)) }
            @if !view.answer.found.is_empty() { (hits(view)) } @else if !view.answer.rebuilding { (nothing(view)) }
            (how_far(view))
            (pagination(&Pages {
                first: (!view.from_start).then(|| view.address(project, category, "")).as_deref(),
                next: view.answer.next.map(page).as_deref(),
                shown: None,
            }))
        } @else {
            (before(view))
        }
    }
}

/// Clients, or the client's projects, whose names have the words.
fn named(view: &Searched<'_>) -> Markup {
    if let Where::Client { client, projects, .. } = &view.place {
        return projects_named(view, client, projects);
    }
    let Where::Everywhere(Theirs { partner: Some(partner), .. }) = &view.place else { return html! {} };
    if partner.named.is_empty() || !view.from_start {
        return html! {};
    }
    let hrefs: Vec<String> = partner.named.iter().map(|(client, _)| format!("/clients/{client}")).collect();
    let all = address("/firm/clients", &[("q", view.words)]);
    let list = partner.named.iter().zip(&hrefs).map(|((_, name), href)| Row {
        lead: Some(client_mark(name)),
        title: name,
        href: Some(href),
        ..Row::default()
    });
    section(&Section { title: "Clients", more: Some(("All", &all)), ..Section::default() }, rows(list))
}

fn projects_named(view: &Searched<'_>, client: &ClientId, projects: &[Project]) -> Markup {
    let (project, category) = view.narrowed();
    let narrowed = !project.is_empty() || !category.is_empty();
    let named = projects_in_order(projects).into_iter().filter(|of| search::names(&of.name.to_string(), view.words));
    let named: Vec<&Project> = named.take(limits::PROJECTS_FOUND_SHOWN).collect();
    if named.is_empty() || narrowed || !view.from_start {
        return html! {};
    }
    let shown: Vec<(String, String)> =
        named.iter().map(|of| (of.name.to_string(), format!("/clients/{client}/projects/{}", of.id))).collect();
    let list = shown.iter().map(|(name, href)| Row { title: name, href: Some(href), ..Row::default() });
    section(&Section { title: "Projects", ..Section::default() }, rows(list))
}

/// A search that did not go through every client says so, and how to go on.
fn how_far(view: &Searched<'_>) -> Markup {
    let Where::Everywhere(theirs @ Theirs { partner: Some(partner), .. }) = &view.place else { return html! {} };
    let Some(next) = theirs.next_from() else { return html! {} };
    let href = address("/search", &[("q", view.words), ("from", &next.to_string())]);
    html! {
        p.hint { "The documents of " (partner.through) " of " (partner.all) " clients were searched." }
        (Button::quiet("Search the next clients").with_icon(Icon::Search).link(&href))
    }
}

fn narrowing(view: &Searched<'_>) -> Markup {
    let Where::Client { projects, .. } = &view.place else { return html! {} };
    let (project, category) = view.narrowed();
    let mut list = Vec::new();
    if projects.len() > 1 || !project.is_empty() {
        list.push(("All".to_owned(), view.address("", "", ""), project.is_empty() && category.is_empty()));
        let ordered = projects_in_order(projects);
        let shown = ordered.iter().enumerate().filter(|(place, of)| *place < CHIPS_MAX || of.id.as_str() == project);
        list.extend(
            shown.map(|(_, of)| (of.name.to_string(), view.address(of.id.as_str(), "", ""), of.id.as_str() == project)),
        );
    }
    if !category.is_empty() {
        list.push((category.to_owned(), view.address(project, "", ""), true));
    }
    let list: Vec<Chip<'_>> =
        list.iter().map(|(label, href, chosen)| Chip { label, href, chosen: *chosen, count: None }).collect();
    html! { @if !list.is_empty() { (chips("Narrow the search", &list)) } }
}

fn hits(view: &Searched<'_>) -> Markup {
    let lines: Vec<Line> = view.answer.found.iter().map(|found| Line::of(view, found)).collect();
    let list: Vec<Shown<'_>> = lines
        .iter()
        .map(|line| Shown {
            href: &line.href,
            title: &line.title,
            snippet: &line.snippet,
            place: line.place.as_deref(),
            meta: &line.meta,
        })
        .collect();
    found(&list)
}

struct Line {
    href: String,
    title: Vec<(String, bool)>,
    snippet: Vec<(String, bool)>,
    place: Option<String>,
    meta: Vec<Markup>,
}

impl Line {
    fn of(view: &Searched<'_>, found: &Found) -> Self {
        let hit = &found.hit;
        let owned = |text: &str, matched: bool| (text.to_owned(), matched);
        let mut shown = hit.highlights.iter().map(|highlight| in_pieces(highlight, owned));
        let plain = vec![(hit.title.clone(), false)];
        // Without a page it is the title that matched, and the highlight is of the title.
        let (title, snippet) = match hit.page {
            None => (shown.next().unwrap_or(plain), Vec::new()),
            Some(_) => {
                let places: Vec<Vec<(String, bool)>> = shown.collect();
                (plain, places.join(&(" ".to_owned(), false)))
            }
        };
        let mut meta = Vec::new();
        if let Where::Everywhere(theirs) = &view.place
            && let Some(name) = theirs.clients.get(&found.client).filter(|name| !name.is_empty())
        {
            meta.push(html! { (name) });
        }
        if let Where::Client { projects, .. } = &view.place
            && let Some(project) = projects.iter().find(|project| Some(project.id.as_str()) == hit.project.as_deref())
            && projects.len() > 1
        {
            meta.push(html! { (project.name) });
        }
        if found.internal {
            meta.extend(viewers_mark(&Visibility::Firm));
        }
        if hit.kind == EntryKind::Message {
            meta.push(html! { "Message" });
        }
        meta.extend(hit.category.as_ref().map(|category| html! { (category) }));
        if let Ok(at) = Timestamp::from_millisecond(hit.at) {
            meta.push(words::instant(at, view.now, view.zone));
        }
        Self { href: href(found), title, snippet, place: place(&hit.title, hit.page), meta }
    }
}

fn href(found: &Found) -> String {
    let (client, hit) = (&found.client, &found.hit);
    match hit.kind {
        EntryKind::Message => {
            let topic = hit.project.as_deref().unwrap_or("general");
            let number = MessageId::parse(&hit.id).map_or(0, |id| id.number());
            format!("/clients/{client}/messages/{topic}?at={number}#message-{number}")
        }
        EntryKind::Document | EntryKind::Project => format!("/clients/{client}/documents/{}", hit.id),
    }
}

/// Where in a file a hit is, for files that have such places for their reader: what a Word file or a mail calls a page is
/// ours alone.
fn place(name: &str, page: Option<u32>) -> Option<String> {
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    let part = match ending.as_str() {
        "pdf" => "Page",
        "pptx" => "Slide",
        "xlsx" => "Sheet",
        _ => return None,
    };
    Some(format!("{part} {}", page?))
}

/// Said instead of "nothing found", which would not be true.
fn rebuilding(view: &Searched<'_>) -> Markup {
    let text = match view.place {
        Where::Client { .. } => "The documents are all there. Their words are being read again, which takes a minute.",
        Where::Everywhere(_) => {
            "Of some clients nothing is found for a minute, while their words are being read again."
        }
    };
    let again = view.address(view.narrowed().0, view.narrowed().1, "");
    let action = Some(Button::quiet("Search again").link(&again));
    empty(&Empty { icon: Some(Icon::Search), title: "Search is being rebuilt", text, action })
}

fn nothing(view: &Searched<'_>) -> Markup {
    let (project, category) = view.narrowed();
    let narrowed = !project.is_empty() || !category.is_empty();
    let text = if narrowed {
        "Search everything, or try fewer words, another spelling, or the beginning of a word."
    } else {
        "Try fewer words, another spelling, or the beginning of a word. A file that was just uploaded is found a few seconds after it is ready."
    };
    let all = view.address("", "", "");
    let action = narrowed.then(|| Button::quiet("Search everything").link(&all));
    let title = format!("Nothing found for \u{201c}{}\u{201d}", view.words.trim());
    empty(&Empty { icon: Some(Icon::Search), title: &title, text, action })
}

fn before(view: &Searched<'_>) -> Markup {
    let text = match view.place {
        Where::Client { .. } => {
            "Names of files and the words inside them (PDF, Office, text, web page and mail files), and messages."
        }
        Where::Everywhere(Theirs { partner: Some(_), .. }) => {
            "Names of clients, names of files, the words inside them, and messages, of every client of the firm."
        }
        Where::Everywhere(_) => "Names of files, the words inside them, and messages, of every client assigned to you.",
    };
    empty(&Empty { icon: Some(Icon::Search), title: "What are you looking for?", text, action: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_as_its_reader_counts() {
        let check = |name, want: Option<&str>| assert_eq!(place(name, Some(3)).as_deref(), want, "{name}");
        check("Lease.PDF", Some("Page 3"));
        check("Opening.pptx", Some("Slide 3"));
        check("Ledger 2026.v2.xlsx", Some("Sheet 3"));
        check("Agreement.docx", None);
        check("Notice.eml", None);
        check("LICENSE", None);
        assert_eq!(place("Lease.pdf", None), None);
    }
}
