//! Full-text search of one client's documents, projects and messages, as bytes in and bytes out.
//!
//! One index holds one audience of one client and is ONE bundle of bytes; sealing and storing it is the caller's.
//! Invariants: nothing here does I/O or reads a clock; a hit is never drawn from outside the filters of its query,
//! because they are part of the query, and who may see an entry is one of them; whatever text is searched for, the answer is hits or a typed refusal.
//!
//! An entry is kept as one head row (its title) and one row a page, so that a hit can name its page. A query is
//! judged by entry, not by page: words may stand on different pages of one document.

mod bundle;
mod fields;
mod fold;
mod highlight;
mod index;
mod language;
mod query;
mod readers;
mod words;
mod writer;

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;

pub use bundle::Broken;
pub use highlight::Highlight;
pub use index::{Hit, Index};
pub use language::Language;
pub use query::{Query, QueryRefused};
pub use readers::{Readers, Viewer};
pub use writer::{Kept, WriteFailed, Writer};

/// Whether a name has all words of a text, each whole or its beginning, as an index would find them. For lists that are
/// at hand and need no index.
pub fn names(name: &str, text: &str) -> bool {
    let words = words::words_of(text, &[]);
    let name = words::words_of(name, &[]);
    let has = |word: &words::Word| {
        name.iter()
            .any(|of| of.forms.iter().any(|form| word.forms.iter().any(|asked| form.starts_with(asked.as_str()))))
    };
    !words.is_empty() && words.iter().all(has)
}

/// One thing that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// ULID text; putting an entry replaces the one with the same id.
    pub id: String,
    pub kind: EntryKind,
    /// A document's file name, a project's name, a message's subject.
    pub title: String,
    pub project: Option<String>,
    pub category: Option<String>,
    pub readers: Readers,
    /// What the text is in, where that is known; a page that is clearly in another one is taken for that.
    pub language: Option<Language>,
    /// Unix milliseconds; the newer of two equally good hits comes first.
    pub at: i64,
    /// Text by page, the first page first. Empty where only the title is known.
    pub pages: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    Document,
    Project,
    Message,
}

impl EntryKind {
    pub const ALL: [EntryKind; 3] = [EntryKind::Document, EntryKind::Project, EntryKind::Message];

    pub fn as_str(self) -> &'static str {
        match self {
            EntryKind::Document => "document",
            EntryKind::Project => "project",
            EntryKind::Message => "message",
        }
    }

    pub fn parse(text: &str) -> Option<EntryKind> {
        EntryKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
