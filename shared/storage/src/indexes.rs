//! A client's search index: bundles of bytes, each sealed under the client's own key and bound to its place, and the
//! pointer that says which of them holds. A bundle is never changed; the next one gets a name of its own.

use access::{ClientJob, ClientScope, ObjectsScope, OneClient};
use crypto::Aad;
use domain::document::Audience;
use domain::permissions::SearchDocuments;
use serde::{Deserialize, Serialize};

use crate::client::ClientStore;
use crate::commit::{self, Write};
use crate::error::StorageError;
use crate::item;
use crate::keys;
use crate::objects::ClientObjects;

/// More than 10,000 documents of a client amount to; memory is reserved for no more.
const BUNDLE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Which bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPointer {
    /// A ULID, the bundle's name.
    pub generation: String,
    /// The object that it is.
    pub key: String,
    /// The bundle that held before, kept for whoever is reading it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Entries in it.
    pub count: u64,
    pub version: u64,
}

impl<S: OneClient> ClientStore<'_, S> {
    /// None before the first document of the audience was indexed, and for whoever does not reach it.
    pub async fn index_pointer(&self, audience: Audience) -> Result<Option<IndexPointer>, StorageError> {
        if !self.scope.viewer().reaches(audience) {
            return Ok(None);
        }
        let found = self.get(self.keys.of(audience), keys::index(audience).to_owned()).await?;
        found.map(item::read).transpose()
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Lets a stored bundle hold from now on, if nothing else has come to hold since `before` was read. It follows from
    /// what is audited already, so it is no event.
    pub async fn move_index(
        &self,
        before: Option<&IndexPointer>,
        bundle: &StoredBundle,
        count: u64,
    ) -> Result<(), StorageError> {
        let version = before.map_or(0, |pointer| pointer.version);
        let next = IndexPointer {
            generation: bundle.generation.clone(),
            key: bundle.key.clone(),
            before: before.map(|pointer| pointer.generation.clone()),
            count,
            version: version + 1,
        };
        let audience = bundle.audience;
        let row = item::row(self.keys.of(audience), keys::index(audience), &next)?;
        let write = match before {
            Some(_) => Write::replace(self.table(), row, version)?,
            None => Write::create(self.table(), row)?,
        };
        commit::transact(&self.dynamo, vec![write]).await
    }
}

/// A bundle that lies in the bucket and may come to hold.
#[derive(Debug)]
pub struct StoredBundle {
    audience: Audience,
    generation: String,
    key: String,
}

impl ClientObjects<'_, ClientJob<'_>> {
    /// Stores a bundle under the name of a new generation.
    pub async fn put_bundle(
        &self,
        store: &ClientStore<'_, ClientJob<'_>>,
        audience: Audience,
        generation: String,
        bundle: &[u8],
        key_arn: &str,
    ) -> Result<StoredBundle, StorageError> {
        let key = self.keys.index(audience, &generation);
        let sealed = store.seal(bundle, &place(&store.keys.data(), &key)).await?;
        self.put(&key, sealed, key_arn)
            .send()
            .await
            .map_err(|error| StorageError::bug("store a search index", error))?;
        Ok(StoredBundle { audience, generation, key })
    }

    /// The bundle that holds; none where it is not to be had, or does not open.
    pub async fn bundle(
        &self,
        store: &ClientStore<'_, ClientJob<'_>>,
        audience: Audience,
        pointer: &IndexPointer,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        read(self, store, audience, pointer).await
    }

    /// Lets go of a bundle that no reader has in hand any more.
    pub async fn remove_bundle(&self, audience: Audience, generation: &str) -> Result<(), StorageError> {
        let key = self.keys.index(audience, generation);
        let request = self.s3.delete_object().bucket(&self.aws.settings().bucket_documents).key(key);
        request.send().await.map_err(|error| StorageError::bug("remove a search index", error))?;
        Ok(())
    }
}

impl ClientObjects<'_, ObjectsScope<SearchDocuments>> {
    /// The bundle that holds; none where it is not to be had, or does not open: the indexer makes it anew.
    pub async fn bundle(
        &self,
        store: &ClientStore<'_, ClientScope<SearchDocuments>>,
        audience: Audience,
        pointer: &IndexPointer,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        read(self, store, audience, pointer).await
    }
}

/// The object is named by the scope's own keys and the pointer's generation, never by what the pointer calls its key.
async fn read<S, O: OneClient>(
    objects: &ClientObjects<'_, S>,
    store: &ClientStore<'_, O>,
    audience: Audience,
    pointer: &IndexPointer,
) -> Result<Option<Vec<u8>>, StorageError> {
    let key = objects.keys.index(audience, &pointer.generation);
    let (sealed, data_key) = tokio::join!(objects.get_in_parts(&key, BUNDLE_BYTES_MAX), store.data_key());
    let (Some(sealed), data_key) = (sealed?, data_key?) else { return Ok(None) };
    Ok(data_key.open(&sealed, &place(&store.keys.data(), &key)).ok())
}

fn place<'a>(pk: &'a str, key: &'a str) -> Aad<'a> {
    Aad { table: "index", pk, sk: key, attribute: "bundle" }
}
