use std::io::Write;

use super::*;
use crate::ui::accent::{DARK_GROUNDS, LIGHT_GROUNDS, SHAPE_CONTRAST_MIN, TEXT_CONTRAST_MIN};
use crate::ui::colour::Srgb;

/// As sent compressed, with what a page itself takes besides.
const STYLE_BYTES_MAX: usize = 16 * 1024;
const SCRIPT_BYTES_MAX: usize = 30 * 1000;
/// What a conversation loads more than other pages.
const TALK_BYTES_MAX: usize = 6 * 1000;

fn compressed(bytes: &[u8]) -> usize {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap().len()
}

fn named(name: &str) -> &'static Asset {
    all().iter().find(|asset| asset.name == name).unwrap()
}

#[test]
fn an_address_leads_to_its_content_and_to_no_other() {
    for asset in all() {
        let address = url(asset.name);
        let found = find(address.strip_prefix("/assets/").unwrap()).unwrap();
        assert_eq!(found.name, asset.name);
        assert_eq!(address.matches('.').count(), 2, "{address}");
    }
    assert!(find("portico.css").is_none());
    assert!(find("portico.0000000000000000.css").is_none());
    assert!(find("../tokens.css").is_none());
}

#[test]
fn another_content_is_another_address() {
    let one = asset("a.css", "text/css", b"a{}");
    assert_ne!(one.hashed_name, asset("a.css", "text/css", b"b{}").hashed_name);
    // The published vectors of FNV-1a.
    assert_eq!((fnv(b""), fnv(b"a")), (0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c));
}

#[test]
fn style_and_scripts_fit_their_budgets() {
    let style = compressed(named("portico.css").bytes);
    assert!(style <= STYLE_BYTES_MAX, "{style} bytes of style");
    let scripts: usize = ["htmx.js", "portico.js"].iter().map(|name| compressed(named(name).bytes)).sum();
    assert!(scripts <= SCRIPT_BYTES_MAX, "{scripts} bytes of script");
    let talk = compressed(named("talk.js").bytes);
    assert!(talk <= TALK_BYTES_MAX, "{talk} bytes of script for conversations");
    // It comes in the place of htmx, so that a conversation is within the budget of a page.
    assert!(talk <= compressed(named("htmx.js").bytes), "{talk} bytes of script for conversations");
}

#[test]
fn scripts_hold_to_the_policy() {
    for banned in [
        "eval(",
        "new Function",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "http://",
        "https://",
    ] {
        assert!(!SCRIPT.contains(banned), "{banned}");
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"), "a sheet that loads nothing");
}

/// What is dropped from a line has to be outside of every text.
#[test]
fn scripts_are_served_without_their_comments_and_no_text_goes_over_lines() {
    let served = std::str::from_utf8(named("portico.js").bytes).unwrap();
    assert!(served.starts_with("(() => {\n\"use strict\";\n") && !served.contains("\n//") && !served.contains("\n "));
    for line in SCRIPT.lines().filter(|line| !line.trim_start().starts_with("//")) {
        assert_eq!(line.matches('`').count() % 2, 0, "{line}");
    }
}

#[test]
fn an_accent_is_served_under_its_plain_digits_only() {
    assert!(accent_css("1f5f8b").unwrap().contains("--accent-fill:#1f5f8b"));
    for wrong in ["", "1F5F8B", "#1f5f8b", "1f5f8", "1f5f8b0", "fff", "../../", "1f5f8b}"] {
        assert_eq!(accent_css(wrong), None, "{wrong:?}");
    }
    assert_eq!(accent_url("#1F5F8B").as_deref(), Some("/assets/accent/1f5f8b.css"));
    assert_eq!(accent_url("#FA0").as_deref(), Some("/assets/accent/ffaa00.css"));
    assert_eq!(accent_url("red"), None);
}

/// The value of a token in one mode, read from the style sheet; `var()` is followed.
fn token(name: &str, dark: bool) -> Srgb {
    let sheet = include_str!("style/tokens.css");
    let (light_part, dark_part) = sheet.split_once("@media screen and (prefers-color-scheme: dark)").unwrap();
    let key = format!("--{name}: ");
    let within = |part: &'static str| part.split_once(&key).map(|(_, rest)| rest.split(';').next().unwrap());
    let value = within(if dark { dark_part } else { light_part }).or_else(|| within(light_part)).unwrap();
    match value.strip_prefix("var(--") {
        Some(other) => token(other.trim_end_matches(')'), dark),
        None => Srgb::parse(value).unwrap_or_else(|| panic!("{name}: {value}")),
    }
}

/// Foreground, ground, least contrast: what the style sheet puts on what.
const PAIRS: &[(&str, &str, f64)] = &[
    ("ink", "surface", 7.0),
    ("ink", "ground", 7.0),
    ("ink", "sunken", 7.0),
    ("ink-2", "surface", 7.0),
    ("ink-2", "ground", 7.0),
    ("ink-2", "sunken", 7.0),
    ("ink-soft", "surface", TEXT_CONTRAST_MIN),
    ("ink-soft", "ground", TEXT_CONTRAST_MIN),
    ("ink-soft", "sunken", TEXT_CONTRAST_MIN),
    ("control", "surface", SHAPE_CONTRAST_MIN),
    ("control", "ground", SHAPE_CONTRAST_MIN),
    ("control", "sunken", SHAPE_CONTRAST_MIN),
    ("done", "done-tint", TEXT_CONTRAST_MIN),
    ("you", "you-tint", TEXT_CONTRAST_MIN),
    ("us", "us-tint", TEXT_CONTRAST_MIN),
    ("overdue", "overdue-tint", TEXT_CONTRAST_MIN),
    ("done", "surface", TEXT_CONTRAST_MIN),
    ("you", "surface", TEXT_CONTRAST_MIN),
    ("us", "surface", TEXT_CONTRAST_MIN),
    ("overdue", "surface", TEXT_CONTRAST_MIN),
    ("overdue", "ground", TEXT_CONTRAST_MIN),
    ("ink", "you-tint", 7.0),
    ("ink", "us-tint", 7.0),
    ("ink", "done-tint", 7.0),
    ("ink", "overdue-tint", 7.0),
    ("ink", "mark-tint", TEXT_CONTRAST_MIN),
    ("danger-on", "danger-fill", TEXT_CONTRAST_MIN),
    ("danger-fill", "surface", SHAPE_CONTRAST_MIN),
    ("grey-1", "grey-9", TEXT_CONTRAST_MIN),
];

#[test]
fn the_palette_is_readable_in_both_modes() {
    for dark in [false, true] {
        for (fore, ground, least) in PAIRS {
            let got = token(fore, dark).contrast(token(ground, dark));
            assert!(got >= *least, "{fore} on {ground}, dark {dark}: {got:.2}, promised {least}");
        }
    }
}

#[test]
fn the_accent_is_computed_for_the_grounds_there_are() {
    let grounds = |dark| ["surface", "ground", "sunken"].map(|name| token(name, dark));
    for ground in grounds(false) {
        assert!(LIGHT_GROUNDS.contains(&ground), "{ground}");
    }
    for ground in grounds(true) {
        assert!(DARK_GROUNDS.contains(&ground), "{ground}");
    }
}
