//! The pages, by who sees them. Names are those of the screenshots.

use serde_json::{Value, json};

use crate::world::fresh;

/// Ids of what there is to see.
pub struct Places {
    pub firm: String,
    /// With matters and documents.
    pub client: String,
    /// With nothing yet.
    pub empty: String,
    pub person: String,
    /// One of the people of the client with matters.
    pub own: String,
    pub matter: String,
    pub closed: String,
    pub ready: String,
    pub refused: String,
    pub awaited: String,
    /// What the client is asked for.
    pub request: String,
    /// To a provider of single sign-on.
    pub connection: String,
    /// A list of documents that are due, asked for and not confirmed.
    pub run: String,
    /// An archived client that is to be erased, and the order to do so, which nobody confirmed yet.
    pub former: String,
    pub erasure: String,
    /// A zip that the client's member asked for, of files of which one is not in it.
    pub zip: String,
    /// A newsletter that came to the client with matters, and a draft of one.
    pub newsletter: String,
    pub draft: String,
    /// A mailed link that is still good, as path and query.
    pub link: String,
}

impl Places {
    /// For looking at addresses only.
    pub fn nowhere() -> Places {
        let id = fresh;
        Places {
            firm: id(),
            client: id(),
            empty: id(),
            person: id(),
            own: id(),
            matter: id(),
            closed: id(),
            ready: id(),
            refused: id(),
            awaited: id(),
            request: id(),
            connection: id(),
            run: id(),
            former: id(),
            erasure: id(),
            zip: id(),
            newsletter: id(),
            draft: id(),
            link: "/sign-in/link?token=none".to_owned(),
        }
    }
}

pub struct Visit {
    pub who: &'static str,
    pub name: &'static str,
    pub path: String,
    pub status: u16,
    /// What is done on the page before it is looked at; the script knows how.
    pub state: Option<&'static str>,
}

impl Visit {
    fn new(who: &'static str, name: &'static str, path: impl Into<String>) -> Visit {
        Visit { who, name, path: path.into(), status: 200, state: None }
    }

    fn refused(self, status: u16) -> Visit {
        Visit { status, ..self }
    }

    fn then(self, state: &'static str) -> Visit {
        Visit { state: Some(state), ..self }
    }

    /// As the script is told.
    pub fn told(&self) -> Value {
        let name = format!("{}-{}", self.who, self.name);
        // Where scripts run, the page that a mailed link opens goes on by itself.
        let scripts = self.who != "asker";
        json!({
            "as": self.who, "name": name, "path": self.path, "status": self.status, "state": self.state, "scripts": scripts,
        })
    }
}

pub fn all(places: &Places) -> Vec<Visit> {
    let mut list = strangers(places);
    list.extend(clients(places));
    list.extend(staff(places));
    list.extend(partners(places));
    list.extend(operators(places));
    list.extend(security());
    list
}

fn strangers(places: &Places) -> Vec<Visit> {
    let at = |name, path: &str| Visit::new("stranger", name, path);
    vec![
        at("sign-in", "/sign-in"),
        at("sign-in-wrong", "/sign-in").then("sent"),
        at("code", "/sign-in").then("address-asked"),
        at("code-wrong", "/sign-in").then("code-wrong"),
        // The address was asked for just before, by the same browser.
        at("sent", "/sign-in/sent"),
        at("sent-again", "/sign-in/sent-again"),
        at("link-elsewhere", &places.link),
        at("link-gone", "/sign-in/link?token=none").refused(410),
        at("nowhere", "/nowhere").refused(404),
        at("unsubscribe-gone", "/unsubscribe/none").refused(410),
        at("sso-gone", "/sso/oidc/callback").refused(410),
        at("sso-nowhere", "/sso/01ARZ3NDEKTSV4RRFFQ69G5FAV/start").refused(404),
        at("components", "/_dev/components"),
        Visit::new("asker", "link", &places.link),
    ]
}

