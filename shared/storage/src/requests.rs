//! Request lists as rows: days, states and ids in the open; what is asked, reasons and the client's own words sealed
//! under the client's key, all of one list as one field.

use access::{ClientScope, OneClient, OnePerson};
use crypto::{Aad, DataKey};
use domain::audit::{Act, Object};
use domain::notice::Cause;
use domain::permissions::{AnswerRequests, EditProjects};
use domain::request::{Event, Given, Handed, Line, LineState, Request, Standing, ladder};
use domain::text::{Name, Note};
use domain::{Date, Moment, PersonId, ProjectId, RequestId, RequestLineId, Timestamp, limits};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{AuditReceipt, Write};
use crate::dues::rung_writes;
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

/// A list without its words. `standing` is an attribute of the row, so that lists can be chosen by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    id: RequestId,
    project: ProjectId,
    by: PersonId,
    sent_at: Timestamp,
    changed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    standing: Standing,
    version: u64,
    lines: Vec<LineRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LineRow {
    id: RequestLineId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<Handed>,
    #[serde(flatten)]
    state: StateRow,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum StateRow {
    Asked,
    Delivered { at: Timestamp },
    NotHad { at: Timestamp, by: PersonId },
    Returned { at: Timestamp, by: PersonId },
    Accepted { at: Timestamp, by: PersonId, given_at: Timestamp },
    AcceptedNotHad { at: Timestamp, by: PersonId, given_at: Timestamp, given_by: PersonId },
}

/// What is sealed: the words of the lines in their order.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Words {
    title: Name,
    lines: Vec<LineWords>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct LineWords {
    what: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<Note>,
    /// Why it went back, or what the client says of not having it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remark: Option<Note>,
}

fn split(request: &Request) -> (Row, Words) {
    let mut words = Vec::with_capacity(request.lines.len());
    let mut lines = Vec::with_capacity(request.lines.len());
    for line in &request.lines {
        let (state, remark) = match line.state.clone() {
            LineState::Asked => (StateRow::Asked, None),
            LineState::Given(Given::Files { at }) => (StateRow::Delivered { at }, None),
            LineState::Given(Given::NotHad { at, by, words }) => (StateRow::NotHad { at, by }, words),
            LineState::Returned { at, by, reason } => (StateRow::Returned { at, by }, Some(reason)),
            LineState::Accepted { at, by, given: Given::Files { at: given_at } } => {
                (StateRow::Accepted { at, by, given_at }, None)
            }
            LineState::Accepted { at, by, given: Given::NotHad { at: given_at, by: given_by, words } } => {
                (StateRow::AcceptedNotHad { at, by, given_at, given_by }, words)
            }
        };
        let Line { id, what, help, due_on, category, files, .. } = line.clone();
        words.push(LineWords { what, help, remark });
        lines.push(LineRow { id, due_on, category, files, state });
    }
    let Request { id, project, title, standing, by, sent_at, changed_at, delivered_at, version, .. } = request.clone();
    let row = Row { id, project, by, sent_at, changed_at, delivered_at, standing, version, lines };
    (row, Words { title, lines: words })
}

fn joined(row: Row, words: Words) -> Result<Request, StorageError> {
    const STEP: &str = "read a request list";
    let Row { id, project, by, sent_at, changed_at, delivered_at, standing, version, lines } = row;
    if lines.len() != words.lines.len() {
        return Err(StorageError::bug(STEP, "it has other words than lines"));
    }
    let line = |(row, words): (LineRow, LineWords)| {
        let LineWords { what, help, remark } = words;
        let state = match row.state {
            StateRow::Asked => LineState::Asked,
            StateRow::Delivered { at } => LineState::Given(Given::Files { at }),
            StateRow::NotHad { at, by } => LineState::Given(Given::NotHad { at, by, words: remark }),
            StateRow::Returned { at, by } => {
                let reason = remark.ok_or_else(|| StorageError::bug(STEP, "a line went back without a reason"))?;
                LineState::Returned { at, by, reason }
            }
            StateRow::Accepted { at, by, given_at } => {
                LineState::Accepted { at, by, given: Given::Files { at: given_at } }
            }
            StateRow::AcceptedNotHad { at, by, given_at, given_by } => {
                LineState::Accepted { at, by, given: Given::NotHad { at: given_at, by: given_by, words: remark } }
            }
        };
        let LineRow { id, due_on, category, files, .. } = row;
        Ok(Line { id, what, help, due_on, category, state, files })
    };
    let lines = lines.into_iter().zip(words.lines).map(line).collect::<Result<_, StorageError>>()?;
    Ok(Request { id, project, title: words.title, lines, standing, by, sent_at, changed_at, delivered_at, version })
}

const WORDS_SEALED: &str = "words_sealed";

fn words_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "words" }
}

