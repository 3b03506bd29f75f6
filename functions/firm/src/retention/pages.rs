//! The pages of one client's retention: its list, holds and runs, a run with its certificate, its erasure.

use std::collections::{BTreeMap, BTreeSet};

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::calendar::day_words;
use domain::document::FileName;
use domain::packs::Pack;
use domain::permissions as may;
use domain::retention::{
    Action, Certificate, ErasureCommand, Item, Rehearsal, Run, RunCommand, RunState, Scope, kept_by_others,
};
use domain::{ClientId, Date, DocumentId, PermissionName, ProjectId};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use storage::{ClientStore, StorageError, destroyed};
use web::ui::Button;
use web::ui::form::{self, Choice, Field};
use web::ui::structure::{Crumb, PageHead, Row, Section, card, fold, page_head, rows, section};
use web::{App, Failure, Fields, Form, IdempotencyKey, Page, Path, Place, Query, Shell, answers};

use super::api::{OfErasure, OfHold, OfRun, Seen, Why, became};
use super::{ask_run, ask_to_erase, fingerprint, place_hold, rehearsed, release_hold};
use super::{turn_erasure, turn_run};

pub(super) const RULES: &str = "/firm/retention";

pub(super) fn here(client: &ClientId) -> String {
    format!("/firm/clients/{client}/retention")
}

pub(super) fn status(is_wrong: bool) -> StatusCode {
    if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

/// What is refused names its field first where it is one: `years: Enter whole years.`
fn at_its_field(why: &str) -> (&str, &str) {
    match why.split_once(": ") {
        Some((field, words)) if field.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => (field, words),
        _ => ("", why),
    }
}

/// What is to be held beside the whole client.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    document: Option<DocumentId>,
}

pub(crate) async fn client(
    State(app): State<App>,
    scope: ClientScope<may::ViewRetention>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    draw_client(&app, &scope, &page, &asked, None).await
}

/// A reason that was typed and refused.
struct Wrong {
    field: &'static str,
    typed: String,
    why: String,
}

impl Wrong {
    /// What of a field stands in it again, and beside it.
    fn at<'a>(wrong: Option<&'a Wrong>, field: &str) -> (&'a str, Option<&'a str>) {
        let own = wrong.filter(|wrong| wrong.field == field);
        own.map_or(("", None), |own| (own.typed.as_str(), Some(at_its_field(&own.why).1)))
    }
}

