//! Setting providers up: the list, the form for a new one, and one connection with all that can be done about it.

use domain::Timestamp;
use domain::limits;
use domain::sso::{Claim, Domain, Newcomers, Vouched, record_value};
use integrations::saml::Certificate;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{Connection, ConnectionKind, ListedClient};
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{self, Choice, Field, Size, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{PageHead, Row, Section, card, facts_line, fold, page_head, rows, section};
use web::ui::{Button, Icon, words};

use crate::sso::{Addresses, NewConnection};

pub(crate) fn list(connections: &[Connection]) -> Markup {
    let add = Button::primary("Connect a provider").link("/sso/new");
    html! {
        (page_head(&PageHead { title: "Single sign-on", actions: &[add], ..PageHead::default() }))
        p {
            "People of the firm, or of a client's company, sign in with the account they have there. You can have one \
             connection for the firm and one for each client, or more."
        }
        @if connections.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::People),
                title: "No provider is connected",
                text: "Everybody signs in by a mailed link or a passkey.",
                action: None,
            }))
        } @else {
            (rows(connections.iter().map(|connection| Row {
                lead: None,
                title: &connection.name,
                href: None,
                meta: Some(facts_line(&[
                    html! { a href={ "/sso/" (connection.connection) } { "Open" span.unseen { " " (connection.name) } } },
                    html! { (kind_words(connection)) },
                    html! { (whose_words(connection)) },
                    html! { (domain_words(connection)) },
                ])),
                trail: Some(standing(connection)),
            })))
        }
    }
}

fn kind_words(connection: &Connection) -> &'static str {
    match connection.kind {
        ConnectionKind::Oidc { .. } => "OpenID Connect",
        ConnectionKind::Saml { .. } => "SAML",
    }
}

fn whose_words(connection: &Connection) -> String {
    match &connection.client_name {
        Some(client) => format!("people of {client}"),
        None => "people of the firm".to_owned(),
    }
}

fn domain_words(connection: &Connection) -> String {
    let proven: Vec<&str> =
        connection.claims.iter().filter(|claim| claim.holds()).map(|claim| claim.domain.as_str()).collect();
    if proven.is_empty() { "no proven domain yet".to_owned() } else { proven.join(", ") }
}

fn standing(connection: &Connection) -> Markup {
    match &connection.tried {
        None => pill_saying(State::WaitingOnYou, "Not tested"),
        Some(tried) if tried.good => pill_saying(State::Done, "Works"),
        Some(_) => pill_saying(State::Overdue, "Test failed"),
    }
}

pub(crate) fn new(typed: &NewConnection, clients: &[ListedClient], csrf: &str, error: Option<&str>) -> Markup {
    let mut whose = vec![Choice::new("", "People of the firm", typed.client.is_empty())];
    for client in clients {
        let id = client.client.as_str();
        whose.push(Choice::new(id, client.name.as_str(), typed.client == id));
    }
    let kinds = [
        Choice {
            hint: Some("Google, Microsoft Entra, Okta and most others"),
            ..Choice::new("oidc", "OpenID Connect", typed.kind != "saml")
        },
        Choice {
            hint: Some("Where OpenID Connect is not offered"),
            ..Choice::new("saml", "SAML 2.0", typed.kind == "saml")
        },
    ];
    html! {
        (page_head(&PageHead { title: "Connect a provider", ..PageHead::default() }))
        @if let Some(why) = error {
            (banner(&Banner { tone: Tone::Problem, title: "Nothing has been saved yet", text: Some(html! { (why) }), action: None }))
        }
        (card(form::file_form("/sso/new", csrf, html! {
            (line("name", "What you call it", Some("For yourselves: “Acme's Okta”."), &typed.name, "text"))
            (form::select(&field("client", "Whose people sign in by it", None), &whose))
            (form::radios(&field("kind", "What the provider speaks", None), &kinds))
            (form::group("openid", "For OpenID Connect", html! {
                (optional("issuer", "Issuer", Some("The address that the provider calls itself by, like https://login.example.com"), &typed.issuer, "url"))
                (optional("client_id", "Client id", None, &typed.client_id, "text"))
                (optional("client_secret", "Client secret", Some("Kept sealed. It is never shown again."), "", "password"))
            }))
            (form::group("saml", "For SAML", html! {
                (optional("metadata_url", "Address of the provider's metadata", Some("It can then be read anew when a certificate changes."), &typed.metadata_url, "url"))
                (metadata_itself(&typed.metadata))
            }))
            (Button::primary("Read and save").submit())
        })))
    }
}

