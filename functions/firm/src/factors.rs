//! What a partner decides about second factors: who has to have one, and a fresh start for somebody who lost theirs. The
//! factors themselves are out of the firm's reach.

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::factors::FactorPolicy;
use domain::permissions::{ManageSignIn, ResetFactors};
use domain::{PermissionName, PersonId};
use http::Method;
use serde::Deserialize;
use storage::FirmStore;
use web::{Access, App, Doc, Failure, Form, Json, Page, Path, Place, Query, Routes, Shell, answers};

use crate::pages;

pub(crate) fn routes(routes: Routes) -> Routes {
    let (reset_them, decide) =
        (Access::Needs(PermissionName::ResetFactors), Access::Needs(PermissionName::ManageSignIn));
    let order = Doc::new(
        "Orders a fresh start for the second factors of a person, from the next sign-in on. Where the person belongs to \
         several firms, each has to order it",
    );
    let rule = Doc::new("Who has to have a second factor, beside partners");
    let set = Doc::new("Decides who has to have a second factor, from everybody's next sign-in on");
    routes
        .page(Method::POST, "/firm/people/{person}/factors/reset", reset_them, reset)
        .page(Method::GET, "/firm/settings/sign-in", decide, policy)
        .page(Method::POST, "/firm/settings/sign-in", decide, set_policy)
        .api(
            Method::POST,
            "/api/v1/firm/people/{person}/factors/reset",
            reset_them,
            reset_json,
            order.answers_empty(204),
        )
        .api(Method::GET, "/api/v1/firm/sign-in", decide, policy_json, rule.answers::<FactorPolicy>(200))
        .api(
            Method::PUT,
            "/api/v1/firm/sign-in",
            decide,
            set_policy_json,
            set.takes::<FactorPolicy>().answers::<FactorPolicy>(200),
        )
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    person: PersonId,
}

pub(crate) async fn reset(
    State(app): State<App>,
    scope: FirmScope<ResetFactors>,
    Path(Of { person }): Path<Of>,
) -> Result<Response, Failure> {
    ordered(&app, &scope, &person).await?;
    Ok(answers::see_other(&format!("/firm/people/{person}?done=reset")))
}

pub(crate) async fn reset_json(
    State(app): State<App>,
    scope: FirmScope<ResetFactors>,
    Path(Of { person }): Path<Of>,
) -> Result<Response, Failure> {
    ordered(&app, &scope, &person).await?;
    Ok(answers::no_content())
}

async fn ordered(app: &App, scope: &FirmScope<ResetFactors>, person: &PersonId) -> Result<(), Failure> {
    let there = FirmStore::open(app.aws(), scope).order_factor_reset(person, &mut app.moment()).await?;
    if there { Ok(()) } else { Err(Failure::NotFound) }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Told {
    /// What has just been done.
    #[serde(default)]
    done: Option<String>,
}

pub(crate) async fn policy(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    page: Page,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let policy = FirmStore::open(app.aws(), &scope).factor_policy().await?;
    let notice = told.done.as_deref().filter(|done| *done == "saved");
    let notice = notice.map(|_| "Saved. It holds from everybody's next sign-in.");
    let shell = Shell::new("How people sign in", Place::Settings).notice(notice);
    page.show(&app, &scope, shell, pages::factors::policy(policy, &page.csrf)).await
}

pub(crate) async fn set_policy(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Form(policy): Form<FactorPolicy>,
) -> Result<Response, Failure> {
    FirmStore::open(app.aws(), &scope).set_factor_policy(policy, &mut app.moment()).await?;
    Ok(answers::see_other("/firm/settings/sign-in?done=saved"))
}

pub(crate) async fn policy_json(State(app): State<App>, scope: FirmScope<ManageSignIn>) -> Result<Response, Failure> {
    Ok(answers::json(&FirmStore::open(app.aws(), &scope).factor_policy().await?))
}

pub(crate) async fn set_policy_json(
    State(app): State<App>,
    scope: FirmScope<ManageSignIn>,
    Json(policy): Json<FactorPolicy>,
) -> Result<Response, Failure> {
    FirmStore::open(app.aws(), &scope).set_factor_policy(policy, &mut app.moment()).await?;
    Ok(answers::json(&policy))
}