async fn draw_client(
    app: &App,
    scope: &ClientScope<may::ViewRetention>,
    page: &Page,
    asked: &Asked,
    wrong: Option<&Wrong>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (list, holds, runs, erasures, projects, profile) = tokio::join!(
        rehearsed(app, scope),
        store.holds_of_record(),
        store.runs(),
        store.erasures(),
        store.projects(),
        store.profile(),
    );
    let (list, holds, runs, erasures) = (list?, holds?, runs?, erasures?);
    let (projects, profile) = (projects?, profile?.ok_or(Failure::NotFound)?);
    let (team, names) = tokio::join!(store.team(), names_of(&store, &list));
    let (team, names, brand) = (team?, names?, app.brand(scope).await?);
    let (zone, noun) = (brand.time_zone(), Pack::noun_of(&brand.packs));
    let at = here(scope.client());
    let may = |name| scope.may(name);
    let name_of = |person: &domain::PersonId| {
        let member = team.iter().find(|member| member.person == *person);
        if person == scope.person() {
            "you".to_owned()
        } else {
            member.map_or_else(|| person.to_string(), |m| m.name.clone())
        }
    };
    let project_name = |id: &ProjectId| projects.iter().find(|p| p.id == *id).map_or("a project", |p| p.name.as_str());
    let covered = |scope: &Scope| match scope {
        Scope::Client => "Everything of this client".to_owned(),
        Scope::Project { project } => format!("Everything of {}", project_name(project)),
        Scope::Documents { documents } => web::ui::words::count(documents.len(), "document", "documents"),
    };
    let mut what: Vec<Choice<'_>> = vec![Choice::new("", "Everything of this client", asked.document.is_none())];
    what.extend(projects.iter().map(|p| Choice::new(p.id.as_str(), p.name.as_str(), false)));
    if let Some(document) = &asked.document {
        what.push(Choice::new(document.as_str(), "This document", true));
    }
    let run_rows: Vec<(String, String)> =
        runs.iter().map(|run| (title_of(run, list.day), format!("{at}/runs/{}", run.id))).collect();
    let erasure_rows: Vec<(String, String)> = erasures
        .iter()
        .map(|row| (format!("Erasure: {}", row.erasure.state.as_str()), format!("{at}/erasures/{}", row.erasure.id)))
        .collect();
    let (hold_reason, hold_error) = Wrong::at(wrong, "reason");
    let (erase_reason, erase_error) = Wrong::at(wrong, "why");
    let why = Field { name: "reason", label: "Why", error: hold_error, ..Field::default() };
    let why_erase = Field { name: "why", label: "Why erase", error: erase_error, ..Field::default() };
    let errors: Vec<(&str, &str)> = wrong.iter().map(|wrong| (wrong.field, at_its_field(&wrong.why).1)).collect();
    let body = html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "How long documents are kept", href: RULES }],
            title: &format!("Retention and holds: {}", profile.name.as_str()),
            ..PageHead::default()
        }))
        (form::error_summary(&errors))
        (section(&Section { title: "What the rules would do today", count: Some(list.items.len()), ..Section::default() }, html! {
            (list_of(&list, &names, noun, &|_| None))
            @if may(PermissionName::ConfirmDeletion) && !list.items.is_empty() {
                (form::inline_form(&format!("{at}/runs"), &page.csrf, &[("once", &app.fresh_key())],
                    Button::primary("Ask for this list to be carried out").submit()))
            }
            @if !run_rows.is_empty() {
                (rows(run_rows.iter().map(|(title, href)| Row { title, href: Some(href), ..Row::default() })))
            }
        }))
        (section(&Section { title: "Legal holds", count: Some(holds.iter().filter(|h| h.is_in_force()).count()), ..Section::default() }, html! {
            @for hold in holds.iter().filter(|hold| hold.is_in_force()) {
                (card(html! {
                    p { strong { (covered(&hold.scope)) } " · placed by " (name_of(&hold.owner)) }
                    p { (hold.reason.as_ref().map_or("The reason cannot be read any more.", |reason| reason.as_str())) }
                    @if may(PermissionName::ReleaseHolds) {
                        (form::inline_form(&format!("{at}/holds/{}/release", hold.id), &page.csrf, &[],
                            Button::quiet_danger("Release").submit()))
                    }
                }))
            }
            @if holds.iter().any(|hold| !hold.is_in_force()) {
                (fold("Released holds", false, html! {
                    @for hold in &holds {
                        @if let Some(released) = &hold.released {
                            p {
                                strong { (covered(&hold.scope)) } " · "
                                (hold.reason.as_ref().map_or("The reason cannot be read any more.", |reason| reason.as_str()))
                                " · released by " (name_of(&released.by)) ", " (web::ui::words::instant(released.at, app.now(), &zone))
                            }
                        }
                    }
                }))
            }
            @if may(PermissionName::PlaceHolds) {
                (card(form::form(&format!("{at}/holds"), &page.csrf, html! {
                    input type="hidden" name="once" value=(app.fresh_key());
                    (form::select(&Field { name: "what", label: "Hold", ..Field::default() }, &what))
                    (form::text_area(&why, hold_reason, 3, domain::limits::REASON_CHARACTERS_MAX))
                    (Button::primary("Place hold").submit())
                })))
            }
        }))
        @if may(PermissionName::EraseClients) {
            (section(&Section { title: "Erase this client", ..Section::default() }, html! {
                @if !erasure_rows.is_empty() {
                    (rows(erasure_rows.iter().map(|(title, href)| Row { title, href: Some(href), ..Row::default() })))
                }
                p {
                    "The client's key and every version of its files are destroyed, a week after a second person confirmed it. "
                    "There is no way back."
                }
                @if profile.is_archived() {
                    (card(form::form(&format!("{at}/erasures"), &page.csrf, html! {
                        input type="hidden" name="once" value=(app.fresh_key());
                        (form::text_area(&why_erase, erase_reason, 3, domain::limits::REASON_CHARACTERS_MAX))
                        (Button::danger("Ask for erasure").submit())
                    })))
                } @else {
                    p { "First " a href=(format!("/firm/clients/{}", scope.client())) { "archive the client" } "." }
                }
            }))
        }
    };
    let shell = Shell::new("How long documents are kept", Place::Settings).status(status(wrong.is_some()));
    page.show(app, scope, shell, body).await
}

fn title_of(run: &Run, today: Date) -> String {
    format!("List of {}: {}", day_words(run.day, today), run.state.as_str())
}

type DocumentNames = BTreeMap<DocumentId, FileName>;

/// What the first of a list are called, for whoever has to agree to it.
async fn names_of(
    store: &ClientStore<'_, ClientScope<may::ViewRetention>>,
    list: &Rehearsal,
) -> Result<DocumentNames, StorageError> {
    store.document_names(&list.items.iter().map(|item| item.document.clone()).collect()).await
}

