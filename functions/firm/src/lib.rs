//! What partners do for their firm: clients, people, who works on what, settings, and reading the audit; and what the
//! admins of a client do for the people of their own company.
//!
//! A client's own rows are out of a partner's reach here: names come from the firm's lists, figures from the cards that
//! the projector draws. Orders (a client, a person) are answered at once and carried out by a worker.

use domain::PermissionName::{
    ArchiveClients, AssignStaff, ChangeRoles, EndMemberships, EndSessions, ManageBranding, ManageClients,
    ManageCompany, ManagePeople, ManageSettings, ReviewAccess, ViewAudit, ViewCompany, ViewFirm, ViewHome, ViewSignIns,
};
use http::Method;
use web::{Access, Doc, Routes};

mod address;
mod admissions;
mod assignments;
mod audit;
mod client;
mod clients;
mod company;
mod factors;
mod logo;
mod newsletters;
mod pages;
mod people;
mod person;
mod retention;
mod review;
mod settings;
mod settings_notices;
mod sign_ins;
mod team;
mod texts;

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

pub fn routes() -> Routes {
    let routes = pages(Routes::new("firm"));
    let routes = clients_api(routes);
    let routes = people_api(routes);
    let routes = settings_api(routes);
    let routes = newsletters::routes(texts::routes(factors::routes(address::routes(routes))));
    let routes = admissions::routes(routes);
    let routes = retention::routes(routes);
    let routes = company_api(routes);
    audit_api(routes)
}

fn pages(routes: Routes) -> Routes {
    let needs = Access::Needs;
    routes
        .page(GET, "/firm", needs(ViewFirm), clients::first)
        .page(GET, "/firm/clients", needs(ViewFirm), clients::list)
        .page(POST, "/firm/clients", needs(ManageClients), clients::add)
        .page(GET, "/firm/clients/{client}", needs(ManageClients), client::show)
        .page(POST, "/firm/clients/{client}/name", needs(ManageClients), client::rename)
        .page(POST, "/firm/clients/{client}/contact", needs(ManageClients), client::choose_contact)
        .page(POST, "/firm/clients/{client}/archive", needs(ArchiveClients), client::archive)
        .page(POST, "/firm/clients/{client}/restore", needs(ArchiveClients), client::restore)
        .page(GET, "/firm/clients/{client}/team", needs(AssignStaff), team::show)
        .page(POST, "/firm/clients/{client}/team", needs(AssignStaff), team::save)
        .page(GET, "/firm/people", needs(ManagePeople), people::list)
        .page(POST, "/firm/people", needs(ManagePeople), people::invite)
        .page(GET, "/firm/people/{person}", needs(ManagePeople), person::show)
        .page(POST, "/firm/people/{person}/{membership}/role", needs(ChangeRoles), person::role)
        .page(POST, "/firm/people/{person}/{membership}/permissions", needs(ChangeRoles), person::permissions)
        .page(POST, "/firm/people/{person}/{membership}/end", needs(EndMemberships), person::end)
        .page(POST, "/firm/people/{person}/{membership}/reinstate", needs(EndMemberships), person::reinstate)
        .page(POST, "/firm/people/{person}/{membership}/invitation", needs(ManagePeople), person::mail_again)
        .page(POST, "/firm/people/{person}/{membership}/withdraw", needs(EndMemberships), person::withdraw)
        .page(POST, "/firm/people/{person}/sessions/{session}/end", needs(EndSessions), person::end_session)
        .page(GET, "/firm/assignments", needs(AssignStaff), assignments::show)
        .page(POST, "/firm/assignments", needs(AssignStaff), assignments::save)
        .page(GET, "/firm/sign-ins", needs(ViewSignIns), sign_ins::show)
        .page(GET, "/firm/review", needs(ReviewAccess), review::show)
        .page(POST, "/firm/review", needs(ReviewAccess), review::act)
        .page(POST, "/firm/review/{membership}/{person}", needs(ReviewAccess), review::save)
        .page(GET, "/firm/settings", needs(ManageSettings), settings::show)
        .page(GET, "/firm/settings/accent", needs(ManageBranding), settings::preview)
        .page(POST, "/firm/settings/branding", needs(ManageBranding), settings::save_branding)
        .page(POST, "/firm/settings/logo", needs(ManageBranding), settings::save_logo)
        .page(POST, "/firm/settings/logo/remove", needs(ManageBranding), settings::remove_logo)
        .page(POST, "/firm/settings/rules", needs(ManageSettings), settings::save_rules)
        .page(POST, "/firm/settings/marks", needs(ManageSettings), settings::save_marks)
        .page(POST, "/firm/settings/notices", needs(ManageSettings), settings_notices::save)
        .page(GET, "/firm/logo/{hash}", needs(ViewHome), settings::logo)
        .page(GET, "/firm/audit", needs(ViewAudit), audit::page)
        .page(GET, "/company", needs(ViewCompany), company::show)
        .page(POST, "/company", needs(ManageCompany), company::invite)
        .page(GET, "/company/{member}", needs(ViewCompany), company::show_one)
        .page(POST, "/company/{member}/role", needs(ManageCompany), company::role)
        .page(POST, "/company/{member}/permissions", needs(ManageCompany), company::permissions)
        .page(POST, "/company/{member}/end", needs(ManageCompany), company::end)
}

