//! What somebody typed and has not sent: kept for that person alone, so that a closed tab loses nothing. Never read by
//! anybody else, and no message before it is sent.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::{DocumentId, limits};

/// Which of a conversation's two composers it was typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Message,
    Note,
}

impl Part {
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Message => "message",
            Part::Note => "note",
        }
    }
}

/// As it was typed: it is judged when it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsent {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub answer_wanted: bool,
    #[serde(default)]
    pub attachments: Vec<DocumentId>,
    /// The key of the attempt at sending it: what comes late does not bring back what was sent by then.
    pub once: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsentRefused {
    #[error("A draft is kept up to {characters_max} characters, with up to {count_max} files.")]
    TooLong { characters_max: usize, count_max: usize },
}

impl Unsent {
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.attachments.is_empty()
    }

    /// With more words below those that were typed before, unless they stand there already: for another attempt.
    pub fn with_more(self, text: &str, once: String) -> Self {
        let text = match (self.text.trim_end(), text.trim()) {
            ("", more) => more.to_owned(),
            (before, more) if before.ends_with(more) => before.to_owned(),
            (before, more) => format!("{before}\n\n{more}"),
        };
        Self { text, once, ..self }
    }

    /// Whether it has room. Its words may have what a message may not: they are not finished.
    pub fn fits(&self) -> Result<(), UnsentRefused> {
        let (characters_max, count_max) = (limits::MESSAGE_CHARACTERS_MAX, limits::ATTACHMENTS_PER_MESSAGE_MAX);
        let fits = self.text.chars().count() <= characters_max && self.attachments.len() <= count_max;
        if fits { Ok(()) } else { Err(UnsentRefused::TooLong { characters_max, count_max }) }
    }
}

/// Until when it is kept that was last touched now.
pub fn kept_until(now: Timestamp) -> Timestamp {
    now.checked_add(limits::UNSENT_KEPT_SECONDS.seconds()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsent(text: &str, attachments: u128) -> Unsent {
        let attachments = (0..attachments).map(DocumentId::from_bits).collect();
        Unsent { text: text.to_owned(), attachments, ..Unsent::default() }
    }

    #[test]
    fn more_words_stand_below_and_nothing_else_changes() {
        let check = |before: &str, more: &str, want: &str| {
            let after = unsent(before, 2).with_more(more, "k".into());
            assert_eq!((after.text.as_str(), after.attachments.len(), after.once.as_str()), (want, 2, "k"));
        };
        check("", " And the lease? ", "And the lease?");
        check("The hearing.\n", "And the lease?", "The hearing.\n\nAnd the lease?");
        check("The hearing.", " ", "The hearing.");
        // Pressed twice.
        check("The hearing.\n\nAnd the lease?", "And the lease?", "The hearing.\n\nAnd the lease?");
    }

    #[test]
    fn what_is_kept_has_a_bound_and_what_is_empty_is_not_kept() {
        let check = |of: Unsent, is_empty: bool, fits: bool| {
            assert_eq!((of.is_empty(), of.fits().is_ok()), (is_empty, fits), "{of:?}");
        };
        check(unsent("", 0), true, true);
        check(unsent(" \n", 0), true, true);
        check(unsent("", 1), false, true);
        // A control character, which no message has, is kept: it is not sent yet.
        check(unsent("a\u{7}b", 0), false, true);
        check(unsent(&"x".repeat(limits::MESSAGE_CHARACTERS_MAX), 20), false, true);
        check(unsent(&"x".repeat(limits::MESSAGE_CHARACTERS_MAX + 1), 0), false, false);
        check(unsent("x", 21), false, false);
    }
}
