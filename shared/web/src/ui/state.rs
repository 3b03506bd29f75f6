//! The states of work: a word, a shape and a colour each, so that none depends on seeing colours.

use maud::{Markup, PreEscaped, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Finished; nobody needs to do anything.
    Done,
    /// The reader has to act.
    WaitingOnYou,
    /// The other side has to act.
    WaitingOnUs,
    /// A promised day has passed.
    Overdue,
    /// Neither good nor bad: closed, draft, archived.
    Quiet,
}

impl State {
    pub const ALL: [State; 5] = [State::Done, State::WaitingOnYou, State::WaitingOnUs, State::Overdue, State::Quiet];

    /// The word for a client; pages for staff and lists say more exactly what is waited for.
    pub fn word(self) -> &'static str {
        match self {
            State::Done => "Done",
            State::WaitingOnYou => "Waiting on you",
            State::WaitingOnUs => "Waiting on us",
            State::Overdue => "Overdue",
            State::Quiet => "Closed",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            State::Done => "is-done",
            State::WaitingOnYou => "is-you",
            State::WaitingOnUs => "is-us",
            State::Overdue => "is-overdue",
            State::Quiet => "is-quiet",
        }
    }

    fn shape(self) -> &'static str {
        match self {
            State::Done => {
                r#"<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="m4.75 8.25 2.25 2.25 4.25-4.75" fill="none" stroke="var(--surface)" stroke-width="1.75"/>"#
            }
            State::WaitingOnYou => r#"<path d="M8 .75 15.25 8 8 15.25.75 8z" fill="currentColor"/>"#,
            State::WaitingOnUs => {
                r#"<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.75"/><path d="M8 4.75V8l2.25 1.5" fill="none" stroke="currentColor" stroke-width="1.75"/>"#
            }
            State::Overdue => {
                r#"<path d="M8 1.25 15.5 14.5H.5z" fill="currentColor"/><path d="M8 6v4M8 11.9v.6" fill="none" stroke="var(--surface)" stroke-width="1.75"/>"#
            }
            State::Quiet => r#"<path d="M2 8h12" fill="none" stroke="currentColor" stroke-width="2"/>"#,
        }
    }
}

/// The shape alone, in the state's colour; the word has to stand beside it.
pub fn mark(state: State) -> Markup {
    html! {
        svg.mark.(state.class()) viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" {
            (PreEscaped(state.shape()))
        }
    }
}

/// A pill with the state's own word.
pub fn pill(state: State) -> Markup {
    pill_saying(state, state.word())
}

/// A pill with a more exact word: "Being checked", "Waiting on client", "4 days late".
pub fn pill_saying(state: State, word: &str) -> Markup {
    html! { span.pill.(state.class()) { (mark(state)) span { (word) } } }
}
