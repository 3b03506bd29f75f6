//! Mails and SMS that the portal sent, as the emulator recorded them: for tests as JSON, for people as a page.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::forward::{Upstream, decoded_query};
use crate::stop::Stop;

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Mail {
    /// Several are separated by commas.
    to: String,
    subject: String,
    text: String,
    html: String,
    at: String,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Text {
    to: String,
    text: String,
    at: String,
}

#[derive(Deserialize)]
struct SentMails {
    messages: BTreeMap<String, Vec<SentMail>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentMail {
    to: Vec<String>,
    #[serde(rename = "CC")]
    cc: Vec<String>,
    #[serde(rename = "BCC")]
    bcc: Vec<String>,
    subject: Option<String>,
    body_text: Option<String>,
    body_html: Option<String>,
    timestamp: f64,
}

#[derive(Deserialize)]
struct SentTexts {
    sms_messages: BTreeMap<String, Vec<SentText>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentText {
    message: String,
    #[serde(default)]
    timestamp: f64,
}

/// Newest first; of one recipient with `to=`.
pub(crate) async fn mails(emulator: &Upstream, query: &str) -> Result<Vec<Mail>, Stop> {
    // The emulator leaves out other recipients already: a long run of tests sends thousands of mails.
    let sent: SentMails = read(&emulator.get(&format!("/_ministack/ses/messages?{query}")).await?)?;
    Ok(newest_mails(sent, wanted(query).as_deref()))
}

pub(crate) async fn texts(emulator: &Upstream, query: &str) -> Result<Vec<Text>, Stop> {
    let wanted = wanted(query);
    let of = wanted.as_deref().map(|to| format!("?phoneNumber={}", to.replace('+', "%2B"))).unwrap_or_default();
    let sent: SentTexts = read(&emulator.get(&format!("/_ministack/sns/sms-messages{of}")).await?)?;
    Ok(newest_texts(sent, wanted.as_deref()))
}

fn read<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Stop> {
    serde_json::from_slice(answer).map_err(|why| Stop::new(format!("what the local AWS sent: {why}")))
}

fn wanted(query: &str) -> Option<String> {
    decoded_query(query).find(|(name, _)| name == "to").map(|(_, value)| value)
}

fn newest_mails(sent: SentMails, wanted: Option<&str>) -> Vec<Mail> {
    let mut found: Vec<(f64, Mail)> = Vec::new();
    for mail in sent.messages.into_values().flatten() {
        let to: Vec<String> = [mail.to, mail.cc, mail.bcc].concat();
        if wanted.is_none_or(|wanted| to.iter().any(|address| address.eq_ignore_ascii_case(wanted))) {
            let shown = Mail {
                to: to.join(", "),
                subject: mail.subject.unwrap_or_default(),
                text: mail.body_text.unwrap_or_default(),
                html: mail.body_html.unwrap_or_default(),
                at: utc(mail.timestamp),
            };
            found.push((mail.timestamp, shown));
        }
    }
    newest_first(found)
}

fn newest_texts(sent: SentTexts, wanted: Option<&str>) -> Vec<Text> {
    let mut found: Vec<(f64, Text)> = Vec::new();
    for (to, texts) in sent.sms_messages {
        if wanted.is_none_or(|wanted| wanted == to) {
            found.extend(texts.into_iter().map(|text| {
                let shown = Text { to: to.clone(), text: text.message, at: utc(text.timestamp) };
                (text.timestamp, shown)
            }));
        }
    }
    newest_first(found)
}

fn newest_first<T>(mut found: Vec<(f64, T)>) -> Vec<T> {
    // Reversed before it is sorted: of two in the same instant, the one recorded later is newer.
    found.reverse();
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found.into_iter().map(|(_, shown)| shown).collect()
}

/// `2026-01-31T09:30:00.125Z`, from seconds since 1970.
fn utc(seconds: f64) -> String {
    // Fractions of a millisecond are of no interest.
    let ms = (seconds * 1000.0) as i64;
    let (days, ms) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
}

/// Year, month and day of a day since 1970. Counted in years that begin in March, so that a leap day comes last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468; // since 1 March of the year 0
    let era = days.div_euclid(146_097); // of 400 years
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + next_year, month, day)
}

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Mail</title>\
<meta name=viewport content='width=device-width'><style>\
body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#222}\
article{border-top:1px solid #ccc;padding:1rem 0}h2{font-size:1.1rem;margin:0}\
p{margin:.2rem 0;color:#555}pre{white-space:pre-wrap;font:inherit;overflow-wrap:anywhere}\
iframe{width:100%;height:24rem;border:1px solid #ccc}</style><h1>Mail that the portal sent</h1>";

/// The mails for a person to read, with links to follow.
pub(crate) fn page(mails: &[Mail]) -> String {
    let mut page = HEAD.to_owned();
    if mails.is_empty() {
        page.push_str("<p>None yet. Sign in, and the link arrives here.</p>");
    }
    for mail in mails {
        let (to, subject, at) = (escaped(&mail.to), escaped(&mail.subject), escaped(&mail.at));
        // Writing to a String cannot fail.
        let _ = write!(page, "<article><h2>{subject}</h2><p>To {to} · <time>{at}</time></p>");
        let _ = write!(page, "<pre>{}</pre>", linked(&mail.text));
        if !mail.html.is_empty() {
            let html = escaped(&mail.html);
            let _ = write!(
                page,
                "<details><summary>As HTML</summary><iframe title='The mail as HTML' \
                 sandbox='allow-popups allow-top-navigation-by-user-activation' srcdoc=\"{html}\"></iframe></details>"
            );
        }
        page.push_str("</article>");
    }
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// The text, with its addresses as links.
fn linked(text: &str) -> String {
    let mut made = String::new();
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let begin = ["http://", "https://"].iter().filter_map(|scheme| word.find(scheme)).min();
        match begin {
            Some(begin) => {
                let (before, address) = word.split_at(begin);
                let address = address.trim_end_matches(['.', ',', ')', '>']);
                let after = &piece[begin + address.len()..];
                let shown = escaped(address);
                let _ = write!(made, "{}<a href=\"{shown}\">{shown}</a>{}", escaped(before), escaped(after));
            }
            None => made.push_str(&escaped(piece)),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_utc(seconds: f64, want: &str) {
        assert_eq!(utc(seconds), want);
    }

    #[test]
    fn instants() {
        check_utc(0.0, "1970-01-01T00:00:00.000Z");
        check_utc(951_782_400.0, "2000-02-29T00:00:00.000Z");
        check_utc(1_709_251_199.5, "2024-02-29T23:59:59.500Z");
        check_utc(1_795_645_193.25, "2026-11-25T22:19:53.250Z");
        check_utc(1_798_761_600.0, "2027-01-01T00:00:00.000Z");
    }

    fn sent() -> SentMails {
        let mail = |to: &str, subject: &str, at: f64| {
            serde_json::json!({"To": [to], "CC": ["cc@x.example"], "BCC": [], "Subject": subject,
                "BodyText": "t", "BodyHtml": null, "Timestamp": at})
        };
        let messages = [mail("a@x.example", "1", 1.0), mail("b@x.example", "2", 3.0), mail("A@x.example", "3", 3.0)];
        serde_json::from_value(serde_json::json!({"messages": {"0": messages}})).unwrap()
    }

    fn check_mails(to: Option<&str>, want: &[&str]) {
        let found: Vec<String> = newest_mails(sent(), to).into_iter().map(|mail| mail.subject).collect();
        assert_eq!(found, want, "{to:?}");
    }

    #[test]
    fn newest_first_and_by_recipient() {
        check_mails(None, &["3", "2", "1"]);
        check_mails(Some("a@x.example"), &["3", "1"]);
        check_mails(Some("cc@x.example"), &["3", "2", "1"]);
        check_mails(Some("nobody@x.example"), &[]);
    }

    #[test]
    fn texts_by_number() {
        let sent = r#"{"sms_messages": {"+1": [{"Message": "x"}, {"Message": "y", "Timestamp": 2.0}], "+2": []}}"#;
        let texts = |to| newest_texts(serde_json::from_str(sent).unwrap(), to);
        assert_eq!(texts(Some("+1")).iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["y", "x"]);
        assert!(texts(Some("+2")).is_empty());
    }

    #[test]
    fn links_of_a_text() {
        let made = linked("Open (http://localhost:3000/a?b=1&c=2).\nOr <https://x.example> now");
        assert_eq!(
            made,
            "Open (<a href=\"http://localhost:3000/a?b=1&amp;c=2\">http://localhost:3000/a?b=1&amp;c=2</a>).\n\
             Or &lt;<a href=\"https://x.example\">https://x.example</a>&gt; now"
        );
    }

    #[test]
    fn a_mail_cannot_write_on_its_page() {
        let mail = Mail {
            to: "a@x.example".into(),
            subject: "<script>".into(),
            text: "<b>".into(),
            html: "<p title=\"x\">".into(),
            at: utc(0.0),
        };
        let page = page(&[mail]);
        assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
        assert!(page.contains("srcdoc=\"&lt;p title=&quot;x&quot;&gt;\""), "{page}");
    }
}
