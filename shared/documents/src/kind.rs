//! The kinds of files that people may send.

use std::str::FromStr;

macro_rules! kinds {
    ($($kind:ident $name:literal $title:literal $content_type:literal [$($extension:literal)+];)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($kind),+ }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$kind),+];

            /// As it is stored and sent.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => $name),+ }
            }

            /// As people say it.
            pub fn title(self) -> &'static str {
                match self { $(Kind::$kind => $title),+ }
            }

            pub fn content_type(self) -> &'static str {
                match self { $(Kind::$kind => $content_type),+ }
            }

            /// The kind that a name's ending stands for, in any case.
            pub(crate) fn of_extension(extension: &str) -> Option<Kind> {
                match extension.to_ascii_lowercase().as_str() {
                    $($($extension)|+ => Some(Kind::$kind),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    Pdf "pdf" "PDF" "application/pdf" ["pdf"];
    Docx "docx" "Word document" "application/vnd.openxmlformats-officedocument.wordprocessingml.document" ["docx"];
    Xlsx "xlsx" "Excel workbook" "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" ["xlsx"];
    Pptx "pptx" "PowerPoint presentation"
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" ["pptx"];
    Odt "odt" "OpenDocument text" "application/vnd.oasis.opendocument.text" ["odt"];
    Ods "ods" "OpenDocument spreadsheet" "application/vnd.oasis.opendocument.spreadsheet" ["ods"];
    Odp "odp" "OpenDocument presentation" "application/vnd.oasis.opendocument.presentation" ["odp"];
    Rtf "rtf" "Rich text" "application/rtf" ["rtf"];
    Txt "txt" "Text file" "text/plain; charset=utf-8" ["txt" "text" "md" "log"];
    Html "html" "Web page" "text/html; charset=utf-8" ["html" "htm"];
    Eml "eml" "E-mail" "message/rfc822" ["eml"];
    Msg "msg" "Outlook message" "application/vnd.ms-outlook" ["msg"];
    Csv "csv" "Table (CSV)" "text/csv; charset=utf-8" ["csv" "tsv"];
    Png "png" "PNG picture" "image/png" ["png"];
    Jpeg "jpeg" "JPEG picture" "image/jpeg" ["jpeg" "jpg"];
    Gif "gif" "GIF picture" "image/gif" ["gif"];
    Webp "webp" "WebP picture" "image/webp" ["webp"];
    Tiff "tiff" "TIFF picture" "image/tiff" ["tiff" "tif"];
    Heic "heic" "HEIC picture" "image/heic" ["heic" "heif"];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of document")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    /// Reads what [`Kind::as_str`] gives.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Kind::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}
