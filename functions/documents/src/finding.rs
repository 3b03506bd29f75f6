//! Finding words in one client's documents: the bundle that holds, opened once and kept.

use std::sync::{Arc, Mutex};

use access::{ClientScope, ObjectsScope, OneClient, OnePerson};
use domain::document::{Audience, Document};
use domain::permissions::SearchDocuments;
use domain::{ClientId, DocumentId, PermissionName, Timestamp, limits};
use search::{EntryKind, Index, Query, QueryRefused, Viewer};
use storage::{ClientObjects, ClientStore};
use web::{App, Failure};

use crate::cache::{Cache, Key};
use crate::merge::{self, Found};

static INDEXES: Cache<Index> = Cache::new(limits::INDEXES_KEPT_BYTES_MAX);

type Rows<'a> = ClientStore<'a, ClientScope<SearchDocuments>>;

/// Pointers followed in one search, before it is given up: each was moved while its bundle was asked for.
const POINTERS_MAX: usize = 3;

/// What a client's indexes answered.
#[derive(Default)]
pub(crate) struct Looked {
    pub(crate) found: Vec<Found>,
    /// Something could not be looked through, and is being made anew.
    pub(crate) rebuilding: bool,
    /// Indexes of which nobody asked for another yet.
    pub(crate) broken: Vec<Audience>,
}

/// Hits for the scope's own viewer, whoever the query says: in what is shared, and for those of the firm who may see it in
/// what the firm keeps to itself.
pub(crate) async fn look(
    app: &App,
    store: &Rows<'_>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
    query: Query,
) -> Result<Looked, Failure> {
    let kinds = if scope.may(PermissionName::ReadMessages) {
        Vec::new()
    } else {
        vec![EntryKind::Document, EntryKind::Project]
    };
    let query = Query { viewer: viewer(&scope.viewer()), kinds, ..query };
    let (open, internal) = tokio::join!(
        index(app, store, scope, objects, Audience::Open),
        index(app, store, scope, objects, Audience::Internal),
    );
    let mut indexes = Vec::new();
    let mut broken = Vec::new();
    for (kept, internal) in [(open?, false), (internal?, true)] {
        match kept {
            Kept::Nothing => (),
            Kept::Opened(index) => indexes.push((index, internal)),
            Kept::Broken(key) => broken.push(key),
        }
    }
    let client = scope.client().clone();
    let found = aside(move || in_all(&client, &indexes, query)).await?.map_err(refused)?;
    let rebuilding = !broken.is_empty();
    let broken = broken.into_iter().filter(|key| is_news(key, app.now())).map(|key| key.audience).collect();
    Ok(Looked { found, rebuilding, broken })
}

/// Without what was taken from the viewer a moment ago: an index follows within seconds.
pub(crate) async fn still_seen(store: &Rows<'_>, found: Vec<Found>) -> Result<Vec<Found>, Failure> {
    let id = |found: &Found| {
        (found.hit.kind == EntryKind::Document).then(|| DocumentId::parse(&found.hit.id).ok()).flatten()
    };
    let ids: Vec<DocumentId> = found.iter().filter_map(id).collect();
    let seen = store.documents_named(&ids).await?;
    let is_seen = |found: &Found| id(found).is_none_or(|id| seen.get(&id).is_some_and(Document::is_found));
    Ok(found.into_iter().filter(is_seen).collect())
}

/// As whom an index is asked. Admins see all that their company does.
pub(crate) fn viewer(viewer: &domain::document::Viewer) -> Viewer {
    match viewer {
        domain::document::Viewer::Client { person, admin: false } => Viewer::Client(person.clone()),
        domain::document::Viewer::Client { admin: true, .. } | domain::document::Viewer::Firm { .. } => Viewer::Firm,
    }
}

