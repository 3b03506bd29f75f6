//! One document: what it is, how far it is, and for the firm's side who has seen it.

use documents::Kind;
use domain::audit::Act;
use domain::document::{Audience, Binned, Document, RejectReason, State as Stage, Tag, Visibility};
use domain::project::Project;
use domain::{ClientId, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::Seen;
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{Choice, Field, TextInput, beside, error_summary, form, inline_form, select, text_input};
use web::ui::history::{HistoryEntry, history};
use web::ui::state::pill_saying;
use web::ui::structure::{Crumb, PageHead, Row, Section, facts_line, fold, page_head, rows, section};
use web::ui::upload::{DropZone, drop_zone};
use web::ui::viewers::{ViewersChoice, viewers_choice};
use web::ui::{Button, Icon, State, icon, words};

use super::{address, categories, is_waiting, pill, preview, projects_in_order};
use crate::facts::Names;
use crate::opening::Wrong;

pub(crate) struct Opened<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) document: &'a Document,
    /// All of them, the newest first; none where there is no other.
    pub(crate) versions: &'a [Document],
    pub(crate) names: &'a Names,
    pub(crate) projects: &'a [Project],
    pub(crate) may_upload: bool,
    /// May see what is in it, as whoever may take a copy.
    pub(crate) may_look: bool,
    /// May move and rename it, or say that it is not needed.
    pub(crate) may_arrange: bool,
    /// Whoever looks gets marked copies of it.
    pub(crate) is_marked: bool,
    /// May say which tax year it is about.
    pub(crate) may_say_year: bool,
    /// Whether a legal hold covers it; none for whoever may not know.
    pub(crate) is_held: Option<bool>,
    pub(crate) wrong: Option<&'a Wrong>,
    pub(crate) csrf: &'a str,
    /// None for whoever may not know.
    pub(crate) history: Option<&'a [Seen]>,
    pub(crate) path: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

impl Opened<'_> {
    fn project(&self) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == self.document.project)
    }
}

pub(crate) fn document(view: &Opened<'_>) -> Markup {
    let of = view.document;
    let list = format!("/clients/{}/documents", view.client);
    let take = format!("{list}/{}/download", of.id);
    let actions = match of.state {
        Stage::Ready { .. } if of.binned.is_none() => {
            vec![Button::primary("Download").with_icon(Icon::Download).about(of.name.as_str()).link(&take)]
        }
        _ => Vec::new(),
    };
    let line = facts_line(&[pill(of, view.now), html! { "from " (view.names.uploader(of)) }]);
    let head = PageHead {
        crumbs: &[Crumb { label: "Documents", href: &list }],
        title: of.name.as_str(),
        line: Some(line),
        actions: &actions,
    };
    html! {
        (page_head(&head))
        @if view.may_arrange && of.is_listed() { (newer()) }
        (kept(view))
        @if let Some(binned) = &of.binned {
            (in_bin(view, binned, &list))
        } @else {
            @if of.superseded { (earlier(view, &list)) }
            (how_far(view, &list))
        }
        (facts_of(view))
        @if view.may_look && of.binned.is_none() { (preview::on_its_page(view.client, of)) }
        @if !view.versions.is_empty() { (versions(view, &list)) }
        @if view.may_arrange && of.is_listed() {
            @if matches!(of.state, Stage::Ready { .. }) {
                (place(view))
                @if view.may_upload { (next_version(view, &list)) }
            }
            @if of.visibility.audience() == Audience::Open { (viewers(view)) }
            @if !is_waiting(of, view.now) { (to_bin(view, &list)) }
        }
        @if let Some(seen) = view.history { (who_has_seen(view, seen)) }
        // A page that waits looks again by itself: what comes takes the place of all of this.
        @if is_waiting(of, view.now) {
            div hidden hx-get=(view.path) hx-trigger="every 3s" hx-target="#content" hx-swap="innerHTML" {}
        }
    }
}

