//! Setting providers up: the pages and the JSON API, for whoever of a firm decides how people sign in.

use access::{Denied, FirmScope, OnePerson, PlatformScope};
use axum::extract::State;
use axum::response::Response;
use crypto::SessionToken;
use domain::permissions::{ManageFirms, ManageSignIn};
use domain::sso::{Claim, Domain, Newcomers, Vouched, record_value};
use domain::{ClientId, ConnectionId, Timestamp};
use http::{Method, StatusCode};
use integrations::saml::Certificate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Connection, ConnectionKind, FirmStore, Identity};
use web::{Access, App, Doc, Failure, Files, Form, Json, Page, Path, Place, Query, Routes, Shell, answers};

use super::add::{self, NewConnection};
use super::change::{self, Change};
use super::kinds::Addresses;
use super::start::Of;
use super::{answer, only, refresh, start};
use crate::own as session;
use crate::pages::sso_setup as pages;

pub(crate) trait WithSso {
    fn with_sso(self) -> Self;
}

impl WithSso for Routes {
    fn with_sso(self) -> Self {
        let before = Access::Public("how one gets a session");
        let told = Access::Public("what providers know us by");
        let sets_up = Access::Needs(domain::PermissionName::ManageSignIn);
        let (get, post) = (Method::GET, Method::POST);
        self.page(get.clone(), "/sso/{connection}/start", before, start::start)
            .page(get.clone(), "/sso/oidc/callback", before, answer::callback)
            .page(post.clone(), "/sso/saml/acs", before, answer::acs)
            .page(get.clone(), "/sso/{connection}/metadata", told, start::metadata)
            .page(get.clone(), "/sso", sets_up, list)
            .page(get.clone(), "/sso/new", sets_up, new)
            .page(post.clone(), "/sso/new", sets_up, add_by_form)
            .page(get.clone(), "/sso/{connection}", sets_up, one)
            .page(post.clone(), "/sso/{connection}", sets_up, change_by_form)
            .page(get.clone(), "/sso/{connection}/try", sets_up, try_out)
            .page(post.clone(), "/sso/{connection}/renew", sets_up, renew_by_form)
            .page(post.clone(), "/sso/{connection}/remove", sets_up, remove_by_form)
            .api(
                get.clone(),
                "/api/v1/sso",
                sets_up,
                list_api,
                Doc::new("The firm's connections to providers of single sign-on").answers::<ConnectionList>(200),
            )
            .api(
                post.clone(),
                "/api/v1/sso",
                sets_up,
                add_api,
                Doc::new("Connects a provider: its configuration or metadata is read at once")
                    .takes::<NewConnection>()
                    .answers::<ConnectionView>(201),
            )
            .api(
                get,
                "/api/v1/sso/{connection}",
                sets_up,
                one_api,
                Doc::new("One connection, with what its provider has to be told").answers::<ConnectionView>(200),
            )
            .api(
                Method::PATCH,
                "/api/v1/sso/{connection}",
                sets_up,
                change_api,
                Doc::new("Changes one thing of a connection").takes::<Change>().answers::<ConnectionView>(200),
            )
            .api(
                Method::DELETE,
                "/api/v1/sso/{connection}",
                sets_up,
                remove_api,
                Doc::new("Removes a connection, and what it knows of people").answers_empty(204),
            )
            .api(
                post,
                "/api/v1/sso/{connection}/vouch",
                Access::Needs(domain::PermissionName::ManageFirms),
                vouch_api,
                Doc::new("An operator vouches for a domain in the place of its text record. Needs a session that was confirmed within 15 minutes, and no token does it")
                    .takes::<VouchRequest>()
                    .answers_empty(204),
            )
    }
}

/// A connection of the scope's firm, or nothing that is there.
pub(super) async fn own(app: &App, scope: &FirmScope<ManageSignIn>, id: &ConnectionId) -> Result<Connection, Failure> {
    Identity::open(app.aws()).own_connection(scope, id).await?.ok_or(Failure::NotFound)
}

