//! Searching one client's documents, or those of every client that is assigned to somebody.

use std::collections::{BTreeMap, BTreeSet};

use access::{Actor, ClientScope, Denied, HomeScope, ObjectsScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::Audience;
use domain::permissions::{SearchDocuments, ViewFirm};
use domain::{ClientId, Role, limits};
use futures::future::join_all;
use http::StatusCode;
use schemars::JsonSchema;
use search::{Query as Wanted, Viewer};
use serde::{Deserialize, Serialize};
use storage::{ClientStore, FirmStore, HomeStore};
use web::{App, Failure, Page, Place, Query, Shell, answers};

use crate::facts::client_name;
use crate::finding::{self, Looked};
use crate::merge::{self, Found};
use crate::{listing, pages};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct SearchQuery {
    /// Words. In quotation marks they have to follow each other.
    pub(crate) q: String,
    pub(crate) project: Option<String>,
    pub(crate) category: Option<String>,
    /// Where to go on: the `next` of the page before.
    pub(crate) after: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct EverywhereQuery {
    /// Words. In quotation marks they have to follow each other.
    pub(crate) q: String,
    /// Where to go on: the `next` of the page before.
    pub(crate) after: Option<String>,
    /// For partners, who have every client of the firm: how many clients were looked through before.
    pub(crate) from: usize,
}

/// A piece of a text, and whether it is what was looked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Piece {
    text: String,
    matched: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundThing {
    /// `document` or `message`.
    kind: &'static str,
    id: String,
    title: String,
    /// The page with the words, from 1; none where the title alone has them.
    page: Option<u32>,
    /// Up to three places, each in pieces.
    highlights: Vec<Vec<Piece>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// The firm keeps it to itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    internal: bool,
    client: ClientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SearchAnswer {
    /// The best first.
    hits: Vec<FoundThing>,
    next: Option<String>,
    /// For partners: clients that were not looked through. The search goes on with `from`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<usize>,
    /// An index did not open and is being made anew: the same search finds more in a minute.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    rebuilding: bool,
}

/// A page of hits and where the next begins.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) found: Vec<Found>,
    pub(crate) next: Option<usize>,
    /// Something could not be looked through.
    pub(crate) rebuilding: bool,
}

pub(crate) async fn search(
    State(app): State<App>,
    scope: ClientScope<SearchDocuments>,
    objects: ObjectsScope<SearchDocuments>,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let answer = in_client(&app, &store, &scope, &objects, &query).await?;
    Ok(answers::json(&answer.facts(&BTreeMap::new(), None)))
}

pub(crate) async fn search_everywhere(
    State(app): State<App>,
    actor: Actor,
    home: HomeScope,
    Query(query): Query<EverywhereQuery>,
) -> Result<Response, Failure> {
    let theirs = theirs(&app, &actor, &home, &query).await?;
    let answer = everywhere(&app, &actor, &home, &theirs.clients, &query).await?;
    Ok(answers::json(&answer.facts(&theirs.clients, theirs.next_from())))
}

pub(crate) async fn page(
    State(app): State<App>,
    scope: ClientScope<SearchDocuments>,
    objects: ObjectsScope<SearchDocuments>,
    page: Page,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (answer, projects, client, brand) = tokio::join!(
        in_client(&app, &store, &scope, &objects, &query),
        store.projects(),
        client_name(&store),
        app.brand(&scope),
    );
    let (projects, client, brand) = (projects?, client?, brand?);
    let (answer, refused) = in_place(answer)?;
    let zone = brand.time_zone();
    let view = pages::search::Searched {
        place: pages::search::Where::Client { client: scope.client(), projects: &projects, query: &query },
        words: &query.q,
        refused: refused.as_deref(),
        answer: &answer,
        from_start: offset(&query.after).unwrap_or(0) == 0,
        now: app.now(),
        zone: &zone,
    };
    let shell = Shell::new("Search", Place::Search)
        .inside(scope.client(), &client)
        .searched(&query.q)
        .status(status(refused.as_deref()));
    page.show(&app, &scope, shell, pages::search::search(&view)).await
}

pub(crate) async fn page_everywhere(
    State(app): State<App>,
    actor: Actor,
    home: HomeScope,
    page: Page,
    Query(query): Query<EverywhereQuery>,
) -> Result<Response, Failure> {
    let (theirs, brand) = tokio::join!(theirs(&app, &actor, &home, &query), app.brand(&home));
    let (theirs, brand) = (theirs?, brand?);
    let (answer, refused) = in_place(everywhere(&app, &actor, &home, &theirs.clients, &query).await)?;
    let zone = brand.time_zone();
    let view = pages::search::Searched {
        place: pages::search::Where::Everywhere(&theirs),
        words: &query.q,
        refused: refused.as_deref(),
        answer: &answer,
        from_start: offset(&query.after).unwrap_or(0) == 0,
        now: app.now(),
        zone: &zone,
    };
    let shell = Shell::new("Search", Place::Search).searched(&query.q).status(status(refused.as_deref()));
    page.show(&app, &home, shell, pages::search::search(&view)).await
}

/// What people see of hits leaves after the event that says that they looked.
async fn in_client(
    app: &App,
    store: &ClientStore<'_, ClientScope<SearchDocuments>>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
    query: &SearchQuery,
) -> Result<Answer, Failure> {
    let offset = offset(&query.after)?;
    if query.q.trim().is_empty() {
        return Ok(Answer::default());
    }
    let filter = listing::filter(query.project.as_deref(), query.category.as_deref())?;
    let count_max = limits::SEARCH_HITS_PER_PAGE;
    let wanted = Wanted {
        project: filter.project.map(String::from),
        category: filter.category,
        // One more than is shown tells whether there is a next page.
        limit: count_max + 1,
        offset,
        ..Wanted::of(viewer(scope), &query.q)
    };
    let Looked { mut found, rebuilding, broken } = finding::look(app, store, scope, objects, wanted).await?;
    let more = found.len() > count_max && offset + 2 * count_max < limits::SEARCH_HITS_MAX;
    found.truncate(count_max);
    let mut moment = app.moment();
    let (written, found) = tokio::join!(store.searched(&broken, &mut moment), finding::still_seen(store, found));
    written?;
    let found = found?;
    Ok(Answer { found, next: more.then_some(offset + count_max), rebuilding })
}

/// For whose eyes hits are; whoever views a portal as one of the client's people sees what that one sees.
fn viewer(scope: &impl OnePerson) -> Viewer {
    finding::viewer(&scope.vended().grant.viewer())
}

/// A search that was refused is told where it was typed.
fn in_place(answer: Result<Answer, Failure>) -> Result<(Answer, Option<String>), Failure> {
    match answer {
        Ok(answer) => Ok((answer, None)),
        Err(Failure::Refused(why)) => Ok((Answer::default(), Some(why))),
        Err(failure) => Err(failure),
    }
}

fn status(refused: Option<&str>) -> StatusCode {
    if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

/// Whose documents somebody searches at once.
#[derive(Debug, Default)]
pub(crate) struct Theirs {
    /// By name; a client's own company has none.
    pub(crate) clients: BTreeMap<ClientId, String>,
    /// A partner has every client of the firm, of whom a search goes through so many.
    pub(crate) partner: Option<OfPartner>,
}

#[derive(Debug)]
pub(crate) struct OfPartner {
    /// Whose names have the words.
    pub(crate) named: Vec<(ClientId, String)>,
    /// How many clients are looked through with this page and those before it, and how many there are.
    pub(crate) through: usize,
    pub(crate) all: usize,
}

impl Theirs {
    pub(crate) fn next_from(&self) -> Option<usize> {
        self.partner.as_ref().filter(|partner| partner.through < partner.all).map(|partner| partner.through)
    }
}

/// The clients assigned to staff, a client's own company, and of a partner's the next few.
async fn theirs(app: &App, actor: &Actor, home: &HomeScope, query: &EverywhereQuery) -> Result<Theirs, Failure> {
    match home.role() {
        Role::ClientMember | Role::ClientAdmin => {
            let own = home.vended().grant.client.clone().ok_or(Failure::NotFound)?;
            Ok(Theirs { clients: BTreeMap::from([(own, String::new())]), partner: None })
        }
        Role::Staff => {
            let cards = HomeStore::open(app.aws(), home).assigned().await?;
            let clients = cards.into_iter().map(|card| (card.client, card.client_name)).collect();
            Ok(Theirs { clients, partner: None })
        }
        Role::Partner => {
            let scope = match actor.firm::<ViewFirm>(app.aws().vendor(), app.now()).await {
                // Without the firm's lists there are no clients to look through.
                Err(Denied::Lacks | Denied::LacksWith(_)) => return Ok(Theirs::default()),
                scope => scope?,
            };
            let listed = FirmStore::open(app.aws(), &scope).clients().await?;
            let clients = listed.into_iter().map(|listed| (listed.client, listed.name.to_string())).collect();
            Ok(of_partner(clients, &query.q, query.from))
        }
        Role::PlatformAdmin => Ok(Theirs::default()),
    }
}

/// Clients whose names have the words come first, then the newest.
fn of_partner(mut clients: Vec<(ClientId, String)>, words: &str, from: usize) -> Theirs {
    let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let is_named = |name: &str| {
        let name = name.to_lowercase();
        !words.is_empty() && words.iter().all(|word| name.contains(word.trim_matches('"')))
    };
    clients.sort_by(|a, b| is_named(&b.1).cmp(&is_named(&a.1)).then_with(|| b.0.cmp(&a.0)));
    let named = clients.iter().filter(|(_, name)| is_named(name)).take(limits::CLIENTS_FOUND_SHOWN).cloned().collect();
    let all = clients.len();
    let clients: BTreeMap<ClientId, String> =
        clients.into_iter().skip(from).take(limits::CLIENTS_SEARCHED_MAX).collect();
    let through = (from + clients.len()).min(all);
    Theirs { clients, partner: Some(OfPartner { named, through, all }) }
}

type Scopes = (ClientScope<SearchDocuments>, ObjectsScope<SearchDocuments>);

async fn everywhere(
    app: &App,
    actor: &Actor,
    home: &HomeScope,
    clients: &BTreeMap<ClientId, String>,
    query: &EverywhereQuery,
) -> Result<Answer, Failure> {
    let (offset, count_max) = (offset(&query.after)?, limits::SEARCH_HITS_PER_PAGE);
    if query.q.trim().is_empty() || clients.is_empty() {
        return Ok(Answer::default());
    }
    let wanted = Wanted {
        // Any page could be of one client alone.
        limit: (offset + count_max + 1).min(limits::PAGE_ROWS_MAX),
        ..Wanted::of(viewer(home), &query.q)
    };
    let scopes = scopes(app, actor, clients).await?;
    // A slip is forgiven only where no client has the words as typed.
    let mut looked = in_all(app, &scopes, Wanted { strictly: true, ..wanted.clone() }).await?;
    if looked.values().all(|looked| looked.found.is_empty()) {
        let broken = looked.into_iter().map(|(client, looked)| (client, looked.broken));
        let broken: BTreeMap<ClientId, Vec<Audience>> = broken.collect();
        looked = in_all(app, &scopes, wanted).await?;
        for (client, broken) in broken {
            looked.entry(client).or_default().broken.extend(broken);
        }
    }
    let rebuilding = looked.values().any(|looked| looked.rebuilding);
    let lists = looked.values_mut().map(|looked| std::mem::take(&mut looked.found)).collect();
    let (found, next) = merge::page(merge::merged(lists), offset, count_max);
    let broken = looked.into_iter().map(|(client, looked)| (client, looked.broken)).collect();
    let found = written_down(app, &scopes, found, &broken).await?;
    Ok(Answer { found, next: next.filter(|next| next + count_max < limits::PAGE_ROWS_MAX), rebuilding })
}

/// What is found of each client that is still theirs.
async fn in_all(app: &App, scopes: &[Scopes], wanted: Wanted) -> Result<BTreeMap<ClientId, Looked>, Failure> {
    let mut of_all = BTreeMap::new();
    for some in scopes.chunks(limits::SEARCHES_AT_ONCE) {
        let searches = some.iter().map(|(scope, objects)| async {
            let store = ClientStore::open(app.aws(), scope);
            let looked = finding::look(app, &store, scope, objects, wanted.clone()).await;
            (scope.client().clone(), looked)
        });
        for (client, looked) in join_all(searches).await {
            of_all.extend(still_theirs(looked)?.map(|looked| (client, looked)));
        }
    }
    Ok(of_all)
}

/// Both scopes of each client; whatever is not theirs any more is left out.
async fn scopes(app: &App, actor: &Actor, clients: &BTreeMap<ClientId, String>) -> Result<Vec<Scopes>, Failure> {
    let (vendor, now) = (app.aws().vendor(), app.now());
    let wanted = || clients.keys().cloned().collect();
    let (rows, objects) = tokio::join!(
        actor.enter_all::<SearchDocuments>(wanted(), vendor, now),
        actor.enter_all_objects::<SearchDocuments>(wanted(), vendor, now),
    );
    let mut objects: BTreeMap<ClientId, _> =
        objects?.into_iter().map(|objects| (objects.client().clone(), objects)).collect();
    let pair = |scope: ClientScope<SearchDocuments>| {
        let objects = objects.remove(scope.client())?;
        Some((scope, objects))
    };
    Ok(rows?.into_iter().filter_map(pair).collect())
}

/// One event for each client of whom something is shown, or has to be made anew. A client that is not theirs any more is
/// not shown.
async fn written_down(
    app: &App,
    scopes: &[Scopes],
    found: Vec<Found>,
    broken: &BTreeMap<ClientId, Vec<Audience>>,
) -> Result<Vec<Found>, Failure> {
    let events = scopes.iter().filter_map(|(scope, _)| {
        let broken = broken.get(scope.client()).map(Vec::as_slice).unwrap_or_default();
        let is_shown = found.iter().any(|found| found.client == *scope.client());
        let own: Vec<Found> = found.iter().filter(|found| found.client == *scope.client()).cloned().collect();
        (is_shown || !broken.is_empty()).then_some(async move {
            let (store, mut moment) = (ClientStore::open(app.aws(), scope), app.moment());
            let (event, seen) = tokio::join!(store.searched(broken, &mut moment), finding::still_seen(&store, own));
            let id = |found: Found| (found.client, found.hit.id);
            event.map_err(Failure::from).and(seen).map(|seen| seen.into_iter().map(id).collect::<Vec<_>>())
        })
    });
    let mut shown = BTreeSet::new();
    for seen in join_all(events).await {
        shown.extend(still_theirs(seen)?.unwrap_or_default());
    }
    // In the order of all clients together.
    let is_shown = |found: &Found| shown.contains(&(found.client.clone(), found.hit.id.clone()));
    Ok(found.into_iter().filter(is_shown).collect())
}

/// An assignment that ended meanwhile is no failure of the search.
fn still_theirs<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Failure::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn offset(after: &Option<String>) -> Result<usize, Failure> {
    match after.as_deref().filter(|text| !text.is_empty()) {
        None => Ok(0),
        Some(text) => match text.parse() {
            Ok(offset) if offset < limits::SEARCH_HITS_MAX => Ok(offset),
            _ => Err(Failure::Refused("There is no such page of this search.".into())),
        },
    }
}

impl Answer {
    fn facts(&self, clients: &BTreeMap<ClientId, String>, next_from: Option<usize>) -> SearchAnswer {
        let fact = |found: &Found| FoundThing {
            kind: found.hit.kind.as_str(),
            id: found.hit.id.clone(),
            title: found.hit.title.clone(),
            page: found.hit.page,
            highlights: found.hit.highlights.iter().map(|shown| in_pieces(shown, Piece::new)).collect(),
            project: found.hit.project.clone(),
            category: found.hit.category.clone(),
            internal: found.internal,
            client: found.client.clone(),
            client_name: clients.get(&found.client).filter(|name| !name.is_empty()).cloned(),
        };
        let next = self.next.map(|next| next.to_string());
        SearchAnswer { hits: self.found.iter().map(fact).collect(), next, next_from, rebuilding: self.rebuilding }
    }
}

impl Piece {
    fn new(text: &str, matched: bool) -> Self {
        Self { text: text.to_owned(), matched }
    }
}

/// A highlight cut where its marks begin and end.
pub(crate) fn in_pieces<T>(shown: &search::Highlight, piece: impl Fn(&str, bool) -> T) -> Vec<T> {
    let mut pieces = Vec::with_capacity(shown.ranges.len() * 2 + 1);
    let mut at = 0;
    for range in &shown.ranges {
        if at < range.start {
            pieces.push(piece(&shown.text[at..range.start], false));
        }
        pieces.push(piece(&shown.text[range.clone()], true));
        at = range.end;
    }
    if at < shown.text.len() {
        pieces.push(piece(&shown.text[at..], false));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::Highlight;

    fn check(text: &str, marks: &[(usize, usize)], want: &[(&str, bool)]) {
        let ranges = marks.iter().map(|(start, end)| *start..*end).collect();
        let shown = Highlight { text: text.into(), ranges };
        let pieces = in_pieces(&shown, |text, matched| (text.to_owned(), matched));
        assert_eq!(pieces, want.iter().map(|(text, matched)| ((*text).to_owned(), *matched)).collect::<Vec<_>>());
    }

    #[test]
    fn pieces_make_the_whole() {
        check("the lease ends", &[(4, 9)], &[("the ", false), ("lease", true), (" ends", false)]);
        check("lease", &[(0, 5)], &[("lease", true)]);
        check("é lease é", &[(3, 5), (5, 8)], &[("é ", false), ("le", true), ("ase", true), (" é", false)]);
        check("nothing", &[], &[("nothing", false)]);
    }

    #[test]
    fn cursors_are_numbers_of_hits() {
        let check = |text: Option<&str>, want: Option<usize>| {
            assert_eq!(offset(&text.map(str::to_owned)).ok(), want, "{text:?}");
        };
        check(None, Some(0));
        check(Some(""), Some(0));
        check(Some("40"), Some(40));
        check(Some("1000"), None);
        check(Some("-1"), None);
    }

    #[test]
    fn a_partners_search_goes_through_some_clients_and_says_so() {
        let client = |n: u128, name: &str| (ClientId::from_bits(n), name.to_owned());
        let some = || vec![client(1, "Acme Industries"), client(2, "Birch"), client(3, "Cedar")];
        let theirs = of_partner(some(), "acme", 0);
        let partner = theirs.partner.as_ref().unwrap();
        assert_eq!((theirs.clients.len(), partner.named.as_slice()), (3, &[client(1, "Acme Industries")][..]));
        assert_eq!(theirs.next_from(), None);
        assert_eq!(of_partner(some(), "", 0).partner.unwrap().named, []);
        let many: Vec<_> = (1..=limits::CLIENTS_SEARCHED_MAX as u128 + 5).map(|n| client(n, "Client")).collect();
        let first = of_partner(many.clone(), "lease", 0);
        assert_eq!(
            (first.clients.len(), first.next_from()),
            (limits::CLIENTS_SEARCHED_MAX, Some(limits::CLIENTS_SEARCHED_MAX))
        );
        let rest = of_partner(many, "lease", limits::CLIENTS_SEARCHED_MAX);
        assert_eq!((rest.clients.len(), rest.next_from()), (5, None));
        assert!(rest.clients.keys().all(|client| !first.clients.contains_key(client)));
    }
}