fn clients(places: &Places) -> Vec<Visit> {
    let Places { client, empty, own, matter, closed, ready, refused, awaited, request, .. } = places;
    let member = |name, path: String| Visit::new("member", name, path);
    let admin = |name, path: String| Visit::new("admin", name, path);
    let first_day = |name, path: String| Visit::new("first-day", name, path);
    let of = format!("/clients/{client}");
    vec![
        member("home", "/".into()),
        member("home-account", "/".into()).then("account"),
        member("home-keys", "/".into()).then("keys"),
        member("client", of.clone()),
        member("projects", format!("{of}/projects")),
        member("project", format!("{of}/projects/{matter}")),
        member("project-closed", format!("{of}/projects/{closed}")),
        member("project-new-refused", format!("{of}/projects/new")).refused(403),
        member("documents", format!("{of}/documents")),
        member("documents-of-project", format!("{of}/documents?project={matter}")),
        member("documents-none", format!("{of}/documents?category=Court%20orders")),
        member("documents-narrowed", format!("{of}/documents?kind=pdf&name=none&from=2026-01-01")),
        member("bin", format!("{of}/documents?bin=1")),
        member("zip", format!("{of}/documents/zips/{}", places.zip)),
        member("document-ready", format!("{of}/documents/{ready}")),
        member("document-preview", format!("{of}/documents/{ready}/preview")),
        member("document-refused", format!("{of}/documents/{refused}")),
        member("document-awaited", format!("{of}/documents/{awaited}")),
        member("messages", format!("{of}/messages")),
        member("messages-wrong", format!("{of}/messages")).then("sent"),
        member("newsletters", format!("{of}/newsletters")),
        member("newsletter", format!("{of}/newsletters/{}", places.newsletter)),
        member("thread", format!("{of}/messages/{matter}")),
        member("thread-wrong", format!("{of}/messages/{matter}")).then("sent"),
        member("thread-edit-refused", format!("{of}/messages/{matter}/2/edit")).refused(422),
        member("thread-new", format!("{of}/messages/general")),
        member("requests", format!("{of}/requests")),
        member("request", format!("{of}/requests/{request}")),
        member("request-new-refused", format!("{of}/requests/new")).refused(403),
        member("upload-plain", format!("{of}/documents/new")),
        member("upload-plain-wrong", format!("{of}/documents/new")).then("sent"),
        member("upload-plain-send", format!("{of}/documents/{awaited}/send")),
        member("search", format!("{of}/search")),
        member("search-hits", format!("{of}/search?q=harbour")),
        member("search-none", format!("{of}/search?q=zanzibar")),
        member("sessions", "/sessions".into()),
        member("security", "/security".into()),
        member("notices", "/notices".into()),
        member("tokens", "/tokens".into()),
        member("tokens-new", "/tokens/new".into()),
        member("confirm", "/confirm?next=/security".into()),
        member("choose", "/choose".into()),
        member("foreign", format!("/clients/{empty}")).refused(404),
        member("nowhere", "/nowhere".into()).refused(404),
        admin("home", "/".into()),
        admin("company", "/company".into()),
        admin("company-wrong", "/company".into()).then("sent"),
        admin("company-person", format!("/company/{own}")),
        admin("projects", format!("{of}/projects")),
        admin("project", format!("{of}/projects/{matter}")),
        admin("documents", format!("{of}/documents")),
        admin("document-refused", format!("{of}/documents/{refused}")),
        admin("search-hits", format!("{of}/search?q=harbour")),
        admin("sessions", "/sessions".into()),
        admin("notices", "/notices?done=code".into()),
        first_day("home", "/".into()),
        first_day("projects", format!("/clients/{empty}/projects")),
        first_day("messages", format!("/clients/{empty}/messages")),
        first_day("requests", format!("/clients/{empty}/requests")),
        first_day("documents", format!("/clients/{empty}/documents")),
        Visit::new("several", "choose", "/choose"),
    ]
}

