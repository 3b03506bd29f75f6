//! `tests/soak.md`: what the promised volumes came to, one section an area, each with the commit that it was run on.

use std::fs;

use crate::place::Place;
use crate::process::say;
use crate::stop::{At, Stop};

const HEAD: &str = "# Soak\n\nWritten by `cargo xtask soak [area]`: the tests at full volume. Times are wall times.\n";

/// The report is no part of what it reports on.
const REPORT: &str = ":!tests/soak.md";

/// The commit that is checked out, and whether there is more in the tree than it.
pub(crate) fn commit(place: &Place) -> Result<String, Stop> {
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git").args(args).current_dir(&place.root).output();
        output.map_err(|source| Stop::Start { program: "git".into(), source })
    };
    let head = git(&["rev-parse", "HEAD"])?;
    let changed = !git(&["status", "--porcelain", "--untracked-files=no", "--", ".", REPORT])?.stdout.is_empty();
    let head = String::from_utf8_lossy(&head.stdout).trim().to_owned();
    Ok(if changed { format!("{head} and uncommitted changes") } else { head })
}

/// What the runner printed of each test, and what the tests counted: `name: count (seed)`.
pub(crate) fn section(commit: &str, output: &str, counted: &str) -> String {
    let mut section = format!("Commit {commit}.\n\n");
    let mut counts: Vec<&str> = counted.lines().collect();
    counts.sort_unstable();
    for count in counts {
        section.push_str(&format!("- {count}\n"));
    }
    section.push('\n');
    for line in output.lines().map(str::trim) {
        if ["PASS", "FAIL", "TIMEOUT", "Summary"].iter().any(|word| line.starts_with(word)) {
            section.push_str(&format!("    {line}\n"));
        }
    }
    section
}

/// Puts an area's section into the report, in the place of the one before.
pub(crate) fn write(place: &Place, area: &str, section: &str) -> Result<(), Stop> {
    let path = place.root.join("tests/soak.md");
    let before = fs::read_to_string(&path).unwrap_or_default();
    fs::write(&path, merged(&before, area, section)).at(&path)?;
    say(&format!("written: {}", path.display()));
    Ok(())
}

fn merged(before: &str, area: &str, section: &str) -> String {
    let mut report = HEAD.to_owned();
    for old in before.split("\n## ").skip(1).filter(|old| old.lines().next() != Some(area)) {
        report.push_str(&format!("\n## {}\n", old.trim_end()));
    }
    report.push_str(&format!("\n## {area}\n\n{}\n", section.trim_end()));
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_one_before() {
        let first = merged("", "signin", "one");
        let both = merged(&first, "faults", "two");
        let again = merged(&both, "signin", "three");
        assert!(again.contains("## faults\n\ntwo") && again.contains("## signin\n\nthree") && !again.contains("one"));
        assert_eq!(again.matches("# Soak").count(), 1);
    }

    #[test]
    fn a_section_keeps_counts_and_verdicts() {
        let section = section("abc", "    PASS [ 1s] x\nnoise\n Summary [2s] 1 test", "b: 2\na: 1\n");
        assert_eq!(section, "Commit abc.\n\n- a: 1\n- b: 2\n\n    PASS [ 1s] x\n    Summary [2s] 1 test\n");
    }
}
