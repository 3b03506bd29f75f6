//! Copies carry a mark by the firm's rule, a mark leads back to the person who took the copy, and files that nobody here
//! made stay what they were under it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use documents::{Kind, Mark, codes};
use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;

use crate::documents::{PHRASE, download};
use crate::people::id_of;
use crate::world::{LawFirm, counted, root, setting, volume};

/// Sends a file and waits until it is there.
async fn filed(by: &Person, world: &LawFirm, matter: &str, category: &str, name: &str, bytes: &[u8]) -> String {
    let id = by.upload(&world.acme, matter, category, name, bytes).await.id;
    assert_eq!(by.settled(&world.acme, &id).await["state"], "ready", "{name}");
    id
}

pub(crate) async fn save_rule(partner: &Person, rule: &Value) -> u16 {
    let mut rule = rule.clone();
    rule["version"] = partner.read("/api/v1/firm/settings").await["version"].clone();
    partner.http().send("PUT", "/api/v1/firm/settings/marks", Some(&rule)).await.status
}

#[tokio::test]
async fn a_firms_rule_says_whose_copies_of_what_are_marked() {
    let world = LawFirm::open().await;
    let (partner, staff, admin) =
        tokio::join!(world.person("partner"), world.person("staff"), world.person("admin.acme"));
    let usual = partner.read("/api/v1/firm/settings").await["marks"].clone();
    let everybody = json!(["clients", "staff", "partners", "operators"]);
    assert_eq!(usual, json!({ "viewers": everybody, "free_categories": [], "covers": true }));
    let wrong = json!({ "viewers": ["everybody"], "free_categories": ["Secrets"], "covers": true });
    assert_eq!(save_rule(&partner, &wrong).await, 422);
    let rule = json!({ "viewers": ["clients", "staff"], "free_categories": ["Court orders"], "covers": false });
    assert_eq!(save_rule(&partner, &rule).await, 204);
    assert_eq!(partner.read("/api/v1/firm/settings").await["marks"], rule);
    assert_eq!(staff.http().send("PUT", "/api/v1/firm/settings/marks", Some(&rule)).await.status, 403);
    let events = partner.read(&format!("/api/v1/firm/people/{}/audit", id_of(&world, "partner").await)).await;
    assert!(events.to_string().contains("firm.marks_changed"), "{events}");
    let matter = world.matter(&staff).await;
    let (pdf, mail) = (samples::pdf("Lease", &[PHRASE]), samples::eml("a@b.example", "c@d.example", "Lease", PHRASE));
    let evidence = filed(&staff, &world, &matter, "Evidence", "Lease.pdf", &pdf).await;
    let order = filed(&staff, &world, &matter, "Court orders", "Order.pdf", &pdf).await;
    let letter = filed(&staff, &world, &matter, "Evidence", "Lease.eml", &mail).await;
    for (person, document, marked) in [
        (&partner, &evidence, false),
        (&staff, &evidence, true),
        (&admin, &evidence, true),
        (&admin, &order, false),
        (&partner, &letter, false),
    ] {
        let copy = download(person, &world.acme, document).await;
        let is_original = copy == pdf || copy == mail;
        assert_eq!(is_original, !marked, "{} {document}", person.email);
    }
    let refused = admin.get(&format!("/api/v1/clients/{}/documents/{letter}/download", world.acme)).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("Ask your contact"), "{}", refused.text());
}

/// What `cargo xtask trace` runs: one program reads the chains, another looks for the codes and knows no AWS.
pub(crate) fn trace(codes: &[String]) -> (bool, String) {
    let program = |name: &str| PathBuf::from(setting("PORTICO_SEED")).with_file_name(name);
    let instance = PathBuf::from(setting("PORTICO_STATE")).join("instance.json");
    let mut read = Command::new(setting("PORTICO_EMULATOR_PYTHON"))
        .args([root().join("infra/local/steps/chains.py"), instance])
        .arg("all")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = Command::new(program("trace")).args(codes).stdin(read.stdout.take().unwrap()).output().unwrap();
    assert!(read.wait().unwrap().success());
    (told.status.success(), String::from_utf8(told.stdout).unwrap())
}

