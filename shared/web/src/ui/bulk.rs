//! Choosing several rows of a list and doing one thing with all of them. A form of ticks, so that it works without
//! scripts; its bar appears once something is ticked, where the browser can tell.

use maud::{Markup, html};

use super::button::{Button, actions};
use super::form::csrf_field;
use super::icon::{Icon, icon};
use super::structure::fold;

/// The box of one row, before what else stands there. `about` is what is chosen by it.
pub fn pick(name: &str, value: &str, about: &str, lead: &Markup) -> Markup {
    html! {
        span.picked-lead {
            label.pick {
                input type="checkbox" name=(name) value=(value) autocomplete="off";
                span.unseen { "Choose " (about) }
            }
            (lead)
        }
    }
}

/// What can be done with the chosen rows.
pub struct Bulk<'a> {
    pub action: &'a str,
    pub csrf: &'a str,
    /// Where it comes back to.
    pub back: &'a str,
    /// "files chosen", after their number.
    pub noun: &'a str,
    pub rows: Markup,
    /// What needs more than a press: a title and its fields with their button.
    pub folds: Vec<(&'a str, Markup)>,
    pub buttons: Vec<Markup>,
}

pub fn bulk(view: &Bulk<'_>) -> Markup {
    html! {
        form.bulk method="post" action=(view.action) {
            (csrf_field(view.csrf))
            input type="hidden" name="back" value=(view.back);
            (view.rows)
            div.bulk-bar role="group" aria-label="With the chosen ones" {
                div.bulk-head {
                    p.bulk-count { (view.noun) }
                    button.bulk-none type="reset" aria-label="Choose none" { (icon(Icon::Close)) }
                }
                @for (title, fields) in &view.folds { (fold(title, false, fields.clone())) }
                (actions(&view.buttons))
            }
        }
    }
}

/// A button of the bar that is answered elsewhere than the form is.
pub fn sends_to(button: Button<'_>, action: &str) -> Markup {
    html! {
        button.button.(button.kind.class()) type="submit" formaction=(action) { (button.content()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_chosen_by_name() {
        let html = pick("document", "01", "<b>.pdf", &html! { "x" }).into_string();
        assert!(html.contains(r#"name="document" value="01""#) && html.contains("Choose &lt;b&gt;.pdf"), "{html}");
    }
}
