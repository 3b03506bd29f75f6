//! Excel workbooks: a page per sheet, a line per row.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use domain::document::RejectReason;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::archive::Archive;
use crate::bounded::Pages;
use crate::xml::attribute;

/// Cells between two looks at the time.
const CELLS_BETWEEN_LOOKS: usize = 10_000;

pub(crate) fn read(bytes: Vec<u8>, pages: &Pages) -> Result<(), RejectReason> {
    // The library unpacks without bounds of its own, and makes room for as many words as the file says that it has.
    let mut archive = Archive::open(&bytes)?;
    archive.check()?;
    for name in archive.names()?.iter().filter(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml")) {
        if archive.read(name)?.is_some_and(|part| says_too_many(&part)) {
            return Err(RejectReason::Unreadable);
        }
    }
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(reason)?;
    let names = book.sheet_names();
    pages.count(names.len());
    for name in names {
        let words = sheet(&mut book, &name, pages)?;
        if !pages.push(words) {
            break;
        }
    }
    Ok(())
}

/// Whether a table of words says that it has more than there is room for: each takes a tag at least.
fn says_too_many(part: &[u8]) -> bool {
    let mut reader = Reader::from_reader(part);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == "sst" => {
                let count = attribute(&tag, "uniqueCount").and_then(|count| count.trim().parse::<u128>().ok());
                return count.is_some_and(|count| count > part.len() as u128);
            }
            // What cannot be read is refused by whoever reads it.
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => (),
        }
    }
}

/// Cell by cell: a table of all cells would be as large as its farthest corner, which one cell can set.
fn sheet(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str, pages: &Pages) -> Result<String, RejectReason> {
    let mut words = format!("{name}\n");
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // A sheet that is a chart has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(words),
        Err(error) => return Err(reason(error)),
    };
    let mut last_row = None;
    let mut count = 0;
    while let Some(cell) = cells.next_cell().map_err(reason)? {
        count += 1;
        if words.len() > domain::limits::DOCUMENT_TEXT_BYTES_MAX || (count % CELLS_BETWEEN_LOOKS == 0 && pages.over()) {
            break;
        }
        let Some(text) = shown(cell.get_value()) else { continue };
        let row = cell.get_position().0;
        if let Some(last) = last_row.replace(row) {
            words.push(if last == row { '\t' } else { '\n' });
        }
        words.push_str(&text);
    }
    Ok(words)
}

fn shown(value: &DataRef<'_>) -> Option<String> {
    match value {
        DataRef::Empty | DataRef::Error(_) => None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text.clone()),
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => Some(figure(*number)),
        DataRef::Bool(yes) => Some(if *yes { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(moment) => Some(shown_moment(moment)),
    }
}

/// Excel shows fifteen digits; what is behind them is how the machine adds.
fn figure(number: f64) -> String {
    format!("{number:.14e}").parse().unwrap_or(number).to_string()
}

/// The date, the time of day unless it is midnight; of less than a day, the time alone.
fn shown_moment(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if moment.as_f64() < 1.0 {
        time
    } else if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {time}")
    }
}

fn reason(error: XlsxError) -> RejectReason {
    match error {
        XlsxError::Password => RejectReason::Protected,
        _ => RejectReason::Unreadable,
    }
}
