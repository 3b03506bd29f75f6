//! The list, and the page as the place to drop files on.

use std::borrow::Cow;

use domain::calendar;
use domain::document::{Document, State as Stage};
use domain::project::{Project, Standing};
use domain::{ClientId, Date, PersonId, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use web::ui::bulk::{Bulk, bulk, pick, sends_to};
use web::ui::button::actions;
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{
    Choice, Field, TextInput, beside, csrf_field, date_input, error_summary_saying, inline_form, select, text_input,
};
use web::ui::search::filter_form;
use web::ui::structure::{Crumb, PageHead, Row, facts_line, fold, page_head, rows};
use web::ui::upload::{DropZone, PlaceChoice, drop_zone};
use web::ui::viewers::{viewers_at_upload, viewers_mark};
use web::ui::{Button, Icon, words};

use super::{OTHER, address, categories, lead, pill, projects_in_order};
use crate::facts::Names;
use crate::kinds;
use crate::listing::{ListQuery, Told, given};

/// Where a list that was narrowed is read from: on a phone what narrows it fills the first screen.
const FOUND: &str = "found";

fn to_found(address: &str) -> String {
    format!("{address}#{FOUND}")
}

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
    /// What its address says.
    pub(crate) query: &'a ListQuery,
    pub(crate) is_narrowed: bool,
    /// The filter that could not be followed, and why.
    pub(crate) wrong: Option<(&'a str, &'a str)>,
    pub(crate) documents: &'a [Document],
    pub(crate) next: Option<&'a str>,
    pub(crate) projects: &'a [Project],
    /// Matter or project, as the firm says.
    pub(crate) noun: &'a str,
    /// May move, tag and bin what is theirs.
    pub(crate) may_change: bool,
    /// May take many away at once.
    pub(crate) may_zip: bool,
    /// What this showing of the page is called.
    pub(crate) key: &'a str,
    pub(crate) told: Option<&'a Told>,
    pub(crate) csrf: &'a str,
    pub(crate) today: Date,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

impl List<'_> {
    fn here(&self) -> String {
        format!("/clients/{}/documents", self.client)
    }

    /// The list with one thing about it changed, from its start.
    fn address(&self, change: impl Fn(&mut ListQuery)) -> String {
        let mut query = ListQuery { after: None, ..self.query.clone() };
        change(&mut query);
        let parameters = [
            ("project", given(&query.project)),
            ("category", given(&query.category)),
            ("kind", given(&query.kind)),
            ("person", given(&query.person)),
            ("from", given(&query.from)),
            ("until", given(&query.until)),
            ("tag", given(&query.tag)),
            ("name", given(&query.name)),
            ("bin", given(&query.bin)),
            ("after", given(&query.after)),
        ];
        address(&self.here(), &parameters.map(|(name, value)| (name, value.unwrap_or_default())))
    }

    /// Whether there is something to do with several rows at once.
    fn may_choose(&self) -> bool {
        self.may_change || self.may_zip && !self.query.is_bin()
    }

    fn is_from_start(&self) -> bool {
        given(&self.query.after).is_none()
    }

    fn project(&self) -> Option<&str> {
        given(&self.query.project)
    }

    fn category(&self) -> Option<&str> {
        given(&self.query.category)
    }
}

pub(crate) fn list(view: &List<'_>) -> Markup {
    if view.query.is_bin() {
        return bin(view);
    }
    let to_bin = view.address(|query| *query = ListQuery { bin: Some("1".into()), ..ListQuery::default() });
    html! {
        @let asked = format!("/clients/{}/requests", view.client);
        @let bin = Button::quiet("Bin").with_icon(Icon::Bin).link(&to_bin);
        @let actions = [Button::quiet("Requested documents").link(&asked), bin];
        (page_head(&PageHead { title: "Documents", actions: &actions, ..PageHead::default() }))
        @if view.projects.is_empty() {
            (no_projects(view))
        } @else {
            (told(view))
            (error_summary_saying("This could not be looked for", &Vec::from_iter(view.wrong)))
            (upload(view))
            (filters(view))
            (documents(view))
        }
    }
}

fn told(view: &List<'_>) -> Markup {
    let Some(told) = view.told else { return html! {} };
    banner(&Banner {
        tone: Tone::Attention,
        title: &told.title,
        text: Some(html! { ul { @for line in &told.lines { li { (line) } } } }),
        action: told.undo.as_ref().map(|batch| {
            let action = format!("{}/restore?batch={batch}", view.here());
            inline_form(&action, view.csrf, &[], Button::quiet("Undo what was done").submit())
        }),
    })
}

