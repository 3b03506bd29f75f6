//! The review of who has access: a partner goes through everybody, keeps or takes away each place, and the list
//! remembers how far it is. Nothing is taken from anybody but by a partner's own hand.

use std::collections::{BTreeMap, BTreeSet};

use access::{Actor, FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::firm::review::{self, Review, Reviewed, Standing};
use domain::permissions::{AssignStaff, EndMemberships, ReviewAccess};
use domain::person::Membership;
use domain::person::change::Change;
use domain::{ClientId, PersonId, Role, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AssignedClient, FirmStore, LastSignIn, ListedPerson};
use web::{App, Failure, Fields, Form, Json, Page, Path, Place, Query, Shell, answers};

use crate::pages::review::{self as pages, OneReview, ReviewView};
use crate::person::Names;

/// Where somebody gets in: as itself in the firm (`FIRM`), to a client, or as one of a client's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) place: String,
    pub(crate) name: String,
    pub(crate) since: Option<Timestamp>,
}

/// One membership with everything it opens, and what was decided for it in this round.
pub(crate) struct ToReview {
    pub(crate) person: ListedPerson,
    pub(crate) last: Option<LastSignIn>,
    pub(crate) access: Vec<Access>,
    pub(crate) reviewed: Option<Reviewed>,
}

impl ToReview {
    fn of(
        person: ListedPerson,
        assigned: Vec<AssignedClient>,
        last: Option<LastSignIn>,
        reviewed: Option<Reviewed>,
    ) -> Self {
        let own = Access {
            place: person.membership.clone(),
            name: match (person.role, &person.client_name) {
                (Role::Partner, _) => "Every client, and the firm itself".to_owned(),
                (Role::Staff, _) => "The firm, as staff".to_owned(),
                (role, Some(client)) => format!("{client}, as {}", role.title().to_lowercase()),
                (role, None) => role.title().to_owned(),
            },
            since: person.since,
        };
        let clients = assigned.into_iter().map(|one| Access {
            place: one.client.to_string(),
            name: one.client_name,
            since: Some(one.at),
        });
        let clients: Vec<Access> = if person.role == Role::Staff { clients.collect() } else { Vec::new() };
        Self { access: [own].into_iter().chain(clients).collect(), person, last, reviewed }
    }
}

/// How far a round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) done: usize,
    pub(crate) all: usize,
}

/// Which part of the list.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
pub(crate) struct Asked {
    /// Also those that have been reviewed.
    #[serde(default)]
    pub(crate) all: Option<u8>,
    /// How many come before this page.
    #[serde(default)]
    pub(crate) from: usize,
}

/// A page of an open round: those still to be reviewed, people of the firm first.
async fn part(
    store: &FirmStore<'_, ReviewAccess>,
    round: &Review,
    asked: Asked,
) -> Result<(Vec<ToReview>, Progress, usize), Failure> {
    let (people, reviewed) = tokio::join!(store.everybody(), store.reviewed(round.round));
    let (mut people, mut reviewed) = (people?, reviewed?);
    people.retain(ListedPerson::is_active);
    people.sort_by_cached_key(|one| {
        let client = one.client_name.as_ref().map(|name| name.as_str().to_lowercase());
        (client, one.role != Role::Partner, one.name.to_lowercase(), one.person.clone())
    });
    let key = |one: &ListedPerson| (one.belongs(), one.person.clone());
    let all = people.len();
    let done = people.iter().filter(|one| reviewed.contains_key(&key(one))).count();
    if asked.all.is_none() {
        people.retain(|one| !reviewed.contains_key(&key(one)));
    }
    let listed = people.len();
    let people: Vec<ListedPerson> = people.into_iter().skip(asked.from).take(limits::REVIEWED_PER_PAGE).collect();
    let ids: Vec<PersonId> = people.iter().map(|one| one.person.clone()).collect();
    let assigned = futures::future::join_all(people.iter().map(|one| async {
        match one.role {
            Role::Staff => store.assigned_to(&one.person).await,
            _ => Ok(Vec::new()),
        }
    }));
    let (assigned, last) = tokio::join!(assigned, store.last_sign_ins(&ids));
    let mut last: BTreeMap<PersonId, LastSignIn> = last?;
    let mut list = Vec::new();
    for (one, assigned) in people.into_iter().zip(assigned) {
        let (seen, decided) = (last.remove(&one.person), reviewed.remove(&key(&one)));
        list.push(ToReview::of(one, assigned?, seen, decided));
    }
    Ok((list, Progress { done, all }, listed))
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: Option<String>,
}

