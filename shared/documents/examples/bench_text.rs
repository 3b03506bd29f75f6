//! The words of a PDF on standard output, each page ended by a form feed as `pdftotext` ends it: `bench_text <file>`.
//!
//! Measured as a program of its own, so that both sides start a process and read a file.

use std::io::Write as _;
use std::process::ExitCode;

use documents::Kind;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("bench_text <file>");
        return ExitCode::FAILURE;
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(why) => {
            eprintln!("{path}: {why}");
            return ExitCode::FAILURE;
        }
    };
    match documents::text(Kind::Pdf, &bytes) {
        Ok(text) => {
            let pages: String = text.pages.iter().map(|page| format!("{page}\x0c")).collect();
            if std::io::stdout().write_all(pages.as_bytes()).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            eprintln!("{path}: {why:?}");
            ExitCode::FAILURE
        }
    }
}
