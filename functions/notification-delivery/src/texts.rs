//! Whether text messages arrived. The text service writes that into a log, whose lines come here and go on as news into the
//! queue in which the mail service's are. A line names a number, which is not looked at, and the service's id of the text.
//!
//! Source: AWS, "Viewing Amazon CloudWatch metrics and logs for SMS deliveries"; "Log group-level subscription filters".

use std::io::Read as _;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::notice::delivery::Word;
use domain::notice::{Channel, HeardMessage, TextPlace};
use domain::{Timestamp, limits};
use flate2::read::GzDecoder;
use serde::Deserialize;
use storage::StorageError;
use web::App;

use crate::MESSAGE_VERSION;

/// Lines of a log, as its subscription hands them over.
#[derive(Debug, Deserialize)]
pub struct Logged {
    awslogs: Packed,
}

/// JSON, compressed, in base64.
#[derive(Debug, Deserialize)]
struct Packed {
    data: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Lines {
    log_events: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Line {
    /// Milliseconds since 1970.
    timestamp: i64,
    message: String,
}

/// What the text service writes.
#[derive(Debug, Deserialize)]
struct Said {
    notification: Notification,
    status: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    message_id: String,
}

/// What one line tells.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    provider_id: String,
    word: Word,
    at: Timestamp,
}

/// Puts what it is told into the queue; what fails comes again with all lines, which say nothing new then.
pub async fn logged(app: App, logged: Logged) -> Result<(), StorageError> {
    let mut unknown: Vec<Heard> = lines(&logged.awslogs.data).iter().filter_map(heard).collect();
    // Whoever sent a text writes down of which notice it was right afterwards, and its news may be quicker.
    for pause in limits::TEXT_PLACE_PAUSES_SECONDS {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        unknown = tell(&app, unknown).await?;
        if unknown.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Returns those of no notice: codes are texts as well.
async fn tell(app: &App, all: Vec<Heard>) -> Result<Vec<Heard>, StorageError> {
    let mut unknown = Vec::new();
    for one in all {
        let Some(place) = app.aws().text_place_as_function(&one.provider_id).await? else {
            unknown.push(one);
            continue;
        };
        let (Heard { provider_id, word: heard, at }, TextPlace { firm, client, outbox, person }) = (one, place);
        let channel = Channel::Sms;
        let news = HeardMessage { v: MESSAGE_VERSION, firm, client, outbox, person, provider_id, heard, at, channel };
        app.aws().queues().news(&news).await?;
    }
    Ok(unknown)
}

/// None of what cannot be read: the log is the service's, and nothing of it can be asked for again.
fn lines(data: &str) -> Vec<Line> {
    let read = || -> Option<Lines> {
        let packed = BASE64_STANDARD.decode(data).ok()?;
        let mut plain = Vec::new();
        GzDecoder::new(packed.as_slice()).take(limits::LOG_BYTES_MAX).read_to_end(&mut plain).ok()?;
        serde_json::from_slice(&plain).ok()
    };
    let read = read();
    if read.is_none() {
        tracing::warn!("a log of texts could not be read");
    }
    read.unwrap_or_default().log_events
}

fn heard(line: &Line) -> Option<Heard> {
    let said: Said = serde_json::from_str(&line.message).ok()?;
    let word = match said.status.as_str() {
        "SUCCESS" => Word::Delivered,
        // Whatever the reason: a text is not sent again by itself, since each costs.
        "FAILURE" => Word::HardBounced,
        _ => return None,
    };
    let provider_id = said.notification.message_id;
    let is_id = provider_id.len() <= limits::PROVIDER_ID_CHARACTERS_MAX
        && !provider_id.is_empty()
        && provider_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id.then_some(Heard { provider_id, word, at: Timestamp::from_millisecond(line.timestamp).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    /// The line of AWS's own documentation, with another status.
    fn line(status: &str, id: &str) -> String {
        format!(
            r#"{{"notification":{{"messageId":"{id}","timestamp":"2016-06-28 00:40:34.558"}},"delivery":{{"phoneCarrier":"My Phone Carrier","mnc":270,"numberOfMessageParts":1,"destination":"+1XXX5550100","priceInUSD":0.00645,"smsType":"Transactional","mcc":310,"providerResponse":"Message has been accepted by phone carrier","dwellTimeMs":599,"dwellTimeMsUntilDeviceAck":1344}},"status":"{status}"}}"#
        )
    }

    fn packed(messages: &[String]) -> String {
        let events: Vec<_> = messages
            .iter()
            .map(|message| serde_json::json!({ "id": "1", "timestamp": 1_467_074_434_558_i64, "message": message }))
            .collect();
        let text = serde_json::json!({ "messageType": "DATA_MESSAGE", "logEvents": events }).to_string();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        BASE64_STANDARD.encode(gzip.finish().unwrap())
    }

    #[test]
    fn a_line_says_whether_a_text_arrived() {
        let id = "34d9b400-c6dd-5444-820d-fbeb0f1f54cf";
        let data = packed(&[line("SUCCESS", id), line("FAILURE", id), line("PENDING", id), "no JSON".to_owned()]);
        let found: Vec<Heard> = lines(&data).iter().filter_map(heard).collect();
        let at: Timestamp = "2016-06-28T00:40:34.558Z".parse().unwrap();
        let want = |word| Heard { provider_id: id.to_owned(), word, at };
        assert_eq!(found, [want(Word::Delivered), want(Word::HardBounced)]);
    }

    #[test]
    fn what_is_no_id_is_no_key() {
        for id in ["", "a#b", &"x".repeat(limits::PROVIDER_ID_CHARACTERS_MAX + 1)] {
            assert!(lines(&packed(&[line("SUCCESS", id)])).iter().filter_map(heard).next().is_none(), "{id}");
        }
    }

    #[test]
    fn what_cannot_be_read_tells_nothing() {
        let bomb = packed(&["x".repeat(usize::try_from(limits::LOG_BYTES_MAX).unwrap() + 1)]);
        for data in ["", "not base64!", "AAAA", &bomb] {
            assert!(lines(data).is_empty());
        }
    }
}
