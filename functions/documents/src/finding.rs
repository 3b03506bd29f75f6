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

/// The pointer is read with the client's scope each time, so that nothing kept outlives the right to it.
pub(crate) async fn hits(
    app: &App,
    store: &Rows<'_>,
    scope: &ClientScope<SearchDocuments>,
    objects: &ObjectsScope<SearchDocuments>,
    query: Query,
) -> Result<Vec<Hit>, Failure> {
    let Some(pointer) = store.index_pointer().await? else { return Ok(Vec::new()) };
    let key = Key {
        firm: scope.client_firm().clone(),
        client: scope.client().clone(),
        audience: OPEN,
        generation: pointer.generation.clone(),
    };
    let index = match INDEXES.get(&key) {
        Some(index) => index,
        None => {
            let bundle = ClientObjects::open(app.aws(), objects).bundle(store, &pointer).await?;
            let bundle = bundle.ok_or_else(|| Failure::bug("the search index is not to be had, or does not open"))?;
            let bytes = bundle.len();
            let index = aside(move || Index::open(&bundle)).await?.map_err(Failure::bug)?;
            let index = Arc::new(index);
            INDEXES.keep(key, Arc::clone(&index), bytes);
            index
        }
    };
    aside(move || index.query(&query)).await?.map_err(refused)
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
