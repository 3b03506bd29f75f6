//! The process that opens files: what it finds, what it may not, and that it ends.

use std::time::{Duration, Instant};

use domain::document::RejectReason;
use fn_document_processing::Reader;
use fn_document_processing::child::ForWhat;
use testkit::samples;

fn reader() -> Reader {
    Reader::new(env!("CARGO_BIN_EXE_document-processing").into())
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

fn now<T>(work: impl Future<Output = T>) -> T {
    runtime().block_on(work)
}

#[test]
fn a_file_is_what_both_its_name_and_its_content_say() {
    let check = |name: &str, bytes: &[u8], want: Result<(&str, usize), RejectReason>| {
        let found = now(reader().read(name, bytes)).unwrap();
        let found = found.as_ref().map(|found| (found.kind.as_str(), found.pages.len())).map_err(|reason| *reason);
        assert_eq!(found, want, "{name}");
    };
    check("notes.txt", b"The lease ends in May.", Ok(("txt", 1)));
    check("lease.pdf", &samples::pdf("Lease", &["Rent", "May"]), Ok(("pdf", 2)));
    check("notes.pdf", b"The lease ends in May.", Err(RejectReason::WrongExtension));
    check("empty.txt", b"", Err(RejectReason::Empty));
    check("tool.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", Err(RejectReason::UnknownKind));
    check("bomb.docx", &samples::zip_bomb_docx(), Err(RejectReason::TooMuchInside));
    assert_eq!(now(reader().why_refused("tool.exe", b"MZ\x90\0")).unwrap(), RejectReason::UnknownKind);
}

#[test]
fn pages_are_drawn_and_scans_are_told_from_written_pages() {
    let file = samples::pdf("Lease", &["Rent", "May"]);
    let time = Duration::from_secs(20);
    let drawn = now(reader().draw("pdf", &file, &[0, 1, 7], ForWhat::Preview, time)).unwrap();
    assert_eq!(drawn.iter().map(|page| page.page).collect::<Vec<_>>(), [0, 1]);
    assert!(drawn.iter().all(|page| page.jpeg.starts_with(b"\xff\xd8") && page.width > 300));
    let picture = now(reader().read("photo.png", &samples::png())).unwrap().unwrap();
    assert_eq!((picture.unread, picture.pages), (vec![0], Vec::<String>::new()));
}

#[test]
fn words_are_set_in_type_as_far_as_there_is_time() {
    let time = Duration::from_secs(20);
    let words = ["Rent".to_owned(), "May".to_owned()];
    let set = now(reader().typeset("pptx", &words, time)).unwrap();
    assert_eq!(set.iter().map(|page| page.page).collect::<Vec<_>>(), [0, 1]);
    assert!(set.iter().all(|page| page.jpeg.starts_with(b"\xff\xd8") && page.width > 300));
    let hangs = Reader::new("/usr/bin/yes".into());
    assert_eq!(now(hangs.typeset("txt", &words, Duration::from_millis(300))).unwrap(), []);
    assert_eq!(now(Reader::new("/bin/false".into()).draw("pdf", b"%PDF", &[0], ForWhat::Preview, time)).unwrap(), []);
}

/// Its map of letters alone says that it has four thousand million of them.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long a reader takes is what is tested")]
fn a_page_that_would_fill_the_memory_has_no_picture() {
    let map = "1 beginbfrange <00000000> <ffffffff> <0041> endbfrange";
    let drawing = "BT /F 9 Tf (\\001) Tj ET";
    let stream = |data: &str| format!("<< /Length {} >>\nstream\n{data}\nendstream", data.len());
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 595 842] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>".to_owned(),
        stream(drawing),
        "<< /Type /Font /Subtype /TrueType /BaseFont /Arial /ToUnicode 6 0 R >>".to_owned(),
        stream(map),
    ];
    let mut file = String::from("%PDF-1.5\n");
    for (index, object) in objects.iter().enumerate() {
        file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    file += "trailer\n<< /Root 1 0 R >>\n";
    let begun = Instant::now();
    let drawn = now(reader().draw("pdf", file.as_bytes(), &[0], ForWhat::Preview, Duration::from_secs(5))).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(drawn.len() <= 1, "{drawn:?}");
}