fn clients_api(routes: Routes) -> Routes {
    let (view, manage) = (Access::Needs(ViewFirm), Access::Needs(ManageClients));
    let assign = Access::Needs(AssignStaff);
    let all = "/api/v1/firm/clients";
    let one = "/api/v1/firm/clients/{client}";
    let assignment = "/api/v1/firm/assignments/{person}/{client}";
    let list = Doc::new("Lists the firm's clients by name").query::<clients::Asked>();
    let add = Doc::new("Adds a client; its order says when it is there").takes::<clients::NewClient>().idempotent();
    let show = Doc::new("A client as its firm keeps it");
    let change = Doc::new("Renames a client or chooses its main contact").takes::<client::ClientChange>();
    let archive = Doc::new("Archives a client, or brings it back").takes::<client::Archiving>();
    let order = Doc::new("What became of an order");
    let grid = Doc::new("A part of the grid of staff and clients").query::<assignments::Asked>();
    let put = Doc::new("Assigns a member of staff to a client");
    let take = Doc::new("Ends an assignment; it holds from the person's next request");
    routes
        .api(GET, all, view, clients::list_json, list.answers::<clients::ClientList>(200))
        .api(POST, all, manage, clients::add_json, add.answers::<clients::Added>(202))
        .api(GET, one, manage, client::show_json, show.answers::<client::ClientOut>(200))
        .api(PATCH, one, manage, client::change_json, change.answers_empty(204))
        .api(
            PUT,
            "/api/v1/firm/clients/{client}/archived",
            Access::Needs(ArchiveClients),
            client::archive_json,
            archive.answers_empty(204),
        )
        .api(GET, "/api/v1/firm/orders/{order}", view, people::order_json, order.answers::<people::OneOrder>(200))
        .api(GET, "/api/v1/firm/assignments", assign, assignments::grid_json, grid.answers::<assignments::Grid>(200))
        .api(DELETE, assignment, assign, assignments::unassign_json, take.answers_empty(204))
        .api(PUT, assignment, assign, assignments::assign_json, put.answers::<assignments::Assignment>(200))
}

fn people_api(routes: Routes) -> Routes {
    let (manage, change) = (Access::Needs(ManagePeople), Access::Needs(ChangeRoles));
    let (end, sign_out) = (Access::Needs(EndMemberships), Access::Needs(EndSessions));
    let all = "/api/v1/firm/people";
    let one = "/api/v1/firm/people/{person}";
    let membership = "/api/v1/firm/people/{person}/memberships/{membership}";
    let role = "/api/v1/firm/people/{person}/memberships/{membership}/role";
    let permissions = "/api/v1/firm/people/{person}/memberships/{membership}/permissions";
    let reinstated = "/api/v1/firm/people/{person}/memberships/{membership}/reinstated";
    let invitation = "/api/v1/firm/people/{person}/memberships/{membership}/invitation";
    let session = "/api/v1/firm/people/{person}/sessions/{session}";
    let list = Doc::new("Lists the people of the firm and of its clients").query::<people::Asked>();
    let invite = Doc::new("Invites somebody, or renames who is here; the order says when it is done");
    let show = Doc::new("What a person is, may do and is signed in with");
    let set_role = Doc::new("Changes a role; it holds from the person's next request").takes::<person::api::NewRole>();
    let adjust = Doc::new("Says what is given and taken beside the role").takes::<person::api::NewPermissions>();
    let ended = Doc::new("Ends a membership; it holds from the person's next request").query::<person::api::Ending>();
    let back = Doc::new("Gives a membership back as it was");
    let mail = Doc::new("Mails the invitation of somebody who has not come in yet");
    let withdraw = Doc::new("Takes an invitation back");
    let out = Doc::new("Signs a person out on one device");
    routes
        .api(GET, all, manage, people::list_json, list.answers::<people::PersonList>(200))
        .api(
            POST,
            all,
            manage,
            people::invite_json,
            invite.takes::<domain::person::NewPerson>().idempotent().answers::<people::Invited>(202),
        )
        .api(GET, one, manage, person::api::show, show.answers::<person::api::PersonOut>(200))
        .api(PUT, role, change, person::api::role, set_role.answers_empty(204))
        .api(PUT, permissions, change, person::api::permissions, adjust.answers_empty(204))
        .api(DELETE, membership, end, person::api::end, ended.answers_empty(204))
        .api(PUT, reinstated, end, person::api::reinstate, back.answers_empty(204))
        .api(POST, invitation, manage, person::api::mail_again, mail.answers::<people::Invited>(202))
        .api(DELETE, invitation, end, person::api::withdraw, withdraw.answers_empty(204))
        .api(DELETE, session, sign_out, person::api::end_session, out.answers_empty(204))
        .api(
            GET,
            "/api/v1/firm/sign-ins",
            Access::Needs(ViewSignIns),
            sign_ins::list_json,
            Doc::new("Who is signed in, and who came in last")
                .query::<sign_ins::Asked>()
                .answers::<sign_ins::SignInList>(200),
        )
}

