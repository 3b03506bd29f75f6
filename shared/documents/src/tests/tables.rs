//! Tables as text.

use super::check_words;
use crate::{Kind, text};

/// Cells by rows, as they are told apart.
fn check(table: &[u8], want: &[&[&str]]) {
    let read = text(Kind::Csv, table).unwrap();
    let rows: Vec<Vec<&str>> = read.pages[0].lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows, want);
}

#[test]
fn whatever_separates() {
    check(b"month,rent\nMay,900\n", &[&["month", "rent"], &["May", "900"]]);
    check(b"month;rent\r\nMay;900,50\r\nJune;950,00", &[&["month", "rent"], &["May", "900,50"], &["June", "950,00"]]);
    check(b"month\trent, net\nMay\t900", &[&["month", "rent, net"], &["May", "900"]]);
    check(b"a|b\rc|d", &[&["a", "b"], &["c", "d"]]);
    check(b"sep=:\na:b,c", &[&["a", "b,c"]]);
    check(b"rent\n900", &[&["rent"], &["900"]]);
}

#[test]
fn whatever_is_quoted() {
    check(b"\"a,b\",c\n\"say \"\"hi\"\"\",d", &[&["a,b", "c"], &["say \"hi\"", "d"]]);
    check_words(Kind::Csv, b"\"May\nJune\",900", &["May June 900"]);
    // A quote that nobody closes is inches.
    check(b"a,b\n\"5,c\nd,e", &[&["a", "b"], &["\"5", "c"], &["d", "e"]]);
}

#[test]
fn in_its_encodings() {
    check("\u{feff}café,b".as_bytes(), &[&["café", "b"]]);
    check(b"caf\xe9;\x80 5", &[&["café", "€ 5"]]);
    check(b"\xff\xfea\0;\0b\0", &[&["a", "b"]]);
}