/// What the firm keeps to itself is never taken for something that the client reads.
fn kept(view: &Opened<'_>) -> Markup {
    if view.document.visibility.audience() == Audience::Open {
        return html! {};
    }
    let (client, firm) = (view.names.client(), view.names.firm());
    banner(&Banner {
        tone: Tone::Attention,
        title: &format!("Only {firm} sees this document"),
        text: Some(html! { p { "Nobody at " (client) " can open it, find it or hear of it." } }),
        ..Banner::default()
    })
}

/// Who put it there, and the way back.
fn in_bin(view: &Opened<'_>, binned: &Binned, list: &str) -> Markup {
    let by = view.names.name(&binned.by).unwrap_or("Somebody who has left");
    let back = || {
        let button = Button::quiet("Restore").submit();
        inline_form(&format!("{list}/{}/restore", view.document.id), view.csrf, &[], button)
    };
    banner(&Banner {
        tone: Tone::Attention,
        title: "This file is in the bin",
        text: Some(html! {
            p { (by) " put it there " (words::instant(binned.at, view.now, view.zone)) ". Lists and search leave it out, and nobody can download it." }
        }),
        action: view.may_arrange.then(back),
    })
}

/// Shown by the script when the next version is ready: the rest of the page is of the one that was current until then.
fn newer() -> Markup {
    html! {
        div role="status" {
            div data-newer hidden {
                (banner(&Banner {
                    tone: Tone::Attention,
                    title: "There is a newer version now",
                    text: Some(html! { a href="#" { "Show the current one" } }),
                    ..Banner::default()
                }))
            }
        }
    }
}

/// The next one, sent by whoever may change this one.
fn next_version(view: &Opened<'_>, list: &str) -> Markup {
    let of = view.document;
    let given = [("replaces", of.id.as_str()), ("project", of.project.as_str()), ("category", of.category.as_str())];
    let form = address(&format!("{list}/new"), &given);
    let drop_words = format!("Drop the next version of {}", of.name.as_str());
    fold(
        "Upload a new version",
        false,
        drop_zone(&DropZone {
            client: view.client.as_str(),
            project: of.project.as_str(),
            category: &of.category,
            replaces: Some(of.id.as_str()),
            label: "Choose the new version",
            drop_words: &drop_words,
            without_scripts: &form,
            ..DropZone::default()
        }),
    )
}

/// Each with who sent it and when. The one that lists and search show is said to be current.
fn versions(view: &Opened<'_>, list: &str) -> Markup {
    let of = view.document;
    let lines: Vec<(String, Markup)> = view
        .versions
        .iter()
        .map(|version| {
            let at = match &version.state {
                Stage::Ready { ready_at, .. } => *ready_at,
                _ => version.asked_at,
            };
            let mut parts = vec![
                html! { "from " (view.names.uploader(version)) },
                words::instant(at, view.now, view.zone),
                html! { (words::size(version.size_bytes)) },
            ];
            if version.id == of.id {
                parts.push(html! { "this page" });
            }
            if version.binned.is_some() {
                parts.push(html! { "in the bin" });
            }
            (format!("{list}/{}", version.id), facts_line(&parts))
        })
        .collect();
    let names: Vec<_> = view.versions.iter().map(|version| words::file_name(version.name.as_str())).collect();
    let shown = view.versions.iter().zip(&names).zip(&lines).map(|((version, name), (href, line))| Row {
        title: name,
        href: (version.id != of.id).then_some(href),
        meta: Some(line.clone()),
        trail: (!version.superseded).then(|| pill_saying(State::Done, "Current")),
        ..Row::default()
    });
    section(&Section { title: "Versions", count: Some(view.versions.len()), ..Section::default() }, rows(shown))
}

