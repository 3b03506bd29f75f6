//! Views: structs in, markup out. They know no storage, and use no component of their own.

use access::OnePerson;
use domain::packs::Pack;
use domain::{Date, Role, Timestamp, calendar};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::Brand;
use web::ui::phases::{Phases, phase_line};
use web::ui::state::{State, pill_saying};

pub(crate) mod board;
pub(crate) mod client_home;
pub(crate) mod edit;
pub(crate) mod overview;
pub(crate) mod partner_board;
pub(crate) mod project;
pub(crate) mod staff_home;

/// Who reads, and when: what every view needs to choose its words.
pub(crate) struct Reader {
    pub(crate) of_client: bool,
    /// May say who works on a client, and invite its people.
    pub(crate) is_partner: bool,
    pub(crate) firm_name: String,
    pub(crate) packs: Vec<Pack>,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
    /// The civil day at the firm.
    pub(crate) today: Date,
}

impl Reader {
    pub(crate) fn of(scope: &impl OnePerson, brand: &Brand, now: Timestamp) -> Self {
        let zone = brand.time_zone();
        Self {
            of_client: scope.role().is_client(),
            is_partner: scope.role() == Role::Partner,
            firm_name: brand.firm_name.clone(),
            packs: brand.packs.clone(),
            now,
            today: calendar::today(now, &zone),
            zone,
        }
    }

    /// "matters" or "projects", as the firm says.
    pub(crate) fn nouns(&self) -> &'static str {
        Pack::nouns_of(&self.packs)
    }

    pub(crate) fn noun(&self) -> &'static str {
        self.nouns().strip_suffix('s').unwrap_or("project")
    }

    pub(crate) fn nouns_capital(&self) -> String {
        capital(self.nouns())
    }
}

pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What was just done, said once after a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Opened,
    Saved,
    Closed,
    Reopened,
    Milestone,
    Undone,
    Told,
}

impl Done {
    const ALL: [Done; 7] =
        [Done::Opened, Done::Saved, Done::Closed, Done::Reopened, Done::Milestone, Done::Undone, Done::Told];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Done::Opened => "opened",
            Done::Saved => "saved",
            Done::Closed => "closed",
            Done::Reopened => "reopened",
            Done::Milestone => "milestone",
            Done::Undone => "undone",
            Done::Told => "told",
        }
    }

    /// From an address: only words of ours are ever shown.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == text)
    }

    pub(crate) fn words(self, pack: Pack) -> String {
        let noun = pack.noun();
        match self {
            Done::Opened => format!("The {noun} is open. The client sees it now."),
            Done::Saved => "Saved. The client sees it now.".to_owned(),
            Done::Closed => format!("The {noun} is closed. Everything in it can still be read."),
            Done::Reopened => format!("The {noun} is open again."),
            Done::Milestone => "Marked as done. The client sees it now.".to_owned(),
            Done::Undone => "It is as it was before.".to_owned(),
            Done::Told => "The client sees your update now, and gets it by e-mail.".to_owned(),
        }
    }
}

/// The phase bar of a row, from the names of the phases.
pub(crate) fn phases_of(names: &[domain::text::Name], current: usize) -> Markup {
    let names: Vec<&str> = names.iter().map(domain::text::Name::as_str).collect();
    phase_line(&Phases { names: &names, current })
}

/// "Update 4 days late", "2 days overdue"; nothing where all is well.
pub(crate) fn lateness(overdue: i32, unheard: i32) -> Option<Markup> {
    let days = |days: i32| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    match (overdue, unheard) {
        (0, 0) => None,
        (0, unheard) => Some(pill_saying(State::Overdue, &format!("Update {} late", days(unheard)))),
        (overdue, _) => Some(pill_saying(State::Overdue, &format!("{} overdue", days(overdue)))),
    }
}

/// The day itself of what is late, beside how late it is: "was due Tue 24 Nov".
pub(crate) fn missed(on: Date, today: Date, was: &str) -> Option<Markup> {
    (on < today).then(|| html! { (was) " " (web::ui::words::day(on, today)) })
}

/// "Next: Depositions, Sat 12 Dec".
pub(crate) fn next_words(title: Option<&str>, due: Option<Date>, today: Date) -> Option<Markup> {
    let title = title?;
    Some(html! { "Next: " (title) @if let Some(due) = due { ", " (web::ui::words::day(due, today)) } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_ours_come_back_from_an_address() {
        for done in Done::ALL {
            assert_eq!(Done::parse(done.as_str()), Some(done));
        }
        assert_eq!(Done::parse("<b>hacked</b>"), None);
    }

    #[test]
    fn lateness_in_words() {
        let check = |overdue, unheard, want: Option<&str>| {
            let html = lateness(overdue, unheard).map(Markup::into_string);
            assert_eq!(html.is_some(), want.is_some());
            assert!(want.is_none_or(|want| html.is_some_and(|html| html.contains(want))), "{overdue} {unheard}");
        };
        check(0, 0, None);
        check(1, 0, Some("1 day overdue"));
        check(0, 4, Some("Update 4 days late"));
        check(2, 9, Some("2 days overdue"));
    }
}
