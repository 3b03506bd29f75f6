//! A mail as an attachment of a mail that is marked. What was signed (S/MIME, DKIM) stays byte for byte what it was.

use std::fmt::Write as _;

use super::Mark;

pub(super) fn forwarded(bytes: &[u8], mark: &Mark) -> Vec<u8> {
    let mut boundary = format!("copy-{}", mark.code);
    // A line of the mail that looks like the boundary would end it early.
    while crate::pdf::find(bytes, boundary.as_bytes(), 0).is_some() {
        boundary.push('x');
    }
    let mut mail = String::new();
    let whole = mark.whole();
    for line in [
        "MIME-Version: 1.0",
        "Subject: Copy of a message",
        &format!("Content-Type: multipart/mixed; boundary=\"{boundary}\""),
        "",
        &format!("--{boundary}"),
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        &whole,
        "",
        "The message is attached as it is.",
        &format!("--{boundary}"),
        "Content-Type: message/rfc822",
        "Content-Transfer-Encoding: 8bit",
        "Content-Disposition: attachment; filename=\"message.eml\"",
        "",
    ] {
        write!(mail, "{line}\r\n").unwrap_or_default();
    }
    let mut mail = mail.into_bytes();
    mail.extend_from_slice(bytes);
    mail.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    mail
}
