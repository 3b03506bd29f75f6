//! Files that came with a mail, on their way to become documents: announced once for each mail, in the name of whoever
//! sent them, then put where a form would have put them.

use access::ClientJob;
use domain::audit::Act;
use domain::document::Document;
use domain::request::Request;
use domain::{DocumentId, Moment, PersonId};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore};
use crate::commit::{AuditReceipt, Lost, Write};
use crate::documents_written::Announced;
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::objects::ClientObjects;
use crate::uploads::CONTENT_TYPE;

/// Of one mail, in the order of its files.
#[derive(Debug, Serialize, Deserialize)]
struct Taken {
    documents: Vec<DocumentId>,
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Whether the words of a mail were taken before.
    pub async fn has_taken(&self, mail: &str) -> Result<bool, StorageError> {
        Ok(self.get(self.keys.messages(), keys::taken(mail)).await?.is_some())
    }

    /// The documents that were made of a mail's files before; none where that is still to come.
    pub async fn files_taken(&self, mail: &str) -> Result<Option<Vec<DocumentId>>, StorageError> {
        let found = self.get(self.keys.messages(), keys::taken_files(mail)).await?;
        Ok(found.map(item::read::<Taken>).transpose()?.map(|taken| taken.documents))
    }

    /// Stores documents that await the files of a mail, in their sender's name, while that is still one of the team. Files
    /// of a mail that came before are done before. Stale if `counted` is no longer the number of the client's documents, or
    /// a list was changed meanwhile, or the sender is gone.
    pub async fn take_files(
        &self,
        documents: &[Document],
        counted: usize,
        lists: &[(Request, Request)],
        (mail, by): (&str, &PersonId),
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let Announced { mut writes, object, hash } = self.announced(documents, counted, lists).await?;
        let taken = Taken { documents: documents.iter().map(|document| document.id.clone()).collect() };
        let taken = item::row(self.keys.messages(), keys::taken_files(mail), &taken)?;
        writes.push(Write::put(self.table(), taken, Some(("attribute_not_exists(pk)", Item::new())), Lost::Repeated)?);
        let member = item::key(self.keys.data(), keys::team(by));
        writes.push(Write::check(self.table(), member, "attribute_exists(pk)", Lost::Stale)?);
        let draft = self.draft(Act::FilesTaken, object, moment).after(hash);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}

impl ClientObjects<'_, ClientJob<'_>> {
    /// The file of a document that waits for it, as a form would bring it: what follows is the same.
    pub async fn put_upload(&self, document: &Document, bytes: Vec<u8>, key_arn: &str) -> Result<(), StorageError> {
        let key = self.keys.upload(&document.id, document.visibility.audience());
        let put = self.put(&key, bytes, key_arn).content_type(CONTENT_TYPE);
        put.send().await.during("put a file down that came by mail")?;
        Ok(())
    }
}
