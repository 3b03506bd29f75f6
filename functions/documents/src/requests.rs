//! Request lists: what the firm asks of a client, line by line, and what either side does about a line.

pub(crate) mod api;
pub(crate) mod deciding;
pub(crate) mod recounting;
pub(crate) mod showing;

use std::collections::BTreeSet;

use domain::PermissionName::{AnswerRequests, EditProjects, ViewDocuments};
use domain::request::{NewRequest, Request, RequestEdit};
use domain::{DocumentId, RequestId, RequestLineId};
use http::Method;
use serde::Deserialize;
use web::{Access, Doc, Routes};

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    pub(crate) request: RequestId,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfLine {
    pub(crate) request: RequestId,
    pub(crate) line: RequestLineId,
}

/// Of all of its lines.
pub(crate) fn files(request: &Request) -> BTreeSet<DocumentId> {
    request.lines.iter().flat_map(|line| &line.files).map(|file| file.document.clone()).collect()
}

pub(crate) fn routes(routes: Routes) -> Routes {
    page_routes(api_routes(routes))
}

fn page_routes(routes: Routes) -> Routes {
    const LISTS: &str = "/clients/{client}/requests";
    const LIST: &str = "/clients/{client}/requests/{request}";
    let (view, edit, answer) =
        (Access::Needs(ViewDocuments), Access::Needs(EditProjects), Access::Needs(AnswerRequests));
    routes
        .page(Method::GET, LISTS, view, showing::list)
        .page(Method::GET, "/clients/{client}/requests/new", edit, showing::make)
        .page(Method::POST, "/clients/{client}/requests/new", edit, showing::send)
        .page(Method::GET, LIST, view, showing::one)
        .page(Method::GET, "/clients/{client}/requests/{request}/edit", edit, showing::edit)
        .page(Method::POST, "/clients/{client}/requests/{request}/edit", edit, showing::save)
        .page(Method::POST, "/clients/{client}/requests/{request}/withdraw", edit, showing::withdraw)
        .page(Method::POST, "/clients/{client}/requests/{request}/reinstate", edit, showing::reinstate)
        .page(Method::POST, "/clients/{client}/requests/{request}/lines/{line}/not-had", answer, showing::not_had)
        .page(Method::POST, "/clients/{client}/requests/{request}/lines/{line}/had", answer, showing::had)
        .page(Method::POST, "/clients/{client}/requests/{request}/lines/{line}/accept", edit, showing::accept)
        .page(Method::POST, "/clients/{client}/requests/{request}/lines/{line}/undo", edit, showing::undo)
        .page(Method::POST, "/clients/{client}/requests/{request}/lines/{line}/return", edit, showing::send_back)
}

fn api_routes(routes: Routes) -> Routes {
    const LISTS: &str = "/api/v1/clients/{client}/requests";
    const LIST: &str = "/api/v1/clients/{client}/requests/{request}";
    routes
        .api(
            Method::GET,
            LISTS,
            Access::Needs(ViewDocuments),
            api::list,
            Doc::new("Lists what the client is asked for, the newest list first")
                .query::<api::ListQuery>()
                .answers::<api::RequestList>(200),
        )
        .api(
            Method::POST,
            LISTS,
            Access::Needs(EditProjects),
            api::send,
            Doc::new("Asks the client for documents: a list of the project's practice pack, or lines of its own")
                .takes::<NewRequest>()
                .idempotent()
                .answers::<api::RequestFacts>(201),
        )
        .api(
            Method::GET,
            LIST,
            Access::Needs(ViewDocuments),
            api::one,
            Doc::new("One request list, with the files of each line").answers::<api::RequestFacts>(200),
        )
        .api(
            Method::PATCH,
            LIST,
            Access::Needs(EditProjects),
            api::change,
            Doc::new("Changes what is asked for, or withdraws the list; what is left out stays")
                .takes::<RequestEdit>()
                .answers::<api::RequestFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/requests/{request}/lines/{line}/not-had",
            Access::Needs(AnswerRequests),
            api::not_had,
            Doc::new("Says that the client does not have what a line asks for")
                .takes::<api::NotHad>()
                .answers::<api::RequestFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/requests/{request}/lines/{line}/had",
            Access::Needs(AnswerRequests),
            api::had,
            Doc::new("Takes back that the client does not have what a line asks for").answers::<api::RequestFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/requests/{request}/lines/{line}/accept",
            Access::Needs(EditProjects),
            api::accept,
            Doc::new("Accepts what came for a line, also that the client does not have it")
                .answers::<api::RequestFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/requests/{request}/lines/{line}/undo",
            Access::Needs(EditProjects),
            api::undo,
            Doc::new("Takes an acceptance back").answers::<api::RequestFacts>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/requests/{request}/lines/{line}/return",
            Access::Needs(EditProjects),
            api::send_back,
            Doc::new("Sends what came for a line back to the client, or asks again for what they do not have")
                .takes::<api::SentBack>()
                .answers::<api::RequestFacts>(200),
        )
}
