//! Zips that readers asked for, as rows: who asked and how far it is, which documents, and of each the event that was
//! committed before it went into the zip. They lie in a partition of their own: whoever makes zips writes nothing else of
//! the client's.

use access::{ClientJob, ClientScope, OneClient, OnePerson};
use domain::audit::{Act, Object, Who};
use domain::document::{Document, Viewer};
use domain::notice::Cause;
use domain::parcel::{Asker, Parcel, State};
use domain::permissions::{DownloadDocuments, DownloadInBulk, Permission, State as Way, may};
use domain::person::Membership;
use domain::{DocumentId, EventId, Moment, ParcelId, PermissionName, PersonId, Role, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::check;
use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{self, AuditReceipt, Write};
use crate::error::StorageError;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;
use crate::seen::{self, Seen};
use crate::vending::{self, MembershipRow};

#[derive(Debug, Serialize, Deserialize)]
struct List {
    documents: Vec<DocumentId>,
}

/// Counts what a person asked for, so that two requests at a time do not both find room for one more.
#[derive(Debug, Serialize, Deserialize)]
struct Turn {
    version: u64,
}

/// The zips of a person that are being made, and up to which of its requests that is so.
#[derive(Debug)]
pub struct BeingMade {
    pub count: usize,
    turn: u64,
}

/// That a document goes into a zip: the event that says so, and when it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub event: EventId,
    pub at: Timestamp,
}

/// Whoever asked for a zip, as that person stands today.
#[derive(Debug, Clone)]
pub struct Reader {
    pub person: PersonId,
    pub role: Role,
    pub name: String,
    pub email: String,
    pub viewer: Viewer,
}

/// The permissions by which copies are asked for: many as a zip, or one that takes long.
pub trait AsksForCopies: Permission {}

impl AsksForCopies for DownloadInBulk {}

impl AsksForCopies for DownloadDocuments {}

impl<P: AsksForCopies> ClientStore<'_, ClientScope<P>> {
    /// Who asks, to be found out about again when the zip is made.
    pub fn asker(&self) -> Asker {
        let grant = &self.scope.vended().grant;
        Asker {
            person: grant.person.clone(),
            membership: grant.membership.clone(),
            session: grant.session.clone(),
            internal: grant.viewer() == Viewer::Firm { internal: true },
        }
    }

    /// How many zips of the person are being made.
    pub async fn being_made(&self, now: Timestamp) -> Result<BeingMade, StorageError> {
        let range = Range {
            pk: self.keys.parcels(),
            prefix: keys::PARCELS,
            newest_first: true,
            consistent: true,
            ..Range::default()
        };
        // The turn first: what is asked for after it was read makes what follows from it stale.
        let turn = self.get(self.keys.parcels(), keys::parcel_turn(self.scope.person())).await?;
        let turn = turn.map(item::read::<Turn>).transpose()?.map_or(0, |turn| turn.version);
        let mut count = 0;
        // Those of a day: a large one is still being made behind many small ones.
        for row in self.query_all(range, limits::PARCELS_COUNTED_MAX).await? {
            let parcel: Parcel = item::read(row)?;
            let making = parcel.standing(now) == domain::parcel::Standing::Making;
            count += usize::from(making && parcel.by == *self.scope.person());
        }
        Ok(BeingMade { count, turn })
    }

    /// The zip that the same request led to before.
    pub async fn zip_asked_before(&self, key: &str) -> Result<Option<ParcelId>, StorageError> {
        Ok(self.answered_before(key).await?.and_then(|answer| ParcelId::parse(&answer).ok()))
    }

    /// The person's own: nobody else's is there.
    pub async fn asked_zip(&self, id: &ParcelId) -> Result<Option<Parcel>, StorageError> {
        let grant = &self.scope.vended().grant;
        let found = self.parcel(id).await?;
        Ok(found.filter(|parcel| parcel.by == grant.person && parcel.membership == grant.membership))
    }

    /// Stores what was asked for, with its event and with the order to make it. Stale if the person asked for something
    /// else since those that are being made were counted.
    pub async fn ask_parcel(
        &self,
        parcel: &Parcel,
        documents: &[DocumentId],
        counted: &BeingMade,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let mut list =
            item::row(self.keys.parcels(), keys::parcel_list(&parcel.id), &List { documents: documents.to_vec() })?;
        expire(&mut list, parcel);
        let turn = Turn { version: counted.turn + 1 };
        let turn = item::row(self.keys.parcels(), keys::parcel_turn(self.scope.person()), &turn)?;
        let writes = vec![
            Write::create(self.table(), self.parcel_row(parcel)?)?,
            Write::create(self.table(), list)?,
            match counted.turn {
                0 => Write::create(self.table(), turn)?,
                before => Write::replace(self.table(), turn, before)?,
            },
        ];
        let ids: Vec<&str> = documents.iter().map(DocumentId::as_str).collect();
        let act = if parcel.single.is_some() { Act::CopyAsked } else { Act::ZipAsked };
        let draft = self.draft(act, object(parcel).at_version(parcel.version), moment);
        let draft = draft.after(crypto::sha256_hex(ids.join(",").as_bytes()));
        let causes = vec![Cause::MakeParcel { parcel: parcel.id.clone() }];
        self.commit(ClientChange { draft, writes, causes, once }, moment).await
    }
}