impl Done {
    fn notice(&self) -> Option<&'static str> {
        match self.done.as_deref()? {
            "kept" => Some("Kept."),
            "changed" => Some("Saved. What was taken away ended at once."),
            "started" => Some("The review has begun. You can go on with it at any time."),
            "finished" => Some("The review is done."),
            _ => None,
        }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<ReviewAccess>,
    page: Page,
    Query(asked): Query<Asked>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let (last, began, brand) = tokio::join!(store.review(), store.began(), app.brand(&scope));
    let (last, began, brand) = (last?, began?, brand?);
    let (now, zone) = (app.now(), brand.time_zone());
    let standing = review::standing(last.as_ref(), began, now);
    let names = names(&store, last.as_ref()).await?;
    let open = last.as_ref().filter(|_| standing == Standing::Open);
    let (people, progress, listed) = match open {
        Some(round) => part(&store, round, asked).await?,
        None => (Vec::new(), Progress { done: 0, all: 0 }, 0),
    };
    let body = pages::review(&ReviewView {
        standing,
        last: last.as_ref(),
        names: &names,
        people: &people,
        progress,
        listed,
        asked,
        reader: scope.person(),
        csrf: &page.csrf,
        now,
        zone: &zone,
    });
    let shell = Shell::new("Review of access", Place::People).notice(done.notice());
    page.show(&app, &scope, shell, body).await
}

/// Of whoever began and finished the round.
async fn names(store: &FirmStore<'_, ReviewAccess>, last: Option<&Review>) -> Result<Names, Failure> {
    let people = last.into_iter().flat_map(|last| [Some(&last.started_by), last.finished_by.as_ref()]).flatten();
    let wanted: Vec<(Membership, PersonId)> = people.map(|person| (Membership::Firm, person.clone())).collect();
    if wanted.is_empty() {
        return Ok(Names::new());
    }
    Ok(store.named(&wanted).await?.into_iter().map(|(person, listed)| (person, listed.name)).collect())
}

/// What the list's own buttons ask for.
#[derive(Debug, Deserialize)]
pub(crate) struct Act {
    #[serde(default)]
    act: String,
}

pub(crate) async fn act(
    State(app): State<App>,
    scope: FirmScope<ReviewAccess>,
    Form(Act { act }): Form<Act>,
) -> Result<Response, Failure> {
    match act.as_str() {
        "start" => {
            start(&app, &scope).await?;
            Ok(answers::see_other("/firm/review?done=started"))
        }
        "finish" => {
            finish(&app, &scope).await?;
            Ok(answers::see_other("/firm/review?done=finished"))
        }
        _ => Err(Failure::Refused("Open the review and press one of its buttons.".into())),
    }
}

async fn start(app: &App, scope: &FirmScope<ReviewAccess>) -> Result<Review, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    match store.review().await? {
        Some(open) if open.is_open() => Ok(open),
        last => Ok(store.start_review(last.as_ref(), &mut app.moment()).await?),
    }
}

/// Done is what has been gone through, every membership of it.
async fn finish(app: &App, scope: &FirmScope<ReviewAccess>) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let open = store.review().await?.filter(Review::is_open);
    let open = open.ok_or_else(|| Failure::Refused("No review has begun.".into()))?;
    let (_, progress, _) = part(&store, &open, Asked::default()).await?;
    if progress.done < progress.all {
        let left = progress.all - progress.done;
        let people = web::ui::words::count(left, "person is", "people are");
        return Err(Failure::Refused(format!("{people} still to be reviewed.")));
    }
    Ok(store.finish_review(&open, &mut app.moment()).await?)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    membership: String,
    person: PersonId,
}

impl Of {
    fn place(&self) -> Result<Membership, Failure> {
        Membership::parse(&self.membership).ok_or(Failure::NotFound)
    }
}

pub(crate) async fn save(
    State(app): State<App>,
    actor: Actor,
    scope: FirmScope<ReviewAccess>,
    Path(of): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let named = |name: &str| -> BTreeSet<String> { fields.all(name).map(str::to_owned).collect() };
    let (shown, kept) = (named("shown"), named("keep"));
    if shown.is_empty() {
        return Err(Failure::Refused("Open the review and go through the person's list there.".into()));
    }
    let taken: BTreeSet<String> = shown.difference(&kept).cloned().collect();
    let kept: BTreeSet<String> = shown.intersection(&kept).cloned().collect();
    let is_changed = !taken.is_empty();
    decided(&app, &actor, &scope, &of.place()?, &of.person, &kept, &taken).await?;
    Ok(answers::see_other(if is_changed { "/firm/review?done=changed" } else { "/firm/review?done=kept" }))
}

