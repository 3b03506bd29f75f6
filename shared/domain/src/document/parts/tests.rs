use super::*;
use crate::document::{NewDocument, receive, request_upload};
use crate::{Moment, ProjectId};

const MIB: u64 = 1024 * 1024;

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn ask(size_bytes: u64) -> Document {
    let new = NewDocument {
        name: "Recording.pdf".into(),
        size_bytes,
        project: ProjectId::from_bits(1),
        category: "Other".into(),
        again_for: None,
        replaces: None,
        visibility: None,
        request: None,
    };
    let mut moment = Moment::new(now(), || 3);
    request_upload(&new, &["Other"], 0, &PersonId::from_bits(2), true, &mut moment).unwrap()
}

#[test]
fn parts_are_few_and_large_enough_for_storage() {
    let check = |size_bytes: u64, want: Option<(u64, u32, u64)>| {
        let found = Parts::of(size_bytes).map(|parts| {
            let count = parts.count(size_bytes);
            (parts.part_bytes, count, parts.part(size_bytes, count).unwrap().size_bytes)
        });
        assert_eq!(found, want, "{size_bytes}");
        let Some((part_bytes, count, last)) = found else { return };
        assert!(u64::from(count) <= limits::UPLOAD_PARTS_MAX && part_bytes >= limits::UPLOAD_PART_BYTES_MIN);
        assert_eq!(u64::from(count - 1) * part_bytes + last, size_bytes, "no byte twice, none left out");
    };
    check(1, None);
    check(20 * MIB, None);
    check(20 * MIB + 1, Some((5 * MIB, 5, 1)));
    check(105 * MIB, Some((5 * MIB, 21, 5 * MIB)));
    check(2_000_000_000, Some((5 * MIB, 382, 2_000_000_000 - 381 * 5 * MIB)));
    check(5 * 1024 * MIB, Some((8 * MIB, 640, 8 * MIB)));
    check(640 * 5 * MIB + 1, Some((6 * MIB, 534, 2 * MIB + 1)));
}

#[test]
fn a_large_file_waits_for_days_and_a_small_one_for_minutes() {
    let waits = |size_bytes, seconds: i64| {
        let State::AwaitingUpload { expires } = ask(size_bytes).state else { panic!() };
        assert_eq!(expires.as_second() - now().as_second(), seconds, "{size_bytes}");
    };
    waits(20 * MIB, limits::UPLOAD_TICKET_SECONDS);
    waits(20 * MIB + 1, limits::UPLOAD_PARTS_SECONDS);
}

fn digest(number: u32, letter: char) -> PartDigest {
    PartDigest { number, sha256: letter.to_string().repeat(64) }
}

#[test]
fn only_parts_that_are_there_are_signed_each_with_its_digest() {
    let parts = Parts::of(21 * MIB).unwrap();
    let check = |asked: &[PartDigest], want: Result<Vec<u64>, PartsRefused>| {
        let signed = parts.to_sign(21 * MIB, asked);
        assert_eq!(signed.map(|list| list.iter().map(|(part, _)| part.size_bytes).collect::<Vec<_>>()), want);
    };
    check(&[digest(1, 'a'), digest(5, 'b')], Ok(vec![5 * MIB, MIB]));
    check(&[], Err(PartsRefused::Count { count_max: 20 }));
    check(&vec![digest(1, 'a'); 21], Err(PartsRefused::Count { count_max: 20 }));
    check(&[digest(0, 'a')], Err(PartsRefused::NoSuchPart { number: 0 }));
    check(&[digest(6, 'a')], Err(PartsRefused::NoSuchPart { number: 6 }));
    check(&[digest(1, 'g')], Err(PartsRefused::NoDigest { number: 1 }));
    check(&[digest(1, 'A')], Err(PartsRefused::NoDigest { number: 1 }));
    check(&[PartDigest { number: 1, sha256: "ab".into() }], Err(PartsRefused::NoDigest { number: 1 }));
    assert_eq!(digest(1, 'a').bytes(), Some([0xaa; 32]));
}

