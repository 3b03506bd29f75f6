//! Whatever is put, asked or damaged.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_was_put_is_found_by_each_of_its_words(
        texts in proptest::collection::vec(proptest::collection::vec("(\\PC{0,12}[ \\n]){0,8}", 0..4), 1..5),
    ) {
        let entries: Vec<_> = (0u32..)
            .zip(&texts)
            .map(|(number, pages)| document(number, "untitled", &pages.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let index = Index::open(&bundle(&entries)).expect("open");
        for entry in &entries {
            for word in entry.pages.iter().flat_map(|page| page.split_whitespace()) {
                if word.contains(char::is_alphanumeric) {
                    let found = ask(&index, word);
                    prop_assert!(found.iter().any(|hit| hit.id == entry.id), "word {:?} of {:?}", word, entry);
                }
            }
        }
    }

    #[test]
    fn any_text_gets_an_answer_and_sound_highlights(text in "\\PC{0,60}", page in "\\PC{0,400}", around in 0usize..40) {
        let page = format!("{page} {} {page}", text.chars().take(around).collect::<String>());
        let index = Index::open(&bundle(&[document(1, &text, &[&page])])).expect("open");
        for hit in ask(&index, &text) {
            for highlight in hit.highlights {
                prop_assert!(highlight.text.chars().count() <= domain::limits::SEARCH_SNIPPET_CHARACTERS_MAX);
                prop_assert!(!highlight.ranges.is_empty());
                let mut end = 0;
                for range in highlight.ranges {
                    prop_assert!(range.start >= end && range.start < range.end);
                    prop_assert!(highlight.text.get(range.clone()).is_some());
                    end = range.end;
                }
            }
        }
    }

    #[test]
    fn mutated_bundles_are_broken(at in 0usize..20_000, bit in 0u8..8) {
        let mut bytes = bundle(&[document(1, "Letter", &["fees"])]);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(Index::open(&bytes).is_err());
    }
}
