//! What a notice says. The words are made when it is sent, from what is stored then.

use jiff::civil::Date;

use crate::calendar::{day_words, near_day_words};
use crate::document::RejectReason;
use crate::firm::newsletter::Letter;
use crate::limits;
use crate::notice::Kind;
use crate::notice::summary::Summary;
use crate::project::{Event, Milestone, Project};
use crate::text::Note;

mod lists;
mod messages;
mod month;

pub use lists::{ListNews, ListTold};
pub use messages::MessagesTold;

/// What happened, with the words that were read for it.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    DocumentReady {
        name: &'a str,
        project: Option<&'a str>,
        by: Option<&'a str>,
    },
    DocumentRejected {
        name: &'a str,
        project: Option<&'a str>,
        reason: RejectReason,
    },
    /// More than one file by one person, of one project where they all are.
    DocumentsReady {
        names: &'a [&'a str],
        project: Option<&'a str>,
        by: Option<&'a str>,
    },
    DocumentsRejected {
        files: &'a [(&'a str, RejectReason)],
    },
    ProjectChanged {
        project: &'a Project,
        changes: &'a [Event],
    },
    /// In the firm's own words.
    Update {
        project: &'a Project,
        text: &'a Note,
        by: Option<&'a str>,
    },
    Deadline {
        project: &'a Project,
        milestone: &'a Milestone,
    },
    List(ListTold<'a>),
    Messages(MessagesTold<'a>),
    Month(&'a Summary),
    /// In the firm's own words.
    Newsletter(&'a Letter),
    NotReached {
        name: &'a str,
        about: Kind,
    },
}

/// To whom it is told.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Belongs to the client's company; staff are told which client it is about.
    pub of_client: bool,
    pub firm_name: &'a str,
    pub client_name: &'a str,
    pub today: Date,
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One line, the news itself: read in a list of mails, it may be all that is read.
    pub subject: String,
    /// Paragraphs.
    pub lines: Vec<String>,
    /// On the link to the page that it is about.
    pub link: &'static str,
}

pub fn words(told: &Told<'_>, reader: &Reader<'_>) -> Words {
    let words = plain(told, reader);
    Words { subject: about(words.subject, reader), ..words }
}

/// The news in a line, without the client's name.
pub fn headline(told: &Told<'_>, reader: &Reader<'_>) -> String {
    plain(told, reader).subject
}

/// What a digest says beneath the headline: of what is told nowhere else.
pub fn details(told: &Told<'_>, reader: &Reader<'_>) -> Vec<String> {
    match told {
        Told::Month(_) => plain(told, reader).lines,
        _ => Vec::new(),
    }
}

/// Of a mail that tells several things. Staff are told which client they are about, and how many where there are several;
/// a client's people from which firm. `client_name` is none where mails name nothing.
pub fn digest_subject(
    headlines: &[&str],
    clients: usize,
    client_name: Option<&str>,
    of_client: bool,
    firm_name: &str,
) -> String {
    let count = headlines.len();
    match (headlines, client_name.filter(|_| !of_client && clients == 1)) {
        ([only], Some(client)) => format!("{client}: {only}"),
        ([only], None) => (*only).to_owned(),
        (_, Some(client)) => format!("{client}: {count} updates"),
        (_, None) if of_client || clients == 1 => format!("{count} updates from {firm_name}"),
        (_, None) => format!("{count} updates for {clients} clients"),
    }
}

fn plain(told: &Told<'_>, reader: &Reader<'_>) -> Words {
    let (subject, lines, link) = match told {
        Told::DocumentReady { name, project, by } => document_ready(name, *project, *by, reader),
        Told::DocumentRejected { name, project, reason } => {
            let of = project.map(|project| format!(", for {project},")).unwrap_or_default();
            let lines = vec![format!("{name}{of} could not be filed."), reason.sentence().to_owned()];
            (format!("Please send {name} again"), lines, "Upload it again")
        }
        Told::DocumentsReady { names, project, by } => documents_ready(names, *project, *by, reader),
        Told::DocumentsRejected { files } => {
            let mut lines: Vec<String> = files
                .iter()
                .take(limits::FILES_NAMED_MAX)
                .map(|(name, reason)| format!("{name}: {}", reason.sentence()))
                .collect();
            lines.extend(and_more(files.len(), limits::FILES_NAMED_MAX));
            (format!("Please send {} files again", files.len()), lines, "See which, and send them again")
        }
        Told::ProjectChanged { project, changes } => project_changed(project, changes, reader),
        Told::Update { project, text, by } => update(project, text, *by, reader),
        Told::Deadline { project, milestone } => deadline(project, milestone, reader),
        Told::List(list) => list.words(reader),
        Told::Messages(messages) => messages.words(reader),
        Told::Month(summary) => month::words(summary, reader),
        Told::Newsletter(letter) => {
            (letter.subject.to_string(), letter.paragraphs().map(str::to_owned).collect(), "Read it in the portal")
        }
        Told::NotReached { name, about } => not_reached(name, *about),
    };
    Words { subject, lines, link }
}

/// The same for a firm whose mails name no document, project or person: that there is something, and what kind.
pub fn nameless(told: &Told<'_>, reader: &Reader<'_>) -> Words {
    let subject = match told {
        Told::DocumentReady { .. } => "There is a new document".to_owned(),
        Told::DocumentsReady { names, .. } => format!("There are {} new documents", names.len()),
        Told::DocumentRejected { .. } => "A file of yours has to be sent again".to_owned(),
        Told::DocumentsRejected { files } => format!("{} files of yours have to be sent again", files.len()),
        Told::ProjectChanged { project, .. } => format!("Something about a {} has changed", project.pack.noun()),
        Told::Update { project, .. } => format!("There is an update on a {}", project.pack.noun()),
        Told::Deadline { milestone, .. } => match milestone.due_on {
            Some(day) if day >= reader.today => format!("Something is due {}", near_day_words(day, reader.today)),
            _ => "A deadline needs your attention".to_owned(),
        },
        Told::List(list) => list.nameless(),
        Told::Messages(messages) => messages.nameless(),
        Told::Month(summary) => month::nameless(summary),
        Told::Newsletter(_) => format!("A newsletter from {}", reader.firm_name),
        Told::NotReached { .. } => "A mail from here came back".to_owned(),
    };
    Words { subject, lines: vec!["Sign in to see what it is.".to_owned()], link: "Sign in and see" }
}

/// Staff work for many clients; the subject says for which this is.
fn about(subject: String, reader: &Reader<'_>) -> String {
    if reader.of_client { subject } else { format!("{}: {subject}", reader.client_name) }
}

fn document_ready(
    name: &str,
    project: Option<&str>,
    by: Option<&str>,
    reader: &Reader<'_>,
) -> (String, Vec<String>, &'static str) {
    let company = if reader.of_client { reader.firm_name } else { reader.client_name };
    let by = by.map_or_else(|| company.to_owned(), |by| format!("{by} of {company}"));
    let place = project.map(|project| format!(" to {project}")).unwrap_or_default();
    let line = format!("{by} added {name}{place}. It has been checked for viruses and is ready to open.");
    (format!("New document: {name}"), vec![line], "Open the document")
}

fn documents_ready(
    names: &[&str],
    project: Option<&str>,
    by: Option<&str>,
    reader: &Reader<'_>,
) -> (String, Vec<String>, &'static str) {
    let company = if reader.of_client { reader.firm_name } else { reader.client_name };
    let by = by.map_or_else(|| company.to_owned(), |by| format!("{by} of {company}"));
    let place = project.map(|project| format!(" to {project}")).unwrap_or_default();
    let count = names.len();
    let mut lines =
        vec![format!("{by} added {count} files{place}. They have been checked for viruses and are ready to open.")];
    lines.extend(names.iter().take(limits::FILES_NAMED_MAX).map(|name| (*name).to_owned()));
    lines.extend(and_more(count, limits::FILES_NAMED_MAX));
    let of = project.map(|project| format!(": {project}")).unwrap_or_default();
    (format!("{count} new documents{of}"), lines, "Open the documents")
}

/// That there are more than are named.
pub fn and_more(count: usize, named: usize) -> Option<String> {
    let more = count.checked_sub(named).filter(|more| *more > 0)?;
    Some(format!("And {more} more."))
}

fn update(
    project: &Project,
    text: &Note,
    by: Option<&str>,
    reader: &Reader<'_>,
) -> (String, Vec<String>, &'static str) {
    let by = by.map_or_else(|| reader.firm_name.to_owned(), |by| format!("{by} of {}", reader.firm_name));
    let mut lines = vec![format!("{by} wrote to you about {}:", project.name)];
    lines.extend(text.paragraphs().map(str::to_owned));
    if let Some(day) = project.next_update_on {
        lines.push(format!("You will hear from us again by {}.", day_words(day, reader.today)));
    }
    (format!("{}: an update for you", project.name), lines, "See where it stands")
}

fn project_changed(project: &Project, changes: &[Event], reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
    let name = project.name.as_str();
    let mut news: Vec<(u8, String)> = changes.iter().filter_map(|change| one_change(project, change, reader)).collect();
    news.sort_by_key(|(weight, _)| *weight);
    let headline = news.first().map_or_else(|| "changed".to_owned(), |(_, words)| words.clone());
    let mut lines: Vec<String> = news.iter().map(|(_, words)| sentence(name, words)).collect();
    let closed = changes.contains(&Event::Closed);
    if let Some(next) = project.next_milestone().filter(|_| !closed) {
        let due = next.due_on.map(|day| format!(", due {}", near_day_words(day, reader.today))).unwrap_or_default();
        lines.push(format!("Next: {}{due}.", next.title));
    }
    let promised = changes.iter().any(|change| matches!(change, Event::UpdatePromised { .. }));
    if let Some(day) = project.next_update_on.filter(|_| !closed && !promised) {
        lines.push(format!("You will hear from us again by {}.", day_words(day, reader.today)));
    }
    (format!("{name}: {headline}"), lines, "See where it stands")
}

/// A change in a few words after the project's name, the weightiest with the lowest number.
fn one_change(project: &Project, change: &Event, reader: &Reader<'_>) -> Option<(u8, String)> {
    Some(match change {
        Event::Closed => (0, "closed".to_owned()),
        Event::PhaseChanged { to, .. } => (1, format!("now in {}", project.phases.get(*to)?)),
        Event::MilestoneDone { milestone } => (2, format!("{} is done", project.milestone(milestone)?.title)),
        Event::UpdatePromised { on } => (3, format!("next update by {}", day_words(*on, reader.today))),
        Event::Opened | Event::Edited => return None,
    })
}

fn sentence(name: &str, words: &str) -> String {
    if words == "closed" || words.starts_with("now in ") {
        format!("{name} is {words}.")
    } else {
        format!("{}.", capital(words))
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn deadline(project: &Project, milestone: &Milestone, reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
    let line = format!("{}, in {}, {}.", milestone.title, project.name, due(milestone, reader.today));
    (format!("{} {}", milestone.title, due(milestone, reader.today)), vec![line], "See what it is about")
}

fn not_reached(name: &str, about: Kind) -> (String, Vec<String>, &'static str) {
    let lines = vec![
        format!("It was about something critical ({}), and {name} may not know of it.", about.title()),
        "Please call, and ask whether the address is still right.".to_owned(),
    ];
    (format!("A mail to {name} came back"), lines, "See what was sent")
}

/// "is due tomorrow, Wed 25 Nov"; "was due Mon 23 Nov"; "is coming up" where no day is fixed.
pub(super) fn due(milestone: &Milestone, today: Date) -> String {
    match milestone.due_on {
        Some(day) if day < today => format!("was due {}", day_words(day, today)),
        Some(day) => format!("is due {}", near_day_words(day, today)),
        None => "is coming up".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::Pack;
    use crate::project::{NewProject, Setting, open};
    use crate::{MilestoneId, Moment, text::Name};
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    const TODAY: Date = date(2026, 11, 24);
    const CLIENT: Reader<'static> =
        Reader { of_client: true, firm_name: "Hartwell & Pryce", client_name: "Acme Industries", today: TODAY };
    const STAFF: Reader<'static> = Reader { of_client: false, ..CLIENT };

    fn project() -> Project {
        let mut n = 0;
        let mut moment = Moment::new("2026-11-24T15:00:00Z".parse().unwrap(), move || {
            n += 1;
            n
        });
        let new = NewProject {
            name: Name::parse("Acme v. Dunmore").unwrap(),
            pack: Pack::Litigation,
            next_update_on: Some(date(2026, 12, 4)),
            team: vec![],
            milestones: None,
            phase: 2,
        };
        open(new, 0, &Setting { zone: &TimeZone::UTC, assigned: &[] }, &mut moment).unwrap().0
    }

    fn check(told: &Told<'_>, reader: &Reader<'_>, subject: &str, lines: &[&str]) {
        let words = words(told, reader);
        assert_eq!((words.subject.as_str(), words.lines), (subject, lines.iter().map(|l| (*l).to_owned()).collect()));
    }

    #[test]
    fn a_digest_says_how_much_and_of_whom() {
        let check = |headlines: &[&str], clients, client, of_client, want: &str| {
            assert_eq!(digest_subject(headlines, clients, client, of_client, "Hartwell"), want);
        };
        let two = ["New document: Lease.pdf", "2 messages"];
        check(&two[..1], 1, Some("Acme"), true, "New document: Lease.pdf");
        check(&two[..1], 1, Some("Acme"), false, "Acme: New document: Lease.pdf");
        check(&two, 1, Some("Acme"), true, "2 updates from Hartwell");
        check(&two, 2, Some("Acme"), true, "2 updates from Hartwell");
        check(&two, 1, Some("Acme"), false, "Acme: 2 updates");
        check(&two, 2, Some("Acme"), false, "2 updates for 2 clients");
        // A firm whose mails name nothing.
        check(&two, 1, None, false, "2 updates from Hartwell");
    }

    #[test]
    fn the_firm_hears_who_was_not_reached() {
        let told = Told::NotReached { name: "Ana Ruiz", about: Kind::Deadline };
        check(
            &told,
            &STAFF,
            "Acme Industries: A mail to Ana Ruiz came back",
            &[
                "It was about something critical (Deadlines), and Ana Ruiz may not know of it.",
                "Please call, and ask whether the address is still right.",
            ],
        );
        assert!(!format!("{:?}", nameless(&told, &STAFF)).contains("Ana"));
    }

    #[test]
    fn a_document_from_the_other_side() {
        let told = Told::DocumentReady { name: "Lease.pdf", project: Some("Lease review"), by: Some("Sam Okafor") };
        check(
            &told,
            &CLIENT,
            "New document: Lease.pdf",
            &[
                "Sam Okafor of Hartwell & Pryce added Lease.pdf to Lease review. It has been checked for viruses and is ready to open.",
            ],
        );
        let told = Told::DocumentReady { name: "Lease.pdf", project: None, by: None };
        check(
            &told,
            &STAFF,
            "Acme Industries: New document: Lease.pdf",
            &["Acme Industries added Lease.pdf. It has been checked for viruses and is ready to open."],
        );
    }

    #[test]
    fn a_batch_is_one_notice_that_names_its_files() {
        let names = ["A.pdf", "B.pdf"];
        check(
            &Told::DocumentsReady { names: &names, project: Some("Lease review"), by: Some("Ann Acme") },
            &STAFF,
            "Acme Industries: 2 new documents: Lease review",
            &[
                "Ann Acme of Acme Industries added 2 files to Lease review. They have been checked for viruses and are ready to open.",
                "A.pdf",
                "B.pdf",
            ],
        );
        let many = vec!["A.pdf"; limits::FILES_NAMED_MAX + 3];
        let told = words(&Told::DocumentsReady { names: &many, project: None, by: None }, &CLIENT);
        assert_eq!((told.subject.as_str(), told.lines.len()), ("13 new documents", limits::FILES_NAMED_MAX + 2));
        assert_eq!(told.lines.last().map(String::as_str), Some("And 3 more."));
        let files = [("A.pdf", RejectReason::Empty), ("B.pdf", RejectReason::Macros)];
        check(
            &Told::DocumentsRejected { files: &files },
            &CLIENT,
            "Please send 2 files again",
            &[
                "A.pdf: This file is empty. Check the original, then upload it again.",
                "B.pdf: This file contains macros, which can be harmful. Save it without macros and upload it again.",
            ],
        );
    }

    #[test]
    fn an_update_is_told_in_its_own_words() {
        let text = Note::parse("The judge ruled for us.\n\nNothing to do for you.").unwrap();
        check(
            &Told::Update { project: &project(), text: &text, by: Some("Sam Okafor") },
            &CLIENT,
            "Acme v. Dunmore: an update for you",
            &[
                "Sam Okafor of Hartwell & Pryce wrote to you about Acme v. Dunmore:",
                "The judge ruled for us.",
                "Nothing to do for you.",
                "You will hear from us again by Fri 4 Dec.",
            ],
        );
    }

    #[test]
    fn a_refused_document_says_why_and_what_to_do() {
        let told =
            Told::DocumentRejected { name: "Scan.pdf", project: Some("Lease review"), reason: RejectReason::Empty };
        let lines = [
            "Scan.pdf, for Lease review, could not be filed.",
            "This file is empty. Check the original, then upload it again.",
        ];
        check(&told, &CLIENT, "Please send Scan.pdf again", &lines);
    }

    #[test]
    fn a_change_says_what_changed_and_what_is_next() {
        let project = project();
        let next = "Next: Engagement letter signed, due Tue 1 Dec.";
        let again = "You will hear from us again by Fri 4 Dec.";
        let phase = Event::PhaseChanged { from: 1, to: 2 };
        check(
            &Told::ProjectChanged { project: &project, changes: std::slice::from_ref(&phase) },
            &CLIENT,
            "Acme v. Dunmore: now in Discovery",
            &["Acme v. Dunmore is now in Discovery.", next, again],
        );
        let done = Event::MilestoneDone { milestone: project.milestones[1].id.clone() };
        let promised = Event::UpdatePromised { on: date(2026, 12, 4) };
        check(
            &Told::ProjectChanged { project: &project, changes: &[promised, done, phase] },
            &CLIENT,
            "Acme v. Dunmore: now in Discovery",
            &[
                "Acme v. Dunmore is now in Discovery.",
                "Complaint or answer filed is done.",
                "Next update by Fri 4 Dec.",
                next,
            ],
        );
        check(
            &Told::ProjectChanged { project: &project, changes: &[Event::Closed] },
            &CLIENT,
            "Acme v. Dunmore: closed",
            &["Acme v. Dunmore is closed."],
        );
        // What was told of is gone meanwhile: the rest still holds.
        let gone = Event::MilestoneDone { milestone: MilestoneId::from_bits(99) };
        check(
            &Told::ProjectChanged { project: &project, changes: &[gone] },
            &CLIENT,
            "Acme v. Dunmore: changed",
            &[next, again],
        );
    }

    #[test]
    fn a_deadline_names_its_day() {
        let mut project = project();
        let told = |project: &Project, reader: &Reader<'_>| {
            words(&Told::Deadline { project, milestone: &project.milestones[0] }, reader).subject
        };
        project.milestones[0].due_on = Some(date(2026, 11, 25));
        assert_eq!(told(&project, &CLIENT), "Engagement letter signed is due tomorrow, Wed 25 Nov");
        assert_eq!(told(&project, &STAFF), "Acme Industries: Engagement letter signed is due tomorrow, Wed 25 Nov");
        project.milestones[0].due_on = Some(date(2026, 11, 23));
        assert_eq!(told(&project, &CLIENT), "Engagement letter signed was due Mon 23 Nov");
        project.milestones[0].due_on = None;
        assert_eq!(told(&project, &CLIENT), "Engagement letter signed is coming up");
    }
}
