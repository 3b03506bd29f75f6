//! Other words for one's own message.

use domain::{ClientId, limits};
use maud::{Markup, html};
use web::ui::Button;
use web::ui::form::{Field, error_summary, form, text_area};
use web::ui::structure::{Crumb, PageHead, card, page_head};

use crate::OfMessage;

pub(crate) fn edit(client: &ClientId, of: &OfMessage, text: &str, wrong: Option<&str>, csrf: &str) -> Markup {
    let thread = format!("/clients/{client}/messages/{}", of.topic);
    let crumbs = [Crumb { label: "Conversation", href: &thread }];
    let errors: Vec<(&str, &str)> = wrong.map(|why| ("text", why)).into_iter().collect();
    let field = Field {
        name: "text",
        label: "Message",
        hint: Some("For five minutes after it was sent. Everybody in the conversation sees that it was changed."),
        error: wrong,
        ..Field::default()
    };
    html! {
        (page_head(&PageHead { crumbs: &crumbs, title: "Change your message", ..PageHead::default() }))
        (card(html! {
            (error_summary(&errors))
            (form(&format!("{thread}/{}/edit", of.number), csrf, html! {
                (text_area(&field, text, 6, limits::MESSAGE_CHARACTERS_MAX))
                (Button::primary("Save").submit())
            }))
        }))
    }
}