/// It is kept, and can take its place again.
fn earlier(view: &Opened<'_>, list: &str) -> Markup {
    let of = view.document;
    let current = view.versions.iter().find(|version| !version.superseded);
    let again = || {
        let button = Button::quiet("Make this the current one").submit();
        inline_form(&format!("{list}/{}/current", of.id), view.csrf, &[], button)
    };
    banner(&Banner {
        title: "This is not the current version",
        text: Some(html! {
            p {
                "Lists and search show "
                @match current {
                    Some(current) => a href={ (list) "/" (current.id) } { (current.name.as_str()) },
                    None => "another one",
                }
                "."
            }
        }),
        action: view.may_arrange.then(again),
        ..Banner::default()
    })
}

fn to_bin(view: &Opened<'_>, list: &str) -> Markup {
    let button = Button::quiet_danger("Move to the bin").with_icon(Icon::Bin).submit();
    inline_form(&format!("{list}/{}/bin", view.document.id), view.csrf, &[], button)
}

fn how_far(view: &Opened<'_>, list: &str) -> Markup {
    match &view.document.state {
        state @ Stage::AwaitingUpload { .. } if state.missed(view.now) => banner(&Banner {
            tone: Tone::Attention,
            title: "This file never arrived",
            text: Some(html! { p { "The upload broke off, or was not finished in time. Upload the file again." } }),
            action: view.may_upload.then(|| Button::quiet("Upload again").link(&again(view, list))),
        }),
        Stage::AwaitingUpload { .. } => banner(&Banner {
            title: "This file is on its way",
            text: Some(html! { p { "It appears here as soon as it has arrived and been checked." } }),
            ..Banner::default()
        }),
        Stage::Processing { .. } => banner(&Banner {
            title: "This file is being checked",
            text: Some(
                html! { p { "It is scanned for viruses and read for search, which takes a minute at most. You can leave this page." } },
            ),
            ..Banner::default()
        }),
        Stage::Rejected { reason, .. } => refused(view, *reason, list),
        // Too large to be read: better said than searched for in vain.
        Stage::Ready { .. } if view.document.size_bytes > limits::DOCUMENT_READ_BYTES_MAX => html! {
            p.hint { "This file is too large to be searched for words inside it. It is found by its name." }
        },
        Stage::Ready { kind, .. } if kind == Kind::Pdf.as_str() && view.is_marked => html! {
            p.hint { "The copy that you download carries your address, the time and a code on every page." }
        },
        Stage::Ready { .. } => html! {},
    }
}

/// The list, narrowed to where the file was to go.
fn again(view: &Opened<'_>, list: &str) -> String {
    let of = view.document;
    address(list, &[("project", of.project.as_str()), ("category", &of.category)])
}

/// Why, and the two ways out: another copy of this very file in its place, or none.
fn refused(view: &Opened<'_>, reason: RejectReason, list: &str) -> Markup {
    let of = view.document;
    let post = |to: &str, label: &str| {
        inline_form(&format!("{list}/{}/{to}", of.id), view.csrf, &[], Button::quiet(label).submit())
    };
    if reason == RejectReason::Cancelled {
        return banner(&Banner {
            title: "This upload was cancelled",
            text: Some(html! { p { (reason.sentence()) } }),
            action: view.may_upload.then(|| Button::quiet("Upload again").link(&again(view, list))),
            ..Banner::default()
        });
    }
    if of.not_needed {
        return banner(&Banner {
            title: "This file was refused, and is not needed",
            text: Some(html! { p { (reason.sentence()) } }),
            action: view.may_arrange.then(|| post("needed", "It is needed after all")),
            ..Banner::default()
        });
    }
    let place = view.project().map_or_else(String::new, |project| format!("{}, {}", project.name, of.category));
    let drop_words = format!("Drop another copy of {}", of.name.as_str());
    let given = [("again_for", of.id.as_str()), ("project", of.project.as_str()), ("category", of.category.as_str())];
    let without = address(&format!("{list}/new"), &given);
    html! {
        (banner(&Banner {
            tone: Tone::Problem,
            title: "This file was refused",
            text: Some(html! { p { (reason.sentence()) } }),
            action: view.may_arrange.then(|| post("not-needed", "Not needed")),
        }))
        @if view.may_upload {
            (drop_zone(&DropZone {
                client: view.client.as_str(),
                project: of.project.as_str(),
                category: &of.category,
                again_for: Some(of.id.as_str()),
                label: "Upload another copy",
                goes_to: (!place.is_empty()).then_some(&place),
                drop_words: &drop_words,
                without_scripts: &without,
                ..DropZone::default()
            }))
        }
    }
}

