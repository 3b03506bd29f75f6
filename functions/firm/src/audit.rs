//! Reading the audit: one chain at a time, newest first, in words. Reading it is an event itself, written before what it
//! is about is given out.

use std::collections::{BTreeMap, BTreeSet};

use access::{Actor, FirmScope};
use axum::extract::State;
use axum::response::Response;
use domain::audit::{Act, Chain, Object, Outcome, Who};
use domain::permissions::{ViewAudit, ViewDocuments, ViewFirm};
use domain::person::Membership;
use domain::{ClientId, DocumentId, EventId, PersonId, Role, SessionId, Timestamp, limits};
use futures::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AuditRow, AuditStore, ClientStore, FirmStore};
use web::{App, Failure, Page, Path, Place, Query, Shell, answers};

use crate::clients::{self, find};
use crate::pages::audit::{self as pages, ChoiceView, EventsView, Kind, OneEventView, Subject};
use crate::pages::{holds_all, words_of};

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
        /// As whom somebody of the firm looked at a client's portal.
        #[serde(skip_serializing_if = "Option::is_none")]
        viewing_as: Option<PersonId>,
    },
    /// A part of the portal itself.
    Worker { function: String },
    /// Somebody who is not signed in.
    Nobody,
}

/// Names of documents and projects, by id.
pub(crate) type Titles = BTreeMap<String, String>;

/// Names of the people in a list of events.
pub(crate) type Names = BTreeMap<PersonId, String>;