fn security() -> Vec<Visit> {
    let at = |who, name, path: &str| Visit::new(who, name, path);
    vec![
        at("careful", "security", "/security"),
        at("careful", "security-done", "/security?done=app-added"),
        at("careful", "app", "/security/app"),
        at("careful", "app-wrong", "/security/app").then("sent"),
        at("careful", "confirm", "/confirm?next=/security"),
        at("careful", "confirm-wrong", "/confirm").then("sent"),
        at("careful", "sessions", "/sessions?done=others"),
        at("halfway", "second", "/sign-in/second"),
        at("halfway", "second-wrong", "/sign-in/second").then("second-wrong"),
        at("enrolling", "enrol", "/security/enrol"),
    ]
}

fn staff(places: &Places) -> Vec<Visit> {
    let Places { client, matter, closed, ready, refused, request, .. } = places;
    let at = |name, path: String| Visit::new("staff", name, path);
    let of = format!("/clients/{client}");
    vec![
        at("home", "/".into()),
        at("clients", "/clients".into()),
        at("project-done", format!("{of}/projects/{matter}?done=told")),
        at("client", of.clone()),
        at("client-account", of.clone()).then("account"),
        at("projects", format!("{of}/projects")),
        at("project", format!("{of}/projects/{matter}")),
        at("project-saved", format!("{of}/projects/{matter}?done=saved")),
        at("project-new", format!("{of}/projects/new")),
        at("project-new-wrong", format!("{of}/projects/new")).then("sent"),
        at("project-edit", format!("{of}/projects/{matter}/edit")),
        at("project-edit-closed", format!("{of}/projects/{closed}/edit")),
        at("documents", format!("{of}/documents")),
        at("document-ready", format!("{of}/documents/{ready}")),
        at("document-refused", format!("{of}/documents/{refused}")),
        at("messages", format!("{of}/messages")),
        at("sent", format!("{of}/notices")),
        at("newsletters", format!("{of}/newsletters")),
        at("newsletter", format!("{of}/newsletters/{}", places.newsletter)),
        at("thread", format!("{of}/messages/{matter}")),
        at("thread-done", format!("{of}/messages/{matter}?done=noted")),
        at("requests", format!("{of}/requests")),
        at("request", format!("{of}/requests/{request}")),
        at("request-done", format!("{of}/requests/{request}?done=sent")),
        at("request-edit", format!("{of}/requests/{request}/edit")),
        at("request-new", format!("{of}/requests/new?project={matter}")),
        at("request-new-wrong", format!("{of}/requests/new?project={matter}")).then("sent"),
        at("client-search", format!("{of}/search?q=harbour")),
        at("search", "/search".into()),
        at("search-hits", "/search?q=harbour".into()),
        at("search-none", "/search?q=zanzibar".into()),
        at("sessions", "/sessions".into()),
        at("notices", "/notices?done=saved".into()),
        at("people-refused", "/firm/people".into()).refused(403),
        Visit::new("unassigned", "home", "/"),
        Visit::new("unassigned", "foreign", of.as_str()).refused(404),
    ]
}

