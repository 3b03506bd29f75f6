//! Kinds of files as people narrow a list by them: a PDF is one, all that is written in a word processor is another.

use documents::Kind;
use web::Failure;

/// As addresses have it, as people say it.
pub(crate) const GROUPS: &[(&str, &str)] = &[
    ("pdf", "PDF"),
    ("text", "Word and text"),
    ("table", "Spreadsheet"),
    ("slides", "Presentation"),
    ("mail", "E-mail"),
    ("picture", "Picture"),
    ("html", "Web page"),
];

/// Every kind has its group, so that nothing can be found under none.
fn group(kind: Kind) -> &'static str {
    match kind {
        Kind::Pdf => "pdf",
        Kind::Docx | Kind::Odt | Kind::Rtf | Kind::Txt => "text",
        Kind::Xlsx | Kind::Ods | Kind::Csv => "table",
        Kind::Pptx | Kind::Odp => "slides",
        Kind::Eml | Kind::Msg => "mail",
        Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp | Kind::Tiff | Kind::Heic => "picture",
        Kind::Html => "html",
    }
}

/// The kinds of a group, or one by its own name.
pub(crate) fn of(text: &str) -> Result<Vec<String>, Failure> {
    let kinds = Kind::ALL.iter().filter(|kind| kind.as_str() == text || group(**kind) == text);
    let kinds: Vec<String> = kinds.map(|kind| kind.as_str().to_owned()).collect();
    if kinds.is_empty() { Err(Failure::Refused("There is no such kind of file.".into())) } else { Ok(kinds) }
}

pub(crate) fn title(text: &str) -> String {
    let group = GROUPS.iter().find(|(name, _)| *name == text).map(|(_, title)| *title);
    group.or_else(|| text.parse().ok().map(Kind::title)).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_in_one_group() {
        for kind in Kind::ALL {
            let groups = GROUPS.iter().filter(|(name, _)| of(name).unwrap().iter().any(|found| found == kind.as_str()));
            assert_eq!(groups.count(), 1, "{kind:?}");
        }
        assert_eq!(of("docx").unwrap(), ["docx"]);
        assert!(of("exe").is_err());
        assert_eq!((title("table"), title("xlsx")), ("Spreadsheet".to_owned(), "Excel workbook".to_owned()));
    }
}
