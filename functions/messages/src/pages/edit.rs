//! Other words for one's own message.

use domain::message::{Message, editable_until};
use domain::{ClientId, limits};
use maud::{Markup, html};
use web::ui::button::actions;
use web::ui::form::{Field, error_summary, form, text_area};
use web::ui::structure::{Crumb, PageHead, card, page_head};
use web::ui::{Button, words};

use super::Reader;

pub(crate) struct Edit<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) message: &'a Message,
    /// As it stands, or as it was typed last.
    pub(crate) text: &'a str,
    pub(crate) wrong: Option<&'a str>,
    pub(crate) csrf: &'a str,
}

pub(crate) fn edit(view: &Edit<'_>) -> Markup {
    let (message, wrong) = (view.message, view.wrong);
    let thread = format!("/clients/{}/messages/{}", view.client, message.topic);
    let place = format!("{thread}#message-{}", message.number);
    let until = words::instant(editable_until(message), view.reader.now, &view.reader.zone);
    let crumbs = [Crumb { label: "Conversation", href: &thread }];
    let errors: Vec<(&str, &str)> = wrong.map(|why| ("text", why)).into_iter().collect();
    let field = Field {
        name: "text",
        label: "Message",
        hint: Some("Everybody in the conversation sees that it was changed."),
        error: wrong,
        ..Field::default()
    };
    html! {
        (page_head(&PageHead {
            crumbs: &crumbs,
            title: "Change your message",
            line: Some(html! { "Until " (until) ", five minutes after you sent it." }),
            ..PageHead::default()
        }))
        (card(html! {
            (error_summary(&errors))
            (form(&format!("{thread}/{}/edit", message.number), view.csrf, html! {
                (text_area(&field, view.text, 6, limits::MESSAGE_CHARACTERS_MAX))
                (actions(&[Button::primary("Save").submit(), Button::quiet("Leave it as it is").link(&place)]))
            }))
        }))
    }
}
