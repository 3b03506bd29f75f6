//! The bytes of a zip: originals read whole or in windows, the zip written in parts, and beside it what the next run goes
//! on from. A run that died is followed by one that begins at what was written down last.

use access::{ClientJob, ObjectsScope};
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use domain::document::{Audience, Document};
use domain::limits;
use domain::parcel::Parcel;
use domain::permissions::DownloadDocuments;

use crate::commit::AuditReceipt;
use crate::error::{During, StorageError};
use crate::objects::{self, ClientObjects, Handing, ObjectKeys};

/// What became of a part, or of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    Done(String),
    /// Storage knows no such upload: it was put together, or given up.
    Gone,
}

fn audience(parcel: &Parcel) -> Audience {
    if parcel.internal { Audience::Internal } else { Audience::Open }
}

impl ObjectKeys {
    fn zip(&self, parcel: &Parcel) -> String {
        format!("vended/{}/{}/zip", self.place(audience(parcel)), parcel.id)
    }

    fn zip_step(&self, parcel: &Parcel, step: &str) -> String {
        format!("vended/{}/{}/step-{step}", self.place(audience(parcel)), parcel.id)
    }
}

impl ClientObjects<'_, ClientJob<'_>> {
    /// A filed original of at most so many bytes. None if it is gone.
    pub async fn filed(
        &self,
        document: &Document,
        filed_as: &str,
        bytes_max: u64,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        self.get(&self.keys.original(&document.id, document.visibility.audience(), filed_as), bytes_max).await
    }

    /// Some bytes of a filed original. None if it is gone.
    pub async fn filed_window(
        &self,
        document: &Document,
        filed_as: &str,
        from: u64,
        count: u64,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let request = self
            .s3
            .get_object()
            .bucket(&self.aws.settings().bucket_documents)
            .key(self.keys.original(&document.id, document.visibility.audience(), filed_as))
            .range(format!("bytes={from}-{}", from + count.max(1) - 1));
        let found = match request.customize().config_override(objects::patient()).send().await {
            Ok(found) => found,
            Err(error) if objects::is_missing(&error) => return Ok(None),
            Err(error) => return Err(StorageError::bug("read a part of a filed document", error)),
        };
        let bytes = objects::bounded(found, count).await?;
        match bytes {
            Some(bytes) if bytes.len() as u64 == count => Ok(Some(bytes)),
            _ => Err(StorageError::bug("read a part of a filed document", "it has another length")),
        }
    }

    /// The name of a new upload in parts.
    pub async fn begin_zip(&self, parcel: &Parcel, key_arn: &str) -> Result<String, StorageError> {
        let begun =
            self.begin_parts(&self.keys.zip(parcel), "application/zip", key_arn).send().await.during("begin a zip")?;
        begun.upload_id.ok_or_else(|| StorageError::bug("begin a zip", "it has no name"))
    }

    pub async fn put_zip_part(
        &self,
        parcel: &Parcel,
        upload: &str,
        number: usize,
        bytes: Vec<u8>,
    ) -> Result<Put, StorageError> {
        let sent = self
            .s3
            .upload_part()
            .bucket(&self.aws.settings().bucket_documents)
            .key(self.keys.zip(parcel))
            .upload_id(upload)
            .part_number(i32::try_from(number).unwrap_or(0))
            .body(ByteStream::from(bytes))
            .customize()
            .config_override(objects::patient())
            .send()
            .await;
        match sent {
            Ok(put) => Ok(Put::Done(put.e_tag.unwrap_or_default())),
            Err(error) if error.code() == Some("NoSuchUpload") => Ok(Put::Gone),
            Err(error) => Err(StorageError::bug("write a part of a zip", error)),
        }
    }

    /// Puts the parts together.
    pub async fn finish_zip(&self, parcel: &Parcel, upload: &str, tags: &[String]) -> Result<Put, StorageError> {
        let part = |(at, tag): (usize, &String)| {
            CompletedPart::builder().part_number(i32::try_from(at + 1).unwrap_or(0)).e_tag(tag).build()
        };
        let parts = tags.iter().enumerate().map(part).collect();
        let done = self
            .s3
            .complete_multipart_upload()
            .bucket(&self.aws.settings().bucket_documents)
            .key(self.keys.zip(parcel))
            .upload_id(upload)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .customize()
            .config_override(objects::patient())
            .send()
            .await;
        match done {
            Ok(done) => Ok(Put::Done(done.e_tag.unwrap_or_default())),
            Err(error) if error.code() == Some("NoSuchUpload") => Ok(Put::Gone),
            Err(error) => Err(StorageError::bug("finish a zip", error)),
        }
    }

    /// How large the finished zip is; none where there is none.
    pub async fn zip_bytes(&self, parcel: &Parcel) -> Result<Option<u64>, StorageError> {
        let bucket = &self.aws.settings().bucket_documents;
        match self.s3.head_object().bucket(bucket).key(self.keys.zip(parcel)).send().await {
            Ok(found) => Ok(found.content_length().and_then(|length| u64::try_from(length).ok())),
            // An answer to HEAD has no body, and so no words; without the right to list it is a refusal.
            Err(error) => match error.raw_response().map(|response| response.status().as_u16()) {
                Some(403 | 404) => Ok(None),
                _ => Err(StorageError::bug("look at a zip", error)),
            },
        }
    }

    /// Keeps what the next run goes on from.
    pub async fn put_zip_step(
        &self,
        parcel: &Parcel,
        step: &str,
        bytes: Vec<u8>,
        key_arn: &str,
    ) -> Result<(), StorageError> {
        let put = self.put(&self.keys.zip_step(parcel, step), bytes, key_arn);
        put.send().await.during("keep a step of a zip").map(|_| ())
    }

    pub async fn zip_step(&self, parcel: &Parcel, step: &str) -> Result<Vec<u8>, StorageError> {
        let found = self.get(&self.keys.zip_step(parcel, step), STEP_BYTES_MAX).await?;
        found.ok_or_else(|| StorageError::bug("go on with a zip", "its last step is not there"))
    }
}

/// What is not in a part yet, with the names of what is.
const STEP_BYTES_MAX: u64 = 256 * 1024 * 1024;

impl ClientObjects<'_, ObjectsScope<DownloadDocuments>> {
    /// The address to fetch a zip from, for a minute. The receipt proves that it is written down.
    pub async fn vend_zip(
        &self,
        _receipt: &AuditReceipt,
        parcel: &Parcel,
        handing: Handing<'_>,
    ) -> Result<String, StorageError> {
        self.link(self.keys.zip(parcel), handing).await
    }
}

const _: () = assert!(limits::ZIP_PART_BYTES as u64 >= limits::UPLOAD_PART_BYTES_MIN);
