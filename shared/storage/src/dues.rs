//! What is due: reminders, and notices that were held until their time. Rows beside their project, found in the work index by
//! the hour of their instant and within it by the instant itself, so that a day is looked through in two hundred queries. The
//! index holds pointers that anybody who can write a row could have planted, so each is read again by its own key and with a
//! scope of its own.

use access::{ClientJob, Fact};
use domain::audit::{Act, Object};
use domain::notice::Cause;
use domain::notice::digest::DigestSlot;
use domain::project::{Due, Project};
use domain::request::ladder::Rung;
use domain::{Date, MilestoneId, Moment, OutboxId, ProjectId, RequestId, Timestamp, calendar, limits};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::client::{ClientChange, ClientStore};
use crate::commit::{self, AuditReceipt, Lost, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys::{self, Owner};
use crate::requests::RequestDues;

/// One reminder that is still to come, or due now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueRow {
    pub project: ProjectId,
    pub milestone: MilestoneId,
    pub at: Timestamp,
}

impl DueRow {
    pub fn due(&self) -> Due {
        Due { milestone: self.milestone.clone(), at: self.at }
    }

    fn item(&self, pk: &str) -> Result<Item, StorageError> {
        let mut row = item::row(pk, keys::due(&self.project, &self.milestone), self)?;
        row.insert("wpk".to_owned(), item::text(hour_of(self.at, self.milestone.as_str())));
        row.insert("wsk".to_owned(), item::text(self.place()));
        Ok(row)
    }

    /// Where it stands among those of its hour: also what tells it from a later row for the same milestone.
    fn place(&self) -> String {
        format!("{:015}#{}", self.at.as_millisecond(), self.milestone)
    }

    /// Takes the row away, if it is still this one.
    fn delete(&self, table: &str, pk: &str) -> Result<Write, StorageError> {
        let key = item::key(pk, keys::due(&self.project, &self.milestone));
        let values = Item::from([(":place".to_owned(), item::text(self.place()))]);
        Write::delete(table, key, Some(("wsk = :place", values)))
    }
}

/// Where among all that is due somebody finds a row that is due then, and its place there.
pub(crate) fn place(at: Timestamp, id: &str) -> (String, String) {
    (hour_of(at, id), format!("{:015}#{id}", at.as_millisecond()))
}

/// Whether the instant of a place has come.
pub(crate) fn is_due(place: &str, now: Timestamp) -> bool {
    let millisecond = place.split_once('#').and_then(|(digits, _)| digits.parse::<i64>().ok());
    millisecond.is_some_and(|due| due <= now.as_millisecond())
}

/// Where a row is found: the shard of its hour that its own id says.
fn hour_of(at: Timestamp, id: &str) -> String {
    let shard = id.bytes().map(u64::from).sum::<u64>() % limits::DUE_SHARDS;
    format!("{}{}#{shard}", keys::DUES, calendar::hour_key(at))
}

/// One rung of a list's ladder. Each has a row of its own, so that one that nobody could act on takes no other with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDueRow {
    pub request: RequestId,
    pub day: Date,
    pub at: Timestamp,
}

impl RequestDueRow {
    fn of(request: &RequestId, rung: &Rung) -> Self {
        Self { request: request.clone(), day: rung.day, at: rung.at }
    }

    fn key(&self, pk: &str) -> Item {
        item::key(pk, keys::request_due(&self.request, self.day))
    }

    fn place(&self) -> String {
        format!("{:015}#{}", self.at.as_millisecond(), self.request)
    }

    fn item(&self, pk: &str) -> Result<Item, StorageError> {
        let mut row = item::row(pk, keys::request_due(&self.request, self.day), self)?;
        row.insert("wpk".to_owned(), item::text(hour_of(self.at, self.request.as_str())));
        row.insert("wsk".to_owned(), item::text(self.place()));
        Ok(row)
    }

    /// The same row by an update, for a worker that may put none.
    fn upsert(&self, table: &str, pk: &str) -> Result<Write, StorageError> {
        let mut values = Item::new();
        let mut sets = Vec::new();
        let names = ["request", "day", "at", "wpk", "wsk"];
        let row = self.item(pk)?;
        for (name, value) in names.iter().filter_map(|name| Some((name, row.get(*name)?))) {
            sets.push(format!("#{name} = :{name}"));
            values.insert(format!(":{name}"), value.clone());
        }
        let names = [("#request", "request"), ("#day", "day"), ("#at", "at"), ("#wpk", "wpk"), ("#wsk", "wsk")];
        Write::update(table, self.key(pk), &format!("SET {}", sets.join(", ")), &names, values, None)
    }

