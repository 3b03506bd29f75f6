//! Who works on what: the grid of staff and clients. Its form says what it showed and what is ticked of it, so that it
//! changes nothing that its reader did not see; where scripts run, each tick is sent by itself and can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::firm::assign;
use domain::permissions::AssignStaff;
use domain::person::Membership;
use domain::{ClientId, PersonId, Role, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmStore, ListedClient, ListedPerson, Tries};
use web::{App, Failure, Fields, Page, Path, Place, Query, Shell, answers};

use crate::clients::by_name;
use crate::pages::assignments::{self as pages, Cell, GridView, OneView};

#[derive(Debug, Deserialize)]
pub(crate) struct OfBoth {
    person: PersonId,
    client: ClientId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Assignment {
    person: PersonId,
    client: ClientId,
}

/// What the grid is narrowed to, and which part of it is shown.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(crate) struct Asked {
    /// Part of a client's name.
    #[serde(default)]
    pub(crate) q: Option<String>,
    /// Part of the name of one of the staff.
    #[serde(default)]
    pub(crate) who: Option<String>,
    /// One of the staff alone.
    #[serde(default)]
    pub(crate) person: Option<PersonId>,
    /// How many clients come before this page.
    #[serde(default)]
    pub(crate) from: usize,
    /// How many of the staff come before this page.
    #[serde(default)]
    pub(crate) staff_from: usize,
}

impl Asked {
    pub(crate) fn q(&self) -> &str {
        self.q.as_deref().unwrap_or_default().trim()
    }

