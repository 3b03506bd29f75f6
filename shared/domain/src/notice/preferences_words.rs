//! What the choices of notices are called, on the page where they are made and on the one that a mail's link leads to.

use super::Tier;
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
            Kind::Summary => "Monthly summary",
            Kind::Newsletter => "Newsletter",
        }
    }

    /// What comes, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Kind::Deadline => "A date comes near that somebody has to keep.",
            Kind::Invoice => "An invoice is to be paid.",
            Kind::Signature => "A document waits for a signature.",
            Kind::Message => "Somebody wrote to you.",
            Kind::Request => "Documents are asked for, missing, returned or complete.",
            Kind::Document => "A document was added.",
            Kind::RefusedFile => "A file that you sent could not be filed.",
            Kind::Progress => "A phase, a milestone or a promised update.",
            Kind::Appointment => "A meeting is booked, moved or near.",
            Kind::Summary => "What happened in a month.",
            Kind::Newsletter => "News that is not about your own work.",
        }
    }
}

impl Pace {
    /// As an option of a list.
    pub fn title(self) -> &'static str {
        match self {
            Pace::AtOnce => "At once",
            Pace::Daily => "In a daily summary",
            Pace::Weekly => "In a weekly digest",
            Pace::Off => "Off",
        }
    }

    /// Why less than this cannot be chosen.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Pace::AtOnce => "The firm sends this at once to everybody. Choose at once.",
            Pace::Daily => "The firm sends this once a day at least. Choose at once or daily.",
            Pace::Weekly => "The firm sends this once a week at least. Choose at once, daily or weekly.",
            Pace::Off => "Choose how soon you want to hear of it.",
        }
    }
}

impl Tier {
    /// As an option of the firm's list.
    pub fn title(self) -> &'static str {
        match self {
            Tier::Critical => "Critical: e-mail and text message",
            Tier::Standard => "Standard: e-mail",
            Tier::Informational => "Informational: weekly digest",
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
    }
}
