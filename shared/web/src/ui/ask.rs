//! What a firm asks of a client, thing by thing: each says how it stands, takes a file by choice or drop, and has room for
//! what either side says of it. The script `ask.js` hands files on to the upload queue of the page.

use jiff::civil::Date;
use maud::{Markup, html};

use super::button::Button;
use super::form::{Field, csrf_field};
use super::icon::{Icon, icon};
use super::structure::note;

/// One thing that is asked for.
pub struct Item<'a> {
    pub id: &'a str,
    /// The list that it is on.
    pub list: &'a str,
    pub title: &'a str,
    pub state: Markup,
    /// Files can be dropped on it.
    pub takes_files: bool,
    pub body: Markup,
}

/// Draws itself again from its own page when an upload is ready, and with it what the page says of all together: `beside`
/// are the ids of those elements.
pub fn items<'a>(page: &str, beside: &[&str], list: impl Iterator<Item = Item<'a>>) -> Markup {
    let beside: Vec<String> = beside.iter().map(|id| format!("#{id}")).collect();
    html! {
        ol.asks role="list" id="asks" hx-get=(page) hx-trigger="portico:ready from:body" hx-select="#asks" hx-swap="outerHTML"
            hx-select-oob=[(!beside.is_empty()).then(|| beside.join(","))] {
            @for item in list {
                li.card.ask id={ "line-" (item.id) } data-ask=[item.takes_files.then_some(item.id)]
                    data-ask-list=[item.takes_files.then_some(item.list)] {
                    div.card-body {
                        div.ask-head { h2.ask-title { (item.title) } (item.state) }
                        (item.body)
                    }
                }
            }
        }
    }
}

/// A file that is chosen is sent at once. `without_scripts` is the page that does the same.
pub fn choose_file(item: &str, label: &str, about: &str, primary: bool, without_scripts: &str) -> Markup {
    let id = format!("file-{item}");
    let kind = if primary { "is-primary" } else { "is-quiet" };
    html! {
        div.ask-choose {
            input.drop-input.unseen type="file" id=(id) multiple data-ask-input;
            label.button.(kind) for=(id) { (icon(Icon::Upload)) span { (label) } span.unseen { ": " (about) } }
            span.drop-hint.drop-hint-drag { "or drop it here" }
        }
        noscript { p { (Button::primary(label).with_icon(Icon::Upload).about(about).link(without_scripts)) } }
    }
}

/// A few words about one of many things: the field's own id differs from thing to thing, its name does not.
pub fn words_form(action: &str, csrf: &str, field: &Field<'_>, value: &str, button: Markup) -> Markup {
    let control = html! {
        textarea.control id=(field.name) name="words" rows="2" maxlength=(domain::limits::REQUEST_REMARK_CHARACTERS_MAX)
            aria-describedby=[field.described_by()] aria-invalid=[field.error.map(|_| "true")] { (value) }
    };
    html! {
        form.form method="post" action=(action) novalidate { (csrf_field(csrf)) (field.around(control)) (button) }
    }
}

/// What somebody wrote about it; nobody is named where it was the reader.
pub fn said(who: &str, words: &str) -> Markup {
    html! {
        div.ask-said {
            p { strong { @if who.is_empty() { "You wrote:" } @else { (who) " says:" } } }
            (note(words))
        }
    }
}

/// A day in one of several forms of a page.
pub fn date_named(field: &Field<'_>, name: &str, value: Option<Date>, from: Date) -> Markup {
    field.around(html! {
        input.control.is-short id=(field.name) name=(name) type="date" value=[value] min=(from)
            aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described_by()];
    })
}
