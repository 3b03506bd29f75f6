//! Every version of a client's objects, listed and deleted by the worker that may: under each stage and for each
//! audience, whatever was filed there. It reads none of them.

use access::{ClientJob, OneClient};
use aws_sdk_s3::types::{Tag, Tagging};
use domain::{DocumentId, limits};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::error::{During, StorageError};
use crate::objects::ClientObjects;

/// Where a document can have left something: as it came, as it was filed, what was derived from it.
const STAGES_OF_DOCUMENT: [&str; 3] = ["quarantine", "clean", "derived"];
const STAGES: [&str; 5] = ["quarantine", "clean", "derived", "index", "vended"];
const AUDIENCES: [&str; 3] = ["open", "bill", "int"];

/// By this tag the bucket's lifecycle knows what is to lie where keeping costs less.
const ARCHIVE_TAG: (&str, &str) = ("archive", "yes");

/// One version of one object, or the mark of a deletion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectVersion {
    key: String,
    version: String,
    /// What a reader without a version gets.
    latest: bool,
    mark: bool,
}

impl ClientObjects<'_, ClientJob<'_>> {
    /// Every version of what a document left behind.
    pub async fn versions_of(&self, document: &DocumentId) -> Result<Vec<ObjectVersion>, StorageError> {
        let place = self.place();
        let under = |stage: &str, audience: &str| format!("{stage}/{place}/{audience}/{document}");
        let prefixes: Vec<String> =
            STAGES_OF_DOCUMENT.iter().flat_map(|stage| AUDIENCES.map(|audience| under(stage, audience))).collect();
        let listed: Vec<Vec<ObjectVersion>> = stream::iter(prefixes)
            .map(|prefix| async move { self.versions(&prefix, usize::MAX).await })
            .buffered(limits::RETENTION_CALLS_AT_ONCE)
            .try_collect()
            .await?;
        Ok(listed.into_iter().flatten().collect())
    }

    /// Versions of anything of the client's, up to a number.
    pub async fn any_versions(&self, count_max: usize) -> Result<Vec<ObjectVersion>, StorageError> {
        let mut found = Vec::new();
        for stage in STAGES {
            let prefix = format!("{stage}/{}/", self.place());
            found.extend(self.versions(&prefix, count_max.saturating_sub(found.len())).await?);
        }
        Ok(found)
    }

    async fn versions(&self, prefix: &str, count_max: usize) -> Result<Vec<ObjectVersion>, StorageError> {
        let mut found = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        while found.len() < count_max {
            let page = self
                .s3
                .list_object_versions()
                .bucket(&self.aws.settings().bucket_documents)
                .prefix(prefix)
                .set_key_marker(key_marker.take())
                .set_version_id_marker(version_marker.take())
                .send()
                .await
                .during("list versions of objects")?;
            for version in page.versions() {
                if let (Some(key), Some(id)) = (version.key(), version.version_id()) {
                    let latest = version.is_latest().unwrap_or(false);
                    found.push(ObjectVersion { key: key.to_owned(), version: id.to_owned(), latest, mark: false });
                }
            }
            for mark in page.delete_markers() {
                if let (Some(key), Some(id)) = (mark.key(), mark.version_id()) {
                    found.push(ObjectVersion {
                        key: key.to_owned(),
                        version: id.to_owned(),
                        latest: false,
                        mark: true,
                    });
                }
            }
            if !page.is_truncated().unwrap_or(false) {
                break;
            }
            (key_marker, version_marker) =
                (page.next_key_marker().map(str::to_owned), page.next_version_id_marker().map(str::to_owned));
        }
        found.truncate(count_max);
        Ok(found)
    }

    /// Deletes these versions for good. One that is gone already is no failure.
    pub async fn delete_versions(&self, versions: Vec<ObjectVersion>) -> Result<(), StorageError> {
        stream::iter(versions)
            .map(Ok)
            .try_for_each_concurrent(limits::RETENTION_CALLS_AT_ONCE, |one| async move {
                let request = self.s3.delete_object().bucket(&self.aws.settings().bucket_documents);
                let deleted = request.key(one.key).version_id(one.version).send().await;
                deleted.during("delete a version of an object").map(|_| ())
            })
            .await
    }

    /// Marks the filed originals among these for the bucket's lifecycle, which moves them where keeping costs less and
    /// reading works as before. Nothing is copied, so nothing has to be read.
    pub async fn archive_versions(&self, versions: &[ObjectVersion]) -> Result<(), StorageError> {
        let (name, value) = ARCHIVE_TAG;
        let tag = Tag::builder().key(name).value(value).build().during("archive an object")?;
        let tags = Tagging::builder().tag_set(tag).build().during("archive an object")?;
        for one in versions.iter().filter(|one| one.is_original()) {
            let request = self.s3.put_object_tagging().bucket(&self.aws.settings().bucket_documents);
            let tagged = request.key(&one.key).version_id(&one.version).tagging(tags.clone()).send().await;
            tagged.during("archive an object")?;
        }
        Ok(())
    }

    fn place(&self) -> String {
        format!("t/{}/c/{}", self.scope.client_firm(), self.scope.client())
    }
}

impl ObjectVersion {
    pub fn is_original(&self) -> bool {
        self.latest && !self.mark && self.key.starts_with("clean/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_filed_is_archived() {
        let check = |key: &str, latest, mark, want| {
            let one = ObjectVersion { key: key.into(), version: "v".into(), latest, mark };
            assert_eq!(one.is_original(), want, "{one:?}");
        };
        check("clean/t/1/c/2/open/3/4", true, false, true);
        check("clean/t/1/c/2/open/3/4", false, false, false);
        check("clean/t/1/c/2/open/3/4", false, true, false);
        check("derived/t/1/c/2/open/3/text", true, false, false);
    }
}
