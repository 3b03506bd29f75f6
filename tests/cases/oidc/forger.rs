//! An OpenID provider that says whatever a test wants, since a real one cannot be made to lie.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use crate::idp::query;
use crate::world::jiff_now;

/// A token as it is to be.
#[derive(Debug, Clone)]
pub(super) struct Forged {
    pub(super) subject: String,
    pub(super) email: Option<String>,
    pub(super) email_verified: Option<bool>,
    pub(super) nonce: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) iss_in_answer: Option<String>,
    pub(super) audience: Option<Value>,
    pub(super) party: Option<String>,
    pub(super) expires_in: i64,
    pub(super) issued_ago: i64,
    pub(super) alg: &'static str,
    pub(super) unknown_key: bool,
    pub(super) other_key: bool,
    pub(super) public_as_secret: bool,
}

impl Forged {
    /// An honest one.
    pub(super) fn of(email: &str) -> Self {
        Self {
            subject: format!("sub-{email}"),
            email: Some(email.to_owned()),
            email_verified: Some(true),
            nonce: None,
            issuer: None,
            iss_in_answer: None,
            audience: None,
            party: None,
            expires_in: 300,
            issued_ago: 0,
            alg: "RS256",
            unknown_key: false,
            other_key: false,
            public_as_secret: false,
        }
    }
}

struct State {
    issuer: String,
    key: RsaKeyPair,
    other: RsaKeyPair,
    /// The next tokens, by the code that they are given for.
    says: Mutex<BTreeMap<String, (String, Forged)>>,
}

pub(super) struct Forger {
    pub(super) issuer: String,
    state: Arc<State>,
}

impl Forger {
    pub(super) async fn open() -> Forger {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let key = || RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let state = Arc::new(State { issuer: issuer.clone(), key: key(), other: key(), says: Mutex::default() });
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Forger { issuer, state }
    }

    /// What the next exchange is answered, for the request that this address begins.
    pub(super) fn say(&self, start: &str, forged: Forged) {
        self.say_for("good", start, forged);
    }

    /// The same for a code of its own, where several browsers are on their way at once.
    pub(super) fn say_for(&self, code: &str, start: &str, forged: Forged) {
        self.state.says.lock().unwrap().insert(code.to_owned(), (query(start, "nonce"), forged));
    }
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let sent = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let code = url::form_urlencoded::parse(&sent).find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
    let json_of = |value: Value| Response::new(Full::new(Bytes::from(value.to_string())));
    let issuer = &state.issuer;
    Ok(match path.as_str() {
        "/.well-known/openid-configuration" | "/elsewhere/.well-known/openid-configuration" => json_of(json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "authorization_response_iss_parameter_supported": true,
        })),
        "/keys" => json_of(json!({ "keys": [published(&state.key)] })),
        "/token" => match state.says.lock().unwrap().remove(&code.unwrap_or_default()) {
            Some((nonce, forged)) => json_of(
                json!({ "access_token": "x", "token_type": "Bearer", "id_token": token(&state, &nonce, &forged) }),
            ),
            None => {
                let mut refused = json_of(json!({ "error": "invalid_grant" }));
                *refused.status_mut() = http::StatusCode::BAD_REQUEST;
                refused
            }
        },
        "/moved/.well-known/openid-configuration" => {
            let moved = Response::builder().status(302).header("location", format!("{issuer}/x"));
            moved.body(Full::new(Bytes::new())).unwrap()
        }
        "/large/.well-known/openid-configuration" => Response::new(Full::new(Bytes::from(vec![b' '; 1024 * 1024]))),
        _ => json_of(json!({})),
    })
}

fn published(key: &RsaKeyPair) -> Value {
    let public = key.public_key();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({
        "kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256",
        "n": part(public.modulus().big_endian_without_leading_zero()),
        "e": part(public.exponent().big_endian_without_leading_zero()),
    })
}

fn token(state: &State, nonce: &str, forged: &Forged) -> String {
    let now = jiff_now().as_second();
    let mut claims = BTreeMap::from([
        ("iss", json!(forged.issuer.as_ref().unwrap_or(&state.issuer))),
        ("sub", json!(forged.subject)),
        ("aud", forged.audience.clone().unwrap_or_else(|| json!("portal"))),
        ("iat", json!(now - forged.issued_ago)),
        ("exp", json!(now - forged.issued_ago.max(0) + forged.expires_in + forged.issued_ago.max(0))),
    ]);
    match forged.nonce.as_deref() {
        None => drop(claims.insert("nonce", json!(nonce))),
        Some("") => (),
        Some(other) => drop(claims.insert("nonce", json!(other))),
    }
    if let Some(email) = &forged.email {
        claims.insert("email", json!(email));
    }
    if let Some(verified) = forged.email_verified {
        claims.insert("email_verified", json!(verified));
    }
    if let Some(party) = &forged.party {
        claims.insert("azp", json!(party));
    }
    let mut header = json!({ "alg": forged.alg, "typ": "JWT" });
    if forged.alg != "none" {
        header["kid"] = json!(if forged.unknown_key { "two" } else { "one" });
    }
    let part = |value: String| URL_SAFE_NO_PAD.encode(value);
    let signed = format!("{}.{}", part(header.to_string()), part(json!(claims).to_string()));
    let signature = match forged.alg {
        "none" => Vec::new(),
        "HS256" => {
            let secret = if forged.public_as_secret {
                state.key.public_key().as_ref().to_vec()
            } else {
                super::SECRET.as_bytes().to_vec()
            };
            crypto::hmac_sha256(&secret, signed.as_bytes()).to_vec()
        }
        alg => {
            let key = if forged.other_key || forged.unknown_key { &state.other } else { &state.key };
            let padding: &dyn signature::RsaEncoding =
                if alg == "RS512" { &signature::RSA_PKCS1_SHA512 } else { &signature::RSA_PKCS1_SHA256 };
            let mut made = vec![0; key.public_modulus_len()];
            #[expect(clippy::disallowed_methods, reason = "a signature of a test, whose bits need not be told")]
            key.sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut made).unwrap();
            made
        }
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