/// Takes away what was not kept, then writes down that the membership was gone through.
async fn decided(
    app: &App,
    actor: &Actor,
    scope: &FirmScope<ReviewAccess>,
    membership: &Membership,
    person: &PersonId,
    kept: &BTreeSet<String>,
    taken: &BTreeSet<String>,
) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let open = store.review().await?.filter(Review::is_open);
    let open = open.ok_or_else(|| Failure::Refused("No review has begun. Begin one first.".into()))?;
    store.member(person, membership).await?.ok_or(Failure::NotFound)?;
    let (vendor, now) = (app.aws().vendor(), app.now());
    if taken.contains(membership.as_str()) {
        let ending = actor.firm::<EndMemberships>(vendor, now).await?;
        // The list said whose last admin it is, if it was.
        crate::person::changed(app, &ending, person, membership, true, &|_| Ok(Change::End)).await?;
    }
    let clients: Vec<ClientId> = taken
        .iter()
        .filter(|place| *place != membership.as_str())
        .filter_map(|place| ClientId::parse(place).ok())
        .collect();
    if !clients.is_empty() && *membership == Membership::Firm {
        let assigning = actor.firm::<AssignStaff>(vendor, now).await?;
        let assignments = FirmStore::open(app.aws(), &assigning);
        for client in &clients {
            crate::assignments::set(app, &assignments, person, client, false).await?;
        }
    }
    let reviewed = Reviewed { kept: kept.clone(), at: now, by: scope.person().clone() };
    Ok(store.save_reviewed(open.round, membership, person, &reviewed, &mut app.moment()).await?)
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReviewOut {
    /// `rests`, `due` or `open`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    finished_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_by: Option<PersonId>,
    #[schemars(with = "String")]
    next_due_at: Timestamp,
    done: usize,
    all: usize,
    people: Vec<ToReviewOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ToReviewOut {
    person: PersonId,
    /// `FIRM`, or a client's id.
    membership: String,
    name: String,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    last_signed_in_at: Option<Timestamp>,
    access: Vec<AccessOut>,
    reviewed: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AccessOut {
    place: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    since: Option<Timestamp>,
}

pub(crate) async fn show_json(
    State(app): State<App>,
    scope: FirmScope<ReviewAccess>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let (last, began) = tokio::join!(store.review(), store.began());
    let (last, began) = (last?, began?);
    let standing = review::standing(last.as_ref(), began, app.now());
    let (state, next_due_at) = match standing {
        Standing::Rests { until } => ("rests", until),
        Standing::Due { since } => ("due", since),
        Standing::Open => ("open", last.as_ref().map_or(began, |last| last.started_at)),
    };
    let (people, progress) = match last.as_ref().filter(|_| standing == Standing::Open) {
        Some(round) => {
            let (people, progress, _) = part(&store, round, asked).await?;
            (people, progress)
        }
        None => (Vec::new(), Progress { done: 0, all: 0 }),
    };
    let out = |one: ToReview| ToReviewOut {
        person: one.person.person,
        membership: one.person.membership,
        name: one.person.name,
        role: one.person.role,
        last_signed_in_at: one.last.map(|last| last.at),
        access: one
            .access
            .into_iter()
            .map(|access| AccessOut { place: access.place, name: access.name, since: access.since })
            .collect(),
        reviewed: one.reviewed.is_some(),
    };
    Ok(answers::json(&ReviewOut {
        state,
        round: last.as_ref().map(|last| last.round),
        finished_at: last.as_ref().and_then(|last| last.finished_at),
        finished_by: last.and_then(|last| last.finished_by),
        next_due_at,
        done: progress.done,
        all: progress.all,
        people: people.into_iter().map(out).collect(),
    }))
}

/// `start` or `finish`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAct {
    act: ReviewAct,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReviewAct {
    Start,
    Finish,
}

pub(crate) async fn act_json(
    State(app): State<App>,
    scope: FirmScope<ReviewAccess>,
    Json(NewAct { act }): Json<NewAct>,
) -> Result<Response, Failure> {
    match act {
        ReviewAct::Start => drop(start(&app, &scope).await?),
        ReviewAct::Finish => finish(&app, &scope).await?,
    }
    Ok(answers::no_content())
}

/// What stays of somebody's access; everything that is not named in `keep` or `remove` is left as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    keep: BTreeSet<String>,
    #[serde(default)]
    remove: BTreeSet<String>,
}

pub(crate) async fn save_json(
    State(app): State<App>,
    actor: Actor,
    scope: FirmScope<ReviewAccess>,
    Path(of): Path<Of>,
    Json(Decision { keep, remove }): Json<Decision>,
) -> Result<Response, Failure> {
    if keep.intersection(&remove).next().is_some() {
        return Err(Failure::Refused("A place is kept or removed, not both.".into()));
    }
    decided(&app, &actor, &scope, &of.place()?, &of.person, &keep, &remove).await?;
    Ok(answers::no_content())
}

/// What one person's part of the list is drawn from.
pub(crate) fn view_of<'a>(one: &'a ToReview, reader: &PersonId) -> OneReview<'a> {
    OneReview { one, is_reader: one.person.person == *reader }
}