impl EventOut {
    fn of(row: AuditRow, names: &Names) -> Self {
        let event = row.event;
        let actor = match event.actor {
            Who::Person { person, role, session, viewing_as } => {
                let name = names.get(&person).cloned();
                ActorOut::Person { person, role, session, name, viewing_as }
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

pub(crate) async fn firm_json(
    State(app): State<App>,
    scope: FirmScope<ViewAudit>,
    firm: FirmScope<ViewFirm>,
    Query(After { after }): Query<After>,
) -> Result<Response, Failure> {
    Reading::of_firm(&app, &scope, &firm).await?.answer(after).await
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
    /// `firm`: what was done to the firm as a whole.
    #[serde(default)]
    of: Option<String>,
    /// Only events of one kind.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    after: Option<u64>,
    /// One event in full.
    #[serde(default)]
    event: Option<u64>,
    /// A client's or person's name to look for, or the code on a copy.
    #[serde(default)]
    q: Option<String>,
    /// Clients that were looked through for the code before.
    #[serde(default)]
    from: usize,
}

pub(crate) async fn page(
    State(app): State<App>,
    actor: Actor,
    scope: FirmScope<ViewAudit>,
    firm: FirmScope<ViewFirm>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    if let Some(code) = asked.code() {
        return look_up(&app, &scope, &firm, &page, &asked, &code).await;
    }
    let reading = match (asked.client.clone(), asked.person.clone()) {
        (Some(client), None) => Reading::of_client(&app, &scope, &firm, client).await?,
        (None, Some(person)) => Reading::of_person(&app, &scope, &firm, person).await?,
        (None, None) if asked.of.as_deref() == Some("firm") => Reading::of_firm(&app, &scope, &firm).await?,
        _ => return choose(&app, &firm, &page, &asked).await,
    };
    let brand = app.brand(&firm).await?;
    let (now, zone) = (app.now(), brand.time_zone());
    if let Some(seq) = asked.event {
        let (row, names) = reading.one(seq).await?;
        let titles = reading.titles(&actor, std::slice::from_ref(&row)).await?;
        let view =
            OneEventView { subject: &reading.subject, row: &row, names: &names, titles: &titles, now, zone: &zone };
        let body = pages::event(&view);
        return page.show(&app, &firm, Shell::new("Audit event", Place::Audit), body).await;
    }
    let kind = asked.kind.as_deref().and_then(Kind::parse);
    let (rows, next, names) = reading.some(kind, asked.after, Since(Timestamp::MIN)).await?;
    let titles = reading.titles(&actor, &rows).await?;
    let body = pages::events(&EventsView {
        subject: &reading.subject,
        rows: &rows,
        names: &names,
        titles: &titles,
        kind,
        is_first: asked.after.is_none(),
        next,
        now,
        zone: &zone,
    });
    page.show(&app, &firm, Shell::new("Audit", Place::Audit), body).await
}

impl Asked {
    /// The code on a copy, where that is what was typed.
    fn code(&self) -> Option<EventId> {
        EventId::parse(&self.q.as_deref()?.trim().to_uppercase()).ok()
    }
}

/// Goes to the event that a code names. Whose copy it is on nobody has to know: the clients' chains are looked through,
/// a bounded number at a time.
async fn look_up(
    app: &App,
    scope: &FirmScope<ViewAudit>,
    firm: &FirmScope<ViewFirm>,
    page: &Page,
    asked: &Asked,
    code: &EventId,
) -> Result<Response, Failure> {
    let (audit, store) = (AuditStore::open(app.aws(), scope), FirmStore::open(app.aws(), firm));
    let mut moment = app.moment();
    let (viewed, clients) = tokio::join!(store.audit_viewed(Object::new("event", code), &mut moment), store.clients());
    viewed?;
    let clients: Vec<ClientId> = clients?.into_iter().map(|listed| listed.client).collect();
    // The client that the reader looks at first, then the newest.
    let all: Vec<&ClientId> = match &asked.client {
        Some(client) => clients.iter().filter(|known| *known == client).collect(),
        None => clients.iter().rev().collect(),
    };
    let here: Vec<&ClientId> = all.iter().skip(asked.from).take(limits::CHAINS_LOOKED_THROUGH_MAX).copied().collect();
    for some in here.chunks(limits::CHAINS_AT_ONCE) {
        let looks = some.iter().map(|client| {
            let (audit, chain) = (&audit, audit.client_chain(client));
            async move { audit.find(&chain, code).await.map(|found| found.map(|row| ((*client).clone(), row))) }
        });
        for found in join_all(looks).await {
            if let Some((client, row)) = found? {
                let place = format!("/firm/audit?client={client}&event={}", row.event.seq);
                return Ok(answers::see_other(&place));
            }
        }
    }
    let through = asked.from + here.len();
    let next = (through < all.len()).then_some(through);
    let body = pages::no_event(code, through, all.len(), next);
    page.show(app, firm, Shell::new("Audit", Place::Audit), body).await
}

/// Clients and people to choose from that one screen shows; the rest is found by name.
const CHOICES_MAX: usize = 20;

async fn choose(app: &App, firm: &FirmScope<ViewFirm>, page: &Page, asked: &Asked) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), firm);
    let q = asked.q.as_deref().unwrap_or_default().trim();
    let looked_for = clients::Asked { q: Some(q.to_owned()), ..clients::Asked::default() };
    let people = async {
        match q.is_empty() {
            true => store.people_of(&Membership::Firm).await,
            false => store.everybody().await,
        }
    };
    let (found, people) = tokio::join!(find(&store, &looked_for, CHOICES_MAX), people);
    let (found, people) = (found?, people?);
    let mut named: BTreeMap<(String, PersonId), String> = BTreeMap::new();
    let words = words_of(q);
    let is_found =
        |person: &storage::ListedPerson| holds_all(&person.name, &words) || holds_all(person.email.as_str(), &words);
    for person in people.into_iter().filter(is_found) {
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

/// The oldest instant of what is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since(pub(crate) Timestamp);

/// A reader in front of one chain.
pub(crate) struct Reading<'a> {
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

    async fn of_firm(
        app: &'a App,
        scope: &'a FirmScope<ViewAudit>,
        firm: &'a FirmScope<ViewFirm>,
    ) -> Result<Self, Failure> {
        let name = app.brand(firm).await?.firm_name.clone();
        let (audit, firm) = (AuditStore::open(app.aws(), scope), FirmStore::open(app.aws(), firm));
        let chain = audit.firm_chain();
        Ok(Self { app, audit, firm, chain, subject: Subject::Firm { name } })
    }

    pub(crate) async fn of_person(
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

    pub(crate) fn name(&self) -> &str {
        self.subject.name()
    }

    /// A page of the chain, against the event that says it was read.
    async fn page(&self, after: Option<u64>) -> Result<(Vec<AuditRow>, Option<u64>), Failure> {
        let object = match &self.subject {
            Subject::Client { client, .. } => Object::new("client", client),
            Subject::Person { person, .. } => Object::new("person", person),
            Subject::Firm { .. } => Object::new("chain", "firm"),
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
    pub(crate) async fn some(
        &self,
        kind: Option<Kind>,
        after: Option<u64>,
        Since(since): Since,
    ) -> Result<(Vec<AuditRow>, Option<u64>, Names), Failure> {
        let (mut rows, mut next) = self.page(after).await?;
        let is_past = |rows: &[AuditRow]| rows.last().is_some_and(|last| last.event.at < since);
        if is_past(&rows) {
            next = None;
        }
        if let Some(kind) = kind {
            rows.retain(|row| kind.holds(&row.event));
            for _ in 1..limits::AUDIT_PAGES_LOOKED_THROUGH_MAX {
                let Some(after) = next.filter(|_| rows.len() < limits::PAGE_ROWS_MAX / 2) else { break };
                let (more, further) = self.audit.page(&self.chain, Some(after)).await?;
                let further = further.filter(|_| !is_past(&more));
                rows.extend(more.into_iter().filter(|row| kind.holds(&row.event)));
                next = further;
            }
        }
        rows.retain(|row| row.event.at >= since);
        let names = self.names(&rows).await?;
        Ok((rows, next, names))
    }

    /// What documents and projects are called, for a reader who may see them; without names they are told by their kind.
    async fn titles(&self, actor: &Actor, rows: &[AuditRow]) -> Result<Titles, Failure> {
        let Subject::Client { client, .. } = &self.subject else { return Ok(Titles::new()) };
        let asked: BTreeSet<DocumentId> =
            rows.iter().flat_map(|row| pages::documents_of(&row.event)).take(limits::PAGE_ROWS_MAX).collect();
        let entered = actor.enter::<ViewDocuments>(client.clone(), self.app.aws().vendor(), self.app.now()).await;
        let Ok(scope) = entered else { return Ok(Titles::new()) };
        let store = ClientStore::open(self.app.aws(), &scope);
        let (documents, projects) = tokio::join!(store.document_names(&asked), store.projects());
        let documents = documents?.into_iter().map(|(id, name)| (id.to_string(), name.to_string()));
        let projects = projects?.into_iter().map(|project| (project.id.to_string(), project.name.to_string()));
        Ok(documents.chain(projects).collect())
    }

    async fn names(&self, rows: &[AuditRow]) -> Result<Names, Failure> {
        let mut wanted = Vec::new();
        for AuditRow { event, .. } in rows {
            if let Who::Person { person, role, viewing_as, .. } = &event.actor {
                wanted.extend(self.listed_as(*role).map(|membership| (membership, person.clone())));
                let viewed = viewing_as.clone().zip(self.listed_as(Role::ClientMember));
                wanted.extend(viewed.map(|(person, membership)| (membership, person)));
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
            // No client acts on the firm as a whole.
            (Subject::Firm { .. }, true) => None,
        }
    }
}
