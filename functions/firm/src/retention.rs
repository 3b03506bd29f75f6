//! How long documents are kept: the firm's rules, and for each client what they would do, what is held, the runs that
//! people asked for and confirmed, and the erasure of a client.

use std::collections::BTreeSet;

use access::{ClientScope, FirmScope, OneClient, OnePerson};
use domain::PermissionName::{ConfirmDeletion, EraseClients, ManageRetention, PlaceHolds, ReleaseHolds, ViewRetention};
use domain::audit::Act;
use domain::permissions as may;
use domain::retention::{
    self as rules_of, ErasureCommand, Fingerprint, HoldRefused, Rehearsal, Rule, Rules, Run, RunCommand, Scope, Setting,
};
use domain::{ErasureId, HoldId, RunId, calendar, limits};
use http::Method;
use storage::{ClientStore, ErasureRow, FirmStore, Once, StorageError, Tries};
use web::{Access, App, Doc, Failure, IdempotencyKey, Routes};

pub(crate) mod api;
pub(crate) mod pages;
pub(crate) mod rules;

/// A page of one client's retention.
macro_rules! at {
    ($rest:literal) => {
        concat!("/firm/clients/{client}/retention", $rest)
    };
}
/// The same for programs.
macro_rules! of {
    ($rest:literal) => {
        concat!("/api/v1/firm/clients/{client}/retention", $rest)
    };
}

pub(crate) fn routes(routes: Routes) -> Routes {
    let needs = Access::Needs;
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let routes = routes
        .page(get.clone(), "/firm/retention", needs(ManageRetention), rules::show)
        .page(post.clone(), "/firm/retention", needs(ManageRetention), rules::add)
        .page(post.clone(), "/firm/retention/remove", needs(ManageRetention), rules::remove)
        .page(post.clone(), "/firm/retention/undo", needs(ManageRetention), rules::undo)
        .page(get.clone(), at!(""), needs(ViewRetention), pages::client)
        .page(post.clone(), at!("/holds"), needs(PlaceHolds), pages::place)
        .page(post.clone(), at!("/holds/{hold}/release"), needs(ReleaseHolds), pages::release)
        .page(post.clone(), at!("/runs"), needs(ConfirmDeletion), pages::ask)
        .page(get.clone(), at!("/runs/{run}"), needs(ViewRetention), pages::run)
        .page(post.clone(), at!("/runs/{run}/confirm"), needs(ConfirmDeletion), pages::confirm)
        .page(post.clone(), at!("/runs/{run}/cancel"), needs(ConfirmDeletion), pages::cancel)
        .page(post.clone(), at!("/erasures"), needs(EraseClients), pages::ask_erasure)
        .page(get.clone(), at!("/erasures/{erasure}"), needs(ViewRetention), pages::erasure)
        .page(post.clone(), at!("/erasures/{erasure}/confirm"), needs(EraseClients), pages::confirm_erasure)
        .page(post.clone(), at!("/erasures/{erasure}/cancel"), needs(EraseClients), pages::cancel_erasure);
    let show = Doc::new("How long the firm keeps documents, and what is due of each client");
    let add = Doc::new("Adds a rule, in place of the one that covers the same").takes::<rules_of::NewRule>();
    let remove = Doc::new("Removes the rule that covers exactly this").query::<api::Covered>();
    let client = Doc::new("What the rules would do to a client's documents today, what is held and what was asked for");
    let place = Doc::new("Places a legal hold").takes::<api::HoldIn>().idempotent();
    let release = Doc::new("Releases a legal hold; others that cover the same stay");
    let ask = Doc::new("Asks for today's list to be archived and deleted").idempotent();
    let run = Doc::new("A run: its list, what became of each document, and its certificate");
    let confirm = Doc::new("Confirms the list with this fingerprint; for deletions by somebody else than who asked")
        .takes::<api::Seen>();
    let cancel = Doc::new("Calls a run off that has not begun");
    let erase = Doc::new("Asks for everything of a client to be erased").takes::<api::Why>().idempotent();
    let erasure = Doc::new("An erasure and its certificate");
    let sure = Doc::new("Confirms an erasure, by somebody else than who asked");
    let not = Doc::new("Calls an erasure off that has not begun");
    routes
        .api(
            get.clone(),
            "/api/v1/firm/retention",
            needs(ManageRetention),
            api::rules,
            show.answers::<api::RulesOut>(200),
        )
        .api(
            put.clone(),
            "/api/v1/firm/retention/rules",
            needs(ManageRetention),
            api::add_rule,
            add.answers::<api::RulesOut>(200),
        )
        .api(
            delete.clone(),
            "/api/v1/firm/retention/rules",
            needs(ManageRetention),
            api::remove_rule,
            remove.answers::<api::RulesOut>(200),
        )
        .api(get.clone(), of!(""), needs(ViewRetention), api::client, client.answers::<api::ClientOut>(200))
        .api(post.clone(), of!("/holds"), needs(PlaceHolds), api::place, place.answers::<api::Made>(201))
        .api(delete.clone(), of!("/holds/{hold}"), needs(ReleaseHolds), api::release, release.answers_empty(204))
        .api(post.clone(), of!("/runs"), needs(ConfirmDeletion), api::ask, ask.answers::<api::Made>(201))
        .api(get.clone(), of!("/runs/{run}"), needs(ViewRetention), api::run, run.answers::<api::RunOut>(200))
        .api(
            put.clone(),
            of!("/runs/{run}/confirmed"),
            needs(ConfirmDeletion),
            api::confirm,
            confirm.answers_empty(204),
        )
        .api(delete.clone(), of!("/runs/{run}"), needs(ConfirmDeletion), api::cancel, cancel.answers_empty(204))
        .api(post, of!("/erasures"), needs(EraseClients), api::ask_erasure, erase.answers::<api::Made>(201))
        .api(
            get,
            of!("/erasures/{erasure}"),
            needs(ViewRetention),
            api::erasure,
            erasure.answers::<api::ErasureOut>(200),
        )
        .api(
            put,
            of!("/erasures/{erasure}/confirmed"),
            needs(EraseClients),
            api::confirm_erasure,
            sure.answers_empty(204),
        )
        .api(delete, of!("/erasures/{erasure}"), needs(EraseClients), api::cancel_erasure, not.answers_empty(204))
}

