//! Search as people meet it: in several languages, with slips and without accents; while several write one index; and
//! when the index is gone or damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use aws_sdk_dynamodb::types::AttributeValue;
use crypto::{Aad, DataKey};
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::portal::{Person, until};
use testkit::samples;

use crate::faults::delivery::{Lambdas, failures};
use crate::faults::kept::{partition, versions};
use crate::faults::shapes;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, jiff_now, root, setting};

/// What a writer of the index is called in the template.
const INDEXER: &str = "indexer";
/// Deliveries of a message, as its queue makes them.
const DELIVERIES_MAX: usize = 10;
/// How soon after it is ready a document is found.
const FOUND_MS_MOST: i64 = 5_000;
/// As storage reads them; a large index is of several.
const PART_BYTES: usize = 4 * 1024 * 1024;
const LARGE_PAGES: usize = 100;
const LARGE_PAGE_WORDS: usize = 600;
/// The byte of a bundle that says its version.
const VERSION_AT: usize = 7;

struct Office {
    world: LawFirm,
    staff: Person,
    admin: Person,
    matter: String,
}

impl Office {
    async fn open() -> Office {
        let world = LawFirm::open().await;
        let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
        let matter = world.matter(&staff).await;
        Office { world, staff, admin, matter }
    }

    async fn ready(&self, name: &str, text: &str) -> String {
        let acme = &self.world.acme;
        let document = self.admin.upload(acme, &self.matter, "Evidence", name, &samples::txt(text)).await.id;
        assert_eq!(self.admin.settled(acme, &document).await["state"], "ready", "{name}");
        document
    }

    fn asked(&self, words: &str) -> String {
        let words: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        format!("/api/v1/clients/{}/search?q={words}", self.world.acme)
    }

    fn partition(&self) -> String {
        format!("T#{}#C#{}", self.world.firm.id, self.world.acme)
    }

    /// The place of what the firm and the client share, or of what the firm keeps to itself.
    fn pointer(&self, internal: bool) -> (String, &'static str) {
        if internal { (format!("{}#INT", self.partition()), "IDX#int") } else { (self.partition(), "IDX#open") }
    }

    /// The bundle that holds, once it has so many entries; nobody has searched, so that nobody has it open.
    async fn indexed(&self, aws: &Aws, internal: bool, count: usize) -> String {
        let (pk, sk) = self.pointer(internal);
        until(&format!("an index of {count}"), || async {
            let rows = partition(aws, "data", &pk).await;
            let pointer = rows.iter().find(|row| row["sk"]["S"] == sk)?;
            let entries: usize = pointer["count"]["N"].as_str()?.parse().ok()?;
            (entries == count).then(|| pointer["key"]["S"].as_str().unwrap_or_default().to_owned())
        })
        .await
    }

    async fn keep_internal(&self, name: &str, text: &str) -> String {
        let bytes = samples::txt(text);
        let asked = json!({
            "name": name, "size_bytes": bytes.len(), "project": self.matter, "category": "Evidence", "visibility": "firm",
        });
        let path = format!("/api/v1/clients/{}/documents", self.world.acme);
        let ticket = self.staff.write("POST", &path, &asked).await;
        self.staff.send_file(&ticket["upload"], name, &bytes).await;
        let id = ticket["document"]["id"].as_str().unwrap().to_owned();
        assert_eq!(self.staff.settled(&self.world.acme, &id).await["state"], "ready", "{name}");
        id
    }
}

/// The bucket, by the root key.
struct Bucket {
    s3: aws_sdk_s3::Client,
    name: String,
}

impl Bucket {
    fn open(aws: &Aws) -> Bucket {
        let config = aws_sdk_s3::config::Builder::from(aws.config()).force_path_style(true).build();
        Bucket { s3: aws_sdk_s3::Client::from_conf(config), name: setting("PORTICO_BUCKET") }
    }

    async fn read(&self, key: &str) -> Vec<u8> {
        let stored = self.s3.get_object().bucket(&self.name).key(key).send().await.unwrap();
        stored.body.collect().await.unwrap().to_vec()
    }

    async fn write(&self, key: &str, bytes: Vec<u8>) {
        self.s3.put_object().bucket(&self.name).key(key).body(bytes.into()).send().await.unwrap();
    }

    async fn remove(&self, aws: &Aws, key: &str) {
        for version in versions(aws, key).await {
            let request = self.s3.delete_object().bucket(&self.name).key(&version.key).version_id(&version.id);
            request.send().await.unwrap();
        }
    }
}

/// The seal of a client's bundles, opened as only the owner of the account can.
struct Seal {
    key: DataKey,
    pk: String,
}

