//! Home per role, boards, timelines: what people see first, and where the firm keeps it true.
//!
//! A page reads in one step of parallel reads; a change is load, decide, one transaction. Views are structs that know
//! no storage; words and orders are decided in `domain`.

use domain::PermissionName::{EditProjects, ViewProjects};
use http::Method;
use web::{Access, Doc, Routes};

mod api;
mod edit;
mod home;
mod milestone;
mod pages;
mod show;
mod typed;
mod update;

pub fn routes() -> Routes {
    let view = Access::Needs(ViewProjects);
    let edit = Access::Needs(EditProjects);
    Routes::new("projects")
        .page(Method::GET, "/", Access::SignedIn, home::home)
        .page(Method::GET, "/clients/{client}", view, home::client)
        .page(Method::GET, "/clients/{client}/projects", view, show::board)
        .page(Method::POST, "/clients/{client}/projects", edit, edit::open)
        .page(Method::GET, "/clients/{client}/projects/new", edit, edit::new)
        .page(Method::GET, "/clients/{client}/projects/{project}", view, show::project)
        .page(Method::GET, "/clients/{client}/projects/{project}/edit", edit, edit::form)
        .page(Method::POST, "/clients/{client}/projects/{project}/edit", edit, edit::save)
        .page(Method::POST, "/clients/{client}/projects/{project}/updates", edit, update::write)
        .page(Method::POST, "/clients/{client}/projects/{project}/milestones/{milestone}/done", edit, milestone::done)
        .page(Method::POST, "/clients/{client}/projects/{project}/milestones/{milestone}/undo", edit, milestone::undo)
        .page(Method::GET, "/clients", Access::SignedIn, home::clients)
        .api(
            Method::GET,
            "/api/v1/clients",
            Access::SignedIn,
            api::clients,
            Doc::new("Lists exactly the clients that the caller may see")
                .query::<api::After>()
                .answers::<api::ClientList>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/projects",
            view,
            api::projects,
            Doc::new("Lists the client's projects, the open ones first")
                .query::<api::After>()
                .answers::<api::ProjectList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/projects",
            edit,
            api::open,
            Doc::new("Opens a project from its practice pack")
                .takes::<domain::project::NewProject>()
                .idempotent()
                .answers::<api::ProjectOut>(201),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/projects/{project}",
            view,
            api::project,
            Doc::new("One project with its milestones, team and promised update").answers::<api::ProjectOut>(200),
        )
        .api(
            Method::PATCH,
            "/api/v1/clients/{client}/projects/{project}",
            edit,
            api::change,
            Doc::new("Changes a project; what is left out stays")
                .takes::<domain::project::ProjectEdit>()
                .answers::<api::ProjectOut>(200),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}/projects/{project}/updates",
            view,
            update::list,
            Doc::new("What the firm told the client about a project in its own words, the newest first")
                .answers::<update::UpdateList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/projects/{project}/updates",
            edit,
            update::create,
            Doc::new("Tells the client about a project and says by when it hears again")
                .takes::<domain::project::update::NewUpdate>()
                .idempotent()
                .answers::<domain::project::update::Update>(201),
        )
}
