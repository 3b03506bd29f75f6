//! Text records of a domain, asked for over HTTPS: the answer comes from the resolver that was asked, and nobody on the
//! way can put one in its place, as anybody can with a bare datagram.

use serde::Deserialize;

use crate::outgoing::{ANSWER_BYTES_MAX, Outgoing, OutgoingFailed};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookupFailed {
    #[error("The name servers could not be asked. Try again in a moment.")]
    Resolver(OutgoingFailed),
    #[error("The name servers' answer cannot be read. Try again in a moment.")]
    Unreadable,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    status: u16,
    #[serde(default)]
    answer: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "type")]
    kind: u16,
    data: String,
}

const TXT: u16 = 16;
const NO_ERROR: u16 = 0;
const NO_SUCH_NAME: u16 = 3;

/// The text records of a name; none where there is no such name. `resolver` speaks the JSON form that the large public
/// resolvers share.
pub async fn text_records(outgoing: &Outgoing, resolver: &str, name: &str) -> Result<Vec<String>, LookupFailed> {
    let separator = if resolver.contains('?') { '&' } else { '?' };
    let url = format!("{resolver}{separator}name={name}&type=TXT");
    let body = outgoing.get(&url, "application/dns-json", ANSWER_BYTES_MAX).await.map_err(LookupFailed::Resolver)?;
    let answer: Answer = serde_json::from_slice(&body).map_err(|_| LookupFailed::Unreadable)?;
    match answer.status {
        NO_ERROR => {
            Ok(answer.answer.iter().filter(|record| record.kind == TXT).map(|record| joined(&record.data)).collect())
        }
        NO_SUCH_NAME => Ok(Vec::new()),
        _ => Err(LookupFailed::Unreadable),
    }
}

/// A record is a row of quoted strings, which belong together.
fn joined(data: &str) -> String {
    if !data.starts_with('"') {
        return data.to_owned();
    }
    data.split('"').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_a_record_belong_together() {
        for (data, want) in
            [("\"portico=abc\"", "portico=abc"), ("\"portico=\" \"abc\"", "portico=abc"), ("bare", "bare")]
        {
            assert_eq!(joined(data), want, "{data}");
        }
    }
}
