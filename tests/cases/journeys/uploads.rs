//! Uploads as people meet them in a real browser: a large file on a line that breaks, and a folder dropped whole.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{Folder, open_matter, walk, within_budget};
use crate::world::{LawFirm, counted, volume};

const MIB: usize = 1024 * 1024;

/// Written part by part: a file of the full volume is more than memory should hold.
fn large_file(path: &std::path::Path, size_bytes: usize) -> String {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut digest = crypto::Hasher::default();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut left = size_bytes;
    let mut block = b"%PDF-1.7\n".to_vec();
    while left > 0 {
        while block.len() < MIB {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block.extend_from_slice(&state.to_le_bytes());
        }
        block.truncate(left.min(MIB));
        digest.update(&block);
        file.write_all(&block).unwrap();
        left -= block.len();
        block.clear();
    }
    file.flush().unwrap();
    digest.hex()
}

#[tokio::test]
async fn a_large_file_survives_twenty_cuts_and_two_closed_tabs_and_no_part_goes_twice_but_those_underway() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    open_matter(&world).await;
    let folder = Folder::new();
    let size_bytes = volume(2_000_000_000, 115 * MIB + 7);
    let path = folder.path.join("Recording.pdf");
    let digest = large_file(&path, size_bytes);
    let parts = size_bytes.div_ceil(5 * MIB);
    let found = walk(
        "large",
        json!({
            "cookies": admin.http().cookies(), "path": format!("/clients/{}/documents", world.acme),
            "file": path, "name": "Recording.pdf", "parts": parts, "cuts": 20,
            "patience": volume(1_800_000, 90_000),
        }),
    );
    assert_eq!(found["cuts"], 20, "{found}");
    let begun: Vec<u64> = found["begun"].as_array().unwrap().iter().map(|one| one[1].as_u64().unwrap()).collect();
    assert_eq!((begun.len(), found["through"].as_u64()), (parts, Some(parts as u64)), "{found}");
    assert!(begun.iter().all(|times| *times <= 2), "a part went more than twice: {found}");
    let again: u64 = begun.iter().map(|times| times - 1).sum();
    // Twenty cuts, two closed tabs, one pause.
    assert!((20..=23).contains(&again), "{again} parts were sent again: {found}");
    let document = found["document"].as_str().unwrap();
    let stored = admin.read(&format!("/api/v1/clients/{}/documents/{document}", world.acme)).await;
    assert_eq!(stored["digest"].as_str(), Some(digest.as_str()), "{stored}");
    assert_eq!(stored["size_bytes"].as_u64(), Some(size_bytes as u64), "{stored}");
    counted("bytes of one upload, cut 20 times, its tab closed twice", size_bytes);
    counted("parts of it that were sent again", usize::try_from(again).unwrap());
}

#[tokio::test]
async fn a_dropped_folder_goes_up_whole_twenty_files_to_an_event() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    open_matter(&world).await;
    let folder = Folder::new();
    let tree = folder.path.join("Bank");
    let count = volume(300, 24);
    let mut names = Vec::new();
    for number in 0..count {
        let (year, month) = (2020 + number % 3, number / 3);
        let inside = tree.join(year.to_string()).join(format!("Box {}", number % 2));
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::write(inside.join(format!("{month}.txt")), format!("Statement {number}")).unwrap();
        names.push(format!("Bank - {year} - Box {} - {month}.txt", number % 2));
    }
    std::fs::write(tree.join(".DS_Store"), "of the system").unwrap();
    let found = walk(
        "folder",
        json!({
            "cookies": admin.http().cookies(), "path": format!("/clients/{}/documents", world.acme),
            "tree": tree, "count": count, "patience": volume(900_000, 90_000),
        }),
    );
    assert_eq!(within_budget(&found), 1, "{found}");
    let mut seen: Vec<&str> = found["names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    seen.sort_unstable();
    names.sort();
    assert_eq!(seen, names);
    assert_eq!(found["summary"], format!("{count} of {count} files sent"));
    let partner = world.person("partner").await;
    let mut after = String::new();
    let mut announced = 0;
    loop {
        let page = partner.read(&format!("/api/v1/clients/{}/audit{after}", world.acme)).await;
        let events = page["items"].as_array().unwrap();
        announced += events.iter().filter(|event| event["act"] == "document.upload_requested").count();
        let Some(next) = page["next"].as_u64() else { break };
        after = format!("?after={next}");
    }
    assert_eq!(announced, count.div_ceil(20), "events of announcements");
    counted("files of a dropped folder tree", count);
}
