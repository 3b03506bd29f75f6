//! What people see on their way to a provider and back.

use domain::EmailAddress;
use maud::{Markup, html};
use storage::DomainRow;
use web::LocalPath;
use web::ui::button::actions;
use web::ui::form;
use web::ui::structure::{PageHead, page_head};
use web::ui::{Button, Icon};

use crate::onward::with_next;

/// An address of a domain that signs in by a provider. A link and no redirect: what a form leads to must stay here.
pub(crate) fn offer(row: &DomainRow, email: &EmailAddress, next: Option<&LocalPath>) -> Markup {
    let start = with_next(&format!("/sso/{}/start", row.connection), next);
    let by_mail = form::form(
        "/sign-in",
        "",
        html! {
            input type="hidden" name="email" value=(email);
            input type="hidden" name="beside" value="yes";
            @if let Some(next) = next { input type="hidden" name="next" value=(next.as_str()); }
            (Button::quiet("Send me a link instead").with_icon(Icon::Mail).submit())
        },
    );
    html! {
        (page_head(&PageHead { title: "Your organisation's sign-in", ..PageHead::default() }))
        p { "People with an address at " strong { (row.domain) } " sign in with their organisation's own account." }
        (actions(&[Button::primary("Continue to your organisation").link(&start)]))
        @if row.only {
            p {
                "Does it not work, and are you a partner of the firm? You can sign in by mail, and then with the passkey or \
                 the app for codes that you set up."
            }
        }
        (by_mail)
        p { a href=(with_next("/sign-in", next)) { "Use another address" } }
    }
}

/// The answer of a provider with nothing here that it could answer.
pub(super) fn plain(title: &str, words: &str) -> Markup {
    html! {
        (page_head(&PageHead { title, ..PageHead::default() }))
        p { (words) }
        (actions(&[Button::primary("Sign in").link("/sign-in")]))
    }
}

pub(crate) fn begin_again() -> Markup {
    plain(
        "Please begin again",
        "This sign-in was begun in another browser or tab, or longer than ten minutes ago. Begin it again here.",
    )
}

/// Why somebody whom the provider signed in is not in. What is nobody's business but of whoever set the connection up is
/// all the same to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotIn {
    Uninvited,
    Ended,
    Full,
    Unusable,
}

pub(crate) fn not_in(why: NotIn) -> Markup {
    let words = match why {
        NotIn::Uninvited => {
            "Your organisation knows you, but you have not been invited here. Ask your contact for an invitation."
        }
        NotIn::Ended => "Your access here has ended. Ask your contact if you need it again.",
        NotIn::Full => "There is no room for one more person of your organisation here. Tell your contact.",
        NotIn::Unusable => {
            "Your organisation's sign-in could not be used. Try again; if it goes on, tell whoever looks after it. They \
             can see the reason under “Single sign-on” by testing the connection."
        }
    };
    plain("You are not signed in", words)
}

/// `start` begins the sign-in again, which the provider answers without asking.
pub(crate) fn joins_soon(start: &str) -> Markup {
    html! {
        (page_head(&PageHead { title: "One moment", ..PageHead::default() }))
        p { "You are new here, and your place is being made. That takes a few seconds more." }
        (actions(&[Button::primary("Continue").link(start)]))
    }
}
