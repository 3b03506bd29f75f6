//! What a mail says of a month.

use super::{Reader, and_more, capital};
use crate::calendar::near_day_words;
use crate::limits;
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
    let projects: Vec<String> = summary.projects.iter().filter_map(|project| self::project(project, reader)).collect();
    let more = and_more(projects.len(), limits::MONTH_LINES_MAX);
    lines.extend(projects.into_iter().take(limits::MONTH_LINES_MAX));
    lines.extend(more);
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
    let named = project.reached.iter().take(limits::MONTH_LINES_MAX);
    let mut said: Vec<String> = named.map(|title| format!("{title} is done")).collect();
    said.extend(and_more(project.reached.len(), limits::MONTH_LINES_MAX).map(|more| {
        // Within a sentence.
        more.trim_end_matches('.').to_lowercase()
    }));
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
    let by = match (summary.asked, summary.asked_by) {
        (_, None) => String::new(),
        (1, Some(day)) if day < reader.today => ", and it is past its day".to_owned(),
        (_, Some(day)) if day < reader.today => ", and the first is past its day".to_owned(),
        (1, Some(day)) => format!(", due {}", near_day_words(day, reader.today)),
        (_, Some(day)) => format!(", the first due {}", near_day_words(day, reader.today)),
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
                "4 things are still asked of you, the first due Fri 4 Dec.",
            ],
        );
        let late = Summary { asked: 1, asked_by: Some(date(2026, 11, 20)), ..summary() };
        check(&late, &["1 thing is still asked of you, and it is past its day."]);
        check(
            &Summary { asked: 2, ..late.clone() },
            &["2 things are still asked of you, and the first is past its day."],
        );
        let soon = Summary { asked: 1, asked_by: Some(date(2026, 12, 4)), ..summary() };
        check(&soon, &["1 thing is still asked of you, due Fri 4 Dec."]);
    }

    #[test]
    fn a_month_of_many_projects_is_still_a_few_lines() {
        let name = |n: usize| Name::parse(&format!("Matter {n}")).unwrap();
        let reached: Vec<Name> = (0..limits::MONTH_LINES_MAX + 2).map(name).collect();
        let one = |n| ProjectMonth { name: name(n), reached: reached.clone(), closed: false, phase: None, next: None };
        let many = Summary { projects: (0..limits::MONTH_LINES_MAX + 3).map(one).collect(), ..summary() };
        let reader =
            Reader { of_client: true, firm_name: "Hartwell & Pryce", client_name: "Acme Industries", today: TODAY };
        let (_, lines, _) = words(&many, &reader);
        assert_eq!(lines.len(), limits::MONTH_LINES_MAX + 1);
        assert!(lines[0].ends_with("Matter 7 is done; and 2 more."), "{}", lines[0]);
        assert_eq!(lines.last().unwrap(), "And 3 more.");
    }
}
