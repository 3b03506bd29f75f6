//! Files that are well made by the rules of their kind and strange by what they say: drawings of any operators on any
//! operands, trees of any elements, mails of any parts. Always the same ones. Our own readers get them without a net.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::{HELVETICA, docx_of, in_time, one_page, open_document, stream};
use crate::bounded::Pages;
use crate::pdf::marked;
use crate::{Kind, mail, odf, page, pdf, word};

const CASES: u32 = 400;
const SEED: RngSeed = RngSeed::Fixed(0x0c0d_edca_5e5e_ed02);

fn cases() -> ProptestConfig {
    ProptestConfig { cases: CASES, rng_seed: SEED, failure_persistence: None, ..ProptestConfig::default() }
}

/// An operand of a drawing, or an object: nested at most three deep.
fn object() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        any::<i32>().prop_map(|number| number.to_string()),
        any::<f32>().prop_map(|number| format!("{number}")),
        select(vec![
            "0",
            "1",
            "-1",
            "99999999999999999999",
            "0.1",
            "-.5",
            "1e9",
            "true",
            "null",
            "4 0 R",
            "3 0 R",
            "99 0 R"
        ])
        .prop_map(str::to_owned),
        select(vec!["/F", "/A", "/B", "/Type", "/Page", "/Identity-H", "/DeviceRGB", "/#00", "/"])
            .prop_map(str::to_owned),
        "[ -~]{0,12}".prop_map(|text| format!("({})", text.replace(['(', ')', '\\'], ""))),
        vec(any::<u8>(), 0..9).prop_map(|bytes| format!("<{}>", hex(&bytes))),
    ];
    plain.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(" "))),
            vec(inner, 0..4).prop_map(|items| {
                let names = ["W", "Resources", "Kids", "Parent"];
                let pairs: Vec<String> =
                    names.iter().zip(items).map(|(name, item)| format!("/{name} {item}")).collect();
                format!("<< {} >>", pairs.join(" "))
            }),
        ]
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const OPERATORS: &[&str] = &[
    "BT",
    "ET",
    "Tf",
    "Td",
    "TD",
    "Tm",
    "T*",
    "Tj",
    "TJ",
    "'",
    "\"",
    "Tc",
    "Tw",
    "Tz",
    "TL",
    "Ts",
    "Tr",
    "q",
    "Q",
    "cm",
    "Do",
    "gs",
    "re",
    "f",
    "W",
    "n",
    "BI /W 1 /H 1 ID \u{1} EI",
    "BMC",
    "BDC",
    "EMC",
    "sh",
    "d0",
    "d1",
    "m",
    "l",
    "c",
    "S",
    "%",
];

#[test]
fn drawings() {
    let drawn = vec((vec(object(), 0..7), select(OPERATORS)), 0..40);
    proptest!(cases(), |(drawn in drawn, font in object(), widths in object())| {
        let drawing: String = drawn.iter().map(|(with, act)| format!("{} {act}\n", with.join(" "))).collect();
        let form = stream("/Subtype /Form /Resources << /XObject << /A 6 0 R >> >>", &drawing);
        let fonts = format!("<< /Type /Font /Subtype /Type0 /Encoding {font} /DescendantFonts [<< /W {widths} /DW 1 >>] /ToUnicode 6 0 R >>");
        let resources = "/Font << /F 5 0 R /B 7 0 R >> /XObject << /A 6 0 R >>";
        let file = one_page(resources, &drawing, &[HELVETICA, &form, &fonts]);
        let _any = in_time("its words", || pdf::read(&file, &Pages::default()));
        let mark = super::mark::mark("ada@client.example");
        drop(in_time("its mark", || marked(&file, &mark)));
    });
}

#[test]
fn objects_in_any_place() {
    let entries = vec(
        (select(vec!["Contents", "Resources", "MediaBox", "Rotate", "Annots", "Parent", "Kids", "UserUnit"]), object()),
        0..6,
    );
    proptest!(cases(), |(entries in entries, root in object(), pages in object())| {
        let page: String = entries.iter().map(|(name, value)| format!("/{name} {value} ")).collect();
        let page = format!("<< /Type /Page /Parent 2 0 R {page} >>");
        let catalog = format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {root} >>");
        let tree = format!("<< /Type /Pages /Kids [3 0 R {pages}] /Count 1 >>");
        let file = super::pdf_of(&[&catalog, &tree, &page]);
        let _any = in_time("its words", || pdf::read(&file, &Pages::default()));
        let mark = super::mark::mark("ada@client.example");
        drop(in_time("its mark", || marked(&file, &mark)));
    });
}

