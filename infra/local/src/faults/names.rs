//! What a call is called: service and operation of a signed request, and an error in the service's own form.

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use crate::forward::{self, Body};

/// `dynamodb`, `s3`, …: from the signature's scope, in the header or in a presigned address.
pub(super) fn service(head: &Parts) -> Option<String> {
    let header = head.headers.get("authorization").and_then(|value| value.to_str().ok());
    let scope = match header {
        Some(text) => text.split_once("Credential=")?.1.split(',').next()?.to_owned(),
        None => query(head, "X-Amz-Credential")?.replace("%2F", "/"),
    };
    // access key, date, region, service, "aws4_request"
    scope.split('/').nth(3).map(str::to_owned)
}

/// `TransactWriteItems`, `AssumeRole`, `PutObject`, …; the method where a service has no names for its requests.
pub(super) fn operation(service: &str, head: &Parts, body: Option<&str>) -> String {
    let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    if let Some((_, operation)) = target.and_then(|target| target.rsplit_once('.')) {
        return operation.to_owned();
    }
    let action = body.into_iter().flat_map(|form| form.split('&')).find_map(|pair| pair.strip_prefix("Action="));
    match service {
        "s3" => query(head, "x-id").unwrap_or_else(|| object_operation(head).to_owned()),
        "lambda" if head.uri.path().ends_with("/invocations") => "Invoke".to_owned(),
        _ => action.map_or_else(|| head.method.to_string(), str::to_owned),
    }
}

/// What a request to S3 without `x-id` does: a presigned one, or one of another client.
fn object_operation(head: &Parts) -> &'static str {
    let object = head.uri.path().trim_matches('/').contains('/');
    match (&head.method, object) {
        (&Method::PUT, true) => "PutObject",
        (&Method::GET, true) => "GetObject",
        (&Method::HEAD, true) => "HeadObject",
        (&Method::DELETE, true) => "DeleteObject",
        (&Method::POST, false) => "PostObject",
        (&Method::GET, false) => "ListObjects",
        (&Method::OPTIONS, _) => "Preflight",
        _ => "Other",
    }
}

fn query(head: &Parts, name: &str) -> Option<String> {
    let pairs = head.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

/// The trace by which one request's calls are told from all others: `Root` of `x-amzn-trace-id`.
pub(super) fn trace(headers: &HeaderMap<HeaderValue>) -> Option<String> {
    let header = headers.get("x-amzn-trace-id")?.to_str().ok()?;
    header.split(';').find_map(|part| part.strip_prefix("Root=")).map(str::to_owned)
}

/// An error as the service would say it, in JSON or in XML.
pub(super) fn error(service: &str, status: u16, code: &str) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let xml = |body: String| forward::answer(status, "text/xml", body);
    match service {
        "s3" => xml(format!("<Error><Code>{code}</Code><Message>a fault that was asked for</Message></Error>")),
        "ses" | "email" | "sns" | "sts" | "iam" => xml(format!(
            "<ErrorResponse><Error><Type>Receiver</Type><Code>{code}</Code>\
             <Message>a fault that was asked for</Message></Error></ErrorResponse>"
        )),
        _ => {
            let body = serde_json::json!({"__type": code, "message": "a fault that was asked for"});
            let mut response = forward::answer(status, "application/x-amz-json-1.0", body.to_string());
            if let Ok(code) = HeaderValue::from_str(code) {
                response.headers_mut().insert("x-amzn-errortype", code);
            }
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=ASIA/20260101/us-east-1/SERVICE/aws4_request, SignedHeaders=host";

    fn check(service_name: &str, method: &str, path: &str, target: Option<&str>, body: &str, want: &str) {
        let mut request = http::Request::builder().method(method).uri(path);
        request = request.header("authorization", SIGNED.replace("SERVICE", service_name));
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(service(&head).as_deref(), Some(service_name), "{path}");
        assert_eq!(operation(service_name, &head, Some(body)), want, "{method} {path} {body}");
    }

    #[test]
    fn calls_by_name() {
        check("dynamodb", "POST", "/", Some("DynamoDB_20120810.TransactWriteItems"), "{}", "TransactWriteItems");
        check("sts", "POST", "/", None, "Action=AssumeRole&Version=2011-06-15", "AssumeRole");
        check("ses", "POST", "/", None, "Version=1&Action=SendRawEmail", "SendRawEmail");
        check("lambda", "POST", "/2015-03-31/functions/portico-access/invocations", None, "{}", "Invoke");
        check("s3", "GET", "/bucket/key?x-id=GetObject", None, "", "GetObject");
        check("s3", "PUT", "/bucket/a/b", None, "", "PutObject");
        check("s3", "POST", "/bucket", None, "", "PostObject");
    }

    #[test]
    fn presigned_addresses_name_their_service() {
        let path = "/b/k?X-Amz-Algorithm=x&X-Amz-Credential=ASIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request";
        let (head, ()) = http::Request::builder().uri(path).body(()).unwrap().into_parts();
        assert_eq!(service(&head).as_deref(), Some("s3"));
        let (head, ()) = http::Request::builder().uri("/b/k").body(()).unwrap().into_parts();
        assert_eq!(service(&head), None);
    }

    #[test]
    fn a_trace_is_its_root() {
        let mut headers = HeaderMap::new();
        assert_eq!(trace(&headers), None);
        headers.insert("x-amzn-trace-id", HeaderValue::from_static("Root=1-5f-ab;Parent=12;Sampled=0"));
        assert_eq!(trace(&headers).as_deref(), Some("1-5f-ab"));
    }
}