/// What the ladder of reminders goes by: days only, for a worker that reads no words.
#[derive(Debug, PartialEq, Eq)]
pub struct RequestDues {
    pub project: ProjectId,
    /// On which something that is missing is due.
    pub days: Vec<Date>,
    pub version: u64,
}

/// Newest first.
#[derive(Debug)]
pub struct RequestPage {
    pub requests: Vec<Request>,
    /// The last of these, if there are more after it.
    pub next: Option<RequestId>,
}

impl<S: OneClient> ClientStore<'_, S> {
    pub async fn request(&self, id: &RequestId) -> Result<Option<Request>, StorageError> {
        let (found, key) = tokio::join!(self.get(self.keys.data(), keys::request(id)), self.data_key());
        found?.map(|row| self.request_of(row, key?)).transpose()
    }

    /// Lists after the one named, which need not exist any more.
    pub async fn requests(&self, after: Option<&RequestId>, count_max: usize) -> Result<RequestPage, StorageError> {
        let range = Range { limit: Some(count_max), after: after.map(keys::request), ..self.newest_requests() };
        let (found, key) = tokio::join!(self.query(range), self.data_key());
        let (page, key) = (found?, key?);
        let next = page.next.and_then(|sk| RequestId::parse(sk.strip_prefix(keys::REQUESTS)?).ok());
        let requests = page.rows.into_iter().map(|row| self.request_of(row, key)).collect::<Result<_, _>>()?;
        Ok(RequestPage { requests, next })
    }

    /// Those that are neither complete nor withdrawn, the newest first.
    pub async fn open_requests(&self) -> Result<Vec<Request>, StorageError> {
        let range = Range {
            limit: Some(limits::REQUESTS_LOOKED_THROUGH_MAX),
            filters: vec![("standing", Standing::Open.as_str().to_owned())],
            consistent: true,
            ..self.newest_requests()
        };
        let rows = self.query(range).await?.rows;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let key = self.data_key().await?;
        rows.into_iter().map(|row| self.request_of(row, key)).collect()
    }

    fn newest_requests(&self) -> Range<'static> {
        Range { pk: self.keys.data(), prefix: keys::REQUESTS, newest_first: true, ..Range::default() }
    }

    /// The same row for who has no key to its words.
    pub async fn request_dues(&self, id: &RequestId) -> Result<Option<RequestDues>, StorageError> {
        let Some(found) = self.get(self.keys.data(), keys::request(id)).await? else { return Ok(None) };
        let row: Row = item::read(found)?;
        let missing = |line: &&LineRow| matches!(line.state, StateRow::Asked | StateRow::Returned { .. });
        let mut days: Vec<Date> = match row.standing {
            Standing::Open => row.lines.iter().filter(missing).filter_map(|line| line.due_on).collect(),
            Standing::Complete | Standing::Withdrawn => Vec::new(),
        };
        days.sort_unstable();
        days.dedup();
        Ok(Some(RequestDues { project: row.project, days, version: row.version }))
    }

    fn request_of(&self, found: Item, key: &DataKey) -> Result<Request, StorageError> {
        const STEP: &str = "open the words of a request list";
        let sealed = item::bytes_of(&found, WORDS_SEALED).unwrap_or_default().to_vec();
        let row: Row = item::read(found)?;
        let words = key.open(&sealed, &words_place(&self.keys.data(), &keys::request(&row.id))).during(STEP)?;
        joined(row, serde_json::from_slice(&words).during(STEP)?)
    }

    /// The same with the reminders of what is with the client again.
    pub(crate) async fn request_writes(
        &self,
        before: &Request,
        after: &Request,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<(Vec<Write>, String), StorageError> {
        let (write, hash) = self.request_write(Some(before), after).await?;
        let rungs = ladder::added(Some(before), after, zone, now);
        let mut writes = vec![write];
        writes.extend(rung_writes(self.table(), &self.keys.data(), &after.id, &rungs)?);
        Ok((writes, hash))
    }

    /// The row's write, under the version that it was changed from, and the hash by which an event remembers it.
    pub(crate) async fn request_write(
        &self,
        before: Option<&Request>,
        after: &Request,
    ) -> Result<(Write, String), StorageError> {
        let (row, words) = split(after);
        let (pk, sk) = (self.keys.data(), keys::request(&after.id));
        let plain = serde_json::to_vec(&words).during("write the words of a request list")?;
        let sealed = self.seal(&plain, &words_place(&pk, &sk)).await?;
        // The words count as they are stored: a hash of them could be guessed.
        let hashed = serde_json::json!({ "row": row, WORDS_SEALED: crypto::sha256_hex(&sealed) });
        let mut stored = item::row(pk, sk, &row)?;
        stored.insert(WORDS_SEALED.to_owned(), item::bytes(sealed));
        let write = match before {
            None => Write::create(self.table(), stored)?,
            Some(before) => Write::replace(self.table(), stored, before.version)?,
        };
        Ok((write, crypto::sha256_hex(hashed.to_string().as_bytes())))
    }
}

