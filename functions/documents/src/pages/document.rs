//! One document: what it is, how far it is, and for the firm's side who has seen it.

use documents::Kind;
use domain::audit::Act;
use domain::document::{Document, State as Stage};
use domain::project::Project;
use domain::{ClientId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::Seen;
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::history::{HistoryEntry, history};
use web::ui::structure::{Crumb, PageHead, Section, facts_line, page_head, section};
use web::ui::{Button, Icon, words};

use super::{is_waiting, pill};
use crate::facts::Names;

pub(crate) struct Opened<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) document: &'a Document,
    pub(crate) names: &'a Names,
    pub(crate) project: Option<&'a Project>,
    /// None for whoever may not know.
    pub(crate) history: Option<&'a [Seen]>,
    pub(crate) path: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn document(view: &Opened<'_>) -> Markup {
    let of = view.document;
    let list = format!("/clients/{}/documents", view.client);
    let take = format!("{list}/{}/download", of.id);
    let actions = match of.state {
        Stage::Ready { .. } => {
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
        (how_far(view, &list))
        (facts_of(view))
        @if let Some(seen) = view.history { (who_has_seen(view, seen)) }
        // A page that waits looks again by itself: what comes takes the place of all of this.
        @if is_waiting(of, view.now) {
            div hidden hx-get=(view.path) hx-trigger="every 3s" hx-target="#content" hx-swap="innerHTML" {}
        }
    }
}

fn how_far(view: &Opened<'_>, list: &str) -> Markup {
    match &view.document.state {
        state @ Stage::AwaitingUpload { .. } if state.missed(view.now) => banner(&Banner {
            tone: Tone::Attention,
            title: "This file never arrived",
            text: Some(html! { p { "The upload broke off, or was not finished in time. Upload the file again." } }),
            action: Some(Button::quiet("Upload again").link(list)),
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
        Stage::Rejected { reason, .. } => banner(&Banner {
            tone: Tone::Problem,
            title: "This file was refused",
            text: Some(html! { p { (reason.sentence()) } }),
            action: Some(Button::quiet("Upload another copy").link(list)),
        }),
        Stage::Ready { kind, .. } if kind == Kind::Pdf.as_str() => html! {
            p.hint { "Each downloaded copy carries its reader's address, the time and a code on every page." }
        },
        Stage::Ready { .. } => html! {},
    }
}

fn facts_of(view: &Opened<'_>) -> Markup {
    let of = view.document;
    let mut list: Vec<(&str, Markup)> = Vec::new();
    if let Some(project) = view.project {
        let href = format!("/clients/{}/projects/{}", view.client, project.id);
        let noun = if project.pack.noun() == "matter" { "Matter" } else { "Project" };
        list.push((noun, html! { a href=(href) { (project.name) } }));
    }
    list.push(("Category", html! { (of.category) }));
    let when = |at: Timestamp| words::instant(at, view.now, view.zone);
    match &of.state {
        Stage::Ready { kind, pages, ready_at, .. } => {
            let title = kind.parse().map_or(kind.as_str(), |kind: Kind| kind.title());
            list.push(("Filed", when(*ready_at)));
            list.push(("Kind", html! { (title) }));
            if *pages > 0 {
                list.push(("Pages", html! { (pages) }));
            }
            list.push(("Size", html! { (words::size(of.size_bytes)) }));
        }
        Stage::Rejected { at, .. } => list.push(("Refused", when(*at))),
        Stage::AwaitingUpload { .. } | Stage::Processing { .. } => list.push(("Started", when(of.asked_at))),
    }
    facts(&list)
}

/// One person doing one thing again and again is one line, with how often and when last.
fn who_has_seen(view: &Opened<'_>, seen: &[Seen]) -> Markup {
    let same = |a: &Seen, b: &Seen| a.person == b.person && a.act == b.act;
    let runs: Vec<(&Seen, usize)> = seen.chunk_by(same).map(|run| (&run[0], run.len())).collect();
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

fn seen_words(act: Act, times: usize) -> String {
    let what = match act {
        Act::DocumentViewed => "looked at it",
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
    use crate::pages::tests::{document as sample, ready, zone};
    use domain::PersonId;
    use domain::document::RejectReason;

    fn shown(state: Stage, history: Option<&[Seen]>) -> String {
        let names = Names::new(Vec::new(), "Acme", "Hartwell");
        document(&Opened {
            client: &ClientId::from_bits(7),
            document: &sample("Lease.pdf", state),
            names: &names,
            project: None,
            history,
            path: "/here",
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
            zone: &zone(),
        })
        .into_string()
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
    }
}
