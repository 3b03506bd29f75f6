//! Sessions. Each has a row under the hash of its token, by which it is found, and one in the home of whoever it acts
//! as, whose presence is what keeps it alive; a third leads from its id to the hash. All come and go together, with an
//! event in the person's chain. The hash stays out of homes: a vending function takes it for the session itself.

use std::collections::{BTreeMap, BTreeSet};

use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::factors::{Means, Proven, Wait};
use domain::sso::Within;
use domain::{ConnectionId, EmailAddress, EventId, FirmId, Moment, PersonId, Role, SessionId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::check;
use crate::commit::{Change, Write};
use crate::error::{During, Revoked, StorageError};
use crate::firm_people::LastSignIn;
use crate::identity::Identity;
use crate::identity_links::Proof;
use crate::identity_people::platform_firm;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};
use crate::vending::{self, ActsAs, MembershipRow, SessionRow, Viewing};

/// Sessions that end in one transaction: three rows each, and a hundred actions are the most.
pub(crate) const ENDED_AT_ONCE: usize = 30;
/// Rows of one batch read.
const READ_AT_ONCE: usize = 100;

/// A session that is about to begin.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub token_hash: String,
    pub person: PersonId,
    pub email: EmailAddress,
    /// Nothing until the person has chosen.
    pub acts_as: Option<(ActsAs, Role)>,
    /// How and when the person proved who they are: a change of membership does not make a session younger.
    pub proven: Proven,
    pub confirmed_at: Option<Timestamp>,
    pub waits_for: Option<Wait>,
    pub enrol_by: Option<Timestamp>,
    pub viewing: Option<Viewing>,
    /// A provider of single sign-on began it, and speaks for no more than this.
    pub within: Option<Within>,
    /// The browser in words: "Firefox on Windows".
    pub device: Option<String>,
    /// The city, if the edge said so.
    pub place: Option<String>,
}

/// A session's row in a home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInHome {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<String>,
    pub started_at: Timestamp,
    /// How the person signed in, for the list of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Proven>,
    /// Which connection began it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl SessionInHome {
    /// Whether the connection vouched for it. Rows from before connections were named in them may be of any.
    pub fn vouched_by(&self, connection: &ConnectionId) -> bool {
        match &self.connection {
            Some(own) => own == connection,
            None => self.proven.as_ref().is_some_and(|proven| proven.first == Means::Sso),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct HashRow {
    session: SessionId,
    hash: String,
}

/// One of a person's sessions, wherever it acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    pub id: SessionId,
    pub firm: FirmId,
    pub row: SessionInHome,
    pub last_seen: Timestamp,
}

/// What a session becomes by proving more of itself.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: SessionId,
    pub token_hash: String,
    /// What was shown, beside what the person came in with.
    pub second: Option<Means>,
    /// With it the person has a second factor, and need not enrol one.
    pub enrolled: bool,
}

/// The session behind a token that holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    pub row: SessionRow,
    /// Of its token.
    hash: String,
    /// What it acts as; nothing before the choice.
    pub membership: Option<MembershipRow>,
}

impl Current {
    pub fn firm(&self) -> FirmId {
        home_of(self.row.acts_as.as_ref())
    }

    /// Whether the session may see and end this one of the same person: what a provider says is worth nothing outside of
    /// the firm or company that set the provider up.
    fn reaches(&self, firm: &FirmId, id: &SessionId, row: &SessionInHome) -> bool {
        let own = *id == self.row.session;
        own || self.row.within.as_ref().is_none_or(|within| within.reaches(firm, row.membership.as_deref()))
    }

    pub(crate) fn who(&self) -> Who {
        match &self.membership {
            Some(membership) => Who::Person {
                person: self.row.person.clone(),
                role: membership.role,
                session: self.row.session.clone(),
                viewing_as: self.row.viewing.as_ref().map(|viewing| viewing.person.clone()),
            },
            None => Who::Nobody,
        }
    }
}

