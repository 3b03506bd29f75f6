//! Large files in parts, with the scope's own credentials: begun, each part signed for exactly one size and digest,
//! looked at, put together or given up. Storage compares each part with its digest as it arrives.

use access::{ClientScope, OneClient};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ServerSideEncryption};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::audit::Object;
use domain::document::{Document, Event, Part, PartDigest, Parts};
use domain::permissions::UploadDocuments;
use domain::{Moment, Timestamp, limits};

use crate::client::{ClientChange, ClientStore};
use crate::commit::{AuditReceipt, Write};
use crate::documents_row::Stored;
use crate::documents_written;
use crate::error::{During, StorageError};
use crate::objects::{self, ObjectKeys};
use crate::uploads::{CONTENT_TYPE, Signer};

/// Where one part is put, with which headers, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPart {
    pub number: u32,
    pub url: String,
    /// What has to be sent along, besides the length.
    pub checksum: String,
    pub expires: Timestamp,
}

/// A part that storage holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivedPart {
    pub part: Part,
    /// SHA-256 in hex, as storage computed it.
    pub sha256: String,
    etag: String,
}

impl ClientStore<'_, ClientScope<UploadDocuments>> {
    fn s3(&self) -> Client {
        self.aws.s3(self.scope.keys())
    }

    fn bucket(&self) -> &str {
        &self.aws.settings().bucket_documents
    }

    fn upload_key(&self, document: &Document) -> String {
        ObjectKeys::of(self.scope).upload(&document.id, document.visibility.audience())
    }

    /// The name of a new upload in parts. One that no row comes to know is removed by the bucket's lifecycle.
    pub async fn begin_parts(&self, document: &Document, key_arn: &str) -> Result<String, StorageError> {
        let begun = self
            .s3()
            .create_multipart_upload()
            .bucket(self.bucket())
            .key(self.upload_key(document))
            .content_type(CONTENT_TYPE)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(key_arn)
            .ssekms_encryption_context(objects::encryption_context(self.scope.client_firm(), self.scope.client()))
            .bucket_key_enabled(false)
            .send()
            .await
            .during("begin an upload in parts")?;
        begun.upload_id.ok_or_else(|| StorageError::bug("begin an upload in parts", "it has no name"))
    }

    /// Addresses to put parts at, each for exactly these bytes.
    pub fn sign_parts(
        &self,
        document: &Document,
        parts: &Parts,
        wanted: &[(Part, [u8; 32])],
        bucket_origin: &str,
        now: Timestamp,
    ) -> Result<Vec<SignedPart>, StorageError> {
        let signer = Signer::of(self.aws, &self.scope.keys().credentials, now)?;
        let lasts = signer.credentials.expires.as_second() - now.as_second();
        let lasts = lasts.clamp(1, limits::UPLOAD_TICKET_SECONDS);
        let key = self.upload_key(document);
        let path = if self.aws.path_style() { format!("/{}/{key}", self.bucket()) } else { format!("/{key}") };
        let expires = Timestamp::from_second(now.as_second() + lasts).unwrap_or(now);
        let sign = |(part, digest): &(Part, [u8; 32])| {
            let checksum = STANDARD.encode(digest);
            let url = Presigned {
                method: "PUT",
                origin: bucket_origin,
                path: &path,
                query: &[("partNumber", part.number.to_string()), ("uploadId", parts.upload.clone())],
                headers: &[
                    ("content-length", part.size_bytes.to_string()),
                    ("x-amz-checksum-sha256", checksum.clone()),
                ],
                lasts_seconds: lasts,
            };
            SignedPart { number: part.number, url: url.signed(&signer), checksum, expires }
        };
        Ok(wanted.iter().map(sign).collect())
    }

    /// What has arrived; none if storage knows no such upload any more.
    pub async fn arrived_parts(
        &self,
        document: &Document,
        parts: &Parts,
    ) -> Result<Option<Vec<ArrivedPart>>, StorageError> {
        let mut arrived = Vec::new();
        let mut after: Option<String> = None;
        let s3 = self.s3();
        loop {
            let request = s3
                .list_parts()
                .bucket(self.bucket())
                .key(self.upload_key(document))
                .upload_id(&parts.upload)
                .set_part_number_marker(after.take());
            let page = match request.send().await {
                Ok(page) => page,
                Err(error) if error.code() == Some("NoSuchUpload") => return Ok(None),
                Err(error) => return Err(StorageError::bug("look at an upload's parts", error)),
            };
            for part in page.parts() {
                let digest = part.checksum_sha256().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
                arrived.push(ArrivedPart {
                    part: Part {
                        number: part.part_number().and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
                        size_bytes: part.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                    },
                    sha256: crypto::hex(&digest),
                    etag: part.e_tag().unwrap_or_default().to_owned(),
                });
            }
            match page.next_part_number_marker {
                Some(next) if page.is_truncated == Some(true) && arrived.len() < PARTS_LISTED_MAX => after = Some(next),
                _ => return Ok(Some(arrived)),
            }
        }
    }

    /// Puts the parts together. Storage compares each with the digest that its sender named; done twice, it is done.
    pub async fn complete_parts(
        &self,
        document: &Document,
        parts: &Parts,
        sent: &[PartDigest],
        arrived: &[ArrivedPart],
    ) -> Result<(), StorageError> {
        let named = sent.iter().zip(arrived).map(|(sent, lies)| {
            CompletedPart::builder()
                .part_number(i32::try_from(sent.number).unwrap_or(0))
                .e_tag(&lies.etag)
                .checksum_sha256(STANDARD.encode(sent.bytes().unwrap_or_default()))
                .build()
        });
        let all = CompletedMultipartUpload::builder().set_parts(Some(named.collect())).build();
        let request = self
            .s3()
            .complete_multipart_upload()
            .bucket(self.bucket())
            .key(self.upload_key(document))
            .upload_id(&parts.upload)
            .mpu_object_size(i64::try_from(document.size_bytes).unwrap_or(i64::MAX))
            .multipart_upload(all)
            .customize()
            .config_override(objects::patient());
        match request.send().await {
            Ok(_) => Ok(()),
            // Somebody's repeated call was faster.
            Err(error) if error.code() == Some("NoSuchUpload") => Ok(()),
            Err(error) => Err(StorageError::bug("put an upload together", error)),
        }
    }

    /// Throws away what has arrived.
    pub async fn abort_parts(&self, document: &Document, parts: &Parts) -> Result<(), StorageError> {
        let request = self.s3().abort_multipart_upload().bucket(self.bucket()).key(self.upload_key(document));
        match request.upload_id(&parts.upload).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("NoSuchUpload") => Ok(()),
            Err(error) => Err(StorageError::bug("give an upload up", error)),
        }
    }

    /// Stores that an upload was sent or given up. Stale if somebody was faster.
    pub async fn change_upload(
        &self,
        before: &Document,
        after: &Document,
        event: &Event,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let Stored { item, hash } = self.item_of(after, self.data_key().await?)?;
        let object = Object::new("document", &after.id).at_version(after.version);
        let draft = self.draft(documents_written::act(event), object, moment).after(hash);
        let writes = vec![Write::replace(self.table(), item, before.version)?];
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}