/// A list as its documents, each with what would be done and why. One whose name is not known any more, or not read, goes
/// by its category.
fn list_of(
    list: &Rehearsal,
    names: &DocumentNames,
    noun: &str,
    became_of: &dyn Fn(&DocumentId) -> Option<&'static str>,
) -> Markup {
    let line = |item: &Item| {
        let act = match item.action {
            Action::Archive => "Archive",
            Action::Delete => "Delete",
        };
        let href = format!("/clients/{}/documents/{}", list.client, item.document);
        html! {
            li {
                (act) " "
                @match names.get(&item.document) {
                    Some(name) => { a href=(href) { (web::ui::words::file_name(name.as_str())) } ", " (item.category) }
                    None => { a href=(href) { (item.category) } }
                }
                ", " (web::ui::words::size(item.size_bytes)) ", due " (day_words(item.due_on, list.day)) ". " (item.rule.words_of(noun)) "."
                @if let Some(said) = became_of(&item.document) { " " strong { (said) } }
            }
        }
    };
    html! {
        @if list.items.is_empty() { p { "Nothing is due." } }
        ul { @for item in &list.items { (line(item)) } }
        @if !list.held.is_empty() {
            p { (web::ui::words::count(list.held.len(), "document is", "documents are")) " due and held, so that nothing happens to them." }
        }
        @for (waits, count) in &list.waiting { p { (web::ui::words::count(usize::try_from(*count).unwrap_or(usize::MAX), "document waits", "documents wait")) " until " (waits.words(noun)) "." } }
        @if list.left > 0 { p { (list.left) " more are due and come with the next list." } }
    }
}

fn once(fields: &Fields) -> Result<IdempotencyKey, Failure> {
    IdempotencyKey::parse(&fields.text("once"))
}

pub(crate) async fn place(
    State(app): State<App>,
    scope: ClientScope<may::PlaceHolds>,
    seen: ClientScope<may::ViewRetention>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let what = fields.text("what");
    let store = ClientStore::open(app.aws(), &scope);
    let covers = match ProjectId::parse(&what) {
        _ if what.is_empty() => Scope::Client,
        Ok(project) if store.project(&project).await?.is_some() => Scope::Project { project },
        _ => Scope::Documents { documents: BTreeSet::from([DocumentId::parse(&what)?]) },
    };
    let document = match &covers {
        Scope::Documents { documents } => documents.first().cloned(),
        Scope::Client | Scope::Project { .. } => None,
    };
    let typed = fields.text("reason");
    match place_hold(&app, &scope, covers, &typed, &once(&fields)?).await {
        Err(Failure::Refused(why)) => {
            draw_client(&app, &seen, &page, &Asked { document }, Some(&Wrong { field: "reason", typed, why })).await
        }
        placed => placed.map(|_| answers::see_other(&here(scope.client()))),
    }
}

pub(crate) async fn release(
    State(app): State<App>,
    scope: ClientScope<may::ReleaseHolds>,
    Path(OfHold { hold }): Path<OfHold>,
) -> Result<Response, Failure> {
    release_hold(&app, &scope, &hold).await?;
    Ok(answers::see_other(&here(scope.client())))
}

pub(crate) async fn ask(
    State(app): State<App>,
    scope: ClientScope<may::ConfirmDeletion>,
    fields: Fields,
) -> Result<Response, Failure> {
    let run = ask_run(&app, &scope, &once(&fields)?).await?;
    Ok(answers::see_other(&format!("{}/runs/{run}", here(scope.client()))))
}

pub(crate) async fn run(
    State(app): State<App>,
    scope: ClientScope<may::ViewRetention>,
    page: Page,
    Path(OfRun { run }): Path<OfRun>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (run, steps) = tokio::join!(store.run(&run), store.steps(&run));
    let (run, steps) = (run?.ok_or(Failure::NotFound)?, steps?);
    let list = store.list_of(&run).await?;
    let names = names_of(&store, &list).await?;
    let brand = app.brand(&scope).await?;
    let noun = Pack::noun_of(&brand.packs);
    let became_of = |id: &DocumentId| steps.iter().find(|s| s.document == *id).map(|s| became(&s.what));
    let certificate = Certificate::of(scope.client_firm(), &run, destroyed(&list, &steps));
    let at = format!("{}/runs/{}", here(scope.client()), run.id);
    let seen = fingerprint(&list)?;
    let own = run.asked_by == *scope.person();
    let body = html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Retention and holds", href: &here(scope.client()) }],
            title: &title_of(&run, run.day),
            ..PageHead::default()
        }))
        (list_of(&list, &names, noun, &became_of))
        @if scope.may(PermissionName::ConfirmDeletion) && matches!(run.state, RunState::Rehearsed) {
            @if own && run.deletes > 0 {
                p { "You asked for this. Somebody else has to confirm it, because what is deleted cannot be brought back." }
            } @else {
                (form::inline_form(&format!("{at}/confirm"), &page.csrf, &[("list", seen.as_str())],
                    Button::danger("Confirm this list").submit()))
            }
            (form::inline_form(&format!("{at}/cancel"), &page.csrf, &[], Button::quiet("Call it off").submit()))
        }
        @if let Some(certificate) = certificate {
            (section(&Section { title: "Certificate", ..Section::default() }, card(html! { pre { (certificate.text()) } })))
        }
    };
    page.show(&app, &scope, Shell::new("List of documents due", Place::Settings), body).await
}

