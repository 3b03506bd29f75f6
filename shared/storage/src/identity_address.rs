//! Addresses as they are looked up: by a keyed hash, so that whoever reads a table cannot try addresses against it.

use access::Keys;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;
use crypto::Mac;
use domain::EmailAddress;

use crate::aws::Aws;
use crate::error::{During, StorageError};

impl Aws {
    /// By a worker's role.
    pub async fn address_mac(&self, keys: &Keys, address: &EmailAddress) -> Result<Mac, StorageError> {
        self.mac(&self.kms(keys), address).await
    }

    /// By the execution role, for the one function that has the key itself.
    pub async fn address_mac_as_function(&self, address: &EmailAddress) -> Result<Mac, StorageError> {
        self.mac(&Client::new(self.own()), address).await
    }

    async fn mac(&self, kms: &Client, address: &EmailAddress) -> Result<Mac, StorageError> {
        let answer = kms
            .generate_mac()
            .key_id(&self.settings().address_key)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(Blob::new(address.as_str()))
            .send()
            .await
            .during("look up an address")?;
        let bytes = answer.mac.unwrap_or_else(|| Blob::new([]));
        if bytes.as_ref().len() != 32 {
            return Err(StorageError::bug("look up an address", "the key service answered no hash"));
        }
        Ok(Mac::new(bytes.as_ref()))
    }
}
