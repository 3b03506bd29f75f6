//! What a client's home says first: what needs them, what comes up, when they hear again.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::card::Line;
use super::{Milestone, Progress, Project, Standing};
use crate::document::{Document, State};
use crate::{PersonId, limits};

/// Something with a day, of an open project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coming<'a> {
    Deadline {
        project: &'a Project,
        milestone: &'a Milestone,
        on: Date,
    },
    /// The firm's promise to tell how things stand.
    Update {
        project: &'a Project,
        on: Date,
    },
}

impl<'a> Coming<'a> {
    pub fn on(&self) -> Date {
        match self {
            Coming::Deadline { on, .. } | Coming::Update { on, .. } => *on,
        }
    }

    pub fn project(&self) -> &'a Project {
        match self {
            Coming::Deadline { project, .. } | Coming::Update { project, .. } => project,
        }
    }
}

/// Deadlines and promised updates that are late or soon, the earliest first.
pub fn coming(projects: &[Project], today: Date) -> Vec<Coming<'_>> {
    let last = today.checked_add(limits::SOON_DAYS.days()).unwrap_or(Date::MAX);
    let mut list = Vec::new();
    for project in projects.iter().filter(|project| project.standing == Standing::Active) {
        list.extend(project.next_update_on.map(|on| Coming::Update { project, on }));
        let open = project.milestones.iter().filter(|m| !matches!(m.progress, Progress::Done { .. }));
        list.extend(open.filter_map(|milestone| Some(Coming::Deadline { project, milestone, on: milestone.due_on? })));
    }
    list.retain(|coming| coming.on() <= last);
    list.sort_by_key(|coming| (coming.on(), coming.project().name.as_str()));
    list
}

/// Open ones first, those with the earliest day to keep before the others; then the closed ones, the last closed first.
pub fn most_urgent_first(projects: &mut [Project]) {
    projects.sort_by_cached_key(|project| {
        let line = Line::of(project);
        match project.standing {
            Standing::Active => (0, line.days().first().unwrap_or(Date::MAX), 0, line.name, line.id),
            Standing::Closed => (1, Date::MAX, -project.changed_at.as_millisecond(), line.name, line.id),
        }
    });
}

/// Files of this person that were refused, have not been sent again as another copy of the same, and are still needed.
pub fn to_send_again<'a>(documents: &'a [Document], person: &PersonId, now: Timestamp) -> Vec<&'a Document> {
    let oldest = now.checked_sub((i64::from(limits::SEND_AGAIN_DAYS) * 24).hours()).unwrap_or(Timestamp::MIN);
    let refused = |document: &&Document| {
        document.by == *person
            && !document.not_needed
            && matches!(document.state, State::Rejected { at, .. } if at >= oldest)
            && !documents.iter().any(|later| follows(later, document))
    };
    documents.iter().filter(refused).collect()
}

/// A copy that was refused as well asks for itself. On a line of a list, what was sent after the refusal and is good is
/// taken for the other copy, though nobody said so; what came beside the refused file is another file.
fn follows(later: &Document, refused: &Document) -> bool {
    let has_come = !matches!(later.state, State::AwaitingUpload { .. });
    let is_copy = later.again_for.as_ref() == Some(&refused.id);
    let is_on_its_line = later.request.is_some() && later.request == refused.request;
    let is_sent_after = matches!(refused.state, State::Rejected { at, .. } if later.asked_at > at);
    let is_good = !matches!(later.state, State::Rejected { .. });
    has_come && (is_copy || is_on_its_line && is_sent_after && is_good)
}

/// "Good morning", by the clock on the firm's wall.
pub fn greeting(now: Timestamp, zone: &TimeZone) -> &'static str {
    match now.to_zoned(zone.clone()).hour() {
        5..12 => "Good morning",
        12..18 => "Good afternoon",
        _ => "Good evening",
    }
}