/// Whatever ends a reader costs its file alone: an answer comes, and the next file is read.
#[test]
fn a_file_that_ends_its_reader_is_refused() {
    for dies in ["/bin/false", "/bin/true"] {
        let found = now(Reader::new(dies.into()).read("notes.txt", b"Rent")).unwrap();
        assert_eq!(found, Err(RejectReason::TookTooMuch), "{dies}");
    }
    assert!(now(Reader::new("/nowhere".into()).read("notes.txt", b"Rent")).is_err(), "our fault, to be tried again");
}

/// A reader that hangs, whatever is to be read by it, is ended; the files beside it are read meanwhile.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long a process is waited for is what is tested")]
fn a_file_that_hangs_its_reader_is_refused_and_others_are_read() {
    // It writes for ever and never ends: what it is given as a word.
    let hangs = Reader::new("/usr/bin/yes".into()).within(Duration::from_millis(700));
    let begun = Instant::now();
    let other = reader();
    let (hung, read) = now(async { tokio::join!(hangs.read("hangs.txt", b"Rent"), other.read("notes.txt", b"Rent")) });
    assert_eq!(hung.unwrap(), Err(RejectReason::TookTooMuch));
    assert_eq!(read.unwrap().unwrap().pages, ["Rent"]);
    assert_eq!(now(hangs.why_refused("hangs.txt", b"Rent")).unwrap(), RejectReason::TookTooMuch);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let me = std::process::id().to_string();
    let left = std::process::Command::new("pgrep").args(["-P", &me, "-x", "yes"]).output().unwrap();
    assert!(left.stdout.is_empty(), "it goes on: {}", String::from_utf8_lossy(&left.stdout));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long a process is waited for is what is tested")]
fn what_is_late_is_ended() {
    let mark = format!("7{}.5", std::process::id());
    let begun = Instant::now();
    let came = now(reader().other(&["/bin/sleep", &mark], b"", Duration::from_millis(300))).unwrap();
    assert_eq!(came, None);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let left = std::process::Command::new("pgrep").args(["-f", &format!("sleep {mark}")]).output().unwrap();
    assert!(left.stdout.is_empty(), "it goes on: {}", String::from_utf8_lossy(&left.stdout));
}

#[test]
fn it_has_no_credentials_and_can_neither_grow_nor_write() {
    let run = |words: &[&str]| now(reader().other(words, b"in", Duration::from_secs(20))).unwrap();
    let environment = String::from_utf8(run(&["/usr/bin/env"]).unwrap()).unwrap();
    assert_eq!(environment.trim(), "OMP_THREAD_LIMIT=1");
    assert_eq!(run(&["/bin/cat"]).as_deref(), Some(&b"in"[..]));
    let grow = "import mmap; mmap.mmap(-1, 2 << 30)";
    assert_eq!(run(&["/usr/bin/env", "python3", "-c", grow]), None);
    assert!(run(&["/usr/bin/env", "python3", "-c", "import mmap; mmap.mmap(-1, 1 << 20)"]).is_some());
    let path = std::env::temp_dir().join(format!("portico-reader-{}", std::process::id()));
    run(&["/bin/sh", "-c", &format!("echo more > {}", path.display())]);
    assert_eq!(std::fs::read(&path).unwrap_or_default(), b"");
    drop(std::fs::remove_file(&path));
}

/// What a process of its own costs a file, beside reading it here.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long a reader takes is what is measured")]
fn its_cost() {
    let file = samples::pdf("Lease", &["Rent", "May"]);
    let runtime = runtime();
    let mut taken: Vec<Duration> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            runtime.block_on(reader().read("lease.pdf", &file)).unwrap().unwrap();
            begun.elapsed()
        })
        .collect();
    taken.sort();
    println!("a process for a file: median {:?}, most {:?}", taken[4], taken[8]);
    assert!(taken[4] < Duration::from_secs(1), "{taken:?}");
}
