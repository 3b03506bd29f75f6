//! The list of a client's documents, narrowed as its address says, and the bin.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::{DownloadInBulk, UploadDocuments};
use domain::calendar;
use domain::document::Tag;
use domain::packs::Pack;
use domain::permissions::ViewDocuments;
use domain::{BatchId, Date, DocumentId, PersonId, ProjectId, Timestamp, limits};
use http::{StatusCode, Uri};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, DocumentFilter, DocumentPage};
use web::ui::words;
use web::{App, Failure, Page, Place, Query, Shell, answers};

use crate::facts::{DocumentFacts, Names, client_name};
use crate::kinds;
use crate::pages;

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ListQuery {
    /// Of this project only.
    pub(crate) project: Option<String>,
    /// Of this category only.
    pub(crate) category: Option<String>,
    /// `pdf`, `docx` and so on; or `text`, `table`, `slides`, `mail`, `picture` for all of such kinds.
    pub(crate) kind: Option<String>,
    /// Uploaded by this person.
    pub(crate) person: Option<String>,
    /// Uploaded on this day or later, in the firm's time zone: `2026-11-24`.
    pub(crate) from: Option<String>,
    /// Uploaded on this day or before.
    pub(crate) until: Option<String>,
    /// With this tag.
    pub(crate) tag: Option<String>,
    /// With these words in its name.
    pub(crate) name: Option<String>,
    /// `1` lists what lies in the bin instead, what was put there last first. Nothing else narrows that.
    pub(crate) bin: Option<String>,
    /// Where to go on: the `next` of the page before.
    pub(crate) after: Option<String>,
}

impl ListQuery {
    /// From what follows the question mark of a list's address.
    pub(crate) fn of_address(query: &str) -> Result<Self, Failure> {
        let address: Uri = format!("/?{query}").parse().map_err(|_| Failure::NotFound)?;
        let query = axum::extract::Query::<Self>::try_from_uri(&address).map_err(|_| Failure::NotFound)?.0;
        // The bin is no list to take away, and a page is not where a list ends.
        if query.is_bin() { Err(Failure::NotFound) } else { Ok(Self { after: None, ..query }) }
    }

    /// An empty field is one that was left out. A refusal comes with the field that it is about.
    pub(crate) fn filter(&self, zone: &TimeZone) -> Result<DocumentFilter, (&'static str, Failure)> {
        let at = |name: &'static str| move |why: Failure| (name, why);
        let days = |name, field: &Option<String>| given(field).map(day).transpose().map_err(at(name));
        let next_day = |day: Date| day.checked_add(1.day()).unwrap_or(Date::MAX);
        let (from, until) = calendar::days(days("from", &self.from)?, days("until", &self.until)?)
            .map_err(|why| at("from")(why.into()))?;
        let words = given(&self.name).unwrap_or_default().to_lowercase();
        if words.chars().count() > limits::SEARCH_TEXT_CHARACTERS_MAX {
            let why = format!("Narrow by at most {} characters of a name.", limits::SEARCH_TEXT_CHARACTERS_MAX);
            return Err(at("name")(Failure::Refused(why)));
        }
        let place = filter(self.project.as_deref(), self.category.as_deref()).map_err(at("project"))?;
        Ok(DocumentFilter {
            kinds: given(&self.kind).map(kinds::of).transpose().map_err(at("kind"))?.unwrap_or_default(),
            by: given(&self.person).map(PersonId::parse).transpose().map_err(|why| at("person")(why.into()))?,
            from: from.map(|day| start_of(day, zone)),
            until: until.map(|day| start_of(next_day(day), zone)),
            tag: given(&self.tag).map(Tag::parse).transpose().map_err(|why| at("tag")(why.into()))?,
            words: words.split_whitespace().map(str::to_owned).collect(),
            ..place
        })
    }

    fn has_days(&self) -> bool {
        given(&self.from).or(given(&self.until)).is_some()
    }

    pub(crate) fn is_bin(&self) -> bool {
        given(&self.bin) == Some("1")
    }
}

