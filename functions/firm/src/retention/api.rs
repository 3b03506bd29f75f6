//! Retention for programs.

use std::collections::{BTreeMap, BTreeSet};

use access::{ClientScope, FirmScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::packs::Pack;
use domain::permissions as may;
use domain::retention::{
    Action, Certificate, Covers, ErasureCommand, Fingerprint, Hold, Item, NewRule, Outcome, Rehearsal, Rules,
    RunCommand, RunState, Scope,
};
use domain::{ClientId, DocumentId, ErasureId, HoldId, PersonId, ProjectId, RunId};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, FirmStore, StepWhat, destroyed};
use web::{App, Failure, IdempotencyKey, Json, Path, Query, answers};

use super::{ask_run, ask_to_erase, change_rules, fingerprint, place_hold, refused, rehearsed, release_hold, rule};
use super::{turn_erasure, turn_run};

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RulesOut {
    /// Named by a change of them.
    version: u64,
    /// The most specific first: it decides.
    rules: Vec<OneRule>,
    /// Clients of whom something is due, held or waited for, as of their last look-through.
    clients: Vec<ExpectedOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OneRule {
    words: String,
    #[serde(flatten)]
    covers: Covers,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ExpectedOut {
    client: ClientId,
    day: String,
    archives: usize,
    deletes: usize,
    held: u64,
}

impl RulesOut {
    fn of(rules: &Rules, expected: Vec<storage::Expected>) -> Self {
        let one = |rule: &domain::retention::Rule| OneRule { words: rule.words(), covers: rule.covers.clone() };
        let client = |one: storage::Expected| ExpectedOut {
            client: one.client,
            day: one.day.to_string(),
            archives: one.archives,
            deletes: one.deletes,
            held: one.held,
        };
        let clients = expected.into_iter().filter(|one| !one.is_quiet()).map(client).collect();
        Self { version: rules.version(), rules: rules.list().iter().map(one).collect(), clients }
    }
}

pub(crate) async fn rules(State(app): State<App>, scope: FirmScope<may::ManageRetention>) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let (rules, expected) = tokio::join!(store.retention_rules(), store.expected());
    Ok(answers::json(&RulesOut::of(&rules?, expected?)))
}

pub(crate) async fn add_rule(
    State(app): State<App>,
    scope: FirmScope<may::ManageRetention>,
    Json(new): Json<NewRule>,
) -> Result<Response, Failure> {
    let rule = rule(&new)?;
    let (_, rules) = change_rules(&app, &scope, |rules| rules.with(rule.clone(), new.version)).await?;
    Ok(answers::json(&RulesOut::of(&rules, Vec::new())))
}

/// What a rule covers; without both it is everything.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Covered {
    #[serde(default)]
    pub(crate) category: Option<String>,
    #[serde(default)]
    pub(crate) pack: Option<String>,
    pub(crate) version: u64,
}

impl Covered {
    pub(crate) fn covers(&self) -> Result<Covers, Failure> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let pack = given(&self.pack).map(|pack| Pack::parse(&pack).ok_or(Failure::NotFound)).transpose()?;
        Ok(match (given(&self.category), pack) {
            (None, None) => Covers::Everything,
            (None, Some(pack)) => Covers::Pack { pack },
            (Some(category), None) => Covers::Category { category },
            (Some(category), Some(pack)) => Covers::CategoryOfPack { category, pack },
        })
    }
}

