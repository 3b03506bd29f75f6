//! Reading by sight: pages of real files, drawn at 300 dots an inch by a program that nobody here wrote and read by the
//! engine of this machine, beside the words that the same file says in letters; and scans that people send.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use documents::{Drawn, Kind, Look, draw};
use fn_document_processing::child::ForWhat;
use fn_document_processing::{Local, Reader};
use serde_json::Value;
use testkit::samples;
use testkit::samples::Layout;
use unicode_normalization::UnicodeNormalization as _;

use crate::documents::matter;
use crate::world::{counted, fresh, setting, volume};

const MEDIAN_LEAST: f64 = 0.95;
const TIME_MAX: Duration = Duration::from_secs(10);
/// Fewer words are a title page, on which one word is many percent.
const WORDS_LEAST: usize = 80;
const PAGES: usize = 30;
const PAGES_OF_A_RUN: usize = 7;
/// Of one file, so that a manual does not speak for all.
const PAGES_OF_A_FILE: usize = 12;
/// A picture of this width and height covers its page.
const SCAN_INCHES: (f64, f64) = (6.5, 9.0);

/// One page of a real file.
struct Page {
    file: PathBuf,
    number: usize,
    words: BTreeMap<String, usize>,
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "how long a page takes is what is tested")]
async fn words_of_pages_that_are_only_pictures() {
    let reader = Reader::new(program());
    let pages = pages(volume(PAGES, PAGES_OF_A_RUN));
    let (mut recalls, mut slowest) = (Vec::new(), Duration::ZERO);
    for page in &pages {
        let png = picture_of(page);
        let begun = Instant::now();
        let drawn = reader.draw("png", &png, &[0], ForWhat::Reading, TIME_MAX).await.unwrap();
        let first = drawn.first().unwrap_or_else(|| panic!("nothing was drawn of {} in time", page.file.display()));
        let seen = Local::new(&reader).words(&first.jpeg, TIME_MAX).await.unwrap().unwrap_or_default();
        slowest = slowest.max(begun.elapsed());
        let recall = recall(&words(&seen), &page.words);
        println!("{:5.1} % {} page {}", recall * 100.0, page.file.display(), page.number);
        recalls.push(recall);
    }
    recalls.sort_by(f64::total_cmp);
    let mean = recalls.iter().sum::<f64>() / recalls.len() as f64;
    let median = recalls[recalls.len() / 2];
    let told = format!(
        "pages at 300 dpi read by sight: median {:.1} %, mean {:.1} %, least {:.1} % of the words; slowest {slowest:.1?}",
        median * 100.0,
        mean * 100.0,
        recalls[0] * 100.0
    );
    println!("{told}, {} pages", pages.len());
    counted(&told, pages.len());
    assert!(median >= MEDIAN_LEAST, "{told}");
    // Twice for a page in another language than the one before.
    assert!(slowest < 2 * TIME_MAX, "{told}");
}

/// The deployed program, as it was staged.
fn program() -> PathBuf {
    PathBuf::from(setting("PORTICO_STAGE")).join("target/lambda/document-processing/bootstrap")
}

/// Pages of real files that say much, as many as are wanted and as far apart in the corpus as there are.
fn pages(most: usize) -> Vec<Page> {
    let folder = PathBuf::from(setting("PORTICO_CORPUS")).join("files");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pdf"));
    files.sort();
    let mut pages: Vec<Page> = Vec::new();
    for file in files {
        for number in 1..=PAGES_OF_A_FILE {
            let Some(text) = text_of(&file, number) else { break };
            let words = words(&text);
            // Letters that are only latin: what the engine was given a language for.
            let plain = words.keys().all(|word| word.chars().all(|letter| letter < '\u{250}'));
            let fresh = pages.iter().all(|page| page.words != words);
            if words.values().sum::<usize>() >= WORDS_LEAST && plain && fresh && !is_scan(&file, number) {
                pages.push(Page { file: file.clone(), number, words });
            }
        }
    }
    assert!(pages.len() >= PAGES_OF_A_RUN, "only {} pages with enough words", pages.len());
    let (count, most) = (pages.len(), most.min(pages.len()));
    let chosen = |at: &usize| (0..most).any(|place| place * count / most == *at);
    pages.into_iter().enumerate().filter(|(at, _)| chosen(at)).map(|(_, page)| page).collect()
}

