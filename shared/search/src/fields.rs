//! The fields of a row. A change here is a new [`crate::bundle::VERSION`]: older bundles are then rebuilt.

use tantivy::Index;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

use crate::words;

const EXACT: &str = "exact";
const STEM: &str = "stem";

pub(crate) const ENTRY_COLUMN: &str = "entry";
pub(crate) const PAGE_COLUMN: &str = "page";
pub(crate) const AT_COLUMN: &str = "at";

#[derive(Clone, Copy)]
pub(crate) struct Fields {
    /// The entry's id, on its head row and on each of its pages.
    pub(crate) entry: Field,
    /// 0 on the head row, else the page's number from 1.
    pub(crate) page: Field,
    pub(crate) at: Field,
    pub(crate) kind: Field,
    pub(crate) project: Field,
    pub(crate) category: Field,
    /// On every row, so that no page is found by whom its entry is hidden from.
    pub(crate) readers: Field,
    /// The letter of the language by whose endings the row is stemmed.
    pub(crate) language: Field,
    /// Head row only; kept as it was written.
    pub(crate) title: Field,
    pub(crate) title_stem: Field,
    /// Page rows only; kept as it was written, for highlights.
    pub(crate) body: Field,
    pub(crate) body_stem: Field,
}

pub(crate) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let fields = Fields {
        entry: schema.add_text_field(ENTRY_COLUMN, STRING | FAST),
        page: schema.add_u64_field(PAGE_COLUMN, NumericOptions::default() | FAST),
        at: schema.add_i64_field(AT_COLUMN, NumericOptions::default() | FAST),
        kind: schema.add_text_field("kind", STRING | STORED),
        project: schema.add_text_field("project", STRING | STORED),
        category: schema.add_text_field("category", STRING | STORED),
        readers: schema.add_text_field("readers", STRING),
        language: schema.add_text_field("language", STRING | STORED),
        title: schema.add_text_field("title", text(EXACT, IndexRecordOption::WithFreqsAndPositions) | STORED),
        title_stem: schema.add_text_field("title_stem", text(STEM, IndexRecordOption::WithFreqs)),
        body: schema.add_text_field("body", text(EXACT, IndexRecordOption::WithFreqsAndPositions) | STORED),
        // Positions are half of an index's size, so only one field has them: phrases are looked up as written.
        body_stem: schema.add_text_field("body_stem", text(STEM, IndexRecordOption::WithFreqs)),
    };
    (schema.build(), fields)
}

/// The names that the schema refers to; every opened index needs them.
pub(crate) fn register_analyzers(index: &Index) {
    index.tokenizers().register(EXACT, words::exact());
    index.tokenizers().register(STEM, words::stemming());
}

fn text(analyzer: &str, record: IndexRecordOption) -> TextOptions {
    TextOptions::default()
        .set_indexing_options(TextFieldIndexing::default().set_tokenizer(analyzer).set_index_option(record))
}