pub(crate) fn filter(project: Option<&str>, category: Option<&str>) -> Result<DocumentFilter, Failure> {
    let said = |text: &&str| !text.is_empty();
    Ok(DocumentFilter {
        project: project.filter(said).map(ProjectId::parse).transpose()?,
        category: category.filter(said).map(str::to_owned),
        ..DocumentFilter::default()
    })
}

pub(crate) fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn day(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| Failure::Refused("Write a day as year, month and day: 2026-11-24.".into()))
}

/// The first instant of a day at the firm.
fn start_of(day: Date, zone: &TimeZone) -> Timestamp {
    day.to_zoned(zone.clone()).map_or(Timestamp::MAX, |start| start.timestamp())
}

/// A page of the list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DocumentList {
    items: Vec<DocumentFacts>,
    /// Goes into `after` for the next page.
    next: Option<String>,
}

/// What a page of the list or of the bin shows, and the cursor of the next.
async fn read(
    store: &ClientStore<'_, ClientScope<ViewDocuments>>,
    query: &ListQuery,
    filter: &DocumentFilter,
    count_max: usize,
) -> Result<(Vec<domain::document::Document>, Option<String>), Failure> {
    if query.is_bin() {
        return Ok(store.bin(given(&query.after), count_max).await?);
    }
    let after = given(&query.after).map(DocumentId::parse).transpose()?;
    let DocumentPage { documents, next } = store.documents(filter, after.as_ref(), count_max).await?;
    Ok((documents, next.map(String::from)))
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    // Where no day is asked for, the firm's clock says nothing.
    let zone = if query.has_days() { app.brand(&scope).await?.time_zone() } else { TimeZone::UTC };
    let store = ClientStore::open(app.aws(), &scope);
    let filter = query.filter(&zone).map_err(|(_, why)| why)?;
    let (documents, next) = read(&store, &query, &filter, limits::PAGE_ROWS_MAX).await?;
    let items = documents.iter().map(DocumentFacts::of).collect();
    Ok(answers::json(&DocumentList { items, next }))
}

/// What has just been done, in the address after a redirect.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    done: Option<String>,
    count: usize,
    batch: Option<BatchId>,
}

impl After {
    fn words(&self) -> Option<String> {
        let files = words::count(self.count, "file", "files");
        match self.done.as_deref()? {
            _ if self.count == 0 => Some("Nothing had to be changed.".to_owned()),
            "binned" => Some(format!("{files} moved to the bin.")),
            "restored" => Some(format!("{files} brought back from the bin.")),
            "changed" => Some(format!("{files} changed.")),
            _ => None,
        }
    }
}

/// What a form came to, told above the list when not all of it was done.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
    /// The act by which what was done of it lies in the bin.
    pub(crate) undo: Option<BatchId>,
    pub(crate) status: StatusCode,
}

pub(crate) async fn page(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    page: Page,
    Query(query): Query<ListQuery>,
    Query(after): Query<After>,
) -> Result<Response, Failure> {
    draw(&app, &scope, &page, &query, &after, None).await
}

/// The list again, with what was not done and why. `back` is its address.
pub(crate) async fn again(
    app: &App,
    scope: &ClientScope<ViewDocuments>,
    page: &Page,
    back: &str,
    told: Told,
) -> Result<Response, Failure> {
    let address: Uri = back.parse().map_err(Failure::bug)?;
    let query = axum::extract::Query::<ListQuery>::try_from_uri(&address).map(|query| query.0).unwrap_or_default();
    draw(app, scope, page, &query, &After::default(), Some(&told)).await
}

