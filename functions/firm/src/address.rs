//! The address of somebody to whom mails came back: a partner who knows that the mailbox is there again has it tried anew.
//! Whoever called our mails unwanted is the only one to want more.

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::permissions::ManagePeople;
use domain::{PermissionName, PersonId};
use http::Method;
use serde::Deserialize;
use storage::{FirmStore, Tries};
use web::{Access, App, Doc, Failure, Path, Routes, answers};

pub(crate) fn routes(routes: Routes) -> Routes {
    let needs = Access::Needs(PermissionName::ManagePeople);
    let doc = Doc::new(
        "Mails go to a person's address again that came back. Refused where the person said that they are unwanted: then only \
         the person says otherwise",
    );
    routes.page(Method::POST, "/firm/people/{person}/address", needs, try_again).api(
        Method::POST,
        "/api/v1/firm/people/{person}/address",
        needs,
        try_again_json,
        doc.answers_empty(204),
    )
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    person: PersonId,
}

async fn try_again(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    Path(Of { person }): Path<Of>,
) -> Result<Response, Failure> {
    lift(&app, &scope, &person).await?;
    Ok(answers::see_other(&format!("/firm/people/{person}?done=address")))
}

async fn try_again_json(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    Path(Of { person }): Path<Of>,
) -> Result<Response, Failure> {
    lift(&app, &scope, &person).await?;
    Ok(answers::no_content())
}

/// Load, decide, store; decided anew where more was heard of the address meanwhile.
async fn lift(app: &App, scope: &FirmScope<ManagePeople>, person: &PersonId) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    if store.memberships(person).await?.is_empty() {
        return Err(Failure::NotFound);
    }
    let mut tries = Tries::default();
    loop {
        let Some(suppressed) = store.suppression_of(person).await? else { return Ok(()) };
        if !suppressed.may_be_lifted(false) {
            let why = "The person marked a mail from here as unwanted. Only the person can ask for mails again, under \
                       Notifications.";
            return Err(Failure::Refused(why.into()));
        }
        match store.lift_suppression_of(person, &mut app.moment()).await {
            Ok(()) => return Ok(()),
            Err(error) => tries.another(error).await?,
        }
    }
}