/// The letters of a scanned page are what another program guessed, no measure for ours.
fn is_scan(file: &Path, page: usize) -> bool {
    let page = page.to_string();
    let output = Command::new("pdfimages").args(["-list", "-f", &page, "-l", &page]).arg(file).output().unwrap();
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    listed.lines().skip(2).any(|line| {
        let columns: Vec<f64> = line.split_whitespace().map(|column| column.parse().unwrap_or(0.0)).collect();
        let [_, _, _, width, height, .., across, down, _, _] = columns[..] else { return false };
        width / across >= SCAN_INCHES.0 && height / down >= SCAN_INCHES.1
    })
}

/// None where there is no such page.
fn text_of(file: &Path, page: usize) -> Option<String> {
    let page = page.to_string();
    let output = Command::new("pdftotext").args(["-f", &page, "-l", &page]).arg(file).arg("-").output().unwrap();
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn picture_of(page: &Page) -> Vec<u8> {
    let number = page.number.to_string();
    let drawn =
        Command::new("pdftoppm").args(["-r", "300", "-png", "-f", &number, "-l", &number]).arg(&page.file).output();
    drawn.unwrap().stdout
}

fn words(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    // A word that a line's end divides is one.
    let text = text.replace("-\n", "").replace("\u{ad}\n", "");
    // Letters that are set as one are still two.
    let text: String = text.nfkc().collect();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    counts
}

fn recall(found: &BTreeMap<String, usize>, wanted: &BTreeMap<String, usize>) -> f64 {
    let again: usize = wanted.iter().map(|(word, times)| found.get(word).copied().unwrap_or(0).min(*times)).sum();
    again as f64 / wanted.values().sum::<usize>() as f64
}

/// A language has letters of its own: they are read by its own pack, which the first look at the page asks for.
#[tokio::test]
async fn words_of_other_languages() {
    let reader = Reader::new(program());
    let mut eyes = Local::new(&reader);
    for (language, says) in [
        (
            "deu",
            "Der Mieter überweist die fällige Miete spätestens am fünften Werktag eines jeden Monats; größere Schäden \
                 müssen unverzüglich gemeldet werden, und Schönheitsreparaturen gehören außerdem zu seinen Pflichten.",
        ),
        (
            "fra",
            "Le locataire règle le loyer échu au plus tard le cinquième jour ouvré de chaque mois ; les dégâts \
                 importants doivent être signalés sans délai, et les travaux légers restent à la charge du preneur.",
        ),
        (
            "spa",
            "El inquilino pagará la renta a más tardar el quinto día hábil de cada mes; los daños graves deberán \
                 comunicarse sin demora, y las pequeñas reparaciones serán también obligación del señor arrendatario.",
        ),
    ] {
        let page = Page { file: written(&samples::pdf("Miete", &[says])), number: 1, words: words(says) };
        let drawn = reader.draw("png", &picture_of(&page), &[0], ForWhat::Reading, TIME_MAX).await.unwrap();
        let seen = eyes.words(&drawn[0].jpeg, TIME_MAX).await.unwrap().unwrap();
        assert_eq!(documents::language(std::slice::from_ref(&seen)), Some(language), "{seen}");
        let recall = recall(&words(&seen), &page.words);
        println!("{language}: {:.1} %", recall * 100.0);
        assert!(recall >= MEDIAN_LEAST, "{language}: {recall} of {seen}");
        std::fs::remove_file(&page.file).unwrap();
    }
}

fn written(bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(setting("PORTICO_STATE")).join(format!("{}.pdf", fresh()));
    std::fs::write(&path, bytes).unwrap();
    path
}

/// As much as shows a reader which way up it lies: one line would not.
const AGREEMENT: &str = "The quiet harbour agreement of Lindisfarne was signed in the presence of two witnesses, who have \
    known both parties for many years and who have read it aloud to them before. The owner of the boats shall keep the quay \
    in good repair and shall bear the cost of it, and whoever moors there during the winter shall pay the fees that the \
    council has set. Nothing in this agreement takes away what the law gives to fishermen of the island.";

/// What a scanner sends: a page that says this as a photograph, a PDF of nothing but that photograph, and one of the page
/// lying on its head.
fn scanned(says: &str) -> [(&'static str, Vec<u8>); 3] {
    let photo = |layout: Layout| {
        let mut pages = Vec::new();
        draw(Kind::Pdf, &samples::pdf_laid_out("Scan", &[says], layout), &[0], Look::Reading, &mut |page| {
            pages.push(page);
            true
        });
        pages.remove(0)
    };
    let (upright, headlong) = (photo(Layout::Plain), photo(Layout::Rotated(180)));
    [("Photo.jpg", upright.jpeg.clone()), ("Scan.pdf", scan(&upright)), ("Headlong.pdf", scan(&headlong))]
}

fn scan(photo: &Drawn) -> Vec<u8> {
    let drawing = "q 595 0 0 842 0 0 cm /P Do Q";
    let mut file = format!(
        "%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 \
         >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /P 5 0 R >> >> \
         /Contents 4 0 R >>\nendobj\n4 0 obj\n<< /Length {} >>\nstream\n{drawing}\nendstream\nendobj\n5 0 obj\n<< /Type \
         /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode \
         /Length {} >>\nstream\n",
        drawing.len(),
        photo.width,
        photo.height,
        photo.jpeg.len(),
    )
    .into_bytes();
    file.extend(&photo.jpeg);
    file.extend(b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n");
    file
}

/// A few bytes that promise a picture of 60,000 x 60,000.
fn wall() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0".to_vec();
    png.extend([0; 4]);
    png
}

#[tokio::test]
async fn scans_and_photographs_are_found_by_a_word_inside_and_bombs_cost_themselves_alone() {
    let (world, staff, admin, matter) = matter().await;
    let scans = scanned(AGREEMENT);
    let wall = admin.upload(&world.acme, &matter, "Evidence", "Wall.png", &wall()).await.id;
    let bomb = admin.upload(&world.acme, &matter, "Evidence", "Bomb.docx", &samples::zip_bomb_docx()).await.id;
    let mut ids = Vec::new();
    for (name, bytes) in &scans {
        ids.push(admin.upload(&world.acme, &matter, "Evidence", name, bytes).await.id);
    }
    for (id, (name, _)) in ids.iter().zip(&scans) {
        let settled = admin.settled(&world.acme, id).await;
        assert_eq!(settled["state"], "ready", "{name}: {settled}");
        assert_eq!((&settled["read_by_sight"], &settled["unseen"]), (&1.into(), &Value::Null), "{name}: {settled}");
        assert_eq!(settled["language"], "eng", "{name}: {settled}");
    }
    let found = staff
        .read_until(&format!("/api/v1/clients/{}/search?q=lindisfarne", world.acme), |answer| {
            let hits = answer["hits"].as_array()?;
            (hits.len() >= scans.len()).then(|| hits.clone())
        })
        .await;
    let mut found: Vec<&str> = found.iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    found.sort_unstable();
    ids.sort();
    assert_eq!(found, ids);
    let bomb = admin.settled(&world.acme, &bomb).await;
    assert_eq!((&bomb["state"], &bomb["reason"]), (&"rejected".into(), &"too_much_inside".into()), "{bomb}");
    // It is the client's file all the same: kept, not read, and its page says so.
    let settled = admin.settled(&world.acme, &wall).await;
    assert_eq!((&settled["state"], &settled["unseen"]), (&"ready".into(), &1.into()), "{settled}");
    let page = admin.get(&format!("/clients/{}/documents/{wall}", world.acme)).await.text().to_owned();
    assert!(page.contains("1 page that is only a picture"), "{page}");
}
