//! An address within the portal, as it comes back from a form or a link: never one that leads elsewhere.

use std::fmt::Write as _;

use domain::limits;

/// A path of this site with its query, safe to redirect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Nothing where a browser could read another site out of it.
    pub fn parse(text: &str) -> Option<Self> {
        let inside = text.starts_with('/') && !text.starts_with("//");
        // Browsers take a backslash for a slash, and drop tabs and line breaks before they look.
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let loops = ["/sign-in", "/sign-out"].iter().any(|prefix| text.starts_with(prefix));
        let fits = text.len() <= limits::LOCAL_PATH_BYTES_MAX;
        (inside && plain && !loops && fits).then(|| Self(text.to_owned()))
    }

    /// From a whole address of this site, as a browser names the page it is on.
    pub fn of_url(url: &str, site_origin: &str) -> Option<Self> {
        Self::parse(url.strip_prefix(site_origin)?)
    }

    pub fn home() -> Self {
        Self("/".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a page that leads back here: of signing in, of a second factor, of a fresh proof.
    pub(crate) fn by_way_of(page: &str, path: Option<&LocalPath>) -> String {
        match path {
            Some(LocalPath(next)) if next != "/" => format!("{page}?next={}", query_value(next)),
            _ => page.to_owned(),
        }
    }
}

/// As the value of a query: everything that is not plainly harmless is escaped.
pub(crate) fn query_value(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, accepted: bool) {
        assert_eq!(LocalPath::parse(text).is_some(), accepted, "{text:?}");
    }

    #[test]
    fn only_paths_of_this_site() {
        check("/", true);
        check("/clients/01ARZ3NDEKTSV4RRFFQ69G5FAV/documents?page=2&sort=name", true);
        check("/search?q=https://x.example", true);
        check("", false);
        check("documents", false);
        check("//evil.example", false);
        check("/\\evil.example", false);
        check("/\t/evil.example", false);
        check("/a\r\nSet-Cookie: x=y", false);
        check("https://evil.example/", false);
        check("javascript:alert(1)", false);
        check("/\u{2f}evil.example/ü", false);
        check("/sign-in?next=/", false);
        check("/sign-out", false);
        check(&format!("/{}", "a".repeat(limits::LOCAL_PATH_BYTES_MAX)), false);
    }

    #[test]
    fn a_whole_address_has_to_be_of_this_site() {
        let check = |url: &str, want: Option<&str>| {
            assert_eq!(LocalPath::of_url(url, "https://p.example").as_ref().map(LocalPath::as_str), want, "{url:?}");
        };
        check("https://p.example/sessions", Some("/sessions"));
        check("https://p.example.evil.example/sessions", None);
        check("https://p.example@evil.example/", None);
        check("https://evil.example/", None);
    }

    #[test]
    fn sign_in_leads_back() {
        let path = LocalPath::parse("/search?q=a b&c".replace(' ', "+").as_str());
        assert_eq!(LocalPath::by_way_of("/sign-in", path.as_ref()), "/sign-in?next=/search%3Fq%3Da%2Bb%26c");
        assert_eq!(LocalPath::by_way_of("/sign-in", Some(&LocalPath::home())), "/sign-in");
        assert_eq!(LocalPath::by_way_of("/sign-in", None), "/sign-in");
    }
}
