//! Addresses as they are looked up: by a keyed hash, so that whoever reads a table cannot try addresses against it. The
//! same key of the key service makes the keys that seal what people prove themselves with.

use access::Keys;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;
use crypto::{DataKey, Mac};
use domain::reply::ReplyPlace;
use domain::{EmailAddress, ReplyId};

use crate::aws::Aws;
use crate::error::{During, StorageError};

impl Aws {
    /// By a worker's role.
    pub async fn address_mac(&self, keys: &Keys, address: &EmailAddress) -> Result<Mac, StorageError> {
        Ok(Mac::new(&self.keyed_hash(&self.kms(keys), address.as_str()).await?))
    }

    /// By the execution role, for the one function that has the key itself.
    pub async fn address_mac_as_function(&self, address: &EmailAddress) -> Result<Mac, StorageError> {
        Ok(Mac::new(&self.keyed_hash_as_function(address.as_str()).await?))
    }

    /// The key of what is sealed in one partition of the identity table. It is stored nowhere: whoever has the rows
    /// without the key service has nothing. No address looks like what is hashed here.
    pub(crate) async fn identity_key_as_function(&self, pk: &str) -> Result<DataKey, StorageError> {
        let key = self.keyed_hash_as_function(&format!("seal|{pk}")).await?;
        DataKey::new(&key).during("make a sealing key")
    }

    /// By the role of whoever sends notices: what a reply address holds.
    pub(crate) async fn reply_id(&self, keys: &Keys, place: &ReplyPlace) -> Result<ReplyId, StorageError> {
        let signed = self.keyed_hash(&self.kms(keys), &place.signed_text()).await?;
        ReplyId::of_mac(&signed).ok_or_else(|| StorageError::bug("make a reply address", "the hash is too short"))
    }

    /// By a worker's role. What is hashed begins with a word of its own, so that nothing stands for something else.
    pub(crate) async fn keyed_hash_by(&self, keys: &Keys, text: &str) -> Result<Vec<u8>, StorageError> {
        self.keyed_hash(&self.kms(keys), text).await
    }

    /// By the execution role of whoever receives answers, or signs people in.
    pub(crate) async fn keyed_hash_as_function(&self, text: &str) -> Result<Vec<u8>, StorageError> {
        self.keyed_hash(&Client::new(self.own()), text).await
    }

    /// 32 bytes that nobody can make without the key service.
    async fn keyed_hash(&self, kms: &Client, text: &str) -> Result<Vec<u8>, StorageError> {
        let answer = kms
            .generate_mac()
            .key_id(&self.settings().address_key)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(Blob::new(text))
            .send()
            .await
            .during("hash by the key service")?;
        let bytes = answer.mac.unwrap_or_else(|| Blob::new([])).into_inner();
        if bytes.len() != 32 {
            return Err(StorageError::bug("hash by the key service", "it answered no hash"));
        }
        Ok(bytes)
    }
}
