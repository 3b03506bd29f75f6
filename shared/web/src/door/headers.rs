//! Headers of every answer, whatever it is and whoever made it.

use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderName, HeaderValue, Uri};

const FIXED: [(&str, &str); 6] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    // Not `no-referrer`: with it browsers say `Origin: null` when a form is sent, and the guard could not know its own.
    ("referrer-policy", "strict-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), serial=(), usb=(), browsing-topics=()",
    ),
];

pub(super) fn add(response: &mut Response, uri: &Uri, bucket_origin: &str, request_id: &str) {
    // An address of an asset contains its content's hash; everything else is of one person and one moment.
    let named_by_hash = ["/assets/", "/firm/logo/"].iter().any(|place| uri.path().starts_with(place));
    let keeps = named_by_hash && response.status().is_success();
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !(keeps && headers.contains_key(CACHE_CONTROL)) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(CONTENT_SECURITY_POLICY, &policy(bucket_origin));
    set(HeaderName::from_static("x-request-id"), request_id);
}

/// Nothing inline, nothing from elsewhere, but files to and from the bucket.
fn policy(bucket_origin: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {bucket_origin}; \
         font-src 'self'; connect-src 'self' {bucket_origin}; form-action 'self' {bucket_origin}; worker-src 'self'; \
         manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
}
