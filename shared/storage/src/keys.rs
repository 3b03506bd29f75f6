//! Key layout. Ids hold neither `#` nor `*`, so no key can reach into another's partition.

use access::OneClient;
use domain::audit::Chain;
use domain::document::Audience;
use domain::message::{Part, Topic};
use domain::notice::Channel;
use domain::notice::digest::DigestSlot;
use domain::{
    AdmissionId, BatchId, ClientId, DocumentId, ErasureId, EventId, FirmChangeId, FirmId, HoldId, MilestoneId,
    NewsletterId, NoteId, OutboxId, ParcelId, PersonId, ProjectId, ReplyId, RequestId, RunId, SessionId, TokenId,
    UpdateId,
};

/// Partitions of one client.
pub(crate) struct ClientKeys {
    base: String,
}

impl ClientKeys {
    pub(crate) fn new(scope: &impl OneClient) -> Self {
        Self { base: client(scope.client_firm(), scope.client()) }
    }

    /// Profile, projects, documents, team, due rows.
    pub(crate) fn data(&self) -> String {
        self.base.clone()
    }
    /// What the firm keeps to itself.
    pub(crate) fn internal(&self) -> String {
        format!("{}{INTERNAL}", self.base)
    }
    /// Where documents of an audience lie, and the pointer to their index.
    pub(crate) fn of(&self, audience: Audience) -> String {
        match audience {
            Audience::Open => self.data(),
            Audience::Internal => self.internal(),
        }
    }
    /// Conversations.
    pub(crate) fn messages(&self) -> String {
        format!("{}#MSG", self.base)
    }
    /// Who has seen what: apart from internal notes, which not everybody of the firm may read.
    pub(crate) fn seen(&self) -> String {
        format!("{}#SEEN", self.base)
    }
    pub(crate) fn outbox(&self) -> String {
        format!("{}#OB", self.base)
    }
    /// Holds, runs and what stays of documents that were destroyed: no client's role reads it, and it outlives an erasure.
    pub(crate) fn retention(&self) -> String {
        format!("{}#RET", self.base)
    }
    /// Zips that readers asked for: whoever makes them writes there and nowhere else of the client's.
    pub(crate) fn parcels(&self) -> String {
        format!("{}{PARCELS_OF_CLIENT}", self.base)
    }
    /// That copies go into zips: written by whoever makes them, so that nobody else says that a copy was written down.
    pub(crate) fn given(&self) -> String {
        format!("{}#GIV", self.base)
    }
    /// What goes with an erasure.
    pub(crate) fn erasable(&self) -> [String; 9] {
        [
            self.seen(),
            self.idempotency(),
            self.orders(),
            self.parcels(),
            self.given(),
            self.messages(),
            self.internal(),
            self.outbox(),
            self.data(),
        ]
    }
    /// What the company's admins order for its people.
    pub(crate) fn orders(&self) -> String {
        format!("{}{ORDERS_OF_CLIENT}", self.base)
    }
    pub(crate) fn idempotency(&self) -> String {
        format!("{}#IDEM", self.base)
    }
}

