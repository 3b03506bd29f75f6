//! The texts that a firm writes with: each behind its name, and a form for another one.

use domain::firm::texts::{KeptText, NewText, PLACEHOLDERS, Texts};
use domain::person::FieldRefused;
use domain::{TextId, limits};
use maud::{Markup, html};
use web::ui::Button;
use web::ui::feedback::{Empty, empty};
use web::ui::form::{self, Field, TextInput};
use web::ui::structure::{Crumb, PageHead, Section, card, fold, page_head, section};

/// What was refused; of a new one where it names no text.
pub(crate) struct Wrong<'a> {
    pub(crate) text: Option<&'a TextId>,
    pub(crate) typed: &'a NewText,
    pub(crate) refused: &'a [FieldRefused],
}

/// What the fields of a text's form are called.
pub(crate) fn field_names(text: Option<&TextId>) -> [String; 2] {
    ["name", "body"].map(|field| text.map_or_else(|| field.to_owned(), |text| format!("{field}-{text}")))
}

pub(crate) fn texts(texts: &Texts, wrong: Option<&Wrong<'_>>, csrf: &str) -> Markup {
    let crumbs = [Crumb { label: "Settings", href: "/firm/settings" }];
    let of_new = wrong.filter(|wrong| wrong.text.is_none());
    html! {
        (page_head(&PageHead { crumbs: &crumbs, title: "Message templates", ..PageHead::default() }))
        p {
            "Wording that your team uses again and again. Put one into a message, and change it before you send."
        }
        (section(&Section { title: "Add a template", ..Section::default() }, card(one(None, of_new, csrf))))
        @if texts.items.is_empty() {
            (empty(&Empty {
                icon: None,
                title: "No templates yet",
                text: "The first one you add is there at once, under every message that is being written.",
                action: None,
            }))
        } @else {
            (section(&Section { title: "Your templates", count: Some(texts.items.len()), ..Section::default() }, html! {
                @for text in &texts.items {
                    @let wrong = wrong.filter(|wrong| wrong.text == Some(&text.id));
                    (fold(text.name.as_str(), wrong.is_some(), card(one(Some(text), wrong, csrf))))
                }
            }))
        }
    }
}

fn one(text: Option<&KeptText>, wrong: Option<&Wrong<'_>>, csrf: &str) -> Markup {
    let [name_field, body_field] = field_names(text.map(|text| &text.id));
    let error = |field: &str| {
        let found = wrong.and_then(|wrong| wrong.refused.iter().find(|refused| refused.field == field));
        found.map(|refused| refused.why.as_str())
    };
    let errors: Vec<(&str, &str)> = [(name_field.as_str(), error("name")), (body_field.as_str(), error("body"))]
        .into_iter()
        .filter_map(|(id, why)| Some((id, why?)))
        .collect();
    let (name, body) = match (wrong, text) {
        (Some(wrong), _) => (wrong.typed.name.as_str(), wrong.typed.body.as_str()),
        (None, Some(text)) => (text.name.as_str(), text.body.as_str()),
        (None, None) => ("", ""),
    };
    let action =
        text.map_or_else(|| "/firm/settings/texts".to_owned(), |text| format!("/firm/settings/texts/{}", text.id));
    let words: Vec<String> = PLACEHOLDERS.iter().map(|(word, of)| format!("{{{word}}}: {of}")).collect();
    let hint = format!("Filled in by itself: {}.", words.join("; "));
    let input = TextInput {
        field: Field { name: &name_field, label: "Name", error: error("name"), ..Field::default() },
        value: name,
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    let area = Field { name: &body_field, label: "Text", hint: Some(&hint), error: error("body"), ..Field::default() };
    html! {
        (form::error_summary(&errors))
        (form::form(&action, csrf, html! {
            (form::text_input(&input))
            (form::text_area(&area, body, 5, limits::TEXT_CHARACTERS_MAX))
            div.actions {
                (Button::primary(if text.is_some() { "Save" } else { "Add the template" }).submit())
                @if let Some(text) = text {
                    (Button::quiet_danger("Remove").about(text.name.as_str()).submit_as("remove", "yes"))
                }
            }
        }))
    }
}
