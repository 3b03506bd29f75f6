//! Uploads that are too large for memory: looked at by their ends, read in windows for their digests, and filed by a
//! copy that storage makes by itself.

use std::future::Future;

use access::ClientJob;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, ServerSideEncryption};
use domain::document::Document;
use domain::limits;

use crate::error::{During, StorageError};
use crate::objects::{self, ClientObjects};

/// A large upload under one version, as storage describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LargeUpload {
    There {
        size_bytes: u64,
    },
    /// Not under the firm's key: no ticket of ours has sent it.
    ForeignKey,
    /// The lifecycle has removed it.
    Gone,
}

impl ClientObjects<'_, ClientJob<'_>> {
    /// What storage says of an upload, without its bytes.
    pub async fn describe_upload(
        &self,
        document: &Document,
        object_version: &str,
        key_arn: &str,
    ) -> Result<LargeUpload, StorageError> {
        let request = self
            .s3
            .head_object()
            .bucket(&self.aws.settings().bucket_documents)
            .key(self.keys.upload(&document.id, document.visibility.audience()))
            .version_id(object_version);
        let found = match request.send().await {
            Ok(found) => found,
            // An answer to HEAD has no body, and so no words.
            Err(error) if matches!(error.code(), Some("NotFound" | "NoSuchKey" | "NoSuchVersion")) => {
                return Ok(LargeUpload::Gone);
            }
            Err(error) => return Err(StorageError::bug("look at an upload", error)),
        };
        let under_key = found.server_side_encryption() == Some(&ServerSideEncryption::AwsKms);
        if !under_key || found.ssekms_key_id() != Some(key_arn) {
            return Ok(LargeUpload::ForeignKey);
        }
        let size_bytes = found.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        Ok(LargeUpload::There { size_bytes })
    }

    /// Up to a window of an upload's bytes.
    pub async fn upload_window(
        &self,
        document: &Document,
        object_version: &str,
        from: u64,
        count: u64,
    ) -> Result<Vec<u8>, StorageError> {
        let count = count.min(limits::DOCUMENT_WINDOW_BYTES);
        let found = self
            .s3
            .get_object()
            .bucket(&self.aws.settings().bucket_documents)
            .key(self.keys.upload(&document.id, document.visibility.audience()))
            .version_id(object_version)
            .range(format!("bytes={from}-{}", from + count.max(1) - 1))
            .customize()
            .config_override(objects::patient())
            .send()
            .await
            .during("read a part of an upload")?;
        let bytes = objects::bounded(found, count).await?;
        let bytes =
            bytes.ok_or_else(|| StorageError::bug("read a part of an upload", "more came than was asked for"))?;
        if bytes.len() as u64 == count {
            Ok(bytes)
        } else {
            Err(StorageError::bug("read a part of an upload", "less came than was asked for"))
        }
    }

    /// Files an upload by a copy within storage, window by window and several at a time. Done again, it is the same.
    pub async fn file_copy(
        &self,
        document: &Document,
        object_version: &str,
        size_bytes: u64,
        filed_as: &str,
        content_type: &str,
        key_arn: &str,
    ) -> Result<(), StorageError> {
        let bucket = &self.aws.settings().bucket_documents;
        let (from, to) = (
            self.keys.upload(&document.id, document.visibility.audience()),
            self.keys.original(&document.id, document.visibility.audience(), filed_as),
        );
        let begun = self.begin_parts(&to, content_type, key_arn).send().await;
        let begun = begun.during("begin to file a large document")?;
        let upload = begun.upload_id.unwrap_or_default();
        // Keys and versions are of letters that need no escape.
        let source = format!("{bucket}/{from}?versionId={object_version}");
        let copy = |number: usize| {
            let first = number as u64 * limits::DOCUMENT_WINDOW_BYTES;
            let last = (first + limits::DOCUMENT_WINDOW_BYTES).min(size_bytes) - 1;
            let number = i32::try_from(number + 1).unwrap_or(0);
            let request = self.s3.upload_part_copy().bucket(bucket).key(&to).upload_id(&upload).part_number(number);
            let request = request.copy_source(&source).copy_source_range(format!("bytes={first}-{last}"));
            async move {
                let copied = request.customize().config_override(objects::patient()).send().await;
                let copied = copied.during("copy a part of a large document")?;
                let etag = copied.copy_part_result.and_then(|result| result.e_tag).unwrap_or_default();
                Ok::<_, StorageError>(CompletedPart::builder().part_number(number).e_tag(etag).build())
            }
        };
        let count = usize::try_from(size_bytes.div_ceil(limits::DOCUMENT_WINDOW_BYTES)).unwrap_or(usize::MAX);
        let copied = match few_at_once(count, copy).await {
            Ok(copied) => copied,
            Err(error) => {
                let abort = self.s3.abort_multipart_upload().bucket(bucket).key(&to).upload_id(&upload);
                // The lifecycle would do the same in a day.
                let _ = abort.send().await;
                return Err(error);
            }
        };
        self.s3
            .complete_multipart_upload()
            .bucket(bucket)
            .key(&to)
            .upload_id(&upload)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(copied)).build())
            .customize()
            .config_override(objects::patient())
            .send()
            .await
            .during("file a large document")?;
        Ok(())
    }
}

/// Makes `count` futures by their places and waits for all, a few of them at a time; the first failure ends it.
async fn few_at_once<T, F>(count: usize, make: impl Fn(usize) -> F) -> Result<Vec<T>, StorageError>
where
    F: Future<Output = Result<T, StorageError>>,
{
    let mut done = Vec::with_capacity(count);
    for first in (0..count).step_by(limits::DOCUMENT_COPIES_AT_ONCE) {
        let batch = first..count.min(first + limits::DOCUMENT_COPIES_AT_ONCE);
        done.extend(futures::future::try_join_all(batch.map(&make)).await?);
    }
    Ok(done)
}
