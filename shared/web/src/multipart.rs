//! Forms with a file, `multipart/form-data`, as browsers write them (RFC 7578). The body is bounded and in memory before
//! it comes here; what is not written as expected has no parts.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// A form of ours has a few fields; one with more is none.
const PARTS_MAX: usize = 16;

/// One field.
struct Part<'a> {
    name: &'a str,
    bytes: &'a [u8],
}

/// A field's text; none where it is missing, is there twice, or is no text.
pub(crate) fn text(headers: &HeaderMap, body: &[u8], name: &str) -> Option<String> {
    String::from_utf8(field(headers, body, name)?).ok()
}

/// A field's bytes; none where it is missing or there twice.
pub(crate) fn field(headers: &HeaderMap, body: &[u8], name: &str) -> Option<Vec<u8>> {
    let parts = parts(body, &boundary(headers)?)?;
    let mut named = parts.iter().filter(|part| part.name == name);
    let found = named.next()?;
    named.next().is_none().then(|| found.bytes.to_vec())
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let mut given = text.split(';').skip(1).filter_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = given.next()?.trim_matches('"');
    let fits = (1..=70).contains(&boundary.len()) && boundary.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| boundary.to_owned())
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let part = rest.strip_prefix(b"\r\n")?;
        let head_end = find(part, b"\r\n\r\n")?;
        let content = &part[head_end + 4..];
        let end = find(content, between.as_bytes())?;
        let head = std::str::from_utf8(&part[..head_end]).ok()?;
        parts.push(Part { name: name(head)?, bytes: &content[..end] });
        if parts.len() > PARTS_MAX {
            return None;
        }
        rest = &content[end + between.len()..];
    }
}

/// Of `Content-Disposition: form-data; name="logo"; filename="logo.png"`. The file's own name is of no use to us.
fn name(head: &str) -> Option<&str> {
    let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let named = disposition.split(';').find_map(|part| part.trim().strip_prefix("name="))?;
    Some(named.trim_matches('"'))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, name: &str, want: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "multipart/form-data; boundary=xYz".parse().unwrap());
        let body = body.replace('\n', "\r\n");
        assert_eq!(text(&headers, body.as_bytes(), name).as_deref(), want, "{body:?}");
    }

    const FORM: &str = "--xYz\nContent-Disposition: form-data; name=\"csrf\"\n\nt0ken\n--xYz\n\
        Content-Disposition: form-data; name=\"logo\"; filename=\"a; name=b.png\"\nContent-Type: image/png\n\n\
        PNG\n--xY\nmore\n--xYz--\n";

    #[test]
    fn fields_and_files_are_found_by_name() {
        check(FORM, "csrf", Some("t0ken"));
        check(FORM, "logo", Some("PNG\r\n--xY\r\nmore"));
        check(FORM, "b.png", None);
        check(FORM, "other", None);
    }

    #[test]
    fn what_is_not_written_as_expected_has_no_fields() {
        check("", "csrf", None);
        check(&FORM[2..], "csrf", None);
        check(FORM.trim_end_matches("--\n"), "csrf", None);
        check(&FORM.replace("\n\n", "\n"), "csrf", None);
        check(&FORM.replace("name=\"logo\"", "name=\"csrf\""), "csrf", None);
        let many = "--xYz\nContent-Disposition: form-data; name=\"a\"\n\n1\n".repeat(40);
        check(&format!("{many}{FORM}"), "csrf", None);
    }
}