pub(crate) async fn remove_rule(
    State(app): State<App>,
    scope: FirmScope<may::ManageRetention>,
    Query(asked): Query<Covered>,
) -> Result<Response, Failure> {
    let covers = asked.covers()?;
    let (_, rules) = change_rules(&app, &scope, |rules| rules.without(&covers, asked.version)).await?;
    Ok(answers::json(&RulesOut::of(&rules, Vec::new())))
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientOut {
    today: ListOut,
    /// In force and released, the newest first.
    holds: Vec<HoldOut>,
    runs: Vec<RunId>,
    erasures: Vec<ErasureId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ListOut {
    day: String,
    /// Named by whoever confirms it.
    list: Fingerprint,
    items: Vec<ItemOut>,
    held: Vec<HeldOut>,
    waiting: BTreeMap<&'static str, u64>,
    left: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ItemOut {
    document: DocumentId,
    action: Action,
    due_on: String,
    rule: String,
    digest: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HeldOut {
    document: DocumentId,
    holds: Vec<HoldId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HoldOut {
    id: HoldId,
    #[serde(flatten)]
    covers: Scope,
    reason: Option<String>,
    /// Whom to ask about it.
    owner: PersonId,
    placed_at: String,
    released_at: Option<String>,
}

impl ListOut {
    fn of(list: &Rehearsal) -> Result<Self, Failure> {
        let item = |item: &Item| ItemOut {
            document: item.document.clone(),
            action: item.action,
            due_on: item.due_on.to_string(),
            rule: item.rule.words(),
            digest: item.digest.clone(),
        };
        let held = |one: &domain::retention::HeldItem| HeldOut {
            document: one.item.document.clone(),
            holds: one.holds.clone(),
        };
        Ok(Self {
            day: list.day.to_string(),
            list: fingerprint(list)?,
            items: list.items.iter().map(item).collect(),
            held: list.held.iter().map(held).collect(),
            waiting: list.waiting.iter().map(|(waits, count)| (waits.as_str(), *count)).collect(),
            left: list.left,
        })
    }
}

impl HoldOut {
    fn of(hold: Hold) -> Self {
        Self {
            id: hold.id,
            covers: hold.scope,
            reason: hold.reason.map(String::from),
            owner: hold.owner,
            placed_at: hold.placed_at.to_string(),
            released_at: hold.released.map(|released| released.at.to_string()),
        }
    }
}

pub(crate) async fn client(
    State(app): State<App>,
    scope: ClientScope<may::ViewRetention>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (list, holds, runs, erasures) =
        tokio::join!(rehearsed(&app, &scope), store.holds_of_record(), store.runs(), store.erasures());
    Ok(answers::json(&ClientOut {
        today: ListOut::of(&list?)?,
        holds: holds?.into_iter().map(HoldOut::of).collect(),
        runs: runs?.into_iter().map(|run| run.id).collect(),
        erasures: erasures?.into_iter().map(|row| row.erasure.id).collect(),
    }))
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Made {
    id: String,
}

fn created(id: String) -> Response {
    answers::json_with(StatusCode::CREATED, &Made { id })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldIn {
    /// Both left out: the whole client.
    #[serde(default)]
    project: Option<ProjectId>,
    #[serde(default)]
    documents: Option<BTreeSet<DocumentId>>,
    reason: String,
}

pub(crate) async fn place(
    State(app): State<App>,
    scope: ClientScope<may::PlaceHolds>,
    key: IdempotencyKey,
    Json(new): Json<HoldIn>,
) -> Result<Response, Failure> {
    let covers = match (new.project, new.documents) {
        (None, None) => Scope::Client,
        (Some(project), None) => Scope::Project { project },
        (None, Some(documents)) => Scope::Documents { documents },
        (Some(_), Some(_)) => return Err(refused("Name a project or documents, not both.")),
    };
    Ok(created(place_hold(&app, &scope, covers, &new.reason, &key).await?))
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfHold {
    pub(crate) hold: HoldId,
}

pub(crate) async fn release(
    State(app): State<App>,
    scope: ClientScope<may::ReleaseHolds>,
    Path(OfHold { hold }): Path<OfHold>,
) -> Result<Response, Failure> {
    release_hold(&app, &scope, &hold).await?;
    Ok(answers::no_content())
}

pub(crate) async fn ask(
    State(app): State<App>,
    scope: ClientScope<may::ConfirmDeletion>,
    key: IdempotencyKey,
) -> Result<Response, Failure> {
    Ok(created(ask_run(&app, &scope, &key).await?))
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfRun {
    pub(crate) run: RunId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunOut {
    id: RunId,
    state: &'static str,
    asked_by: PersonId,
    list: ListOut,
    /// What became of each document so far: `archived`, `deleted`, or why it stays.
    became: BTreeMap<DocumentId, String>,
    outcome: Option<Outcome>,
    certificate: Option<String>,
}

pub(crate) async fn run(
    State(app): State<App>,
    scope: ClientScope<may::ViewRetention>,
    Path(OfRun { run }): Path<OfRun>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (run, steps) = tokio::join!(store.run(&run), store.steps(&run));
    let (run, steps) = (run?.ok_or(Failure::NotFound)?, steps?);
    let list = store.list_of(&run).await?;
    let outcome = match &run.state {
        RunState::Done { outcome, .. } => Some(*outcome),
        _ => None,
    };
    let certificate = Certificate::of(scope.client_firm(), &run, destroyed(&list, &steps));
    Ok(answers::json(&RunOut {
        state: run.state.as_str(),
        asked_by: run.asked_by,
        id: run.id,
        list: ListOut::of(&list)?,
        became: steps.into_iter().map(|step| (step.document, became(&step.what).to_owned())).collect(),
        outcome,
        certificate: certificate.map(|certificate| certificate.text()),
    }))
}

pub(crate) fn became(what: &StepWhat) -> &'static str {
    match what {
        StepWhat::Begun { .. } => "begun",
        StepWhat::Done { action: Action::Archive, .. } => "archived",
        StepWhat::Done { action: Action::Delete, .. } => "deleted",
        StepWhat::Skipped { why } => why.sentence(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    /// The fingerprint of the list that was looked at.
    pub(crate) list: String,
}

impl Seen {
    pub(crate) fn by(self, by: &PersonId) -> Result<RunCommand, Failure> {
        Ok(RunCommand::Confirm { by: by.clone(), seen: Fingerprint::parse(&self.list).map_err(refused)? })
    }
}

pub(crate) async fn confirm(
    State(app): State<App>,
    scope: ClientScope<may::ConfirmDeletion>,
    Path(OfRun { run }): Path<OfRun>,
    Json(seen): Json<Seen>,
) -> Result<Response, Failure> {
    turn_run(&app, &scope, &run, seen.by(scope.person())?).await?;
    Ok(answers::no_content())
}

pub(crate) async fn cancel(
    State(app): State<App>,
    scope: ClientScope<may::ConfirmDeletion>,
    Path(OfRun { run }): Path<OfRun>,
) -> Result<Response, Failure> {
    turn_run(&app, &scope, &run, RunCommand::Cancel { by: scope.person().clone() }).await?;
    Ok(answers::no_content())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    pub(crate) reason: String,
}

pub(crate) async fn ask_erasure(
    State(app): State<App>,
    scope: ClientScope<may::EraseClients>,
    key: IdempotencyKey,
    Json(Why { reason }): Json<Why>,
) -> Result<Response, Failure> {
    Ok(created(ask_to_erase(&app, &scope, &reason, &key).await?))
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfErasure {
    pub(crate) erasure: ErasureId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ErasureOut {
    id: ErasureId,
    state: &'static str,
    asked_by: PersonId,
    certificate: Option<String>,
}

pub(crate) async fn erasure(
    State(app): State<App>,
    scope: ClientScope<may::ViewRetention>,
    Path(OfErasure { erasure }): Path<OfErasure>,
) -> Result<Response, Failure> {
    let row = ClientStore::open(app.aws(), &scope).erasure(&erasure).await?.ok_or(Failure::NotFound)?;
    let certificate = row.erasure.certificate(scope.client_firm());
    let (id, state, asked_by) = (row.erasure.id, row.erasure.state.as_str(), row.erasure.asked_by);
    Ok(answers::json(&ErasureOut { id, state, asked_by, certificate }))
}

pub(crate) async fn confirm_erasure(
    State(app): State<App>,
    scope: ClientScope<may::EraseClients>,
    Path(OfErasure { erasure }): Path<OfErasure>,
) -> Result<Response, Failure> {
    turn_erasure(&app, &scope, &erasure, ErasureCommand::Confirm { by: scope.person().clone() }).await?;
    Ok(answers::no_content())
}

pub(crate) async fn cancel_erasure(
    State(app): State<App>,
    scope: ClientScope<may::EraseClients>,
    Path(OfErasure { erasure }): Path<OfErasure>,
) -> Result<Response, Failure> {
    turn_erasure(&app, &scope, &erasure, ErasureCommand::Cancel { by: scope.person().clone() }).await?;
    Ok(answers::no_content())
}