/// Where it belongs and what it is called, to change.
fn place(view: &Opened<'_>) -> Markup {
    let of = view.document;
    let of_document = tags_line(of);
    let (version, name, project, category, tags) = match view.wrong {
        Some(Wrong::Place { typed, .. }) => {
            (typed.version, typed.name.as_str(), typed.project.as_str(), typed.category.as_str(), typed.tags.as_str())
        }
        _ => (of.version, of.name.as_str(), of.project.as_str(), of.category.as_str(), of_document.as_str()),
    };
    let ordered = projects_in_order(view.projects);
    let choices: Vec<Choice<'_>> = ordered
        .iter()
        .map(|other| Choice::new(other.id.as_str(), other.name.as_str(), other.id.as_str() == project))
        .collect();
    let kinds: Vec<Choice<'_>> =
        categories(&ordered).into_iter().map(|kind| Choice::new(kind, kind, kind == category)).collect();
    // What is about the document as a whole is said at its name.
    let wrong = match view.wrong {
        Some(Wrong::Place { why, .. }) => Some((why.field().unwrap_or("name"), why.to_string())),
        _ => None,
    };
    let wrong = wrong.as_ref().map(|(field, why)| (*field, why.as_str()));
    let error = |name: &str| wrong.filter(|(field, _)| *field == name).map(|(_, why)| why);
    let body = html! {
        (error_summary(&Vec::from_iter(wrong)))
        (form(&format!("/clients/{}/documents/{}", view.client, of.id), view.csrf, html! {
            input type="hidden" name="version" value=(version);
            (text_input(&TextInput {
                field: Field { name: "name", label: "Name", hint: Some("Its ending is kept."), error: error("name"), ..Field::default() },
                value: name,
                characters_max: Some(limits::FILE_NAME_CHARACTERS_MAX),
                ..TextInput::default()
            }))
            (beside(&[
                select(&Field { name: "project", label: "For", error: error("project"), ..Field::default() }, &choices),
                select(&Field { name: "category", label: "Category", error: error("category"), ..Field::default() }, &kinds),
            ]))
            @if view.may_say_year {
                @let year = of.kept.tax_year.map(|year| year.to_string()).unwrap_or_default();
                @let typed = match view.wrong {
                    Some(Wrong::Place { typed, .. }) => typed.tax_year.as_deref(),
                    _ => None,
                };
                (text_input(&TextInput {
                    field: Field {
                        name: "tax_year",
                        label: "Tax year",
                        hint: Some("The year in which it ends, such as 2024. How long the document is kept may count from it."),
                        error: error("tax_year"),
                        optional: true,
                    },
                    value: typed.unwrap_or(&year),
                    ..TextInput::default()
                }))
            }
            (text_input(&TextInput {
                field: Field {
                    name: "tags",
                    label: "Tags",
                    hint: Some("Words to find it by, with commas between them."),
                    error: error("tags"),
                    optional: true,
                },
                value: tags,
                characters_max: Some(limits::TAGS_PER_DOCUMENT_MAX * (limits::TAG_CHARACTERS_MAX + 2)),
                ..TextInput::default()
            }))
            (Button::primary("Save").submit())
        }))
    };
    fold("Move, rename or tag", wrong.is_some(), body)
}

