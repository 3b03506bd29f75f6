//! What the vending functions read and do: the session and home behind a request, the row behind a job, and the
//! assuming of a narrowed role.

use std::collections::BTreeSet;

use access::{Credentials, Fact, Keys, Lease, OfFirm};
use aws_sdk_dynamodb::Client;
use crypto::Secret;
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::factors::{Means, Proven, Wait};
use domain::firm::FirmState;
use domain::notice::digest::DigestSlot;
use domain::permissions::Adjusted;
use domain::person::company::ByFirm;
use domain::sso::Within;
use domain::{
    ClientId, DocumentId, EmailAddress, EventId, FirmId, Moment, PersonId, Role, SessionId, Timestamp, limits,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::admissions::AdmissionRow;
use crate::aws::Aws;
use crate::check;
use crate::commit::{self, Change, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::settings::Settings;
use crate::tokens::{self, TokenRow};

/// A session as it is looked up by the hash of its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    pub session: SessionId,
    pub person: PersonId,
    pub email: EmailAddress,
    /// What the person chose to act as; nothing until there is a choice.
    pub acts_as: Option<ActsAs>,
    pub started_at: Timestamp,
    pub last_seen: Timestamp,
    /// What the session stands on; rows from before this was written stand on a mailed link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Proven>,
    /// When the person last proved it once more. Doing so makes a new row with a new token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Such a session is good for the pages of `auth` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Wait>,
    /// Until when the person may put off to enrol a second factor that the firm asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrol_by: Option<Timestamp>,
    /// Somebody of the firm looks at a client's portal as one of its people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewing: Option<Viewing>,
    /// A provider of single sign-on began it: it is good for nothing else of the same person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

impl SessionRow {
    pub fn proven(&self) -> Proven {
        self.proven.clone().unwrap_or_else(|| Proven::by(Means::Link, self.started_at))
    }

    /// When it is over, however much it is used.
    pub fn ends(&self) -> Timestamp {
        self.started_at + SignedDuration::from_secs(limits::SESSION_AGE_SECONDS_MAX)
    }

    /// Whether it ended by itself: nobody used it for too long, or it is too old.
    pub fn lapsed(&self, now: Timestamp) -> bool {
        let unused_seconds = now.as_second() - self.last_seen.as_second();
        unused_seconds >= limits::SESSION_IDLE_SECONDS_MAX || now >= self.ends()
    }

    /// Whether its last use is to be written down.
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        now.as_second() - self.last_seen.as_second() >= limits::SESSION_TOUCH_SECONDS
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActsAs {
    pub firm: FirmId,
    /// `FIRM`, `PLATFORM` or a client's id.
    pub membership: String,
}

/// As whom somebody of the firm looks at a client's portal, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewing {
    pub client: ClientId,
    pub person: PersonId,
    pub until: Timestamp,
}

/// A membership in the person's home: the truth about its role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipRow {
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// The company's name, for a client role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    pub name: String,
    pub email: EmailAddress,
    /// E.164, where the person gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    pub active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What the firm granted and took, beside the role: `granted`, `removed`.
    #[serde(flatten)]
    pub adjusted: Adjusted,
    /// What partners decided of it: `removed_by_firm`, `ended_by_firm`.
    #[serde(flatten)]
    pub by_firm: ByFirm,
    pub version: u64,
}

/// Who asks: what was found under the hash of what was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    Session(SessionRow),
    Token(TokenRow),
}

impl Asker {
    pub fn lapsed(&self, now: Timestamp) -> bool {
        match self {
            Asker::Session(session) => session.lapsed(now),
            Asker::Token(token) => token.expires <= now,
        }
    }

    pub fn acts_as(&self) -> Option<&ActsAs> {
        match self {
            Asker::Session(session) => session.acts_as.as_ref(),
            Asker::Token(token) => Some(&token.acts_as),
        }
    }

    pub fn person(&self) -> &PersonId {
        match self {
            Asker::Session(session) => &session.person,
            Asker::Token(token) => &token.person,
        }
    }

