//! Text that behaves as a language does: a few words very often, most of them seldom, sentences of uneven length.

const SYLLABLES: [&str; 20] = [
    "ta", "re", "mi", "lo", "su", "ne", "ka", "vi", "do", "pe", "sha", "tri", "con", "ler", "mun", "gra", "bel", "fos",
    "ward", "quin",
];
const VOCABULARY_WORDS: f64 = 30_000.0;

/// The same text for the same seed.
pub(crate) struct Writer {
    state: u64,
}

impl Writer {
    pub(crate) fn new(seed: u64) -> Writer {
        Writer { state: seed }
    }

    /// A word by its frequency: each power of the vocabulary comes up equally often.
    pub(crate) fn word(&mut self) -> String {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        word((VOCABULARY_WORDS.powf(unit) - 1.0) as usize)
    }

    /// Sentences of so many words altogether.
    pub(crate) fn text(&mut self, words: usize) -> String {
        let mut text = String::with_capacity(words * 7);
        let mut left_in_sentence = 0;
        for _ in 0..words {
            let word = self.word();
            if left_in_sentence == 0 {
                text.push_str(&word[..1].to_uppercase());
                text.push_str(&word[1..]);
                left_in_sentence = 6 + (self.next() % 18) as usize;
            } else {
                text.push_str(&word);
            }
            left_in_sentence -= 1;
            text.push_str(if left_in_sentence == 0 { ". " } else { " " });
        }
        text
    }

    pub(crate) fn number(&mut self, below: u64) -> u64 {
        self.next() % below
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A pronounceable word for each number; the frequent ones are short.
pub(crate) fn word(number: usize) -> String {
    let mut left = number + SYLLABLES.len();
    let mut text = String::new();
    while left > 0 {
        text.push_str(SYLLABLES[left % SYLLABLES.len()]);
        left /= SYLLABLES.len();
    }
    text
}