/// Before the choice a session lies in the home that everybody has at the platform.
fn home_of(acts_as: Option<&ActsAs>) -> FirmId {
    acts_as.map_or_else(platform_firm, |acts_as| acts_as.firm.clone())
}

impl Identity<'_> {
    /// Begins a session, with whatever its proof uses up. `Stale` means that somebody else used it up first.
    pub async fn begin(&self, new: NewSession, proof: Option<&Proof>, moment: &mut Moment) -> Result<(), StorageError> {
        let mut writes = proof.map(|proof| proof.writes.clone()).unwrap_or_default();
        let home = keys::home(&home_of(new.acts_as.as_ref().map(|(acts_as, _)| acts_as)), &new.person);
        writes.extend(self.ending(&home, &self.crowded_out(&home).await?).await?);
        self.started(new, writes, Act::SignedIn, moment).await
    }

    /// A session in place of the current one, which proved more of itself: with another id and token, so that neither
    /// the old token nor what was granted to it is worth anything.
    pub async fn step_up(
        &self,
        current: &Current,
        step: Step,
        proof: Proof,
        act: Act,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let home = keys::home(&current.firm(), &current.row.person);
        let in_home = self.firm_row(&home, &keys::session(&current.row.session)).await?;
        let in_home: SessionInHome = item::read(in_home.ok_or(StorageError::Revoked(Revoked::SignedOut))?)?;
        let row = &current.row;
        let role = current.membership.as_ref().map(|membership| membership.role);
        let new = NewSession {
            id: step.id,
            token_hash: step.token_hash,
            person: row.person.clone(),
            email: row.email.clone(),
            acts_as: row.acts_as.clone().zip(role),
            proven: Proven { second: step.second.or(row.proven().second), ..row.proven() },
            confirmed_at: Some(moment.now),
            waits_for: None,
            enrol_by: row.enrol_by.filter(|_| !step.enrolled),
            viewing: row.viewing.clone(),
            within: row.within.clone(),
            device: in_home.device,
            place: in_home.place,
        };
        let mut writes = proof.writes;
        writes.extend(self.replaced(current)?);
        self.started(new, writes, act, moment).await
    }

    /// A session in place of the current one, which views as somebody or no longer does. It is as old as that one and
    /// has proven as much.
    pub(crate) async fn swap(
        &self,
        current: &Current,
        id: SessionId,
        token_hash: String,
        viewing: Option<Viewing>,
        act: Act,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let home = keys::home(&current.firm(), &current.row.person);
        let in_home = self.firm_row(&home, &keys::session(&current.row.session)).await?;
        let in_home: SessionInHome = item::read(in_home.ok_or(StorageError::Revoked(Revoked::SignedOut))?)?;
        let row = &current.row;
        let role = current.membership.as_ref().map(|membership| membership.role);
        let new = NewSession {
            id,
            token_hash,
            person: row.person.clone(),
            email: row.email.clone(),
            acts_as: row.acts_as.clone().zip(role),
            proven: row.proven(),
            confirmed_at: row.confirmed_at,
            waits_for: None,
            enrol_by: row.enrol_by,
            viewing,
            within: row.within.clone(),
            device: in_home.device,
            place: in_home.place,
        };
        self.started(new, self.replaced(current)?, act, moment).await
    }

    /// The rows of the current session go. Of two that would replace one session, one does.
    fn replaced(&self, current: &Current) -> Result<Vec<Write>, StorageError> {
        let home = keys::home(&current.firm(), &current.row.person);
        let by_hash = item::key(keys::session_by_hash(&current.hash), keys::SESSION);
        let by_id = item::key(keys::session_by_id(&current.row.session), keys::SESSION_HASH);
        let in_home = item::key(home, keys::session(&current.row.session));
        Ok(vec![
            Write::delete(self.table(), by_hash, Some(("attribute_exists(pk)", Item::new())))?,
            Write::delete(self.table(), by_id, None)?,
            Write::delete(self.firm_table(), in_home, None)?,
        ])
    }

    /// A change of what the person signs in with, by a session that goes on as it is.
    pub async fn change(
        &self,
        by: &Current,
        proof: Proof,
        act: Act,
        object: Object,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, by.who(), act, object);
        let chain = Chain::Person { firm: by.firm(), person: by.row.person.clone() };
        self.commit(Change { chain, draft, writes: proof.writes }).await
    }

    /// Writes down that somebody who is signed in could not prove it once more.
    pub async fn not_proven(&self, by: &Current, act: Act, moment: &mut Moment) -> Result<(), StorageError> {
        let object = Object::new("session", &by.row.session);
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, by.who(), act, object).refused();
        let chain = Chain::Person { firm: by.firm(), person: by.row.person.clone() };
        self.commit(Change { chain, draft, writes: Vec::new() }).await
    }

    /// The three rows of a new session, with whatever changes beside them.
    async fn started(
        &self,
        new: NewSession,
        mut writes: Vec<Write>,
        act: Act,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let acts_as = new.acts_as.as_ref().map(|(acts_as, _)| acts_as.clone());
        let firm = home_of(acts_as.as_ref());
        let home = keys::home(&firm, &new.person);
        let row = SessionRow {
            session: new.id.clone(),
            person: new.person.clone(),
            email: new.email,
            acts_as: acts_as.clone(),
            started_at: new.proven.at,
            last_seen: moment.now,
            confirmed_at: new.confirmed_at,
            waits_for: new.waits_for,
            enrol_by: new.enrol_by,
            viewing: new.viewing,
            within: new.within,
            proven: Some(new.proven.clone()),
        };
        let in_home = SessionInHome {
            membership: acts_as.map(|acts_as| acts_as.membership),
            started_at: new.proven.at,
            proven: Some(new.proven.clone()),
            connection: row.within.as_ref().and_then(|within| within.connection.clone()),
            device: new.device,
            place: new.place,
        };
        let by_id = HashRow { session: new.id.clone(), hash: new.token_hash.clone() };
        let by_id = item::row(keys::session_by_id(&new.id), keys::SESSION_HASH, &by_id)?;
        let kept = |row: Item| with_ttl(row, new.proven.at);
        let by_hash = item::row(keys::session_by_hash(&new.token_hash), keys::SESSION, &row)?;
        writes.push(Write::create(self.table(), kept(by_hash))?);
        writes.push(Write::create(self.table(), kept(by_id))?);
        writes.push(Write::create(self.firm_table(), kept(item::row(&home, keys::session(&new.id), &in_home)?))?);
        let comes_in = !matches!(act, Act::ViewingBegun | Act::ViewingEnded);
        if row.acts_as.is_some() && comes_in {
            let last = LastSignIn { at: moment.now, device: in_home.device.clone(), place: in_home.place.clone() };
            writes.push(Write::overwrite(self.firm_table(), item::row(&home, keys::LAST_SIGN_IN, &last)?)?);
        }
        let who = match new.acts_as {
            Some((_, role)) => Who::Person {
                person: new.person.clone(),
                role,
                session: new.id.clone(),
                viewing_as: row.viewing.as_ref().map(|viewing| viewing.person.clone()),
            },
            None => Who::Nobody,
        };
        self.commit(self.event(&firm, &new.person, who, act, &new.id, writes, moment)).await
    }

    /// The session behind a token's hash, if it holds: neither lapsed nor ended, and its membership is active.
    pub async fn current(&self, hash: &str, now: Timestamp) -> Result<Option<Current>, StorageError> {
        let settings = self.aws.settings();
        let Some(row) = vending::session(&self.dynamo, settings, hash).await? else { return Ok(None) };
        if row.lapsed(now) {
            return Ok(None);
        }
        let place = row.acts_as.clone().unwrap_or_else(|| ActsAs { firm: platform_firm(), membership: String::new() });
        let facts = vending::home(&self.dynamo, settings, &row, &place, &BTreeSet::new()).await?;
        let membership = facts.membership.filter(|membership| membership.active);
        let holds = facts.session && (row.acts_as.is_none() || membership.is_some());
        if holds && row.wants_touch(now) {
            match vending::touch(&self.dynamo, settings, hash, now).await {
                // It ended meanwhile, as the next read will tell.
                Ok(()) | Err(StorageError::Stale) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(holds.then_some(Current { row, hash: hash.to_owned(), membership }))
    }

    /// Every session of the person that has not lapsed, in all firms, the newest first; for one that a provider began,
    /// those of what the provider speaks for.
    pub async fn sessions(
        &self,
        by: &Current,
        firms: &BTreeSet<FirmId>,
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StorageError> {
        let person = &by.row.person;
        let mut open = Vec::new();
        for firm in firms.iter().chain([&platform_firm()]).collect::<BTreeSet<_>>() {
            for (id, row) in self.in_home(&keys::home(firm, person)).await? {
                if !by.reaches(firm, &id, &row) {
                    continue;
                }
                open.push(OpenSession { id, firm: firm.clone(), last_seen: row.started_at, row });
            }
        }
        let ids: Vec<SessionId> = open.iter().map(|session| session.id.clone()).collect();
        let hashes: Vec<String> = self.hashes(&ids).await?.into_values().collect();
        let mut seen: BTreeMap<String, SessionRow> = BTreeMap::new();
        for some in hashes.chunks(READ_AT_ONCE) {
            let wanted = some.iter().map(|hash| item::key(keys::session_by_hash(hash), keys::SESSION));
            for row in check::batch(&self.dynamo, self.table(), wanted.collect()).await? {
                let row: SessionRow = item::read(row)?;
                seen.insert(row.session.to_string(), row);
            }
        }
        open.retain_mut(|session| match seen.get(session.id.as_str()) {
            Some(row) if !row.lapsed(now) => {
                session.last_seen = row.last_seen;
                true
            }
            _ => false,
        });
        open.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(open)
    }

    /// Ends one session of a person, by the session of the same person that does it.
    pub async fn end(
        &self,
        by: &Current,
        firm: &FirmId,
        session: &SessionId,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let person = &by.row.person;
        let writes = self.ending(&keys::home(firm, person), std::slice::from_ref(session)).await?;
        self.commit(self.event(firm, person, by.who(), Act::SignedOut, session, writes, moment)).await
    }

    /// Ends the session itself.
    pub async fn end_current(&self, current: &Current, moment: &mut Moment) -> Result<(), StorageError> {
        self.end(current, &current.firm(), &current.row.session, moment).await
    }

    /// Ends every session of a person that the current one reaches, but not itself, or itself last where `everywhere`.
    pub async fn end_all(
        &self,
        by: &Current,
        firms: &BTreeSet<FirmId>,
        everywhere: bool,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let person = &by.row.person;
        let own = by.firm();
        let act = if everywhere { Act::SignedOutEverywhere } else { Act::SignedOutElsewhere };
        let all: BTreeSet<FirmId> = firms.iter().cloned().chain([platform_firm(), own.clone()]).collect();
        // What was done up to a failure stays done, and who asked can ask again.
        let (last, others): (Vec<FirmId>, Vec<FirmId>) = all.into_iter().partition(|firm| *firm == own);
        for firm in others.iter().chain(&last) {
            let home = keys::home(firm, person);
            let there = self.in_home(&home).await?.into_iter().filter(|(id, row)| by.reaches(firm, id, row));
            let mut ended: Vec<SessionId> = there.map(|(id, _)| id).collect();
            ended.retain(|id| everywhere || *id != by.row.session);
            ended.sort_by_key(|id| *id == by.row.session);
            for some in ended.chunks(ENDED_AT_ONCE) {
                let writes = self.ending(&home, some).await?;
                let event = self.event(firm, person, by.who(), act, &by.row.session, writes, moment);
                self.commit(event).await?;
            }
        }
        Ok(())
    }

    pub(crate) fn firm_table(&self) -> &str {
        &self.aws.settings().table_firm
    }

    #[expect(clippy::too_many_arguments, reason = "an event's parts, each of another type")]
    fn event(
        &self,
        firm: &FirmId,
        person: &PersonId,
        who: Who,
        act: Act,
        session: &SessionId,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Change {
        let id = EventId::from_bits(moment.next_id());
        let draft = Draft::new(id, moment.now, who, act, Object::new("session", session));
        Change { chain: Chain::Person { firm: firm.clone(), person: person.clone() }, draft, writes }
    }

    pub(crate) async fn ending(&self, home: &str, sessions: &[SessionId]) -> Result<Vec<Write>, StorageError> {
        let mut writes = Vec::new();
        for (id, hash) in self.hashes(sessions).await? {
            writes.push(Write::delete(self.table(), item::key(keys::session_by_hash(&hash), keys::SESSION), None)?);
            writes.push(Write::delete(self.table(), item::key(keys::session_by_id(&id), keys::SESSION_HASH), None)?);
        }
        for id in sessions {
            writes.push(Write::delete(self.firm_table(), item::key(home, keys::session(id)), None)?);
        }
        Ok(writes)
    }

    async fn hashes(&self, sessions: &[SessionId]) -> Result<BTreeMap<SessionId, String>, StorageError> {
        let mut hashes = BTreeMap::new();
        for some in sessions.chunks(READ_AT_ONCE) {
            let wanted = some.iter().map(|id| item::key(keys::session_by_id(id), keys::SESSION_HASH)).collect();
            for row in check::batch(&self.dynamo, self.table(), wanted).await? {
                let HashRow { session, hash } = item::read(row)?;
                hashes.insert(session, hash);
            }
        }
        Ok(hashes)
    }

    /// A home's sessions, the oldest first.
    pub(crate) async fn in_home(&self, home: &str) -> Result<Vec<(SessionId, SessionInHome)>, StorageError> {
        let range = Range { pk: home.to_owned(), prefix: keys::SESSIONS, consistent: true, ..Range::default() };
        let page = query(&self.dynamo, self.firm_table(), range).await?;
        let mut sessions = Vec::new();
        for row in page.rows {
            let id = item::text_of(&row, "sk").and_then(|sk| SessionId::parse(sk.strip_prefix(keys::SESSIONS)?).ok());
            if let Some(id) = id {
                sessions.push((id, item::read(row)?));
            }
        }
        Ok(sessions)
    }

    pub(crate) async fn firm_row(&self, pk: &str, sk: &str) -> Result<Option<Item>, StorageError> {
        let request = self.dynamo.get_item().table_name(self.firm_table()).set_key(Some(item::key(pk, sk)));
        Ok(request.consistent_read(true).send().await.during("read a home's session")?.item)
    }

    /// The oldest sessions of a home that leave no room for one more.
    async fn crowded_out(&self, home: &str) -> Result<Vec<SessionId>, StorageError> {
        let mut sessions: Vec<SessionId> = self.in_home(home).await?.into_iter().map(|(id, _)| id).collect();
        let room = limits::SESSIONS_PER_PERSON_MAX - 1;
        sessions.truncate(sessions.len().saturating_sub(room).min(ENDED_AT_ONCE));
        Ok(sessions)
    }
}

/// Whatever happens, a session's rows go when it is too old.
fn with_ttl(mut row: Item, started_at: Timestamp) -> Item {
    row.insert("ttl".to_owned(), item::number(started_at.as_second() + limits::SESSION_AGE_SECONDS_MAX));
    row
}