fn settings_api(routes: Routes) -> Routes {
    let (settings, branding) = (Access::Needs(ManageSettings), Access::Needs(ManageBranding));
    let review = Access::Needs(ReviewAccess);
    let (logo, rounds) = ("/api/v1/firm/settings/logo", "/api/v1/firm/review");
    let show = Doc::new("What the firm has set for itself");
    let brand = Doc::new("Changes the firm's name and colour").takes::<domain::firm::settings::NewBranding>();
    let rules =
        Doc::new("Changes where the firm works and what its mails do").takes::<domain::firm::settings::NewRules>();
    let marks = Doc::new("Changes whose copies of documents carry a mark").takes::<domain::marking::NewMarkRule>();
    let notices = Doc::new("Changes how loudly kinds of notices are told, and how far people may turn them down")
        .takes::<domain::notice::kind::NewFirmRules>();
    let picture = Doc::new("Sets the firm's picture").takes::<settings::NewLogo>();
    let verdict = Doc::new("How readable a colour is").query::<settings::Colour>();
    let read = Doc::new("The review of who has access, as far as it is").query::<review::Asked>();
    let act = Doc::new("Begins or finishes a review").takes::<review::NewAct>();
    let decide = Doc::new("Keeps or takes away what a membership opens").takes::<review::Decision>();
    routes
        .api(GET, "/api/v1/firm/settings", settings, settings::show_json, show.answers::<settings::SettingsOut>(200))
        .api(PUT, "/api/v1/firm/settings/branding", branding, settings::branding_json, brand.answers_empty(204))
        .api(PUT, "/api/v1/firm/settings/rules", settings, settings::rules_json, rules.answers_empty(204))
        .api(PUT, "/api/v1/firm/settings/marks", settings, settings::marks_json, marks.answers_empty(204))
        .api(PUT, "/api/v1/firm/settings/notices", settings, settings_notices::save_json, notices.answers_empty(204))
        .api(
            GET,
            "/api/v1/firm/settings/accent",
            branding,
            settings::preview_json,
            verdict.answers::<settings::Verdict>(200),
        )
        .api(PUT, logo, branding, settings::logo_json, picture.answers_empty(204))
        .api(
            DELETE,
            logo,
            branding,
            settings::remove_logo_json,
            Doc::new("Takes the firm's picture away").answers_empty(204),
        )
        .api(GET, rounds, review, review::show_json, read.answers::<review::ReviewOut>(200))
        .api(POST, rounds, review, review::act_json, act.answers_empty(204))
        .api(PUT, "/api/v1/firm/review/{membership}/{person}", review, review::save_json, decide.answers_empty(204))
}

fn company_api(routes: Routes) -> Routes {
    let (view, manage) = (Access::Needs(ViewCompany), Access::Needs(ManageCompany));
    let all = "/api/v1/clients/{client}/people";
    let one = "/api/v1/clients/{client}/people/{person}";
    let role = "/api/v1/clients/{client}/people/{person}/role";
    let permissions = "/api/v1/clients/{client}/people/{person}/permissions";
    let order = "/api/v1/clients/{client}/people/orders/{order}";
    let list = Doc::new("Lists the people of a client's company");
    let invite = Doc::new("Invites somebody to the company; the order says when it is done");
    let set_role = Doc::new("Orders another role for one of the company's people").takes::<company::NewRole>();
    let adjust = Doc::new("Orders what one of the company's people may do").takes::<person::api::NewPermissions>();
    let end = Doc::new("Orders the end of somebody's access").query::<person::api::Ending>();
    routes
        .api(GET, all, view, company::list_json, list.answers::<company::MemberList>(200))
        .api(
            POST,
            all,
            manage,
            company::invite_json,
            invite.takes::<company::NewMember>().idempotent().answers::<company::Ordered>(202),
        )
        .api(PUT, role, manage, company::role_json, set_role.answers::<company::Ordered>(202))
        .api(PUT, permissions, manage, company::permissions_json, adjust.answers::<company::Ordered>(202))
        .api(DELETE, one, manage, company::end_json, end.answers::<company::Ordered>(202))
        .api(
            GET,
            order,
            view,
            company::order_json,
            Doc::new("What became of an order of the company").answers::<people::OneOrder>(200),
        )
}

fn audit_api(routes: Routes) -> Routes {
    let audit = Access::Needs(ViewAudit);
    let whole = Doc::new("What was done to the firm as a whole, the newest first").query::<audit::After>();
    let person = Doc::new("What a person did, the newest first").query::<audit::After>();
    let client = Doc::new("What happened to a client, the newest first").query::<audit::After>();
    routes
        .api(GET, "/api/v1/firm/audit", audit, audit::firm_json, whole.answers::<audit::EventList>(200))
        .api(
            GET,
            "/api/v1/firm/people/{person}/audit",
            audit,
            audit::person_json,
            person.answers::<audit::EventList>(200),
        )
        .api(GET, "/api/v1/clients/{client}/audit", audit, audit::client_json, client.answers::<audit::EventList>(200))
}
