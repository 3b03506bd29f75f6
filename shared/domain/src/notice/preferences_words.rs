//! What the choices of notices are called, on the page where they are made and on the one that a mail's link leads to.

use super::Tier;
use super::clock::Day;
use super::kind::{Kind, Pace};

impl Kind {
    /// As the page lists it.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Deadline => "Deadlines",
            Kind::Invoice => "Invoices due",
            Kind::Signature => "Documents to sign",
            Kind::Message => "Messages",
            Kind::Request => "Requests for documents",
            Kind::Document => "New documents",
            Kind::RefusedFile => "Files to send again",
            Kind::Progress => "Progress",
            Kind::Appointment => "Meetings",
            Kind::NotReached => "People who were not reached",
            Kind::Summary => "Monthly summary",
            Kind::Newsletter => "Newsletter",
        }
    }

    /// What comes, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Kind::Deadline => "A deadline is coming up.",
            Kind::Invoice => "An invoice is due.",
            Kind::Signature => "A document waits for a signature.",
            Kind::Message => "Somebody wrote to you.",
            Kind::Request => "Documents are asked for, missing, returned or complete.",
            Kind::Document => "A document was added.",
            Kind::RefusedFile => "A file that you sent could not be filed.",
            Kind::Progress => "A phase, a milestone or a promised update.",
            Kind::Appointment => "A meeting is booked, moved or near.",
            Kind::NotReached => "A mail about something critical came back.",
            Kind::Summary => "What happened in a month.",
            Kind::Newsletter => "News that is not about your own work.",
        }
    }
}

impl Pace {
    /// As an option of a list.
    pub fn title(self) -> &'static str {
        match self {
            Pace::AtOnce => "Immediately",
            Pace::Daily => "In a daily digest",
            Pace::Weekly => "In a weekly digest",
            Pace::Off => "Off",
        }
    }

    /// Why no less is among the choices; nothing where it can be turned off.
    pub fn least_sentence(self) -> Option<&'static str> {
        match self {
            Pace::AtOnce => Some("The firm sends this immediately to everybody."),
            Pace::Daily => Some("The firm sends this once a day at least."),
            Pace::Weekly => Some("It cannot be turned off."),
            Pace::Off => None,
        }
    }

    /// Why less than this cannot be chosen.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Pace::AtOnce => "The firm sends this immediately to everybody. Choose immediately.",
            Pace::Daily => "The firm sends this once a day at least. Choose immediately or daily.",
            Pace::Weekly => "It cannot be turned off. Choose immediately, daily or weekly.",
            Pace::Off => "Choose how soon you want to hear of it.",
        }
    }
}

impl Day {
    /// As an option of a list.
    pub fn title(self) -> &'static str {
        match self {
            Day::Monday => "Monday",
            Day::Tuesday => "Tuesday",
            Day::Wednesday => "Wednesday",
            Day::Thursday => "Thursday",
            Day::Friday => "Friday",
            Day::Saturday => "Saturday",
            Day::Sunday => "Sunday",
        }
    }
}

impl Tier {
    /// As an option of the firm's list.
    pub fn title(self) -> &'static str {
        match self {
            Tier::Critical => "Critical: e-mail and text message",
            Tier::Standard => "Standard: e-mail",
            Tier::Informational => "Informational: weekly digest, unless sooner is the least",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_differ_and_sentences_are_sentences() {
        let mut titles: Vec<&str> = Kind::ALL.into_iter().map(Kind::title).collect();
        titles.extend(Pace::ALL.map(Pace::title));
        titles.extend(Tier::ALL.map(Tier::title));
        let all = titles.len();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), all);
        assert!(Kind::ALL.into_iter().all(|kind| kind.sentence().ends_with('.')));
        assert!(Pace::ALL.into_iter().all(|pace| pace.refusal().ends_with('.')));
        for pace in Pace::ALL {
            assert!(pace.least_sentence().is_none_or(|why| pace.refusal().starts_with(why)), "{pace:?}");
        }
        assert!(Day::ALL.into_iter().all(|day| day.title().to_lowercase() == day.as_str()));
    }
}
