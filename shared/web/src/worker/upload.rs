//! News about uploads. The queue brings two kinds: the bucket's own notice that an object arrived, and the malware
//! scanner's verdict on it, as the event bus forwards it. Keys and names in them are claims, to be checked against the
//! row that waits for the upload.

use serde::Deserialize;

use super::{Message, Unreadable};

/// What one message of the queue of uploads says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadNews {
    Arrived(Vec<ArrivedObject>),
    Verdict(Verdict),
    /// The bucket tries whether it may send, once, when notifications are set up.
    Trial,
}

/// An object as the bucket named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivedObject {
    pub bucket: String,
    pub key: String,
    /// The bucket keeps versions; this one is the upload's identity.
    pub version: String,
    pub size_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub bucket: String,
    pub key: String,
    pub version: String,
    pub result: ScanResult,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanResult {
    Clean,
    Infected,
    /// Not scanned: protected by a password, too large, or a kind the scanner does not open.
    Unsupported,
    /// The scanner failed, or may not read the object.
    Failed,
}

impl UploadNews {
    pub fn parse(message: &Message) -> Result<UploadNews, Unreadable> {
        let wire: Wire =
            serde_json::from_str(&message.body).map_err(|error| Unreadable::new("news of an upload", &error))?;
        match wire {
            Wire::Notice { records } => {
                records.into_iter().map(WireRecord::read).collect::<Result<_, _>>().map(Self::Arrived)
            }
            Wire::Event { detail } => Ok(Self::Verdict(detail.read())),
            Wire::Trial { .. } => Ok(Self::Trial),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Notice {
        #[serde(rename = "Records")]
        records: Vec<WireRecord>,
    },
    Event {
        detail: Detail,
    },
    Trial {
        #[serde(rename = "Event")]
        _event: Trial,
    },
}

#[derive(Deserialize)]
enum Trial {
    #[serde(rename = "s3:TestEvent")]
    Test,
}

#[derive(Deserialize)]
struct WireRecord {
    s3: S3,
}

#[derive(Deserialize)]
struct S3 {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    key: String,
    #[serde(default)]
    size: u64,
    version_id: String,
}

impl WireRecord {
    fn read(self) -> Result<ArrivedObject, Unreadable> {
        let Object { key, size, version_id } = self.s3.object;
        let key = form_decoded(&key).ok_or_else(|| Unreadable::new("an object's key", &"not UTF-8"))?;
        Ok(ArrivedObject { bucket: self.s3.bucket.name, key, version: version_id, size_bytes: size })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    #[serde(rename = "s3ObjectDetails")]
    object: ScannedObject,
    scan_status: String,
    #[serde(rename = "scanResultDetails", default)]
    result: Option<ResultDetails>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScannedObject {
    bucket_name: String,
    object_key: String,
    version_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultDetails {
    scan_result_status: Option<String>,
}

impl Detail {
    fn read(self) -> Verdict {
        let status = self.result.and_then(|result| result.scan_result_status).unwrap_or_default();
        // Clean only by the scanner's plain word after a finished scan; every word that we do not know is a failure.
        let result = match (self.scan_status.as_str(), status.as_str()) {
            ("COMPLETED", "NO_THREATS_FOUND") => ScanResult::Clean,
            (_, "THREATS_FOUND") => ScanResult::Infected,
            (_, "UNSUPPORTED") => ScanResult::Unsupported,
            _ => ScanResult::Failed,
        };
        let ScannedObject { bucket_name, object_key, version_id } = self.object;
        Verdict { bucket: bucket_name, key: object_key, version: version_id, result }
    }
}

/// Notices write keys as forms do: `+` for a space, `%41` for a byte.
fn form_decoded(key: &str) -> Option<String> {
    let mut bytes = key.bytes();
    let mut out = Vec::with_capacity(key.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests;