/// Metadata as a file or as text, for providers that do not publish it.
fn metadata_itself(typed: &str) -> Markup {
    let file = Field { optional: true, ..field("metadata_file", "Or its metadata file", Some("XML, at most 200 kB.")) };
    let text = Field { optional: true, ..field("metadata", "Or what is in the file", Some("Paste all of it.")) };
    html! {
        (form::file_input(&file, ".xml,application/xml,text/xml,application/samlmetadata+xml"))
        (form::text_area(&text, typed, 5, limits::SSO_METADATA_CHARACTERS_MAX))
    }
}

fn field<'a>(name: &'a str, label: &'a str, hint: Option<&'a str>) -> Field<'a> {
    Field { name, label, hint, error: None, optional: false }
}

fn line(name: &str, label: &str, hint: Option<&str>, value: &str, kind: &str) -> Markup {
    form::text_input(&TextInput { field: field(name, label, hint), value, kind, ..TextInput::default() })
}

fn optional(name: &str, label: &str, hint: Option<&str>, value: &str, kind: &str) -> Markup {
    let field = Field { optional: true, ..field(name, label, hint) };
    form::text_input(&TextInput {
        field,
        value,
        kind,
        autocomplete: Some("off"),
        size: Size::Full,
        ..TextInput::default()
    })
}

pub(crate) struct One<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) addresses: &'a Addresses,
    pub(crate) certificates: &'a [Certificate],
    /// How many people of the firm or the company have addresses of each proven domain.
    pub(crate) people: &'a [(Domain, usize)],
    pub(crate) csrf: &'a str,
    /// What has just been done.
    pub(crate) done: &'a str,
    pub(crate) error: Option<&'a str>,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
}

impl One<'_> {
    fn action(&self) -> String {
        format!("/sso/{}", self.connection.connection)
    }

    fn people_of(&self, domain: &str) -> usize {
        self.people.iter().find(|(known, _)| known.as_str() == domain).map_or(0, |(_, count)| *count)
    }

    /// A form of one button.
    fn press(&self, what: &str, value: &str, on: &str, button: Button<'_>) -> Markup {
        let fields = [("what", what), ("value", value), ("on", on)];
        form::inline_form(&self.action(), self.csrf, &fields, button.submit())
    }

    /// A form of one field.
    fn ask(&self, what: &str, control: Markup, button: &str) -> Markup {
        form::form(
            &self.action(),
            self.csrf,
            html! {
                input type="hidden" name="what" value=(what);
                (control)
                (Button::quiet(button).submit())
            },
        )
    }
}

pub(crate) fn one(view: &One<'_>) -> Markup {
    let connection = view.connection;
    let test = Button::primary("Test it").link(&format!("{}/try", view.action()));
    html! {
        (page_head(&PageHead { title: &connection.name, actions: &[test], ..PageHead::default() }))
        @if let Some(why) = view.error {
            (banner(&Banner { tone: Tone::Problem, title: "Nothing has been changed", text: Some(html! { (why) }), action: None }))
        }
        @if let Some(words) = done_words(view.done) {
            (banner(&Banner { tone: Tone::Done, title: words, text: None, action: None }))
        }
        (tried(view))
        (part("What to enter at the provider", addresses(view)))
        (part("Domains", domains(view)))
        (part("People", people(view)))
        @if let ConnectionKind::Saml { .. } = connection.kind { (part("Certificates", certificates(view))) }
        (part("The connection", connection_part(view)))
        p { a href="/sso" { "All connections" } }
    }
}

fn part(title: &str, body: Markup) -> Markup {
    section(&Section { title, ..Section::default() }, body)
}

fn done_words(done: &str) -> Option<&'static str> {
    Some(match done {
        "added" => "The provider is connected. Enter the addresses below there, then test it.",
        "saved" => "Saved.",
        "proven" => "The record was found. The domain is proven.",
        "claimed" => "The domain is here. Now add its text record.",
        "renewed" => "Read anew from the provider.",
        "only" => {
            "Saved. Where only this connection is allowed, whoever came in another way has been signed out, and tokens for programs have ended."
        }
        "released" => "The address can be used with another account of the provider.",
        _ => return None,
    })
}