    /// Takes the row away, if it is still this one.
    fn delete(&self, table: &str, pk: &str) -> Result<Write, StorageError> {
        let values = Item::from([(":place".to_owned(), item::text(self.place()))]);
        Write::delete(table, self.key(pk), Some(("wsk = :place", values)))
    }
}

/// Rows for rungs that a list has and did not have.
pub(crate) fn rung_writes(
    table: &str,
    pk: &str,
    request: &RequestId,
    rungs: &[Rung],
) -> Result<Vec<Write>, StorageError> {
    rungs.iter().map(|rung| Write::overwrite(table, RequestDueRow::of(request, rung).item(pk)?)).collect()
}

/// Rows to put and to take so that a project's reminders are those that it should have.
pub(crate) fn due_writes(
    table: &str,
    pk: &str,
    project: &Project,
    before: &[Due],
    after: &[Due],
    now: Timestamp,
) -> Result<Vec<Write>, StorageError> {
    let mut writes = Vec::new();
    let is_coming = |due: &&Due| due.at.as_second() >= now.as_second() - limits::DUE_LATE_SECONDS;
    for due in after.iter().filter(|due| !before.contains(due)).filter(is_coming) {
        let row = DueRow { project: project.id.clone(), milestone: due.milestone.clone(), at: due.at };
        writes.push(Write::overwrite(table, row.item(pk)?)?);
    }
    let gone = before.iter().filter(|due| !after.iter().any(|other| other.milestone == due.milestone));
    for due in gone.take(limits::DUE_DELETES_PER_WRITE_MAX) {
        let key = item::key(pk, keys::due(&project.id, &due.milestone));
        writes.push(Write::delete(table, key, None)?);
    }
    Ok(writes)
}

/// Pointers of the work index, and whether there are more of the same key.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pointers {
    pub facts: Vec<Fact>,
    pub more: bool,
}

impl Aws {
    /// Reminders of one hour, in one of its shards, whose instant has come; the earliest first.
    pub async fn due_in(
        &self,
        hour_key: &str,
        shard: u64,
        now: Timestamp,
        count_max: usize,
    ) -> Result<Pointers, StorageError> {
        let key = format!("{}{hour_key}#{shard}", keys::DUES);
        let end = format!("{:015}", now.as_millisecond().saturating_add(1));
        self.pointers(&key, &end, count_max, due_fact).await
    }

    /// Outbox rows of one shard that were written before `before` and that nobody has handed on, the oldest first.
    pub async fn left_in_outbox(
        &self,
        shard: u64,
        before: Timestamp,
        count_max: usize,
    ) -> Result<Pointers, StorageError> {
        let key = format!("{}{shard}", keys::OUTBOX);
        let end = format!("{:015}", before.as_millisecond());
        self.pointers(&key, &end, count_max, outbox_fact).await
    }

    /// What stands before `end`. With the execution role, which may query this index and nothing else.
    async fn pointers(
        &self,
        key: &str,
        end: &str,
        count_max: usize,
        fact: fn(&Item) -> Option<Fact>,
    ) -> Result<Pointers, StorageError> {
        let request = aws_sdk_dynamodb::Client::new(self.own())
            .query()
            .table_name(&self.settings().table_data)
            .index_name("work")
            .key_condition_expression("wpk = :key AND wsk < :end")
            .expression_attribute_values(":key", item::text(key))
            .expression_attribute_values(":end", item::text(end))
            .set_limit(i32::try_from(count_max).ok());
        let page = request.send().await.during("read the work index")?;
        let more = page.last_evaluated_key.is_some();
        let rows = page.items.unwrap_or_default();
        let facts = rows.iter().filter_map(|row| {
            let found = fact(row);
            if found.is_none() {
                tracing::error!(key, "a pointer of the work index names no row of ours");
            }
            found
        });
        Ok(Pointers { facts: facts.collect(), more })
    }
}

