//! The page around a handler's content: navigation by role, the client that staff are in, the person's menu.

use access::OnePerson;
use axum::response::Response;
use domain::{ClientId, Role};
use http::StatusCode;
use maud::Markup;
use storage::Brand;

use crate::ui::feedback::Toast;
use crate::ui::{self, ClientTag, Frame, Icon, Membership, NavItem, SearchBox, Width, structure};
use crate::{App, Failure, Page, answers};

/// Where in the navigation a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Home,
    Projects,
    Documents,
    Search,
    Clients,
    People,
    Audit,
    Firms,
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
    aside: Option<Markup>,
    status: StatusCode,
    memberships: Vec<Membership>,
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
            aside: None,
            status: StatusCode::OK,
            memberships: Vec::new(),
        }
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

    /// The column beside the content.
    pub fn aside(self, aside: Markup) -> Self {
        Self { aside: Some(aside), ..self }
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
        let client = shell.client.map(|(client, _)| client).or(grant.client.as_ref().filter(|_| role.is_client()));
        let tag = shell.client.filter(|_| !role.is_client()).map(|(client, name)| ClientTag {
            name: name.to_owned(),
            dot: structure::tone(client.as_str()),
            href: format!("/clients/{client}"),
        });
        let frame = Frame {
            title: shell.title.to_owned(),
            firm_name: brand.map_or("Portico", |brand| brand.firm_name.as_str()).to_owned(),
            accent: brand.and_then(|brand| brand.accent.clone()),
            home_href: home(role).to_owned(),
            person_name: grant.name.clone(),
            person_email: grant.email.to_string(),
            role_title: role.title().to_owned(),
            nav: nav(role, client, shell.place),
            client: tag,
            search: search(role, client, shell.query),
            csrf: self.csrf.clone(),
            memberships: shell.memberships,
            switch_action: "/choose".to_owned(),
            sessions_href: "/sessions".to_owned(),
            sign_out_action: "/sign-out".to_owned(),
            width: shell.width,
            notice: shell.notice.map(|words| Toast { text: words.to_owned(), undo: None }),
        };
        (frame, shell.aside)
    }
}

/// A role's first page.
pub fn home(role: Role) -> &'static str {
    if role == Role::PlatformAdmin { "/platform" } else { "/" }
}

fn nav(role: Role, client: Option<&ClientId>, place: Place) -> Vec<NavItem> {
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
    if role == Role::Partner {
        items.push(item(Place::Clients, "Clients", Icon::Clients, "/firm/clients".to_owned()));
    }
    if let Some(client) = client.filter(|_| role != Role::PlatformAdmin) {
        items.push(item(Place::Projects, "Projects", Icon::Folder, format!("/clients/{client}/projects")));
        items.push(item(Place::Documents, "Documents", Icon::Document, format!("/clients/{client}/documents")));
    }
    if let Some(search) = search(role, client, "") {
        items.push(item(Place::Search, "Search", Icon::Search, search.action));
    }
    if role == Role::Partner {
        items.push(item(Place::People, "People", Icon::People, "/firm/people".to_owned()));
        items.push(item(Place::Audit, "Audit", Icon::Audit, "/firm/audit".to_owned()));
    }
    items
}

/// Inside a client, its documents; else, for staff, those of all clients assigned to them.
fn search(role: Role, client: Option<&ClientId>, query: &str) -> Option<SearchBox> {
    let (action, label) = match (client, role) {
        (_, Role::PlatformAdmin) | (None, Role::Partner | Role::ClientMember | Role::ClientAdmin) => return None,
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
        let items = nav(role, inside.then_some(&client), Place::Documents);
        let shown: Vec<String> =
            items.iter().map(|item| format!("{} {}", item.label, item.href.replace(client.as_str(), "C"))).collect();
        assert_eq!(shown, want, "{role:?}");
        assert_eq!(items.iter().filter(|item| item.current).count(), usize::from(inside), "{role:?}");
    }

    #[test]
    fn every_role_has_its_places() {
        let client =
            ["Home /", "Projects /clients/C/projects", "Documents /clients/C/documents", "Search /clients/C/search"];
        check(Role::ClientMember, true, &client);
        check(Role::ClientAdmin, true, &client);
        check(Role::Staff, false, &["Home /", "Search /search"]);
        check(Role::Staff, true, &client);
        check(Role::Partner, false, &["Board /", "Clients /firm/clients", "People /firm/people", "Audit /firm/audit"]);
        check(
            Role::Partner,
            true,
            &[
                "Board /",
                "Clients /firm/clients",
                "Projects /clients/C/projects",
                "Documents /clients/C/documents",
                "Search /clients/C/search",
                "People /firm/people",
                "Audit /firm/audit",
            ],
        );
        check(Role::PlatformAdmin, false, &["Firms /platform"]);
    }
}