/// Whom it is for, to change.
fn viewers(view: &Opened<'_>) -> Markup {
    let of = view.document;
    let (chosen, why) = match view.wrong {
        Some(Wrong::Viewers { visibility, why }) => (visibility, Some(why.as_str())),
        _ => (&of.visibility, None),
    };
    let people = view.names.company();
    let choice = ViewersChoice {
        client: view.names.client(),
        firm: view.names.firm(),
        people: &people,
        chosen,
        may_keep: false,
        error: why,
    };
    let errors: Vec<(&str, &str)> = why.map(|why| (choice.wrong_field(), why)).into_iter().collect();
    let body = html! {
        (error_summary(&errors))
        (form(&format!("/clients/{}/documents/{}/viewers", view.client, of.id), view.csrf, html! {
            input type="hidden" name="version" value=(of.version);
            (viewers_choice(&choice))
            (Button::primary("Save who may see it").submit())
        }))
    };
    fold("Who may see it", why.is_some(), body)
}

/// Whom it is for, in words.
fn seen_by(view: &Opened<'_>) -> Markup {
    let (client, firm) = (view.names.client(), view.names.firm());
    match &view.document.visibility {
        Visibility::Company => html! { "Everyone at " (client) },
        Visibility::Firm => html! { (icon::icon(Icon::Lock)) " Only " (firm) },
        Visibility::People(named) => {
            let names: Vec<&str> = named.iter().filter_map(|person| view.names.name(person)).collect();
            html! { (icon::icon(Icon::Person)) " Only " (names.join(", ")) @if !names.is_empty() { " and " } "admins of " (client) }
        }
    }
}

fn tags_line(of: &Document) -> String {
    let tags: Vec<&str> = of.tags.iter().map(Tag::as_str).collect();
    tags.join(", ")
}

fn facts_of(view: &Opened<'_>) -> Markup {
    let of = view.document;
    let mut list: Vec<(&str, Markup)> = Vec::new();
    if let Some(project) = view.project() {
        let href = format!("/clients/{}/projects/{}", view.client, project.id);
        let noun = if project.pack.noun() == "matter" { "Matter" } else { "Project" };
        list.push((noun, html! { a href=(href) { (project.name) } }));
    }
    list.push(("Category", html! { (of.category) }));
    list.push(("Seen by", seen_by(view)));
    if !of.tags.is_empty() {
        let all = format!("/clients/{}/documents", view.client);
        list.push((
            "Tags",
            html! {
                @for (place, tag) in of.tags.iter().enumerate() {
                    @if place > 0 { ", " }
                    a href=(address(&all, &[("tag", tag.as_str())])) { (tag.as_str()) }
                }
            },
        ));
    }
    let when = |at: Timestamp| words::instant(at, view.now, view.zone);
    match &of.state {
        Stage::Ready { kind, pages, read_by_sight, unseen, language, ready_at, .. } => {
            let title = kind.parse().map_or(kind.as_str(), |kind: Kind| kind.title());
            list.push(("Filed", when(*ready_at)));
            list.push(("Kind", html! { (title) }));
            if *pages > 0 {
                list.push(("Pages", html! { (pages) }));
            }
            if *read_by_sight > 0 {
                list.push(("Read from pictures", html! { (words::count(*read_by_sight as usize, "page", "pages")) }));
            }
            if *unseen > 0 {
                let pages =
                    words::count(*unseen as usize, "page that is only a picture", "pages that are only pictures");
                list.push(("Not read", html! { (pages) ": search finds no words there" }));
            }
            if let Some(language) = language.as_deref().and_then(documents::language_title) {
                list.push(("Language", html! { (language) }));
            }
            list.push(("Size", html! { (words::size(of.size_bytes)) }));
        }
        Stage::Rejected { at, .. } => list.push(("Refused", when(*at))),
        Stage::AwaitingUpload { .. } | Stage::Processing { .. } => list.push(("Started", when(of.asked_at))),
    }
    if let Some(year) = of.kept.tax_year {
        list.push(("Tax year", html! { (year) }));
    }
    if of.kept.archived {
        list.push(("Kept", html! { "Archived, opens as before" }));
    }
    if let Some(is_held) = view.is_held {
        let href = format!("/firm/clients/{}/retention?document={}", view.client, of.id);
        list.push((
            "Legal holds",
            html! {
                @if is_held { "Held, so that nothing of it is archived or deleted. " }
                a href=(href) { "See or place" }
            },
        ));
    }
    facts(&list)
}

