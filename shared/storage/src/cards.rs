//! Drawing a client's card from its rows, and putting it up where people look: on the home of everybody of the firm who
//! is assigned to it, and on the partners' board.

use access::{ClientJob, OneClient};
use domain::person::TeamMember;
use domain::project::board::Outline;
use domain::project::card::{Asked, Begun, Card, Delivered};
use domain::{PersonId, Timestamp, limits};
use futures::future::join_all;
use serde::Serialize;

use crate::check;
use crate::client::ClientStore;
use crate::commit::{self, Lost, Write};
use crate::error::StorageError;
use crate::firm::ListedClient;
use crate::item::{self, Item};
use crate::keys;
use crate::outlines::Shard;
use crate::query::Range;

/// People whose cards are put up at the same time.
const TOGETHER: usize = 10;

/// A card with the instant from whose rows it was drawn.
#[derive(Serialize)]
struct Drawn<'a> {
    #[serde(flatten)]
    card: &'a Card,
    drawn_at: i64,
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Draws the card anew and puts it up. A client that is gone has none.
    pub async fn draw_card(&self, now: Timestamp) -> Result<(), StorageError> {
        let (profile, projects, documents, team, requests, threads) = tokio::join!(
            self.profile(),
            self.projects(),
            self.newest_documents(),
            self.team(),
            self.open_requests(),
            self.threads(),
        );
        let (Some(profile), projects, documents, team) = (profile?, projects?, documents?, team?) else {
            return Ok(());
        };
        let mut card = Card::of(profile.client.clone(), profile.name.to_string(), &projects);
        let requests = requests?;
        card.delivered = Delivered::of(&requests);
        card.begun = Begun::of(&requests);
        card.asked = Asked::of(&threads?);
        card.documents_waiting = documents.iter().filter(|document| document.is_waiting(now)).count();
        let moved = projects.iter().map(|project| project.changed_at).chain(documents.iter().map(|d| d.moved_at));
        card.last_activity_at = Some(moved.fold(profile.created_at, Timestamp::max));
        let staff: Vec<TeamMember> = team.into_iter().filter(|member| !member.of_client).collect();
        for people in staff.chunks(TOGETHER) {
            let put_up = people.iter().map(|member| self.put_up(&member.person, &card, now));
            join_all(put_up).await.into_iter().collect::<Result<Vec<()>, _>>()?;
        }
        card.staff = staff.into_iter().map(|member| member.name).collect();
        card.staff.sort();
        let archived = profile.is_archived();
        let listed = ListedClient { client: profile.client, name: profile.name, created_at: profile.created_at };
        self.put_on_board(&card, &listed, archived, now).await
    }

    /// The card and its outline change together, so that the one never says other than the other.
    async fn put_on_board(
        &self,
        card: &Card,
        listed: &ListedClient,
        archived: bool,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let table = &self.aws.settings().table_firm;
        let (firm, client) = (self.scope.client_firm(), self.scope.client());
        let view = (keys::clients_view(firm), keys::board(client));
        let outlines = (keys::outlines(firm), keys::outlines_of(client));
        for attempt in 0..limits::WRITE_TRIES_MAX {
            let wanted = [&view, &outlines].map(|(pk, sk)| item::key(pk, sk)).to_vec();
            let rows = check::batch(&self.dynamo, table, wanted).await?;
            let row = |pk: &str| rows.iter().find(|row| item::text_of(row, "pk") == Some(pk));
            let drawn_at = row(&view.0).and_then(|row| item::number_of::<i64>(row, "drawn_at"));
            if drawn_at.is_some_and(|drawn_at| drawn_at > now.as_millisecond()) {
                return Ok(());
            }
            let mut shard = Shard::read(row(&outlines.0))?;
            // Of an archived client the name alone stays, for lists that show what is archived.
            let outline = (!archived).then(|| Outline::from(card));
            let changed = shard.set(outline, listed);
            let writes = vec![
                self.newer(view.0.clone(), view.1.clone(), card, now)?,
                shard.write(table, outlines.0.clone(), outlines.1.clone(), changed)?,
            ];
            match commit::transact(&self.dynamo, writes).await {
                Err(StorageError::Stale) => commit::pause(attempt).await,
                answer => return answer,
            }
        }
        Err(StorageError::Stale)
    }

    /// On a home the card hangs from the assignment: where that has ended it is not put up again.
    async fn put_up(&self, person: &PersonId, card: &Card, now: Timestamp) -> Result<(), StorageError> {
        let home = keys::home(self.scope.client_firm(), person);
        let assignment = item::key(&home, keys::assignment(self.scope.client()));
        let writes = vec![
            Write::check(&self.aws.settings().table_firm, assignment, "attribute_exists(pk)", Lost::Stale)?,
            self.newer(home, keys::card(self.scope.client()), card, now)?,
        ];
        overtaken(commit::transact(&self.dynamo, writes).await)
    }

    /// Replaces what was drawn earlier only: two workers may draw the same client, and the older one may be slower.
    fn newer(&self, pk: String, sk: String, card: &Card, now: Timestamp) -> Result<Write, StorageError> {
        let drawn_at = now.as_millisecond();
        let row = item::row(pk, sk, &Drawn { card, drawn_at })?;
        let condition = "attribute_not_exists(drawn_at) OR drawn_at <= :drawn";
        let values = Item::from([(":drawn".to_owned(), item::number(drawn_at))]);
        Write::put(&self.aws.settings().table_firm, row, Some((condition, values)), Lost::Stale)
    }

    /// The newest documents without their names, which this worker has no use for.
    async fn newest_documents(&self) -> Result<Vec<Glimpse>, StorageError> {
        let range = Range {
            pk: self.keys.data(),
            prefix: keys::DOCUMENTS,
            newest_first: true,
            limit: Some(limits::CARD_DOCUMENTS_MAX),
            consistent: true,
            ..Range::default()
        };
        Ok(self.query(range).await?.rows.iter().filter_map(Glimpse::of).collect())
    }
}

