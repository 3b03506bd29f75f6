use super::*;
use crate::document::{FileName, RejectReason, Tags, Visibility};
use crate::{DocumentId, ProjectId};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn ready() -> Stage {
    Stage::Ready {
        language: None,
        read_by_sight: 0,
        unseen: 0,
        previews: 0,
        object_version: "v".into(),
        filed_as: "f".into(),
        digest: "d".into(),
        kind: "pdf".into(),
        pages: 1,
        searchable: true,
        ready_at: at("2026-11-24T10:00:00Z"),
    }
}

fn document(size_bytes: u64, state: Stage) -> Document {
    Document {
        id: DocumentId::from_bits(1),
        project: ProjectId::from_bits(2),
        category: "Evidence".into(),
        name: FileName::parse("Lease.pdf").unwrap(),
        size_bytes,
        by: PersonId::from_bits(3),
        by_client: true,
        asked_at: at("2026-11-24T10:00:00Z"),
        again_for: None,
        not_needed: false,
        visibility: Visibility::Company,
        request: None,
        kept: crate::document::Kept::default(),
        parts: None,
        tags: Tags::new(),
        binned: None,
        series: None,
        superseded: false,
        state,
        version: 1,
    }
}

fn asked(documents: &[Document], open: usize) -> Result<Parcel, ParcelRefused> {
    let asker = Asker {
        person: PersonId::from_bits(3),
        membership: "FIRM".into(),
        session: SessionId::from_bits(4),
        internal: true,
    };
    ask(ParcelId::from_bits(5), asker, Wanted::Zip(documents), open, at("2026-11-26T10:00:00Z"))
}

#[test]
fn a_zip_has_bounds() {
    let check = |documents: &[Document], open: usize, want: Result<(usize, u64), ParcelRefused>| {
        assert_eq!(asked(documents, open).map(|parcel| (parcel.count, parcel.size_bytes)), want);
    };
    let checked = || document(7, Stage::Processing { object_version: "v".into() });
    let refused = || document(7, Stage::Rejected { reason: RejectReason::Malware, at: at("2026-11-24T10:00:00Z") });
    check(&[], 0, Err(ParcelRefused::NothingChosen));
    check(&[checked(), refused()], 0, Err(ParcelRefused::NothingReady));
    // What cannot be in it is counted, since the zip says why; its bytes are not.
    check(&[document(5, ready()), checked()], 2, Ok((2, 5)));
    check(&[document(5, ready())], 3, Err(ParcelRefused::TooManyAtOnce { count_max: 3 }));
    let half = limits::ZIP_BYTES_MAX / 2;
    check(&[document(half, ready()), document(half, ready())], 0, Ok((2, 2 * half)));
    let (size_bytes, size_bytes_max) = (2 * half + 1, limits::ZIP_BYTES_MAX);
    check(
        &[document(half, ready()), document(half + 1, ready())],
        0,
        Err(ParcelRefused::TooLarge { size_bytes, size_bytes_max }),
    );
    let many = vec![document(1, ready()); limits::ZIP_DOCUMENTS_MAX + 1];
    check(&many, 0, Err(ParcelRefused::TooMany { count_max: limits::ZIP_DOCUMENTS_MAX }));
    check(&many[1..], 0, Ok((limits::ZIP_DOCUMENTS_MAX, limits::ZIP_DOCUMENTS_MAX as u64)));
}

#[test]
fn a_zip_is_made_within_hours_and_kept_for_a_day() {
    let parcel = asked(&[document(5, ready())], 0).unwrap();
    let check = |state: State, now: &str, want: Standing| {
        assert_eq!(Parcel { state, ..parcel.clone() }.standing(at(now)), want, "{now}");
    };
    let made = || State::Ready {
        zip_bytes: 9,
        left_out: 1,
        ready_at: at("2026-11-26T10:01:00Z"),
        kind: None,
        holds: Vec::new(),
    };
    check(State::Making, "2026-11-26T11:59:59Z", Standing::Making);
    check(State::Making, "2026-11-26T12:00:00Z", Standing::Failed("Something held it up."));
    let until = at("2026-11-27T10:01:00Z");
    check(made(), "2026-11-27T10:00:59Z", Standing::Ready { zip_bytes: 9, left_out: 1, until });
    check(made(), "2026-11-27T10:01:00Z", Standing::Expired);
    let why = Failed::NotAllowed;
    check(State::Failed { why }, "2026-11-26T10:00:00Z", Standing::Failed(why.sentence()));
}

#[test]
fn a_path_stays_inside_and_is_there_once() {
    let check = |adds: &[(&str, &str, &str)], want: &[&str]| {
        let mut paths = Paths::default();
        let found: Vec<String> =
            adds.iter().map(|(project, category, name)| paths.add(project, category, name)).collect();
        assert_eq!(found, want);
    };
    check(&[("Acme v. Dunmore", "Evidence", "Lease.pdf")], &["Acme v. Dunmore/Evidence/Lease.pdf"]);
    // Out of the folder, into a device, under a hidden name, with letters that a system refuses.
    check(&[("..", "../..", "..\\x.pdf")], &["Unnamed/-/-x.pdf"]);
    check(&[("/etc", "C:\\", "a/b:c?.txt")], &["-etc/C--/a-b-c-.txt"]);
    check(&[("Con", "LPT1", "nul.txt")], &["Con_/LPT1_/nul_.txt"]);
    check(&[("Console", "LPT", "com10.txt")], &["Console/LPT/com10.txt"]);
    check(&[(" . ", "Other. . ", ".profile")], &["Unnamed/Other/profile"]);
    check(&[("A\u{0}B", "Übersicht", "日本語.pdf")], &["A-B/Übersicht/日本語.pdf"]);
    // Once, whatever the case of its letters, and whatever was called so before.
    check(
        &[("A", "B", "x.pdf"), ("A", "B", "X.PDF"), ("a", "b", "x (2).pdf"), ("A", "B", "x.pdf"), ("A", "C", "x.pdf")],
        &["A/B/x.pdf", "A/B/X (2).PDF", "a/b/x (2) (2).pdf", "A/B/x (3).pdf", "A/C/x.pdf"],
    );
    let long = "x".repeat(300);
    let name = format!("{long}.docx");
    let mut paths = Paths::of(["A/B/y.pdf"].into_iter());
    assert_eq!(paths.add("A", "B", "Y.pdf"), "A/B/Y (2).pdf");
    for ending in [".docx", " (2).docx"] {
        let path = paths.add(&long, &long, &name);
        let parts: Vec<usize> = path.split('/').map(|part| part.chars().count()).collect();
        assert_eq!(parts, [80, 80, 80], "{path}");
        assert!(path.ends_with(ending), "{path}");
    }
}

#[test]
fn what_is_stored_reads_back() {
    let parcel = asked(&[document(5, ready())], 0).unwrap();
    let made =
        State::Ready { zip_bytes: 9, left_out: 1, ready_at: at("2026-11-26T10:01:00Z"), kind: None, holds: Vec::new() };
    for state in [State::Making, made, State::Failed { why: Failed::Changed }] {
        let parcel = Parcel { state, upload: Some("u".into()), ..parcel.clone() };
        let stored = serde_json::to_value(&parcel).unwrap();
        assert!(stored["state"].is_string(), "{stored}");
        assert_eq!(serde_json::from_value::<Parcel>(stored).unwrap(), parcel);
    }
}