fn partners(places: &Places) -> Vec<Visit> {
    let Places { client, empty, person, matter, ready, .. } = places;
    let at = |name, path: String| Visit::new("partner", name, path);
    let of = format!("/clients/{client}");
    vec![
        at("sent-none", format!("/clients/{empty}/notices")),
        at("home", "/".into()),
        at("home-overdue", "/?show=overdue".into()),
        at("home-none", "/?pack=tax&phase=1".into()),
        at("firm", "/firm".into()),
        at("clients", "/firm/clients".into()),
        at("clients-none", "/firm/clients?q=zanzibar".into()),
        at("clients-wrong", "/firm/clients".into()).then("sent"),
        at("team", format!("/firm/clients/{client}/team")),
        at("clients-client", format!("/firm/clients/{client}")),
        at("clients-client-empty", format!("/firm/clients/{empty}")),
        at("clients-archived", "/firm/clients?archived=1".into()),
        at("assignments", "/firm/assignments".into()),
        at("assignments-of-one", format!("/firm/assignments?person={person}")),
        at("assignments-none", "/firm/assignments?q=zanzibar".into()),
        at("person", format!("/firm/people/{person}")),
        at("people-of-client", format!("/firm/people?client={client}")),
        at("people-ended", "/firm/people?show=ended".into()),
        at("sign-ins", "/firm/sign-ins".into()),
        at("sign-ins-of-one", format!("/firm/sign-ins?person={person}")),
        at("review", "/firm/review".into()),
        at("retention", "/firm/retention".into()),
        at("retention-client", format!("/firm/clients/{client}/retention?document={ready}")),
        at("retention-run", format!("/firm/clients/{client}/retention/runs/{}", places.run)),
        at("retention-erasure", format!("/firm/clients/{}/retention/erasures/{}", places.former, places.erasure)),
        at("settings", "/firm/settings".into()),
        at("settings-sign-in", "/firm/settings/sign-in".into()),
        at("settings-texts", "/firm/settings/texts".into()),
        at("settings-texts-wrong", "/firm/settings/texts".into()).then("sent"),
        at("newsletters", "/firm/newsletters".into()),
        at("newsletters-new", "/firm/newsletters/new".into()),
        at("newsletters-wrong", "/firm/newsletters/new".into()).then("sent"),
        at("newsletter", format!("/firm/newsletters/{}", places.newsletter)),
        at("newsletter-draft", format!("/firm/newsletters/{}", places.draft)),
        at("settings-colour", "/firm/settings/accent?accent=%23ffd700".into()),
        at("sso", "/sso".into()),
        at("sso-new", "/sso/new".into()),
        at("sso-one", format!("/sso/{}", places.connection)),
        at("people", "/firm/people".into()),
        at("people-wrong", "/firm/people".into()).then("sent"),
        at("audit", "/firm/audit".into()),
        at("audit-of-client", format!("/firm/audit?client={client}")),
        at("audit-of-person", format!("/firm/audit?person={person}")),
        at("audit-event", format!("/firm/audit?client={client}&event=1")),
        at("client", of.clone()),
        at("client-empty", format!("/clients/{empty}")),
        at("projects-empty", format!("/clients/{empty}/projects")),
        at("documents-empty", format!("/clients/{empty}/documents")),
        at("client-more", of.clone()).then("more"),
        at("project", format!("{of}/projects/{matter}")),
        at("project-new", format!("{of}/projects/new")),
        at("project-edit", format!("{of}/projects/{matter}/edit")),
        at("documents", format!("{of}/documents")),
        at("document", format!("{of}/documents/{ready}")),
        at("search", format!("{of}/search?q=harbour")),
        at("search-everywhere", "/search?q=harbour".into()),
        at("view-as", format!("{of}/view-as")),
        at("admissions", "/firm/admissions".into()),
        at("sessions-ended", "/sessions?done=ended".into()),
        at("platform-refused", "/platform".into()).refused(404),
    ]
}

fn operators(places: &Places) -> Vec<Visit> {
    let at = |name, path: &str| Visit::new("operator", name, path);
    vec![
        at("firms", "/platform"),
        at("firm-new", "/platform/new"),
        at("firm-wrong", "/platform/new").then("sent"),
        at("firm", &format!("/platform/firms/{}", places.firm)),
        at("admissions", "/platform/admissions"),
        // A fresh proof is asked for before there is anything to see; what is seen then has a test of its own.
        at("admission-asks-first", &format!("/platform/admissions/{}", fresh())),
        at("sessions", "/sessions"),
        at("nowhere", "/nowhere").refused(404),
    ]
}
