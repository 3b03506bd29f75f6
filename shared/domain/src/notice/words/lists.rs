//! What a notice about a request list says. The list is told as it stands when the mail is sent.

use jiff::civil::Date;

use super::Reader;
use crate::calendar::near_day_words;
use crate::limits;
use crate::request::{Given, Line, LineState, Request};

/// A list with what happened to it.
#[derive(Debug, Clone, Copy)]
pub struct ListTold<'a> {
    pub news: ListNews,
    pub request: &'a Request,
    pub project: Option<&'a str>,
    pub by: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListNews {
    Sent,
    /// The firm asks for more than it did.
    More,
    /// Something went back to the client.
    Returned,
    /// Something is still missing.
    Reminder,
    /// Nothing is with the client any more.
    Delivered,
}

impl ListNews {
    /// Whether a list as it stands now still asks for this to be told.
    pub fn is_news(self, request: &Request) -> bool {
        match self {
            ListNews::Sent | ListNews::More | ListNews::Reminder => request.missing().next().is_some(),
            ListNews::Returned => returned(request).next().is_some(),
            // Where the firm has sent something back meanwhile, it has looked.
            ListNews::Delivered => request.waits_for_firm(),
        }
    }
}

fn returned(request: &Request) -> impl Iterator<Item = &Line> {
    request.missing().filter(|line| matches!(line.state, LineState::Returned { .. }))
}

const HOW: &str = "Choose a file for each on the page, or say there that you do not have it.";

impl ListTold<'_> {
    pub(super) fn words(&self, reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
        match self.news {
            ListNews::Sent => self.sent(reader, "Please send"),
            ListNews::More => self.sent(reader, "More to send"),
            ListNews::Returned => self.returned(reader),
            ListNews::Reminder => self.reminder(reader),
            ListNews::Delivered => self.delivered(reader),
        }
    }

    pub(super) fn nameless(&self) -> String {
        match self.news {
            ListNews::Sent | ListNews::More => "You are asked for documents",
            ListNews::Returned => "Something that you sent came back to you",
            ListNews::Reminder => "Documents that you are asked for are still missing",
            ListNews::Delivered => "A client has sent everything on a list",
        }
        .to_owned()
    }

    fn sent(&self, reader: &Reader<'_>, what: &str) -> (String, Vec<String>, &'static str) {
        let by = self.by.map_or_else(|| reader.firm_name.to_owned(), |by| format!("{by} of {}", reader.firm_name));
        let place = self.project.map(|project| format!(" for {project}")).unwrap_or_default();
        let mut lines = vec![format!("{by} asks you for this{place}:")];
        lines.extend(named(self.request.missing(), |line| asked(line, reader.today)));
        lines.push(HOW.to_owned());
        (format!("{what}: {}", self.request.title), lines, "Send the documents")
    }

    fn returned(&self, reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
        let back: Vec<&Line> = returned(self.request).collect();
        let subject = match back.as_slice() {
            [one] => format!("Please look at this again: {}", one.what),
            many => format!("Please look at {} things again: {}", many.len(), self.request.title),
        };
        let by = self.by.map_or_else(|| reader.firm_name.to_owned(), |by| format!("{by} of {}", reader.firm_name));
        let mut lines = vec![format!("{by} sent this back to you:")];
        lines.extend(named(back.into_iter(), |line| match &line.state {
            LineState::Returned { reason, .. } => format!("{}: {}", line.what, reason.as_str()),
            _ => line.what.to_string(),
        }));
        (subject, lines, "See what to do")
    }

    fn reminder(&self, reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
        let missing = self.request.missing().count();
        let due = self.request.next_due().map(|day| format!(", {}", due(day, reader.today))).unwrap_or_default();
        let subject = format!("{}: {missing} of {} still missing{due}", self.request.title, self.request.lines.len());
        let place = self.project.map(|project| format!(" for {project}")).unwrap_or_default();
        let mut lines = vec![format!("{} still needs this{place}:", reader.firm_name)];
        lines.extend(named(self.request.missing(), |line| asked(line, reader.today)));
        lines.push(HOW.to_owned());
        (subject, lines, "Send what is missing")
    }

    fn delivered(&self, reader: &Reader<'_>) -> (String, Vec<String>, &'static str) {
        let title = &self.request.title;
        let place = self.project.map(|project| format!(" for {project}")).unwrap_or_default();
        let given = |line: &Line| match &line.state {
            LineState::Given(given) | LineState::Accepted { given, .. } => Some(given.clone()),
            LineState::Asked | LineState::Returned { .. } => None,
        };
        let not_had: Vec<&Line> =
            self.request.lines.iter().filter(|line| matches!(given(line), Some(Given::NotHad { .. }))).collect();
        let mut lines = vec![format!("{} has answered everything on the list {title}{place}.", reader.client_name)];
        if !not_had.is_empty() {
            lines.push("They say that they do not have this:".to_owned());
            lines.extend(named(not_had.into_iter(), |line| line.what.to_string()));
        }
        lines.push("Accept what is right, and send back what is not.".to_owned());
        (format!("Everything has come: {title}"), lines, "Look through the list")
    }
}

