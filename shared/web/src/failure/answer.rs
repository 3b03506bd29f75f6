//! A failure as the caller can read it: a problem document for the JSON API, a fragment for htmx, a page for people.

use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::factors::Wait;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode, Uri};
use maud::{Markup, html};
use serde::Serialize;

use super::Failure;
use crate::local_path::LocalPath;
use crate::ui::feedback::{ErrorContent, error_content, error_toast};
use crate::ui::form::csrf_field;
use crate::ui::{self, Button};
use crate::{App, answers, frame};

/// Who asked, as far as it decides how a failure reads.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// htmx asked for a part of a page.
    pub(crate) fragment: bool,
    /// The page that htmx asked from.
    pub(crate) from_page: Option<LocalPath>,
    /// What the browser holds, whether or not it is a session still.
    pub(crate) session: Option<SessionToken>,
}

impl Asked {
    fn is_api(&self) -> bool {
        self.uri.path().starts_with("/api/")
    }

    fn path(&self) -> Option<LocalPath> {
        LocalPath::parse(self.uri.path_and_query()?.as_str())
    }

    /// A page that can be asked for again without changing anything.
    fn is_page_view(&self) -> bool {
        !self.is_api() && !self.fragment && matches!(self.method, Method::GET | Method::HEAD)
    }
}

/// RFC 9457.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Problem {
    /// Stable name of the kind of problem: `/problems/not-found`.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    /// A sentence for people.
    detail: String,
    /// Names a bug to support.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// Gives a failure its form. `reference` is shown for bugs only: for all else two answers have to be alike.
pub(crate) async fn answer(app: &App, failure: &Failure, asked: &Asked, reference: &str) -> Response {
    let reference = matches!(failure, Failure::Bug(_)).then_some(reference);
    let first = page_first(failure).filter(|_| asked.is_page_view());
    let mut response = match (failure, first) {
        (_, Some(first)) => redirect(&LocalPath::by_way_of(first, asked.path().as_ref())),
        // The rights are read anew when the browser comes back.
        (Failure::Changed, _) if asked.is_page_view() => match asked.path() {
            Some(path) => redirect(path.as_str()),
            None => page(app, failure, asked, reference).await,
        },
        _ if asked.is_api() => problem(failure, reference),
        _ if asked.fragment => fragment(failure, asked, reference),
        _ => page(app, failure, asked, reference).await,
    };
    if let Failure::TooMany { retry_after_seconds } = failure {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
    }
    response
}

/// The page that people have to pass before they can go on.
fn page_first(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::SignIn => Some("/sign-in"),
        Failure::Unconfirmed => Some("/confirm"),
        Failure::Waits(Wait::SecondFactor) => Some("/sign-in/second"),
        Failure::Waits(Wait::Enrol) => Some("/security/enrol"),
        _ => None,
    }
}

/// What the answer without words carried, such as `Allow` or a cookie, is kept.
pub(crate) fn keep_headers(from: &http::HeaderMap, to: &mut Response) {
    for (name, value) in from {
        if *name != CONTENT_TYPE && *name != CONTENT_LENGTH {
            to.headers_mut().append(name, value.clone());
        }
    }
}

