//! How a copy is called where it is saved (RFC 6266). Always an attachment: nothing that clients send is ever shown by
//! the browser inside a page's origin.

use domain::document::FileName;

/// What file systems take as a name.
const NAME_BYTES_MAX: usize = 240;
const ENDING_BYTES_MAX: usize = 20;

/// A plain name for programs of long ago, and the real one.
pub(crate) fn attachment(name: &FileName) -> String {
    let plain = name.plain();
    let real = percent_encoded(&shortened(name.as_str()));
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{real}")
}

/// At most so many bytes, with its ending.
fn shortened(name: &str) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= ENDING_BYTES_MAX => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    format!("{}{ending}", &stem[..stem.floor_char_boundary(NAME_BYTES_MAX - ending.len())])
}

/// RFC 8187: what may stand for itself is `attr-char`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, want: &str) {
        assert_eq!(attachment(&FileName::parse(name).unwrap()), want, "{name:?}");
    }

    #[test]
    fn names_survive_and_cannot_break_out() {
        check("Lease.pdf", r#"attachment; filename="Lease.pdf"; filename*=UTF-8''Lease.pdf"#);
        check(
            "Año 2026 \"final\".pdf",
            r#"attachment; filename="A_o_2026_final.pdf"; filename*=UTF-8''A%C3%B1o%202026%20%22final%22.pdf"#,
        );
        check(
            "a;b=c%22,d'.txt",
            r#"attachment; filename="a_b_c_22_d.txt"; filename*=UTF-8''a%3Bb%3Dc%2522%2Cd%27.txt"#,
        );
        check(
            "契約書.docx",
            r#"attachment; filename="document.docx"; filename*=UTF-8''%E5%A5%91%E7%B4%84%E6%9B%B8.docx"#,
        );
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = FileName::parse(&format!("{}.txt", "😀".repeat(251))).unwrap();
        let real = attachment(&name);
        assert!(real.ends_with("%F0%9F%98%80.txt"), "{real}");
        assert_eq!(real.matches("%F0%9F%98%80").count(), (NAME_BYTES_MAX - 4) / 4);
        assert!(attachment(&FileName::parse(&"x".repeat(255)).unwrap()).ends_with(&"x".repeat(240)));
    }
}