fn tried(view: &One<'_>) -> Markup {
    let Some(tried) = &view.connection.tried else {
        return banner(&Banner {
            tone: Tone::Attention,
            title: "Not tested yet",
            text: Some(html! { "The test takes you to the provider and back. It signs nobody in." }),
            action: None,
        });
    };
    let when = words::instant(tried.at, view.now, &view.zone);
    let (tone, title) = match tried.good {
        true => (Tone::Done, "The last test worked"),
        false => (Tone::Problem, "The last test failed"),
    };
    banner(&Banner { tone, title, text: Some(html! { (tried.words) " (" (when) ")" }), action: None })
}

fn addresses(view: &One<'_>) -> Markup {
    let code = |text: &str| html! { code { (text) } };
    let list = match &view.connection.kind {
        ConnectionKind::Oidc { issuer, client_id, .. } => vec![
            ("Redirect address", code(&view.addresses.callback)),
            ("Scopes", code("openid email profile")),
            ("Issuer", code(issuer)),
            ("Client id", code(client_id)),
        ],
        ConnectionKind::Saml { issuer, .. } => vec![
            ("Identifier (entity id)", code(&view.addresses.entity_id)),
            ("Reply address (ACS)", code(&view.addresses.acs)),
            ("Our metadata", html! { a href=(view.addresses.entity_id) { "Open" } }),
            ("Name identifier", html! { "persistent, or the e-mail address" }),
            ("Assertions", html! { "have to be signed" }),
            ("Provider", code(issuer)),
        ],
    };
    card(facts(&list))
}

fn domains(view: &One<'_>) -> Markup {
    html! {
        @if view.connection.claims.is_empty() {
            p { "Nobody can sign in by this connection before a domain of addresses is proven to be theirs." }
        }
        @for claim in &view.connection.claims { (card(domain(view, claim))) }
        (card(view.ask(
            "claim",
            form::text_input(&TextInput {
                field: field("value", "Add a domain", Some("As it stands in addresses: acme.com. Subdomains are domains of their own.")),
                size: Size::Medium,
                ..TextInput::default()
            }),
            "Add the domain",
        )))
    }
}

fn domain(view: &One<'_>, claim: &Claim) -> Markup {
    let name = claim.domain.as_str();
    let proven = match claim.vouched {
        Some(Vouched::Dns) => pill_saying(State::Done, "Proven by its record"),
        Some(Vouched::Platform) => pill_saying(State::Done, "Proven by the platform"),
        None => pill_saying(State::WaitingOnYou, "Not proven yet"),
    };
    html! {
        h3 { (name) " " (proven) }
        @if !claim.holds() {
            p { "Add this text record (TXT) where the domain's names are kept, then check." }
            (facts(&[
                ("Name", html! { code { (claim.domain.record_name()) } }),
                ("Value", html! { code { (record_value(&claim.token)) } }),
            ]))
            (view.press("check", name, "", Button::quiet("Check now").about(name)))
        } @else if claim.only {
            p { "People with these addresses sign in by this connection only. Partners can also come in with a passkey or an app for codes." }
            (view.press("only", name, "no", Button::quiet("Allow other ways to sign in").about(name)))
        } @else {
            p { "People with these addresses may also sign in by mail or passkey." }
            p { (asked_again(view.people_of(name))) }
            (view.press("only", name, "yes", Button::quiet("Only by this connection").about(name)))
        }
        (view.press("give_up", name, "", Button::quiet_danger("Remove the domain").about(name)))
    }
}

/// What turning the other ways off means for those who are in.
fn asked_again(people: usize) -> String {
    let who = match people {
        0 => return "Nobody here has such an address yet.".to_owned(),
        1 => "One person here has such an address. If".to_owned(),
        more => format!("{more} people here have such addresses. If"),
    };
    format!(
        "{who} you allow only this connection, whoever of them came in another way is signed out and asked to sign in \
         again; partners with a second factor stay. Tokens for programs of all of them end."
    )
}

