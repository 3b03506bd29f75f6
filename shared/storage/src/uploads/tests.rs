use crypto::Secret;
use serde_json::Value;

use super::*;

/// The example of the S3 manual, "Browser-based upload using HTTP POST (using AWS Signature Version 4)".
#[test]
fn signs_as_the_manual_does() {
    let policy = concat!(
        "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBb",
        "InN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDov",
        "L3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2Uv",
        "Il0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFy",
        "dHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3",
        "czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9",
    );
    assert_eq!(
        signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20151229", "us-east-1", policy),
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
    );
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn fields(redirect: Option<&str>) -> BTreeMap<String, String> {
    let credentials = Credentials {
        key_id: "ASIAEXAMPLE".into(),
        secret: Secret::new("secret".into()),
        token: Secret::new("token==".into()),
        expires: at("2026-11-24T10:15:00Z"),
    };
    let form = Form {
        bucket: "p-documents-1",
        key: "quarantine/t/F/c/C/open/D".into(),
        size_bytes_max: 1234,
        key_arn: "arn:aws:kms:eu-west-1:1:key/k",
        context: "Y29udGV4dA==".into(),
        redirect,
    };
    let signer = Signer { credentials: &credentials, region: "eu-west-1".into(), now: at("2026-11-24T10:00:00.9Z") };
    form.signed(&signer, at("2026-11-24T10:14:59.5Z"))
}

/// S3 refuses a field that no condition names, but for these three.
#[test]
fn every_field_is_a_condition_with_its_exact_value() {
    let fields = fields(Some("https://portal.example/x?a=b&c=d"));
    let policy: Value = serde_json::from_slice(&STANDARD.decode(&fields["policy"]).unwrap()).unwrap();
    let conditions = policy["conditions"].as_array().unwrap();
    for (name, value) in fields.iter().filter(|(name, _)| !["policy", "x-amz-signature"].contains(&name.as_str())) {
        assert!(conditions.contains(&json!({ name.as_str(): value })), "{name}");
    }
    assert!(conditions.contains(&json!({ "bucket": "p-documents-1" })));
    assert!(conditions.contains(&json!(["content-length-range", 1, 1234])));
    assert_eq!(conditions.len(), fields.len());
    assert_eq!(policy["expiration"], "2026-11-24T10:14:59.000Z");
}

#[test]
fn the_fields_are_those_that_s3_asks_for() {
    let fields = fields(None);
    for (name, value) in [
        ("key", "quarantine/t/F/c/C/open/D"),
        ("Content-Type", "application/octet-stream"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:eu-west-1:1:key/k"),
        ("x-amz-server-side-encryption-context", "Y29udGV4dA=="),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", "ASIAEXAMPLE/20261124/eu-west-1/s3/aws4_request"),
        ("x-amz-date", "20261124T100000Z"),
        ("x-amz-security-token", "token=="),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
    assert_eq!(fields["x-amz-signature"].len(), 64);
    assert!(!fields.contains_key("success_action_redirect"));
}

#[test]
fn only_keys_of_tickets_are_uploads() {
    let (firm, client) = (FirmId::from_bits(u128::MAX), ClientId::from_bits(u128::MAX / 3));
    let document = DocumentId::from_bits(u128::MAX / 5);
    for audience in Audience::ALL {
        let key = ObjectKeys::new(&firm, &client).upload(&document, audience);
        let (firm, client, document) = (firm.clone(), client.clone(), document.clone());
        assert_eq!(UploadKey::parse(&key), Some(UploadKey { firm, client, audience, document }));
    }
    let key = ObjectKeys::new(&firm, &client).upload(&document, Audience::Open);
    for wrong in [
        key.replace("quarantine", "clean"),
        key.replace("/open/", "/bill/"),
        key.replace("/t/", "/x/"),
        format!("{key}/more"),
        format!("/{key}"),
        key[..key.len() - 1].to_owned(),
        key.to_lowercase(),
        String::new(),
    ] {
        assert_eq!(UploadKey::parse(&wrong), None, "{wrong}");
    }
}
