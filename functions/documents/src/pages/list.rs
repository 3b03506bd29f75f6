//! The list, and the page as the place to drop files on.

use std::borrow::Cow;

use domain::document::{Document, State as Stage};
use domain::project::{Project, Standing};
use domain::{ClientId, DocumentId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::DocumentFilter;
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::feedback::{Empty, empty};
use web::ui::form::Choice;
use web::ui::structure::{PageHead, Row, facts_line, page_head, rows};
use web::ui::upload::{DropZone, PlaceChoice, drop_zone};
use web::ui::viewers::{viewers_at_upload, viewers_mark};
use web::ui::{Button, Icon, words};

use super::{OTHER, address, categories, lead, pill, projects_in_order};
use crate::facts::Names;

/// Chips for projects; a client with more has the rest on the projects' own pages.
const PROJECT_CHIPS_MAX: usize = 12;

pub(crate) struct List<'a> {
    pub(crate) client: &'a ClientId,
    /// Shown to the client's own people.
    pub(crate) of_client: bool,
    pub(crate) names: &'a Names,
    /// May upload for the firm only.
    pub(crate) may_keep: bool,
    pub(crate) firm: &'a str,
    pub(crate) filter: &'a DocumentFilter,
    pub(crate) documents: &'a [Document],
    pub(crate) from_start: bool,
    pub(crate) next: Option<&'a DocumentId>,
    pub(crate) projects: &'a [Project],
    /// Matter or project, as the firm says.
    pub(crate) noun: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

impl List<'_> {
    fn here(&self) -> String {
        format!("/clients/{}/documents", self.client)
    }

    fn address(&self, project: Option<&str>, category: Option<&str>, after: Option<&str>) -> String {
        let parameters = [
            ("project", project.unwrap_or_default()),
            ("category", category.unwrap_or_default()),
            ("after", after.unwrap_or_default()),
        ];
        address(&self.here(), &parameters)
    }

    fn project(&self) -> Option<&str> {
        self.filter.project.as_ref().map(|project| project.as_str())
    }
}

pub(crate) fn list(view: &List<'_>) -> Markup {
    html! {
        @let asked = format!("/clients/{}/requests", view.client);
        @let actions = [Button::quiet("Requested documents").link(&asked)];
        (page_head(&PageHead { title: "Documents", actions: &actions, ..PageHead::default() }))
        @if view.projects.is_empty() {
            (no_projects(view))
        } @else {
            (upload(view))
            (filters(view))
            (documents(view))
        }
    }
}

fn no_projects(view: &List<'_>) -> Markup {
    let (text, action) = if view.of_client {
        let (firm, noun) = (view.firm, view.noun);
        (format!("Files have their place here as soon as {firm} has opened the first {noun} for you."), None)
    } else {
        let href = format!("/clients/{}/projects/new", view.client);
        let open = format!("Open a {}", view.noun);
        (
            format!("Documents are kept by {}. Open one first, then drop files here.", view.noun),
            Some(Button::primary(&open).with_icon(Icon::Plus).link(&href)),
        )
    };
    empty(&Empty { icon: Some(Icon::Document), title: "No documents yet", text: &text, action })
}

/// Files go to the project that the list is narrowed to, or to the only one that is open. Otherwise people choose first.
fn upload(view: &List<'_>) -> Markup {
    let ordered = projects_in_order(view.projects);
    let open: Vec<&Project> = ordered.iter().copied().filter(|project| project.standing == Standing::Active).collect();
    // Closed ones still take files, where there is no other.
    let choosable = if open.is_empty() { ordered.clone() } else { open };
    let narrowed = view.project().and_then(|id| ordered.iter().find(|project| project.id.as_str() == id).copied());
    let fixed = narrowed.or(match choosable.as_slice() {
        [only] => Some(*only),
        _ => None,
    });
    let places: Vec<PlaceChoice<'_>> = choosable
        .iter()
        .filter(|_| fixed.is_none())
        .map(|project| PlaceChoice {
            value: project.id.as_str(),
            label: project.name.as_str(),
            categories: project.pack.categories(),
        })
        .collect();
    let kinds: Vec<&str> = fixed.map_or_else(|| categories(&choosable), |project| project.pack.categories().to_vec());
    let chosen = view.filter.category.as_deref().filter(|category| kinds.contains(category));
    let chosen = chosen.unwrap_or(OTHER);
    let kinds: Vec<Choice<'_>> = kinds.into_iter().map(|kind| Choice::new(kind, kind, kind == chosen)).collect();
    let project = fixed.map_or("", |project| project.id.as_str());
    let drop_words =
        fixed.map_or_else(|| "Drop to upload".to_owned(), |project| format!("Drop to upload to {}", project.name));
    let without = address(&format!("{}/new", view.here()), &[("project", project), ("category", chosen)]);
    let viewers = viewers_at_upload(view.names.client(), view.firm, &view.names.company(), view.may_keep);
    let viewers: Vec<Choice<'_>> =
        viewers.iter().enumerate().map(|(at, (value, words))| Choice::new(value, words, at == 0)).collect();
    drop_zone(&DropZone {
        client: view.client.as_str(),
        project,
        category: chosen,
        goes_to: fixed.filter(|_| view.projects.len() > 1).map(|project| project.name.as_str()),
        drop_words: &drop_words,
        project_choices: &places,
        category_choices: &kinds,
        viewer_choices: &viewers,
        without_scripts: &without,
        ..DropZone::default()
    })
}

