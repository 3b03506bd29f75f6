//! What people see. Views are given everything: they know no storage.

pub(crate) mod document;
pub(crate) mod list;
pub(crate) mod preview;
pub(crate) mod requests;
pub(crate) mod search;
pub(crate) mod send;
pub(crate) mod zip;

use domain::Timestamp;
use domain::document::{Document, RejectReason, State as Stage};
use domain::project::{Project, Standing};
use maud::Markup;
use web::ui::state::{mark, pill_saying};
use web::ui::{Icon, State, icon};

/// The state of a document as a shape and a word.
pub(crate) fn state_of(document: &Document, now: Timestamp) -> (State, &'static str) {
    match &document.state {
        state @ Stage::AwaitingUpload { .. } if state.missed(now) => (State::Quiet, "Not received"),
        Stage::AwaitingUpload { .. } => (State::WaitingOnUs, "Uploading"),
        Stage::Processing { .. } => (State::WaitingOnUs, "Being checked"),
        Stage::Ready { .. } => (State::Done, "Ready"),
        Stage::Rejected { reason: RejectReason::Cancelled, .. } => (State::Quiet, "Cancelled"),
        Stage::Rejected { .. } => (State::Overdue, "Refused"),
    }
}

pub(crate) fn pill(document: &Document, now: Timestamp) -> Markup {
    let (state, word) = state_of(document, now);
    pill_saying(state, word)
}

/// What stands before it in a list: a document that is there as it should be needs no mark.
pub(crate) fn lead(document: &Document, now: Timestamp) -> Markup {
    match state_of(document, now).0 {
        State::Done => icon::icon(Icon::Document),
        state => mark(state),
    }
}

/// Whether something of it is still on its way.
pub(crate) fn is_waiting(document: &Document, now: Timestamp) -> bool {
    match &document.state {
        state @ Stage::AwaitingUpload { .. } => !state.missed(now),
        Stage::Processing { .. } => true,
        Stage::Ready { .. } | Stage::Rejected { .. } => false,
    }
}

/// Open ones first, and of those the newest.
pub(crate) fn projects_in_order(projects: &[Project]) -> Vec<&Project> {
    let mut list: Vec<&Project> = projects.iter().rev().collect();
    list.sort_by_key(|project| project.standing == Standing::Closed);
    list
}

pub(crate) fn categories(projects: &[&Project]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for category in projects.iter().flat_map(|project| project.pack.categories()) {
        if *category != OTHER && !all.contains(category) {
            all.push(category);
        }
    }
    if !all.is_empty() {
        all.push(OTHER);
    }
    all
}

pub(crate) const OTHER: &str = "Other";

/// An address with those parameters that have a value.
pub(crate) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut sign = '?';
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(sign);
        address.push_str(name);
        address.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                address.push(char::from(byte));
            } else {
                address.push_str(&format!("%{byte:02X}"));
            }
        }
        sign = '&';
    }
    address
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::document::FileName;
    use domain::packs::Pack;
    use domain::project::{NewProject, Setting, open};
    use domain::text::Name;
    use domain::{DocumentId, Moment, PersonId, ProjectId};
    use jiff::tz::TimeZone;

    pub(crate) fn zone() -> TimeZone {
        domain::calendar::zone("America/New_York").unwrap()
    }

    pub(crate) fn document(name: &str, state: Stage) -> Document {
        Document {
            id: DocumentId::from_bits(9),
            project: ProjectId::from_bits(1),
            category: "Evidence".into(),
            name: FileName::parse(name).unwrap(),
            size_bytes: 1_200_000,
            by: PersonId::from_bits(3),
            by_client: true,
            asked_at: "2026-11-24T10:00:00Z".parse().unwrap(),
            again_for: None,
            not_needed: false,
            visibility: Default::default(),
            request: None,
            kept: domain::document::Kept::default(),
            parts: None,
            tags: domain::document::Tags::new(),
            binned: None,
            series: None,
            superseded: false,
            state,
            version: 2,
        }
    }

    pub(crate) fn ready(kind: &str) -> Stage {
        Stage::Ready {
            object_version: "v".into(),
            filed_as: "f".into(),
            digest: "d".into(),
            kind: kind.into(),
            pages: 3,
            searchable: true,
            read_by_sight: 0,
            unseen: 0,
            previews: 0,
            language: None,
            ready_at: "2026-11-24T11:00:00Z".parse().unwrap(),
        }
    }

    pub(crate) fn project(id: u128, name: &str, pack: Pack) -> Project {
        let new = NewProject {
            name: Name::parse(name).unwrap(),
            pack,
            next_update_on: None,
            team: Vec::new(),
            milestones: None,
            phase: 0,
        };
        let mut moment = Moment::new("2026-11-24T09:00:00Z".parse().unwrap(), || 1);
        let zone = zone();
        let (project, _) = open(new, 0, &Setting { zone: &zone, assigned: &[] }, &mut moment).unwrap();
        Project { id: ProjectId::from_bits(id), ..project }
    }

    #[test]
    fn addresses_hold_what_they_are_given() {
        let check = |parameters: &[(&str, &str)], want: &str| assert_eq!(address("/x", parameters), want);
        check(&[], "/x");
        check(&[("a", ""), ("b", "")], "/x");
        check(
            &[("category", "Tax returns"), ("after", ""), ("q", "a&b=\"é\"#")],
            "/x?category=Tax%20returns&q=a%26b%3D%22%C3%A9%22%23",
        );
    }
}