impl Seal {
    async fn of(aws: &Aws, office: &Office) -> Seal {
        use base64::Engine as _;
        let pk = office.partition();
        let rows = partition(aws, "keys", &pk).await;
        let wrapped = rows.iter().find_map(|row| row["wrapped"]["B"].as_str()).expect("a wrapped key");
        let wrapped = base64::engine::general_purpose::STANDARD.decode(wrapped).unwrap();
        let kms = aws_sdk_kms::Client::new(aws.config());
        let request = kms.decrypt().ciphertext_blob(aws_sdk_kms::primitives::Blob::new(wrapped));
        let request = request.encryption_context("firm", &office.world.firm.id);
        let plain = request.encryption_context("client", &office.world.acme).send().await.unwrap().plaintext.unwrap();
        Seal { key: DataKey::new(plain.as_ref()).unwrap(), pk }
    }

    fn place<'a>(&'a self, key: &'a str) -> Aad<'a> {
        Aad { table: "index", pk: &self.pk, sk: key, attribute: "bundle" }
    }

    fn open(&self, key: &str, sealed: &[u8]) -> Vec<u8> {
        self.key.open(sealed, &self.place(key)).unwrap()
    }

    fn seal(&self, key: &str, bundle: &[u8]) -> Vec<u8> {
        self.key.seal(bundle, &self.place(key)).unwrap()
    }
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

/// A small planted set through the public door: each query finds the one document that it was planted in.
#[tokio::test]
async fn words_are_found_in_several_languages_with_slips_and_without_accents() {
    let office = Office::open().await;
    let texts = [
        (
            "lease.txt",
            "The tenant Featherstonehaugh agrees to the quiet\nharbour covenant of this lease and pays the rent.",
        ),
        (
            "vertrag.txt",
            "Die Parteien Müller und Weiß schließen Verträge über die Lieferung von Maschinen nach Österreich.",
        ),
        (
            "accord.txt",
            "Les parties ont conclu un accord général à Besançon, sans préjudice des droits de la bailleresse.",
        ),
        ("aviso.txt", "Las partes recibirán las notificaciones por escrito en el domicilio que indica este contrato."),
        ("dogovor.txt", "Стороны заключили договор о поставке оборудования в течение десяти рабочих дней."),
        ("keiyaku.txt", "東京都港区の株式会社山田製作所は本契約を締結する。"),
    ];
    let uploads = texts.iter().map(|(name, text)| office.ready(name, text));
    let documents: BTreeMap<&str, String> = texts.iter().map(|(name, _)| *name).zip(join_all(uploads).await).collect();
    let path = office.asked("parties ");
    office.staff.read_until(&path, |answer| (!ids(answer).is_empty()).then_some(())).await;
    let queries = [
        ("\"quiet harbour covenant\"", "lease.txt"),
        ("featherst", "lease.txt"),
        ("Featherstonehuagh ", "lease.txt"),
        ("fetherstonehaugh ", "lease.txt"),
        ("tenants paying ", "lease.txt"),
        ("muller ", "vertrag.txt"),
        ("Mueller ", "vertrag.txt"),
        ("Weiss vertrag ", "vertrag.txt"),
        ("oesterreich ", "vertrag.txt"),
        ("besancon ", "accord.txt"),
        ("généraux ", "accord.txt"),
        ("notificación ", "aviso.txt"),
        ("договорами ", "dogovor.txt"),
        ("山田製作所", "keiyaku.txt"),
    ];
    for (words, name) in queries {
        let wanted = documents[name].as_str();
        // The last of the documents may be indexed a moment after the first.
        let path = office.asked(words);
        let answer =
            office.staff.read_until(&path, |answer| ids(answer).contains(&wanted).then(|| answer.clone())).await;
        assert_eq!(ids(&answer), [wanted], "{words:?}");
    }
}

/// The queue brings a client's messages one after the other; nothing is lost where it does not, and five at once each
/// change an entry of their own. Whoever was told that it is done finds it done at once.
#[tokio::test]
async fn five_writers_at_once_lose_nothing() {
    let office = Office::open().await;
    let aws = Aws::connect().await;
    let lambdas = Lambdas::connect(&aws).await;
    let uploads = (0..5).map(|n| {
        let office = &office;
        async move { office.ready(&format!("before{n}.txt"), &format!("words number{n}")).await }
    });
    let documents = join_all(uploads).await;
    office.indexed(&aws, false, 5).await;
    let acme = &office.world.acme;
    let renamed = documents.iter().enumerate().map(|(n, document)| {
        let path = format!("/api/v1/clients/{acme}/documents/{document}");
        let (staff, lambdas, firm) = (&office.staff, &lambdas, &office.world.firm.id);
        async move {
            let version = staff.read(&path).await["version"].clone();
            let body = json!({ "version": version, "name": format!("after{n}.txt") });
            staff.write("PATCH", &path, &body).await;
            let source = lambdas.source(&format!("{}-indexer.fifo", setting("PORTICO_PREFIX")));
            let told = json!({ "v": 1, "firm": firm, "client": acme, "document": document, "again": true });
            // A group of its own: nothing keeps it from running beside the others.
            let message = shapes::message(source, &told.to_string(), Some(document));
            let event = shapes::batch(vec![message]);
            for _ in 0..DELIVERIES_MAX {
                let answer = lambdas.invoke(INDEXER, &event).await.unwrap();
                if failures(&answer).is_empty() {
                    return;
                }
            }
            panic!("{document} was not indexed in {DELIVERIES_MAX} deliveries");
        }
    });
    join_all(renamed).await;
    let answer = office.staff.read(&office.asked("words ")).await;
    let titles: Vec<&str> = answer["hits"].as_array().unwrap().iter().filter_map(|hit| hit["title"].as_str()).collect();
    for n in 0..5 {
        assert!(titles.contains(&format!("after{n}.txt").as_str()), "{titles:?}");
    }
    assert_eq!(titles.len(), 5, "{titles:?}");
}

/// Through the public door, by each document's own time.
#[tokio::test]
async fn what_is_ready_is_found_within_seconds() {
    let office = Office::open().await;
    for n in 0..3 {
        let word = format!("petrichor{n}");
        let document = office.ready(&format!("news{n}.txt"), &word).await;
        let path = format!("/api/v1/clients/{}/documents/{document}", office.world.acme);
        let ready_at = office.staff.read(&path).await["ready_at"].as_str().expect("an instant").to_owned();
        office
            .staff
            .read_until(&office.asked(&word), |answer| (ids(answer) == [document.as_str()]).then_some(()))
            .await;
        let took = jiff_now().as_millisecond() - ready_at.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        assert!(took <= FOUND_MS_MOST, "found after {took} ms");
    }
}

/// Whatever became of an index: the search says so, and finds everything again without anybody's help.
#[tokio::test]
async fn a_broken_index_heals_itself() {
    let office = Office::open().await;
    let aws = Aws::connect().await;
    let (bucket, seal) = (Bucket::open(&aws), Seal::of(&aws, &office).await);
    let mut documents = BTreeSet::new();
    for (n, damage) in ["gone", "emptied", "a changed byte", "an older version", "no pointer"].into_iter().enumerate() {
        documents.insert(office.ready(&format!("report{n}.txt"), &format!("the lighthouse of rock number{n}")).await);
        let key = office.indexed(&aws, false, documents.len()).await;
        match damage {
            "gone" => bucket.remove(&aws, &key).await,
            "emptied" => bucket.write(&key, Vec::new()).await,
            "a changed byte" => {
                let mut bytes = bucket.read(&key).await;
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                bucket.write(&key, bytes).await;
            }
            "an older version" => {
                let mut bundle = seal.open(&key, &bucket.read(&key).await);
                bundle[VERSION_AT] -= 1;
                bucket.write(&key, seal.seal(&key, &bundle)).await;
            }
            _ => {
                let (pk, sk) = office.pointer(false);
                let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
                let request = dynamo.delete_item().table_name(format!("{}-data", setting("PORTICO_PREFIX")));
                let request = request.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk.to_owned()));
                request.send().await.unwrap();
            }
        }
        let door = match n % 3 {
            0 => office.asked("lighthouse "),
            1 => "/api/v1/search?q=lighthouse+".to_owned(),
            _ => format!("/clients/{}/search?q=lighthouse", office.world.acme),
        };
        let answer = office.staff.get(&door).await;
        if n % 3 == 2 {
            let page = answer.text();
            assert!(page.contains("Search is being rebuilt") && !page.contains("Nothing found"), "{damage}: {page}");
        } else {
            let answer = answer.json();
            assert_eq!((answer["rebuilding"].as_bool(), ids(&answer).len()), (Some(true), 0), "{damage}: {answer}");
        }
        let found = healed(&office.staff, &office.asked("lighthouse ")).await;
        assert_eq!(found, documents, "{damage}");
    }
}

