//! One client as its firm keeps it: its name, its people and whom one asks first, who works on it, and whether it is
//! archived.

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::permissions::{ArchiveClients, ManageClients};
use domain::person::Membership;
use domain::text::Name;
use domain::{ClientId, PersonId, Timestamp};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Archived, ClientRecord, FirmStore, ListedPerson, StorageError};
use web::{App, Failure, Form, Json, Page, Path, Place, Query, Shell, answers};

use crate::pages::client::{self as pages, ClientView};

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    client: ClientId,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: Option<String>,
}

impl Done {
    fn notice(&self) -> Option<&'static str> {
        match self.done.as_deref()? {
            "renamed" => Some("Renamed. Every page follows within a moment."),
            "contact" => Some("Saved."),
            "archived" => Some("Archived. Partners alone still get in, and reminders have stopped."),
            "restored" => Some("The client is back, with everybody who had access before."),
            _ => None,
        }
    }

    fn undo(&self, client: &ClientId) -> Option<String> {
        match self.done.as_deref()? {
            "archived" => Some(format!("/firm/clients/{client}/restore")),
            _ => None,
        }
    }
}

/// Everything that the firm keeps of a client.
struct Known {
    record: ClientRecord,
    people: Vec<ListedPerson>,
    staff: Vec<ListedPerson>,
    archived: Option<Archived>,
}

impl Known {
    async fn read<P: Send + Sync>(store: &FirmStore<'_, P>, client: &ClientId) -> Result<Known, Failure> {
        let own = Membership::Client(client.clone());
        let (record, people, firm, archived) = tokio::join!(
            store.client_record(client),
            store.people_of(&own),
            store.people_of(&Membership::Firm),
            store.archived(),
        );
        let (record, mut people, firm) = (record?.ok_or(Failure::NotFound)?, people?, firm?);
        people.retain(ListedPerson::is_active);
        // Whom one asks first stands first.
        people.sort_by_cached_key(|one| (record.main_contact.as_ref() != Some(&one.person), one.name.to_lowercase()));
        let firm: Vec<ListedPerson> =
            firm.into_iter().filter(|one| one.role == domain::Role::Staff && one.is_active()).collect();
        let ids: Vec<PersonId> = firm.iter().map(|one| one.person.clone()).collect();
        let assigned = store.assigned(client, &ids).await?;
        let staff = firm.into_iter().filter(|one| assigned.contains(&one.person)).collect();
        Ok(Known { record, people, staff, archived: archived?.remove(client) })
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    Path(Of { client }): Path<Of>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    draw(&app, &scope, &client, &page, &done, None).await
}

async fn draw(
    app: &App,
    scope: &FirmScope<ManageClients>,
    client: &ClientId,
    page: &Page,
    done: &Done,
    wrong: Option<(&str, &str)>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (known, brand) = tokio::join!(Known::read(&store, client), app.brand(scope));
    let (known, brand) = (known?, brand?);
    let body = pages::client(&ClientView {
        record: &known.record,
        people: &known.people,
        staff: &known.staff,
        archived: known.archived.as_ref(),
        wrong,
        may: &|name| scope.may(name),
        csrf: &page.csrf,
        now: app.now(),
        zone: &brand.time_zone(),
    });
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let name = known.record.name.as_str();
    let shell = Shell::new(name, Place::Clients)
        .inside(client, name)
        .notice(done.notice())
        .undo(done.undo(client))
        .status(status);
    page.show(app, scope, shell, body).await
}

fn back(client: &ClientId, done: &str) -> Response {
    answers::see_other(&format!("/firm/clients/{client}?done={done}"))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    #[serde(default)]
    name: String,
}

pub(crate) async fn rename(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    Path(Of { client }): Path<Of>,
    page: Page,
    Form(Named { name }): Form<Named>,
) -> Result<Response, Failure> {
    match Name::parse(&name) {
        Ok(parsed) => {
            renamed(&app, &scope, &client, &parsed).await?;
            Ok(back(&client, "renamed"))
        }
        Err(refused) => {
            let why = refused.to_string();
            draw(&app, &scope, &client, &page, &Done::default(), Some((&name, &why))).await
        }
    }
}

async fn renamed(app: &App, scope: &FirmScope<ManageClients>, client: &ClientId, name: &Name) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let record = store.client_record(client).await?.ok_or(Failure::NotFound)?;
    if record.name == *name {
        return Ok(());
    }
    Ok(store.rename(&record, name, &mut app.moment()).await?)
}

/// What a form of the client's page sends; whether there is such a client is asked before what it says.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    contact: Option<String>,
    /// Archiving keeps people out: it is asked for in so many words.
    #[serde(default)]
    sure: Option<String>,
}

async fn is_there<P: Send + Sync>(store: &FirmStore<'_, P>, client: &ClientId) -> Result<(), Failure> {
    store.client_record(client).await?.map(|_| ()).ok_or(Failure::NotFound)
}

