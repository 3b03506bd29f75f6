//! Bundles: made, changed, damaged.

use super::*;
use crate::{Broken, WriteFailed};

#[test]
fn replaces_and_removes() {
    let first = bundle(&office());
    let mut writer = Writer::open(Some(&first)).expect("open");
    assert_eq!(writer.count(), 5);
    writer.put(document(1, "Engagement letter.pdf", &["Mediation in Paris."])).expect("put");
    writer.remove(&id(2));
    writer.remove(&id(777));
    assert_eq!((writer.count(), writer.contains(&id(1)), writer.contains(&id(2))), (4, true, false));
    let index = Index::open(&writer.finish().expect("finish")).expect("open");
    assert_eq!(index.count(), 4);
    assert_eq!(ask(&index, "mediation ")[0].id, id(1));
    assert_eq!(ask(&index, "arbitration "), []);
    assert_eq!(ask(&index, "depreciation "), []);
    assert_eq!(ask(&index, "zurich ").len(), 1);
}

#[test]
fn the_last_put_of_one_round_stays() {
    let mut writer = Writer::open(None).expect("open");
    writer.put(document(1, "a", &["first"])).expect("put");
    writer.put(document(1, "b", &["second", "third"])).expect("put");
    writer.put(document(2, "c", &["fourth"])).expect("put");
    writer.remove(&id(2));
    assert_eq!(writer.count(), 1);
    let index = Index::open(&writer.finish().expect("finish")).expect("open");
    assert_eq!(ask(&index, "first "), []);
    assert_eq!(ask(&index, "fourth "), []);
    assert_eq!(
        ask(&index, "third ").iter().map(|hit| (hit.title.as_str(), hit.page)).collect::<Vec<_>>(),
        [("b", Some(2))]
    );
}

#[test]
fn an_empty_index_answers_nothing_and_can_be_filled() {
    assert_eq!(ask(&Index::empty(), "fee"), []);
    let empty = Writer::open(None).expect("open").finish().expect("finish");
    assert_eq!(ask(&Index::open(&empty).expect("open"), "fee"), []);

    let mut writer = Writer::open(Some(&bundle(&[document(1, "only", &["fee"])]))).expect("open");
    writer.remove(&id(1));
    let emptied = writer.finish().expect("finish");
    assert_eq!(Index::open(&emptied).expect("open").count(), 0);
    let mut writer = Writer::open(Some(&emptied)).expect("open");
    writer.put(document(2, "again", &["fee"])).expect("put");
    assert_eq!(ask(&Index::open(&writer.finish().expect("finish")).expect("open"), "fee").len(), 1);
}

#[test]
fn keeps_page_numbers_over_empty_pages() {
    let index = Index::open(&bundle(&[document(1, "scan", &["", " \n", "stamped"])])).expect("open");
    assert_eq!(ask(&index, "stamped ")[0].page, Some(3));
}

#[test]
fn says_when_text_is_cut() {
    let mut writer = Writer::open(None).expect("open");
    let nearly_all = "é".repeat(domain::limits::SEARCH_ENTRY_BYTES_MAX / 2 - 2);
    let mut put = |number, pages: &[&str]| writer.put(document(number, "long", pages)).expect("put");
    assert_eq!(put(1, &[&nearly_all, "tail"]), Kept::Whole);
    assert_eq!(put(2, &[&nearly_all, "tails"]), Kept::Cut);
    // The bound falls within a character.
    assert_eq!(put(3, &[&nearly_all, "x", "éé"]), Kept::Cut);
    let many = vec!["x"; domain::limits::SEARCH_ENTRY_PAGES_MAX + 1];
    assert_eq!(put(4, &many), Kept::Cut);
    assert_eq!(put(5, &many[1..]), Kept::Whole);
}

#[test]
fn refuses_an_id_that_is_none() {
    let mut writer = Writer::open(None).expect("open");
    for bad in ["", "01jd0000000000000000000001", "01JD000000000000000000000", "../../../../../../../../../"] {
        let entry = Entry { id: bad.into(), ..document(1, "x", &[]) };
        assert!(matches!(writer.put(entry), Err(WriteFailed::BadId { .. })), "id {bad:?}");
    }
}

fn open_both(bytes: &[u8]) -> Result<(), Broken> {
    let read = Index::open(bytes).map(|_| ());
    assert_eq!(read.is_err(), Writer::open(Some(bytes)).is_err());
    read
}

#[test]
fn a_broken_bundle_is_told_apart() {
    let whole = bundle(&office());
    assert!(open_both(&whole).is_ok());
    assert!(matches!(open_both(b""), Err(Broken::NotABundle)));
    assert!(matches!(open_both(b"not an index at all"), Err(Broken::NotABundle)));
    let other = |at: usize, value: u8| {
        let mut bytes = whole.clone();
        bytes[at] ^= value;
        open_both(&bytes)
    };
    let newer = crate::bundle::VERSION ^ 0x80;
    assert!(matches!(other(7, 0x80), Err(Broken::OtherVersion { found }) if found == newer));
    assert!(matches!(other(8, 1), Err(Broken::Checksum)));
    assert!(matches!(other(whole.len() - 1, 1), Err(Broken::Checksum)));
    assert!(matches!(other(15, 0xff), Err(Broken::Length)));
    assert!(matches!(open_both(&[whole.as_slice(), b"x"].concat()), Err(Broken::Length)));
    let unrelated = crate::bundle::pack(&[("meta.json".into(), b"{}".to_vec())]);
    assert!(matches!(open_both(&unrelated), Err(Broken::Files(_))));
}

#[test]
fn every_truncation_is_broken() {
    let whole = bundle(&office());
    for end in (0..200).chain((200..whole.len()).step_by(61)).chain(whole.len() - 50..whole.len()) {
        assert!(open_both(&whole[..end]).is_err(), "cut at {end} of {}", whole.len());
    }
}

#[test]
fn a_thousand_documents() {
    let mut entries: Vec<_> = (0..1_000)
        .map(|number| {
            let page = format!("Matter {number} concerning party{} and the common clause", number % 7);
            document(number, &format!("file-{number}.txt"), &[&page, "second page"])
        })
        .collect();
    entries[321].pages[1] = "the quartz exhibit".into();
    let index = Index::open(&bundle(&entries)).expect("open");
    assert_eq!(index.count(), 1_000);
    assert_eq!(
        ask(&index, "quartz").into_iter().map(|hit| (hit.id, hit.page)).collect::<Vec<_>>(),
        [(id(321), Some(2))]
    );
    assert_eq!(ask(&index, "\"matter 777\"")[0].id, id(777));
    assert_eq!(ask(&index, "common clause ").len(), 20);
    let query = Query { limit: 100, offset: 100, ..Query::of(Viewer::Firm, "party3 ") };
    assert_eq!(index.query(&query).expect("hits").len(), 1_000 / 7 + 1 - 100);
}
