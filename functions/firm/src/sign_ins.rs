//! Who is signed in now, and who came in of late: the firm's own people at a glance, people of a client when asked for,
//! and the sign-ins of one person by its chain.

use std::collections::BTreeMap;

use access::{Actor, FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::permissions::{ViewAudit, ViewFirm, ViewSignIns};
use domain::person::Membership;
use domain::{ClientId, PersonId, SessionId, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AuditRow, FirmStore, LastSignIn, ListedPerson, SessionInHome};
use web::{App, Failure, Page, Place, Query, Shell, answers};

use crate::audit::{Reading, Since};
use crate::pages::audit::Kind;
use crate::pages::sign_ins::{self as pages, HistoryView, SignInsView};
use crate::pages::{holds_all, words_of};

/// Whose sign-ins.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(crate) struct Asked {
    /// People of this client; the firm's own where it is left out.
    #[serde(default)]
    pub(crate) client: Option<ClientId>,
    /// Part of a name or address, among everybody.
    #[serde(default)]
    pub(crate) q: Option<String>,
}

/// Somebody, with when it came in last and where it is signed in.
pub(crate) struct SignedIn {
    pub(crate) person: ListedPerson,
    pub(crate) last: Option<LastSignIn>,
    pub(crate) sessions: Vec<(SessionId, SessionInHome)>,
}

impl SignedIn {
    /// Those that are signed in first, then whoever came in last.
    async fn read(store: &FirmStore<'_, ViewSignIns>, asked: &Asked, now: Timestamp) -> Result<Vec<Self>, Failure> {
        let q = asked.q.as_deref().unwrap_or_default().trim();
        let mut people = match (&asked.client, q.is_empty()) {
            (_, false) => store.everybody().await?,
            (Some(client), true) => store.people_of(&Membership::Client(client.clone())).await?,
            (None, true) => store.people_of(&Membership::Firm).await?,
        };
        let words = words_of(q);
        people.retain(|person| holds_all(&format!("{} {}", person.name, person.email), &words));
        // Of somebody who belongs to several, one line is enough.
        people.sort_by_cached_key(|person| (person.person.clone(), !person.is_active()));
        people.dedup_by(|a, b| a.person == b.person);
        if !q.is_empty() {
            people.truncate(limits::PAGE_ROWS_MAX);
        }
        let ids: Vec<PersonId> = people.iter().map(|person| person.person.clone()).collect();
        let mut last = store.last_sign_ins(&ids).await?;
        // A session lives for half a day at most: who came in before that has none.
        let may_be_in = |seen: &LastSignIn| now.as_second() - seen.at.as_second() <= limits::SESSION_AGE_SECONDS_MAX;
        let mut sessions: BTreeMap<PersonId, Vec<(SessionId, SessionInHome)>> = BTreeMap::new();
        let recent: Vec<&PersonId> = last.iter().filter(|(_, seen)| may_be_in(seen)).map(|(id, _)| id).collect();
        for some in recent.chunks(HOMES_AT_ONCE) {
            let found = futures::future::join_all(some.iter().map(|person| store.sessions_of(person))).await;
            for (person, found) in some.iter().zip(found) {
                sessions.insert((*person).clone(), found?);
            }
        }
        let mut list: Vec<SignedIn> = people
            .into_iter()
            .map(|person| SignedIn {
                last: last.remove(&person.person),
                sessions: sessions.remove(&person.person).unwrap_or_default(),
                person,
            })
            .collect();
        list.sort_by_key(|one| {
            let last = one.last.as_ref().map_or(0, |last| -last.at.as_second());
            (one.sessions.is_empty(), last, one.person.name.to_lowercase())
        });
        Ok(list)
    }
}

/// Homes that are read side by side.
const HOMES_AT_ONCE: usize = 16;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    done: Option<String>,
    /// The sign-ins of one person.
    #[serde(default)]
    person: Option<PersonId>,
}

pub(crate) async fn show(
    State(app): State<App>,
    actor: Actor,
    scope: FirmScope<ViewSignIns>,
    page: Page,
    Query(asked): Query<Asked>,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    let brand = app.brand(&scope).await?;
    let (now, zone) = (app.now(), brand.time_zone());
    if let Some(person) = shown.person {
        let (audit, firm) = scopes(&app, &actor).await?;
        let reading = Reading::of_person(&app, &audit, &firm, person.clone()).await?;
        let rows = history(&reading, now).await?;
        let name = reading.name().to_owned();
        let body = pages::history(&HistoryView { name: &name, person: &person, rows: &rows, now, zone: &zone });
        return page.show(&app, &scope, Shell::new("Sign-ins", Place::People), body).await;
    }
    let store = FirmStore::open(app.aws(), &scope);
    let people = SignedIn::read(&store, &asked, now).await?;
    let body = pages::sign_ins(&SignInsView {
        people: &people,
        asked: &asked,
        may: &|name| scope.may(name),
        reader: scope.session(),
        csrf: &page.csrf,
        now,
        zone: &zone,
    });
    let notice = (shown.done.as_deref() == Some("signed-out")).then_some("Signed out there.");
    page.show(&app, &scope, Shell::new("Sign-ins", Place::People).wide().notice(notice), body).await
}

/// Chains are read by those who may read the audit: taken here, since the rest of the page does without.
async fn scopes(app: &App, actor: &Actor) -> Result<(FirmScope<ViewAudit>, FirmScope<ViewFirm>), Failure> {
    let (vendor, now) = (app.aws().vendor(), app.now());
    let (audit, firm) = tokio::join!(actor.firm::<ViewAudit>(vendor, now), actor.firm::<ViewFirm>(vendor, now));
    Ok((audit?, firm?))
}

/// Sign-ins and refusals of the last ninety days, as far as a few pages of the chain hold them.
async fn history(reading: &Reading<'_>, now: Timestamp) -> Result<Vec<AuditRow>, Failure> {
    let days = jiff::SignedDuration::from_hours(24 * limits::SIGN_INS_SHOWN_DAYS);
    let since = now.checked_sub(days).unwrap_or(Timestamp::UNIX_EPOCH);
    let (rows, ..) = reading.some(Some(Kind::SignIn), None, Since(since)).await?;
    Ok(rows)
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SignInList {
    items: Vec<SignedInOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SignedInOut {
    person: PersonId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    last_signed_in_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// Where the person is signed in now.
    sessions: Vec<crate::person::api::SessionOut>,
}

pub(crate) async fn list_json(
    State(app): State<App>,
    scope: FirmScope<ViewSignIns>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let people = SignedIn::read(&store, &asked, app.now()).await?;
    let out = |one: SignedIn| SignedInOut {
        person: one.person.person,
        name: one.person.name,
        last_signed_in_at: one.last.as_ref().map(|last| last.at),
        device: one.last.as_ref().and_then(|last| last.device.clone()),
        place: one.last.and_then(|last| last.place),
        sessions: one.sessions.into_iter().map(crate::person::api::SessionOut::of).collect(),
    };
    Ok(answers::json(&SignInList { items: people.into_iter().map(out).collect() }))
}
