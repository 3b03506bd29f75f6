//! A client's objects in the bucket: uploads in quarantine, filed originals, their text, the search index, and the
//! copies that were vended. Each is encrypted by S3 under the firm's key with the firm and client as context.

use std::ops::Range;
use std::time::Duration;

use access::{ClientJob, ObjectsScope, OneClient, OnePerson};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::Aad;
use domain::document::{Audience, Document};
use domain::permissions::DownloadDocuments;
use domain::{ClientId, DocumentId, EventId, FirmId, limits};

use crate::aws::Aws;
use crate::client::ClientStore;
use crate::commit::AuditReceipt;
use crate::error::{During, StorageError};

/// An audience as keys write it.
pub(crate) fn word(audience: Audience) -> &'static str {
    match audience {
        Audience::Open => "open",
        Audience::Internal => "int",
    }
}

/// Keys of one client's objects. The stage comes first: notifications, lifecycles and scans filter by it. The audience
/// says who may read it: roles differ in which of these prefixes they reach.
pub(crate) struct ObjectKeys {
    client: String,
}

impl ObjectKeys {
    pub(crate) fn new(firm: &FirmId, client: &ClientId) -> Self {
        Self { client: format!("t/{firm}/c/{client}") }
    }

    pub(crate) fn of(scope: &impl OneClient) -> Self {
        Self::new(scope.client_firm(), scope.client())
    }

    pub(crate) fn place(&self, audience: Audience) -> String {
        format!("{}/{}", self.client, word(audience))
    }

    pub(crate) fn upload(&self, document: &DocumentId, audience: Audience) -> String {
        format!("quarantine/{}/{document}", self.place(audience))
    }
    pub(crate) fn original(&self, document: &DocumentId, audience: Audience, filed_as: &str) -> String {
        format!("clean/{}/{document}/{filed_as}", self.place(audience))
    }
    pub(crate) fn text(&self, document: &DocumentId, audience: Audience) -> String {
        format!("derived/{}/{document}/text", self.place(audience))
    }
    pub(crate) fn index(&self, audience: Audience, generation: &str) -> String {
        format!("index/{}/{generation}", self.place(audience))
    }
    pub(crate) fn vended(&self, event: &EventId, audience: Audience, plain_name: &str) -> String {
        format!("vended/{}/{event}/{plain_name}", self.place(audience))
    }
}

/// The encryption context of everything that belongs to a client, as S3 takes it.
pub(crate) fn encryption_context(firm: &FirmId, client: &ClientId) -> String {
    STANDARD.encode(format!(r#"{{"client":"{client}","firm":"{firm}"}}"#))
}

/// One client's objects, as far as the scope's credentials go.
pub struct ClientObjects<'a, S> {
    pub(crate) aws: &'a Aws,
    pub(crate) scope: &'a S,
    pub(crate) s3: Client,
    pub(crate) keys: ObjectKeys,
    pub(crate) context: String,
}

/// How a copy is handed to a browser.
#[derive(Debug, Clone, Copy)]
pub struct Handing<'a> {
    /// A whole `Content-Disposition`.
    pub disposition: &'a str,
    pub content_type: &'a str,
    /// Where browsers reach the bucket, if it is not S3's own address.
    pub bucket_origin: &'a str,
}

impl<'a, P> ClientObjects<'a, ObjectsScope<P>> {
    pub fn open(aws: &'a Aws, scope: &'a ObjectsScope<P>) -> Self {
        let s3 = aws.s3(&scope.vended().keys);
        let keys = ObjectKeys::new(scope.firm(), scope.client());
        Self { aws, scope, s3, keys, context: encryption_context(scope.firm(), scope.client()) }
    }
}

impl<'a> ClientObjects<'a, ClientJob<'_>> {
    pub fn open_for_job<'j>(aws: &'a Aws, scope: &'a ClientJob<'j>) -> ClientObjects<'a, ClientJob<'j>> {
        let context = encryption_context(scope.client_firm(), scope.client());
        ClientObjects { aws, scope, s3: aws.s3(scope.keys()), keys: ObjectKeys::of(scope), context }
    }
}

