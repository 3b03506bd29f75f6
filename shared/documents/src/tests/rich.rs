//! Rich text.

use domain::document::RejectReason;

use super::{check_refused, check_words as check};
use crate::Kind;

/// The words of a rich text with this inside.
fn check_rich(inside: &str, want: &[&str]) {
    check(Kind::Rtf, format!("{{\\rtf1\\ansi\n{inside}}}").as_bytes(), want);
}

#[test]
fn paragraphs_tables_and_pages() {
    check_rich(r"\pard Rent\par due\line in\tab May", &["Rent due in May"]);
    check_rich("Re\r\nnt is\\\ndue", &["Rent is due"]);
    check_rich(r"\trowd\cellx100 May\cell 900\cell\row June\cell 950\cell\row", &["May 900 June 950"]);
    check_rich(r"One\page Two\page\page Three", &["One", "Two", "Three"]);
    check_rich(r"\{a\\b\}\~c\_d x\-y", &[r"{a\b} c-d xy"]);
    check_rich(r"{\b Re}{\i nt} \b0due\emdash soon\rquote s", &["Rent due—soon’s"]);
}

#[test]
fn letters_by_code_pages_and_fonts() {
    check_rich(r"caf\'e9 \'80 5", &["café € 5"]);
    check_rich(r"\ansicpg1251 \'c6", &["Ж"]);
    let fonts = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204{\*\falt Arial}Arial Cyr;}{\f2\fcharset128 Mincho;}}";
    check_rich(&format!(r"{fonts}\f0\'e9{{\f1\'c6}}\'e9\f2\'93\'8c\'8b\'9e"), &["éЖé東京"]);
    // The second byte of a letter may be written as the sign that it also is.
    check_rich(&format!(r"{fonts}\f2\'83e"), &["テ"]);
    check_rich(r"\deff1{\fonttbl{\f1\fcharset161 A;}}\plain\'c1", &["Α"]);
    check(Kind::Rtf, b"{\\rtf1\\ansi caf\xe9}", &["café"]);
}

#[test]
fn letters_by_number() {
    check_rich(r"\u1046?\u-3913\'3f\uc0\u233 x", &["Ж\u{f0b7}éx"]);
    check_rich(r"{\uc2\u1046\'a7\'a8}a\u1046 bc", &["ЖaЖc"]);
    check_rich(r"\u-10179?\u-8704?", &["😀"]);
    check_rich(r"\u128512?", &["😀"]);
    check_rich(r"\u-10179?x", &["x"]);
    check_rich(r"\u99999999999?x\u-99999999?y", &["xy"]);
}

#[test]
fn what_nobody_sees_is_passed_over() {
    check_rich(r"{\info{\title No}}{\stylesheet{\s0 No;}}{\colortbl;\red0;}Rent", &["Rent"]);
    check_rich(r"{\pict\pngblip 89504e47}{\*\unknown No{\b no}}Rent{\v no}{\deleted no}\v no\v0  due", &["Rent due"]);
    check_rich("{\\pict\\bin5 }}{{{}Rent", &["Rent"]);
    check_rich(r"{\field{\*\fldinst HYPERLINK no}{\fldrslt Rent}}", &["Rent"]);
    check_rich(r"{\object{\*\objdata 0105}{\result Rent}}", &["Rent"]);
    check_rich(r"{\shp{\*\shpinst{\sp{\sn no}{\sv no}}{\shptxt Rent}}{\shprslt Rent}}", &["Rent"]);
}

#[test]
fn headers_and_notes_are_words_too() {
    check_rich(r"{\header Firm}Rent{\footnote net of tax} due{\*\annotation ask}", &["Firm Rent net of tax due ask"]);
}

/// Mail programs wrap a page into rich text, its tags in groups and their effect beside them.
#[test]
fn web_pages_inside() {
    let page = r"\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Rent{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 1 < 2\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}{\*\htmltag0 <style>no</style>}due";
    check_rich(page, &["Rent 1 < 2 due"]);
}

#[test]
fn damage() {
    check_refused(Kind::Rtf, b"{\\rt", RejectReason::Unreadable);
    check_refused(Kind::Rtf, b"Rent", RejectReason::Unreadable);
    check_rich("Rent}}}} due", &["Rent due"]);
    check(Kind::Rtf, b"{\\rtf1 Rent{\\b due", &["Rentdue"]);
    check(Kind::Rtf, b"{\\rtf1 Rent\\'e", &["Rente"]);
    check_refused(Kind::Rtf, format!("{{\\rtf1{}", "{".repeat(100_000)).as_bytes(), RejectReason::TooMuchInside);
}