pub(crate) fn client(firm: &FirmId, client: &ClientId) -> String {
    format!("T#{firm}#C#{client}")
}
/// What the firm keeps to itself of one client.
pub(crate) fn client_internal(firm: &FirmId, client_id: &ClientId) -> String {
    format!("{}{INTERNAL}", client(firm, client_id))
}
/// Zips that readers of one client asked for.
pub(crate) fn client_parcels(firm: &FirmId, client_id: &ClientId) -> String {
    format!("{}{PARCELS_OF_CLIENT}", client(firm, client_id))
}
/// Orders of one client's own admins.
pub(crate) fn client_orders(firm: &FirmId, client_id: &ClientId) -> String {
    format!("{}{ORDERS_OF_CLIENT}", client(firm, client_id))
}
pub(crate) fn firm(firm: &FirmId) -> String {
    format!("T#{firm}")
}
/// What every role of the firm may read.
pub(crate) fn public(firm: &FirmId) -> String {
    format!("T#{firm}#PUB")
}
/// What the firm's people read and no client does: texts to write with.
pub(crate) fn texts(firm: &FirmId) -> String {
    format!("T#{firm}#TXT")
}
/// Its newsletters and the orders by which they leave: drafts, and letters to some, are for partners alone.
pub(crate) fn newsletters(firm: &FirmId) -> String {
    format!("T#{firm}#NL")
}
pub(crate) fn home(firm: &FirmId, person: &PersonId) -> String {
    format!("T#{firm}#U#{person}")
}
/// What a person decides for itself, and how far it has read.
pub(crate) fn preferences(firm: &FirmId, person: &PersonId) -> String {
    format!("{}#PREF", home(firm, person))
}
/// Whether what is sent to a person arrives: written by whoever hears that it does not.
pub(crate) fn reach(firm: &FirmId, person: &PersonId) -> String {
    format!("{}#REACH", home(firm, person))
}
/// What a person is to hear in digests: pointers to what happened, of all its clients.
pub(crate) fn digests(firm: &FirmId, person: &PersonId) -> String {
    format!("{}#DIG", home(firm, person))
}
/// What would happen to documents by the firm's rules: numbers for each client.
pub(crate) fn retention_view(firm: &FirmId) -> String {
    format!("T#{firm}#V#retention")
}
/// Operators' admissions to clients of the firm: read by whoever vends credentials for them, and by partners.
pub(crate) fn admissions(firm: &FirmId) -> String {
    format!("T#{firm}#ADM")
}
/// How much was filed for each client: numbers only.
pub(crate) fn usage_view(firm: &FirmId) -> String {
    format!("T#{firm}#V#usage")
}
/// The firm's list of all clients, with their boards.
pub(crate) fn clients_view(firm: &FirmId) -> String {
    format!("T#{firm}#V#clients")
}

/// The same clients in a few rows that hold many each.
pub(crate) fn outlines(firm: &FirmId) -> String {
    format!("T#{firm}#V#outlines")
}
/// Which of the rows has a client: one for each letter that an id can end in.
pub(crate) fn outlines_of(client: &ClientId) -> String {
    client.as_str().chars().next_back().unwrap_or('0').to_string()
}

fn chain(chain: &Chain) -> String {
    match chain {
        Chain::Client { firm, client } => format!("T#{firm}#C#{client}"),
        Chain::Firm { firm } => format!("T#{firm}"),
        Chain::Person { firm, person } => format!("T#{firm}#U#{person}"),
    }
}
pub(crate) fn chain_events(of: &Chain) -> String {
    format!("{}#A", chain(of))
}
pub(crate) fn chain_head(of: &Chain) -> String {
    format!("{}#H", chain(of))
}
/// Zero-padded, so that events sort by their number.
pub(crate) fn event(seq: u64) -> String {
    format!("{seq:012}")
}