/// Whose row it is says its own key, and nothing else does.
fn due_fact(row: &Item) -> Option<Fact> {
    let sk = item::text_of(row, "sk")?;
    let (firm, client) = match Owner::of(item::text_of(row, "pk")?)? {
        Owner::Client { firm, client } => (firm, client),
        // A notice that is held until somebody may be disturbed.
        Owner::Outbox { .. } => return outbox_fact(row),
        Owner::Digest { firm, person } => {
            let at = DigestSlot::parse_instant(sk.strip_prefix(keys::SLOTS)?)?;
            return Some(Fact::Digest { firm, person, at });
        }
        _ => return None,
    };
    if let Some(rung) = sk.strip_prefix(keys::REQUEST_DUES) {
        let (request, day) = rung.split_once('#')?;
        return Some(Fact::RequestDue {
            firm,
            client,
            request: RequestId::parse(request).ok()?,
            day: day.parse().ok()?,
        });
    }
    let (project, milestone) = sk.strip_prefix(keys::DUES)?.split_once('#')?;
    Some(Fact::Due {
        firm,
        client,
        project: ProjectId::parse(project).ok()?,
        milestone: MilestoneId::parse(milestone).ok()?,
    })
}

fn outbox_fact(row: &Item) -> Option<Fact> {
    let Owner::Outbox { firm, client } = Owner::of(item::text_of(row, "pk")?)? else { return None };
    let outbox = item::text_of(row, "sk")?.strip_prefix(keys::OUTBOX)?;
    Some(Fact::Outbox { firm, client, outbox: OutboxId::parse(outbox).ok()? })
}

impl ClientStore<'_, ClientJob<'_>> {
    pub async fn due(&self, project: &ProjectId, milestone: &MilestoneId) -> Result<Option<DueRow>, StorageError> {
        self.get(self.keys.data(), keys::due(project, milestone)).await?.map(item::read).transpose()
    }

    /// Turns a due row into a notice. Stale if the row or its project is not what it was any more: then the reminder is
    /// judged anew by whoever comes next.
    pub async fn remind(
        &self,
        row: &DueRow,
        project: &Project,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (table, pk) = (self.table(), self.keys.data());
        let unchanged = Item::from([(":from".to_owned(), item::number(project.version))]);
        let key = item::key(&pk, keys::project(&row.project));
        let writes =
            vec![row.delete(table, &pk)?, Write::check_that(table, key, "version = :from", unchanged, Lost::Stale)?];
        let cause = Cause::DeadlineReminder { project: row.project.clone(), milestone: row.milestone.clone() };
        let draft = self.draft(Act::ReminderSent, Object::new("milestone", &row.milestone), moment);
        self.commit(ClientChange { draft, writes, causes: vec![cause], once: None }, moment).await
    }

    pub async fn request_due(&self, request: &RequestId, day: Date) -> Result<Option<RequestDueRow>, StorageError> {
        self.get(self.keys.data(), keys::request_due(request, day)).await?.map(item::read).transpose()
    }

    /// Turns a rung into a notice, and sets those that come after it. Stale if the row or its list is not what it was
    /// any more: then the rung is judged anew by whoever comes next.
    pub async fn remind_of_request(
        &self,
        row: &RequestDueRow,
        dues: &RequestDues,
        coming: &[Rung],
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (table, pk) = (self.table(), self.keys.data());
        let unchanged = Item::from([(":from".to_owned(), item::number(dues.version))]);
        let key = item::key(&pk, keys::request(&row.request));
        let mut writes = self.next_rungs(row, coming)?;
        writes.push(Write::check_that(table, key, "version = :from", unchanged, Lost::Stale)?);
        let cause = Cause::RequestReminder { request: row.request.clone() };
        let draft = self.draft(Act::ReminderSent, Object::new("request", &row.request), moment);
        self.commit(ClientChange { draft, writes, causes: vec![cause], once: None }, moment).await
    }

    /// Takes away a rung that its list does not have any more.
    pub async fn drop_request_due(&self, row: &RequestDueRow, coming: &[Rung]) -> Result<(), StorageError> {
        commit::transact(&self.dynamo, self.next_rungs(row, coming)?).await
    }

    /// Without this row, and with all that come: a ladder of many days is not in store as a whole.
    fn next_rungs(&self, row: &RequestDueRow, coming: &[Rung]) -> Result<Vec<Write>, StorageError> {
        let (table, pk) = (self.table(), self.keys.data());
        let mut writes = vec![row.delete(table, &pk)?];
        for rung in coming.iter().filter(|rung| rung.day != row.day) {
            writes.push(RequestDueRow::of(&row.request, rung).upsert(table, &pk)?);
        }
        Ok(writes)
    }