impl ClientStore<'_, ClientScope<DownloadDocuments>> {
    /// The person's own, by the membership that it was asked by and as long as what is in it is in its reach: nobody
    /// else's is there. Whoever looks at the portal as somebody else has none.
    pub async fn own_zip(&self, id: &ParcelId) -> Result<Option<Parcel>, StorageError> {
        let grant = &self.scope.vended().grant;
        if grant.viewing().is_some() {
            return Ok(None);
        }
        let internal = grant.viewer() == Viewer::Firm { internal: true };
        let own = |parcel: &Parcel| {
            parcel.by == grant.person && parcel.membership == grant.membership && (internal || !parcel.internal)
        };
        Ok(self.parcel(id).await?.filter(own))
    }

    /// What was asked for and is not in the zip, as far as the reader sees it still.
    pub async fn left_out_of(&self, parcel: &Parcel) -> Result<Vec<Document>, StorageError> {
        let State::Ready { holds, .. } = &parcel.state else { return Ok(Vec::new()) };
        let list = self.get(self.keys.parcels(), keys::parcel_list(&parcel.id)).await?;
        let list: Option<List> = list.map(item::read).transpose()?;
        let asked = list.map(|list| list.documents).unwrap_or_default();
        let is_out = |id: &DocumentId| holds.iter().all(|held| held.document != *id);
        self.some_documents(asked.into_iter().filter(is_out).collect()).await
    }

    /// The zip is about to be handed over.
    pub async fn zip_taken(&self, parcel: &Parcel, moment: &mut Moment) -> Result<AuditReceipt, StorageError> {
        let act = if parcel.single.is_some() { Act::CopyTaken } else { Act::ZipTaken };
        let draft = self.draft(act, object(parcel), moment);
        self.commit(ClientChange::event(draft), moment).await
    }
}