pub(crate) const HEAD: &str = "HEAD";
/// What was told to whom, beside the causes.
pub(crate) const TOLD: &str = "TOLD#";
/// That nothing goes to a person's address any more.
pub(crate) const ADDRESS: &str = "ADDRESS";
/// How a person wants to hear of things, among its preferences.
pub(crate) const HEARING: &str = "HEARING";
/// The newest code by which the person proves a phone number, beside them.
pub(crate) const PHONE_CODE: &str = "PHONECODE";
pub(crate) const TEXTS: &str = "TEXTS";
/// Of the firm, and of a client that one came to.
pub(crate) const NEWSLETTERS: &str = "NL#";
pub(crate) const PROFILE: &str = "PROFILE";
pub(crate) const BRAND: &str = "BRAND";
/// Whether the operator suspended the firm, beside its brand.
pub(crate) const STATE: &str = "STATE";
pub(crate) const TOKENS: &str = "TOKEN#";
pub(crate) const TOKEN: &str = "T";
pub(crate) const TOKEN_HASH: &str = "H";
pub(crate) const PROJECTS: &str = "PROJ#";
pub(crate) const DOCUMENTS: &str = "DOC#";
/// What lies in the bin, by the act that put it there and then by its document.
pub(crate) const BIN: &str = "BIN#";
/// What the firm wrote to the client, newest last: an update's id begins with its time.
pub(crate) const UPDATES: &str = "UPD#";
/// What the firm asks of the client, newest last.
pub(crate) const REQUESTS: &str = "REQ#";
pub(crate) const THREADS: &str = "THREAD#";
pub(crate) const TEAM: &str = "TEAM#";
pub(crate) const DUES: &str = "DUE#";
/// Reminders of request lists among the others: no project is called so.
pub(crate) const REQUEST_DUES: &str = "DUE#REQ#";
pub(crate) const OUTBOX: &str = "OB#";
/// One digest of a person, by its instant.
pub(crate) const SLOTS: &str = "SLOT#";
pub(crate) const ASSIGNMENTS: &str = "ASSIGN#";
pub(crate) const CARDS: &str = "CARD#";
pub(crate) const MEMBERSHIPS: &str = "M#";
pub(crate) const SESSIONS: &str = "SESS#";
pub(crate) const ORDERS: &str = "ORDER#";
pub(crate) const SEEN: &str = "SEEN#";
/// Where the search index of an audience lies.
pub(crate) fn index(audience: Audience) -> &'static str {
    match audience {
        Audience::Open => "IDX#open",
        Audience::Internal => "IDX#int",
    }
}
/// Holds in force, without their reasons: whatever archives, deletes or takes away is conditioned on its version.
pub(crate) const HOLDS: &str = "HOLDS";
/// A hold whole, released or not.
pub(crate) const HOLD: &str = "HOLD#";
pub(crate) const PARCELS: &str = "PARCEL#";
pub(crate) const RUNS: &str = "RUN#";
pub(crate) const TOMBSTONES: &str = "TOMB#";
/// Removals from the bin whose objects may be there still.
pub(crate) const REMOVALS: &str = "REMOVAL#";
pub(crate) const ERASURES: &str = "ERASURE#";
/// How long a firm keeps documents, beside its brand.
pub(crate) const RETENTION: &str = "RETENTION";
/// How many documents a client has.
pub(crate) const DOCUMENT_COUNT: &str = "DOCCOUNT";