async fn draw(
    app: &App,
    scope: &ClientScope<ViewDocuments>,
    page: &Page,
    query: &ListQuery,
    after: &After,
    told: Option<&Told>,
) -> Result<Response, Failure> {
    let brand = app.brand(scope).await?;
    let zone = brand.time_zone();
    // What cannot be looked for is said at its field, with the others as they were filled in.
    let (filter, wrong) = match query.filter(&zone) {
        Ok(filter) => (Some(filter), None),
        Err((field, Failure::Refused(why))) => (None, Some((field, why))),
        Err((_, failure)) => return Err(failure),
    };
    let store = ClientStore::open(app.aws(), scope);
    let found = async {
        match &filter {
            Some(filter) => read(&store, query, filter, limits::DOCUMENTS_PER_PAGE).await,
            None => Ok((Vec::new(), None)),
        }
    };
    let (found, projects, team, client) = tokio::join!(found, store.projects(), store.team(), client_name(&store),);
    let ((documents, next), projects) = (found?, projects?);
    let names = Names::new(team?, &client?, &brand.firm_name);
    let view = pages::list::List {
        client: scope.client(),
        of_client: scope.role().is_client(),
        names: &names,
        may_keep: scope.vended().grant.may_keep_internal(),
        firm: &brand.firm_name,
        query,
        is_narrowed: filter.as_ref().is_none_or(|filter| !filter.is_open()),
        wrong: wrong.as_ref().map(|(field, why)| (*field, why.as_str())),
        documents: &documents,
        next: next.as_deref(),
        projects: &projects,
        noun: Pack::nouns_of(&brand.packs).trim_end_matches('s'),
        may_change: scope.vended().grant.may(UploadDocuments),
        may_zip: scope.vended().grant.may(DownloadInBulk),
        key: &app.fresh_key(),
        told,
        csrf: &page.csrf,
        today: calendar::today(app.now(), &zone),
        now: app.now(),
        zone: &zone,
    };
    let said = after.words();
    let undo = after.batch.as_ref().filter(|_| after.done.as_deref() == Some("binned"));
    let undo = undo.map(|batch| format!("/clients/{}/documents/restore?batch={batch}", scope.client()));
    let title = if query.is_bin() { "Bin" } else { "Documents" };
    let shell = Shell::new(title, Place::Documents)
        .inside(scope.client(), names.client())
        .notice(said.as_deref())
        .undo(undo)
        .status(match told {
            Some(told) => told.status,
            None if wrong.is_some() => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        })
        .wide();
    let body = pages::list::list(&view);
    page.show(app, scope, shell, body).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::zone;

    #[test]
    fn days_are_the_firms_and_whole() {
        let query =
            ListQuery { from: Some("2026-11-24".into()), until: Some("2026-11-24".into()), ..ListQuery::default() };
        let filter = query.filter(&zone()).unwrap();
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!((filter.from, filter.until), (at("2026-11-24T05:00:00Z"), at("2026-11-25T05:00:00Z")));
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let check = |query: ListQuery, open: bool| {
            assert_eq!(query.filter(&zone()).unwrap().is_open(), open, "{query:?}");
        };
        let some = |text: &str| Some(text.to_owned());
        check(ListQuery { name: some("  "), tag: some(""), kind: some(""), ..ListQuery::default() }, true);
        check(ListQuery { name: some("Lease"), ..ListQuery::default() }, false);
    }

    #[test]
    fn a_refusal_names_its_field() {
        let check = |query: ListQuery, want: &str| {
            assert_eq!(query.filter(&zone()).map_err(|(field, _)| field).err(), Some(want), "{query:?}");
        };
        let some = |text: &str| Some(text.to_owned());
        check(ListQuery { from: some("yesterday"), ..ListQuery::default() }, "from");
        check(ListQuery { until: some("2026-02-30"), ..ListQuery::default() }, "until");
        check(ListQuery { from: some("2026-12-30"), until: some("2026-01-01"), ..ListQuery::default() }, "from");
        check(ListQuery { kind: some("exe"), ..ListQuery::default() }, "kind");
        check(ListQuery { tag: some(&"x".repeat(41)), ..ListQuery::default() }, "tag");
        check(ListQuery { name: some(&"x".repeat(201)), ..ListQuery::default() }, "name");
        check(ListQuery { person: some("nobody"), ..ListQuery::default() }, "person");
        check(ListQuery { project: some("none"), ..ListQuery::default() }, "project");
    }
}
