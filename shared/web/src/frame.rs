//! The page around a handler's content: navigation by role, the client that staff are in, the person's menu.

use std::time::Duration;

use access::{Actor, Denied, Grant, OnePerson};
use axum::response::Response;
use crypto::SessionToken;
use domain::packs::Pack;
use domain::permissions::ManageFirms;
use domain::{ClientId, PermissionName as Name, Role};
use http::StatusCode;
use jiff::tz::TimeZone;
use maud::Markup;
use storage::Brand;

use crate::ui::feedback::Toast;
use crate::ui::shell::{Logo, Standing};
use crate::ui::{self, ClientTag, Frame, Icon, Membership, NavItem, SearchBox, Width};
use crate::{App, Failure, Page, answers};

/// Where in the navigation a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Home,
    Projects,
    Documents,
    Messages,
    Search,
    Clients,
    People,
    Audit,
    Settings,
    /// The people of a client's own company, for its admins.
    Company,
    Firms,
    /// Operators' admissions to clients.
    Admissions,
    /// On none of its places: devices, switching.
    Elsewhere,
}

/// What a handler says of its page.
#[derive(Debug)]
pub struct Shell<'a> {
    title: &'a str,
    place: Place,
    client: Option<(&'a ClientId, &'a str)>,
    width: Width,
    query: &'a str,
    notice: Option<&'a str>,
    undo: Option<String>,
    aside: Option<Markup>,
    status: StatusCode,
    memberships: Vec<Membership>,
    without_htmx: bool,
}

impl<'a> Shell<'a> {
    pub fn new(title: &'a str, place: Place) -> Self {
        Self {
            title,
            place,
            client: None,
            width: Width::Reading,
            query: "",
            notice: None,
            undo: None,
            aside: None,
            status: StatusCode::OK,
            memberships: Vec::new(),
            without_htmx: false,
        }
    }

    /// Of a page with scripts of its own, on which htmx swaps nothing: both together are more than a page may load.
    pub fn without_htmx(self) -> Self {
        Self { without_htmx: true, ..self }
    }

    /// The client whose data the page shows, by name.
    pub fn inside(self, client: &'a ClientId, name: &'a str) -> Self {
        Self { client: Some((client, name)), ..self }
    }

    /// For boards and tables.
    pub fn wide(self) -> Self {
        Self { width: Width::Board, ..self }
    }

    /// What was searched for, kept in the box.
    pub fn searched(self, query: &'a str) -> Self {
        Self { query, ..self }
    }

    /// What has just been done, after a redirect.
    pub fn notice(self, words: Option<&'a str>) -> Self {
        Self { notice: words, ..self }
    }

    /// What takes back what the notice tells, by posting to this address.
    pub fn undo(self, action: Option<String>) -> Self {
        Self { undo: action, ..self }
    }

    /// The column beside the content, where there is something for it.
    pub fn aside(self, aside: impl Into<Option<Markup>>) -> Self {
        Self { aside: aside.into(), ..self }
    }

    /// Of a form that is drawn again because something in it was refused: 422.
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Where else the person belongs, for the menu.
    pub fn memberships(self, memberships: Vec<Membership>) -> Self {
        Self { memberships, ..self }
    }
}

impl Page {
    /// The whole page, or its content alone where htmx asked for it: both are the same markup.
    pub async fn show(
        &self,
        app: &App,
        scope: &impl OnePerson,
        shell: Shell<'_>,
        body: Markup,
    ) -> Result<Response, Failure> {
        if self.fragment {
            return Ok(answers::html_with(shell.status, body));
        }
        let brand = match scope.role() {
            // Operators belong to no firm.
            Role::PlatformAdmin => None,
            _ => Some(app.brand(scope).await?),
        };
        let status = shell.status;
        let (frame, aside) = self.frame(scope, brand.as_deref(), shell);
        Ok(answers::html_with(status, ui::page(&frame, body, aside)))
    }