pub(crate) fn project(id: &ProjectId) -> String {
    format!("{PROJECTS}{id}")
}
pub(crate) fn document(id: &DocumentId) -> String {
    format!("{DOCUMENTS}{id}")
}
/// Which of its versions is current.
pub(crate) fn series(first: &DocumentId) -> String {
    format!("SER#{first}")
}
pub(crate) fn bin_batch(batch: &BatchId) -> String {
    format!("{BIN}{batch}#")
}
pub(crate) fn binned(batch: &BatchId, document: &DocumentId) -> String {
    format!("{}{document}", bin_batch(batch))
}
/// A place in the bin from a list's cursor; nothing where it is none.
pub(crate) fn binned_after(cursor: &str) -> Option<String> {
    let (batch, document) = cursor.split_once('.')?;
    Some(binned(&BatchId::parse(batch).ok()?, &DocumentId::parse(document).ok()?))
}
/// The document of a place in the bin.
pub(crate) fn binned_document(sk: &str) -> Option<DocumentId> {
    DocumentId::parse(sk.strip_prefix(BIN)?.split_once('#')?.1).ok()
}
/// Who has seen one document, newest last: an event's id begins with its time.
pub(crate) fn seen_of(document: &DocumentId) -> String {
    format!("{SEEN}{document}#")
}
pub(crate) fn seen(document: &DocumentId, event: &EventId) -> String {
    format!("{}{event}", seen_of(document))
}
pub(crate) fn hold(id: &HoldId) -> String {
    format!("{HOLD}{id}")
}
pub(crate) fn parcel(id: &ParcelId) -> String {
    format!("{PARCELS}{id}")
}
/// The documents of a zip.
pub(crate) fn parcel_list(id: &ParcelId) -> String {
    format!("LIST#{id}")
}
/// What a person asked for so far, counted.
pub(crate) fn parcel_turn(person: &PersonId) -> String {
    format!("ASKS#{person}")
}
/// That a document goes into a zip.
pub(crate) fn given(id: &ParcelId, document: &DocumentId) -> String {
    format!("GIVEN#{id}#{document}")
}
pub(crate) fn run(id: &RunId) -> String {
    format!("{RUNS}{id}")
}
/// The parts of a run's list, in order.
pub(crate) fn lists_of(run: &RunId) -> String {
    format!("LIST#{run}#")
}
pub(crate) fn list_part(run: &RunId, part: usize) -> String {
    format!("{}{part:04}", lists_of(run))
}
/// What became of each document of a run.
pub(crate) fn steps_of(run: &RunId) -> String {
    format!("STEP#{run}#")
}
pub(crate) fn step(run: &RunId, document: &DocumentId) -> String {
    format!("{}{document}", steps_of(run))
}
pub(crate) fn tombstone(document: &DocumentId) -> String {
    format!("{TOMBSTONES}{document}")
}
/// What stays of a document that was removed from the bin.
pub(crate) fn removed(document: &DocumentId) -> String {
    format!("REMOVED#{document}")
}
pub(crate) fn removal(document: &DocumentId) -> String {
    format!("{REMOVALS}{document}")
}
pub(crate) fn erasure(id: &ErasureId) -> String {
    format!("{ERASURES}{id}")
}
pub(crate) fn update(id: &UpdateId) -> String {
    format!("{UPDATES}{id}")
}
pub(crate) fn newsletter(id: &NewsletterId) -> String {
    format!("{NEWSLETTERS}{id}")
}
pub(crate) fn thread(topic: &Topic) -> String {
    format!("{THREADS}{topic}")
}
pub(crate) fn messages_of(topic: &Topic) -> String {
    format!("MSG#{topic}#")
}
/// Zero-padded, so that messages sort by their number.
pub(crate) fn message(topic: &Topic, number: u64) -> String {
    format!("{}{number:08}", messages_of(topic))
}
pub(crate) fn notes_of(topic: &Topic) -> String {
    format!("NOTE#{topic}#")
}
pub(crate) fn note(topic: &Topic, id: &NoteId) -> String {
    format!("{}{id}", notes_of(topic))
}
pub(crate) fn read_marks_of(client: &ClientId) -> String {
    format!("READ#{client}#")
}
pub(crate) fn read_mark(client: &ClientId, topic: &Topic) -> String {
    format!("{}{topic}", read_marks_of(client))
}
/// What the person typed into one of a conversation's composers and did not send.
pub(crate) fn unsent(client: &ClientId, topic: &Topic, part: Part) -> String {
    format!("UNSENT#{client}#{topic}#{}", part.as_str())
}
pub(crate) fn team(person: &PersonId) -> String {
    format!("{TEAM}{person}")
}
pub(crate) fn due(project: &ProjectId, milestone: &MilestoneId) -> String {
    format!("{DUES}{project}#{milestone}")
}
pub(crate) fn request(id: &RequestId) -> String {
    format!("{REQUESTS}{id}")
}
/// One reminder of a request list.
pub(crate) fn request_due(id: &RequestId, day: domain::Date) -> String {
    format!("{REQUEST_DUES}{id}#{day}")
}
pub(crate) fn slot(slot: &DigestSlot) -> String {
    format!("{SLOTS}{}", slot.instant())
}
pub(crate) fn lines_of(slot: &DigestSlot) -> String {
    format!("LINE#{}#", slot.instant())
}
/// That something is told in a digest.
pub(crate) fn line(slot: &DigestSlot, client: &ClientId, outbox: &OutboxId) -> String {
    format!("{}{client}#{outbox}", lines_of(slot))
}
pub(crate) fn outbox_row(id: &OutboxId) -> String {
    format!("{OUTBOX}{id}")
}
/// Who carries out one effect, and whether it was.
pub(crate) fn claim(effect: &domain::notice::EffectKey) -> String {
    format!("CLAIM#{}", effect.as_str())
}
/// One time that a notice was handed to a provider, under the first cause that it told.
pub(crate) fn told(first: &OutboxId, person: &PersonId, channel: Channel, provider_id: &str) -> String {
    format!("{}{}#{provider_id}", told_to(first, person), channel.as_str())
}
pub(crate) fn told_to(first: &OutboxId, person: &PersonId) -> String {
    format!("{TOLD}{first}#{person}#")
}
/// A place behind all rows of one of them, when the newest come first, as it stands in addresses.
pub(crate) fn told_cursor(first: &OutboxId, person: &PersonId, channel: Channel) -> String {
    format!("{first}.{person}.{}", channel.as_str())
}
/// None where it is none of ours.
pub(crate) fn told_behind(cursor: &str) -> Option<String> {
    let sk = format!("{TOLD}{}#", cursor.replace('.', "#"));
    told_parts(&sk).filter(|(.., rest)| rest.is_empty()).map(|_| sk)
}
pub(crate) fn told_parts(sk: &str) -> Option<(OutboxId, PersonId, Channel, String)> {
    let mut parts = sk.strip_prefix(TOLD)?.splitn(4, '#');
    let first = OutboxId::parse(parts.next()?).ok()?;
    let person = PersonId::parse(parts.next()?).ok()?;
    let channel = Channel::parse(parts.next()?)?;
    Some((first, person, channel, parts.next()?.to_owned()))
}
pub(crate) fn assignment(client: &ClientId) -> String {
    format!("{ASSIGNMENTS}{client}")
}
pub(crate) fn card(client: &ClientId) -> String {
    format!("{CARDS}{client}")
}
pub(crate) fn membership(name: &str) -> String {
    format!("{MEMBERSHIPS}{name}")
}
pub(crate) fn session(id: &SessionId) -> String {
    format!("{SESSIONS}{id}")
}
/// A personal token in the home of whose it is.
pub(crate) fn token(id: &TokenId) -> String {
    format!("{TOKENS}{id}")
}
/// The same for a grant, which has the token's id in the place of a session's.
pub(crate) fn token_of_session(id: &SessionId) -> String {
    format!("{TOKENS}{id}")
}
pub(crate) fn token_by_hash(hash: &str) -> String {
    format!("BT#{hash}")
}
/// Where the hash of a token is found by the token's id.
pub(crate) fn token_by_id(id: &TokenId) -> String {
    format!("BT#{id}")
}
pub(crate) fn session_by_hash(hash: &str) -> String {
    format!("S#{hash}")
}
/// Where the hash of a session's token is found by the session's id.
pub(crate) fn session_by_id(id: &SessionId) -> String {
    format!("S#{id}")
}
pub(crate) fn address(mac: &crypto::Mac) -> String {
    format!("E#{}", mac.as_str())
}
pub(crate) fn invitations(mac: &crypto::Mac) -> String {
    format!("INV#{}", mac.as_str())
}
/// A mailed link by the hash of its token, and what a browser asked for by the hash of what it holds.
pub(crate) fn one_time(hash: &str) -> String {
    format!("ML#{hash}")
}
/// A person, in whichever firm: factors, and the browsers it signed in with.
pub(crate) fn person(person: &PersonId) -> String {
    format!("P#{person}")
}
pub(crate) fn device(hash: &str) -> String {
    format!("{DEVICES}{hash}")
}
/// A connection to a provider of single sign-on.
pub(crate) fn connection(id: &domain::ConnectionId) -> String {
    format!("SSO#{id}")
}
/// Which connections a firm has.
pub(crate) fn connections(firm: &FirmId) -> String {
    format!("SSOF#{firm}")
}
pub(crate) fn domain(domain: &domain::sso::Domain) -> String {
    format!("DOM#{domain}")
}
/// What a browser was sent to a provider with, by the hash of what it holds.
pub(crate) fn sso_request(browser: &str) -> String {
    format!("OIDC#{browser}")
}
/// An assertion that was used.
pub(crate) fn assertion(hash: &str) -> String {
    format!("SAML#{hash}")
}
/// A provider's name for somebody, beside its connection.
pub(crate) fn subject(hash: &str) -> String {
    format!("SUB#{hash}")
}
/// Beside an address: which name of a connection it is bound to.
pub(crate) fn bound_by(connection: &domain::ConnectionId) -> String {
    format!("SSO#{connection}")
}
/// A counter of one subject in one window of time.
pub(crate) fn rate(scope: &str, subject_hash: &str, window: i64) -> String {
    format!("RL#{scope}#{subject_hash}#{window}")
}
pub(crate) fn membership_of(firm: &FirmId, name: &str) -> String {
    format!("{MEMBERSHIPS}{firm}#{name}")
}
pub(crate) fn invitation(firm: &FirmId, membership: &str) -> String {
    format!("{firm}#{membership}")
}
/// Where a reply address is looked up.
pub(crate) fn reply(id: &ReplyId) -> String {
    format!("RA#{id}")
}
/// Of a text message, by the text service's id of it.
pub(crate) fn text(provider_id: &str) -> String {
    format!("TX#{provider_id}")
}
/// That a mail was taken into a conversation, so that it is taken once: with the messages, and as long as they are kept.
pub(crate) fn taken(mail: &str) -> String {
    format!("TAKEN#{mail}")
}
/// The documents that were made of a mail's files, so that they are made once.
pub(crate) fn taken_files(mail: &str) -> String {
    format!("{}#FILES", taken(mail))
}
pub(crate) fn order(id: &str) -> String {
    format!("{ORDERS}{id}")
}
/// A client as its firm lists it.
pub(crate) fn listed_client(client: &ClientId) -> String {
    format!("{CLIENTS}{client}")
}
/// People who belong to the firm (`FIRM`), or to one client.
pub(crate) fn people_of(membership: &str) -> String {
    format!("{PEOPLE}{membership}#")
}
/// A person as the firm lists it, once for each of its memberships.
pub(crate) fn listed_person(membership: &str, person: &PersonId) -> String {
    format!("{}{person}", people_of(membership))
}
/// Beside what every role of the firm reads: this client is archived.
pub(crate) fn archived(client: &ClientId) -> String {
    format!("{ARCHIVED}{client}")
}
pub(crate) fn archived_client(sk: &str) -> Option<ClientId> {
    ClientId::parse(sk.strip_prefix(ARCHIVED)?).ok()
}
pub(crate) fn logo(hash: &str) -> String {
    format!("LOGO#{hash}")
}
/// What was decided in one round of the review of access.
pub(crate) fn reviewed_in(round: u32) -> String {
    format!("REVIEWED#{round:06}#")
}
pub(crate) fn reviewed(round: u32, membership: &str, person: &PersonId) -> String {
    format!("{}{membership}#{person}", reviewed_in(round))
}
/// A client on the partners' board.
pub(crate) fn board(client: &ClientId) -> String {
    format!("{BOARD}{client}")
}
/// What a retried request of one person is recognised by, outside of any client.
pub(crate) fn repeated(person: &PersonId, key: &str) -> String {
    format!("IDEM#{person}#{key}")
}
/// A firm in the operators' list.
pub(crate) fn listed_firm(firm: &FirmId) -> String {
    format!("{LISTED_FIRMS}{firm}")
}
pub(crate) fn platform_firm(firm: &FirmId) -> String {
    format!("FIRM#{firm}")
}
/// Beside a firm: that it was to be closed or opened.
pub(crate) fn turn(change: &FirmChangeId) -> String {
    format!("{TURNS}{change}")
}
pub(crate) fn admission(id: &AdmissionId) -> String {
    format!("{ADMISSION}{id}")
}
/// Beside a firm: how much it used on a day.
pub(crate) fn usage(day: domain::Date) -> String {
    format!("{USAGE}{day}")
}