/// What was put aside, to bring back.
fn bin(view: &List<'_>) -> Markup {
    let list = view.here();
    let line = html! { "Lists and search leave these files out, and each can be brought back as it was. After 30 days they are removed for good, but for those under a legal hold, those that a rule of the firm keeps, and files with several versions." };
    html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Documents", href: &list }],
            title: "Bin",
            line: Some(line),
            ..PageHead::default()
        }))
        (told(view))
        @if view.documents.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Bin),
                title: "The bin is empty",
                text: "Files that somebody moves to the bin are listed here, to be brought back.",
                action: Some(Button::quiet("Back to the documents").link(&list)),
            }))
        } @else {
            (chosen_from(view, rows_of(view)))
        }
        (turn(view))
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
    let chosen = view.category().filter(|category| kinds.contains(category));
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
    let (project, category) = (view.project(), view.category());
    let narrowed: Vec<&Project> =
        ordered.iter().copied().filter(|of| project.is_none_or(|id| of.id.as_str() == id)).collect();
    let to_project = |id: Option<&str>| {
        to_found(&view.address(|query| {
            query.project = id.map(str::to_owned);
            query.category = None;
        }))
    };
    let mut of_projects = vec![("All".to_owned(), to_project(None), project.is_none())];
    let shown =
        ordered.iter().enumerate().filter(|(place, of)| *place < PROJECT_CHIPS_MAX || project == Some(of.id.as_str()));
    of_projects.extend(shown.map(|(_, of)| {
        let chosen = project == Some(of.id.as_str());
        (project_label(of), to_project(Some(of.id.as_str())), chosen)
    }));
    let of_categories: Vec<(String, String, bool)> = categories(&narrowed)
        .into_iter()
        .map(|of| {
            let chosen = category == Some(of);
            // Following a chosen one switches it off.
            let href = view.address(|query| query.category = (!chosen).then(|| of.to_owned()));
            (of.to_owned(), to_found(&href), chosen)
        })
        .collect();
    let others = chosen_filters(view);
    html! {
        @if view.projects.len() > 1 { (chip_line("Narrow by project", &of_projects)) }
        div.chips-second { (chip_line("Narrow by category", &of_categories)) }
        @if !others.is_empty() { (chip_line("Narrowed by", &others)) }
        (more_filters(view, &ordered, &categories(&narrowed)))
    }
}

/// Past engagements are found like any other, and say that they are past.
fn project_label(project: &Project) -> String {
    match project.standing {
        Standing::Closed => format!("{} (closed)", project.name),
        _ => project.name.to_string(),
    }
}

type Clear = fn(&mut ListQuery);

/// What else narrows the list, each to be switched off by following it.
fn chosen_filters(view: &List<'_>) -> Vec<(String, String, bool)> {
    let query = view.query;
    let person = |id: &str| {
        let known = PersonId::parse(id).ok().and_then(|id| view.names.name(&id).map(str::to_owned));
        format!("From {}", known.unwrap_or_else(|| "somebody who has left".to_owned()))
    };
    let chosen: [(Option<String>, Clear); 6] = [
        (given(&query.name).map(|words| format!("Name: {words}")), |query| query.name = None),
        (given(&query.kind).map(kinds::title), |query| query.kind = None),
        (given(&query.person).map(person), |query| query.person = None),
        (given(&query.from).map(|day| format!("Since {}", day_words(view, day))), |query| query.from = None),
        (given(&query.until).map(|day| format!("Until {}", day_words(view, day))), |query| query.until = None),
        (given(&query.tag).map(|tag| format!("Tag: {tag}")), |query| query.tag = None),
    ];
    chosen.into_iter().filter_map(|(label, clear)| Some((label?, to_found(&view.address(clear)), true))).collect()
}

fn day_words(view: &List<'_>, day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), |day: Date| calendar::day_words(day, view.today))
}