impl ClientStore<'_, ClientScope<EditProjects>> {
    /// Stores a new list with its reminders and its notice.
    pub async fn send_request(
        &self,
        request: &Request,
        zone: &TimeZone,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        self.store_request(None, request, (&Event::Sent, None), zone, once, moment).await
    }

    /// Stores what the firm changed or judged. `line` is the one that was judged. Stale if somebody was faster.
    pub async fn change_request(
        &self,
        before: &Request,
        after: &Request,
        (event, line): (&Event, Option<&RequestLineId>),
        zone: &TimeZone,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        self.store_request(Some(before), after, (event, line), zone, None, moment).await
    }

    async fn store_request(
        &self,
        before: Option<&Request>,
        after: &Request,
        (event, line): (&Event, Option<&RequestLineId>),
        zone: &TimeZone,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (write, hash) = self.request_write(before, after).await?;
        let mut writes = vec![write];
        let rungs = ladder::added(before, after, zone, moment.now);
        writes.extend(rung_writes(self.table(), &self.keys.data(), &after.id, &rungs)?);
        let draft = self.draft(act(event), object(after, line), moment).after(hash);
        let causes = causes(after, event, self.scope.person());
        self.commit(ClientChange { draft, writes, causes, once }, moment).await
    }
}

impl ClientStore<'_, ClientScope<AnswerRequests>> {
    /// Stores that the client does not have something, or has it after all. Stale if somebody was faster.
    pub async fn say_not_had(
        &self,
        before: &Request,
        after: &Request,
        (event, line): (&Event, &RequestLineId),
        zone: &TimeZone,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (writes, hash) = self.request_writes(before, after, zone, moment.now).await?;
        let draft = self.draft(act(event), object(after, Some(line)), moment).after(hash);
        let causes = causes(after, event, self.scope.person());
        self.commit(ClientChange { draft, writes, causes, once: None }, moment).await
    }
}

fn object(request: &Request, line: Option<&RequestLineId>) -> Object {
    let object = match line {
        None => Object::new("request", &request.id),
        Some(line) => Object::new("request_line", format!("{}/{line}", request.id)),
    };
    object.at_version(request.version)
}