pub(crate) const SETTINGS: &str = "SETTINGS";
pub(crate) const ARCHIVED: &str = "ARCHIVED#";
pub(crate) const REVIEW: &str = "REVIEW";
/// In a home: when somebody came in last.
pub(crate) const LAST_SIGN_IN: &str = "LAST";
const ORDERS_OF_CLIENT: &str = "#ORD";
const PARCELS_OF_CLIENT: &str = "#VND";
const INTERNAL: &str = "#INT";
pub(crate) const CLIENTS: &str = "CLIENT#";
pub(crate) const PEOPLE: &str = "PERSON#";
pub(crate) const BOARD: &str = "C#";
pub(crate) const TURNS: &str = "TURN#";
pub(crate) const ADMISSION: &str = "ADM#";
/// The operators' list of admissions.
pub(crate) const ADMISSIONS: &str = "ADMISSIONS";
pub(crate) const USAGE: &str = "USE#";
/// How much was filed for a client.
pub(crate) const FILED: &str = "FILED";
/// The operators' list of firms.
pub(crate) const FIRMS: &str = "FIRMS";
pub(crate) const LISTED_FIRMS: &str = "F#";
pub(crate) const DATA_KEY: &str = "DEK#1";
pub(crate) const REPLY: &str = "A";
pub(crate) const SESSION: &str = "S";
pub(crate) const SESSION_HASH: &str = "H";
pub(crate) const LINK: &str = "L";
pub(crate) const CONNECTION: &str = "C";
pub(crate) const SSO_REQUEST: &str = "R";
/// A passkey that a browser was asked for, beside links under the hash of a one-time token.
pub(crate) const CEREMONY: &str = "W";
pub(crate) const FACTORS: &str = "FACTORS";
pub(crate) const DEVICES: &str = "DEVICE#";
/// In a home: a partner has ordered that the person's factors are given up.
pub(crate) const RESET: &str = "RESET";
/// What a firm asks of its people when they sign in.
pub(crate) const SIGN_IN: &str = "SIGNIN";
pub(crate) const COUNTER: &str = "N";
pub(crate) const PERSON: &str = "PERSON";
pub(crate) const FIRM: &str = "FIRM";

