//! Who has seen or changed something, newest first.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::structure::avatar;

/// One event in words: "Ana Mendes downloaded a document".
pub struct HistoryEntry<'a> {
    pub who: &'a str,
    /// Instead of a face, where it was nobody's hand.
    pub picture: Option<Icon>,
    /// Follows the name: "downloaded a document".
    pub what: &'a str,
    /// From [`super::words::instant`].
    pub when: Markup,
    /// From which kind of device, with which result, under which number.
    pub detail: Option<Markup>,
}

pub fn history(list: &[HistoryEntry<'_>]) -> Markup {
    html! {
        ol.history role="list" {
            @for entry in list {
                li.history-entry {
                    @match entry.picture {
                        Some(picture) => span.avatar.is-quiet { (icon(picture)) },
                        None => (avatar(entry.who)),
                    }
                    div.history-words {
                        p { strong { (entry.who) } " " (entry.what) }
                        div.history-note {
                            div.line {
                                span.line-part { (entry.when) }
                                @if let Some(detail) = &entry.detail { span.line-part { (detail) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