    /// Takes away a row that its project does not ask for any more. Nothing happened that anybody would look for.
    pub async fn drop_due(&self, row: &DueRow) -> Result<(), StorageError> {
        commit::transact(&self.dynamo, vec![row.delete(self.table(), &self.keys.data())?]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ClientId;

    const FIRM: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    const ID: &str = "01BX5ZZKBKACTAV9WEVGEMMVRZ";

    fn check_due(pk: &str, sk: &str, accepted: bool) {
        assert_eq!(due_fact(&item::key(pk, sk)).is_some(), accepted, "{pk} {sk}");
    }

    #[test]
    fn a_pointer_names_its_owner_by_its_own_key() {
        let pk = format!("T#{FIRM}#C#{ID}");
        check_due(&pk, &format!("DUE#{ID}#{ID}"), true);
        check_due(&pk, &format!("DUE#{ID}"), false);
        check_due(&pk, &format!("PROJ#{ID}#{ID}"), false);
        check_due(&format!("{pk}#INT"), &format!("DUE#{ID}#{ID}"), false);
        check_due(&format!("T#{FIRM}"), &format!("DUE#{ID}#{ID}"), false);
        check_due(&pk, &format!("DUE#REQ#{ID}#2026-12-18"), true);
        check_due(&pk, &format!("DUE#REQ#{ID}#soon"), false);
        check_due(&pk, &format!("DUE#REQ#{ID}"), false);
        let outbox = outbox_fact(&item::key(format!("{pk}#OB"), format!("OB#{ID}"))).unwrap();
        assert_eq!((outbox.firm().as_str(), outbox.client().map(ClientId::as_str)), (FIRM, Some(ID)));
        assert!(outbox_fact(&item::key(&pk, format!("OB#{ID}"))).is_none());
        assert_eq!(due_fact(&item::key(format!("{pk}#OB"), format!("OB#{ID}"))), Some(outbox));
        let home = format!("T#{FIRM}#U#{ID}");
        check_due(&format!("{home}#DIG"), "SLOT#20261124T130000Z", true);
        check_due(&format!("{home}#DIG"), "SLOT#20261124T1300", false);
        check_due(&format!("{home}#DIG"), "LINE#20261124T130000Z", false);
        check_due(&home, "SLOT#20261124T130000Z", false);
        assert!(outbox_fact(&item::key(format!("{pk}#OB"), "CLAIM#x")).is_none());
    }

    #[test]
    fn a_place_is_due_at_its_instant() {
        let at: Timestamp = "2026-11-24T15:00:59.5Z".parse().unwrap();
        let (hour, place) = place(at, ID);
        assert!(hour.starts_with("DUE#20261124T15#"), "{hour}");
        let millisecond = jiff::SignedDuration::from_millis(1);
        assert!(is_due(&place, at) && !is_due(&place, at - millisecond) && !is_due("soon", at), "{place}");
    }

    #[test]
    fn a_row_stands_in_its_hour_by_its_instant() {
        let at: Timestamp = "2026-11-24T15:00:59.5Z".parse().unwrap();
        let row = DueRow { project: ProjectId::from_bits(1), milestone: MilestoneId::from_bits(2), at };
        let stored = row.item("pk").unwrap();
        let wpk = item::text_of(&stored, "wpk").unwrap().to_owned();
        let wpk = wpk.as_str();
        assert!(wpk.starts_with("DUE#20261124T15#"), "{wpk}");
        assert_eq!(item::text_of(&stored, "wsk"), Some(row.place().as_str()));
        assert_eq!(item::read::<DueRow>(stored).unwrap(), row);
        let rung = Rung { day: jiff::civil::date(2026, 11, 24), at };
        let row = RequestDueRow::of(&RequestId::from_bits(2), &rung);
        let stored = row.item("pk").unwrap();
        assert_eq!(item::text_of(&stored, "wpk"), Some(wpk), "another shard of the same hour");
        assert_eq!(item::text_of(&stored, "wsk"), Some(row.place().as_str()));
        assert_eq!(item::read::<RequestDueRow>(stored).unwrap(), row);
    }
}