#[test]
fn an_upload_is_whole_when_every_part_lies_there_as_it_was_sent() {
    let parts = Parts::of(21 * MIB).unwrap();
    let sent: Vec<PartDigest> = (1..=5).map(|number| digest(number, 'a')).collect();
    let lies: Vec<(Part, String)> =
        (1..=5).map(|number| (parts.part(21 * MIB, number).unwrap(), "a".repeat(64))).collect();
    let check = |sent: &[PartDigest], lies: &[(Part, String)], want: Result<usize, PartsRefused>| {
        assert_eq!(parts.whole(21 * MIB, sent, lies).map(|digests| digests.len()), want);
    };
    check(&sent, &lies, Ok(5 * 32));
    check(&sent, &lies[..4], Err(PartsRefused::Missing { number: 5 }));
    check(&sent[..4], &lies, Err(PartsRefused::NoDigest { number: 5 }));
    let mut other = sent.clone();
    other[2] = digest(3, 'b');
    check(&other, &lies, Err(PartsRefused::Differs { number: 3 }));
    let mut short = lies.clone();
    short[0].0.size_bytes -= 1;
    check(&sent, &short, Err(PartsRefused::Differs { number: 1 }));
    other = sent.clone();
    other.push(digest(6, 'a'));
    check(&other, &lies, Err(PartsRefused::NoSuchPart { number: 6 }));
}

#[test]
fn an_upload_is_gone_on_with_by_its_asker_until_it_is_over() {
    let document = ask(21 * MIB);
    let (asker, other) = (PersonId::from_bits(2), PersonId::from_bits(9));
    let check = |document: &Document, by: &PersonId, at: Timestamp, want: Option<PartsRefused>| {
        assert_eq!(document.open_parts(by, at).err(), want);
    };
    check(&document, &asker, now(), None);
    check(&document, &other, now(), Some(PartsRefused::NotYours));
    let late = Timestamp::from_second(now().as_second() + limits::UPLOAD_PARTS_SECONDS + 1).unwrap();
    check(&document, &asker, late, Some(PartsRefused::Over));
    check(&receive(&document, "v").0, &asker, now(), Some(PartsRefused::Over));
    check(&ask(1), &asker, now(), Some(PartsRefused::NotInParts));
}

#[test]
fn what_was_sent_is_said_once() {
    let document = ask(21 * MIB);
    let (after, events) = sent(&document, "d");
    assert_eq!((after.version, events.as_slice()), (2, [Event::Sent].as_slice()));
    assert_eq!(after.parts.as_ref().unwrap().digest.as_deref(), Some("d"));
    assert_eq!(sent(&after, "d"), (after.clone(), vec![]));
    let (received, _) = receive(&after, "v");
    assert_eq!(sent(&received, "e"), (received.clone(), vec![]));
    assert_eq!(received.parts, after.parts, "what was sent is compared with what lies there");
}

#[test]
fn a_cancelled_upload_is_over_and_asks_nobody() {
    let document = ask(21 * MIB);
    let (asker, other) = (PersonId::from_bits(2), PersonId::from_bits(9));
    assert_eq!(cancel(&document, &other, now()), Err(PartsRefused::NotYours));
    let (after, events) = cancel(&document, &asker, now()).unwrap();
    assert_eq!(events, vec![Event::Cancelled]);
    assert!(after.not_needed && after.state == State::Rejected { reason: RejectReason::Cancelled, at: now() });
    assert_eq!(cancel(&after, &asker, now()), Ok((after.clone(), vec![])));
    assert_eq!(receive(&after, "v").1, vec![], "a file that comes all the same is not taken");
    assert_eq!(cancel(&receive(&document, "v").0, &asker, now()), Err(PartsRefused::Over));
}