impl<S: OneClient> ClientStore<'_, S> {
    async fn parcel(&self, id: &ParcelId) -> Result<Option<Parcel>, StorageError> {
        self.get(self.keys.parcels(), keys::parcel(id)).await?.map(item::read).transpose()
    }

    fn parcel_row(&self, parcel: &Parcel) -> Result<Item, StorageError> {
        let mut row = item::row(self.keys.parcels(), keys::parcel(&parcel.id), parcel)?;
        expire(&mut row, parcel);
        Ok(row)
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// What is to be made, with its documents. None where it was made or given up.
    pub async fn zip_to_make(&self, id: &ParcelId) -> Result<Option<(Parcel, Vec<DocumentId>)>, StorageError> {
        let (parcel, list) = tokio::join!(self.parcel(id), self.get(self.keys.parcels(), keys::parcel_list(id)));
        let Some(parcel) = parcel?.filter(|parcel| parcel.state == State::Making) else { return Ok(None) };
        let list: Option<List> = list?.map(item::read).transpose()?;
        Ok(Some((parcel, list.map(|list| list.documents).unwrap_or_default())))
    }

    /// Whoever asked, by the rows that every request of that person is checked by; none if a request of theirs would be
    /// refused today.
    pub async fn reader_of(&self, parcel: &Parcel) -> Result<Option<Reader>, StorageError> {
        let (firm, client) = (self.scope.client_firm(), self.scope.client());
        let (home, public) = (keys::home(firm, &parcel.by), keys::public(firm));
        let (membership, assignment) = (keys::membership(&parcel.membership), keys::assignment(client));
        let wanted = vec![
            item::key(&home, &membership),
            item::key(&home, &assignment),
            item::key(&public, keys::archived(client)),
        ];
        let found = vending::Found(check::batch(&self.dynamo, &self.aws.settings().table_firm, wanted).await?);
        let Some(row) = found.at(&home, &membership) else { return Ok(None) };
        let row: MembershipRow = item::read(row.clone())?;
        let archived = found.at(&public, &keys::archived(client)).is_some();
        let theirs = match row.role {
            Role::Partner => parcel.membership == Membership::FIRM,
            Role::Staff => parcel.membership == Membership::FIRM && found.at(&home, &assignment).is_some() && !archived,
            Role::ClientMember | Role::ClientAdmin => {
                parcel.membership == client.as_str() && row.client.as_ref() == Some(client) && !archived
            }
            Role::PlatformAdmin => false,
        };
        let has = |name| may(row.role, &row.adjusted, Way::Plain, name);
        let takes =
            has(PermissionName::DownloadDocuments) && (parcel.single.is_some() || has(PermissionName::DownloadInBulk));
        if !row.active || !theirs || !takes {
            return Ok(None);
        }
        let viewer = if row.role.is_client() {
            Viewer::Client { person: parcel.by.clone(), admin: row.role == Role::ClientAdmin }
        } else {
            Viewer::Firm { internal: has(PermissionName::ViewInternal) }
        };
        // Where the zip lies was decided when it was asked for: what lies deeper stays out of it.
        let viewer = match viewer {
            Viewer::Firm { internal } => Viewer::Firm { internal: internal && parcel.internal },
            viewer => viewer,
        };
        let (name, email) = (row.name, row.email.to_string());
        Ok(Some(Reader { person: parcel.by.clone(), role: row.role, name, email, viewer }))
    }

    /// Writes down that the reader takes a copy, in the reader's own name and once for each zip and document; the event
    /// is the code on the copy.
    pub async fn give(
        &self,
        parcel: &Parcel,
        reader: &Reader,
        document: &Document,
        moment: &mut Moment,
    ) -> Result<(AuditReceipt, Given), StorageError> {
        if let Some(given) = self.given(parcel, document).await? {
            return Ok(given);
        }
        let who = Who::person(reader.person.clone(), reader.role, parcel.session.clone());
        let object = Object::new("document", &document.id).at_version(document.version);
        let mut draft = self.draft(Act::DocumentDownloaded, object, moment);
        draft.who = who;
        let given = Given { event: draft.id.clone(), at: draft.at };
        let mut row = item::row(self.keys.given(), keys::given(&parcel.id, &document.id), &given)?;
        expire(&mut row, parcel);
        let mut change = ClientChange::event(draft);
        change.writes.push(Write::create(self.table(), row)?);
        let (by, at, act) = (reader.person.clone(), given.at, Act::DocumentDownloaded);
        if reader.role.is_client() {
            let (document, event) = (document.id.clone(), given.event.clone());
            change.causes.push(Cause::SeenDocument { document, event, by, act, at });
        } else {
            let seen = Seen { person: by, name: reader.name.clone(), at, act };
            change.writes.push(seen::row(self.table(), self.keys.seen(), &document.id, &given.event, &seen)?);
        }
        match self.commit(change, moment).await {
            Ok(receipt) => Ok((receipt, given)),
            // Another run was faster.
            Err(StorageError::Stale) => self.given(parcel, document).await?.ok_or(StorageError::Stale),
            Err(error) => Err(error),
        }
    }

    async fn given(&self, parcel: &Parcel, document: &Document) -> Result<Option<(AuditReceipt, Given)>, StorageError> {
        let found = self.get(self.keys.given(), keys::given(&parcel.id, &document.id)).await?;
        let given: Option<Given> = found.map(item::read).transpose()?;
        Ok(given.map(|given| (AuditReceipt::noted(given.event.clone()), given)))
    }

    /// Writes down how far a zip is. Stale if another run has.
    pub async fn zip_moved(&self, before: &Parcel, after: Parcel) -> Result<Parcel, StorageError> {
        let after = Parcel { version: before.version + 1, ..after };
        let row = Write::replace(self.table(), self.parcel_row(&after)?, before.version)?;
        commit::transact(&self.dynamo, vec![row]).await?;
        Ok(after)
    }
}

fn object(parcel: &Parcel) -> Object {
    Object::new(if parcel.single.is_some() { "copy" } else { "zip" }, &parcel.id)
}

/// By itself and after a while: it names who took what, which the audit keeps.
fn expire(row: &mut Item, parcel: &Parcel) {
    row.insert("ttl".to_owned(), item::number(parcel.asked_at.as_second() + limits::ZIP_ROWS_SECONDS));
}
