//! A conversation: what was said, by whom, in order; and beside it what the firm notes for itself, which looks like
//! nothing that is sent.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::linked::linked;
use super::structure::avatar;

/// From whom words are, as the reader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Reader,
    Other,
    /// For the firm only.
    Note,
}

impl From {
    fn class(self) -> &'static str {
        match self {
            From::Reader => "is-own",
            From::Other => "is-other",
            From::Note => "is-note",
        }
    }
}

pub struct Said<'a> {
    /// The element's id: an address leads to it.
    pub id: &'a str,
    pub who: &'a str,
    pub from: From,
    pub text: &'a str,
    /// What the people are called whom the words name by an `@`.
    pub named: &'a [&'a str],
    /// From [`super::words::instant`].
    pub when: Markup,
    pub edited: bool,
    /// The first that the reader had not seen before.
    pub first_new: bool,
    /// Files that came with it, from [`super::attach::attached`].
    pub files: Option<Markup>,
    /// What the reader can do about it.
    pub action: Option<Markup>,
}

/// `news` is the address that tells what is new after `seen`; a page that is open asks it, unless it shows an older part.
/// Parts of the list that come later are read out.
pub fn conversation<'a>(news: Option<&str>, seen: u64, said: impl IntoIterator<Item = Said<'a>>) -> Markup {
    html! {
        div role="log" aria-label="Messages" id="thread" data-news=[news] data-seen=(seen) {
            ol.thread role="list" {
                @for said in said {
                    @if said.first_new { li.thread-new { span { "New" } } }
                    (one(&said))
                }
            }
        }
    }
}

fn one(said: &Said<'_>) -> Markup {
    html! {
        li.said.(said.from.class()) id=(said.id) {
            @if said.from == From::Note { span.said-face { (icon(Icon::Lock)) } } @else { span.said-face { (avatar(said.who)) } }
            div.said-words {
                div.said-head {
                    strong { (said.who) }
                    @if said.from == From::Note { span.said-kind { "Internal note" } }
                    span.said-when { (said.when) @if said.edited { " · changed" } }
                }
                (words(said))
                @if let Some(files) = &said.files { (files) }
                @if let Some(action) = &said.action { div.said-action { (action) } }
            }
        }
    }
}

/// The script of a page with a conversation, which no other page loads.
pub fn script() -> Markup {
    html! { script src=(crate::assets::url("talk.js")) defer {} }
}

/// The lines as they were written, with the names of those whom they name.
fn words(said: &Said<'_>) -> Markup {
    let mut named = domain::message::named(said.text, said.named.iter().copied());
    // Two people of one name stand in one place.
    named.dedup_by(|one, other| one.0 == other.0);
    let mut from = 0;
    html! {
        p.note {
            @for (range, _) in named {
                @let before = &said.text[std::mem::replace(&mut from, range.end)..range.start];
                (linked(before)) span.mention { (said.text[range]) }
            }
            (linked(&said.text[from..]))
        }
    }
}

/// The ground on which something is written that stays within the firm: it cannot be mistaken for what is sent.
pub fn internal(body: Markup) -> Markup {
    html! { div.internal { p.internal-head { (icon(Icon::Lock)) span { "Internal: the client never sees this" } } (body) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_told_apart_by_a_word_and_words_are_escaped() {
        let said = |from, id| Said {
            id,
            who: "Sam <b>",
            from,
            text: "<i>Hello</i>, @Ann <b> and @Max.",
            named: &["Ann <b>"],
            when: html! { "now" },
            edited: false,
            first_new: false,
            files: None,
            action: None,
        };
        let html =
            conversation(Some("/news"), 3, [said(From::Other, "message-1"), said(From::Note, "note-1")]).into_string();
        assert_eq!(html.matches("Internal note").count(), 1, "{html}");
        assert_eq!(html.matches("<span class=\"mention\">@Ann &lt;b&gt;</span> and @Max.").count(), 2, "{html}");
        assert!(
            html.contains("&lt;i&gt;Hello") && !html.contains("<i>") && html.contains(r#"data-seen="3""#),
            "{html}"
        );
    }
}