pub(crate) async fn choose_contact(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    Path(Of { client }): Path<Of>,
    Form(Sent { contact, .. }): Form<Sent>,
) -> Result<Response, Failure> {
    is_there(&FirmStore::open(app.aws(), &scope), &client).await?;
    let contact = match contact.as_deref() {
        None => return Err(Failure::Refused("Choose somebody, or nobody in particular.".into())),
        Some("") => None,
        Some(id) => Some(PersonId::parse(id)?),
    };
    chosen(&app, &scope, &client, contact.as_ref()).await?;
    Ok(back(&client, "contact"))
}

/// Only one of the client's own people is its contact.
async fn chosen(
    app: &App,
    scope: &FirmScope<ManageClients>,
    client: &ClientId,
    contact: Option<&PersonId>,
) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    if let Some(contact) = contact {
        let listed = store.named(&[(Membership::Client(client.clone()), contact.clone())]).await?;
        if !listed.get(contact).is_some_and(ListedPerson::is_active) {
            return Err(Failure::Refused("Choose one of the client's own people.".into()));
        }
    }
    Ok(store.choose_contact(client, contact, &mut app.moment()).await?)
}

pub(crate) async fn archive(
    State(app): State<App>,
    scope: FirmScope<ArchiveClients>,
    Path(Of { client }): Path<Of>,
    Form(Sent { sure, .. }): Form<Sent>,
) -> Result<Response, Failure> {
    is_there(&FirmStore::open(app.aws(), &scope), &client).await?;
    if sure.as_deref() != Some("yes") {
        return Err(Failure::Refused("Open the client's page and archive it there.".into()));
    }
    set_archived(&app, &scope, &client, true).await?;
    Ok(back(&client, "archived"))
}

pub(crate) async fn restore(
    State(app): State<App>,
    scope: FirmScope<ArchiveClients>,
    Path(Of { client }): Path<Of>,
) -> Result<Response, Failure> {
    set_archived(&app, &scope, &client, false).await?;
    Ok(back(&client, "restored"))
}

/// Whoever does it a second time finds it done.
async fn set_archived(
    app: &App,
    scope: &FirmScope<ArchiveClients>,
    client: &ClientId,
    wanted: bool,
) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    is_there(&store, client).await?;
    let done = match wanted {
        true => store.archive(client, &mut app.moment()).await,
        false => store.restore(client, &mut app.moment()).await,
    };
    match done {
        Err(StorageError::Stale) => {
            let (record, archived) = tokio::join!(store.client_record(client), store.archived());
            if archived?.contains_key(client) == wanted {
                return Ok(());
            }
            match record?.and_then(|record| record.erasing_at) {
                Some(_) => Err(Failure::Refused("This client is being erased, or was, and stays archived.".into())),
                // Its events were in others' hands for too long.
                None => Err(StorageError::Stale.into()),
            }
        }
        done => Ok(done?),
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientOut {
    id: ClientId,
    name: Name,
    #[schemars(with = "String")]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    main_contact: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    archived_at: Option<Timestamp>,
    people: Vec<crate::people::PersonOut>,
    /// Staff assigned to it.
    staff: Vec<PersonId>,
}

pub(crate) async fn show_json(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    Path(Of { client }): Path<Of>,
) -> Result<Response, Failure> {
    let known = Known::read(&FirmStore::open(app.aws(), &scope), &client).await?;
    Ok(answers::json(&ClientOut {
        id: client,
        name: known.record.name,
        created_at: known.record.created_at,
        main_contact: known.record.main_contact,
        archived_at: known.archived.map(|archived| archived.at),
        people: known.people.into_iter().map(crate::people::PersonOut::from).collect(),
        staff: known.staff.into_iter().map(|one| one.person).collect(),
    }))
}

/// What is to be changed; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientChange {
    #[serde(default)]
    name: Option<String>,
    /// One of the client's own people; an empty text for nobody.
    #[serde(default)]
    main_contact: Option<String>,
}

pub(crate) async fn change_json(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    Path(Of { client }): Path<Of>,
    Json(asked): Json<ClientChange>,
) -> Result<Response, Failure> {
    is_there(&FirmStore::open(app.aws(), &scope), &client).await?;
    if let Some(name) = &asked.name {
        renamed(&app, &scope, &client, &Name::parse(name)?).await?;
    }
    match asked.main_contact.as_deref() {
        None => (),
        Some("") => chosen(&app, &scope, &client, None).await?,
        Some(contact) => chosen(&app, &scope, &client, Some(&PersonId::parse(contact)?)).await?,
    }
    Ok(answers::no_content())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archiving {
    #[serde(default)]
    #[schemars(with = "bool")]
    archived: Option<bool>,
}

pub(crate) async fn archive_json(
    State(app): State<App>,
    scope: FirmScope<ArchiveClients>,
    Path(Of { client }): Path<Of>,
    Json(Archiving { archived }): Json<Archiving>,
) -> Result<Response, Failure> {
    is_there(&FirmStore::open(app.aws(), &scope), &client).await?;
    let archived = archived.ok_or_else(|| Failure::Refused("Say `archived`: true or false.".into()))?;
    set_archived(&app, &scope, &client, archived).await?;
    Ok(answers::no_content())
}