/// More than any upload of ours has: what a stranger to our rules has put there is not listed to its end.
const PARTS_LISTED_MAX: usize = 10_000;

/// A request that a browser makes by itself, with everything that it may differ in signed: method, address, and those
/// headers that say how much of what is sent.
struct Presigned<'a> {
    method: &'a str,
    origin: &'a str,
    /// Of letters that need no escape.
    path: &'a str,
    query: &'a [(&'a str, String)],
    /// In lower case, in their order.
    headers: &'a [(&'a str, String)],
    lasts_seconds: i64,
}

impl Presigned<'_> {
    fn signed(&self, signer: &Signer<'_>) -> String {
        let host = self.origin.split_once("://").map_or(self.origin, |(_, host)| host);
        let day = signer.now.strftime("%Y%m%d").to_string();
        let time = signer.now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let place = format!("{day}/{}/s3/aws4_request", signer.region);
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("host", host));
        headers.sort_unstable();
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();

        let mut query: Vec<(&str, String)> = self.query.to_vec();
        query.push(("X-Amz-Algorithm", "AWS4-HMAC-SHA256".into()));
        query.push(("X-Amz-Credential", format!("{}/{place}", signer.credentials.key_id)));
        query.push(("X-Amz-Date", time.clone()));
        query.push(("X-Amz-Expires", self.lasts_seconds.to_string()));
        query.push(("X-Amz-SignedHeaders", names.clone()));
        let token = signer.credentials.token.expose();
        if !token.is_empty() {
            query.push(("X-Amz-Security-Token", token.clone()));
        }
        query.sort_unstable();
        let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let query = pairs.join("&");

        let request = format!("{}\n{}\n{query}\n{lines}\n{names}\nUNSIGNED-PAYLOAD", self.method, self.path);
        let request = crypto::sha256_hex(request.as_bytes());
        let signature = signer.signature(&format!("AWS4-HMAC-SHA256\n{time}\n{place}\n{request}"));
        format!("{}{}?{query}&X-Amz-Signature={signature}", self.origin, self.path)
    }
}