    /// The public name of the session or token, as events have it.
    pub fn id(&self) -> SessionId {
        match self {
            Asker::Session(session) => session.session.clone(),
            Asker::Token(token) => token.as_session(),
        }
    }

    pub fn viewing(&self) -> Option<&Viewing> {
        match self {
            Asker::Session(session) => session.viewing.as_ref(),
            Asker::Token(_) => None,
        }
    }

    /// Whether its last use is to be written down.
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        match self {
            Asker::Session(session) => session.wants_touch(now),
            Asker::Token(token) => token.wants_touch(now),
        }
    }

    /// The row in the person's home whose presence keeps it alive.
    fn in_home(&self) -> String {
        match self {
            Asker::Session(session) => keys::session(&session.session),
            Asker::Token(token) => keys::token(&token.token),
        }
    }
}

/// What homes and the firm say about one session or token and the clients that it asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HomeFacts {
    /// The session's or token's row is there: nobody ended it.
    pub session: bool,
    pub membership: Option<MembershipRow>,
    /// Of the clients that were asked about, those assigned to this person.
    pub assigned: BTreeSet<ClientId>,
    /// The operator suspended the firm.
    pub suspended: bool,
    /// Of the clients that were asked about and the person's own company, those that are archived.
    pub archived: BTreeSet<ClientId>,
    /// Of the person as whom somebody views a client's portal.
    pub viewed: Option<MembershipRow>,
    /// Of the admissions that were asked about, those that there are, each with its firm.
    pub admissions: Vec<(FirmId, AdmissionRow)>,
}

impl Aws {
    /// Writes down, with a person's own keys, that its role was refused something.
    pub async fn refused(&self, lease: &Lease, object: Object, moment: &mut Moment) -> Result<(), StorageError> {
        let grant = &lease.vended.grant;
        let id = EventId::from_bits(moment.next_id());
        let draft = Draft::new(id, moment.now, grant.who(), Act::AccessRefused, object);
        let chain = Chain::Person { firm: grant.firm.clone(), person: grant.person.clone() };
        let change = Change { chain, draft: draft.refused(), writes: Vec::new() };
        commit::note(&self.dynamo(&lease.vended.keys), self.settings(), change).await
    }
}

/// The vending functions' own access, by their execution roles.
pub struct Vending<'a> {
    aws: &'a Aws,
    dynamo: aws_sdk_dynamodb::Client,
    sts: aws_sdk_sts::Client,
}

impl<'a> Vending<'a> {
    pub fn open(aws: &'a Aws) -> Self {
        Self { aws, dynamo: aws_sdk_dynamodb::Client::new(aws.own()), sts: aws_sdk_sts::Client::new(aws.own()) }
    }

    /// Who presented what has this hash; the two kinds lie apart, so that neither is taken for the other.
    pub async fn asker(&self, hash: &str, bearer: bool) -> Result<Option<Asker>, StorageError> {
        let settings = self.aws.settings();
        Ok(if bearer {
            tokens::token(&self.dynamo, settings, hash).await?.map(Asker::Token)
        } else {
            session(&self.dynamo, settings, hash).await?.map(Asker::Session)
        })
    }

    pub async fn facts(
        &self,
        asker: &Asker,
        acts_as: &ActsAs,
        clients: &BTreeSet<ClientId>,
    ) -> Result<HomeFacts, StorageError> {
        facts(&self.dynamo, self.aws.settings(), asker, acts_as, clients).await
    }

    /// Notes that a session or token is in use. IAM lets this function touch these two attributes and no other.
    pub async fn touch(&self, hash: &str, bearer: bool, now: Timestamp) -> Result<(), StorageError> {
        let settings = self.aws.settings();
        if bearer {
            tokens::touch(&self.dynamo, settings, hash, now).await
        } else {
            touch(&self.dynamo, settings, hash, now).await
        }
    }

