//! Upload tickets: a form that a browser posts straight to the bucket, signed with the scope's own credentials. Its
//! policy names one key, one size range, one encryption key and context; S3 refuses whatever differs.

use std::collections::BTreeMap;

use access::{ClientScope, Credentials, OneClient, OnePerson};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::document::{Audience, Document};
use domain::permissions::UploadDocuments;
use domain::{ClientId, DocumentId, FirmId, Timestamp, limits};
use jiff::ToSpan as _;
use serde_json::json;

use crate::aws::Aws;
use crate::client::ClientStore;
use crate::error::StorageError;
use crate::objects::{self, ObjectKeys};

/// What is stored is what was sent, under no type: the type that a browser claims is nobody's concern.
pub(crate) const CONTENT_TYPE: &str = "application/octet-stream";

/// Where a form is posted to, with what, and until when. The file is its last field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTicket {
    pub url: String,
    pub fields: BTreeMap<String, String>,
    pub expires: Timestamp,
}

/// The document that an object in quarantine claims to be. A claim only: the row that it names is the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadKey {
    pub firm: FirmId,
    pub client: ClientId,
    pub audience: Audience,
    pub document: DocumentId,
}

impl UploadKey {
    /// From an object's key; nothing where no ticket of ours could have led to it.
    pub fn parse(key: &str) -> Option<Self> {
        let parts: Vec<&str> = key.split('/').collect();
        let ["quarantine", "t", firm, "c", client, audience, document] = parts.as_slice() else { return None };
        Some(Self {
            firm: FirmId::parse(firm).ok()?,
            client: ClientId::parse(client).ok()?,
            audience: Audience::ALL.into_iter().find(|known| objects::word(*known) == *audience)?,
            document: DocumentId::parse(document).ok()?,
        })
    }
}

impl ClientStore<'_, ClientScope<UploadDocuments>> {
    /// `redirect` is where a browser without scripts goes on to.
    pub fn upload_ticket(
        &self,
        document: &Document,
        key_arn: &str,
        bucket_origin: &str,
        redirect: Option<&str>,
        now: Timestamp,
    ) -> Result<UploadTicket, StorageError> {
        let bucket = &self.aws.settings().bucket_documents;
        let credentials = &self.scope.keys().credentials;
        let latest = now.checked_add(limits::UPLOAD_TICKET_SECONDS.seconds()).unwrap_or(now);
        let expires = latest.min(credentials.expires);
        let form = Form {
            bucket,
            key: ObjectKeys::of(self.scope).upload(&document.id, document.visibility.audience()),
            size_bytes_max: document.size_bytes,
            key_arn,
            context: objects::encryption_context(self.scope.firm(), self.scope.client()),
            redirect,
        };
        let signer = Signer::of(self.aws, credentials, now)?;
        // A local AWS is addressed by path; S3's own address names the bucket already.
        let url = if self.aws.path_style() { format!("{bucket_origin}/{bucket}") } else { format!("{bucket_origin}/") };
        Ok(UploadTicket { url, fields: form.signed(&signer, expires), expires })
    }
}

/// What a form may send.
struct Form<'a> {
    bucket: &'a str,
    key: String,
    size_bytes_max: u64,
    key_arn: &'a str,
    context: String,
    redirect: Option<&'a str>,
}

pub(crate) struct Signer<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) region: String,
    pub(crate) now: Timestamp,
}

impl<'a> Signer<'a> {
    pub(crate) fn of(aws: &Aws, credentials: &'a Credentials, now: Timestamp) -> Result<Self, StorageError> {
        let region = aws.bare().region().map(ToString::to_string);
        let region = region.ok_or_else(|| StorageError::bug("sign an upload", "the region is not known"))?;
        Ok(Self { credentials, region, now })
    }

    pub(crate) fn signature(&self, text: &str) -> String {
        let day = self.now.strftime("%Y%m%d").to_string();
        signature(self.credentials.secret.expose(), &day, &self.region, text)
    }
}

impl Form<'_> {
    /// The fields, among them the policy, in which each of them is a condition, and its signature.
    fn signed(self, signer: &Signer<'_>, expires: Timestamp) -> BTreeMap<String, String> {
        let day = signer.now.strftime("%Y%m%d").to_string();
        let mut fields = BTreeMap::from([
            ("key".to_owned(), self.key),
            ("Content-Type".to_owned(), CONTENT_TYPE.to_owned()),
            ("x-amz-server-side-encryption".to_owned(), "aws:kms".to_owned()),
            ("x-amz-server-side-encryption-aws-kms-key-id".to_owned(), self.key_arn.to_owned()),
            ("x-amz-server-side-encryption-context".to_owned(), self.context),
            ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
            (
                "x-amz-credential".to_owned(),
                format!("{}/{day}/{}/s3/aws4_request", signer.credentials.key_id, signer.region),
            ),
            ("x-amz-date".to_owned(), signer.now.strftime("%Y%m%dT%H%M%SZ").to_string()),
            ("x-amz-security-token".to_owned(), signer.credentials.token.expose().clone()),
        ]);
        if let Some(redirect) = self.redirect {
            fields.insert("success_action_redirect".to_owned(), redirect.to_owned());
        }
        let mut conditions =
            vec![json!({ "bucket": self.bucket }), json!(["content-length-range", 1, self.size_bytes_max])];
        conditions.extend(fields.iter().map(|(name, value)| json!({ name.as_str(): value })));
        let expiration = expires.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let policy = STANDARD.encode(json!({ "expiration": expiration, "conditions": conditions }).to_string());
        let signature = signer.signature(&policy);
        fields.insert("policy".to_owned(), policy);
        fields.insert("x-amz-signature".to_owned(), signature);
        fields
    }
}

/// Signature version 4 of a form's policy, or of what stands for a request.
fn signature(secret: &str, day: &str, region: &str, policy: &str) -> String {
    let day_key = crypto::hmac_sha256(format!("AWS4{secret}").as_bytes(), day.as_bytes());
    let region_key = crypto::hmac_sha256(&day_key, region.as_bytes());
    let service_key = crypto::hmac_sha256(&region_key, b"s3");
    let key = crypto::hmac_sha256(&service_key, b"aws4_request");
    crypto::hex(&crypto::hmac_sha256(&key, policy.as_bytes()))
}

#[cfg(test)]
mod tests;