pub(crate) async fn confirm(
    State(app): State<App>,
    scope: ClientScope<may::ConfirmDeletion>,
    Path(OfRun { run }): Path<OfRun>,
    Form(seen): Form<Seen>,
) -> Result<Response, Failure> {
    let run = turn_run(&app, &scope, &run, seen.by(scope.person())?).await?;
    Ok(answers::see_other(&format!("{}/runs/{}", here(scope.client()), run.id)))
}

pub(crate) async fn cancel(
    State(app): State<App>,
    scope: ClientScope<may::ConfirmDeletion>,
    Path(OfRun { run }): Path<OfRun>,
) -> Result<Response, Failure> {
    turn_run(&app, &scope, &run, RunCommand::Cancel { by: scope.person().clone() }).await?;
    Ok(answers::see_other(&here(scope.client())))
}

pub(crate) async fn ask_erasure(
    State(app): State<App>,
    scope: ClientScope<may::EraseClients>,
    seen: ClientScope<may::ViewRetention>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let Why { reason: typed } = Why { reason: fields.text("why") };
    match ask_to_erase(&app, &scope, &typed, &once(&fields)?).await {
        Err(Failure::Refused(why)) => {
            draw_client(&app, &seen, &page, &Asked::default(), Some(&Wrong { field: "why", typed, why })).await
        }
        asked => asked.map(|erasure| answers::see_other(&format!("{}/erasures/{erasure}", here(scope.client())))),
    }
}

pub(crate) async fn erasure(
    State(app): State<App>,
    scope: ClientScope<may::ViewRetention>,
    page: Page,
    Path(OfErasure { erasure }): Path<OfErasure>,
) -> Result<Response, Failure> {
    let row = ClientStore::open(app.aws(), &scope).erasure(&erasure).await?.ok_or(Failure::NotFound)?;
    let at = format!("{}/erasures/{erasure}", here(scope.client()));
    let state = row.erasure.state.as_str();
    let own = row.erasure.asked_by == *scope.person();
    let body = html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Retention and holds", href: &here(scope.client()) }],
            title: &format!("Erasure: {state}"),
            ..PageHead::default()
        }))
        @if let Some(text) = row.erasure.certificate(scope.client_firm()) {
            (section(&Section { title: "Certificate", ..Section::default() }, card(html! { pre { (text) } })))
        } @else {
            (section(&Section { title: "What stays", ..Section::default() }, html! {
                ul { @for one in kept_by_others() { li { strong { (one.records) } ": " (one.keeps) ", because " (one.why) "." } } }
            }))
        }
        @if scope.may(PermissionName::EraseClients) && matches!(state, "asked" | "waiting") {
            @if state == "asked" {
                @if own { p { "You asked for this. Somebody else has to confirm it." } }
                @else { (form::inline_form(&format!("{at}/confirm"), &page.csrf, &[], Button::danger("Confirm the erasure").submit())) }
            }
            (form::inline_form(&format!("{at}/cancel"), &page.csrf, &[], Button::quiet("Call it off").submit()))
        }
    };
    page.show(&app, &scope, Shell::new("Erasure of a client", Place::Settings), body).await
}

pub(crate) async fn confirm_erasure(
    State(app): State<App>,
    scope: ClientScope<may::EraseClients>,
    Path(OfErasure { erasure }): Path<OfErasure>,
) -> Result<Response, Failure> {
    turn_erasure(&app, &scope, &erasure, ErasureCommand::Confirm { by: scope.person().clone() }).await?;
    Ok(answers::see_other(&format!("{}/erasures/{erasure}", here(scope.client()))))
}

pub(crate) async fn cancel_erasure(
    State(app): State<App>,
    scope: ClientScope<may::EraseClients>,
    Path(OfErasure { erasure }): Path<OfErasure>,
) -> Result<Response, Failure> {
    turn_erasure(&app, &scope, &erasure, ErasureCommand::Cancel { by: scope.person().clone() }).await?;
    Ok(answers::see_other(&here(scope.client())))
}