/// So many lines by name, and how many more there are.
fn named<'a>(lines: impl Iterator<Item = &'a Line>, words: impl Fn(&Line) -> String) -> Vec<String> {
    let all: Vec<&Line> = lines.collect();
    let mut said: Vec<String> = all.iter().take(limits::REQUEST_LINES_NAMED_MAX).map(|line| words(line)).collect();
    said.extend(super::and_more(all.len(), limits::REQUEST_LINES_NAMED_MAX));
    said
}

fn asked(line: &Line, today: Date) -> String {
    line.due_on.map_or_else(|| line.what.to_string(), |day| format!("{}, {}", line.what, due(day, today)))
}

/// "due tomorrow, Wed 25 Nov"; "was due Mon 23 Nov".
fn due(day: Date, today: Date) -> String {
    if day < today {
        format!("was due {}", near_day_words(day, today))
    } else {
        format!("due {}", near_day_words(day, today))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Told, nameless, words};
    use super::*;
    use crate::request::{NewRequest, Of, accept, filed, hand_in, not_had, send, send_back};
    use crate::text::{Name, Note};
    use crate::{DocumentId, Moment, PersonId, ProjectId, packs::Pack};
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);
    const CLIENT: Reader<'static> =
        Reader { of_client: true, firm_name: "Northgate", client_name: "Cedar Bakery", today: TODAY };
    const STAFF: Reader<'static> = Reader { of_client: false, ..CLIENT };

    fn list() -> Request {
        let mut n = 0;
        let mut moment = Moment::new("2026-11-24T15:00:00Z".parse().unwrap(), move || {
            n += 1;
            n
        });
        let new = NewRequest {
            project: ProjectId::from_bits(1),
            template: Some("annual-review".into()),
            title: Some(Name::parse("Review 2026").unwrap()),
            due_on: Some(date(2026, 12, 1)),
            lines: None,
        };
        let of =
            Of { pack: Pack::Advice, is_open: true, categories: Pack::Advice.categories(), today: date(2026, 11, 24) };
        send(new, &of, 0, &PersonId::from_bits(3), &mut moment).unwrap()
    }

    fn told(news: ListNews, request: &Request, reader: &Reader<'_>) -> (String, Vec<String>) {
        assert!(news.is_news(request), "{news:?}");
        let told = Told::List(ListTold { news, request, project: Some("Plan"), by: Some("Sam Okafor") });
        let said = format!("{:?}", nameless(&told, reader));
        assert!(!["Review", "Plan", "Sam", "Cedar", "tax"].iter().any(|name| said.contains(name)), "{said}");
        let words = words(&told, reader);
        (words.subject, words.lines)
    }

    #[test]
    fn a_list_says_what_is_asked_and_until_when() {
        let (subject, lines) = told(ListNews::Sent, &list(), &CLIENT);
        assert_eq!(subject, "Please send: Review 2026");
        let want = [
            "Sam Okafor of Northgate asks you for this for Plan:",
            "Statements of accounts held elsewhere, due Tue 1 Dec",
            "Last tax return, due Tue 1 Dec",
            "What has changed, due Tue 1 Dec",
            HOW,
        ];
        assert_eq!(lines, want);
        let (subject, _) = told(ListNews::More, &list(), &CLIENT);
        assert_eq!(subject, "More to send: Review 2026");
    }

    #[test]
    fn what_is_missing_or_came_back_is_told_as_it_stands_then() {
        let (client, staff, now) = (PersonId::from_bits(1), PersonId::from_bits(3), list().sent_at);
        let one = DocumentId::from_bits(9);
        let [first, second, third] = [0, 1, 2].map(|n: usize| list().lines[n].id.clone());
        let handed = hand_in(&list(), &first, std::slice::from_ref(&one), now).unwrap().unwrap().0;
        let given = filed(&handed, &first, &one, now).unwrap().0;
        let (subject, lines) = told(ListNews::Reminder, &given, &Reader { today: date(2026, 12, 8), ..CLIENT });
        assert_eq!(subject, "Review 2026: 2 of 3 still missing, was due Tue 1 Dec");
        assert_eq!(lines[1..3], ["Last tax return, was due Tue 1 Dec", "What has changed, was due Tue 1 Dec"]);
        let back = send_back(&given, &first, Note::parse("The wrong year.").unwrap(), &staff, now).unwrap().unwrap().0;
        let (subject, lines) = told(ListNews::Returned, &back, &CLIENT);
        assert_eq!(subject, "Please look at this again: Statements of accounts held elsewhere");
        assert_eq!(lines[1], "Statements of accounts held elsewhere: The wrong year.");
        assert!(!ListNews::Delivered.is_news(&back));
        let mut all = filed(&back, &first, &one, now).unwrap().0;
        for line in [&second, &third] {
            all = not_had(&all, line, None, &client, now).unwrap().unwrap().0;
        }
        let (subject, lines) = told(ListNews::Delivered, &all, &STAFF);
        assert_eq!(subject, "Cedar Bakery: Everything has come: Review 2026");
        assert_eq!(lines[0], "Cedar Bakery has answered everything on the list Review 2026 for Plan.");
        assert_eq!(lines[2..4], ["Last tax return", "What has changed"]);
        assert!(!ListNews::Reminder.is_news(&all) && !ListNews::Returned.is_news(&all));
        for line in [&first, &second, &third] {
            all = accept(&all, line, &staff, now).unwrap().unwrap().0;
        }
        assert!(!ListNews::Delivered.is_news(&all));
    }
}
