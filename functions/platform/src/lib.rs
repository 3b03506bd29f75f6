//! Firms as customers: which there are, how far they are and how much they use; ordering one, closing one and opening it
//! again; and, in an emergency, being admitted to one client of one firm. An operator's role reaches the platform's own
//! table and nothing else, so that no content could be shown here but by an admission that is open.

use axum::response::{IntoResponse, Response};
use domain::PermissionName::{BreakGlass, ManageFirms, SuspendFirms, ViewUsage};
use domain::firm::NewFirm;
use domain::platform::NewAdmission;
use http::Method;
use http::header::CONTENT_TYPE;
use web::{Access, Doc, Routes};

mod admissions;
mod firm;
mod firms;
mod pages;

pub fn routes() -> Routes {
    let operator = Access::Needs(ManageFirms);
    let suspends = Access::Needs(SuspendFirms);
    let admitted = Access::Needs(BreakGlass);
    let routes = Routes::new("platform")
        .page(Method::GET, "/platform", operator, firms::list)
        .page(Method::GET, "/platform/new", operator, firms::form)
        .page(Method::POST, "/platform/firms", operator, firms::order)
        .page(Method::GET, "/platform/firms/{firm}", operator, firm::show)
        .page(Method::POST, "/platform/firms/{firm}/suspend", suspends, firm::suspend)
        .page(Method::POST, "/platform/firms/{firm}/resume", suspends, firm::resume)
        .page(Method::GET, "/platform/admissions", operator, admissions::list)
        .page(Method::POST, "/platform/admissions", admitted, admissions::ask)
        .page(Method::GET, "/platform/admissions/{admission}", admitted, admissions::show)
        .page(Method::POST, "/platform/admissions/{admission}/end", operator, admissions::end);
    with_api(routes).api(
        Method::GET,
        "/api/v1/openapi.json",
        Access::Public("the description of the API says nothing about anybody"),
        openapi,
        Doc::new("This description"),
    )
}

fn with_api(routes: Routes) -> Routes {
    let operator = Access::Needs(ManageFirms);
    let suspends = Access::Needs(SuspendFirms);
    let admitted = Access::Needs(BreakGlass);
    routes
        .api(
            Method::GET,
            "/api/v1/platform/firms",
            operator,
            firms::list_json,
            Doc::new("Lists the firms, the newest first").query::<firms::Asked>().answers::<firms::FirmList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/platform/firms",
            operator,
            firms::order_json,
            Doc::new("Sets a firm up with its first partner")
                .takes::<NewFirm>()
                .idempotent()
                .answers::<firms::OneFirm>(202),
        )
        .api(
            Method::GET,
            "/api/v1/platform/firms/{firm}",
            operator,
            firm::show_json,
            Doc::new("One firm, how far it is, and when it was suspended and opened again").answers::<firm::Whole>(200),
        )
        .api(
            Method::GET,
            "/api/v1/platform/firms/{firm}/usage",
            Access::Needs(ViewUsage),
            firm::usage_json,
            Doc::new("How much the firm used on each day, the newest first: numbers only").answers::<firm::Days>(200),
        )
        .api(
            Method::POST,
            "/api/v1/platform/firms/{firm}/suspend",
            suspends,
            firm::suspend_json,
            Doc::new("Suspends the firm: its people are kept out from their next request on, its data stays as it is")
                .takes::<firm::NewTurn>()
                .answers::<firms::OneFirm>(202),
        )
        .api(
            Method::POST,
            "/api/v1/platform/firms/{firm}/resume",
            suspends,
            firm::resume_json,
            Doc::new("Opens a suspended firm again").answers::<firms::OneFirm>(202),
        )
        .api(
            Method::GET,
            "/api/v1/platform/admissions",
            operator,
            admissions::list_json,
            Doc::new("Lists operators' admissions to clients, the newest first")
                .query::<admissions::After>()
                .answers::<admissions::AdmissionList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/platform/admissions",
            admitted,
            admissions::ask_json,
            Doc::new("Asks to be admitted to one client; it is open once the client's audit says so")
                .takes::<NewAdmission>()
                .answers::<admissions::OneAdmission>(202),
        )
        .api(
            Method::GET,
            "/api/v1/platform/admissions/{admission}",
            admitted,
            admissions::show_json,
            Doc::new("What an open admission shows: the client's projects and the list of its documents")
                .answers::<admissions::Shown>(200),
        )
        .api(
            Method::POST,
            "/api/v1/platform/admissions/{admission}/end",
            operator,
            admissions::end_json,
            Doc::new("Ends an admission").answers::<admissions::OneAdmission>(202),
        )
}

async fn openapi() -> Response {
    ([(CONTENT_TYPE, "application/json")], web::openapi::SERVED).into_response()
}
