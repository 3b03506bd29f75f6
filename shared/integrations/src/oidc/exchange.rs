//! The code for an id token, from server to server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::Secret;
use http::{Method, Request, header};
use serde::Deserialize;

use super::{Client, Provider, Refusal};
use crate::outgoing::{ANSWER_BYTES_MAX, Outgoing};

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// The id token as it came. It proves nothing before it has been verified.
pub async fn exchange(
    outgoing: &Outgoing,
    provider: &Provider,
    client: Client<'_>,
    code: &Secret<String>,
    verifier: &Secret<String>,
) -> Result<String, Refusal> {
    let methods = &provider.token_endpoint_auth_methods_supported;
    // The header is what applies where a provider says nothing.
    let in_form = !methods.is_empty() && !methods.iter().any(|method| method == "client_secret_basic");
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&provider.token_endpoint)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose().as_str()),
        ("redirect_uri", client.redirect_url),
        ("code_verifier", verifier.expose().as_str()),
    ];
    if in_form {
        pairs.extend([("client_id", client.id), ("client_secret", client.secret.expose().as_str())]);
    } else {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(client.id), encoded(client.secret.expose()));
        request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)));
    }
    let request = request.body(form_body(&pairs)).map_err(|_| Refusal::NotSecure)?;
    let answer = outgoing.send(request, ANSWER_BYTES_MAX).await.map_err(Refusal::Unreachable)?;
    if !answer.status().is_success() {
        let why = serde_json::from_slice::<Refused>(answer.body()).map(|refused| refused.error);
        let why = why.unwrap_or_else(|_| answer.status().as_u16().to_string());
        return Err(Refusal::Exchange(why.chars().filter(|c| c.is_ascii_graphic()).take(60).collect()));
    }
    let tokens: Tokens = serde_json::from_slice(answer.body()).map_err(|_| Refusal::NoToken)?;
    tokens.id_token.ok_or(Refusal::NoToken)
}

fn form_body(pairs: &[(&str, &str)]) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}