fn act(event: &Event) -> Act {
    match event {
        Event::Sent => Act::RequestSent,
        Event::Extended | Event::Edited => Act::RequestEdited,
        Event::Withdrawn => Act::RequestWithdrawn,
        Event::Reinstated => Act::RequestReinstated,
        Event::HandedIn => Act::UploadRequested,
        Event::Given | Event::Delivered => Act::RequestNotHad,
        Event::Returned { .. } => Act::RequestReturned,
        Event::Accepted | Event::Completed => Act::RequestAccepted,
        Event::AcceptUndone => Act::RequestAcceptUndone,
        Event::NotHadUndone => Act::RequestNotHadUndone,
    }
}

/// Who hears of it. The last delivery is decided on the list's own version, so that of several that race one tells.
pub(crate) fn causes(request: &Request, event: &Event, by: &PersonId) -> Vec<Cause> {
    let (request, by) = (request.id.clone(), by.clone());
    match event {
        Event::Sent => vec![Cause::RequestSent { request, by, more: false }],
        Event::Extended => vec![Cause::RequestSent { request, by, more: true }],
        Event::Returned { .. } => vec![Cause::RequestReturned { request, by }],
        Event::Delivered => vec![Cause::RequestDelivered { request, by }],
        Event::Edited
        | Event::Withdrawn
        | Event::Reinstated
        | Event::HandedIn
        | Event::Given
        | Event::Accepted
        | Event::Completed
        | Event::AcceptUndone
        | Event::NotHadUndone => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::DocumentId;

    /// A list with a line in every state.
    fn list() -> Request {
        let at: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let note = |text: &str| Note::parse(text).unwrap();
        let (staff, client) = (PersonId::from_bits(3), PersonId::from_bits(1));
        let not_had = |words: Option<&str>| Given::NotHad { at, by: client.clone(), words: words.map(note) };
        let states = [
            LineState::Asked,
            LineState::Given(Given::Files { at }),
            LineState::Given(not_had(Some("Never had one."))),
            LineState::Given(not_had(None)),
            LineState::Returned { at, by: staff.clone(), reason: note("The wrong year.") },
            LineState::Accepted { at, by: staff.clone(), given: Given::Files { at } },
            LineState::Accepted { at, by: staff.clone(), given: not_had(Some("Lost.")) },
        ];
        let line = |(n, state): (usize, LineState)| Line {
            id: RequestLineId::from_bits(n as u128),
            what: Name::parse(&format!("Thing {n}")).unwrap(),
            help: (n == 0).then(|| note("All pages.")),
            due_on: (n < 5).then(|| jiff::civil::date(2026, 12, 18)),
            category: (n == 1).then(|| "Other".to_owned()),
            state,
            files: vec![Handed { document: DocumentId::from_bits(9), returned: n == 4 }],
        };
        Request {
            id: RequestId::from_bits(1),
            project: ProjectId::from_bits(2),
            title: Name::parse("Papers").unwrap(),
            lines: states.into_iter().enumerate().map(line).collect(),
            standing: Standing::Open,
            by: staff,
            sent_at: at,
            changed_at: at,
            delivered_at: Some(at),
            version: 7,
        }
    }

    #[test]
    fn every_state_reads_back_and_no_word_stands_in_the_open() {
        let request = list();
        let (row, words) = split(&request);
        let stored = item::row("pk", "sk", &row).unwrap();
        let open = format!("{stored:?}");
        for word in ["Papers", "Thing", "pages", "Never", "wrong", "Lost"] {
            assert!(!open.contains(word), "{word} in {open}");
        }
        assert_eq!(item::text_of(&stored, "standing"), Some("open"));
        assert_eq!(item::number_of(&stored, "version"), Some(7));
        let words: Words = serde_json::from_slice(&serde_json::to_vec(&words).unwrap()).unwrap();
        assert_eq!(joined(item::read(stored).unwrap(), words).unwrap(), request);
        // A word that the row says is one that lists and the API say.
        for (line, stored) in request.lines.iter().zip(&split(&request).0.lines) {
            let stored = serde_json::to_value(&stored.state).unwrap();
            assert_eq!(stored["state"], line.state.as_str());
        }
    }

    #[test]
    fn words_that_belong_to_other_lines_are_not_read() {
        let (row, mut words) = split(&list());
        words.lines.pop();
        assert!(joined(row, words).is_err());
    }
}
