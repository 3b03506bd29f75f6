use super::*;

fn check(reach: Reach, url: &str, want: Result<(), OutgoingFailed>) {
    assert_eq!(reach.check(url), want, "{url}");
}

#[test]
fn only_secure_addresses_are_gone_to() {
    check(Reach::Public, "https://login.example.com/authorize?x=1", Ok(()));
    for wrong in [
        "http://login.example.com/",
        "ftp://login.example.com/",
        "file:///etc/passwd",
        "https://user@login.example.com/",
        "https://login.example.com/#here",
        "https://login.example.com\\@evil.example/",
        "//login.example.com/",
        "/path",
        "",
        "https://löwe.example/",
    ] {
        check(Reach::Public, wrong, Err(OutgoingFailed::Address));
    }
    check(Reach::Public, &format!("https://a.example/{}", "a".repeat(3_000)), Err(OutgoingFailed::Address));
}

#[test]
fn this_machine_is_for_local_running() {
    for url in ["https://127.0.0.1/", "https://localhost:8080/", "https://[::1]/", "https://127.8.8.8/"] {
        check(Reach::Public, url, Err(OutgoingFailed::Private));
        check(Reach::PublicAndLoopback, url, Ok(()));
    }
    check(Reach::PublicAndLoopback, "http://localhost:7001/metadata", Ok(()));
    check(Reach::PublicAndLoopback, "http://localhost.evil.example/", Err(OutgoingFailed::Address));
    check(Reach::PublicAndLoopback, "http://10.0.0.1/", Err(OutgoingFailed::Address));
}

#[test]
fn private_addresses_are_known_in_every_spelling() {
    let public = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"];
    for ip in public {
        assert!(address::is_public(ip.parse().unwrap()), "{ip}");
    }
    let private = [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::",
        "3fff::1",
    ];
    for ip in private {
        assert!(!address::is_public(ip.parse().unwrap()), "{ip}");
    }
}

/// Serves one canned answer to one caller.
async fn canned(answer: Vec<u8>) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://127.0.0.1:{}/x", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0_u8; 4096];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(&answer).await;
    });
    url
}

async fn fetched(answer: &str, bytes_max: usize) -> Result<Vec<u8>, OutgoingFailed> {
    let url = canned(answer.as_bytes().to_vec()).await;
    Outgoing::new(Reach::PublicAndLoopback).get(&url, "application/json", bytes_max).await
}

#[tokio::test]
async fn answers_are_bounded_and_come_from_where_they_were_asked() {
    assert_eq!(fetched("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 64).await, Ok(b"hi".to_vec()));
    assert_eq!(fetched("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 1).await, Err(OutgoingFailed::TooLarge));
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(fetched(moved, 64).await, Err(OutgoingFailed::Redirect));
    let packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi";
    assert_eq!(fetched(packed, 64).await, Err(OutgoingFailed::Protocol));
    assert_eq!(fetched("nonsense\r\n\r\n", 64).await, Err(OutgoingFailed::Protocol));
    let endless = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", "4\r\naaaa\r\n".repeat(100));
    assert_eq!(fetched(&endless, 64).await, Err(OutgoingFailed::TooLarge));
}

#[tokio::test]
async fn names_that_lead_inside_are_refused() {
    let outgoing = Outgoing::new(Reach::Public);
    for url in ["https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://[::ffff:10.0.0.1]/"] {
        assert_eq!(outgoing.get(url, "*/*", 64).await, Err(OutgoingFailed::Private), "{url}");
    }
}