fn filters(view: &List<'_>) -> Markup {
    let ordered = projects_in_order(view.projects);
    let (project, category) = (view.project(), view.filter.category.as_deref());
    let narrowed: Vec<&Project> =
        ordered.iter().copied().filter(|of| project.is_none_or(|id| of.id.as_str() == id)).collect();
    let mut of_projects = vec![("All".to_owned(), view.address(None, None, None), project.is_none())];
    let shown =
        ordered.iter().enumerate().filter(|(place, of)| *place < PROJECT_CHIPS_MAX || project == Some(of.id.as_str()));
    of_projects.extend(shown.map(|(_, of)| {
        let chosen = project == Some(of.id.as_str());
        (of.name.to_string(), view.address(Some(of.id.as_str()), None, None), chosen)
    }));
    let of_categories: Vec<(String, String, bool)> = categories(&narrowed)
        .into_iter()
        .map(|of| {
            let chosen = category == Some(of);
            // Following a chosen one switches it off.
            let href = view.address(project, (!chosen).then_some(of), None);
            (of.to_owned(), href, chosen)
        })
        .collect();
    html! {
        @if view.projects.len() > 1 { (chip_line("Narrow by project", &of_projects)) }
        (chip_line("Narrow by category", &of_categories))
    }
}

fn chip_line(label: &str, list: &[(String, String, bool)]) -> Markup {
    let list: Vec<Chip<'_>> =
        list.iter().map(|(label, href, chosen)| Chip { label, href, chosen: *chosen, count: None }).collect();
    chips(label, &list)
}

/// Draws itself again when an upload is ready. Not by the clock: whoever reads it by keyboard would lose the place.
fn documents(view: &List<'_>) -> Markup {
    let again = view.address(view.project(), view.filter.category.as_deref(), None);
    let further =
        view.next.map(|next| view.address(view.project(), view.filter.category.as_deref(), Some(next.as_str())));
    let from_start = |value: &'static str| view.from_start.then_some(value);
    html! {
        div id="documents" hx-get=[view.from_start.then_some(&again)] hx-trigger=[from_start("portico:ready from:body")]
            hx-select=[from_start("#documents")] hx-swap=[from_start("outerHTML")] {
            @if view.documents.is_empty() { (nothing(view)) } @else { (rows_of(view)) }
        }
        (pagination(&Pages { first: (!view.from_start).then_some(again.as_str()), next: further.as_deref(), shown: None }))
    }
}

fn rows_of(view: &List<'_>) -> Markup {
    let lines: Vec<(String, Markup)> = view
        .documents
        .iter()
        .map(|document| (format!("{}/{}", view.here(), document.id), line(view, document)))
        .collect();
    let names: Vec<Cow<'_, str>> =
        view.documents.iter().map(|document| words::file_name(document.name.as_str())).collect();
    let list = view.documents.iter().zip(&names).zip(&lines).map(|((document, name), (href, meta))| Row {
        lead: Some(lead(document, view.now)),
        title: name,
        href: Some(href),
        meta: Some(meta.clone()),
        trail: (!matches!(document.state, Stage::Ready { .. })).then(|| pill(document, view.now)),
    });
    rows(list)
}