/// Somebody drew from later rows, or the assignment ended: there is nothing left to do.
fn overtaken(answer: Result<(), StorageError>) -> Result<(), StorageError> {
    match answer {
        Err(StorageError::Stale) => Ok(()),
        answer => answer,
    }
}

/// A document as far as a card counts it.
struct Glimpse {
    /// Announced until then, or being checked.
    waits: Option<Waits>,
    moved_at: Timestamp,
}

enum Waits {
    ForFile { expires: Timestamp },
    ForCheck,
}

impl Glimpse {
    fn of(row: &Item) -> Option<Self> {
        let instant = |name| item::text_of(row, name)?.parse::<Timestamp>().ok();
        let asked_at = instant("asked_at")?;
        let waits = match item::text_of(row, "state")? {
            "awaiting_upload" => Some(Waits::ForFile { expires: instant("expires")? }),
            "processing" => Some(Waits::ForCheck),
            _ => None,
        };
        let moved_at = instant("ready_at").or_else(|| instant("at")).unwrap_or(asked_at);
        Some(Self { waits, moved_at })
    }

    fn is_waiting(&self, now: Timestamp) -> bool {
        match self.waits {
            Some(Waits::ForFile { expires }) => expires >= now,
            Some(Waits::ForCheck) => true,
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the document is waited for at ten, and when it last moved.
    fn check(attributes: &[(&str, &str)], want: Option<(bool, &str)>) {
        let row: Item = attributes.iter().map(|(name, text)| ((*name).to_owned(), item::text(*text))).collect();
        let now = "2026-11-24T10:00:00Z".parse().unwrap();
        let found = Glimpse::of(&row).map(|glimpse| (glimpse.is_waiting(now), glimpse.moved_at.to_string()));
        assert_eq!(found.as_ref().map(|(waits, moved)| (*waits, moved.as_str())), want, "{attributes:?}");
    }

    #[test]
    fn what_a_card_counts_of_a_document() {
        let asked = ("asked_at", "2026-11-24T09:50:00Z");
        let at = |name, time| (name, time);
        check(&[asked, ("state", "processing")], Some((true, asked.1)));
        check(&[asked, ("state", "awaiting_upload"), at("expires", "2026-11-24T10:05:00Z")], Some((true, asked.1)));
        check(&[asked, ("state", "awaiting_upload"), at("expires", "2026-11-24T09:59:59Z")], Some((false, asked.1)));
        let ready = "2026-11-24T09:55:00Z";
        check(&[asked, ("state", "ready"), at("ready_at", ready)], Some((false, ready)));
        check(&[asked, ("state", "rejected"), at("at", ready)], Some((false, ready)));
        check(&[("state", "ready")], None);
    }
}
