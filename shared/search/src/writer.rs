//! Changing an index: a bundle goes in, entries are put and removed, a new bundle of one segment comes out.

use std::collections::BTreeSet;
use std::path::Path;

use domain::limits;
use tantivy::directory::{Directory, RamDirectory};
use tantivy::indexer::{IndexWriter, IndexWriterOptions, NoMergePolicy};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyDocument, TantivyError, Term};

use crate::bundle::{self, Broken};
use crate::fields::{self, ENTRY_COLUMN, Fields};
use crate::language::Language;
use crate::{Entry, words};

/// The least that the engine takes. More text than fits is written out as a segment, and merged at the end.
const MEMORY_BYTES: usize = 15_000_000;
const META: &str = "meta.json";
/// A language without a stemmer, or that nobody could tell.
const UNTOLD: Language = Language::English;
/// Of an entry, for its language.
const PAGES_ASKED: usize = 5;
const ID_BYTES: usize = 26;

/// Whether the whole text of an entry is in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Whole,
    /// Text beyond the bound for one entry was left out.
    Cut,
}

#[derive(Debug, thiserror::Error)]
pub enum WriteFailed {
    #[error("`{id}` is not the id of an entry")]
    BadId { id: String },
    #[error("the search index could not be written")]
    Engine(#[source] TantivyError),
}

pub struct Writer {
    directory: RamDirectory,
    writer: IndexWriter,
    fields: Fields,
    ids: BTreeSet<String>,
}

impl Writer {
    /// Goes on with `bundle`, or starts an empty index.
    pub fn open(bundle: Option<&[u8]>) -> Result<Writer, Broken> {
        let directory = RamDirectory::create();
        let (schema, fields) = fields::schema();
        let index = match bundle {
            None => Index::create(directory.clone(), schema, settings()).map_err(Broken::Files)?,
            Some(bytes) => {
                for (name, range) in bundle::unpack(bytes)? {
                    directory.atomic_write(&name, &bytes[range]).map_err(|e| Broken::Files(e.into()))?;
                }
                let index = Index::open(directory.clone()).map_err(Broken::Files)?;
                if index.schema() != schema {
                    return Err(Broken::Rows);
                }
                index
            }
        };
        fields::register_analyzers(&index);
        let ids = ids_in(&index).map_err(Broken::Files)?;
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(MEMORY_BYTES)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let writer: IndexWriter = index.writer_with_options(options).map_err(Broken::Files)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Writer { directory, writer, fields, ids })
    }

    /// Adds the entry, in place of the one with its id if there is one.
    pub fn put(&mut self, entry: Entry) -> Result<Kept, WriteFailed> {
        if !is_id(&entry.id) {
            return Err(WriteFailed::BadId { id: entry.id });
        }
        self.remove(&entry.id);
        let fields = self.fields;
        let language = entry.language.or_else(|| language_of(&entry)).unwrap_or(UNTOLD);
        let mut head = self.row(&entry, 0, language);
        head.add_text(fields.title, &entry.title);
        head.add_text(fields.title_stem, words::marked(language, &entry.title));
        self.add(head)?;

        let mut kept = Kept::Whole;
        let mut left_bytes = limits::SEARCH_ENTRY_BYTES_MAX;
        for (page, number) in entry.pages.iter().zip(1u64..) {
            if number > limits::SEARCH_ENTRY_PAGES_MAX as u64 || left_bytes == 0 {
                kept = Kept::Cut;
                break;
            }
            let text = &page[..page.floor_char_boundary(left_bytes)];
            if text.len() < page.len() {
                kept = Kept::Cut;
            }
            left_bytes -= text.len();
            // A page without a word is never found; leaving it out keeps the numbers of the others.
            if !text.contains(words::in_a_word) {
                continue;
            }
            let language = Language::of_text(text).unwrap_or(language);
            let mut row = self.row(&entry, number, language);
            row.add_text(fields.body, text);
            row.add_text(fields.body_stem, words::marked(language, text));
            self.add(row)?;
        }
        self.ids.insert(entry.id);
        Ok(kept)
    }