/// The other audience's index is found as before, and those who do not reach the broken one hear nothing of it.
#[tokio::test]
async fn an_index_of_the_firm_alone_heals_beside_the_shared_one() {
    let office = Office::open().await;
    let aws = Aws::connect().await;
    let shared = office.ready("shared.txt", "a lighthouse").await;
    let internal = office.keep_internal("internal.txt", "a lighthouse").await;
    office.indexed(&aws, false, 1).await;
    Bucket::open(&aws).remove(&aws, &office.indexed(&aws, true, 1).await).await;
    let path = office.asked("lighthouse ");
    let (admins, staffs) = (office.admin.read(&path).await, office.staff.read(&path).await);
    assert_eq!((admins["rebuilding"].as_bool(), ids(&admins)), (None, vec![shared.as_str()]), "{admins}");
    assert_eq!((staffs["rebuilding"].as_bool(), ids(&staffs)), (Some(true), vec![shared.as_str()]), "{staffs}");
    assert_eq!(healed(&office.staff, &path).await, BTreeSet::from([shared.clone(), internal]));
    assert_eq!(healed(&office.admin, &path).await, BTreeSet::from([shared]));
}

/// Storage brings it in parts.
#[tokio::test]
async fn a_large_index_is_read_whole() {
    let office = Office::open().await;
    let aws = Aws::connect().await;
    let (bucket, seal) = (Bucket::open(&aws), Seal::of(&aws, &office).await);
    // Hits are of documents that there are.
    let mut ids = Vec::new();
    for name in ["first.txt", "second.txt", "last.txt"] {
        ids.push(office.ready(name, "a lighthouse").await);
    }
    let key = office.indexed(&aws, false, 3).await;
    let mut writer = search::Writer::open(None).unwrap();
    let mut entry = |title: &str, pages: Vec<String>| search::Entry {
        id: ids.remove(0),
        kind: search::EntryKind::Document,
        title: title.to_owned(),
        project: None,
        category: None,
        readers: search::Readers::Everyone,
        language: None,
        at: 0,
        pages,
    };
    // Digits that do not repeat are hardly made smaller.
    let noise = |n: usize| crypto::sha256_hex(&n.to_le_bytes()) + " ";
    let page = |n: usize| (0..LARGE_PAGE_WORDS).map(|word| noise(n * LARGE_PAGE_WORDS + word)).collect::<String>();
    let pages = |from: usize| (from..from + LARGE_PAGES).map(page).collect();
    writer.put(entry("first.txt", pages(0))).unwrap();
    writer.put(entry("second.txt", pages(LARGE_PAGES))).unwrap();
    writer.put(entry("last.txt", vec!["a lighthouse at the end".to_owned()])).unwrap();
    let sealed = seal.seal(&key, &writer.finish().unwrap());
    assert!(sealed.len() > 2 * PART_BYTES, "{} bytes", sealed.len());
    bucket.write(&key, sealed).await;
    for (words, title) in [("lighthouse ".to_owned(), "last.txt"), (noise(LARGE_PAGE_WORDS), "first.txt")] {
        let answer = office.staff.read(&office.asked(&words)).await;
        assert_eq!(answer["hits"][0]["title"], title, "{answer}");
        assert!(answer["rebuilding"].is_null(), "{answer}");
    }
}

