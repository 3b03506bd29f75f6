//! What a mail says of a month.

use super::{Reader, capital};
use crate::calendar::near_day_words;
use crate::notice::summary::{ProjectMonth, Summary};

const LINK: &str = "See where everything stands";

pub(super) fn words(summary: &Summary, reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
    let mut lines = Vec::new();
    lines.extend(documents(summary, reader));
    lines.extend(match summary.conversations {
        0 => None,
        1 => Some("Messages went to and fro in 1 conversation.".to_owned()),
        many => Some(format!("Messages went to and fro in {many} conversations.")),
    });
    lines.extend(summary.projects.iter().filter_map(|project| self::project(project, reader)));
    lines.extend(asked(summary, reader));
    (format!("{} in short", summary.month.words()), lines, LINK)
}

pub(super) fn nameless(summary: &Summary) -> String {
    format!("What happened in {}", summary.month.words())
}

fn documents(summary: &Summary, reader: &Reader<'_>) -> Option<String> {
    let files = |count: usize| if count == 1 { "1 document".to_owned() } else { format!("{count} documents") };
    let firm = reader.firm_name;
    Some(match (summary.documents_of_firm, summary.documents_of_client) {
        (0, 0) => return None,
        (theirs, 0) => format!("{firm} added {}.", files(theirs)),
        (0, yours) => format!("{} came from you.", files(yours)),
        (theirs, yours) => format!("{firm} added {}, and {} came from you.", files(theirs), files(yours)),
    })
}

fn project(project: &ProjectMonth, reader: &Reader<'_>) -> Option<String> {
    let mut said: Vec<String> = project.reached.iter().map(|title| format!("{title} is done")).collect();
    if project.closed {
        said.push("closed".to_owned());
    }
    said.extend(project.phase.as_ref().map(|phase| format!("now in {phase}")));
    let next = project.next.as_ref().map(|(title, due_on)| {
        let due = due_on.map(|day| format!(", due {}", near_day_words(day, reader.today))).unwrap_or_default();
        format!(" Next: {title}{due}.")
    });
    if said.is_empty() && next.is_none() {
        return None;
    }
    let stands = if said.is_empty() { String::new() } else { format!(" {}.", capital(&said.join("; "))) };
    Some(format!("{}:{stands}{}", project.name, next.unwrap_or_default()))
}

fn asked(summary: &Summary, reader: &Reader<'_>) -> Option<String> {
    let things = match summary.asked {
        0 => return None,
        1 => "1 thing is".to_owned(),
        many => format!("{many} things are"),
    };
    let by = match summary.asked_by {
        Some(day) if day < reader.today => ", and it is past its day".to_owned(),
        Some(day) => format!(", the first {}", near_day_words(day, reader.today)),
        None => String::new(),
    };
    Some(format!("{things} still asked of you{by}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::summary::Month;
    use crate::text::Name;
    use jiff::civil::{Date, date};
    use jiff::tz::TimeZone;

    const TODAY: Date = date(2026, 12, 1);

    fn summary() -> Summary {
        let month = Month::ended("2026-12-01T12:00:00Z".parse().unwrap(), &TimeZone::UTC).unwrap();
        Summary {
            month,
            documents_of_firm: 0,
            documents_of_client: 0,
            conversations: 0,
            projects: Vec::new(),
            asked: 0,
            asked_by: None,
        }
    }

    fn check(summary: &Summary, want: &[&str]) {
        let reader =
            Reader { of_client: true, firm_name: "Hartwell & Pryce", client_name: "Acme Industries", today: TODAY };
        let (subject, lines, _) = words(summary, &reader);
        assert_eq!(subject, "November 2026 in short");
        assert_eq!(lines, want);
        assert_eq!(summary.is_nothing(), want.is_empty());
    }

    #[test]
    fn a_month_is_told_in_a_few_lines() {
        check(&summary(), &[]);
        check(&Summary { documents_of_firm: 1, ..summary() }, &["Hartwell & Pryce added 1 document."]);
        check(&Summary { documents_of_client: 2, ..summary() }, &["2 documents came from you."]);
        let name = |text| Name::parse(text).unwrap();
        let suit = ProjectMonth {
            name: name("Acme v. Dunmore"),
            reached: vec![name("Answer filed")],
            closed: false,
            phase: Some(name("Discovery")),
            next: Some((name("Deposition"), Some(date(2026, 12, 4)))),
        };
        let lease = ProjectMonth { name: name("Lease"), reached: vec![], closed: true, phase: None, next: None };
        let all = Summary {
            documents_of_firm: 3,
            documents_of_client: 1,
            conversations: 2,
            projects: vec![suit, lease],
            asked: 4,
            asked_by: Some(date(2026, 12, 4)),
            ..summary()
        };
        check(
            &all,
            &[
                "Hartwell & Pryce added 3 documents, and 1 document came from you.",
                "Messages went to and fro in 2 conversations.",
                "Acme v. Dunmore: Answer filed is done; now in Discovery. Next: Deposition, due Fri 4 Dec.",
                "Lease: Closed.",
                "4 things are still asked of you, the first Fri 4 Dec.",
            ],
        );
        let late = Summary { asked: 1, asked_by: Some(date(2026, 11, 20)), ..summary() };
        check(&late, &["1 thing is still asked of you, and it is past its day."]);
    }
}