fn more_filters(view: &List<'_>, ordered: &[&Project], categories: &[&str]) -> Markup {
    let query = view.query;
    let any = |label, chosen: bool| Choice::new("", label, chosen);
    let kind = given(&query.kind);
    let mut of_kinds = vec![any("Any kind", kind.is_none())];
    of_kinds.extend(kinds::GROUPS.iter().map(|(value, label)| Choice::new(value, label, kind == Some(*value))));
    let person = given(&query.person);
    let people = view.names.people();
    let mut of_people = vec![any("Anybody", person.is_none())];
    of_people.extend(people.iter().map(|(id, name)| Choice::new(id.as_str(), name, person == Some(id.as_str()))));
    let labels: Vec<String> = ordered.iter().map(|project| project_label(project)).collect();
    let mut of_projects = vec![any("All", view.project().is_none())];
    of_projects.extend(
        ordered.iter().zip(&labels).map(|(project, label)| {
            Choice::new(project.id.as_str(), label, view.project() == Some(project.id.as_str()))
        }),
    );
    let mut of_categories = vec![any("Any", view.category().is_none())];
    of_categories.extend(categories.iter().map(|of| Choice::new(of, of, view.category() == Some(*of))));
    let day = |field: &Option<String>| given(field).and_then(|day| day.parse::<Date>().ok());
    let error = |name| view.wrong.filter(|(field, _)| *field == name).map(|(_, why)| why);
    let field = |name, label| Field { name, label, error: error(name), optional: true, ..Field::default() };
    let plain = |name, label, value, characters_max| {
        text_input(&TextInput {
            field: field(name, label),
            value,
            characters_max: Some(characters_max),
            ..TextInput::default()
        })
    };
    let form = filter_form(
        &format!("{}#{FOUND}", view.here()),
        html! {
            (beside(&[
                plain("name", "Words in the name", given(&query.name).unwrap_or_default(), limits::SEARCH_TEXT_CHARACTERS_MAX),
                plain("tag", "Tag", given(&query.tag).unwrap_or_default(), limits::TAG_CHARACTERS_MAX),
            ]))
            (beside(&[
                select(&field("project", "For"), &of_projects),
                select(&field("category", "Category"), &of_categories),
            ]))
            (beside(&[
                select(&field("kind", "Kind"), &of_kinds),
                select(&field("person", "From"), &of_people),
            ]))
            (beside(&[
                date_input(&field("from", "Uploaded since"), day(&query.from), None),
                date_input(&field("until", "Uploaded until"), day(&query.until), None),
            ]))
            (Button::quiet("Show these").with_icon(Icon::Filter).submit())
        },
    );
    fold("Narrow by more", view.wrong.is_some(), form)
}

fn chip_line(label: &str, list: &[(String, String, bool)]) -> Markup {
    let list: Vec<Chip<'_>> =
        list.iter().map(|(label, href, chosen)| Chip { label, href, chosen: *chosen, count: None }).collect();
    chips(label, &list)
}

/// Draws itself again when an upload is ready. Not by the clock: whoever reads it by keyboard would lose the place.
fn documents(view: &List<'_>) -> Markup {
    let again = view.address(|_| ());
    let from_start = |value: &'static str| view.is_from_start().then_some(value);
    html! {
        div id="documents" hx-get=[view.is_from_start().then_some(&again)]
            hx-trigger=[from_start("portico:ready from:body")]
            hx-select=[from_start("#documents")] hx-swap=[from_start("outerHTML")] {
            @if view.wrong.is_none() {
                h2.unseen[view.documents.is_empty()] id=(FOUND) tabindex="-1" { (how_many(view)) }
                @if view.documents.is_empty() { (nothing(view)) } @else { (chosen_from(view, rows_of(view))) }
            }
        }
        @if view.may_zip && !view.documents.is_empty() { (all_as_zip(view)) }
        (turn(view))
    }
}

/// How many there are, as far as the pages of the list tell.
fn how_many(view: &List<'_>) -> String {
    let many = words::count(view.documents.len(), "document", "documents");
    match (view.documents.is_empty(), view.is_from_start(), view.next.is_some()) {
        (true, _, true) if view.is_narrowed => "Nothing so far for these filters".to_owned(),
        (true, ..) if view.is_narrowed => "Nothing here for these filters".to_owned(),
        (true, ..) => "No documents".to_owned(),
        (_, true, true) => format!("The newest {many}"),
        (_, false, true) => format!("{many} more, and others after them"),
        (_, false, false) => format!("{many} more"),
        (_, true, false) => many,
    }
}

fn turn(view: &List<'_>) -> Markup {
    let first = view.address(|_| ());
    let further = view.next.map(|next| view.address(|query| query.after = Some(next.to_owned())));
    let first = (!view.is_from_start()).then_some(first.as_str());
    pagination(&Pages { first, next: further.as_deref(), shown: None })
}