    /// Writes down that somebody was refused, in the person's own chain.
    pub async fn refused(
        &self,
        asker: &Asker,
        acts_as: &ActsAs,
        role: Role,
        object: Object,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let (person, session) = (asker.person().clone(), asker.id());
        let viewing_as = asker.viewing().map(|viewing| viewing.person.clone());
        let who = Who::Person { person: person.clone(), role, session, viewing_as };
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, who, Act::AccessRefused, object);
        let chain = Chain::Person { firm: acts_as.firm.clone(), person };
        let change = Change { chain, draft: draft.refused(), writes: Vec::new() };
        commit::note(&self.dynamo, self.aws.settings(), change).await
    }

    /// Credentials of a role, bound to these tags: policies compare every key with them.
    pub async fn assume(&self, role: &str, tags: &[(&str, &str)]) -> Result<Credentials, StorageError> {
        let mut request = self
            .sts
            .assume_role()
            .role_arn(format!("{}{role}", self.aws.settings().role_prefix))
            .role_session_name("vended")
            .duration_seconds(limits::GRANT_SECONDS);
        for (name, value) in tags {
            let tag = aws_sdk_sts::types::Tag::builder().key(*name).value(*value).build().during("build a tag")?;
            request = request.tags(tag);
        }
        let answer = request.send().await.during("assume a role")?;
        let vended = answer.credentials.ok_or_else(|| StorageError::bug("assume a role", "no credentials"))?;
        let expires = Timestamp::from_second(vended.expiration.secs()).during("assume a role")?;
        Ok(Credentials {
            key_id: vended.access_key_id,
            secret: Secret::new(vended.secret_access_key),
            token: Secret::new(vended.session_token),
            expires,
        })
    }

    /// An operator's admission, by the row that lies with the firm.
    pub async fn admission(&self, of: &OfFirm) -> Result<Option<AdmissionRow>, StorageError> {
        let key = item::key(keys::admissions(&of.firm), keys::admission(&of.admission));
        let request = self.dynamo.get_item().table_name(&self.aws.settings().table_firm).set_key(Some(key));
        let found = request.consistent_read(true).send().await.during("read an admission")?.item;
        found.map(item::read).transpose()
    }

    /// Whether the operator closed the firm, read with a job's own keys.
    pub async fn is_suspended(&self, firm: &FirmId, vended: &Keys) -> Result<bool, StorageError> {
        let key = item::key(keys::public(firm), keys::STATE);
        let request = self.aws.dynamo(vended).get_item().table_name(&self.aws.settings().table_firm);
        let found = request.set_key(Some(key)).consistent_read(true).send().await.during("read a firm's state")?;
        Ok(found.item.as_ref().is_some_and(suspends))
    }

    /// Whether there is such a document, of whichever audience.
    async fn is_there(
        &self,
        firm: &FirmId,
        client: &ClientId,
        document: &DocumentId,
        vended: &Keys,
    ) -> Result<bool, StorageError> {
        let dynamo = self.aws.dynamo(vended);
        for pk in [keys::client(firm, client), keys::client_internal(firm, client)] {
            let request = dynamo.get_item().table_name(&self.aws.settings().table_data);
            let request = request.set_key(Some(item::key(pk, keys::document(document)))).consistent_read(true);
            if request.send().await.during("read a job's row")?.item.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the row that a job names is there and open, read with the job's own keys.
    pub async fn is_open(&self, fact: &Fact, vended: &Keys) -> Result<bool, StorageError> {
        let settings = self.aws.settings();
        let (table, pk, sk) = match fact {
            Fact::Upload { firm, client, document, internal } => {
                let pk = if *internal { keys::client_internal(firm, client) } else { keys::client(firm, client) };
                (&settings.table_data, pk, keys::document(document))
            }
            Fact::Document { firm, client, document } => {
                return self.is_there(firm, client, document, vended).await;
            }
            Fact::Outbox { firm, client, outbox } => {
                (&settings.table_data, format!("{}#OB", keys::client(firm, client)), keys::outbox_row(outbox))
            }
            Fact::Due { firm, client, project, milestone } => {
                (&settings.table_data, keys::client(firm, client), keys::due(project, milestone))
            }
            Fact::RequestDue { firm, client, request, day } => {
                (&settings.table_data, keys::client(firm, client), keys::request_due(request, *day))
            }
            Fact::Reply { reply, .. } => (&settings.table_identity, keys::reply(reply), keys::REPLY.to_owned()),
            Fact::Digest { firm, person, at } => {
                let slot = DigestSlot { person: person.clone(), at: *at };
                (&settings.table_data, keys::digests(firm, person), keys::slot(&slot))
            }
            Fact::Client { firm, client } => {
                (&settings.table_data, keys::client(firm, client), keys::PROFILE.to_owned())
            }
            Fact::Parcel { firm, client, parcel } => {
                (&settings.table_data, keys::client_parcels(firm, client), keys::parcel(parcel))
            }
            Fact::Order { firm, order } => (&settings.table_firm, keys::firm(firm), keys::order(order)),
            Fact::CompanyOrder { firm, client, order } => {
                (&settings.table_data, keys::client_orders(firm, client), keys::order(order))
            }
            Fact::Join { firm, person, order } => (&settings.table_firm, keys::home(firm, person), keys::order(order)),
            Fact::FirmChange { firm, change } => {
                (&settings.table_platform, keys::platform_firm(firm), keys::turn(change))
            }
            Fact::Admission { firm, admission } => {
                (&settings.table_platform, keys::platform_firm(firm), keys::admission(admission))
            }
            Fact::Firm { firm } | Fact::Customer { firm } => {
                (&settings.table_platform, keys::platform_firm(firm), keys::FIRM.to_owned())
            }
        };
        let found = self
            .aws
            .dynamo(vended)
            .get_item()
            .table_name(table)
            .set_key(Some(item::key(pk, sk)))
            .consistent_read(true)
            .send()
            .await
            .during("read a job's row")?;
        let Some(row) = found.item else { return Ok(false) };
        let state = item::text_of(&row, "state");
        Ok(match fact {
            Fact::Upload { .. } => matches!(state, Some("awaiting_upload" | "processing")),
            // Carried out, it stays open until its mail is sent.
            Fact::Order { .. } | Fact::CompanyOrder { .. } => {
                let mail_due = row.get("mail_due").and_then(|due| due.as_bool().ok()).copied().unwrap_or(false);
                state == Some("ordered") || mail_due
            }
            Fact::Join { .. } | Fact::Firm { .. } | Fact::FirmChange { .. } => state == Some("ordered"),
            Fact::Parcel { .. } => state == Some("making"),
            Fact::Reply { firm, client, .. } => {
                let is = |name, id| item::text_of(&row, name) == Some(id);
                is("firm", firm.as_str()) && is("client", client.as_str())
            }
            Fact::Customer { .. } => matches!(state, Some("active" | "suspended")),
            Fact::Digest { .. } => state != Some(crate::digests::GONE),
            Fact::Admission { .. }
            | Fact::Outbox { .. }
            | Fact::Document { .. }
            | Fact::Due { .. }
            | Fact::RequestDue { .. }
            | Fact::Client { .. } => true,
        })
    }
}

pub(crate) async fn session(
    dynamo: &Client,
    settings: &Settings,
    hash: &str,
) -> Result<Option<SessionRow>, StorageError> {
    let found = dynamo
        .get_item()
        .table_name(&settings.table_identity)
        .set_key(Some(item::key(keys::session_by_hash(hash), keys::SESSION)))
        .consistent_read(true)
        .send()
        .await
        .during("read a session")?;
    found.item.map(item::read).transpose()
}

/// The same for a session whose row is known.
pub(crate) async fn home(
    dynamo: &Client,
    settings: &Settings,
    session: &SessionRow,
    acts_as: &ActsAs,
    clients: &BTreeSet<ClientId>,
) -> Result<HomeFacts, StorageError> {
    facts(dynamo, settings, &Asker::Session(session.clone()), acts_as, clients).await
}

/// Everything that a decision needs, in one read: the person's home, the firm's state, and the home of whom it views as.
async fn facts(
    dynamo: &Client,
    settings: &Settings,
    asker: &Asker,
    acts_as: &ActsAs,
    clients: &BTreeSet<ClientId>,
) -> Result<HomeFacts, StorageError> {
    let own = keys::home(&acts_as.firm, asker.person());
    let (alive, membership) = (asker.in_home(), keys::membership(&acts_as.membership));
    let state = (keys::public(&acts_as.firm), keys::STATE.to_owned());
    let viewed = asker.viewing();
    let viewed_at =
        viewed.map(|viewing| (keys::home(&acts_as.firm, &viewing.person), keys::membership(viewing.client.as_str())));
    let clients: BTreeSet<&ClientId> = clients.iter().chain(viewed.map(|viewing| &viewing.client)).collect();
    let mut wanted = vec![(own.clone(), alive.clone()), (own.clone(), membership.clone()), state.clone()];
    wanted.extend(viewed_at.clone());
    wanted.extend(clients.iter().map(|client| (own.clone(), keys::assignment(client))));
    // Those asked about, and the person's own company.
    let company = ClientId::parse(&acts_as.membership).ok();
    let archivable: BTreeSet<ClientId> = clients.iter().map(|client| (*client).clone()).chain(company).collect();
    wanted.extend(archivable.iter().map(|client| (state.0.clone(), keys::archived(client))));
    let wanted = wanted.iter().map(|(pk, sk)| item::key(pk, sk)).collect();
    let found = Found(check::batch(dynamo, &settings.table_firm, wanted).await?);
    Ok(HomeFacts {
        session: found.at(&own, &alive).is_some(),
        membership: found.read(&own, &membership)?,
        assigned: clients
            .into_iter()
            .filter(|client| found.at(&own, &keys::assignment(client)).is_some())
            .cloned()
            .collect(),
        suspended: found.at(&state.0, &state.1).is_some_and(suspends),
        archived: archivable
            .into_iter()
            .filter(|client| found.at(&state.0, &keys::archived(client)).is_some())
            .collect(),
        viewed: viewed_at.map(|(pk, sk)| found.read(&pk, &sk)).transpose()?.flatten(),
        admissions: Vec::new(),
    })
}

/// Whether a firm's state keeps everybody out. A firm without the row is as it was founded: active.
pub(crate) fn suspends(row: &Item) -> bool {
    item::text_of(row, "state") == Some(FirmState::Suspended.as_str())
}

/// Rows of a batch, by their whole keys: two homes have rows of the same name.
pub(crate) struct Found(pub(crate) Vec<Item>);

impl Found {
    pub(crate) fn at(&self, pk: &str, sk: &str) -> Option<&Item> {
        self.0.iter().find(|row| item::text_of(row, "pk") == Some(pk) && item::text_of(row, "sk") == Some(sk))
    }

    fn read<T: serde::de::DeserializeOwned>(&self, pk: &str, sk: &str) -> Result<Option<T>, StorageError> {
        self.at(pk, sk).cloned().map(item::read).transpose()
    }
}

pub(crate) async fn touch(
    dynamo: &Client,
    settings: &Settings,
    hash: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let key = item::key(keys::session_by_hash(hash), keys::SESSION);
    let values = Item::from([
        (":now".to_owned(), item::text(now.to_string())),
        (":ttl".to_owned(), item::number(now.as_second() + limits::SESSION_IDLE_SECONDS_MAX * 2)),
    ]);
    let table = &settings.table_identity;
    let names = [("#seen", "last_seen"), ("#ttl", "ttl")];
    let write =
        Write::update(table, key, "SET #seen = :now, #ttl = :ttl", &names, values, Some("attribute_exists(pk)"))?;
    commit::transact(dynamo, vec![write]).await
}