async fn list(State(app): State<App>, scope: FirmScope<ManageSignIn>, page: Page) -> Result<Response, Failure> {
    let connections = Identity::open(app.aws()).connections(&scope).await?;
    page.show(&app, &scope, Shell::new(TITLE, Place::Settings), pages::list(&connections)).await
}

const TITLE: &str = "Single sign-on";

async fn new(State(app): State<App>, scope: FirmScope<ManageSignIn>, page: Page) -> Result<Response, Failure> {
    let typed = NewConnection::default();
    show_new(&app, &scope, &page, &typed, None).await
}

async fn show_new(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    page: &Page,
    typed: &NewConnection,
    error: Option<&str>,
) -> Result<Response, Failure> {
    let clients = FirmStore::open(app.aws(), scope).clients().await?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new("Connect a provider", Place::Settings).status(status);
    page.show(app, scope, shell, pages::new(typed, &clients, &page.csrf, error)).await
}

async fn add_by_form(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    page: Page,
    files: Files,
) -> Result<Response, Failure> {
    let text = |name: &str| files.text(name).unwrap_or_default();
    let typed = NewConnection {
        kind: text("kind"),
        name: text("name"),
        client: text("client"),
        issuer: text("issuer"),
        client_id: text("client_id"),
        client_secret: text("client_secret"),
        metadata_url: text("metadata_url"),
        metadata: metadata_in(&files),
    };
    match add::add(&app, &scope, &typed).await {
        Ok(made) => Ok(answers::see_other(&format!("/sso/{}?done=added", made.connection))),
        Err(Failure::Refused(why)) => show_new(&app, &scope, &page, &typed, Some(&why)).await,
        Err(failure) => Err(failure),
    }
}

/// The file that was chosen, or else what was pasted.
fn metadata_in(files: &Files) -> String {
    let file = files.file("metadata_file").map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    file.or_else(|| files.text("metadata")).unwrap_or_default()
}

#[derive(Debug, Deserialize)]
struct Told {
    #[serde(default)]
    done: String,
}

async fn one(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    page: Page,
    Path(Of { connection }): Path<Of>,
    Query(Told { done }): Query<Told>,
) -> Result<Response, Failure> {
    show_one(&app, &scope, &page, &connection, &done, None).await
}

