//! What has been done, what is late, what is being done and what comes, with days.

use maud::{Markup, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Done,
    /// Its day has passed and nobody works on it yet.
    Late,
    Now,
    Upcoming,
}

impl Stage {
    fn title(self) -> &'static str {
        match self {
            Stage::Done => "Done",
            Stage::Late => "Late",
            Stage::Now => "Now",
            Stage::Upcoming => "Upcoming",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Stage::Done => "is-done",
            Stage::Late => "is-late",
            Stage::Now => "is-now",
            Stage::Upcoming => "is-next",
        }
    }
}

/// One milestone.
#[derive(Default)]
pub struct Step<'a> {
    pub title: &'a str,
    /// From [`super::words::day`] or [`super::words::due`]; none where no day is fixed.
    pub when: Option<Markup>,
    /// A pill where something is late or waits for somebody.
    pub state: Option<Markup>,
    pub note: Option<&'a str>,
    /// A small button: "Mark done".
    pub action: Option<Markup>,
    /// Documents and other things that belong to it.
    pub links: &'a [(&'a str, &'a str)],
}

/// The whole way. A stage without steps is left out.
#[derive(Default)]
pub struct Timeline<'a> {
    pub done: &'a [Step<'a>],
    pub late: &'a [Step<'a>],
    pub now: &'a [Step<'a>],
    pub upcoming: &'a [Step<'a>],
}

pub fn timeline(view: &Timeline<'_>) -> Markup {
    let stages =
        [(Stage::Done, view.done), (Stage::Late, view.late), (Stage::Now, view.now), (Stage::Upcoming, view.upcoming)];
    html! {
        div.timeline {
            @for (stage, steps) in stages {
                @if !steps.is_empty() {
                    section.timeline-stage.(stage.class()) {
                        h3.timeline-title { (stage.title()) }
                        ol role="list" { @for step in steps { (timeline_step(step)) } }
                    }
                }
            }
        }
    }
}

fn timeline_step(step: &Step<'_>) -> Markup {
    html! {
        li.step {
            p.step-when { @if let Some(when) = &step.when { (when) } @else { "No date yet" } }
            div.step-words {
                p.step-title { (step.title) @if let Some(state) = &step.state { " " (state) } }
                @if let Some(note) = step.note { p.step-note { (note) } }
                @if let Some(action) = &step.action { (action) }
                @if !step.links.is_empty() {
                    ul.step-links role="list" {
                        @for (label, href) in step.links {
                            li { a href=(href) { (super::icon::icon(super::Icon::Document)) span { (label) } } }
                        }
                    }
                }
            }
        }
    }
}