/// A tree of these elements, closed as it was opened.
fn tree(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("Rent".to_owned()),
        Just("&amp;&#x1F600;&#0;&#1114112;&none;".to_owned()),
        Just("<![CDATA[<]]>".to_owned()),
        Just("<!-- - -->".to_owned()),
        "[a-z \u{e0}-\u{ff}\u{4e00}-\u{4e10}]{0,9}",
    ];
    words.prop_recursive(8, 64, 6, move |inner| {
        (select(names), vec(inner, 0..6)).prop_map(|(name, inside)| {
            let bare = name.split(' ').next().unwrap_or(name);
            format!("<{name}>{}</{bare}>", inside.concat())
        })
    })
}

#[test]
fn trees_of_word() {
    const NAMES: &[&str] = &[
        "w:p",
        "w:r",
        "w:t",
        "w:tab",
        "w:br",
        "w:tbl",
        "w:tr",
        "w:tc",
        "w:ins",
        "w:del",
        "w:delText",
        "w:hyperlink r:id=\"x\"",
        "w:sdt",
        "w:footnoteReference w:id=\"99999999999\"",
        "mc:AlternateContent",
        "w:instrText",
        "m:t",
        "w:sym w:char=\"F0FF\"",
    ];
    proptest!(cases(), |(body in vec(tree(NAMES), 1..6))| {
        let file = docx_of(&body.concat());
        let _any = in_time("its words", || word::document(&file, &Pages::default()));
    });
}

#[test]
fn trees_of_open_documents() {
    const NAMES: &[&str] = &[
        "text:p",
        "text:h",
        "text:span",
        "text:s text:c=\"4294967295\"",
        "text:s text:c=\"-1\"",
        "text:tab",
        "text:note",
        "text:note-body",
        "text:tracked-changes",
        "table:table",
        "table:table-row table:number-rows-repeated=\"1048576\"",
        "table:table-cell table:number-columns-repeated=\"16384\" office:value=\"9\"",
        "table:covered-table-cell",
        "draw:page",
        "draw:frame",
        "office:annotation",
        "presentation:notes",
    ];
    proptest!(cases(), |(body in vec(tree(NAMES), 1..6))| {
        for (kind, name) in [(Kind::Odt, "text"), (Kind::Ods, "spreadsheet"), (Kind::Odp, "presentation")] {
            let file = open_document(name, &body.concat());
            let _any = in_time("its words", || odf::read(kind, &file, &Pages::default()));
        }
    });
}

#[test]
fn pages_of_any_tags() {
    const NAMES: &[&str] =
        &["p", "td", "script", "style", "b", "a href='>'", "a b=\"", "!--", "title", "p/", "?xml", "table", "textarea"];
    proptest!(cases(), |(body in vec(tree(NAMES), 1..6))| {
        let _any = in_time("its words", || page::read(body.concat().as_bytes(), &Pages::default()));
    });
}

/// A part of a mail, which may hold further parts or a further mail.
fn part() -> impl Strategy<Value = String> {
    let ways = select(vec!["base64", "quoted-printable", "7bit", "8bit", "x-uuencode", ""]);
    let types = select(vec![
        "text/plain; charset=utf-8",
        "text/html",
        "text/plain; charset=iso-2022-jp",
        "text/plain; charset=utf-7",
        "application/pdf; name=\"=?utf-8?B?4oKs?=\"",
        "text/plain; charset*=''x",
        "image/png",
    ]);
    let body = prop_oneof![Just("Rent =E2=82=AC =\r\n due".to_owned()), Just("UmVudA==".to_owned()), "[ -~\r\n]{0,60}"];
    let leaf = (ways, types, body).prop_map(|(way, of, body)| {
        format!("Content-Type: {of}\r\nContent-Transfer-Encoding: {way}\r\n\r\n{body}\r\n")
    });
    leaf.prop_recursive(6, 32, 4, |inner| {
        let many = (vec(inner.clone(), 0..4), select(vec!["a", "a b", "", "--"])).prop_map(|(parts, end)| {
            let parts: String = parts.iter().map(|part| format!("--{end}\r\n{part}")).collect();
            format!("Content-Type: multipart/mixed; boundary=\"{end}\"\r\n\r\n{parts}--{end}--\r\n")
        });
        let one = inner.prop_map(|inside| format!("Content-Type: message/rfc822\r\n\r\nSubject: in\r\n{inside}"));
        prop_oneof![many, one]
    })
}

#[test]
fn mails_of_any_parts() {
    proptest!(cases(), |(part in part(), to in "[ -~]{0,40}")| {
        let file = format!("From: a@firm.example\r\nTo: {to}\r\nSubject: =?utf-8?Q?Lease?=\r\n{part}");
        let _any = in_time("its words", || mail::read(file.as_bytes(), &Pages::default()));
    });
}
