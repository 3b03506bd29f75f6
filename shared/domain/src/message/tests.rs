use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + seconds).unwrap()
}

fn text(words: &str) -> MessageText {
    MessageText::parse(words).unwrap()
}

fn client() -> Writer {
    Writer { person: PersonId::from_bits(1), by_client: true }
}

fn staff() -> Writer {
    Writer { person: PersonId::from_bits(2), by_client: false }
}

fn moment(now: Timestamp) -> Moment {
    Moment::new(now, || u128::MAX)
}

fn say(thread: Option<&Thread>, by: &Writer, answer_wanted: bool, now: Timestamp) -> (Thread, Message) {
    let new = NewMessage { text: text("Hello."), answer_wanted, attachments: Vec::new(), mentions: Vec::new() };
    let (thread, message, _) = write(&Topic::General, thread, new, by, ReadMark::default(), &mut moment(now)).unwrap();
    (thread, message)
}

#[test]
fn a_topic_is_one_word_in_keys_and_addresses() {
    let project = ProjectId::from_bits(7);
    for (word, want) in [("general", Topic::General), (project.as_str(), Topic::Project(project.clone()))] {
        assert_eq!(Topic::parse(word).unwrap(), want);
        assert_eq!(want.to_string(), word);
    }
    for word in ["", "General", "general#", "*", "../general"] {
        assert!(Topic::parse(word).is_err(), "{word:?}");
    }
}

#[test]
fn messages_are_numbered_and_say_whose_turn_it_is() {
    let (first, message) = say(None, &client(), false, at(0));
    assert_eq!((first.count, first.version, message.number, message.id.number()), (1, 1, 1, 1));
    assert_eq!(first.waits, Some(Waits { side: Side::Firm, since: at(0) }));
    // Asking once more does not begin the wait anew.
    let (second, _) = say(Some(&first), &client(), false, at(60));
    assert_eq!(second.waits, Some(Waits { side: Side::Firm, since: at(0) }));
    // What the firm says ends it, whether or not it wants an answer itself.
    let (told, _) = say(Some(&second), &staff(), false, at(90));
    assert_eq!((told.count, told.waits), (3, None));
    let (asked, message) = say(Some(&second), &staff(), true, at(90));
    assert_eq!(asked.waits, Some(Waits { side: Side::Client, since: at(90) }));
    assert_eq!((asked.last_by_client, asked.last_by == staff().person, message.number), (false, true, 3));
    // A client does not choose: its words always wait for the firm.
    let (answered, _) = say(Some(&asked), &client(), true, at(99));
    assert_eq!(answered.waits, Some(Waits { side: Side::Firm, since: at(99) }));
}

#[test]
fn a_thread_has_an_end() {
    let (thread, _) = say(None, &client(), false, at(0));
    let full = Thread { count: limits::MESSAGES_PER_THREAD_MAX, ..thread };
    let new =
        NewMessage { text: text("One more."), answer_wanted: false, attachments: Vec::new(), mentions: Vec::new() };
    assert_eq!(
        write(&Topic::General, Some(&full), new, &client(), ReadMark::default(), &mut moment(at(1))),
        Err(MessageRefused::Full)
    );
}

#[test]
fn ones_own_words_can_be_changed_for_five_minutes() {
    let (thread, message) = say(None, &client(), false, at(0));
    let change =
        |by: &Writer, seconds| edit(&thread, &message, (text("Hello there."), Vec::new()), &by.person, at(seconds));
    let (after, changed) = change(&client(), 300).unwrap();
    assert_eq!((after.version, after.count, after.waits), (2, 1, thread.waits));
    assert_eq!((changed.text.as_str(), changed.edited_at, changed.at), ("Hello there.", Some(at(300)), at(0)));
    assert_eq!(change(&client(), 301), Err(MessageRefused::TooLate));
    assert_eq!(change(&staff(), 1), Err(MessageRefused::NotYours));
}

