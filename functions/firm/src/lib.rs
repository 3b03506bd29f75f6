//! What partners do for their firm: clients, people, who works on what, and reading the audit.
//!
//! A client's own rows are out of reach here: names come from the firm's lists, figures from the cards that the projector
//! draws. Orders (a client, a person) are answered at once and carried out by a worker.

use domain::PermissionName::{AssignStaff, ManageClients, ManagePeople, ViewAudit, ViewFirm};
use http::Method;
use web::{Access, Doc, Routes};

mod audit;
mod clients;
mod pages;
mod people;
mod team;

pub fn routes() -> Routes {
    let view = Access::Needs(ViewFirm);
    let clients = Access::Needs(ManageClients);
    let people = Access::Needs(ManagePeople);
    let assign = Access::Needs(AssignStaff);
    let audit = Access::Needs(ViewAudit);
    let routes = Routes::new("firm")
        .page(Method::GET, "/firm", view, clients::first)
        .page(Method::GET, "/firm/clients", view, clients::list)
        .page(Method::POST, "/firm/clients", clients, clients::add)
        .page(Method::GET, "/firm/clients/{client}/team", assign, team::show)
        .page(Method::POST, "/firm/clients/{client}/team", assign, team::save)
        .page(Method::GET, "/firm/people", people, people::list)
        .page(Method::POST, "/firm/people", people, people::invite)
        .page(Method::GET, "/firm/audit", audit, audit::page);
    routes
        .api(
            Method::GET,
            "/api/v1/firm/clients",
            view,
            clients::list_json,
            Doc::new("Lists the firm's clients by name").query::<clients::Asked>().answers::<clients::ClientList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/firm/clients",
            clients,
            clients::add_json,
            Doc::new("Adds a client; its order says when it is there")
                .takes::<clients::NewClient>()
                .idempotent()
                .answers::<clients::Added>(202),
        )
        .api(
            Method::GET,
            "/api/v1/firm/people",
            people,
            people::list_json,
            Doc::new("Lists the people of the firm and of its clients")
                .query::<people::Asked>()
                .answers::<people::PersonList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/firm/people",
            people,
            people::invite_json,
            Doc::new("Invites somebody, or changes what somebody is; the order says when it is done")
                .takes::<domain::person::NewPerson>()
                .idempotent()
                .answers::<people::Invited>(202),
        )
        .api(
            Method::GET,
            "/api/v1/firm/orders/{order}",
            view,
            people::order_json,
            Doc::new("What became of an order").answers::<people::OneOrder>(200),
        )
        .api(
            Method::DELETE,
            "/api/v1/firm/assignments/{person}/{client}",
            assign,
            team::unassign_json,
            Doc::new("Ends an assignment; it holds from the person's next request").answers_empty(204),
        )
        .api(
            Method::PUT,
            "/api/v1/firm/assignments/{person}/{client}",
            assign,
            team::assign_json,
            Doc::new("Assigns a member of staff to a client").answers::<team::Assignment>(200),
        )
        .api(
            Method::GET,
            "/api/v1/firm/people/{person}/audit",
            audit,
            audit::person_json,
            Doc::new("What a person did, the newest first").query::<audit::After>().answers::<audit::EventList>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/audit",
            audit,
            audit::client_json,
            Doc::new("What happened to a client, the newest first")
                .query::<audit::After>()
                .answers::<audit::EventList>(200),
        )
}