    fn frame(&self, scope: &impl OnePerson, brand: Option<&Brand>, shell: Shell<'_>) -> (Frame, Option<Markup>) {
        let grant = &scope.vended().grant;
        let role = grant.role;
        let may = |name| grant.may(name);
        let zone = brand.map_or(TimeZone::UTC, Brand::time_zone);
        let nouns = brand.map_or("projects", |brand| Pack::nouns_of(&brand.packs));
        let client = shell.client.map(|(client, _)| client).or(grant.client.as_ref().filter(|_| role.is_client()));
        let tag = shell
            .client
            .filter(|_| !role.is_client())
            .map(|(client, name)| ClientTag { name: name.to_owned(), href: format!("/clients/{client}") });
        let frame = Frame {
            title: shell.title.to_owned(),
            firm_name: brand.map_or("Portico", |brand| brand.firm_name.as_str()).to_owned(),
            accent: brand.and_then(|brand| brand.accent.clone()),
            logo: brand.and_then(|brand| brand.logo.as_ref()).map(|logo| Logo {
                href: format!("/firm/logo/{}", logo.hash),
                width: logo.width,
                height: logo.height,
            }),
            home_href: home(role).to_owned(),
            person_name: grant.shown_name().to_owned(),
            person_email: grant.shown_email().to_string(),
            role_title: role.title().to_owned(),
            nav: nav(role, &may, client, shell.place, nouns),
            standing: standing(grant, &zone),
            client: tag,
            // Where the page itself is that search, one box is enough.
            search: search(role, &may, client, shell.query)
                .filter(|box_| !box_.action.starts_with("/firm/") || shell.place != Place::Clients),
            csrf: self.csrf.clone(),
            memberships: shell.memberships,
            switch_action: "/choose".to_owned(),
            security_href: "/security".to_owned(),
            sessions_href: "/sessions".to_owned(),
            notices_href: brand.map(|_| "/notices".to_owned()),
            sign_out_action: "/sign-out".to_owned(),
            width: shell.width,
            without_htmx: shell.without_htmx,
            notice: shell.notice.map(|words| Toast {
                text: words.to_owned(),
                undo: shell.undo.map(|action| ("Undo".to_owned(), action)),
            }),
        };
        (frame, shell.aside)
    }
}

/// How long the page of a failure waits to know whose it is: what failed may be what would tell.
const OF_WHOM_MILLISECONDS_MAX: u64 = 1_000;

/// The page of a failure for whoever is signed in, in the frame of their other pages; none where nobody is, or where
/// finding out takes long or fails as well.
pub(crate) async fn around_failure(app: &App, token: &SessionToken, title: &str, body: &Markup) -> Option<Markup> {
    let patience = Duration::from_millis(OF_WHOM_MILLISECONDS_MAX);
    tokio::time::timeout(patience, framed(app, token, title, body)).await.ok().flatten()
}

async fn framed(app: &App, token: &SessionToken, title: &str, body: &Markup) -> Option<Markup> {
    let page = Page { csrf: token.form_token(), path: String::new(), fragment: false };
    let (actor, vendor, now) = (Actor::of(token), app.aws().vendor(), app.now());
    let shell = Shell::new(title, Place::Elsewhere);
    let (frame, _) = match actor.home(vendor, now).await {
        Ok(home) => page.frame(&home, Some(&*app.brand(&home).await.ok()?), shell),
        // Operators have no home of a firm.
        Err(Denied::Lacks) => page.frame(&actor.platform::<ManageFirms>(vendor, now).await.ok()?, None, shell),
        Err(_) => return None,
    };
    Some(ui::page(&frame, body.clone(), None))
}

/// What every page says as long as it is true.
fn standing(grant: &Grant, zone: &TimeZone) -> Option<Standing> {
    if let Some(viewed) = grant.viewing() {
        let until = viewed.until.to_zoned(zone.clone()).strftime("%H:%M").to_string();
        return Some(Standing::Viewing { name: viewed.name.clone(), until, end_action: "/view-as/end".to_owned() });
    }
    let until = grant.enrol_by?.to_zoned(zone.clone()).strftime("%A %-d %B").to_string();
    Some(Standing::Enrol { until, href: "/security".to_owned() })
}

/// A role's first page.
pub fn home(role: Role) -> &'static str {
    if role == Role::PlatformAdmin { "/platform" } else { "/" }
}

/// Whether the reader may do something: pages offer what they may, and no more.
type May<'a> = &'a dyn Fn(Name) -> bool;

