//! Reading the audit: one chain at a time, newest first, in words. Reading it is an event itself, written before what it
//! is about is given out.

use std::collections::BTreeMap;

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::audit::{Act, Chain, Object, Outcome, Who};
use domain::permissions::{ViewAudit, ViewFirm};
use domain::person::Membership;
use domain::{ClientId, EventId, PersonId, Role, SessionId, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AuditRow, AuditStore, FirmStore};
use web::{App, Failure, Page, Path, Place, Query, Shell, answers};

use crate::clients::{self, find};
use crate::pages::audit::{self as pages, ChoiceView, EventsView, Kind, OneEventView, Subject};

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct After {
    /// The `next` of the page before: the number of its last event.
    #[serde(default)]
    after: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventList {
    items: Vec<EventOut>,
    /// None at the end of the list.
    next: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct EventOut {
    /// Its code on watermarked copies.
    id: EventId,
    seq: u64,
    #[schemars(with = "String")]
    at: Timestamp,
    actor: ActorOut,
    act: Act,
    /// The act in words, after the actor's name.
    words: &'static str,
    object: Object,
    outcome: Outcome,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ActorOut {
    Person {
        person: PersonId,
        role: Role,
        session: SessionId,
        name: Option<String>,
    },
    /// A part of the portal itself.
    Worker {
        function: String,
    },
    /// Somebody who is not signed in.
    Nobody,
}

/// Names of the people in a list of events.
pub(crate) type Names = BTreeMap<PersonId, String>;

impl EventOut {
    fn of(row: AuditRow, names: &Names) -> Self {
        let event = row.event;
        let actor = match event.actor {
            Who::Person { person, role, session, .. } => {
                let name = names.get(&person).cloned();
                ActorOut::Person { person, role, session, name }
            }
            Who::Worker { function } => ActorOut::Worker { function },
            Who::Nobody => ActorOut::Nobody,
        };
        Self {
            id: event.id,
            seq: event.seq,
            at: event.at,
            actor,
            act: event.act,
            words: event.act.words(),
            object: event.obj,
            outcome: event.outcome,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfClient {
    client: ClientId,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfPerson {
    person: PersonId,
}

pub(crate) async fn client_json(
    State(app): State<App>,
    scope: FirmScope<ViewAudit>,
    firm: FirmScope<ViewFirm>,
    Path(OfClient { client }): Path<OfClient>,
    Query(After { after }): Query<After>,
) -> Result<Response, Failure> {
    let reading = Reading::of_client(&app, &scope, &firm, client).await?;
    reading.answer(after).await
}

pub(crate) async fn person_json(
    State(app): State<App>,
    scope: FirmScope<ViewAudit>,
    firm: FirmScope<ViewFirm>,
    Path(OfPerson { person }): Path<OfPerson>,
    Query(After { after }): Query<After>,
) -> Result<Response, Failure> {
    let reading = Reading::of_person(&app, &scope, &firm, person).await?;
    reading.answer(after).await
}

/// What the page shows: a chain, or whose there are to choose from.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    client: Option<ClientId>,
    #[serde(default)]
    person: Option<PersonId>,
    /// Only events of one kind.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    after: Option<u64>,
    /// One event in full.
    #[serde(default)]
    event: Option<u64>,
    /// A client's or person's name to look for.
    #[serde(default)]
    q: Option<String>,
}

pub(crate) async fn page(
    State(app): State<App>,
    scope: FirmScope<ViewAudit>,
    firm: FirmScope<ViewFirm>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let reading = match (asked.client.clone(), asked.person.clone()) {
        (Some(client), None) => Reading::of_client(&app, &scope, &firm, client).await?,
        (None, Some(person)) => Reading::of_person(&app, &scope, &firm, person).await?,
        _ => return choose(&app, &firm, &page, &asked).await,
    };
    let brand = app.brand(&firm).await?;
    let (now, zone) = (app.now(), brand.time_zone());
    if let Some(seq) = asked.event {
        let (row, names) = reading.one(seq).await?;
        let body =
            pages::event(&OneEventView { subject: &reading.subject, row: &row, names: &names, now, zone: &zone });
        return page.show(&app, &firm, Shell::new("Audit event", Place::Audit), body).await;
    }
    let kind = asked.kind.as_deref().and_then(Kind::parse);
    let (rows, next, names) = reading.some(kind, asked.after).await?;
    let body = pages::events(&EventsView {
        subject: &reading.subject,
        rows: &rows,
        names: &names,
        kind,
        is_first: asked.after.is_none(),
        next,
        now,
        zone: &zone,
    });
    page.show(&app, &firm, Shell::new("Audit", Place::Audit), body).await
}

/// Clients and people to choose from that one screen shows; the rest is found by name.
const CHOICES_MAX: usize = 20;

async fn choose(app: &App, firm: &FirmScope<ViewFirm>, page: &Page, asked: &Asked) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), firm);
    let q = asked.q.as_deref().unwrap_or_default().trim();
    let looked_for = clients::Asked { q: Some(q.to_owned()), after: None };
    let people = async {
        match q.is_empty() {
            true => store.people_of(&Membership::Firm).await,
            false => store.everybody().await,
        }
    };
    let (found, people) = tokio::join!(find(&store, &looked_for, CHOICES_MAX), people);
    let (found, people) = (found?, people?);
    let mut named: BTreeMap<(String, PersonId), String> = BTreeMap::new();
    for person in people.into_iter().filter(|person| holds(&person.name, q) || holds(person.email.as_str(), q)) {
        let place = (person.name.to_lowercase(), person.person);
        named.entry(place).or_insert(person.name);
    }
    let clients: Vec<(ClientId, String)> =
        found.clients.into_iter().map(|(client, _)| (client.client, client.name.to_string())).collect();
    let people: Vec<(PersonId, String)> =
        named.into_iter().map(|((_, person), name)| (person, name)).take(CHOICES_MAX).collect();
    let body = pages::choice(&ChoiceView { q, clients: &clients, clients_count: found.count, people: &people });
    page.show(app, firm, Shell::new("Audit", Place::Audit), body).await
}

fn holds(text: &str, q: &str) -> bool {
    let text = text.to_lowercase();
    q.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// A reader in front of one chain.
struct Reading<'a> {
    app: &'a App,
    audit: AuditStore<'a>,
    firm: FirmStore<'a, ViewFirm>,
    chain: Chain,
    subject: Subject,
}

impl<'a> Reading<'a> {
    async fn of_client(
        app: &'a App,
        scope: &'a FirmScope<ViewAudit>,
        firm: &'a FirmScope<ViewFirm>,
        client: ClientId,
    ) -> Result<Self, Failure> {
        let (audit, firm) = (AuditStore::open(app.aws(), scope), FirmStore::open(app.aws(), firm));
        let name = firm.client(&client).await?.ok_or(Failure::NotFound)?.name.to_string();
        let chain = audit.client_chain(&client);
        Ok(Self { app, audit, firm, chain, subject: Subject::Client { client, name } })
    }

    async fn of_person(
        app: &'a App,
        scope: &'a FirmScope<ViewAudit>,
        firm: &'a FirmScope<ViewFirm>,
        person: PersonId,
    ) -> Result<Self, Failure> {
        let (audit, firm) = (AuditStore::open(app.aws(), scope), FirmStore::open(app.aws(), firm));
        let name = firm.memberships(&person).await?.into_iter().next().ok_or(Failure::NotFound)?.name;
        let chain = audit.person_chain(&person);
        Ok(Self { app, audit, firm, chain, subject: Subject::Person { person, name } })
    }

    /// A page of the chain, against the event that says it was read.
    async fn page(&self, after: Option<u64>) -> Result<(Vec<AuditRow>, Option<u64>), Failure> {
        let object = match &self.subject {
            Subject::Client { client, .. } => Object::new("client", client),
            Subject::Person { person, .. } => Object::new("person", person),
        };
        let mut moment = self.app.moment();
        let (viewed, page) =
            tokio::join!(self.firm.audit_viewed(object, &mut moment), self.audit.page(&self.chain, after));
        viewed?;
        Ok(page?)
    }

    async fn answer(&self, after: Option<u64>) -> Result<Response, Failure> {
        let (rows, next) = self.page(after).await?;
        let names = self.names(&rows).await?;
        let items = rows.into_iter().map(|row| EventOut::of(row, &names)).collect();
        Ok(answers::json(&EventList { items, next }))
    }

    async fn one(&self, seq: u64) -> Result<(AuditRow, Names), Failure> {
        let (rows, _) = self.page(Some(seq.saturating_add(1))).await?;
        let row = rows.into_iter().next().filter(|row| row.event.seq == seq).ok_or(Failure::NotFound)?;
        let names = self.names(std::slice::from_ref(&row)).await?;
        Ok((row, names))
    }

    /// Events of a kind: as many pages as it takes to fill one, within bounds.
    async fn some(
        &self,
        kind: Option<Kind>,
        after: Option<u64>,
    ) -> Result<(Vec<AuditRow>, Option<u64>, Names), Failure> {
        let (mut rows, mut next) = self.page(after).await?;
        if let Some(kind) = kind {
            rows.retain(|row| kind.holds(&row.event));
            for _ in 1..limits::AUDIT_PAGES_LOOKED_THROUGH_MAX {
                let Some(after) = next.filter(|_| rows.len() < limits::PAGE_ROWS_MAX / 2) else { break };
                let (more, further) = self.audit.page(&self.chain, Some(after)).await?;
                rows.extend(more.into_iter().filter(|row| kind.holds(&row.event)));
                next = further;
            }
        }
        let names = self.names(&rows).await?;
        Ok((rows, next, names))
    }

    async fn names(&self, rows: &[AuditRow]) -> Result<Names, Failure> {
        let mut wanted = Vec::new();
        for AuditRow { event, .. } in rows {
            if let Who::Person { person, role, .. } = &event.actor {
                wanted.extend(self.listed_as(*role).map(|membership| (membership, person.clone())));
            }
            if event.obj.kind == "person" {
                wanted.extend(PersonId::parse(&event.obj.id).ok().map(|person| (Membership::Firm, person)));
            }
        }
        let listed = if wanted.is_empty() { BTreeMap::new() } else { self.firm.named(&wanted).await? };
        let mut names: Names = listed.into_iter().map(|(person, listed)| (person, listed.name)).collect();
        if let Subject::Person { person, name } = &self.subject {
            names.insert(person.clone(), name.clone());
        }
        Ok(names)
    }

    /// Under which membership the firm lists somebody who acted in this role in this chain.
    fn listed_as(&self, role: Role) -> Option<Membership> {
        match (&self.subject, role.is_client()) {
            (_, false) => Some(Membership::Firm),
            (Subject::Client { client, .. }, true) => Some(Membership::Client(client.clone())),
            // Its own name is known.
            (Subject::Person { .. }, true) => None,
        }
    }
}
