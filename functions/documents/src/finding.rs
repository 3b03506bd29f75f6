//! Finding words in one client's documents: the bundle that holds, opened once and kept.

use std::sync::Arc;

use access::{ClientScope, ObjectsScope, OneClient};
use domain::limits;
use domain::permissions::SearchDocuments;
use search::{Hit, Index, Query, QueryRefused};
use storage::{ClientObjects, ClientStore};
use web::{App, Failure};

use crate::cache::{Cache, Key};

static INDEXES: Cache<Index> = Cache::new(limits::INDEXES_KEPT_BYTES_MAX);

const OPEN: &str = "open";

type Rows<'a> = ClientStore<'a, ClientScope<SearchDocuments>>;

/// Pointers followed in one search, before it is given up: each was moved while its bundle was asked for.
const POINTERS_MAX: usize = 3;

/// The pointer is read with the client's scope each time, so that nothing kept outlives the right to it.
pub(crate) async fn hits(
    app: &App,
    store: &Rows<'_>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
    query: Query,
) -> Result<Vec<Hit>, Failure> {
    let Some(index) = index(app, store, scope, objects).await? else { return Ok(Vec::new()) };
    aside(move || index.query(&query)).await?.map_err(refused)
}

/// None before the first document was indexed.
async fn index(
    app: &App,
    store: &Rows<'_>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
) -> Result<Option<Arc<Index>>, Failure> {
    let mut followed: Vec<String> = Vec::new();
    while followed.len() < POINTERS_MAX {
        let Some(pointer) = store.index_pointer().await? else { return Ok(None) };
        let key = Key {
            firm: scope.client_firm().clone(),
            client: scope.client().clone(),
            audience: OPEN,
            generation: pointer.generation.clone(),
        };
        if let Some(index) = INDEXES.get(&key) {
            return Ok(Some(index));
        }
        if let Some(bundle) = ClientObjects::open(app.aws(), objects).bundle(store, &pointer).await? {
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
