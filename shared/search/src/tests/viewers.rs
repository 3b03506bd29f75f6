//! Who finds what, and where.

use domain::PersonId;

use super::*;

#[test]
fn filters_by_kind_and_project() {
    let index = Index::open(&bundle(&office())).expect("open");
    let found = |text: &str, kinds: &[EntryKind], project: Option<String>| {
        let query = Query { kinds: kinds.to_vec(), project, limit: 20, ..Query::of(Viewer::Firm, text) };
        index.query(&query).expect("hits").into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(found("tax ", &[EntryKind::Message], None), [id(5)]);
    assert_eq!(found("tax ", &[EntryKind::Document, EntryKind::Project], None), [id(2)]);
    assert_eq!(found("board ", &[], Some(id(900))), [id(4)]);
    assert_eq!(found("tax ", &[], Some(id(900))), [] as [String; 0]);
    // The slip is forgiven within the filter, whatever stands outside it.
    assert_eq!(found("boards fees ", &[], Some(id(900))), [id(4)]);
}

fn person(number: u128) -> PersonId {
    PersonId::from_bits(number)
}

fn for_people(mut entry: Entry, people: &[u128]) -> Entry {
    entry.readers = Readers::People(people.iter().copied().map(person).collect());
    entry
}

/// Whatever finds an entry for one who may see it finds nothing for one who may not: words of title and page, phrases,
/// beginnings, slips, accents, words beside others, filters.
#[test]
fn who_may_not_see_an_entry_finds_nothing() {
    let mut hidden =
        document(1, "Severance of Mr Oyelaran.pdf", &["He leaves in Zürich.", "The settlement is paid in May."]);
    hidden.project = Some(id(900));
    hidden.category = Some("contracts".into());
    let open = document(2, "Minutes.pdf", &["The board met."]);
    let entries = [for_people(hidden, &[7, 8]), open, for_people(document(3, "Nobody's.pdf", &["settlement"]), &[])];
    let index = Index::open(&bundle(&entries)).expect("open");
    let asked = [
        "oyelaran ",
        "severance settlement ",
        "\"paid in may\"",
        "\"severance of mr oyelaran\"",
        "settl",
        "setlement ",
        "oyelarna",
        "zurich ",
        "Zürich leaves paid ",
        "leaving ",
        "pdf settlement ",
        "oy",
        "01JD0000000000000000000001",
        "*",
        "readers:* ",
        "settlement board xylophone ",
    ];
    for text in asked {
        for (project, category) in [(None, None), (Some(id(900)), None), (None, Some("contracts".to_owned()))] {
            let found = |viewer: Viewer| -> Vec<String> {
                let (project, category) = (project.clone(), category.clone());
                let query = Query { limit: 20, project, category, ..Query::of(viewer, text) };
                index.query(&query).expect("hits").into_iter().map(|hit| hit.id).collect()
            };
            let stranger = found(Viewer::Client(person(9)));
            assert!(!stranger.contains(&id(1)) && !stranger.contains(&id(3)), "{text:?}: {stranger:?}");
            // What the one may see, the other finds by the same words.
            for reader in [7, 8] {
                let theirs = found(Viewer::Client(person(reader)));
                assert_eq!(theirs.contains(&id(1)), found(Viewer::Firm).contains(&id(1)), "{text:?}");
                assert!(!theirs.contains(&id(3)), "{text:?}");
            }
        }
    }
    let seen = |viewer| index.query(&Query { limit: 20, ..Query::of(viewer, "settlement ") }).expect("hits").len();
    assert_eq!((seen(Viewer::Firm), seen(Viewer::Client(person(7))), seen(Viewer::Client(person(9)))), (2, 1, 0));
}

/// A slip is forgiven where the viewer's own entries have no such word, whatever stands in those of others; and a word
/// that only others have makes no hit better or worse.
#[test]
fn what_is_hidden_changes_nothing_for_the_viewer() {
    let open = || vec![document(1, "a", &["the lease of the harbour"]), document(2, "b", &["the rent of the lease"])];
    let hidden = for_people(document(3, "c", &["leese leese lease harbour harbour"]), &[7]);
    let (without, with) = (open(), [open(), vec![hidden]].concat());
    let (without, with) = (Index::open(&bundle(&without)).unwrap(), Index::open(&bundle(&with)).unwrap());
    for text in ["leese ", "lease harbour ", "rent lease ", "harb", "leese harbor "] {
        let found = |index: &Index| -> Vec<_> {
            let query = Query { limit: 20, ..Query::of(Viewer::Client(person(9)), text) };
            index.query(&query).expect("hits").into_iter().map(|hit| (hit.id, hit.page, hit.highlights)).collect()
        };
        assert_eq!(found(&with), found(&without), "{text:?}");
    }
}

#[test]
fn who_may_see_an_entry_follows_its_last_put() {
    let mut writer = Writer::open(Some(&bundle(&[document(1, "a", &["lease"])]))).expect("open");
    writer.put(for_people(document(1, "a", &["lease"]), &[7])).expect("put");
    let index = Index::open(&writer.finish().expect("finish")).expect("open");
    let seen = |number| {
        let query = Query { limit: 20, ..Query::of(Viewer::Client(person(number)), "lease ") };
        index.query(&query).expect("hits").len()
    };
    assert_eq!((seen(7), seen(9)), (1, 0));
}

#[test]
fn filters_by_category() {
    let index = Index::open(&bundle(&office())).expect("open");
    let found = |category: &str| {
        let category = Some(category.to_owned());
        let query = Query { category, limit: 20, ..Query::of(Viewer::Firm, "zurich ") };
        index.query(&query).expect("hits").len()
    };
    assert_eq!((found("minutes"), found("contracts")), (1, 0));
}
