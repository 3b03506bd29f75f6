//! The codes that a marked copy carries, one a line: `codes <file>`. A picture has its code as points, for people to read.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use documents::Kind;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("codes <file>");
        return ExitCode::FAILURE;
    };
    match found(Path::new(&path)) {
        Ok(codes) => {
            codes.iter().for_each(|code| drop(writeln!(std::io::stdout(), "{code}")));
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{path}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn found(path: &Path) -> Result<Vec<String>, String> {
    let bytes = std::fs::read(path).map_err(|why| why.to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // What leaks may have lost its name, but not what it is.
    let named = documents::identify(&name, &bytes);
    let kind = named.or_else(|why| {
        let tries = Kind::ALL.iter().map(|kind| documents::identify(&format!("copy.{}", kind.as_str()), &bytes));
        tries.flatten().next().ok_or(why)
    });
    let kind = kind.map_err(|why| why.sentence().to_owned())?;
    let codes = documents::codes(kind, &bytes);
    if codes.is_empty() {
        return Err(format!("no code can be read out of it ({}). Type the code as it stands there.", kind.title()));
    }
    Ok(codes.iter().map(ToString::to_string).collect())
}
