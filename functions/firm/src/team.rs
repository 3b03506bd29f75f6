//! Who works on a client. The page's form says what it showed and what is ticked of it, so that it changes nothing that
//! its reader did not see; sending it again with other ticks takes a change back.

use std::collections::BTreeSet;

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::permissions::AssignStaff;
use domain::person::Membership;
use domain::{ClientId, PersonId, Role};
use http::StatusCode;
use serde::Deserialize;
use storage::{FirmStore, ListedPerson};
use web::{App, Failure, Fields, Page, Path, Place, Query, Shell, answers};

use crate::assignments::set;
use crate::pages::team::{self as pages, TeamView};

#[derive(Debug, Deserialize)]
pub(crate) struct OfClient {
    client: ClientId,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    saved: Option<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    Path(OfClient { client }): Path<OfClient>,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    let notice = shown.saved.is_some().then_some("Saved. It holds from everybody's next request.");
    draw(&app, &scope, &page, &client, notice, None).await
}

pub(crate) async fn save(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    Path(OfClient { client }): Path<OfClient>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let people = |name: &str| -> Result<BTreeSet<PersonId>, Failure> {
        Ok(fields.all(name).map(PersonId::parse).collect::<Result<_, _>>()?)
    };
    let (shown, ticked) = (people("shown")?, people("staff")?);
    let store = FirmStore::open(app.aws(), &scope);
    store.client(&client).await?.ok_or(Failure::NotFound)?;
    let shown: Vec<PersonId> = shown.into_iter().collect();
    let assigned = store.assigned(&client, &shown).await?;
    for person in &shown {
        let wanted = ticked.contains(person);
        if assigned.contains(person) == wanted {
            continue;
        }
        match set(&app, &store, person, &client, wanted).await {
            // What was changed before it stays: the page shows how things stand, and why it went no further.
            Err(Failure::Refused(why)) => {
                let name = store.named(&[(Membership::Firm, person.clone())]).await?;
                let name = name.get(person).map_or("Somebody", |person| person.name.as_str());
                return draw(&app, &scope, &page, &client, None, Some(&format!("{name}: {why}"))).await;
            }
            answer => drop(answer?),
        }
    }
    Ok(answers::see_other(&format!("/firm/clients/{client}/team?saved=yes")))
}

async fn draw(
    app: &App,
    scope: &FirmScope<AssignStaff>,
    page: &Page,
    client: &ClientId,
    notice: Option<&str>,
    refused: Option<&str>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let own = Membership::Client(client.clone());
    let (found, staff, members) =
        tokio::join!(store.client(client), store.people_of(&Membership::Firm), store.people_of(&own));
    let (found, staff, members) = (found?.ok_or(Failure::NotFound)?, staff?, members?);
    let mut staff: Vec<ListedPerson> =
        staff.into_iter().filter(|person| person.role == Role::Staff && person.is_active()).collect();
    staff.sort_by_cached_key(|person| person.name.to_lowercase());
    let people: Vec<PersonId> = staff.iter().map(|person| person.person.clone()).collect();
    let assigned = store.assigned(client, &people).await?;
    let body = pages::team(&TeamView {
        client: &found,
        staff: &staff,
        assigned: &assigned,
        members: &members,
        refused,
        csrf: &page.csrf,
    });
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new("Team", Place::Clients).inside(client, found.name.as_str()).notice(notice).status(status);
    page.show(app, scope, shell, body).await
}