/// What is found once nothing is being rebuilt any more.
async fn healed(person: &Person, path: &str) -> BTreeSet<String> {
    let found = person.read_until(path, |answer| answer["rebuilding"].is_null().then(|| answer.clone())).await;
    ids(&found).into_iter().map(str::to_owned).collect()
}

/// An index that opens and says something wrong is noticed by nobody: the command has it made anew.
#[tokio::test]
async fn one_command_makes_the_indexes_of_a_client_anew() {
    let office = Office::open().await;
    let aws = Aws::connect().await;
    let (bucket, seal) = (Bucket::open(&aws), Seal::of(&aws, &office).await);
    let shared = office.ready("shared.txt", "a lighthouse").await;
    let internal = office.keep_internal("internal.txt", "a lighthouse").await;
    let nothing = search::Writer::open(None).unwrap().finish().unwrap();
    for of_firm in [false, true] {
        let key = office.indexed(&aws, of_firm, 1).await;
        bucket.write(&key, seal.seal(&key, &nothing)).await;
    }
    let path = office.asked("lighthouse ");
    let answer = office.staff.read(&path).await;
    assert_eq!((answer["rebuilding"].as_bool(), ids(&answer).len()), (None, 0), "{answer}");
    let mut python = Command::new(setting("PORTICO_EMULATOR_PYTHON"));
    python.arg(root().join("infra/local/steps/rebuild_search.py")).arg("--instance");
    python.arg(PathBuf::from(setting("PORTICO_STATE")).join("instance.json"));
    let output = python.args([&office.world.firm.id, &office.world.acme]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("2 indexes"), "{told}{}", String::from_utf8_lossy(&output.stderr));
    let wanted = BTreeSet::from([shared, internal]);
    let all =
        |answer: &Value| (ids(answer).into_iter().map(str::to_owned).collect::<BTreeSet<_>>() == wanted).then_some(());
    office.staff.read_until(&path, all).await;
}
