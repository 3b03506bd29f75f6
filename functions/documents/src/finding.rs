//! Finding words in one client's documents: the bundle that holds, opened once and kept.

use std::sync::Arc;

use access::{ClientScope, ObjectsScope, OneClient};
use domain::document::Audience;
use domain::limits;
use domain::permissions::SearchDocuments;
use search::{Index, Query, QueryRefused, Viewer};
use storage::{ClientObjects, ClientStore};
use web::{App, Failure};

use crate::cache::{Cache, Key};
use crate::merge::{self, Marked};

static INDEXES: Cache<Index> = Cache::new(limits::INDEXES_KEPT_BYTES_MAX);

type Rows<'a> = ClientStore<'a, ClientScope<SearchDocuments>>;

/// Pointers followed in one search, before it is given up: each was moved while its bundle was asked for.
const POINTERS_MAX: usize = 3;

/// Hits for the scope's own viewer, whoever the query says: in what is shared, and for those of the firm who may see it in
/// what the firm keeps to itself.
pub(crate) async fn hits(
    app: &App,
    store: &Rows<'_>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
    query: Query,
) -> Result<Vec<Marked>, Failure> {
    let query = Query { viewer: viewer(&scope.viewer()), ..query };
    let (open, internal) = tokio::join!(
        index(app, store, scope, objects, Audience::Open),
        index(app, store, scope, objects, Audience::Internal),
    );
    let shared = open?.into_iter().map(|index| (index, false));
    let indexes: Vec<(Arc<Index>, bool)> = shared.chain(internal?.into_iter().map(|index| (index, true))).collect();
    aside(move || in_all(&indexes, query)).await?.map_err(refused)
}

/// As whom an index is asked. Admins see all that their company does.
pub(crate) fn viewer(viewer: &domain::document::Viewer) -> Viewer {
    match viewer {
        domain::document::Viewer::Client { person, admin: false } => Viewer::Client(person.clone()),
        domain::document::Viewer::Client { admin: true, .. } | domain::document::Viewer::Firm { .. } => Viewer::Firm,
    }
}

/// The hits of several indexes as those of one: a slip is forgiven only where none of them has the words as typed.
fn in_all(indexes: &[(Arc<Index>, bool)], query: Query) -> Result<Vec<Marked>, QueryRefused> {
    let marked = |(index, internal): &(Arc<Index>, bool), query: &Query| -> Result<Vec<Marked>, QueryRefused> {
        Ok(index.query(query)?.into_iter().map(|hit| (hit, *internal)).collect())
    };
    if let [only] = indexes {
        return marked(only, &query);
    }
    let (limit, offset, strictly) = (query.limit, query.offset, query.strictly);
    let ask = |strictly: bool| -> Result<Vec<Marked>, QueryRefused> {
        // Any page could be of one index alone.
        let query = Query { strictly, limit: limit + offset, offset: 0, ..query.clone() };
        let lists: Vec<Vec<Marked>> = indexes.iter().map(|index| marked(index, &query)).collect::<Result<_, _>>()?;
        Ok(lists.concat())
    };
    let mut hits = ask(true)?;
    if hits.is_empty() && !strictly {
        hits = ask(false)?;
    }
    hits.sort_by(|(a, _), (b, _)| merge::better_first(a, b));
    Ok(hits.into_iter().skip(offset).take(limit).collect())
}

/// None before the first document of the audience was indexed, and for whoever does not reach it. The pointer is read with
/// the client's scope each time, so that nothing kept outlives the right to it.
async fn index(
    app: &App,
    store: &Rows<'_>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
    audience: Audience,
) -> Result<Option<Arc<Index>>, Failure> {
    let mut followed: Vec<String> = Vec::new();
    while followed.len() < POINTERS_MAX {
        let Some(pointer) = store.index_pointer(audience).await? else { return Ok(None) };
        let key = Key {
            firm: scope.client_firm().clone(),
            client: scope.client().clone(),
            audience,
            generation: pointer.generation.clone(),
        };
        if let Some(index) = INDEXES.get(&key) {
            return Ok(Some(index));
        }
        if let Some(bundle) = ClientObjects::open(app.aws(), objects).bundle(store, audience, &pointer).await? {
            let bytes = bundle.len();
            let index = Arc::new(aside(move || Index::open(&bundle)).await?.map_err(Failure::bug)?);
            INDEXES.keep(key, Arc::clone(&index), bytes);
            return Ok(Some(index));
        }
        if followed.contains(&pointer.generation) {
            break;
        }
        followed.push(pointer.generation);
    }
    Err(Failure::bug("the search index is not to be had, or does not open"))
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