impl ClientObjects<'_, ObjectsScope<DownloadDocuments>> {
    /// A filed original, to make a copy of it.
    pub async fn original(&self, document: &Document, filed_as: &str) -> Result<Vec<u8>, StorageError> {
        let key = self.keys.original(&document.id, document.visibility.audience(), filed_as);
        let found = self.get(&key, limits::DOCUMENT_MARK_BYTES_MAX).await?;
        found.ok_or_else(|| StorageError::bug("read a filed document", "there is none"))
    }

    /// Stores a copy made for one download and gives the address to fetch it from, for a minute.
    pub async fn vend(
        &self,
        receipt: &AuditReceipt,
        document: &Document,
        copy: Vec<u8>,
        key_arn: &str,
        handing: Handing<'_>,
    ) -> Result<String, StorageError> {
        let key = self.keys.vended(receipt.event(), document.visibility.audience(), &document.name.plain());
        let put = self.put(&key, copy, key_arn).content_type(handing.content_type);
        put.send().await.during("store a vended copy")?;
        self.link(key, handing).await
    }

    /// The address of the original itself, for a minute. The receipt proves that the download is written down.
    pub async fn vend_original(
        &self,
        _receipt: &AuditReceipt,
        document: &Document,
        filed_as: &str,
        handing: Handing<'_>,
    ) -> Result<String, StorageError> {
        self.link(self.keys.original(&document.id, document.visibility.audience(), filed_as), handing).await
    }

    pub(crate) async fn link(&self, key: String, handing: Handing<'_>) -> Result<String, StorageError> {
        let lasts = PresigningConfig::expires_in(Duration::from_secs(limits::DOWNLOAD_LINK_SECONDS));
        let request = self
            .for_browsers(handing.bucket_origin)
            .get_object()
            .bucket(&self.aws.settings().bucket_documents)
            .key(key)
            .response_content_disposition(handing.disposition)
            .response_content_type(handing.content_type)
            .response_cache_control("private, no-store")
            .presigned(lasts.during("sign a download")?)
            .await
            .during("sign a download")?;
        Ok(request.uri().to_owned())
    }

    /// The host is signed, so that it has to be the one that browsers ask. S3's own address is right by itself.
    fn for_browsers(&self, bucket_origin: &str) -> Client {
        if !self.aws.path_style() {
            return self.s3.clone();
        }
        Client::from_conf(self.s3.config().to_builder().endpoint_url(bucket_origin).build())
    }
}

/// What lies in quarantine under one version.
#[derive(Debug)]
pub enum Upload {
    Bytes(Vec<u8>),
    /// More than was announced.
    TooLarge,
    /// Not under the firm's key: no form of ours has sent it.
    ForeignKey,
    /// The lifecycle has removed it.
    Gone,
}

impl ClientObjects<'_, ClientJob<'_>> {
    /// What lies there of a document that waits for it.
    pub async fn upload(
        &self,
        document: &Document,
        object_version: &str,
        key_arn: &str,
    ) -> Result<Upload, StorageError> {
        let request = self
            .s3
            .get_object()
            .bucket(&self.aws.settings().bucket_documents)
            .key(self.keys.upload(&document.id, document.visibility.audience()))
            .version_id(object_version);
        let found = match request.send().await {
            Ok(found) => found,
            // A refusal is tried again: an upload must not be lost to a fault of ours.
            Err(error) if matches!(error.code(), Some("NoSuchKey" | "NoSuchVersion")) => return Ok(Upload::Gone),
            Err(error) => return Err(StorageError::bug("read an upload", error)),
        };
        let under_key = found.server_side_encryption() == Some(&ServerSideEncryption::AwsKms);
        if !under_key || found.ssekms_key_id() != Some(key_arn) {
            return Ok(Upload::ForeignKey);
        }
        Ok(bounded(found, document.size_bytes).await?.map_or(Upload::TooLarge, Upload::Bytes))
    }

    /// Files the bytes as they came.
    pub async fn file_original(
        &self,
        document: &Document,
        filed_as: &str,
        bytes: Vec<u8>,
        content_type: &str,
        key_arn: &str,
    ) -> Result<(), StorageError> {
        let key = self.keys.original(&document.id, document.visibility.audience(), filed_as);
        let put = self.put(&key, bytes, key_arn).content_type(content_type);
        put.send().await.during("file a document")?;
        Ok(())
    }