fn redirect(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

fn problem(failure: &Failure, reference: Option<&str>) -> Response {
    let words = Words::of(failure);
    let problem = Problem {
        kind: format!("/problems/{}", failure.name()),
        title: words.title.to_owned(),
        status: failure.status().as_u16(),
        detail: words.text,
        reference: reference.map(str::to_owned),
    };
    let mut response = answers::json_with(failure.status(), &problem);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// htmx puts it where messages appear, whatever it was going to replace.
fn fragment(failure: &Failure, asked: &Asked, reference: Option<&str>) -> Response {
    let words = Words::of(failure);
    let text = match reference {
        Some(reference) => format!("{}: {} Reference {reference}.", words.title, words.text),
        None => words.text,
    };
    let mut response = answers::html_with(failure.status(), error_toast(text));
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    match page_first(failure) {
        Some(first) => set("hx-redirect", &LocalPath::by_way_of(first, asked.from_page.as_ref())),
        None => {
            set("hx-retarget", "#toasts");
            set("hx-reswap", "innerHTML");
        }
    }
    response
}

/// Around it the bars of whoever is signed in, so that they can go on from here. What is not theirs and what is not there
/// are the same page.
async fn page(app: &App, failure: &Failure, asked: &Asked, reference: Option<&str>) -> Response {
    let words = Words::of(failure);
    let actions = [way_on(failure, asked)];
    let content = ErrorContent { title: words.title, text: &words.text, reference, actions: &actions };
    let body = error_content(&content);
    let framed = match asked.session.as_ref().filter(|_| !matches!(failure, Failure::SignIn)) {
        Some(session) => frame::around_failure(app, session, words.title, &body).await,
        None => None,
    };
    let page = framed.unwrap_or_else(|| ui::plain(words.title, "Portico", body));
    answers::html_with(failure.status(), page)
}

fn way_on(failure: &Failure, asked: &Asked) -> Markup {
    let (label, first) = match failure {
        Failure::ViewingOver => return end_viewing(asked),
        Failure::Suspended => return sign_out(asked),
        Failure::SignIn => ("Sign in", page_first(failure)),
        Failure::Unconfirmed => ("Confirm that it is you", page_first(failure)),
        Failure::Waits(Wait::SecondFactor) => ("Go on signing in", page_first(failure)),
        Failure::Waits(Wait::Enrol) => ("Set up a second factor", page_first(failure)),
        _ => ("Go to your home page", None),
    };
    match first {
        Some(first) => Button::primary(label).link(&LocalPath::by_way_of(first, asked.from_page.as_ref())),
        None => Button::primary(label).link("/"),
    }
}

fn end_viewing(asked: &Asked) -> Markup {
    post_button("/view-as/end", "Back to your own portal", asked)
}

fn sign_out(asked: &Asked) -> Markup {
    post_button("/sign-out", "Sign out", asked)
}

fn post_button(action: &str, label: &str, asked: &Asked) -> Markup {
    let csrf = asked.session.as_ref().map(SessionToken::form_token).unwrap_or_default();
    html! { form method="post" action=(action) { (csrf_field(&csrf)) (Button::primary(label).submit()) } }
}

struct Words {
    title: &'static str,
    text: String,
}

impl Words {
    fn of(failure: &Failure) -> Words {
        let (title, text) = match failure {
            Failure::SignIn => {
                ("Please sign in", "You are not signed in, or your session has ended. Sign in and try again.")
            }
            Failure::NotFound => (
                "Page not found",
                "There is nothing at this address, or it belongs to somebody else. Check the address, or start from your home page.",
            ),
            Failure::Forbidden => {
                ("Not part of your role", "Your role does not include this. If you need it, ask whoever invited you.")
            }
            Failure::Unconfirmed => (
                "Confirm that it is you",
                "This needs a fresh proof of who you are, and nothing was changed yet. Confirm, then do it again.",
            ),
            Failure::Waits(Wait::SecondFactor) => {
                ("One more step to sign in", "Your second factor is asked for before anything else can be opened.")
            }
            Failure::Waits(Wait::Enrol) => (
                "Set up a second factor",
                "Your firm asks for a second factor, and the time to set one up has passed. It takes two minutes.",
            ),
            Failure::Suspended => (
                "This portal is suspended",
                "The firm's portal is closed for now. Nothing is lost. Ask the firm when it opens again; if you are of the firm, ask whoever \
                 runs Portico for you.",
            ),
            Failure::Viewing => (
                "You are only looking",
                "You see the portal as a client sees it, and nothing can be changed meanwhile. End the view first.",
            ),
            Failure::ViewingOver => (
                "The view as a client has ended",
                "Its time is over, or what it showed has changed. Begin it again from the client's page.",
            ),
            Failure::Refused(words) => ("This was not accepted", words.as_str()),
            Failure::Conflict(words) => ("Changed in the meantime", words.as_str()),
            Failure::Changed => (
                "Your access has changed",
                "What you may see or do was changed a moment ago, so nothing was saved. Reload the page and try again.",
            ),
            Failure::TooMany { retry_after_seconds } => {
                return Words {
                    title: "Too many tries",
                    text: format!(
                        "That was tried too often. Wait {}, then try again.",
                        wait_words(*retry_after_seconds)
                    ),
                };
            }
            Failure::TooLarge => (
                "Too much at once",
                "That is more than can be sent at once, so nothing was saved. Send less, in parts.",
            ),
            Failure::Method => {
                ("Not possible this way", "This address cannot be used that way. Start from your home page.")
            }
            Failure::MediaType => ("Not readable", "Send a form, or JSON with the content type application/json."),
            Failure::CrossSite => (
                "Sent from another page",
                "This did not come from a page of the portal, so nothing was changed. Open the page here and do it again.",
            ),
            Failure::Bug(_) => (
                "Something went wrong on our side",
                "This is our mistake, not yours. Try again in a moment; what you had saved before is safe.",
            ),
        };
        Words { title, text: text.to_owned() }
    }
}

fn wait_words(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "a minute".into(),
        minutes => format!("{minutes} minutes"),
    }
}
