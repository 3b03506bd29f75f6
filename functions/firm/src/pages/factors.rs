//! Who has to have a second factor.

use domain::factors::{Asked, FactorPolicy};
use domain::limits;
use maud::{Markup, html};
use web::ui::Button;
use web::ui::form::{self, Choice, Field};
use web::ui::structure::{Crumb, PageHead, Row, card, page_head, rows};

pub(crate) fn policy(policy: FactorPolicy, csrf: &str) -> Markup {
    let days = limits::ENROL_WITHIN_SECONDS / (24 * 60 * 60);
    let ask = |name: &'static str, label: &'static str, asked: Asked| {
        let choices = [
            Choice::new("optional", "May have one", asked == Asked::Optional),
            Choice::new("required", "Have to have one", asked == Asked::Required),
        ];
        form::radios(&Field { name, label, ..Field::default() }, &choices)
    };
    let crumbs = [Crumb { label: "Settings", href: "/firm/settings" }];
    html! {
        (page_head(&PageHead { crumbs: &crumbs, title: "How people sign in", ..PageHead::default() }))
        p {
            "Everybody signs in with a mailed link or a passkey. A second factor, a passkey or an app that shows codes, \
             keeps others out even if they can read somebody's mail. Partners always have one."
        }
        (card(form::form("/firm/settings/sign-in", csrf, html! {
            (ask("staff", "Staff", policy.staff))
            (ask("clients", "People of your clients", policy.clients))
            p { "Whoever has none yet may put it off for " (days) " days after joining, and is then asked for it at the next sign-in." }
            (Button::primary("Save").submit())
        })))
        (rows([Row { title: "Sign-in by your own provider (single sign-on)", href: Some("/sso"), ..Row::default() }]))
    }
}
