//! Pictures of a document's first pages. They lie beside its words, so that whatever takes those away takes these, and
//! whoever may not read the one reads none of the other. Nobody is given one as it lies there: each look has its own copy.

use access::{ClientJob, ObjectsScope};
use domain::DocumentId;
use domain::document::{Audience, Document};
use domain::limits;
use domain::permissions::DownloadDocuments;

use crate::commit::AuditReceipt;
use crate::error::{During as _, StorageError};
use crate::objects::{ClientObjects, Handing, ObjectKeys};

const CONTENT_TYPE: &str = "image/jpeg";

impl ObjectKeys {
    /// Of a page, counted from 1. A version's pictures have its name, so that a try that is repeated leaves nothing behind.
    fn preview(&self, document: &DocumentId, audience: Audience, filed_as: &str, page: u32) -> String {
        format!("derived/{}/{document}/pages/{filed_as}/{page}", self.place(audience))
    }
}

impl ClientObjects<'_, ClientJob<'_>> {
    pub async fn put_preview(
        &self,
        document: &Document,
        filed_as: &str,
        page: u32,
        jpeg: Vec<u8>,
        key_arn: &str,
    ) -> Result<(), StorageError> {
        let key = self.keys.preview(&document.id, document.visibility.audience(), filed_as, page);
        self.put(&key, jpeg, key_arn).content_type(CONTENT_TYPE).send().await.during("keep a page's picture")?;
        Ok(())
    }
}

impl ClientObjects<'_, ObjectsScope<DownloadDocuments>> {
    /// A page's picture, to make the reader's copy of it.
    pub async fn preview(
        &self,
        _receipt: &AuditReceipt,
        document: &Document,
        filed_as: &str,
        page: u32,
    ) -> Result<Vec<u8>, StorageError> {
        let key = self.keys.preview(&document.id, document.visibility.audience(), filed_as, page);
        let found = self.get(&key, limits::PREVIEW_BYTES_MAX).await?;
        found.ok_or_else(|| StorageError::bug("read a page's picture", "there is none"))
    }

    /// Stores a copy made for one look and gives the address to show it from, for a minute.
    pub async fn vend_preview(
        &self,
        receipt: &AuditReceipt,
        document: &Document,
        (page, copy): (u32, Vec<u8>),
        key_arn: &str,
        bucket_origin: &str,
    ) -> Result<String, StorageError> {
        let name = format!("page-{page}.jpg");
        let key = self.keys.vended(receipt.event(), document.visibility.audience(), &name);
        let put = self.put(&key, copy, key_arn).content_type(CONTENT_TYPE);
        put.send().await.during("store a copy of a page's picture")?;
        self.link(key, Handing { disposition: "inline", content_type: CONTENT_TYPE, bucket_origin }).await
    }
}

#[cfg(test)]
mod tests {
    use domain::{ClientId, FirmId};

    use super::*;

    /// What deletes and erases documents goes by this.
    #[test]
    fn pictures_lie_beside_the_words_of_their_document() {
        let (firm, client) = (FirmId::from_bits(1), ClientId::from_bits(2));
        let keys = ObjectKeys::new(&firm, &client);
        let document = DocumentId::from_bits(3);
        for (audience, word) in [(Audience::Open, "open"), (Audience::Internal, "int")] {
            let text = keys.text(&document, audience);
            let beside = text.strip_suffix("text").unwrap();
            assert_eq!(keys.preview(&document, audience, "F", 2), format!("{beside}pages/F/2"));
            assert!(beside.contains(word), "{beside}");
        }
    }
}
