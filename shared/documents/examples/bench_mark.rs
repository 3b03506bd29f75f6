//! Marks a file as a download does: `bench_mark <file> <copy>`. Says what the copy is, and whether the file is inside a
//! cover. Measured and judged as a program of its own.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use documents::{Kind, Mark};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(copy)) = (args.next(), args.next()) else {
        eprintln!("bench_mark <file> <copy>");
        return ExitCode::FAILURE;
    };
    match marked(Path::new(&file), &copy) {
        Ok(said) => {
            let _ = writeln!(std::io::stdout(), "{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{file}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn marked(file: &Path, copy: &str) -> Result<String, String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = std::fs::read(file).map_err(|why| why.to_string())?;
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let kind = documents::identify(&name, &bytes).or_else(|_| ending.parse::<Kind>());
    let mark = Mark {
        line: "ada@client.example · 24 Nov 2026 10:03 EST".into(),
        code: "01JD9Z6Y7K8M9N0P1Q2R3S4T5V".into(),
        name,
        covers: true,
    };
    let marked = documents::mark(kind.map_err(|why| why.to_string())?, &bytes, &mark).map_err(|why| why.to_string())?;
    std::fs::write(copy, &marked.bytes).map_err(|why| why.to_string())?;
    let covered = marked.covered.map(|why| format!(" covered {why:?}")).unwrap_or_default();
    Ok(format!("{}{covered}", marked.kind.as_str()))
}
