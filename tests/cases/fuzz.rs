//! Every reader of foreign bytes, fed with real files that were damaged at random. Each reader is a test, and each test
//! a process of its own, so that its peak of memory is the reader's.
//!
//! Whatever comes of a file, it comes in time: no panic reaches the caller, no abort ends the process, memory stays under
//! its bound, and a refusal has its sentence. The ordinary run takes the same few damaged files each time; the soak goes
//! on for ten minutes a reader, in two areas. A file is made from the reader's name and its number alone: what fails
//! comes again.
//!
//! Time is the processor's, so that a reader has its ten minutes and its ten seconds on a machine that does more as well.

mod damage;
mod seeds;

use std::collections::BTreeMap;
use std::time::Duration;

use documents::{Kind, Look, Mark, Text, draw, identify, text, typeset, unread};

use rustix::time::{ClockId, clock_gettime};

use crate::world::{counted, volume};
use damage::Dice;
use seeds::Seed;

const SOAK_SECONDS: usize = 600;
/// Files of an ordinary run, for each reader.
const FILES: u64 = 300;
const TIME_MAX: Duration = Duration::from_secs(10);
const MEMORY_MB_MAX: usize = 512;

/// What it came to: the words of how it ended.
type Read = fn(&str, &[u8]) -> Result<(), String>;

macro_rules! readers {
    ($($name:ident: $kinds:expr, $read:expr;)+) => { $(
        #[test]
        fn $name() { fuzz(stringify!($name), $kinds, $read); }
    )+ };
}

/// `soak fuzz::words`.
mod words {
    use super::*;

    readers! {
        what_it_is: Kind::ALL, |name, bytes| said(identify(name, bytes).map(drop).map_err(|reason| reason.sentence()));
        words_of_pdf: &[Kind::Pdf], words;
        words_of_docx: &[Kind::Docx], words;
        words_of_xlsx: &[Kind::Xlsx], words;
        words_of_pptx: &[Kind::Pptx], words;
        words_of_odt: &[Kind::Odt], words;
        words_of_ods: &[Kind::Ods], words;
        words_of_odp: &[Kind::Odp], words;
        words_of_rtf: &[Kind::Rtf], words;
        words_of_txt: &[Kind::Txt], words;
        words_of_html: &[Kind::Html], words;
        words_of_eml: &[Kind::Eml], words;
        words_of_msg: &[Kind::Msg], words;
        words_of_csv: &[Kind::Csv], words;
    }
}

/// `soak fuzz::copies`.
mod copies {
    use super::*;

    readers! {
        mark_of_pdf: &[Kind::Pdf], mark;
        mark_of_office: &[Kind::Docx, Kind::Xlsx, Kind::Pptx, Kind::Odt, Kind::Ods, Kind::Odp], mark;
        mark_of_text: &[Kind::Rtf, Kind::Txt, Kind::Html, Kind::Csv, Kind::Eml, Kind::Msg], mark;
        mark_of_pictures: &[Kind::Png], mark;
        pages_of_pdf: &[Kind::Pdf], pages;
        pages_of_pictures: &[Kind::Png], pages;
        pages_of_words: &[Kind::Docx, Kind::Xlsx, Kind::Pptx, Kind::Rtf, Kind::Txt, Kind::Html, Kind::Eml, Kind::Csv], set_in_type;
    }
}

/// As a file of its name's ending, whatever became of its content.
fn words(name: &str, bytes: &[u8]) -> Result<(), String> {
    let kind = name.rsplit('.').next().unwrap().parse().unwrap();
    said(text(kind, bytes).map(drop).map_err(|reason| reason.sentence()))
}

/// Drawn small: at 300 dots an inch the same loops only run longer.
fn pages(name: &str, bytes: &[u8]) -> Result<(), String> {
    let kind = name.rsplit('.').next().unwrap().parse().unwrap();
    unread(kind, bytes, &Text::default());
    let mut drawn = 0;
    draw(kind, bytes, &[0, 1], Look::Preview, &mut |_| {
        drawn += 1;
        true
    });
    if drawn > 0 { Ok(()) } else { Err("No page of it could be drawn.".into()) }
}

/// Words of a damaged file, as its page shows them.
fn set_in_type(name: &str, bytes: &[u8]) -> Result<(), String> {
    let kind = name.rsplit('.').next().unwrap().parse().unwrap();
    let words = text(kind, bytes).map_err(|reason| reason.sentence().to_owned())?;
    let mut set = 0;
    typeset(kind, &words.pages, &mut |_| {
        set += 1;
        set < 2
    });
    if set > 0 { Ok(()) } else { Err("No page of it could be set in type.".into()) }
}

fn mark(name: &str, bytes: &[u8]) -> Result<(), String> {
    let kind = name.rsplit('.').next().unwrap().parse().unwrap();
    let mark = Mark {
        line: "ada@client.example · 3 May 2026".into(),
        code: "01J00000000000000000000000".into(),
        name: name.into(),
        covers: false,
    };
    said(documents::mark(kind, bytes, &mark).map(drop))
}

fn said(read: Result<(), impl std::fmt::Display>) -> Result<(), String> {
    read.map_err(|why| why.to_string())
}

fn fuzz(reader: &str, kinds: &[Kind], read: Read) {
    let seeds = Seed::of(kinds);
    let (mut ended, mut slowest) = (BTreeMap::<String, usize>::new(), Duration::ZERO);
    let seconds = volume(SOAK_SECONDS, 0) as u64;
    let start = processor_time();
    let mut number = 0;
    let goes_on = |number| if seconds > 0 { (processor_time() - start).as_secs() < seconds } else { number < FILES };
    while goes_on(number) {
        let mut dice = Dice::of(reader, number);
        let seed = &seeds[dice.below(seeds.len())];
        let bytes = seed.damaged(&seeds, &mut dice);
        let name = format!("damaged.{}", seed.kind.as_str());
        let begun = processor_time();
        let came = read(&name, &bytes);
        let taken = processor_time() - begun;
        let what = format!("{reader} {number} ({})", seed.name);
        let kept = || kept(reader, number, &bytes);
        assert!(taken < TIME_MAX, "{what}: took {taken:?}: {}", kept());
        slowest = slowest.max(taken);
        let sentence = came.err().unwrap_or_else(|| "read".into());
        assert!(
            sentence == "read" || (sentence.len() > 20 && sentence.ends_with('.')),
            "{what}: refused without a sentence: {sentence}: {}",
            kept()
        );
        *ended.entry(sentence).or_default() += 1;
        let peak = peak_mb();
        assert!(peak < MEMORY_MB_MAX, "{what}: {peak} MB: {}", kept());
        number += 1;
    }
    let read = ended.get("read").copied().unwrap_or(0);
    // Where nothing can be read any more, only the door was tested.
    assert!(read > 0, "{reader}: {ended:?}");
    println!("{reader}: {number} files, slowest {slowest:?}, peak {} MB, {ended:#?}", peak_mb());
    counted(
        &format!(
            "{reader}: damaged files, none a panic or without its sentence (numbers from 0; {read} read, slowest {} ms, \
             peak {} MB)",
            slowest.as_millis(),
            peak_mb()
        ),
        usize::try_from(number).unwrap(),
    );
}

/// Where a file lies that something is wrong with.
fn kept(reader: &str, number: u64, bytes: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!("portico-{reader}-{number}"));
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

/// What this process has used of processors, with all its threads.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// The most memory that this process ever held.
fn peak_mb() -> usize {
    crate::bench::processes::peak_mb(std::process::id()).unwrap() as usize
}
