//! OpenDocument.

use domain::document::RejectReason;

use super::{check_refused, check_words as check, open_document, package};
use crate::Kind;

fn text(body: &str) -> Vec<u8> {
    open_document("text", &format!("<office:text>{body}</office:text>"))
}

#[test]
fn texts_by_page() {
    let body = "<text:h>Lease</text:h><text:p>Rent<text:s text:c=\"3\"/>is &amp; stays<text:tab/>due<text:line-break/>in \
                <text:span>M</text:span>ay</text:p><text:soft-page-break/><text:p>June</text:p>";
    check(Kind::Odt, &text(body), &["Lease Rent is & stays due in May", "June"]);
    let table = "<table:table table:name=\"T\"><table:table-row><table:table-cell><text:p>May</text:p></table:table-cell>\
                 <table:table-cell office:value=\"900\"><text:p>900 €</text:p></table:table-cell></table:table-row></table:table>";
    check(Kind::Odt, &text(table), &["May 900 €"]);
}

#[test]
fn notes_frames_and_what_is_not_seen() {
    let note = "<text:p>Rent<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>net of tax\
                </text:p></text:note-body></text:note> due</text:p>";
    check(Kind::Odt, &text(note), &["Rent 1 net of tax due"]);
    let frame = "<text:p>Rent<draw:frame><draw:text-box><text:p>Box</text:p></draw:text-box></draw:frame>due</text:p>\
                 <text:p><draw:frame><svg:title>A house</svg:title></draw:frame></text:p>";
    check(Kind::Odt, &text(frame), &["Rent Box due A house"]);
    let remark = "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:p>Rent<office:annotation>\
                  <dc:creator>Ada</dc:creator><dc:date>2020</dc:date><text:p>ask</text:p></office:annotation> due \
                  <text:date>1 May</text:date></text:p>";
    check(Kind::Odt, &text(remark), &["Rent ask due 1 May"]);
}

#[test]
fn headers_of_texts_are_read_from_the_styles() {
    let content = "<d><text:p>Rent</text:p></d>";
    let styles =
        "<s><style:style><text:p>sample</text:p></style:style><style:header><text:p>Firm</text:p></style:header></s>";
    let parts =
        [("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", content), ("styles.xml", styles)];
    check(Kind::Odt, &package(&parts), &["Rent Firm"]);
}

#[test]
fn spreadsheets_by_sheet() {
    let cell = |attributes: &str, shown: &str| format!("<table:table-cell {attributes}>{shown}</table:table-cell>");
    let rows = [
        cell("", "<text:p>May</text:p><text:p>June</text:p>"),
        cell("office:value=\"900.5\" table:number-columns-repeated=\"16000\"", ""),
        cell("table:number-columns-repeated=\"16000\"", ""),
        cell("office:value=\"0.19\"", "<text:p>19 %</text:p>"),
    ];
    let sheet = format!(
        "<office:spreadsheet><table:table table:name=\"Rents\"><table:table-row table:number-rows-repeated=\"1000000\">{}\
         </table:table-row></table:table><table:table table:name=\"Costs\"/></office:spreadsheet>",
        rows.concat()
    );
    check(Kind::Ods, &open_document("spreadsheet", &sheet), &["Rents May June 900.5 19 %", "Costs"]);
}

#[test]
fn presentations_by_slide() {
    let slides = "<office:presentation><draw:page><draw:frame><text:p>One</text:p></draw:frame><presentation:notes>\
                  <text:p>say hello</text:p></presentation:notes></draw:page><draw:page><text:p>Two</text:p></draw:page>\
                  </office:presentation>";
    check(Kind::Odp, &open_document("presentation", slides), &["One say hello", "Two"]);
}

#[test]
fn damage_and_passwords() {
    let mimetype = ("mimetype", "application/vnd.oasis.opendocument.text");
    let manifest = "<m><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></m>";
    let sealed = package(&[mimetype, ("META-INF/manifest.xml", manifest), ("content.xml", "\u{1}")]);
    check_refused(Kind::Odt, &sealed, RejectReason::Protected);
    check_refused(Kind::Odt, &package(&[mimetype, ("encrypted-package", "?")]), RejectReason::Protected);
    check_refused(Kind::Odt, &package(&[mimetype]), RejectReason::Unreadable);
    check_refused(Kind::Odt, &open_document("text", "<text:p></text:q>"), RejectReason::Unreadable);
    check_refused(Kind::Ods, b"PK\x03\x04", RejectReason::Unreadable);
}