async fn show_one(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    page: &Page,
    id: &ConnectionId,
    done: &str,
    error: Option<&str>,
) -> Result<Response, Failure> {
    let connection = own(app, scope, id).await?;
    let people = people_of_domains(app, scope, &connection).await?;
    let view = pages::One {
        people: &people,
        addresses: &Addresses::of(app, id),
        certificates: &certificates_of(&connection),
        connection: &connection,
        csrf: &page.csrf,
        done,
        error,
        now: app.now(),
        zone: app.brand(scope).await?.time_zone(),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new(&connection.name, Place::Settings).status(status);
    page.show(app, scope, shell, pages::one(&view)).await
}

/// One read of the list of people, where a page has something to say of them.
async fn people_of_domains(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    connection: &Connection,
) -> Result<Vec<(Domain, usize)>, Failure> {
    let mut counts: Vec<(Domain, usize)> =
        connection.claims.iter().filter(|claim| claim.holds()).map(|claim| (claim.domain.clone(), 0)).collect();
    if counts.is_empty() {
        return Ok(counts);
    }
    let people = FirmStore::open(app.aws(), scope).people_of(&connection.whose()).await?;
    for (domain, count) in &mut counts {
        *count = people.iter().filter(|person| only::decides_of(person, domain)).count();
    }
    Ok(counts)
}

/// Those that are pinned, as far as they can be read.
pub(crate) fn certificates_of(connection: &Connection) -> Vec<Certificate> {
    match &connection.kind {
        ConnectionKind::Oidc { .. } => Vec::new(),
        ConnectionKind::Saml { certificates, .. } => {
            certificates.iter().filter_map(|text| Certificate::parse(text).ok()).collect()
        }
    }
}

async fn change_by_form(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    page: Page,
    Path(Of { connection }): Path<Of>,
    Form(change): Form<Change>,
) -> Result<Response, Failure> {
    let before = own(&app, &scope, &connection).await?;
    match change::apply(&app, &scope, before, &change).await {
        Ok(_) => Ok(answers::see_other(&format!("/sso/{connection}?done={}", change.what.done()))),
        Err(Failure::Refused(why)) => show_one(&app, &scope, &page, &connection, "", Some(&why)).await,
        Err(failure) => Err(failure),
    }
}

/// A provider's metadata as a file or as text, in the place of what lies at its address.
async fn renew_by_form(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    page: Page,
    Path(Of { connection }): Path<Of>,
    files: Files,
) -> Result<Response, Failure> {
    let before = own(&app, &scope, &connection).await?;
    let text = metadata_in(&files);
    let read = match text.trim() {
        "" => Err(Failure::Refused("Choose the provider's metadata file, or paste what is in it.".into())),
        text => refresh::by_hand(&app, &scope, before, text).await,
    };
    match read {
        Ok(_) => Ok(answers::see_other(&format!("/sso/{connection}?done=renewed"))),
        Err(Failure::Refused(why)) => show_one(&app, &scope, &page, &connection, "", Some(&why)).await,
        Err(failure) => Err(failure),
    }
}

/// A real round, which signs nobody in and tells what came of it.
async fn try_out(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Path(Of { connection }): Path<Of>,
) -> Result<Response, Failure> {
    let connection = own(&app, &scope, &connection).await?;
    let identity = Identity::open(app.aws());
    start::away(&app, &identity, &connection, None, Some(scope.person().clone())).await
}

async fn remove_by_form(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Path(Of { connection }): Path<Of>,
) -> Result<Response, Failure> {
    remove(&app, &scope, &connection).await?;
    Ok(answers::see_other("/sso"))
}

async fn remove(app: &App, scope: &FirmScope<ManageSignIn>, id: &ConnectionId) -> Result<(), Failure> {
    let connection = own(app, scope, id).await?;
    let domains = connection.domains();
    // Before, since what fails can be done again as long as the connection is there; after, for who came in meanwhile.
    only::end_vouched(app, scope, &connection, &domains).await?;
    Identity::open(app.aws()).remove_connection(scope, &connection, &mut app.moment()).await?;
    only::end_vouched(app, scope, &connection, &domains).await?;
    Ok(())
}

#[derive(Debug, Serialize, JsonSchema)]
struct ConnectionList {
    items: Vec<ConnectionView>,
}

/// A connection, without what only it may know.
#[derive(Debug, Serialize, JsonSchema)]
struct ConnectionView {
    id: ConnectionId,
    name: String,
    /// `oidc` or `saml`.
    kind: &'static str,
    /// Whose people it lets in, if those of a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    issuer: String,
    domains: Vec<DomainView>,
    /// Whom it lets in for the first time: only who is invited, or whoever comes, with this role.
    newcomers: Newcomers,
    /// SHA-256 fingerprints of the pinned certificates.
    certificates: Vec<String>,
    /// What the provider has to be told.
    reply_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<String>,
    start_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<TriedView>,
    /// When the provider's configuration or metadata was read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    refreshed_at: Option<Timestamp>,
    /// Why it could not be read since.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_refreshed: Option<TriedView>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DomainView {
    domain: Domain,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_by: Option<Vouched>,
    /// Its people sign in in no other way.
    only: bool,
    record_name: String,
    record_value: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TriedView {
    #[schemars(with = "String")]
    at: Timestamp,
    good: bool,
    detail: String,
}

fn view(app: &App, connection: &Connection) -> ConnectionView {
    let addresses = Addresses::of(app, &connection.connection);
    let (kind, issuer, reply_url, entity_id) = match &connection.kind {
        ConnectionKind::Oidc { issuer, .. } => ("oidc", issuer, addresses.callback, None),
        ConnectionKind::Saml { issuer, .. } => ("saml", issuer, addresses.acs, Some(addresses.entity_id)),
    };
    let domain = |claim: &Claim| DomainView {
        domain: claim.domain.clone(),
        verified_by: claim.vouched,
        only: claim.only,
        record_name: claim.domain.record_name(),
        record_value: record_value(&claim.token),
    };
    ConnectionView {
        id: connection.connection.clone(),
        name: connection.name.clone(),
        kind,
        client: connection.whose().client().cloned(),
        issuer: issuer.clone(),
        domains: connection.claims.iter().map(domain).collect(),
        newcomers: connection.newcomers,
        certificates: certificates_of(connection).iter().map(Certificate::fingerprint).collect(),
        reply_url,
        entity_id,
        start_url: format!("{}/sso/{}/start", app.config().settings.site_origin, connection.connection),
        tried: connection.tried.clone().map(|tried| TriedView { at: tried.at, good: tried.good, detail: tried.words }),
        refreshed_at: connection.refreshed_at,
        not_refreshed: connection.not_refreshed.clone().map(|failed| TriedView {
            at: failed.at,
            good: false,
            detail: failed.words,
        }),
    }
}

async fn list_api(State(app): State<App>, scope: FirmScope<ManageSignIn>) -> Result<Response, Failure> {
    let connections = Identity::open(app.aws()).connections(&scope).await?;
    let items = connections.iter().map(|connection| view(&app, connection)).collect();
    Ok(answers::json(&ConnectionList { items }))
}

async fn add_api(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Json(new): Json<NewConnection>,
) -> Result<Response, Failure> {
    let made = add::add(&app, &scope, &new).await?;
    Ok(answers::json_with(StatusCode::CREATED, &view(&app, &made)))
}

async fn one_api(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Path(Of { connection }): Path<Of>,
) -> Result<Response, Failure> {
    Ok(answers::json(&view(&app, &own(&app, &scope, &connection).await?)))
}

async fn change_api(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Path(Of { connection }): Path<Of>,
    Json(change): Json<Change>,
) -> Result<Response, Failure> {
    let before = own(&app, &scope, &connection).await?;
    Ok(answers::json(&view(&app, &change::apply(&app, &scope, before, &change).await?)))
}

async fn remove_api(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Path(Of { connection }): Path<Of>,
) -> Result<Response, Failure> {
    remove(&app, &scope, &connection).await?;
    Ok(answers::no_content())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VouchRequest {
    domain: Domain,
}

/// The firm has claimed the domain; that it is theirs was seen to in some other way than by the record.
async fn vouch_api(
    State(app): State<App>,
    scope: PlatformScope<ManageFirms>,
    token: SessionToken,
    Path(Of { connection }): Path<Of>,
    Json(VouchRequest { domain }): Json<VouchRequest>,
) -> Result<Response, Failure> {
    // It opens a firm to whoever speaks for the domain: no program does it, nor a session that was left open.
    let current = session::whole(&app, &token).await?;
    if current.row.session != *scope.session() {
        return Err(Failure::Forbidden);
    }
    if !session::confirmed(&current, app.now()) {
        return Err(Denied::Unconfirmed.into());
    }
    let identity = Identity::open(app.aws());
    let from = identity.connection_of_any(&scope, &connection).await?.ok_or(Failure::NotFound)?;
    let next = change::vouched(&identity, from.clone(), &domain, Vouched::Platform, app.now()).await?;
    identity.vouch(&scope, &from, next, &domain, &mut app.moment()).await?;
    Ok(answers::no_content())
}
