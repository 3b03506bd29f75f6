//! The review of who has access.

use domain::firm::review::{Review, Standing, next_due};
use domain::{PersonId, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::feedback::{all_clear, progress};
use web::ui::form::{self, Choice, Field};
use web::ui::structure::{Crumb, PageHead, Section, card, facts_line, page_head, section};
use web::ui::{Button, Icon, words};

use crate::person::Names;
use crate::review::{Asked, Progress, ToReview, view_of};

pub(crate) struct ReviewView<'a> {
    pub(crate) standing: Standing,
    /// The round that is open, or the last one.
    pub(crate) last: Option<&'a Review>,
    pub(crate) names: &'a Names,
    pub(crate) people: &'a [ToReview],
    pub(crate) progress: Progress,
    /// How many the list has on all its pages.
    pub(crate) listed: usize,
    pub(crate) asked: Asked,
    pub(crate) reader: &'a PersonId,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

/// One membership of the list.
pub(crate) struct OneReview<'a> {
    pub(crate) one: &'a ToReview,
    /// It is the reader's own, which somebody else ends.
    pub(crate) is_reader: bool,
}

pub(crate) fn review(view: &ReviewView<'_>) -> Markup {
    let line =
        html! { "Once a quarter: who can see what, and does each still need it? Nothing is taken away by itself." };
    html! {
        (page_head(&PageHead {
            title: "Review of access",
            line: Some(line),
            crumbs: &[Crumb { label: "People", href: "/firm/people" }],
            ..PageHead::default()
        }))
        @match view.standing {
            Standing::Open => (open(view)),
            Standing::Rests { until } => (resting(view, until, false)),
            Standing::Due { since } => (resting(view, since, true)),
        }
    }
}

fn who(view: &ReviewView<'_>, person: Option<&PersonId>) -> String {
    person.and_then(|person| view.names.get(person)).cloned().unwrap_or_else(|| "somebody who has left".to_owned())
}

fn act(view: &ReviewView<'_>, act: &str, button: Markup) -> Markup {
    form::inline_form("/firm/review", view.csrf, &[("act", act)], button)
}

fn resting(view: &ReviewView<'_>, day: Timestamp, is_due: bool) -> Markup {
    let last = view.last.and_then(|last| Some((last.finished_at?, last.finished_by.as_ref())));
    let told = html! {
        @match last {
            Some((at, by)) => { "Reviewed by " (who(view, by)) " on " (words::instant(at, view.now, view.zone)) ". " },
            None => "Not reviewed yet. ",
        }
        @if is_due { "The next one was due on " } @else { "The next one is due on " }
        (words::instant(day, view.now, view.zone)) "."
    };
    let button = if is_due { Button::primary("Begin the review") } else { Button::quiet("Begin one now") };
    card(html! { p { (told) } p { (act(view, "start", button.with_icon(Icon::Audit).submit())) } })
}

fn open(view: &ReviewView<'_>) -> Markup {
    let Some(round) = view.last else { return html! {} };
    let Progress { done, all } = view.progress;
    let began = html! { "Begun by " (who(view, Some(&round.started_by))) " on " (words::instant(round.started_at, view.now, view.zone)) };
    let everybody = view.asked.all.is_some();
    let at = |from: usize| format!("/firm/review?from={from}{}", if everybody { "&all=1" } else { "" });
    let next = view.asked.from + limits::REVIEWED_PER_PAGE;
    let (first, more) = (at(0), (next < view.listed).then(|| at(next)));
    html! {
        (card(html! {
            (progress("People reviewed", done as u64, all as u64))
            p { (began) }
            @if done >= all {
                p { (act(view, "finish", Button::primary("Finish the review").with_icon(Icon::Check).submit())) }
                p { "The next one is then due on " (words::instant(next_due(view.now), view.now, view.zone)) "." }
            }
        }))
        (chips("Whom to show", &[
            Chip { label: "Still to review", href: "/firm/review", chosen: !everybody, count: Some(all - done.min(all)) },
            Chip { label: "Everybody", href: "/firm/review?all=1", chosen: everybody, count: Some(all) },
        ]))
        @if view.people.is_empty() { (all_clear("Everybody is reviewed", "Finish the review above.")) }
        @for one in view.people { (person(view, &view_of(one, view.reader))) }
        (pagination(&Pages { first: (view.asked.from > 0).then_some(&first), next: more.as_deref(), shown: None }))
    }
}

fn person(view: &ReviewView<'_>, of: &OneReview<'_>) -> Markup {
    let ToReview { person, last, access, reviewed } = of.one;
    let hints: Vec<Option<String>> = access
        .iter()
        .map(|one| {
            one.since.map(|since| format!("since {}", domain::calendar::instant_words(since, view.now, view.zone)))
        })
        .collect();
    let field_name = format!("keep-{}-{}", person.membership, person.person);
    let choices: Vec<Choice<'_>> = access
        .iter()
        .zip(&hints)
        .map(|(one, hint)| Choice { value: &one.place, label: &one.name, hint: hint.as_deref(), chosen: true })
        .collect();
    let seen = match last {
        Some(last) => html! { "Last signed in " (words::instant(last.at, view.now, view.zone)) },
        None => html! { "Has not signed in yet" },
    };
    let mut meta = vec![html! { (person.role.title()) }, html! { (person.email) }, seen];
    if let Some(reviewed) = reviewed {
        meta.push(html! { "Reviewed " (words::instant(reviewed.at, view.now, view.zone)) });
    }
    let action = format!("/firm/review/{}/{}", person.membership, person.person);
    let button = Button::quiet("Keep what is ticked").with_icon(Icon::Check).about(&person.name);
    let field = Field { name: &field_name, label: "Keeps access to", ..Field::default() };
    section(
        &Section { title: &person.name, ..Section::default() },
        card(html! {
            (facts_line(&meta))
            (form::form(&action, view.csrf, html! {
                @for one in access { input type="hidden" name="shown" value=(one.place); }
                @if of.is_reader {
                    // Nobody takes the own access away.
                    input type="hidden" name="keep" value=(person.membership);
                    p { "This is you. Another partner can end your access." }
                } @else {
                    (form::checks_as(&field, "keep", &choices))
                    p.hint { "What you take the tick out of ends at once." }
                }
                (button.submit())
            }))
        }),
    )
}