fn line(view: &List<'_>, document: &Document) -> Markup {
    let at = match &document.state {
        Stage::Ready { ready_at, .. } => *ready_at,
        Stage::Rejected { at, .. } => *at,
        Stage::AwaitingUpload { .. } | Stage::Processing { .. } => document.asked_at,
    };
    let mut parts = vec![
        html! { (document.category) },
        html! { "from " (view.names.uploader(document)) },
        words::instant(at, view.now, view.zone),
    ];
    parts.extend(viewers_mark(&document.visibility));
    if matches!(document.state, Stage::Ready { .. }) {
        parts.push(html! { (words::size(document.size_bytes)) });
    }
    if view.documents.iter().any(|other| other.id != document.id && other.name == document.name) {
        parts.push(html! { strong { "another file has this name" } });
    }
    facts_line(&parts)
}

fn nothing(view: &List<'_>) -> Markup {
    if view.filter.project.is_none() && view.filter.category.is_none() {
        let told = if view.of_client { view.firm.to_owned() } else { view.names.client().to_owned() };
        let text =
            format!("Drop files on this page, or choose them above. {told} hears of each one once it is checked.");
        return empty(&Empty { icon: Some(Icon::Document), title: "No documents yet", text: &text, action: None });
    }
    let text = "No document matches these filters. There may be some under another project or category.";
    let action = Some(Button::quiet("Show all documents").link(&view.here()));
    empty(&Empty { icon: Some(Icon::Filter), title: "Nothing here", text, action })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::{document, project, zone};
    use domain::packs::Pack;

    fn shown(of_client: bool, projects: &[Project], documents: &[Document]) -> String {
        let names = Names::new(Vec::new(), "Acme & Sons", "Hartwell");
        let client = ClientId::from_bits(7);
        list(&List {
            client: &client,
            of_client,
            names: &names,
            may_keep: !of_client,
            firm: "Hartwell",
            filter: &DocumentFilter::default(),
            documents,
            from_start: true,
            next: None,
            projects,
            noun: "project",
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
            zone: &zone(),
        })
        .into_string()
    }

    #[test]
    fn each_row_says_what_from_whom_and_how_far() {
        let waiting = document("<b>.pdf", Stage::Processing { object_version: "v".into() });
        let html = shown(false, &[project(1, "Acme v. Dunmore", Pack::Litigation)], &[waiting]);
        for part in ["&lt;b&gt;.pdf", "Evidence", "from Acme &amp; Sons", "Being checked"] {
            assert!(html.contains(part), "{part} in {html}");
        }
        let missed = document("a.pdf", Stage::AwaitingUpload { expires: "2026-11-24T11:00:00Z".parse().unwrap() });
        let html = shown(false, &[project(1, "Acme v. Dunmore", Pack::Litigation)], &[missed]);
        assert!(html.contains("Not received"), "{html}");
    }

    #[test]
    fn files_of_one_name_say_so() {
        let one = document("Lease.pdf", crate::pages::tests::ready("pdf"));
        let two = Document { id: DocumentId::from_bits(10), ..one.clone() };
        let matter = [project(1, "Acme v. Dunmore", Pack::Litigation)];
        let html = shown(true, &matter, &[one.clone(), two]);
        assert_eq!(html.matches("another file has this name").count(), 2, "{html}");
        assert!(!shown(true, &matter, &[one]).contains("another file"));
    }

    #[test]
    fn where_there_is_a_choice_nothing_is_chosen_beforehand() {
        let (one, two) = (project(1, "Acme v. Dunmore", Pack::Litigation), project(2, "Taxes 2026", Pack::Tax));
        let choice = r#"data-upload-choice="project""#;
        let alone = shown(true, std::slice::from_ref(&one), &[]);
        assert!(!alone.contains(choice) && alone.contains(&format!(r#"data-project="{}""#, one.id)), "{alone}");
        let html = shown(true, &[one.clone(), two], &[]);
        for part in [choice, r#"data-project="""#, r#"<option value="" selected>"#, r#"data-categories="Tax returns|"#]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.contains(r#"<option value="Other" selected>"#) && html.contains("Narrow by project"), "{html}");
        assert!(!html.contains(r#"<option value="Pleadings" selected>"#), "{html}");
        // A closed one is no choice where another is open.
        let closed = Project { standing: Standing::Closed, ..project(3, "Old", Pack::Litigation) };
        let html = shown(true, &[one, closed], &[]);
        assert!(!html.contains(choice) && html.contains("Goes to <strong>Acme v. Dunmore"), "{html}");
    }

    #[test]
    fn without_a_project_it_says_who_opens_one() {
        assert!(shown(true, &[], &[]).contains("as soon as Hartwell has opened the first project"));
        assert!(shown(false, &[], &[]).contains("Open a project"));
    }
}