/// One person doing one thing again and again is one line, with how often and when last.
fn who_has_seen(view: &Opened<'_>, seen: &[Seen]) -> Markup {
    let same = |a: &&Seen, b: &&Seen| a.person == b.person && a.act == b.act;
    let looks = looks(seen);
    let runs: Vec<(&Seen, usize)> = looks.chunk_by(same).map(|run| (run[0], run.len())).collect();
    let told: Vec<String> = runs.iter().map(|(last, times)| seen_words(last.act, *times)).collect();
    let entries: Vec<HistoryEntry<'_>> = runs
        .iter()
        .zip(&told)
        .map(|((last, times), what)| HistoryEntry {
            who: &last.name,
            picture: None,
            what,
            when: html! { @if *times > 1 { "last " } (words::instant(last.at, view.now, view.zone)) },
            detail: None,
        })
        .collect();
    let body = if entries.is_empty() {
        empty(&Empty {
            icon: Some(Icon::Eye),
            title: "Nobody has opened it yet",
            text: "Everyone who looks at this document or takes a copy is listed here. Clients do not see this list.",
            action: None,
        })
    } else {
        html! { p.hint { "Clients do not see this list." } (history(&entries)) }
    };
    section(&Section { title: "Who has seen it", ..Section::default() }, body)
}

/// Whoever opens the page sees the pages of the document on it: what was written down of both is one look.
fn looks(seen: &[Seen]) -> Vec<&Seen> {
    let is_part_of_another = |one: &&Seen| {
        one.act == Act::DocumentViewed
            && seen.iter().any(|other| {
                let later = other.at.as_second() - one.at.as_second();
                other.act == Act::DocumentPreviewed && other.person == one.person && (0..=ONE_LOOK).contains(&later)
            })
    };
    seen.iter().filter(|one| !is_part_of_another(one)).collect()
}

/// Seconds from a page to the pictures on it.
const ONE_LOOK: i64 = 60;