fn refused(why: impl ToString) -> Failure {
    Failure::Refused(why.to_string())
}

/// What was done before under the same key is answered as it was then.
fn made<T>(done: Result<T, StorageError>, id: &str) -> Result<String, Failure> {
    match done {
        Ok(_) => Ok(id.to_owned()),
        Err(StorageError::DoneBefore(before)) => Ok(before),
        Err(error) => Err(error.into()),
    }
}

/// The rules before and after.
async fn change_rules(
    app: &App,
    scope: &FirmScope<may::ManageRetention>,
    change: impl Fn(&Rules) -> Result<Rules, rules_of::RulesRefused>,
) -> Result<(Rules, Rules), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let before = store.retention_rules().await?;
    let after = change(&before).map_err(|why| match why {
        rules_of::RulesRefused::Stale => Failure::Conflict(why.to_string()),
        why => refused(why),
    })?;
    if after != before {
        store.save_retention_rules(&before, &after, &mut app.moment()).await?;
    }
    Ok((before, after))
}

/// What the rules would do today.
async fn rehearsed<P: Send + Sync>(app: &App, scope: &ClientScope<P>) -> Result<Rehearsal, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (facts, holds, rules, brand) = tokio::join!(
        store.retention_facts(),
        store.holds(),
        store.retention_rules(),
        app.aws().brand(scope, app.now())
    );
    let (facts, holds, rules, zone) = (facts?, holds?, rules?, brand?.time_zone());
    let setting = Setting { rules: &rules, holds: &holds.list, zone: &zone };
    Ok(rules_of::rehearse(scope.client(), &facts, &setting, calendar::today(app.now(), &zone)))
}

fn fingerprint(list: &Rehearsal) -> Result<Fingerprint, Failure> {
    Fingerprint::parse(&crypto::sha256_hex(list.text().as_bytes())).map_err(refused)
}

async fn place_hold(
    app: &App,
    scope: &ClientScope<may::PlaceHolds>,
    covers: Scope,
    reason: &str,
    key: &IdempotencyKey,
) -> Result<String, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut named = BTreeSet::new();
    let covers = match covers {
        Scope::Client => Scope::Client,
        Scope::Project { project } => {
            store.project(&project).await?.ok_or(Failure::NotFound)?;
            Scope::Project { project }
        }
        // Too many of them are refused below.
        Scope::Documents { documents } if documents.len() > limits::HOLD_DOCUMENTS_MAX => {
            Scope::Documents { documents }
        }
        Scope::Documents { mut documents } => {
            for document in documents.clone() {
                // Its first version stands for all that it has and will have, also when it is gone itself.
                documents.insert(store.known(&document).await?.ok_or(Failure::NotFound)?.facts.series);
                named.insert(document);
            }
            Scope::Documents { documents }
        }
    };
    let mut tries = Tries::default();
    loop {
        let (before, mut moment) = (store.holds().await?, app.moment());
        if before.erasing.is_some() {
            return Err(refused("This client is being erased. Nothing of it can be held any more."));
        }
        let owner = scope.person();
        let hold = rules_of::place(scope.client(), covers.clone(), reason, owner, &before.list, &mut moment);
        let hold = hold.map_err(|why| match why {
            HoldRefused::Reason(why) => Failure::Refused(format!("reason: {why}")),
            why => refused(why),
        })?;
        let once = Once { key: key.as_str(), answer: hold.id.to_string() };
        match store.place_hold(&hold, &named, &before, Some(once), &mut moment).await {
            Err(StorageError::Stale) => tries.another(StorageError::Stale).await?,
            done => return made(done, hold.id.as_str()),
        }
    }
}