    /// Removing what is not there changes nothing.
    pub fn remove(&mut self, id: &str) {
        if self.ids.remove(id) {
            self.writer.delete_term(Term::from_field_text(self.fields.entry, id));
        }
    }

    /// Entries, counting what was put and removed so far.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// The new bundle. Its segment has a random name, so that equal contents need not give equal bytes.
    pub fn finish(self) -> Result<Vec<u8>, WriteFailed> {
        let Writer { directory, mut writer, .. } = self;
        pack_all(&directory, &mut writer).map_err(WriteFailed::Engine)
    }

    fn row(&self, entry: &Entry, page: u64, language: Language) -> TantivyDocument {
        let fields = &self.fields;
        let mut row = TantivyDocument::default();
        row.add_text(fields.entry, &entry.id);
        row.add_u64(fields.page, page);
        row.add_i64(fields.at, entry.at);
        row.add_text(fields.kind, entry.kind.as_str());
        row.add_text(fields.language, language.letter().to_string());
        for (field, value) in [(fields.project, &entry.project), (fields.category, &entry.category)] {
            if let Some(value) = value {
                row.add_text(field, value);
            }
        }
        for reader in entry.readers.terms() {
            row.add_text(fields.readers, reader);
        }
        row
    }

    fn add(&self, row: TantivyDocument) -> Result<(), WriteFailed> {
        self.writer.add_document(row).map(|_| ()).map_err(WriteFailed::Engine)
    }
}

/// Kept text is half of a bundle, and a first search waits for all of it.
fn settings() -> IndexSettings {
    let compressor = Compressor::Zstd(ZstdCompressor::default());
    IndexSettings { docstore_compression: compressor, ..IndexSettings::default() }
}

/// The first page that tells; a title is too short to.
fn language_of(entry: &Entry) -> Option<Language> {
    entry.pages.iter().take(PAGES_ASKED).find_map(|page| Language::of_text(page))
}

/// Commits, merges to one segment without the removed rows, and packs what that segment needs.
fn pack_all(directory: &RamDirectory, writer: &mut IndexWriter) -> Result<Vec<u8>, TantivyError> {
    writer.commit()?;
    let segments = writer.index().searchable_segment_metas()?;
    if segments.len() > 1 || segments.iter().any(|segment| segment.has_deletes()) {
        let ids: Vec<_> = segments.iter().map(|segment| segment.id()).collect();
        writer.merge(&ids).wait()?;
    }
    let meta = writer.index().load_metas()?;
    let mut names: Vec<_> = meta.list_segment_files().into_iter().collect();
    names.push(META.into());
    names.sort();
    let mut files = Vec::with_capacity(names.len());
    for name in names {
        // The list holds candidates; a segment without positions, say, has no such file.
        if directory.exists(&name)? {
            files.push((name.to_string_lossy().into_owned(), read(directory, &name)?));
        }
    }
    Ok(bundle::pack(&files))
}

fn read(directory: &RamDirectory, name: &Path) -> Result<Vec<u8>, TantivyError> {
    Ok(directory.open_read(name)?.read_bytes()?.as_slice().to_vec())
}

/// A bundle has no removed rows, so that every id in its column is an entry.
fn ids_in(index: &Index) -> Result<BTreeSet<String>, TantivyError> {
    let mut ids = BTreeSet::new();
    let reader: IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    for segment in reader.searcher().segment_readers() {
        let Some(column) = segment.fast_fields().str(ENTRY_COLUMN)? else { continue };
        let mut id = String::new();
        for ordinal in 0..column.num_terms() as u64 {
            id.clear();
            if column.ord_to_str(ordinal, &mut id)? {
                ids.insert(id.clone());
            }
        }
    }
    Ok(ids)
}

fn is_id(text: &str) -> bool {
    text.len() == ID_BYTES && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
