//! Mails as mail programs write them: beside each lies what a reader would say is new in it.

use std::path::{Path, PathBuf};

use crate::reply::reply;

fn samples(of: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/replies").join(of);
    let entries = std::fs::read_dir(directory).unwrap();
    let mut mails: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    mails.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    mails.sort();
    mails
}

/// Every one of so many samples, but for these, says exactly what is new.
fn check(of: &str, count: usize, but_for: &[&str]) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wrong = Vec::new();
    let samples = samples(of);
    for sample in &samples {
        let name = sample.file_stem().unwrap().to_str().unwrap();
        let want = std::fs::read_to_string(sample.with_extension("txt")).unwrap();
        let got = reply(&std::fs::read(sample).unwrap()).map(|reply| reply.text);
        let is_right = got.as_ref().is_ok_and(|got| words(got) == words(&want));
        if is_right == but_for.contains(&name) {
            wrong.push(format!("{name}\n  want {want:?}\n  got  {got:?}"));
        }
    }
    assert_eq!(samples.len(), count, "samples of {of}");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), samples.len(), wrong.join("\n"));
}

#[test]
fn ours() {
    check("own", 105, &[]);
}

#[test]
fn of_other_makers() {
    check("talon", 72, &[]);
}
