//! The cookies. All have the prefix `__Host-`: a browser keeps such a cookie only when it is Secure, of the whole
//! site and of this host alone, so that no neighbouring host can plant one.

use std::convert::Infallible;

use axum::response::{IntoResponseParts, ResponseParts};
use crypto::{BearerToken, Secret, SessionToken};
use domain::{EmailAddress, limits};
use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The session's secret.
pub const SESSION: &str = "__Host-s";
/// Binds a mailed link to the browser that asked for it.
pub const ASK: &str = "__Host-ask";
/// The address that this browser asked a link for, shown again on the page that waits for the mail.
pub const ASKED: &str = "__Host-asked";
/// Binds a provider's answer to the browser that was sent there.
pub const SSO: &str = "__Host-sso";
/// Tells a browser that somebody signed in with before from one that is new to them. It proves nothing else.
pub const DEVICE: &str = "__Host-d";

/// A cookie's value as the browser sent it. Nothing where it was sent twice with two values: one of them is not ours.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name);
    let (_, first) = values.next()?;
    values.all(|(_, other)| other == first).then_some(first)
}

/// The session's token, where the browser holds one that can be ours. Who comes with a token for programs comes with
/// that alone: whatever cookie is there beside it is not looked at.
pub fn session(headers: &HeaderMap) -> Option<SessionToken> {
    if headers.contains_key(AUTHORIZATION) {
        return None;
    }
    SessionToken::parse(read(headers, SESSION)?)
}

/// The personal token of a program: `Authorization: Bearer pt_…`, sent once.
pub fn bearer(headers: &HeaderMap) -> Option<BearerToken> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (scheme, token) = sent.next()?.to_str().ok()?.split_once(' ')?;
    let once = sent.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    BearerToken::parse(token.trim()).filter(|_| once)
}

/// What a browser holds while a link that it asked for is on its way. Only its hash is stored.
#[derive(Debug, Clone)]
pub struct AskToken(Secret<String>);

impl AskToken {
    /// `bits` are 128 random bits.
    pub fn from_bits(bits: u128) -> Self {
        Self(Secret::new(format!("{bits:032x}")))
    }

    pub fn of(headers: &HeaderMap) -> Option<Self> {
        random(headers, ASK).map(Self)
    }

    pub fn hash(&self) -> String {
        crypto::tagged_token("ask", self.0.expose())
    }

    /// What the mailed code is hashed with. It is not stored, so that whoever reads what is cannot try all codes.
    pub fn code_salt(&self) -> String {
        crypto::tagged_token("ask-code", self.0.expose())
    }
}

/// What makes a browser known. Only its hash is stored.
#[derive(Debug, Clone)]
pub struct DeviceToken(Secret<String>);

impl DeviceToken {
    /// `bits` are 128 random bits.
    pub fn from_bits(bits: u128) -> Self {
        Self(Secret::new(format!("{bits:032x}")))
    }

    pub fn of(headers: &HeaderMap) -> Option<Self> {
        random(headers, DEVICE).map(Self)
    }

    pub fn hash(&self) -> String {
        crypto::tagged_token("device", self.0.expose())
    }
}

/// What a browser holds while it is away at a provider of single sign-on. Only its hash is stored.
#[derive(Debug, Clone)]
pub struct SsoToken(Secret<String>);

impl SsoToken {
    /// `bits` are 128 random bits.
    pub fn from_bits(bits: u128) -> Self {
        Self(Secret::new(format!("{bits:032x}")))
    }

    pub fn of(headers: &HeaderMap) -> Option<Self> {
        random(headers, SSO).map(Self)
    }

    pub fn hash(&self) -> String {
        crypto::tagged_token("sso", self.0.expose())
    }
}

/// 128 random bits as our own cookies hold them.
fn random(headers: &HeaderMap, name: &str) -> Option<Secret<String>> {
    let text = read(headers, name)?;
    let ours = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    ours.then(|| Secret::new(text.to_owned()))
}

/// Headers that set or clear cookies; put before the answer: `(cookies::start(&token), see_other("/"))`.
#[derive(Debug, Clone)]
pub struct CookieChange {
    lines: Vec<String>,
    clears_site: bool,
}

impl CookieChange {
    /// Both changes in one answer.
    pub fn and(mut self, other: CookieChange) -> Self {
        self.lines.extend(other.lines);
        Self { clears_site: self.clears_site || other.clears_site, ..self }
    }
}

/// A new session: signing in, and every step up.
pub fn start(token: &SessionToken) -> CookieChange {
    set(SESSION, token.expose(), limits::SESSION_AGE_SECONDS_MAX)
}

/// Signing out: the cookie goes, and whatever pages of ours the browser keeps.
pub fn end() -> CookieChange {
    CookieChange { clears_site: true, ..set(SESSION, "", 0) }
}

/// Binds a link to this browser as long as the link lives.
pub fn ask(token: &AskToken) -> CookieChange {
    set(ASK, token.0.expose(), limits::LINK_AGE_SECONDS_MAX)
}

/// The address that was asked for, as long as its link lives. Whatever may be in an address may be in a cookie.
pub fn asked(email: &EmailAddress) -> CookieChange {
    set(ASKED, email.as_str(), limits::LINK_AGE_SECONDS_MAX)
}

pub fn asked_address(headers: &HeaderMap) -> Option<EmailAddress> {
    EmailAddress::parse(read(headers, ASKED)?).ok()
}

/// Keeps a browser known.
pub fn device(token: &DeviceToken) -> CookieChange {
    set(DEVICE, token.0.expose(), limits::DEVICE_KNOWN_SECONDS)
}

