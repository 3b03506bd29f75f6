//! What files are called in a zip: a folder for the project, one for the category, and a name that is there once. Every
//! part of a path is one that Windows, macOS and Linux write as it stands, so that nothing lands outside of the folder
//! that it is unpacked into, and nothing takes the place of something else.

use std::collections::BTreeSet;

use crate::limits;

/// The paths that a zip has so far.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// In small letters: some systems take no two names that differ by those only.
    taken: BTreeSet<String>,
}

impl Paths {
    /// With what was put in before.
    pub fn of<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        Self { taken: paths.map(str::to_lowercase).collect() }
    }

    /// A path that was not there yet, and now is.
    pub fn add(&mut self, project: &str, category: &str, name: &str) -> String {
        let folder = format!("{}/{}", part(project, ""), part(category, ""));
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() && ending.len() <= ENDING_BYTES_MAX => (stem, ending),
            _ => (name, ""),
        };
        let ending = if ending.is_empty() { String::new() } else { format!(".{}", part(ending, "")) };
        let mut count = 1_u32;
        loop {
            let after = if count == 1 { ending.clone() } else { format!(" ({count}){ending}") };
            let path = format!("{folder}/{}", part(stem, &after));
            if self.taken.insert(path.to_lowercase()) {
                return path;
            }
            count += 1;
        }
    }
}

const ENDING_BYTES_MAX: usize = 9;

/// Names that Windows keeps for devices, whatever ending they have.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// One part of a path, with what has to follow.
fn part(text: &str, after: &str) -> String {
    let most = limits::ZIP_NAME_CHARACTERS_MAX.saturating_sub(after.chars().count());
    let safe = |letter: char| match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
        letter if letter.is_control() => '-',
        letter => letter,
    };
    let text: String = text.chars().map(safe).take(most).collect();
    // Windows drops dots and spaces at an end; dots alone lead out of a folder, and one in front hides a file.
    let text = text.trim().trim_end_matches(['.', ' ']).trim_start_matches('.').trim_start();
    let device = text.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = device.strip_prefix("com").or_else(|| device.strip_prefix("lpt"));
    let kept = DEVICES.contains(&device.as_str()) || port.is_some_and(|port| port.chars().count() == 1);
    match text {
        "" => format!("Unnamed{after}"),
        text if kept => format!("{text}_{after}"),
        text => format!("{text}{after}"),
    }
}
