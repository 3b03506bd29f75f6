use super::*;
use crate::document::{DocumentEdit, FileName, Hand, NewDocument, State, arrange, request_upload};
use crate::{DocumentId, Moment, ProjectId, Timestamp};

fn person(n: u128) -> PersonId {
    PersonId::from_bits(n)
}

fn people(of: &[u128]) -> Visibility {
    Visibility::People(of.iter().copied().map(person).collect())
}

fn document(visibility: Visibility, by: u128, by_client: bool) -> Document {
    Document {
        id: DocumentId::from_bits(9),
        project: ProjectId::from_bits(1),
        category: "Other".into(),
        name: FileName::parse("Lease.pdf").unwrap(),
        size_bytes: 12,
        by: person(by),
        by_client,
        asked_at: Timestamp::UNIX_EPOCH,
        again_for: None,
        not_needed: false,
        request: None,
        kept: crate::document::Kept::default(),
        parts: None,
        visibility,
        tags: crate::document::Tags::new(),
        binned: None,
        series: None,
        superseded: false,
        state: State::Processing { object_version: "v".into() },
        version: 3,
    }
}

/// Everybody there is: the firm with and without what is internal, and of the company an admin (1), a member (2), another
/// member (3).
fn viewers() -> [(&'static str, Viewer); 5] {
    let client = |n, admin| Viewer::Client { person: person(n), admin };
    [
        ("firm", Viewer::Firm { internal: true }),
        ("firm without internal", Viewer::Firm { internal: false }),
        ("admin", client(1, true)),
        ("member", client(2, false)),
        ("other", client(3, false)),
    ]
}

fn check(visibility: Visibility, by: u128, by_client: bool, want: &[&str]) {
    let of = document(visibility, by, by_client);
    let seen: Vec<&str> = viewers().iter().filter(|(_, viewer)| may_see(&of, viewer)).map(|(name, _)| *name).collect();
    assert_eq!(seen, want, "{of:?}");
}

#[test]
fn everybody_and_everything() {
    let firm_side = ["firm", "firm without internal"];
    let all = ["firm", "firm without internal", "admin", "member", "other"];
    for (by, by_client) in [(1, true), (2, true), (8, false)] {
        check(Visibility::Company, by, by_client, &all);
        check(Visibility::Firm, by, by_client, &["firm"]);
        check(people(&[2, 3]), by, by_client, &all);
    }
    check(people(&[3]), 8, false, &[&firm_side[..], &["admin", "other"]].concat());
    check(people(&[1]), 8, false, &[&firm_side[..], &["admin"]].concat());
    check(people(&[]), 8, false, &[&firm_side[..], &["admin"]].concat());
    // Whoever uploaded it sees it though nobody named them; a number alone does not make somebody of the firm one of them.
    check(people(&[3]), 2, true, &all);
    check(people(&[3]), 2, false, &[&firm_side[..], &["admin", "other"]].concat());
}

/// The index asks by its readers, everything else by the rule: both say the same of whoever is no admin.
#[test]
fn the_readers_of_a_document_are_those_who_see_it() {
    for visibility in [Visibility::Company, people(&[]), people(&[2]), people(&[3]), people(&[2, 3])] {
        for (by, by_client) in [(2, true), (3, true), (8, false)] {
            let of = document(visibility.clone(), by, by_client);
            for n in [2, 3, 4] {
                let by_readers = readers(&of).is_none_or(|readers| readers.contains(&person(n)));
                let viewer = Viewer::Client { person: person(n), admin: false };
                assert_eq!(may_see(&of, &viewer), by_readers, "{n} and {of:?}");
            }
        }
    }
}

#[test]
fn a_viewer_that_sees_all_it_reaches_does() {
    for (_, viewer) in viewers().iter().filter(|(_, viewer)| viewer.sees_all_it_reaches()) {
        for visibility in [Visibility::Company, people(&[3]), Visibility::Firm] {
            let of = document(visibility, 8, false);
            assert_eq!(may_see(&of, viewer), viewer.reaches(of.visibility.audience()), "{viewer:?} and {of:?}");
        }
    }
}

fn asked(visibility: Option<Visibility>, by_client: bool) -> Result<Visibility, DocumentRefused> {
    let new = NewDocument {
        name: "Lease.pdf".into(),
        size_bytes: 5,
        project: ProjectId::from_bits(1),
        category: "Other".into(),
        again_for: None,
        replaces: None,
        visibility,
        request: None,
    };
    let mut moment = Moment::new(Timestamp::UNIX_EPOCH, || 3);
    request_upload(&new, &["Other"], 0, &person(2), by_client, &mut moment).map(|document| document.visibility)
}

#[test]
fn uploads_say_whom_they_are_for() {
    assert_eq!(asked(None, true), Ok(Visibility::Company));
    assert_eq!(asked(None, false), Ok(Visibility::Company));
    assert_eq!(asked(Some(Visibility::Firm), false), Ok(Visibility::Firm));
    assert_eq!(asked(Some(Visibility::Firm), true), Err(DocumentRefused::NotInternal));
    // Nobody shuts themselves out, nor everybody else without saying so; of the firm's side nobody is named.
    assert_eq!(asked(Some(people(&[])), true), Err(DocumentRefused::NobodyChosen));
    assert_eq!(asked(Some(people(&[2])), true), Ok(people(&[2])));
    assert_eq!(asked(Some(people(&[3])), true), Ok(people(&[2, 3])));
    assert_eq!(asked(Some(people(&[3])), false), Ok(people(&[3])));
    assert_eq!(asked(Some(people(&[])), false), Err(DocumentRefused::NobodyChosen));
    let many: Vec<u128> = (1..=limits::DOCUMENT_PEOPLE_MAX as u128 + 1).collect();
    assert!(matches!(asked(Some(people(&many)), false), Err(DocumentRefused::TooManyChosen { .. })));
    assert!(asked(Some(people(&many[1..])), false).is_ok());
}

fn changed_to(of: &Document, to: Visibility) -> Result<(Visibility, u64), DocumentRefused> {
    let edit = DocumentEdit { version: of.version, visibility: Some(to), ..DocumentEdit::default() };
    let hand = Hand { person: person(2), now: Timestamp::UNIX_EPOCH, batch: crate::BatchId::from_bits(8) };
    arrange(of, &edit, &[], true, &hand).map(|document| (document.visibility, document.version))
}

#[test]
fn it_changes_between_the_company_and_some_of_its_people() {
    let shared = document(Visibility::Company, 2, true);
    assert_eq!(changed_to(&shared, people(&[3])), Ok((people(&[2, 3]), 4)));
    assert_eq!(changed_to(&shared, Visibility::Company), Ok((Visibility::Company, 3)));
    assert_eq!(changed_to(&document(people(&[3]), 8, false), Visibility::Company), Ok((Visibility::Company, 4)));
    assert_eq!(changed_to(&document(people(&[3]), 8, false), people(&[])), Err(DocumentRefused::NobodyChosen));
    // What is kept is not shared by mistake, nor the other way round.
    assert_eq!(changed_to(&shared, Visibility::Firm), Err(DocumentRefused::IsShared));
    let kept = document(Visibility::Firm, 8, false);
    assert_eq!(changed_to(&kept, Visibility::Company), Err(DocumentRefused::IsInternal));
    assert_eq!(changed_to(&kept, people(&[3])), Err(DocumentRefused::IsInternal));
    assert_eq!(changed_to(&kept, Visibility::Firm), Ok((Visibility::Firm, 3)));
}

#[test]
fn what_programs_write() {
    let check = |text: &str, want: Visibility| {
        assert_eq!(serde_json::from_str::<Visibility>(text).unwrap(), want);
        assert_eq!(serde_json::to_string(&want).unwrap(), text);
    };
    check(r#""company""#, Visibility::Company);
    check(r#""firm""#, Visibility::Firm);
    check(&format!(r#"{{"people":["{}"]}}"#, person(3)), people(&[3]));
}