/// Once the link or its code was used.
pub fn forget_ask() -> CookieChange {
    set(ASK, "", 0).and(set(ASKED, "", 0))
}

/// As long as a browser may be away. A provider's answer may be a form that its page posts here, and only a cookie
/// without the bound to this site comes along with that.
pub fn sso(token: &SsoToken) -> CookieChange {
    across_sites(SSO, token.0.expose(), limits::SSO_REQUEST_SECONDS)
}

pub fn forget_sso() -> CookieChange {
    across_sites(SSO, "", 0)
}

fn across_sites(name: &str, value: &str, age_seconds: i64) -> CookieChange {
    let line = format!("{name}={value}; Path=/; Max-Age={age_seconds}; Secure; HttpOnly; SameSite=None");
    CookieChange { lines: vec![line], clears_site: false }
}

fn set(name: &str, value: &str, age_seconds: i64) -> CookieChange {
    let line = format!("{name}={value}; Path=/; Max-Age={age_seconds}; Secure; HttpOnly; SameSite=Lax");
    CookieChange { lines: vec![line], clears_site: false }
}

impl IntoResponseParts for CookieChange {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        for line in &self.lines {
            if let Ok(mut value) = HeaderValue::from_str(line) {
                value.set_sensitive(true);
                parts.headers_mut().append(SET_COOKIE, value);
            }
        }
        if self.clears_site {
            // Not "cache": assets are the same for everybody, and pages are never stored. Not "cookies": the session's goes
            // by the line above, and the browser stays known.
            let what = HeaderValue::from_static(r#""storage""#);
            parts.headers_mut().insert(HeaderName::from_static("clear-site-data"), what);
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;

    fn check(lines: &[&str], want: Option<&str>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, line.parse().unwrap());
        }
        assert_eq!(read(&headers, SESSION), want, "{lines:?}");
    }

    #[test]
    fn reads_one_value_of_one_name() {
        check(&["__Host-s=abc"], Some("abc"));
        check(&["a=b; __Host-s=abc;c=d"], Some("abc"));
        check(&["a=b", "__Host-s=abc"], Some("abc"));
        check(&["__Host-s=abc; __Host-s=abc"], Some("abc"));
        check(&["__Host-s=abc; __Host-s=xyz"], None);
        check(&["__Host-s=abc", "__Host-s=xyz"], None);
        check(&["x__Host-s=abc", "__host-s=abc", "__Host-s"], None);
        check(&[], None);
    }

    fn lines(change: CookieChange) -> Vec<String> {
        let response = (change, "").into_response();
        response.headers().get_all(SET_COOKIE).iter().map(|v| v.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_cookie_is_locked_to_this_host() {
        let token = SessionToken::from_bits([1, 2]);
        let all = start(&token).and(forget_ask()).and(ask(&AskToken::from_bits(7)));
        let lines = lines(all);
        assert_eq!(lines.len(), 4);
        for line in &lines {
            assert!(line.starts_with("__Host-"), "{line}");
            assert!(line.ends_with("; Secure; HttpOnly; SameSite=Lax"), "{line}");
            assert!(line.contains("; Path=/; ") && !line.contains("Domain"), "{line}");
        }
        assert!(lines[0].contains(token.expose()) && lines[0].contains("Max-Age=43200;"), "{lines:?}");
    }

    #[test]
    fn the_address_that_was_asked_for_comes_back_as_it_was() {
        let check = |text: &str| {
            let email = EmailAddress::parse(text).unwrap();
            let line = lines(asked(&email)).remove(0);
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, line.split(';').next().unwrap().parse().unwrap());
            assert_eq!(asked_address(&headers), Some(email), "{line}");
        };
        check("ada@firm.example");
        check("!#$%&'*+-/=?^_`{|}~.@x-y.example");
    }

    #[test]
    fn signing_out_clears_the_browser() {
        let response = (end(), "").into_response();
        assert_eq!(response.headers()["clear-site-data"], r#""storage""#);
        assert!(lines(end())[0].starts_with("__Host-s=; Path=/; Max-Age=0;"));
    }

    #[test]
    fn a_token_for_programs_comes_alone() {
        let (session, token) = (SessionToken::from_bits([1, 2]), BearerToken::from_bits([3, 4]));
        let cookie = format!("{SESSION}={}", session.expose());
        let check = |authorization: &[String], want: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            for value in authorization {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            assert_eq!(
                super::bearer(&headers).map(|found| found.hash()),
                want.then(|| token.hash()),
                "{authorization:?}"
            );
            assert_eq!(super::session(&headers).is_some(), authorization.is_empty(), "{authorization:?}");
        };
        let sent = |scheme: &str| format!("{scheme} {}", token.expose());
        check(&[], false);
        check(&[sent("Bearer")], true);
        check(&[sent("bearer")], true);
        check(&[sent("Basic")], false);
        check(&[sent("Bearer"), sent("Bearer")], false);
        check(&[token.expose().to_owned()], false);
        check(&["Bearer pt_".to_owned()], false);
    }

    #[test]
    fn the_browser_s_own_token_comes_back() {
        let token = AskToken::from_bits(u128::MAX - 1);
        let line = lines(ask(&token))[0].split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, line.parse().unwrap());
        assert_eq!(AskToken::of(&headers).unwrap().hash(), token.hash());
        headers.insert(COOKIE, "__Host-ask=<script>".parse().unwrap());
        assert!(AskToken::of(&headers).is_none());
    }
}