fn people(view: &One<'_>) -> Markup {
    let connection = view.connection;
    let joining = Newcomers::joining(&connection.whose());
    let joins = match &connection.client_name {
        Some(client) => format!("Join {client} as a member"),
        None => "Join the firm as staff".to_owned(),
    };
    let chosen = |choice: Newcomers| connection.newcomers == choice;
    let choices = [
        Choice::new(Newcomers::Invited.as_str(), "Only who is invited", chosen(Newcomers::Invited)),
        Choice {
            hint: Some(
                "Whoever the provider lets in, with an address that it says is verified. Never somebody whose access has ended.",
            ),
            ..Choice::new(joining.as_str(), &joins, chosen(joining))
        },
    ];
    html! {
        (card(view.ask(
            "newcomers",
            form::radios(&field("value", "People of these domains who come in for the first time", None), &choices),
            "Save",
        )))
        (fold("An account was made anew at the provider", false, view.ask(
            "release",
            form::text_input(&TextInput {
                field: field("value", "Address", Some("The next account of the provider that comes with this address is taken for the same person.")),
                kind: "email",
                autocomplete: Some("off"),
                ..TextInput::default()
            }),
            "Release the address",
        )))
    }
}

fn certificates(view: &One<'_>) -> Markup {
    let ConnectionKind::Saml { metadata_url, encrypt_to, .. } = &view.connection.kind else { return html! {} };
    html! {
        p { "Only what is signed with one of these is believed. Keep two while the provider changes from one to the next." }
        @for certificate in view.certificates {
            @let print = certificate.fingerprint();
            (card(html! {
                (facts(&[
                    ("SHA-256", html! { code { (print) } }),
                    ("Valid until", words::instant(certificate.expires, view.now, &view.zone)),
                ]))
                (view.press("remove_certificate", &print, "", Button::quiet_danger("Remove").about(&print)))
            }))
        }
        (card(view.ask(
            "add_certificate",
            form::text_area(&field("value", "Add a certificate", Some("It begins with -----BEGIN CERTIFICATE-----")), "", 4, 20_000),
            "Add the certificate",
        )))
        (read_last(view))
        @if metadata_url.is_some() {
            p { "If somebody comes with a signature by a certificate that is not here, the metadata is read anew by itself." }
            (view.press("renew", "", "", Button::quiet("Read the metadata anew")))
        }
        (fold("Upload new metadata", false, form::file_form(&format!("{}/renew", view.action()), view.csrf, html! {
            (metadata_itself(""))
            (Button::quiet("Read and save").submit())
        })))
        @if encrypt_to.is_some() {
            p { "The provider may encrypt assertions to the certificate in our metadata." }
            (view.press("encrypt", "", "no", Button::quiet("Switch encryption off")))
        } @else {
            (view.press("encrypt", "", "yes", Button::quiet("Let the provider encrypt assertions")))
        }
    }
}

/// When the provider was read last, and what is wrong since.
fn read_last(view: &One<'_>) -> Markup {
    let when = |at: Timestamp| words::instant(at, view.now, &view.zone);
    let connection = view.connection;
    html! {
        @if let Some(at) = connection.refreshed_at { p.hint { "Last read from the provider: " (when(at)) "." } }
        @if let Some(failed) = &connection.not_refreshed {
            (banner(&Banner {
                tone: Tone::Attention,
                title: "The provider could not be read anew",
                text: Some(html! { (failed.words) " (" (when(failed.at)) ") What was read before goes on to hold." }),
                action: None,
            }))
        }
    }
}

fn connection_part(view: &One<'_>) -> Markup {
    let name = TextInput {
        field: field("value", "What you call it", None),
        value: &view.connection.name,
        ..TextInput::default()
    };
    html! {
        (card(view.ask("name", form::text_input(&name), "Save")))
        @if let ConnectionKind::Oidc { .. } = view.connection.kind {
            (fold("A new client secret", false, view.ask("secret", optional("value", "Client secret", None, "", "password"), "Save the secret")))
            (read_last(view))
            (view.press("renew", "", "", Button::quiet("Read the provider's configuration anew")))
        }
        // Two presses: its certificates, domains and settings are gone with it.
        (fold("Remove this connection", false, html! {
            p { "Nobody signs in by it any more; people go on by mail or passkey. Its domains, certificates and settings are gone with it." }
            (form::inline_form(&format!("{}/remove", view.action()), view.csrf, &[], Button::quiet_danger("Remove it for good").submit()))
        }))
    }
}
