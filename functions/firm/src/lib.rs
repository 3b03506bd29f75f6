//! A firm's own side: its clients, its people, who works for whom, and what was done.

use domain::PermissionName::{AssignStaff, ManageClients, ManagePeople, ViewAudit, ViewFirm};
use domain::person::{FieldRefused, NewPerson};
use http::Method;
use web::{Access, Doc, Failure, Routes};

mod api;
mod audit;

pub fn routes() -> Routes {
    Routes::new("firm")
        .api(
            Method::GET,
            "/api/v1/firm/clients",
            Access::Needs(ViewFirm),
            api::clients,
            Doc::new("Lists the firm's clients").answers::<api::ClientList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/firm/clients",
            Access::Needs(ManageClients),
            api::order_client,
            Doc::new("Adds a client; it is there once its order is done")
                .takes::<api::NewClient>()
                .idempotent()
                .answers::<api::ClientOrdered>(202),
        )
        .api(
            Method::GET,
            "/api/v1/firm/people",
            Access::Needs(ViewFirm),
            api::people,
            Doc::new("Lists everybody of the firm and of its clients, once for each membership")
                .query::<api::After>()
                .answers::<api::PeopleList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/firm/people",
            Access::Needs(ManagePeople),
            api::order_person,
            Doc::new("Invites somebody; the address can sign in once the order is done")
                .takes::<NewPerson>()
                .idempotent()
                .answers::<api::Ordered>(202),
        )
        .api(
            Method::GET,
            "/api/v1/firm/orders/{order}",
            Access::Needs(ViewFirm),
            api::order,
            Doc::new("What became of an order").answers::<api::OrderOut>(200),
        )
        .api(
            Method::PUT,
            "/api/v1/firm/assignments/{person}/{client}",
            Access::Needs(AssignStaff),
            api::assign,
            Doc::new("Lets somebody of the staff work on a client").answers_empty(204),
        )
        .api(
            Method::DELETE,
            "/api/v1/firm/assignments/{person}/{client}",
            Access::Needs(AssignStaff),
            api::unassign,
            Doc::new("Ends an assignment; the person loses access at its next request").answers_empty(204),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/audit",
            Access::Needs(ViewAudit),
            audit::of_client,
            Doc::new("Events of a client, the newest first").query::<audit::After>().answers::<audit::EventList>(200),
        )
        .api(
            Method::GET,
            "/api/v1/firm/people/{person}/audit",
            Access::Needs(ViewAudit),
            audit::of_person,
            Doc::new("Events of a person, the newest first").query::<audit::After>().answers::<audit::EventList>(200),
        )
}

/// Every field that was refused, in one answer.
fn in_words(refused: Vec<FieldRefused>) -> Failure {
    let words: Vec<String> = refused.into_iter().map(|refused| format!("{}: {}", refused.field, refused.why)).collect();
    Failure::Refused(words.join(" "))
}