/// The hits of several indexes as those of one: a slip is forgiven only where none of them has the words as typed.
fn in_all(client: &ClientId, indexes: &[(Arc<Index>, bool)], query: Query) -> Result<Vec<Found>, QueryRefused> {
    let ask = |query: &Query| -> Result<Vec<Vec<Found>>, QueryRefused> {
        let each = |(index, internal): &(Arc<Index>, bool)| {
            let found = |hit| Found { client: client.clone(), hit, internal: *internal };
            Ok(index.query(query)?.into_iter().map(found).collect())
        };
        indexes.iter().map(each).collect()
    };
    if indexes.len() < 2 {
        return Ok(ask(&query)?.concat());
    }
    // Any page could be of one index alone.
    let (limit, offset) = (query.limit, query.offset);
    let wanted = Query { strictly: true, limit: limit + offset, offset: 0, ..query.clone() };
    let mut lists = ask(&wanted)?;
    if lists.iter().all(Vec::is_empty) && !query.strictly {
        lists = ask(&Query { strictly: false, ..wanted })?;
    }
    Ok(merge::page(merge::merged(lists), offset, limit).0)
}

enum Kept {
    /// There is nothing to be found, or not for whoever looks.
    Nothing,
    Opened(Arc<Index>),
    /// There is none that opens.
    Broken(Key),
}

/// The pointer is read with the client's scope each time, so that nothing kept outlives the right to it.
async fn index(
    app: &App,
    store: &Rows<'_>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
    audience: Audience,
) -> Result<Kept, Failure> {
    let mut key =
        Key { firm: scope.client_firm().clone(), client: scope.client().clone(), audience, generation: String::new() };
    for _ in 0..POINTERS_MAX {
        let Some(pointer) = store.index_pointer(audience).await? else {
            // Before the first document, unless the pointer was lost.
            return Ok(if store.has_found(audience).await? { Kept::Broken(key) } else { Kept::Nothing });
        };
        let seen_before = key.generation == pointer.generation;
        key.generation.clone_from(&pointer.generation);
        if let Some(index) = INDEXES.get(&key) {
            return Ok(Kept::Opened(index));
        }
        // It may have been let go since the pointer was read: then another one holds.
        if seen_before {
            break;
        }
        if let Some(bundle) = ClientObjects::open(app.aws(), objects).bundle(store, audience, &pointer).await? {
            let bytes = bundle.len();
            match aside(move || Index::open(&bundle)).await? {
                Ok(index) => {
                    let index = Arc::new(index);
                    INDEXES.keep(key, Arc::clone(&index), bytes);
                    return Ok(Kept::Opened(index));
                }
                Err(why) => tracing::error!(error = web::chain(&why), "a search index that does not open"),
            }
        }
    }
    tracing::error!(audience = ?audience, "the search index is not to be had, or does not open");
    Ok(Kept::Broken(key))
}

/// Of which indexes this environment lately asked for another: everybody who searches meanwhile finds the same one broken.
static ASKED: Mutex<Vec<(Key, Timestamp)>> = Mutex::new(Vec::new());
const ASKED_SECONDS: i64 = 60;

fn is_news(key: &Key, now: Timestamp) -> bool {
    let Ok(mut asked) = ASKED.lock() else { return true };
    asked.retain(|(_, at)| now.as_second() - at.as_second() < ASKED_SECONDS);
    let is_news = asked.iter().all(|(other, _)| other != key);
    if is_news {
        asked.push((key.clone(), now));
    }
    is_news
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::bug)
}

fn refused(refused: QueryRefused) -> Failure {
    match refused {
        QueryRefused::TooLong { characters_max } => {
            Failure::Refused(format!("Search for at most {characters_max} characters."))
        }
        QueryRefused::TooManyWords { words_max } => Failure::Refused(format!("Search for at most {words_max} words.")),
        QueryRefused::TooFar { hits_max } => {
            Failure::Refused(format!("A search shows its best {hits_max} hits. Add a word to find fewer."))
        }
        QueryRefused::Engine(_) => Failure::bug(refused),
    }
}