/// The name by which somebody is greeted.
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::super::{NewProject, Setting, open};
    use super::*;
    use crate::document::{FileName, RejectReason};
    use crate::request::OnLine;
    use crate::{DocumentId, Moment, ProjectId, RequestId, RequestLineId, packs::Pack, text::Name};
    use jiff::civil::date;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_comes_up_is_late_or_soon_and_in_order() {
        let mut n = 0;
        let mut moment = Moment::new(at("2026-11-24T15:00:00Z"), move || {
            n += 1;
            n
        });
        let new = NewProject {
            name: Name::parse("Acme v. Dunmore").unwrap(),
            pack: Pack::Litigation,
            next_update_on: Some(date(2026, 11, 20)),
            team: vec![],
            milestones: None,
            phase: 0,
        };
        let (mut project, _) = open(new, 0, &Setting { zone: &TimeZone::UTC, assigned: &[] }, &mut moment).unwrap();
        let told = |projects: &[Project]| -> Vec<String> {
            let told = |coming: &Coming<'_>| match coming {
                Coming::Deadline { milestone, on, .. } => format!("{on} {}", milestone.title),
                Coming::Update { on, .. } => format!("{on} update"),
            };
            coming(projects, date(2026, 11, 24)).iter().map(told).collect()
        };
        // Seven days from now is soon; the next deadline of the pack, in thirty days, is not.
        assert_eq!(told(&[project.clone()]), ["2026-11-20 update", "2026-12-01 Engagement letter signed"]);
        project.milestones[0].progress = Progress::Done { done_on: date(2026, 11, 24) };
        assert_eq!(told(&[project.clone()]), ["2026-11-20 update"]);
        let name = |name| Project { name: Name::parse(name).unwrap(), next_update_on: None, ..project.clone() };
        let closed = Project { standing: Standing::Closed, ..name("closed") };
        let just_closed = Project {
            changed_at: at("2026-11-25T15:00:00Z"),
            name: Name::parse("just closed").unwrap(),
            ..closed.clone()
        };
        let mut all = [closed, just_closed, name("later"), project.clone()];
        most_urgent_first(&mut all);
        assert_eq!(all.map(|project| project.name.to_string()), ["Acme v. Dunmore", "later", "just closed", "closed"]);
        project.standing = Standing::Closed;
        assert_eq!(told(&[project]), [] as [&str; 0]);
    }

    fn document(id: u128, by: u128, again_for: Option<u128>, state: State) -> Document {
        Document {
            id: DocumentId::from_bits(id),
            project: ProjectId::from_bits(1),
            category: "Evidence".into(),
            name: FileName::parse("letter.pdf").unwrap(),
            size_bytes: 1,
            by: PersonId::from_bits(by),
            by_client: true,
            asked_at: at("2026-11-20T10:00:00Z"),
            again_for: again_for.map(DocumentId::from_bits),
            not_needed: false,
            visibility: Default::default(),
            request: None,
            kept: crate::document::Kept::default(),
            parts: None,
            tags: crate::document::Tags::new(),
            binned: None,
            series: None,
            superseded: false,
            state,
            version: 1,
        }
    }

    fn refused(at_text: &str) -> State {
        State::Rejected { reason: RejectReason::Empty, at: at(at_text) }
    }

    fn check_again(documents: &[Document], want: &[u128]) {
        let found = to_send_again(documents, &PersonId::from_bits(1), at("2026-11-24T15:00:00Z"));
        let ids: Vec<DocumentId> = found.iter().map(|document| document.id.clone()).collect();
        assert_eq!(ids, want.iter().map(|id| DocumentId::from_bits(*id)).collect::<Vec<_>>());
    }

    #[test]
    fn a_refused_file_asks_its_sender_until_there_is_another_copy_of_it() {
        let [first, second] = [1, 2].map(|id| document(id, 1, None, refused("2026-11-20T10:01:00Z")));
        let checked = || State::Processing { object_version: "v".into() };
        check_again(&[first.clone(), second.clone()], &[1, 2]);
        // Another file in the same place is another file.
        check_again(&[first.clone(), second.clone(), document(3, 1, None, checked())], &[1, 2]);
        check_again(&[first.clone(), second.clone(), document(3, 1, Some(1), checked())], &[2]);
        // By whomever of them it was sent.
        check_again(&[first.clone(), document(3, 7, Some(1), checked())], &[]);
        let announced = State::AwaitingUpload { expires: at("2026-11-25T10:00:00Z") };
        check_again(&[first.clone(), document(3, 1, Some(1), announced)], &[1]);
        // A copy that was refused too takes the place of the first.
        check_again(&[first.clone(), document(3, 1, Some(1), refused("2026-11-21T10:01:00Z"))], &[3]);
        check_again(&[Document { not_needed: true, ..first }, second], &[2]);
        check_again(&[document(4, 2, None, refused("2026-11-21T10:01:00Z"))], &[]);
        // On a line of a list.
        let on_line = |document: Document, line: u128, asked_at: &str| {
            let on = OnLine { list: RequestId::from_bits(1), line: RequestLineId::from_bits(line) };
            Document { request: Some(on), asked_at: at(asked_at), ..document }
        };
        let (beside, after) = ("2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z");
        let refused_there = on_line(document(6, 1, None, refused("2026-11-20T10:01:00Z")), 1, beside);
        let good = |line, asked_at| on_line(document(7, 1, None, checked()), line, asked_at);
        check_again(&[refused_there.clone(), good(1, after)], &[]);
        check_again(&[refused_there.clone(), good(1, beside)], &[6]);
        check_again(&[refused_there.clone(), good(2, after)], &[6]);
        let refused_after = on_line(document(8, 1, None, refused("2026-11-20T11:01:00Z")), 1, after);
        check_again(&[refused_there, refused_after], &[6, 8]);
        check_again(&[document(5, 1, None, refused("2026-10-01T10:01:00Z"))], &[]);
    }

    #[test]
    fn greets_by_the_firms_clock() {
        let zone = crate::calendar::zone("America/New_York").unwrap();
        let check = |now: &str, want| assert_eq!(greeting(at(now), &zone), want, "{now}");
        check("2026-11-24T15:00:00Z", "Good morning");
        check("2026-11-24T17:00:00Z", "Good afternoon");
        check("2026-11-25T03:00:00Z", "Good evening");
        check("2026-11-25T09:59:00Z", "Good evening");
        assert_eq!((first_name("Ana Maria Mendes"), first_name("")), ("Ana", ""));
    }
}