#[test]
fn the_firm_says_whose_turn_it_is() {
    let (thread, _) = say(None, &client(), false, at(0));
    assert_eq!(wait_for(&thread, Some(Side::Firm), at(5)), None);
    let settled = wait_for(&thread, None, at(5)).unwrap();
    assert_eq!((settled.waits, settled.version), (None, 2));
    assert_eq!(wait_for(&settled, None, at(6)), None);
    let asked = wait_for(&settled, Some(Side::Client), at(7)).unwrap();
    assert_eq!(asked.waits, Some(Waits { side: Side::Client, since: at(7) }));
}

#[test]
fn what_came_before_ones_own_words_stays_unread() {
    let (one, first) = say(None, &client(), false, at(0));
    let mark = ReadMark::default().after_writing(&first);
    assert_eq!((mark.number, mark.unread(&one)), (1, 0));
    let (two, _) = say(Some(&one), &staff(), false, at(1));
    let (three, third) = say(Some(&two), &client(), false, at(2));
    // One's own words are no news, whatever came before them.
    let mark = mark.after_writing(&third);
    assert_eq!((mark.number, mark.unread(&two), mark.unread(&three)), (1, 0, 1));
    let (four, _) = say(Some(&three), &staff(), false, at(3));
    let all = mark.shown(2, 4, &four).unwrap();
    assert_eq!((mark.unread(&four), all.unread(&four), all.shown(1, 4, &four)), (2, 0, None));
}

#[test]
fn an_older_part_says_nothing_of_what_came_between() {
    let (thread, _) = say(None, &staff(), false, at(0));
    let long = Thread { count: 90, ..thread };
    let mark = ReadMark { number: 20, ..ReadMark::default() };
    let after = |first, last| mark.shown(first, last, &long).map(|mark| mark.number);
    assert_eq!(after(61, 90), Some(90), "the newest page");
    assert_eq!(after(41, 70), None, "21 to 40 were not shown");
    assert_eq!(after(21, 50), Some(50));
    assert_eq!(after(1, 20), None);
}

#[test]
fn nobody_writes_more_than_anybody_types() {
    let (mut mark, mut thread) = (ReadMark::default(), None);
    for _ in 0..limits::MESSAGES_PER_WINDOW_MAX {
        assert_eq!(mark.may_write(at(7)), Ok(()));
        let (after, message) = say(thread.as_ref(), &client(), false, at(7));
        (mark, thread) = (mark.after_writing(&message), Some(after));
    }
    let left = |seconds: i64| mark.may_write(at(7 + seconds));
    let window = limits::MESSAGES_WINDOW_SECONDS;
    assert_eq!(left(0), Err(MessageRefused::TooMany { again_in_seconds: window.unsigned_abs() }));
    assert_eq!(left(window - 1), Err(MessageRefused::TooMany { again_in_seconds: 1 }));
    assert_eq!(left(window), Ok(()));
    let new = NewMessage { text: text("Hello."), answer_wanted: false, attachments: Vec::new(), mentions: Vec::new() };
    let another = write(&Topic::General, thread.as_ref(), new, &client(), mark, &mut moment(at(8)));
    assert_eq!(another, Err(MessageRefused::TooMany { again_in_seconds: window.unsigned_abs() - 1 }));
    assert!(MessageRefused::TooMany { again_in_seconds: 61 }.to_string().contains("Wait 2 minutes"));
    // Reading opens no new window; the first message after it does.
    let (other, _) = say(thread.as_ref(), &staff(), false, at(8));
    let shown = mark.shown(other.count, other.count, &other).unwrap();
    assert_eq!(shown.may_write(at(9)), mark.may_write(at(9)));
    let (_, late) = say(Some(&other), &client(), false, at(7 + window));
    assert_eq!(shown.after_writing(&late).lately.map(|lately| lately.count), Some(1));
}