/// `nouns` is the firm's word: matters or projects.
fn nav(role: Role, may: May<'_>, client: Option<&ClientId>, place: Place, nouns: &str) -> Vec<NavItem> {
    let item = |at: Place, label: &str, icon: Icon, href: String| NavItem {
        label: label.to_owned(),
        href,
        current: at == place,
        icon,
    };
    let mut items = vec![match role {
        Role::PlatformAdmin => item(Place::Firms, "Firms", Icon::Clients, "/platform".to_owned()),
        Role::Partner => item(Place::Home, "Board", Icon::Board, "/".to_owned()),
        Role::ClientMember | Role::ClientAdmin | Role::Staff => item(Place::Home, "Home", Icon::Home, "/".to_owned()),
    }];
    if may(Name::ViewFirm) {
        items.push(item(Place::Clients, "Clients", Icon::Clients, "/firm/clients".to_owned()));
    } else if role == Role::Staff {
        items.push(item(Place::Clients, "Clients", Icon::Clients, "/clients".to_owned()));
    }
    if let Some(client) = client.filter(|_| role != Role::PlatformAdmin) {
        let label = if nouns == "matters" { "Matters" } else { "Projects" };
        if may(Name::ViewProjects) {
            items.push(item(Place::Projects, label, Icon::Folder, format!("/clients/{client}/projects")));
        }
        let documents = may(Name::ViewDocuments)
            .then(|| item(Place::Documents, "Documents", Icon::Document, format!("/clients/{client}/documents")));
        let messages = may(Name::ReadMessages)
            .then(|| item(Place::Messages, "Messages", Icon::Message, format!("/clients/{client}/messages")));
        // The firm's people have more places than a phone's bar: what waits for an answer is in sight there.
        let both = if role.is_client() { [documents, messages] } else { [messages, documents] };
        items.extend(both.into_iter().flatten());
    }
    // Of partners outside of a client the box is enough: their places are as many as a phone shows.
    if let Some(search) = search(role, may, client, "").filter(|_| role != Role::Partner || client.is_some()) {
        items.push(item(Place::Search, "Search", Icon::Search, search.action));
    }
    if may(Name::ManagePeople) {
        items.push(item(Place::People, "People", Icon::People, "/firm/people".to_owned()));
    }
    if may(Name::ViewAudit) {
        items.push(item(Place::Audit, "Audit", Icon::Audit, "/firm/audit".to_owned()));
    }
    if may(Name::ManageSettings) {
        items.push(item(Place::Settings, "Settings", Icon::Settings, "/firm/settings".to_owned()));
    }
    if may(Name::BreakGlass) {
        items.push(item(Place::Admissions, "Admissions", Icon::Lock, "/platform/admissions".to_owned()));
    }
    if role.is_client() && may(Name::ViewCompany) {
        items.push(item(Place::Company, "Company", Icon::People, "/company".to_owned()));
    }
    items
}

/// Inside a client, its documents; else, for staff, those of all clients assigned to them, and for partners the clients
/// and the documents of all.
fn search(role: Role, may: May<'_>, client: Option<&ClientId>, query: &str) -> Option<SearchBox> {
    if client.is_some() && !may(Name::SearchDocuments)
        || client.is_none() && role == Role::Partner && !may(Name::ViewFirm)
    {
        return None;
    }
    let (action, label) = match (client, role) {
        (_, Role::PlatformAdmin) | (None, Role::ClientMember | Role::ClientAdmin) => return None,
        (None, Role::Partner) => ("/search".to_owned(), "Search clients and documents"),
        (Some(client), _) => (format!("/clients/{client}/search"), "Search documents"),
        (None, Role::Staff) => ("/search".to_owned(), "Search your clients' documents"),
    };
    Some(SearchBox { action, value: query.to_owned(), label: label.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: Role, inside: bool, want: &[&str]) {
        let client = ClientId::from_bits(7);
        let may = |name: Name| name.held_by(role);
        let items = nav(role, &may, inside.then_some(&client), Place::Documents, "matters");
        let shown: Vec<String> =
            items.iter().map(|item| format!("{} {}", item.label, item.href.replace(client.as_str(), "C"))).collect();
        assert_eq!(shown, want, "{role:?}");
        assert_eq!(items.iter().filter(|item| item.current).count(), usize::from(inside), "{role:?}");
    }

    #[test]
    fn every_role_has_its_places() {
        let client = [
            "Home /",
            "Matters /clients/C/projects",
            "Documents /clients/C/documents",
            "Messages /clients/C/messages",
            "Search /clients/C/search",
        ];
        check(Role::ClientMember, true, &client);
        check(Role::ClientAdmin, true, &[client.as_slice(), &["Company /company"]].concat());
        check(Role::Staff, false, &["Home /", "Clients /clients", "Search /search"]);
        let [home, matters, documents, messages, search] = client;
        check(Role::Staff, true, &[home, "Clients /clients", matters, messages, documents, search]);
        check(
            Role::Partner,
            false,
            &[
                "Board /",
                "Clients /firm/clients",
                "People /firm/people",
                "Audit /firm/audit",
                "Settings /firm/settings",
            ],
        );
        check(
            Role::Partner,
            true,
            &[
                "Board /",
                "Clients /firm/clients",
                "Matters /clients/C/projects",
                "Messages /clients/C/messages",
                "Documents /clients/C/documents",
                "Search /clients/C/search",
                "People /firm/people",
                "Audit /firm/audit",
                "Settings /firm/settings",
            ],
        );
        check(Role::PlatformAdmin, false, &["Firms /platform", "Admissions /platform/admissions"]);
    }
}