/// Everything that the list shows, on all of its pages.
fn all_as_zip(view: &List<'_>) -> Markup {
    let address = view.address(|_| ());
    let query = address.split_once('?').map_or("", |(_, query)| query);
    html! {
        form.form method="post" action={ (view.here()) "/zip" } {
            (csrf_field(view.csrf))
            input type="hidden" name="list" value=(query);
            input type="hidden" name="key" value=(view.key);
            input type="hidden" name="back" value=(address);
            (actions(&[Button::quiet("Download the whole list as zip").with_icon(Icon::Download).submit()]))
        }
    }
}

/// The rows with what can be done with those that are ticked.
fn chosen_from(view: &List<'_>, rows: Markup) -> Markup {
    if !view.may_choose() {
        return rows;
    }
    let back = view.address(|query| query.after.clone_from(&view.query.after));
    let restores = view.query.is_bin();
    let mut buttons = Vec::new();
    if view.may_zip && !restores {
        let button = Button::primary("Download as zip").with_icon(Icon::Download);
        buttons.push(html! {
            input type="hidden" name="key" value=(view.key);
            (sends_to(button, &format!("{}/zip", view.here())))
        });
    }
    if view.may_change {
        buttons.push(if restores {
            Button::quiet("Restore").with_icon(Icon::Retry).submit_as("act", "restore")
        } else {
            Button::quiet_danger("Move to the bin").with_icon(Icon::Bin).submit_as("act", "bin")
        });
    }
    bulk(&Bulk {
        action: &format!("{}/bulk", view.here()),
        csrf: view.csrf,
        back: &back,
        noun: "chosen",
        rows,
        folds: if restores || !view.may_change {
            Vec::new()
        } else {
            vec![("Move", move_fields(view)), ("Tag", tag_fields())]
        },
        buttons,
    })
}

fn move_fields(view: &List<'_>) -> Markup {
    let ordered = projects_in_order(view.projects);
    let labels: Vec<String> = ordered.iter().map(|project| project_label(project)).collect();
    let mut places = vec![Choice::new("", "Where they are", true)];
    places.extend(ordered.iter().zip(&labels).map(|(of, label)| Choice::new(of.id.as_str(), label, false)));
    let mut kinds = vec![Choice::new("", "As they are", true)];
    kinds.extend(categories(&ordered).into_iter().map(|kind| Choice::new(kind, kind, false)));
    html! {
        (beside(&[
            select(&Field { name: "to_project", label: "To", optional: true, ..Field::default() }, &places),
            select(&Field { name: "to_category", label: "Category", optional: true, ..Field::default() }, &kinds),
        ]))
        (actions(&[Button::quiet("Move them").submit_as("act", "move")]))
    }
}

