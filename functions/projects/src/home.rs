//! The first page of each role, and one client at a glance.

use access::{Actor, ClientScope, Denied, HomeScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::firm::review::Standing;
use domain::message::{ReadMark, Side, Thread};
use domain::permissions::{ViewFirm, ViewProjects};
use domain::project::card::most_urgent_first;
use domain::project::home::{coming, to_send_again};
use domain::{ClientId, DocumentId, PermissionName, Role, limits, project};
use maud::{Markup, html};
use serde::Deserialize;
use storage::{ClientStore, ClientsView, DocumentFilter, FirmStore, HomeStore, StorageError};
use web::ui::Button;
use web::ui::feedback::{Banner, Tone, banner};
use web::{App, Failure, Page, Place, Query, Shell, answers};

use crate::pages::Reader;
use crate::pages::client_home::{self, ClientHome, Conversation};
use crate::pages::overview::{self, Overview};
use crate::pages::partner_board::{self, List, PartnerBoard, Shown};
use crate::pages::staff_home;

/// What the partners' board is narrowed to, and where its list goes on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Narrowed {
    #[serde(default)]
    show: Option<String>,
    #[serde(default)]
    pack: Option<String>,
    #[serde(default)]
    phase: Option<usize>,
    #[serde(default)]
    from: Option<usize>,
}

/// What has just been done about a document, in the address after a redirect.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Settled {
    done: Option<String>,
    document: Option<DocumentId>,
}

impl Settled {
    /// Words of ours, and the address that takes it back.
    fn said(&self, client: &ClientId) -> Option<(&'static str, String)> {
        let document = self.document.as_ref().filter(|_| self.done.as_deref() == Some("not-needed"))?;
        Some(("Taken off your list.", format!("/clients/{client}/documents/{document}/needed")))
    }
}

pub(crate) async fn home(
    State(app): State<App>,
    actor: Actor,
    Query(narrowed): Query<Narrowed>,
    page: Page,
) -> Result<Response, Failure> {
    let (vendor, now) = (app.aws().vendor(), app.now());
    let home = match actor.home(vendor, now).await {
        // Operators have no home in any firm.
        Err(Denied::Lacks) => return Ok(answers::see_other(web::home(Role::PlatformAdmin))),
        home => home?,
    };
    match home.role() {
        Role::PlatformAdmin => Ok(answers::see_other(web::home(Role::PlatformAdmin))),
        Role::Staff => of_staff(&app, &home, &page).await,
        Role::Partner if home.may(PermissionName::ViewFirm) => {
            let scope = actor.firm::<ViewFirm>(vendor, now).await?;
            let view = ClientsView::open(app.aws(), &scope);
            let firm = FirmStore::open(app.aws(), &scope);
            let (outlines, brand, review) = tokio::join!(view.outlines(), app.brand(&scope), firm.review_standing(now));
            let (outlines, brand, review) = (outlines?, brand?, review?);
            let reader = Reader::of(&scope, &brand, now);
            let shown = Shown::of(narrowed.show.as_deref(), narrowed.pack.as_deref(), narrowed.phase);
            let list = List::of(&outlines, shown, narrowed.from.unwrap_or(0), &reader);
            let cards = view.cards(&list.clients()).await?;
            let view = PartnerBoard { reader: &reader, outlines: &outlines, list: &list, cards: &cards };
            let shell = Shell::new("Board", Place::Home).wide();
            let body = html! { (review.map_or_else(|| html! {}, review_waits)) (partner_board::board(&view)) };
            page.show(&app, &scope, shell, body).await
        }
        // A partner from whom the firm took the overview has what it is assigned to, as staff have.
        Role::Partner => of_staff(&app, &home, &page).await,
        Role::ClientMember | Role::ClientAdmin => {
            let client = home.vended().grant.client.clone().ok_or(Failure::NotFound)?;
            if !home.may(PermissionName::ViewProjects) && home.may(PermissionName::ViewDocuments) {
                return Ok(answers::see_other(&format!("/clients/{client}/documents")));
            }
            let scope = actor.enter::<ViewProjects>(client, vendor, now).await?;
            of_client(&app, &scope, &page, &Settled::default()).await
        }
    }
}

/// A partner is reminded where every day begins; whoever has a part in the review finds the way to it.
fn review_waits(standing: Standing) -> Markup {
    let title = match standing {
        Standing::Rests { .. } => return html! {},
        Standing::Due { .. } => "The quarter's review of who has access is due",
        Standing::Open => "The review of who has access has begun and is not done yet",
    };
    banner(&Banner {
        tone: Tone::Attention,
        title,
        text: None,
        action: Some(Button::quiet("Go to the review").small().link("/firm/review")),
    })
}

/// Every client that somebody may see, on one page.
pub(crate) async fn clients(State(app): State<App>, actor: Actor, page: Page) -> Result<Response, Failure> {
    let (vendor, now) = (app.aws().vendor(), app.now());
    let home = match actor.home(vendor, now).await {
        Err(Denied::Lacks) => return Ok(answers::see_other(web::home(Role::PlatformAdmin))),
        home => home?,
    };
    match home.role() {
        Role::Staff => {
            let store = HomeStore::open(app.aws(), &home);
            let (cards, brand) = tokio::join!(store.assigned(), app.brand(&home));
            let (mut cards, brand) = (cards?, brand?);
            let reader = Reader::of(&home, &brand, app.now());
            cards.sort_by_cached_key(|card| (card.client_name.to_lowercase(), card.client.clone()));
            page.show(&app, &home, Shell::new("Clients", Place::Clients), staff_home::clients(&reader, &cards)).await
        }
        Role::Partner => Ok(answers::see_other("/firm/clients")),
        role => Ok(answers::see_other(web::home(role))),
    }
}