fn seen_words(act: Act, times: usize) -> String {
    let what = match act {
        Act::DocumentViewed => "looked at it",
        Act::DocumentPreviewed => "looked at its pages",
        Act::DocumentDownloaded => "downloaded a copy",
        other => other.words(),
    };
    match times {
        1 => what.to_owned(),
        2 => format!("{what} twice"),
        times => format!("{what} {times} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arranging::Typed;
    use crate::pages::tests::project;
    use crate::pages::tests::{document as sample, ready, zone};
    use domain::PersonId;
    use domain::document::DocumentRefused;
    use domain::packs::Pack;

    fn view<'a>(
        client: &'a ClientId,
        document: &'a Document,
        names: &'a Names,
        projects: &'a [Project],
        zone: &'a TimeZone,
    ) -> Opened<'a> {
        Opened {
            client,
            document,
            versions: &[],
            names,
            projects,
            history: None,
            may_upload: true,
            may_look: true,
            may_arrange: true,
            is_marked: true,
            may_say_year: false,
            is_held: None,
            wrong: None,
            csrf: "token",
            path: "/here",
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
            zone,
        }
    }

    fn client() -> ClientId {
        ClientId::from_bits(7)
    }

    fn shown(state: Stage, history: Option<&[Seen]>) -> String {
        let names = Names::new(Vec::new(), "Acme", "Hartwell");
        let (of, zone) = (sample("Lease.pdf", state), zone());
        document(&Opened { history, ..view(&client(), &of, &names, &[], &zone) }).into_string()
    }

    #[test]
    fn a_refused_file_has_two_ways_out_and_keeps_its_place() {
        let at = "2026-11-24T11:59:00Z".parse().unwrap();
        let of = sample("Lease.pdf", Stage::Rejected { reason: RejectReason::Empty, at });
        let (names, zone) = (Names::new(Vec::new(), "Acme", "Hartwell"), zone());
        let projects = [project(1, "Acme v. Dunmore", Pack::Litigation)];
        let html = document(&view(&client(), &of, &names, &projects, &zone)).into_string();
        let id = of.id.as_str();
        for part in [
            format!(r#"data-again-for="{id}""#),
            format!("documents/new?again_for={id}&amp;project={}&amp;category=Evidence", of.project),
            format!("{id}/not-needed"),
            "Acme v. Dunmore, Evidence".to_owned(),
        ] {
            assert!(html.contains(&part), "{part} in {html}");
        }
        let settled = Document { not_needed: true, ..of.clone() };
        let html = document(&view(&client(), &settled, &names, &projects, &zone)).into_string();
        assert!(html.contains(&format!("{id}/needed")) && !html.contains("data-upload"), "{html}");
        let client = client();
        let others =
            Opened { may_arrange: false, may_upload: false, ..view(&client, &settled, &names, &projects, &zone) };
        assert!(!document(&others).into_string().contains("/needed"));
    }

    #[test]
    fn the_form_of_the_place_keeps_what_was_typed() {
        let of = sample("Lease.pdf", ready("pdf"));
        let (names, zone) = (Names::new(Vec::new(), "Acme", "Hartwell"), zone());
        let projects = [project(1, "Acme v. Dunmore", Pack::Litigation), project(2, "Taxes", Pack::Tax)];
        let typed = Typed {
            version: 2,
            name: "<x>".into(),
            project: projects[1].id.to_string(),
            category: "Evidence".into(),
            tax_year: None,
            tags: "a, b".into(),
        };
        let wrong = Wrong::Place { typed, why: DocumentRefused::NoSuchCategory };
        let html =
            document(&Opened { wrong: Some(&wrong), ..view(&client(), &of, &names, &projects, &zone) }).into_string();
        assert!(html.contains(r#"value="&lt;x&gt;""#) && html.contains("Choose one of the categories"), "{html}");
        assert!(html.contains(r#"<details class="fold" open>"#), "{html}");
        // Each refusal stands at the field that it is about, with the rest as it was typed.
        for (why, field) in [
            (DocumentRefused::NoName, "name"),
            (DocumentRefused::Held, "project"),
            (DocumentRefused::NoSuchCategory, "category"),
            (DocumentRefused::NoSuchYear, "tax_year"),
            (DocumentRefused::TagUnreadable, "tags"),
            (DocumentRefused::InBin, "name"),
        ] {
            let typed = Typed { tax_year: Some("20x4".into()), tags: "a, b".into(), ..Typed::default() };
            let wrong = Wrong::Place { typed, why };
            let client = client();
            let opened = view(&client, &of, &names, &projects, &zone);
            let html = document(&Opened { wrong: Some(&wrong), may_say_year: true, ..opened }).into_string();
            let at = format!("id=\"{field}-error\"");
            assert!(html.contains(&at) && html.matches("class=\"field-error\"").count() == 1, "{field} in {html}");
            assert!(html.contains("value=\"20x4\"") && html.contains("value=\"a, b\""), "{html}");
        }
        let client = client();
        let other = Opened { may_arrange: false, ..view(&client, &of, &names, &projects, &zone) };
        assert!(!document(&other).into_string().contains("Move, rename"));
    }

    #[test]
    fn the_bin_offers_the_way_back_to_those_who_may_and_no_copy_to_anybody() {
        let at: Timestamp = "2026-11-24T11:59:00Z".parse().unwrap();
        let binned = Binned { by: PersonId::from_bits(3), at, batch: domain::BatchId::from_bits(4) };
        let of = Document { binned: Some(binned), ..sample("Lease.pdf", ready("pdf")) };
        let (names, zone, client) = (Names::new(Vec::new(), "Acme", "Hartwell"), zone(), client());
        let opened = view(&client, &of, &names, &[], &zone);
        let html = document(&opened).into_string();
        let back = format!("{}/restore", of.id);
        assert!(html.contains("in the bin") && html.contains(&back), "{html}");
        assert!(
            !html.contains("/download") && !html.contains("Move, rename") && !html.contains(&format!("{}/bin", of.id))
        );
        let other = document(&Opened { may_arrange: false, ..opened }).into_string();
        assert!(other.contains("in the bin") && !other.contains(&back), "{other}");
    }

    #[test]
    fn an_earlier_version_leads_to_the_current_one_and_can_take_its_place() {
        let (names, zone, client) = (Names::new(Vec::new(), "Acme", "Hartwell"), zone(), client());
        let current = sample("New.pdf", ready("pdf"));
        let old =
            Document { id: domain::DocumentId::from_bits(8), superseded: true, ..sample("Old.pdf", ready("pdf")) };
        let all = [current.clone(), old.clone()];
        let shown = |of: &Document, may_arrange| {
            let opened = view(&client, of, &names, &[], &zone);
            document(&Opened { versions: &all, may_arrange, ..opened }).into_string()
        };
        let again = format!("{}/current", old.id);
        let html = shown(&old, true);
        for part in ["not the current version", &format!("documents/{}\"", current.id), &again, "Versions", "/download"]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("Move, rename") && !html.contains("replaces="), "{html}");
        assert!(!shown(&old, false).contains(&again));
        let html = shown(&current, true);
        assert!(html.contains(&format!("replaces={}", current.id)) && !html.contains("not the current"), "{html}");
    }

    #[test]
    fn only_what_is_ready_can_be_taken_and_only_what_waits_looks_again() {
        let check = |state: Stage, download: bool, again: bool, words: &str| {
            let html = shown(state, None);
            assert_eq!((html.contains("/download"), html.contains("every 3s")), (download, again), "{html}");
            assert!(html.contains(words), "{words} in {html}");
        };
        let at: Timestamp = "2026-11-24T11:59:00Z".parse().unwrap();
        check(ready("pdf"), true, false, "code on every page");
        check(Stage::Processing { object_version: "v".into() }, false, true, "being checked");
        check(Stage::Rejected { reason: RejectReason::Macros, at }, false, false, RejectReason::Macros.sentence());
        check(Stage::AwaitingUpload { expires: at }, false, false, "never arrived");
    }

    #[test]
    fn the_history_is_for_those_who_may_know() {
        let seen = [Seen {
            person: PersonId::from_bits(1),
            name: "Ann Acme".into(),
            at: "2026-11-24T11:00:00Z".parse().unwrap(),
            act: Act::DocumentDownloaded,
        }];
        assert!(!shown(ready("txt"), None).contains("Who has seen it"));
        assert!(shown(ready("txt"), Some(&[])).contains("Nobody has opened it yet"));
        let html = shown(ready("txt"), Some(&seen));
        assert!(html.contains("Ann Acme") && html.contains("downloaded a copy"), "{html}");
        let again = [seen[0].clone(), seen[0].clone(), Seen { act: Act::DocumentViewed, ..seen[0].clone() }];
        let html = shown(ready("txt"), Some(&again));
        assert_eq!(html.matches("Ann Acme").count(), 2, "{html}");
        assert!(html.contains("downloaded a copy twice") && html.contains("looked at it"), "{html}");
        let pages = |at: &str| Seen { act: Act::DocumentPreviewed, at: at.parse().unwrap(), ..seen[0].clone() };
        let opened = Seen { act: Act::DocumentViewed, ..seen[0].clone() };
        let html =
            shown(ready("txt"), Some(&[pages("2026-11-24T11:05:00Z"), pages("2026-11-24T11:00:03Z"), opened.clone()]));
        assert_eq!(html.matches("Ann Acme").count(), 1, "opening the page and seeing its pages is one look: {html}");
        assert!(html.contains("looked at its pages twice"), "{html}");
        let html = shown(ready("txt"), Some(&[pages("2026-11-24T11:05:00Z"), opened]));
        assert_eq!(html.matches("Ann Acme").count(), 2, "{html}");
    }
}
