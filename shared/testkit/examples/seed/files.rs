//! Real files of real formats, by the ending of their name.

use testkit::samples;

use crate::plan::FilePlan;

pub(crate) fn bytes(file: &FilePlan) -> Vec<u8> {
    let (title, ending) = file.name.rsplit_once('.').unwrap_or((file.name, ""));
    match ending {
        "pdf" => samples::pdf(title, file.text),
        "docx" => samples::docx(title, file.text),
        "pptx" => samples::pptx(title, file.text),
        "xlsx" => {
            let rows: Vec<Vec<&str>> = file.text.iter().map(|line| line.split(" | ").collect()).collect();
            let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
            samples::xlsx(&[(title, rows.as_slice())])
        }
        "eml" => samples::eml("clerk@court.example", "partner@hartwell.example", title, &file.text.join("\n\n")),
        "html" => samples::html(title, file.text),
        _ => samples::txt(&file.text.join("\n\n")),
    }
}
