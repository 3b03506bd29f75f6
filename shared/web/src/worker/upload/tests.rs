use super::*;

fn parse(batch: &str) -> UploadNews {
    let batch: serde_json::Value = serde_json::from_str(batch).unwrap();
    let message: Message = serde_json::from_value(batch["Records"][0].clone()).unwrap();
    UploadNews::parse(&message).unwrap()
}

macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../events/", $name, ".json"))
    };
}

const KEY: &str =
    "quarantine/t/01JDB8Q5R0F1RM00000000000A/c/01JDB8Q5R0C11ENT00000000AB/open/01JDB9M2T0D0C0000000000001";

#[test]
fn the_bucket_s_notice() {
    let UploadNews::Arrived(objects) = parse(event!("s3/object-created")) else { panic!("not a notice") };
    let want = ArrivedObject {
        bucket: "portico-documents-000000000000".into(),
        key: KEY.into(),
        version: "3sL4kqtJlcpXroDTDmJpEXAMPLE".into(),
        size_bytes: 48_213,
    };
    assert_eq!(objects, [want]);
    let UploadNews::Arrived(objects) = parse(event!("s3/object-created-encoded-key")) else { panic!("not a notice") };
    assert!(objects[0].key.ends_with("/a b+ü/01JDB9M2T0D0C0000000000001"), "{}", objects[0].key);
    assert_eq!(parse(event!("s3/trial")), UploadNews::Trial);
}

fn check(batch: &str, want: ScanResult) {
    let UploadNews::Verdict(verdict) = parse(batch) else { panic!("not a verdict") };
    assert_eq!((verdict.key.as_str(), verdict.result), (KEY, want));
    assert_eq!(verdict.version, "3sL4kqtJlcpXroDTDmJpEXAMPLE");
}

#[test]
fn the_scanner_s_verdict() {
    check(event!("guardduty/no-threats-found"), ScanResult::Clean);
    check(event!("guardduty/threats-found"), ScanResult::Infected);
    check(event!("guardduty/unsupported"), ScanResult::Unsupported);
    check(event!("guardduty/failed"), ScanResult::Failed);
    check(event!("guardduty/access-denied"), ScanResult::Failed);
    // A word that we do not know, or a clean result of a scan that did not finish, is not clean.
    check(&event!("guardduty/no-threats-found").replace("NO_THREATS_FOUND", "PROBABLY_FINE"), ScanResult::Failed);
    check(&event!("guardduty/no-threats-found").replace("COMPLETED", "SKIPPED"), ScanResult::Failed);
}

#[test]
fn keys_are_decoded_as_forms_are() {
    let check = |key: &str, want: Option<&str>| assert_eq!(form_decoded(key).as_deref(), want, "{key:?}");
    check("a+b%2Bc/d", Some("a b+c/d"));
    check("%e2%82%AC", Some("€"));
    check("%", None);
    check("%4", None);
    check("%zz", None);
    check("%ff", None);
}