/// Everything but letters, digits and `-._~` as a percent sign and two digits.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use access::Credentials;
    use crypto::Secret;

    use super::*;

    fn check(presigned: &Presigned<'_>, token: &str, want: impl Fn(&str) -> bool) {
        let credentials = Credentials {
            key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into()),
            token: Secret::new(token.into()),
            expires: Timestamp::MAX,
        };
        let now = "2013-05-24T00:00:00Z".parse().unwrap();
        let url = presigned.signed(&Signer { credentials: &credentials, region: "us-east-1".into(), now });
        assert!(want(&url), "{url}");
    }

    /// The example of the S3 manual, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
    #[test]
    fn signs_as_the_manual_does() {
        let presigned = Presigned {
            method: "GET",
            origin: "https://examplebucket.s3.amazonaws.com",
            path: "/test.txt",
            query: &[],
            headers: &[],
            lasts_seconds: 86400,
        };
        check(&presigned, "", |url| {
            url.ends_with("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
        });
    }

    /// The emulator compares neither the length nor the digest with what was signed: AWS does, if they are signed.
    #[test]
    fn a_part_is_signed_with_its_length_and_its_digest() {
        let part = |size: &str| {
            Presigned {
                method: "PUT",
                origin: "http://localhost:4566",
                path: "/bucket/quarantine/x",
                query: &[("partNumber", "3".to_owned()), ("uploadId", "a/b==".to_owned())],
                headers: &[("content-length", size.to_owned()), ("x-amz-checksum-sha256", "abc=".to_owned())],
                lasts_seconds: 600,
            }
            .signed_for_tests()
        };
        let (one, other) = (part("5242880"), part("5242881"));
        assert!(one.contains("X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256&"), "{one}");
        assert!(one.contains("partNumber=3&uploadId=a%2Fb%3D%3D&X-Amz-Signature="), "{one}");
        assert!(one.contains("X-Amz-Security-Token=t%3D%3D&"), "{one}");
        assert_ne!(one, other, "another length is another signature");
    }

    impl Presigned<'_> {
        fn signed_for_tests(&self) -> String {
            let url = std::cell::RefCell::new(String::new());
            check(self, "t==", |signed| {
                *url.borrow_mut() = signed.to_owned();
                true
            });
            url.into_inner()
        }
    }
}