async fn release_hold(app: &App, scope: &ClientScope<may::ReleaseHolds>, id: &HoldId) -> Result<(), Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let (before, hold) = tokio::join!(store.holds(), store.hold(id));
        let (before, hold) = (before?, hold?.ok_or(Failure::NotFound)?);
        let mut moment = app.moment();
        let released = rules_of::release(&hold, scope.person(), moment.now).map_err(refused)?;
        match store.release_hold(&released, &before, &mut moment).await {
            Ok(_) => return Ok(()),
            Err(error) => tries.another(error).await?,
        }
    }
}

async fn ask_run(
    app: &App,
    scope: &ClientScope<may::ConfirmDeletion>,
    key: &IdempotencyKey,
) -> Result<String, Failure> {
    let list = rehearsed(app, scope).await?;
    let zone = app.aws().brand(scope, app.now()).await?.time_zone();
    let mut moment = app.moment();
    let run = rules_of::ask(&list, fingerprint(&list)?, scope.person(), &zone, &mut moment).map_err(refused)?;
    let once = Once { key: key.as_str(), answer: run.id.to_string() };
    let store = ClientStore::open(app.aws(), scope);
    made(store.ask_run(&run, &list, Some(once), &mut moment).await, run.id.as_str())
}

async fn turn_run(
    app: &App,
    scope: &ClientScope<may::ConfirmDeletion>,
    id: &RunId,
    command: RunCommand,
) -> Result<Run, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let before = store.run(id).await?.ok_or(Failure::NotFound)?;
    let mut moment = app.moment();
    let (after, _) = rules_of::turn(&before, &command, moment.now).map_err(refused)?;
    let act = if matches!(command, RunCommand::Cancel { .. }) { Act::RunCancelled } else { Act::RunConfirmed };
    store.turn_run(&before, &after, act, &mut moment).await?;
    Ok(after)
}

/// Only of a client that is archived: nobody of it can come in any more, and nothing new is filed while it goes.
async fn ask_to_erase(
    app: &App,
    scope: &ClientScope<may::EraseClients>,
    reason: &str,
    key: &IdempotencyKey,
) -> Result<String, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (holds, profile) = tokio::join!(store.holds(), store.profile());
    let (holds, profile) = (holds?, profile?.ok_or(Failure::NotFound)?);
    if !profile.is_archived() {
        return Err(refused("Archive this client first. Then nobody of it can come in while it is erased."));
    }
    let mut moment = app.moment();
    let asked = rules_of::ask_erasure(scope.client(), reason, scope.person(), &holds.list, &mut moment);
    let erasure = asked.map_err(refused)?;
    let once = Once { key: key.as_str(), answer: erasure.id.to_string() };
    made(store.ask_erasure(&erasure, Some(once), &mut moment).await, erasure.id.as_str())
}

async fn turn_erasure(
    app: &App,
    scope: &ClientScope<may::EraseClients>,
    id: &ErasureId,
    command: ErasureCommand,
) -> Result<(), Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (row, holds, profile) = tokio::join!(store.erasure(id), store.holds(), store.profile());
    let (ErasureRow { erasure, .. }, holds) = (row?.ok_or(Failure::NotFound)?, holds?);
    let is_archived = profile?.is_some_and(|profile| profile.is_archived());
    if matches!(command, ErasureCommand::Confirm { .. }) && !is_archived {
        return Err(refused("This client was restored. Archive it again before its erasure is confirmed."));
    }
    let mut moment = app.moment();
    let (after, _) = rules_of::turn_erasure(&erasure, &command, &holds.list, moment.now).map_err(refused)?;
    let act =
        if matches!(command, ErasureCommand::Cancel { .. }) { Act::ErasureCancelled } else { Act::ErasureConfirmed };
    store.turn_erasure(&erasure, &after, act, &holds, &mut moment).await?;
    Ok(())
}

/// A rule that was typed, before it is checked.
fn rule(new: &rules_of::NewRule) -> Result<Rule, Failure> {
    Ok(Rule::parse(new)?)
}