    /// Keeps the words of a document, page by page, sealed under the client's own key.
    pub async fn put_text(
        &self,
        store: &ClientStore<'_, ClientJob<'_>>,
        document: &Document,
        pages: &[String],
        key_arn: &str,
    ) -> Result<(), StorageError> {
        let key = self.keys.text(&document.id, document.visibility.audience());
        let plain = serde_json::to_vec(pages).during("write a document's text")?;
        let sealed = store.seal(&plain, &text_place(&store.keys.data(), &key)).await?;
        self.put(&key, sealed, key_arn).send().await.during("store a document's text")?;
        Ok(())
    }

    /// The words of a document; none where they were never kept.
    pub async fn text(
        &self,
        store: &ClientStore<'_, ClientJob<'_>>,
        document: &Document,
    ) -> Result<Option<Vec<String>>, StorageError> {
        let key = self.keys.text(&document.id, document.visibility.audience());
        let Some(sealed) = self.get(&key, TEXT_BYTES_MAX).await? else { return Ok(None) };
        let plain = store.unseal(&sealed, &text_place(&store.keys.data(), &key)).await?;
        serde_json::from_slice(&plain).map(Some).during("read a document's text")
    }
}

/// JSON may write one character as six.
const TEXT_BYTES_MAX: u64 =
    limits::DOCUMENT_TEXT_BYTES_MAX as u64 * 6 + limits::DOCUMENT_TEXT_PAGES_MAX as u64 * 3 + 64;

fn text_place<'a>(pk: &'a str, key: &'a str) -> Aad<'a> {
    Aad { table: "derived", pk, sk: key, attribute: "text" }
}

impl<S> ClientObjects<'_, S> {
    /// An object's bytes. None where there is no such object; without the right to list, S3 says that it is refused.
    pub(crate) async fn get(&self, key: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, StorageError> {
        let request = self.s3.get_object().bucket(&self.aws.settings().bucket_documents).key(key);
        match request.send().await {
            Ok(found) => {
                let bytes = bounded(found, bytes_max).await?;
                bytes.map(Some).ok_or_else(|| StorageError::bug("read an object", "it is larger than any of its kind"))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(StorageError::bug("read an object", error)),
        }
    }

    /// A large object by several connections at once: one alone takes a third of a second for what a search waits for.
    pub(crate) async fn get_in_parts(&self, key: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, StorageError> {
        let Some((mut bytes, total)) = self.get_part(key, 0..PART_BYTES).await? else {
            return Ok(None);
        };
        if total > bytes_max {
            return Err(StorageError::bug("read an object", "it is larger than any of its kind"));
        }
        let rest = parts(total).into_iter().skip(1).map(|range| self.get_part(key, range));
        // The object is never changed: where it went meanwhile, all of it is gone.
        for part in futures::future::try_join_all(rest).await? {
            let Some((part, _)) = part else { return Ok(None) };
            bytes.extend_from_slice(&part);
        }
        Ok(Some(bytes))
    }

    /// Some bytes of an object, and how many it has.
    async fn get_part(&self, key: &str, range: Range<u64>) -> Result<Option<(Vec<u8>, u64)>, StorageError> {
        let request = self.s3.get_object().bucket(&self.aws.settings().bucket_documents).key(key);
        let found = match request.range(format!("bytes={}-{}", range.start, range.end - 1)).send().await {
            Ok(found) => found,
            Err(error) if is_missing(&error) => return Ok(None),
            // An empty object has no range at all.
            Err(error) if error.code() == Some("InvalidRange") => return Ok(Some((Vec::new(), 0))),
            Err(error) => return Err(StorageError::bug("read a part of an object", error)),
        };
        let total = found.content_range().and_then(|range| range.rsplit('/').next()?.parse().ok());
        let total = total.or(found.content_length().and_then(|length| u64::try_from(length).ok())).unwrap_or(0);
        let bytes = bounded(found, PART_BYTES).await?;
        let bytes =
            bytes.ok_or_else(|| StorageError::bug("read a part of an object", "it is larger than asked for"))?;
        Ok(Some((bytes, total)))
    }

    /// An upload in parts, encrypted as everything of the client's is.
    pub(crate) fn begin_parts(
        &self,
        key: &str,
        content_type: &str,
        key_arn: &str,
    ) -> CreateMultipartUploadFluentBuilder {
        self.s3
            .create_multipart_upload()
            .bucket(&self.aws.settings().bucket_documents)
            .key(key)
            .content_type(content_type)
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(key_arn)
            .ssekms_encryption_context(&self.context)
            .bucket_key_enabled(false)
    }

    pub(crate) fn put(&self, key: &str, bytes: Vec<u8>, key_arn: &str) -> PutObjectFluentBuilder {
        self.s3
            .put_object()
            .bucket(&self.aws.settings().bucket_documents)
            .key(key)
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(key_arn)
            .ssekms_encryption_context(&self.context)
            .bucket_key_enabled(false)
            .body(ByteStream::from(bytes))
    }
}

/// For what storage does by itself and takes its time for.
pub(crate) fn patient() -> aws_sdk_s3::config::Builder {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(COPY_SECONDS_MAX))
        .operation_timeout(Duration::from_secs(2 * COPY_SECONDS_MAX))
        .build();
    aws_sdk_s3::config::Config::builder().timeout_config(timeouts)
}

const COPY_SECONDS_MAX: u64 = 120;

pub(crate) fn is_missing<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(error.code(), Some("NoSuchKey" | "AccessDenied"))
}

