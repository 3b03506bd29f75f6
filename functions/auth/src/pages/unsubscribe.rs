//! Behind the link of a mail by which somebody hears less.

use maud::{Markup, html};
use storage::Unsubscription;
use web::ui::structure::{PageHead, page_head};
use web::ui::{Button, form};

/// What pressing the button comes to. Looking at it changes nothing.
pub(crate) fn form(found: &Unsubscription, token: &str) -> Markup {
    let firm = found.brand.firm_name.as_str();
    html! {
        (page_head(&PageHead { title: "Get fewer mails", ..PageHead::default() }))
        @if found.changes() {
            p { "If you confirm, this is how " (firm) " will mail you:" }
            (comes_to(found))
            (form::form(&format!("/unsubscribe/{token}"), "", html! {
                (Button::primary("Confirm").submit())
            }))
        } @else {
            p { "You already get the fewest mails about this that " (firm) " allows:" }
            (comes_to(found))
        }
        (finer())
    }
}

pub(crate) fn done(found: &Unsubscription) -> Markup {
    html! {
        (page_head(&PageHead { title: "Your choice is saved", ..PageHead::default() }))
        p { "This is how " (found.brand.firm_name) " mails you from now on:" }
        (comes_to(found))
        p { "Changed your mind? Sign in to change this." }
        (finer())
    }
}

/// The same for a link that never was one and for somebody who has left.
pub(crate) fn gone() -> Markup {
    html! {
        (page_head(&PageHead { title: "This link does not work", ..PageHead::default() }))
        p { "It may have been cut off on its way, or belong to somebody who no longer has access. Nothing was changed." }
        (finer())
    }
}

fn comes_to(found: &Unsubscription) -> Markup {
    html! { ul { @for one in &found.comes_to { li { (one.sentence(&found.brand.firm_name)) } } } }
}

/// Where there is more to choose, behind signing in.
fn finer() -> Markup {
    web::ui::button::actions(&[Button::quiet("Choose what comes and when").link("/notices")])
}
