//! Recall on a planted set: 200 queries of four kinds, each for a word or phrase that stands in one known document among
//! hundreds of others in several languages. The seed is fixed, so that a loss is a loss each time.

use crate::tests::{bundle, document, id};
use crate::{Index, Query, Viewer};

const DOCUMENTS: u32 = 600;
const QUERIES_A_KIND: u32 = 50;
const SHOWN: usize = 20;
const RECALL_LEAST: f64 = 0.99;

/// Sentences of an office, each language's own; what is planted stands between their words.
const TEXTS: [&str; 7] = [
    "the parties agree that the tenant shall pay the rent on the first day of each month and that the landlord keeps \
     the premises in good repair unless this agreement says otherwise in writing",
    "die parteien vereinbaren dass der mieter die miete am ersten tag jedes monats zu zahlen hat und dass der vermieter \
     die räume in gutem zustand erhält soweit dieser vertrag nichts anderes bestimmt",
    "les parties conviennent que le locataire paie le loyer le premier jour de chaque mois et que le bailleur maintient \
     les lieux en bon état sauf disposition contraire du présent contrat",
    "las partes acuerdan que el inquilino pagará la renta el primer día de cada mes y que el propietario mantendrá el \
     local en buen estado salvo que este contrato disponga otra cosa por escrito",
    "le parti convengono che il conduttore paghi il canone il primo giorno di ogni mese e che il locatore mantenga i \
     locali in buono stato salvo diversa disposizione del presente contratto",
    "стороны договорились что арендатор вносит плату в первый день каждого месяца а арендодатель содержит помещение в \
     исправном состоянии если договором не установлено иное",
    "τα μέρη συμφωνούν ότι ο μισθωτής καταβάλλει το μίσθωμα την πρώτη ημέρα κάθε μήνα και ότι ο εκμισθωτής διατηρεί το \
     μίσθιο σε καλή κατάσταση εκτός αν ορίζεται διαφορετικά",
];
const SYLLABLES: [&str; 24] = [
    "bar", "den", "fol", "gri", "hul", "jas", "kem", "lom", "mir", "nep", "pod", "quin", "ras", "sut", "tav", "vel",
    "wox", "yar", "zin", "cald", "drum", "frel", "stor", "thal",
];
/// As it is written, and as it is typed; each goes both ways.
const ACCENTS: [(&str, &str); 14] = [
    ("ü", "u"),
    ("ö", "o"),
    ("ä", "a"),
    ("é", "e"),
    ("è", "e"),
    ("ñ", "n"),
    ("ç", "c"),
    ("ß", "ss"),
    ("ø", "o"),
    ("ł", "l"),
    ("ü", "ue"),
    ("ö", "oe"),
    ("æ", "ae"),
    ("o\u{302}", "ô"),
];

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    fn name(&mut self) -> String {
        (0..3).map(|_| self.one_of(&SYLLABLES)).collect()
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Phrase,
    Beginning,
    Slip,
    Accent,
}

/// What stands in a document, and what is asked.
struct Plant {
    stands: String,
    asked: String,
}

fn plant(kind: Kind, number: u32, dice: &mut Dice) -> Plant {
    // With a number's worth of letters of its own, so that no two are one slip apart.
    let own: String = [SYLLABLES[number as usize % 24], SYLLABLES[number as usize / 24 % 24]].concat();
    let name = format!("{own}{}", dice.name());
    match kind {
        Kind::Phrase => {
            let words: Vec<String> = [vec![name], (0..1 + dice.below(4)).map(|_| dice.name()).collect()].concat();
            let gap = dice.one_of(&[" ", "\n", " \r\n  ", ",\n", "\u{a0}"]);
            Plant { stands: words.join(gap), asked: format!("\"{}\"", words.join(" ")) }
        }
        Kind::Beginning => {
            let letters = 2 + dice.below(8);
            let asked = name.chars().take(letters).collect();
            Plant { stands: name, asked }
        }
        Kind::Slip => {
            let end = dice.one_of(&["", " "]);
            let asked = format!("{}{end}", slipped(&name, dice));
            Plant { stands: name, asked }
        }
        Kind::Accent => {
            let (written, typed) = dice.one_of(&ACCENTS);
            let at = name.len() - 3;
            let put = |letters: &str| format!("{}{letters}{}", &name[..at], &name[at..]);
            let (stands, asked) = (put(written), put(typed));
            // A letter that is spelt out is found by its spelling and the other way round; what stands plain is found by
            // whoever types the accent.
            if dice.below(2) == 0 { Plant { stands, asked } } else { Plant { stands: asked, asked: stands } }
        }
    }
}