/// The ranges that make up an object of so many bytes.
fn parts(total: u64) -> Vec<Range<u64>> {
    let starts = (0..total.div_ceil(PART_BYTES)).map(|number| number * PART_BYTES);
    starts.map(|start| start..(start + PART_BYTES).min(total)).collect()
}

const PART_BYTES: u64 = 4 * 1024 * 1024;

/// The whole body; none where it is larger than allowed, whatever its header says.
pub(crate) async fn bounded(found: GetObjectOutput, bytes_max: u64) -> Result<Option<Vec<u8>>, StorageError> {
    let announced = found.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
    if announced > bytes_max {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    let mut body = found.body;
    while let Some(chunk) = body.try_next().await.during("read an object's bytes")? {
        if (bytes.len() + chunk.len()) as u64 > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_up_the_whole() {
        for (total, want) in [(0, 0), (1, 1), (PART_BYTES, 1), (PART_BYTES + 1, 2), (5 * PART_BYTES - 1, 5)] {
            let parts = parts(total);
            assert_eq!(parts.len(), want, "{total}");
            assert_eq!(parts.iter().map(|part| part.end - part.start).sum::<u64>(), total);
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start), "{parts:?}");
        }
    }

    #[test]
    fn keys_begin_with_the_stage_and_hold_firm_client_and_audience() {
        let (firm, client) = (FirmId::from_bits(1), ClientId::from_bits(2));
        let keys = ObjectKeys::new(&firm, &client);
        let (document, event) = (DocumentId::from_bits(3), EventId::from_bits(4));
        for (audience, word) in [(Audience::Open, "open"), (Audience::Internal, "int")] {
            let place = format!("t/{firm}/c/{client}/{word}");
            assert_eq!(keys.upload(&document, audience), format!("quarantine/{place}/{document}"));
            assert_eq!(keys.original(&document, audience, "F"), format!("clean/{place}/{document}/F"));
            assert_eq!(keys.text(&document, audience), format!("derived/{place}/{document}/text"));
            assert_eq!(keys.index(audience, "G"), format!("index/{place}/G"));
            assert_eq!(keys.vended(&event, audience, "a.pdf"), format!("vended/{place}/{event}/a.pdf"));
        }
    }

    #[test]
    fn the_context_is_base64_of_json() {
        let (firm, client) = (FirmId::from_bits(1), ClientId::from_bits(2));
        let json = STANDARD.decode(encryption_context(&firm, &client)).unwrap();
        let pairs: std::collections::BTreeMap<String, String> = serde_json::from_slice(&json).unwrap();
        assert_eq!(pairs["firm"], firm.as_str());
        assert_eq!(pairs["client"], client.as_str());
        assert_eq!(pairs.len(), 2);
    }
}
