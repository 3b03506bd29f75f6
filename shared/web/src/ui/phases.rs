//! The phases of a project as one bar: which one of how many, by name.

use maud::{Markup, html};

/// `current` is the index of the phase the work is in; past the last one everything is done.
#[derive(Debug, Clone, Copy)]
pub struct Phases<'a> {
    pub names: &'a [&'a str],
    pub current: usize,
}

/// The full bar with every name where there is room, and the current name alone where there is not.
pub fn phase_bar(view: &Phases<'_>) -> Markup {
    html! {
        div.phases {
            p.phases-now { (now_words(view)) }
            ol.phases-bar role="list" aria-label="Phases" {
                @for (place, name) in view.names.iter().enumerate() {
                    li.phase.(class(place, view.current)) aria-current=[(place == view.current).then_some("step")] {
                        span.phase-name { (name) }
                        span.unseen { (standing(place, view.current)) }
                    }
                }
            }
        }
    }
}

/// The bar without names, for rows of a board; the words stand beside it.
pub fn phase_line(view: &Phases<'_>) -> Markup {
    phase_place(view.names.get(view.current).copied(), view.current, view.names.len())
}

/// The same where only the current phase's name is known; `None` when all are done.
pub fn phase_place(name: Option<&str>, current: usize, count: usize) -> Markup {
    html! {
        span.phase-line {
            span.phase-line-words {
                @match name {
                    Some(name) => { (name) span.unseen { "," } " " span.phases-count { (current + 1) " of " (count) } },
                    None => "All phases done",
                }
            }
            span.phase-line-bar aria-hidden="true" {
                @for place in 0..count { span.phase-line-part.(class(place, current)) {} }
            }
        }
    }
}

fn now_words(view: &Phases<'_>) -> Markup {
    html! {
        @match view.names.get(view.current) {
            Some(name) => { strong { (name) } " " span.phases-count { "phase " (view.current + 1) " of " (view.names.len()) } },
            None => strong { "All phases done" },
        }
    }
}

fn class(place: usize, current: usize) -> &'static str {
    match place.cmp(&current) {
        std::cmp::Ordering::Less => "is-done",
        std::cmp::Ordering::Equal => "is-now",
        std::cmp::Ordering::Greater => "is-next",
    }
}

fn standing(place: usize, current: usize) -> &'static str {
    match place.cmp(&current) {
        std::cmp::Ordering::Less => ": done",
        std::cmp::Ordering::Equal => ": current phase",
        std::cmp::Ordering::Greater => ": to come",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_of_how_many() {
        let names = ["Intake", "<Discovery>", "Trial"];
        let html = phase_bar(&Phases { names: &names, current: 1 }).into_string();
        assert!(html.contains("&lt;Discovery&gt;</strong> <span class=\"phases-count\">phase 2 of 3"), "{html}");
        assert_eq!(html.matches("aria-current=\"step\"").count(), 1);
        assert!(phase_bar(&Phases { names: &names, current: 3 }).into_string().contains("All phases done"));
    }
}