fn tag_fields() -> Markup {
    html! {
        // Not `tag`, which the list is narrowed by: two controls of one page have two ids.
        (text_input(&TextInput {
            field: Field { name: "with_tag", label: "A tag for all of them", optional: true, ..Field::default() },
            value: "",
            characters_max: Some(limits::TAG_CHARACTERS_MAX),
            ..TextInput::default()
        }))
        (actions(&[
            Button::quiet("Add the tag").submit_as("act", "tag"),
            Button::quiet("Remove the tag").submit_as("act", "untag"),
        ]))
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
    let list = view.documents.iter().zip(&names).zip(&lines).map(|((document, name), (href, meta))| {
        let lead = lead(document, view.now);
        let lead = if view.may_choose() { pick("document", document.id.as_str(), name, &lead) } else { lead };
        Row {
            lead: Some(lead),
            title: name,
            href: Some(href),
            meta: Some(meta.clone()),
            trail: (!matches!(document.state, Stage::Ready { .. })).then(|| pill(document, view.now)),
        }
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
    if let Some(binned) = &document.binned {
        let by = view.names.name(&binned.by).unwrap_or("somebody who has left");
        parts.push(html! { "put into the bin by " (by) ", " (words::instant(binned.at, view.now, view.zone)) });
    }
    parts.extend(document.tags.iter().map(|tag| html! { span.tag-words { (tag.as_str()) } }));
    if view.documents.iter().any(|other| other.id != document.id && other.name == document.name) {
        parts.push(html! { strong { "another file has this name" } });
    }
    facts_line(&parts)
}

fn nothing(view: &List<'_>) -> Markup {
    if !view.is_narrowed {
        let told = if view.of_client { view.firm.to_owned() } else { view.names.client().to_owned() };
        let text =
            format!("Drop files on this page, or choose them above. {told} hears of each one once it is checked.");
        return empty(&Empty { icon: Some(Icon::Document), title: "No documents yet", text: &text, action: None });
    }
    let action = Some(Button::quiet("Show all documents").link(&view.here()));
    if view.next.is_some() {
        let text = "The documents looked through so far do not match these filters. \u{201c}Show more\u{201d} looks through older ones.";
        return empty(&Empty { icon: Some(Icon::Filter), title: "Nothing so far", text, action });
    }
    let text = "No document matches these filters. There may be some under another project or category.";
    empty(&Empty { icon: Some(Icon::Filter), title: "Nothing here for these filters", text, action })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::{document, project, zone};
    use domain::DocumentId;
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
            query: &ListQuery::default(),
            is_narrowed: false,
            wrong: None,
            documents,
            next: None,
            projects,
            noun: "project",
            may_change: true,
            may_zip: true,
            key: "key",
            told: None,
            csrf: "token",
            today: domain::Date::constant(2026, 11, 24),
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
    fn what_narrows_the_list_is_said_and_each_is_taken_back_alone() {
        let (names, client, zone) = (Names::new(Vec::new(), "Acme", "Hartwell"), ClientId::from_bits(7), zone());
        let some = |text: &str| Some(text.to_owned());
        let query = ListQuery { tag: some("tax & co"), kind: some("pdf"), after: some("x"), ..ListQuery::default() };
        let past = Project { standing: Standing::Closed, ..project(1, "Old lease", Pack::Litigation) };
        let projects = [past, project(2, "New", Pack::Litigation)];
        let html = list(&List {
            client: &client,
            of_client: false,
            names: &names,
            firm: "Hartwell",
            query: &query,
            is_narrowed: true,
            wrong: None,
            documents: &[],
            next: Some("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            projects: &projects,
            noun: "matter",
            may_change: false,
            may_zip: false,
            key: "key",
            told: None,
            may_keep: false,
            csrf: "token",
            today: Date::constant(2026, 11, 24),
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
            zone: &zone,
        })
        .into_string();
        for part in [
            "Tag: tax &amp; co",
            r#"href="/clients/00000000000000000000000007/documents?kind=pdf#found""#,
            "documents?tag=tax%20%26%20co#found\"",
            "Old lease (closed)",
            "Nothing so far",
            "after=01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn what_cannot_be_looked_for_is_said_at_its_field_and_the_rest_is_kept() {
        let (names, client, zone) = (Names::new(Vec::new(), "Acme", "Hartwell"), ClientId::from_bits(7), zone());
        let some = |text: &str| Some(text.to_owned());
        let query = ListQuery {
            from: some("2026-12-30"),
            until: some("2026-01-01"),
            name: some("lease"),
            ..ListQuery::default()
        };
        let html = list(&List {
            client: &client,
            of_client: true,
            names: &names,
            firm: "Hartwell",
            query: &query,
            is_narrowed: true,
            wrong: Some(("from", "The first day is after the last.")),
            documents: &[],
            next: None,
            projects: &[project(1, "Acme v. Dunmore", Pack::Litigation)],
            noun: "matter",
            may_change: false,
            may_zip: true,
            key: "key",
            told: None,
            may_keep: false,
            csrf: "token",
            today: Date::constant(2026, 11, 24),
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
            zone: &zone,
        })
        .into_string();
        for part in [
            r##"<a href="#from">The first day is after the last.</a>"##,
            r#"id="from-error""#,
            r#"value="2026-12-30""#,
            r#"value="2026-01-01""#,
            r#"value="lease""#,
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("Nothing here") && html.matches("field-error").count() == 1, "{html}");
    }

    #[test]
    fn rows_are_chosen_by_those_who_may_change_them() {
        let one = document("<b>.pdf", crate::pages::tests::ready("pdf"));
        let tagged = Document { tags: domain::document::tags(["urgent"]).unwrap(), ..one };
        let html = shown(false, &[project(1, "Acme v. Dunmore", Pack::Litigation)], std::slice::from_ref(&tagged));
        let parts = [
            "Choose &lt;b&gt;.pdf",
            "documents/bulk",
            r#"value="bin""#,
            "urgent",
            "documents/zip\"",
            r#"name="list" value="""#,
        ];
        for part in parts {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn without_a_project_it_says_who_opens_one() {
        assert!(shown(true, &[], &[]).contains("as soon as Hartwell has opened the first project"));
        assert!(shown(false, &[], &[]).contains("Open a project"));
    }
}