fn slipped(name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let letter = char::from(b'a' + dice.below(26) as u8);
    let at = dice.below(letters.len() - 1);
    match dice.below(4) {
        0 => letters.insert(at, letter),
        1 => drop(letters.remove(at)),
        2 => letters[at] = letter,
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

/// Every so many words a line ends.
fn page(text: &str, planted: Option<&str>, dice: &mut Dice) -> String {
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    for _ in 0..20 {
        let at = dice.below(words.len());
        words.insert(at, dice.name());
    }
    if let Some(planted) = planted {
        let at = dice.below(words.len());
        words.insert(at, planted.to_owned());
    }
    words.chunks(9).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
}

fn is_found(index: &Index, asked: &str, wanted: &str, among: usize) -> bool {
    let mut offset = 0;
    while offset < among {
        let query = Query { limit: SHOWN, offset, ..Query::of(Viewer::Firm, asked) };
        let hits = index.query(&query).expect("hits");
        if hits.is_empty() {
            return false;
        }
        if hits.iter().any(|hit| hit.id == wanted) {
            return true;
        }
        offset += SHOWN;
    }
    false
}

#[test]
fn what_is_planted_is_found() {
    let mut dice = Dice(0x0dd5_eed5_0f5e_a4c4);
    let kinds = [Kind::Phrase, Kind::Beginning, Kind::Slip, Kind::Accent];
    let plants: Vec<(Kind, Plant)> = (0..QUERIES_A_KIND * kinds.len() as u32)
        .map(|number| {
            let kind = kinds[number as usize % kinds.len()];
            (kind, plant(kind, number, &mut dice))
        })
        .collect();
    let entries: Vec<_> = (0..DOCUMENTS)
        .map(|number| {
            let text = TEXTS[number as usize % TEXTS.len()];
            // Each third document has a plant, so that most are noise.
            let planted = number.is_multiple_of(3).then(|| plants[number as usize / 3].1.stands.as_str());
            let pages = [page(text, None, &mut dice), page(text, planted, &mut dice)];
            document(number, &format!("{}.pdf", dice.name()), &[&pages[0], &pages[1]])
        })
        .collect();
    let index = Index::open(&bundle(&entries)).expect("open");
    let mut lost = Vec::new();
    for (number, (kind, plant)) in (0u32..).zip(&plants) {
        // A beginning of two letters is of many words: whoever types no more turns the pages.
        let among = if matches!(kind, Kind::Beginning) { domain::limits::SEARCH_HITS_MAX } else { SHOWN };
        if !is_found(&index, &plant.asked, &id(number * 3), among) {
            lost.push(format!("{kind:?}: {:?} stands as {:?}", plant.asked, plant.stands));
        }
    }
    for kind in kinds {
        let lost = lost.iter().filter(|lost| lost.starts_with(&format!("{kind:?}"))).count();
        let recall = 1.0 - lost as f64 / f64::from(QUERIES_A_KIND);
        eprintln!("{kind:?}: recall {:.1} % of {QUERIES_A_KIND}", recall * 100.0);
        assert!(recall >= RECALL_LEAST, "{lost:#?}");
    }
    assert!(lost.is_empty() || lost.len() as f64 <= plants.len() as f64 * (1.0 - RECALL_LEAST), "{lost:#?}");
}