#[tokio::test]
async fn every_kind_of_copy_leads_to_who_took_it() {
    let world = LawFirm::open().await;
    let (staff, admin) = tokio::join!(world.person("staff"), world.person("admin.acme"));
    let matter = world.matter(&staff).await;
    let mail = samples::eml("a@b.example", "c@d.example", "Lease", PHRASE);
    let files = [
        ("Lease.pdf", samples::pdf("Lease", &[PHRASE])),
        ("Lease.docx", samples::docx("Lease", &[PHRASE])),
        ("Rents.xlsx", samples::xlsx(&[("Rents", &[&["May", PHRASE]])])),
        ("Talk.pptx", samples::pptx("Talk", &[PHRASE])),
        ("Terms.html", samples::html("Terms", &[PHRASE])),
        ("Lease.eml", mail.clone()),
        ("Point.png", samples::png()),
    ];
    let mut found = Vec::new();
    for (name, original) in &files {
        let document = filed(&admin, &world, &matter, "Evidence", name, original).await;
        let copy = download(&admin, &world.acme, &document).await;
        // A picture of one point is no place for words, so it comes inside a page that is.
        let kind = if *name == "Point.png" { Kind::Pdf } else { name.rsplit('.').next().unwrap().parse().unwrap() };
        let [code] = &codes(kind, &copy)[..] else { panic!("{name}: no code, or several") };
        found.push((document, code.to_string()));
    }
    let all: Vec<String> = found.iter().map(|(_, code)| code.clone()).collect();
    let (known, told) = trace(&all);
    assert!(known, "{told}");
    let me = admin.read("/api/v1/me").await;
    for (document, code) in &found {
        let part =
            told.split("code      ").find(|part| part.starts_with(code)).unwrap_or_else(|| panic!("{code}: {told}"));
        let person = me["person"]["id"].as_str().unwrap();
        for words in ["document.downloaded", document, person, "session   ", "every link of this chain holds"] {
            assert!(part.contains(words), "{words} is not in {part}");
        }
    }
    // As typed off a picture; and one that nobody has.
    let by_hand = all[0].to_lowercase().replace('0', "o");
    assert!(trace(&[by_hand]).1.contains(&all[0]));
    let (known, told) = trace(&["01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned()]);
    assert!(!known && told.contains("no event of this portal has this code"), "{told}");
}

/// Signed once with a key that is gone; `pdfsig` of poppler judges whether the signature holds.
const SIGNED: &[u8] = include_bytes!("marks/signed.pdf");

#[test]
fn the_signature_of_a_signed_pdf_holds_in_its_cover() {
    let path = std::env::temp_dir().join(format!("portico-signed-{}", crate::world::fresh()));
    let judged = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let told = Command::new("pdfsig").args(["-nocert"]).arg(&path).output().unwrap();
        String::from_utf8_lossy(&told.stdout).contains("Signature is Valid.")
    };
    assert!(judged(SIGNED), "the judge does not know a signature");
    let mut tampered = SIGNED.to_vec();
    tampered[20] ^= 1;
    assert!(!judged(&tampered), "the judge takes anything for a signature");
    let mark = |covers| Mark { line: "ada@client.example".into(), code: CODE.into(), name: "Deed.pdf".into(), covers };
    assert_eq!(documents::mark(Kind::Pdf, SIGNED, &mark(false)), Err(documents::MarkRefused::Signed));
    let cover = documents::mark(Kind::Pdf, SIGNED, &mark(true)).unwrap();
    std::fs::write(&path, &cover.bytes).unwrap();
    let inside = path.with_extension("inside");
    let taken = Command::new("pdfdetach").args(["-save", "1", "-o"]).args([&inside, &path]).output().unwrap();
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    let taken = std::fs::read(&inside).unwrap();
    assert!(taken == SIGNED && judged(&taken), "what is inside is another file");
    assert!(crate::documents::pdf_text(&cover.bytes).contains(CODE));
    std::fs::write(&path, &cover.bytes).unwrap();
    let checked = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    std::fs::remove_file(&path).unwrap();
    std::fs::remove_file(&inside).unwrap();
}

const CODE: &str = "01JD9Z6Y7K8M9N0P1Q2R3S4T5V";
/// Of the corpus, in a run that is no soak: every so many-th file of each kind.
const SHARE: usize = 12;

#[test]
fn files_that_nobody_here_made_stay_what_they_were() {
    let corpus = PathBuf::from(setting("PORTICO_CORPUS"));
    let folder = std::env::temp_dir().join(format!("portico-marks-{}", crate::world::fresh()));
    std::fs::create_dir_all(&folder).unwrap();
    let every = volume(1, SHARE);
    let mut seen = std::collections::BTreeMap::<Kind, usize>::new();
    let (mut asked, mut covered, mut wrong) = (String::new(), 0, Vec::new());
    for line in std::fs::read_to_string(corpus.join("list.tsv")).unwrap().lines() {
        let [number, kind, origin, ..] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let kind: Kind = kind.parse().unwrap();
        let count = seen.entry(kind).or_default();
        *count += 1;
        if !(*count - 1).is_multiple_of(every) {
            continue;
        }
        let name = format!("{number}.{}", kind.as_str());
        let (from, to) = (corpus.join("files").join(&name), folder.join(&name));
        let original = std::fs::read(&from).unwrap();
        let mark = Mark { line: "ada@client.example · 24 Nov 2026".into(), code: CODE.into(), name, covers: true };
        let marked = documents::mark(kind, &original, &mark).unwrap();
        if codes(marked.kind, &marked.bytes).iter().all(|code| code.as_str() != CODE) {
            wrong.push(format!("{number} {origin}: the code cannot be read out of the copy"));
        }
        if marked.covered.is_some() {
            covered += 1;
            // What is inside is the file itself.
            if !marked.bytes.windows(original.len().max(1)).any(|window| window == original) {
                wrong.push(format!("{number} {origin}: the cover holds another file"));
            }
            continue;
        }
        std::fs::write(&to, &marked.bytes).unwrap();
        asked.push_str(&format!("{}\t{}\t{}\n", kind.as_str(), from.display(), to.display()));
    }
    let judged = judged(&asked);
    std::fs::remove_dir_all(&folder).unwrap();
    wrong.extend(judged.lines().filter(|line| line.starts_with("WRONG")).map(str::to_owned));
    println!("{judged}{covered} inside covers");
    counted("real files marked, judged by qpdf, poppler and readers of Office files", asked.lines().count());
    counted("real files inside covers, unchanged", covered);
    assert!(judged.contains("judged"), "the judge gave up: {judged}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn judged(asked: &str) -> String {
    let mut judge = Command::new(setting("PORTICO_CORPUS_PYTHON"))
        .args([root().join("tests/judges/marks.py")])
        .arg(CODE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, asked) = (judge.stdin.take().unwrap(), asked.to_owned());
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let output = judge.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