/// Whose partition a key names, among those whose changes are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    Client { firm: FirmId, client: ClientId },
    Messages { firm: FirmId, client: ClientId },
    Outbox { firm: FirmId, client: ClientId },
    Orders { firm: FirmId, client: ClientId },
    Home { firm: FirmId, person: PersonId },
    Digest { firm: FirmId, person: PersonId },
    Firm { firm: FirmId },
    Public { firm: FirmId },
    Newsletters { firm: FirmId },
    Admissions { firm: FirmId },
    Platform { firm: FirmId },
}

impl Owner {
    pub(crate) fn of(pk: &str) -> Option<Owner> {
        let parts: Vec<&str> = pk.split('#').collect();
        let firm = FirmId::parse(parts.get(1)?).ok()?;
        match *parts {
            ["T", _] => Some(Owner::Firm { firm }),
            ["T", _, "PUB"] => Some(Owner::Public { firm }),
            ["T", _, "NL"] => Some(Owner::Newsletters { firm }),
            ["T", _, "ADM"] => Some(Owner::Admissions { firm }),
            ["T", _, "C", client] => Some(Owner::Client { firm, client: ClientId::parse(client).ok()? }),
            ["T", _, "C", client, "MSG"] => Some(Owner::Messages { firm, client: ClientId::parse(client).ok()? }),
            ["T", _, "C", client, "OB"] => Some(Owner::Outbox { firm, client: ClientId::parse(client).ok()? }),
            ["T", _, "C", client, "ORD"] => Some(Owner::Orders { firm, client: ClientId::parse(client).ok()? }),
            ["T", _, "U", person, "DIG"] => Some(Owner::Digest { firm, person: PersonId::parse(person).ok()? }),
            ["T", _, "U", person] => Some(Owner::Home { firm, person: PersonId::parse(person).ok()? }),
            ["FIRM", _] => Some(Owner::Platform { firm }),
            _ => None,
        }
    }
}