    pub(crate) fn who(&self) -> &str {
        self.who.as_deref().unwrap_or_default().trim()
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Grid {
    staff: Vec<GridStaff>,
    clients: Vec<GridClient>,
    /// Pairs of those above that are assigned.
    assigned: Vec<Assignment>,
    clients_count: usize,
    staff_count: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct GridStaff {
    id: PersonId,
    name: String,
    assignments: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct GridClient {
    id: ClientId,
    name: String,
}

/// A part of the grid, as it stands.
pub(crate) struct Part {
    pub(crate) staff: Vec<ListedPerson>,
    pub(crate) staff_count: usize,
    pub(crate) clients: Vec<ListedClient>,
    pub(crate) clients_count: usize,
    pub(crate) assigned: BTreeMap<PersonId, BTreeSet<ClientId>>,
}

impl Part {
    async fn read(store: &FirmStore<'_, AssignStaff>, asked: &Asked) -> Result<Part, Failure> {
        let (people, clients, archived) =
            tokio::join!(store.people_of(&Membership::Firm), store.clients(), store.archived());
        let (people, clients, archived) = (people?, clients?, archived?);
        let who = crate::pages::words_of(asked.who());
        let mut staff: Vec<ListedPerson> = people
            .into_iter()
            .filter(|person| person.role == Role::Staff && person.is_active())
            .filter(|person| asked.person.as_ref().is_none_or(|one| person.person == *one))
            .filter(|person| crate::pages::holds_all(&format!("{} {}", person.name, person.email), &who))
            .collect();
        staff.sort_by_cached_key(|person| (person.name.to_lowercase(), person.person.clone()));
        let staff_count = staff.len();
        let staff: Vec<ListedPerson> =
            staff.into_iter().skip(asked.staff_from).take(limits::GRID_PEOPLE_PER_PAGE).collect();
        let assigned = futures::future::join_all(staff.iter().map(|person| store.assigned_to(&person.person))).await;
        let mut pairs = BTreeMap::new();
        for (person, clients) in staff.iter().zip(assigned) {
            let clients: BTreeSet<ClientId> = clients?.into_iter().map(|one| one.client).collect();
            pairs.insert(person.person.clone(), clients);
        }
        let mut clients = by_name(clients, asked.q.as_deref());
        clients.retain(|client| !archived.contains_key(&client.client));
        if let Some(theirs) = asked.person.as_ref().and_then(|person| pairs.get(person)) {
            // Of one person, what is assigned comes first; the rest stays in the order of names.
            clients.sort_by_key(|client| !theirs.contains(&client.client));
        }
        let clients_count = clients.len();
        let clients = clients.into_iter().skip(asked.from).take(limits::GRID_CLIENTS_PER_PAGE).collect();
        Ok(Part { staff, staff_count, clients, clients_count, assigned: pairs })
    }

    pub(crate) fn is_assigned(&self, person: &PersonId, client: &ClientId) -> bool {
        self.assigned.get(person).is_some_and(|clients| clients.contains(client))
    }
}

/// What has just been done.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    saved: Option<usize>,
    /// One pair that was changed, and what it was changed to.
    #[serde(default)]
    done: Option<String>,
    #[serde(default)]
    now: Option<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    page: Page,
    Query(asked): Query<Asked>,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let part = Part::read(&store, &asked).await?;
    if asked.person.is_some() && part.staff.is_empty() {
        return Err(Failure::NotFound);
    }
    let body = match part.staff.first().filter(|_| asked.person.is_some()) {
        Some(person) => pages::one(&OneView { person, part: &part, asked: &asked, csrf: &page.csrf }),
        None => pages::grid(&GridView { part: &part, asked: &asked, csrf: &page.csrf }),
    };
    let changed = shown.done.as_deref().and_then(Cell::parse).zip(shown.now.as_deref());
    let (notice, undo) = match (&changed, shown.saved) {
        (Some((cell, now)), _) => {
            let words = if *now == "yes" { "Assigned." } else { "No longer assigned." };
            let undo = pages::undo_href(&asked, cell, *now != "yes");
            (Some(format!("{words} It holds from the person's next request.")), Some(undo))
        }
        (None, Some(0)) => (Some("Nothing was changed.".to_owned()), None),
        (None, Some(count)) => {
            let changes = web::ui::words::count(count, "change", "changes");
            (Some(format!("{changes} saved. They hold from everybody's next request.")), None)
        }
        (None, None) => (None, None),
    };
    let shell = Shell::new("Assignments", Place::Clients).wide().notice(notice.as_deref()).undo(undo);
    page.show(&app, &scope, shell, body).await
}

/// One pair that is to be changed: sent by a tick, or by what takes one back.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Toggle {
    #[serde(default)]
    cell: Option<String>,
    #[serde(default)]
    want: Option<String>,
}

pub(crate) async fn save(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    page: Page,
    Query(asked): Query<Asked>,
    Query(toggle): Query<Toggle>,
    fields: Fields,
) -> Result<Response, Failure> {
    let field = |name: &str| fields.one(name).map(str::to_owned);
    let store = FirmStore::open(app.aws(), &scope);
    let (cell, want) = (toggle.cell.or_else(|| field("cell")), toggle.want.or_else(|| field("want")));
    let Some(cell) = cell else {
        let changed = save_all(&app, &store, &fields).await?;
        return Ok(answers::see_other(&format!("{}&saved={changed}", pages::href(&asked))));
    };
    let cell = Cell::parse(&cell).ok_or(Failure::NotFound)?;
    let wanted = want.as_deref() == Some("yes");
    let outcome = set(&app, &store, &cell.person, &cell.client, wanted).await;
    if !page.fragment {
        outcome?;
        let now = if wanted { "yes" } else { "no" };
        return Ok(answers::see_other(&format!("{}&done={cell}&now={now}", pages::href(&asked))));
    }
    // The tick stands as it is stored, whatever the browser shows: with the reason, where it was not changed.
    let (is, words) = match outcome {
        Ok(_) if wanted => (true, "Assigned. It holds from the person's next request.".to_owned()),
        Ok(_) => (false, "No longer assigned. It holds from the person's next request.".to_owned()),
        Err(Failure::Refused(why)) => (!wanted, why),
        Err(failure) => return Err(failure),
    };
    let undo = (is == wanted).then(|| pages::undo_href(&asked, &cell, !wanted));
    Ok(answers::html(pages::changed_cell(&cell, is, &words, undo, &page.csrf)))
}

/// Everything that the form showed, made as it is ticked.
async fn save_all(app: &App, store: &FirmStore<'_, AssignStaff>, fields: &Fields) -> Result<usize, Failure> {
    let staff: BTreeSet<PersonId> = fields.all("staff").map(PersonId::parse).collect::<Result<_, _>>()?;
    let clients: BTreeSet<ClientId> = fields.all("client").map(ClientId::parse).collect::<Result<_, _>>()?;
    let ticked: BTreeSet<&str> = fields.all("on").collect();
    if staff.len() > limits::GRID_PEOPLE_PER_PAGE || clients.len() > limits::GRID_CLIENTS_PER_PAGE {
        return Err(Failure::TooLarge);
    }
    let mut changed = 0;
    for person in &staff {
        let theirs: BTreeSet<ClientId> = store.assigned_to(person).await?.into_iter().map(|one| one.client).collect();
        for client in &clients {
            let cell = Cell { person: person.clone(), client: client.clone() };
            let wanted = ticked.contains(cell.to_string().as_str());
            if wanted != theirs.contains(client) && set(app, store, person, client, wanted).await? {
                changed += 1;
            }
        }
    }
    Ok(changed)
}

pub(crate) async fn grid_json(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let part = Part::read(&FirmStore::open(app.aws(), &scope), &asked).await?;
    let pairs = part.staff.iter().flat_map(|person| part.clients.iter().map(move |client| (person, client)));
    let assigned = pairs
        .filter(|(person, client)| part.is_assigned(&person.person, &client.client))
        .map(|(person, client)| Assignment { person: person.person.clone(), client: client.client.clone() })
        .collect();
    let staff = part.staff.iter().map(|person| GridStaff {
        id: person.person.clone(),
        name: person.name.clone(),
        assignments: person.assignments,
    });
    let clients =
        part.clients.iter().map(|client| GridClient { id: client.client.clone(), name: client.name.to_string() });
    Ok(answers::json(&Grid {
        staff: staff.collect(),
        clients: clients.collect(),
        assigned,
        clients_count: part.clients_count,
        staff_count: part.staff_count,
    }))
}

pub(crate) async fn assign_json(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    Path(OfBoth { person, client }): Path<OfBoth>,
) -> Result<Response, Failure> {
    set(&app, &FirmStore::open(app.aws(), &scope), &person, &client, true).await?;
    Ok(answers::json(&Assignment { person, client }))
}

pub(crate) async fn unassign_json(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    Path(OfBoth { person, client }): Path<OfBoth>,
) -> Result<Response, Failure> {
    set(&app, &FirmStore::open(app.aws(), &scope), &person, &client, false).await?;
    Ok(answers::no_content())
}

/// Makes an assignment be there or not, whether or not somebody else changes the same person meanwhile; says whether
/// that changed anything.
pub(crate) async fn set(
    app: &App,
    store: &FirmStore<'_, AssignStaff>,
    person: &PersonId,
    client: &ClientId,
    wanted: bool,
) -> Result<bool, Failure> {
    let mut tries = Tries::default();
    loop {
        let facts = store.assignment(person, client).await?.ok_or(Failure::NotFound)?;
        let changed = match wanted {
            true if !assign(facts.assignee)? => return Ok(false),
            false if !facts.assignee.assigned => return Ok(false),
            true => store.assign(&facts, &mut app.moment()).await,
            false => store.unassign(&facts, &mut app.moment()).await,
        };
        match changed {
            Ok(()) => return Ok(true),
            Err(error) => tries.another(error).await?,
        }
    }
}