/// For the firm, the client at a glance; for the client's own people, their home.
pub(crate) async fn client(
    State(app): State<App>,
    scope: ClientScope<ViewProjects>,
    Query(settled): Query<Settled>,
    page: Page,
) -> Result<Response, Failure> {
    if scope.role().is_client() {
        of_client(&app, &scope, &page, &settled).await
    } else {
        glance(&app, &scope, &page, &settled).await
    }
}

async fn of_staff(app: &App, scope: &HomeScope, page: &Page) -> Result<Response, Failure> {
    let store = HomeStore::open(app.aws(), scope);
    let (cards, brand) = tokio::join!(store.assigned(), app.brand(scope));
    let (mut cards, brand) = (cards?, brand?);
    if !scope.may(PermissionName::ReadMessages) {
        cards.iter_mut().for_each(|card| card.asked.clear());
    }
    let reader = Reader::of(scope, &brand, app.now());
    most_urgent_first(&mut cards, reader.today);
    page.show(app, scope, Shell::new("Home", Place::Home), staff_home::home(&reader, &cards)).await
}

async fn of_client(
    app: &App,
    scope: &ClientScope<ViewProjects>,
    page: &Page,
    settled: &Settled,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let newest = DocumentFilter::default();
    let (projects, documents, updates, requests, conversations, brand) = tokio::join!(
        store.projects(),
        store.documents(&newest, None, limits::RECENT_DOCUMENTS_MAX),
        store.updates(None, limits::UPDATES_SHOWN_MAX),
        store.open_requests(),
        conversations(&store, scope),
        app.brand(scope),
    );
    let (mut projects, documents, updates, brand) = (projects?, documents?.documents, updates?, brand?);
    let (requests, conversations) = (requests?, conversations?);
    // Where a line of a list waits for the file, the list asks for it; of an accepted one nothing is needed any more.
    let says = |document: &domain::document::Document| {
        let line = document.request.as_ref().and_then(|on| requests.iter().find_map(|list| list.line(&on.line)));
        line.is_some_and(|line| line.state.is_with_client() || line.state.is_accepted())
    };
    let mut again = to_send_again(&documents, scope.person(), app.now());
    again.retain(|document| !says(document));
    project::home::most_urgent_first(&mut projects);
    let reader = Reader::of(scope, &brand, app.now());
    let view = ClientHome {
        reader: &reader,
        client: scope.client(),
        name: scope.vended().grant.shown_name(),
        again: &again,
        requests: &requests,
        csrf: &page.csrf,
        coming: &coming(&projects, reader.today),
        projects: &projects,
        updates: &updates,
        documents: &documents,
        conversations: &conversations,
        may_ask: scope.may(PermissionName::WriteMessages),
    };
    let said = settled.said(scope.client());
    let shell = Shell::new("Home", Place::Home)
        .notice(said.as_ref().map(|(words, _)| *words))
        .undo(said.as_ref().map(|(_, action)| action.clone()))
        .aside(client_home::aside(&view));
    page.show(app, scope, shell, client_home::home(&view)).await
}

/// Conversations with something new for the reader, or that wait for the company's answer; none for whoever may not read
/// them.
async fn conversations(
    store: &ClientStore<'_, ClientScope<ViewProjects>>,
    scope: &ClientScope<ViewProjects>,
) -> Result<Vec<Conversation>, StorageError> {
    if !scope.may(PermissionName::ReadMessages) {
        return Ok(Vec::new());
    }
    let (threads, marks) = tokio::join!(store.threads(), store.read_marks());
    let (mut threads, marks) = (threads?, marks?);
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.last_at));
    let conversation = |thread: Thread| {
        let unread = ReadMark::of(&marks, &thread.topic).unread(&thread);
        let wanted = thread.waits.is_some_and(|waits| waits.side == Side::Client);
        (unread > 0 || wanted).then_some(Conversation { thread, unread, wanted })
    };
    Ok(threads.into_iter().filter_map(conversation).collect())
}

async fn glance(
    app: &App,
    scope: &ClientScope<ViewProjects>,
    page: &Page,
    settled: &Settled,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let newest = DocumentFilter::default();
    let (profile, projects, team, documents, brand) = tokio::join!(
        store.profile(),
        store.projects(),
        store.team(),
        store.documents(&newest, None, limits::RECENT_DOCUMENTS_MAX),
        app.brand(scope),
    );
    let profile = profile?.ok_or(Failure::NotFound)?;
    let (mut projects, team, documents, brand) = (projects?, team?, documents?.documents, brand?);
    project::home::most_urgent_first(&mut projects);
    let reader = Reader::of(scope, &brand, app.now());
    let view = Overview {
        reader: &reader,
        client: scope.client(),
        name: profile.name.as_str(),
        coming: &coming(&projects, reader.today),
        projects: &projects,
        team: &team,
        documents: &documents,
        may_view_as: scope.may(PermissionName::ViewAsClient),
        may_talk: scope.may(PermissionName::ReadMessages),
    };
    let said = settled.said(scope.client());
    let shell = Shell::new(profile.name.as_str(), Place::Clients)
        .inside(scope.client(), profile.name.as_str())
        .notice(said.as_ref().map(|(words, _)| *words))
        .undo(said.as_ref().map(|(_, action)| action.clone()))
        .aside(overview::aside(&view));
    page.show(app, scope, shell, overview::overview(&view)).await
}
