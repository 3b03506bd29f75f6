//! Versions of one document. Each is a document with its own file, who sent it and when; one of them is current, which is
//! what lists, search and downloads by name show. The row of the series says which, so that two that become ready at once
//! follow one another.

use serde::{Deserialize, Serialize};

use super::{Document, DocumentRefused, Kept, State, may_arrange};
use crate::{DocumentId, PersonId, limits};

/// Which documents are versions of one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The first of them, whose name the series has.
    pub first: DocumentId,
    pub current: DocumentId,
    /// Those that were ever current, the oldest first.
    pub versions: Vec<DocumentId>,
    pub version: u64,
}

impl Series {
    /// Of a document that has no other version yet.
    pub fn of(document: &Document) -> Self {
        Self {
            first: document.id.clone(),
            current: document.id.clone(),
            versions: vec![document.id.clone()],
            version: 0,
        }
    }

    fn with_current(&self, id: &DocumentId) -> Self {
        let mut next = Self { current: id.clone(), version: self.version + 1, ..self.clone() };
        if !next.versions.contains(id) {
            next.versions.push(id.clone());
        }
        next
    }
}

/// A document that was just asked for, as the next version of `before`. Until its file is there it stands beside that.
pub fn follow(
    asked: Document,
    before: &Document,
    series: Option<&Series>,
    person: &PersonId,
    edits_projects: bool,
) -> Result<Document, DocumentRefused> {
    if !may_arrange(before, person, edits_projects) {
        return Err(DocumentRefused::NotYours);
    }
    if before.superseded {
        return Err(DocumentRefused::Superseded);
    }
    if before.binned.is_some() {
        return Err(DocumentRefused::InBin);
    }
    if !matches!(before.state, State::Ready { .. }) {
        return Err(DocumentRefused::NotReady);
    }
    if series.is_some_and(|series| series.versions.len() >= limits::VERSIONS_PER_DOCUMENT_MAX) {
        return Err(DocumentRefused::TooManyVersions { count_max: limits::VERSIONS_PER_DOCUMENT_MAX });
    }
    let first = before.series.clone().unwrap_or_else(|| before.id.clone());
    Ok(Document {
        project: before.project.clone(),
        category: before.category.clone(),
        tags: before.tags.clone(),
        visibility: before.visibility.clone(),
        series: Some(first),
        ..asked
    })
}

/// The file of a next version is there: it takes the place of whatever is current by now, with the name that its own file
/// has. Gives it, the one before it and the series. What lay in the bin stays there: it was put there as it was then.
pub fn succeed(next: &Document, current: &Document, series: &Series) -> (Document, Document, Series) {
    let after = Document {
        project: current.project.clone(),
        category: current.category.clone(),
        tags: current.tags.clone(),
        visibility: current.visibility.clone(),
        kept: Kept { tax_year: current.kept.tax_year, ..next.kept.clone() },
        superseded: false,
        ..next.clone()
    };
    (after, put_behind(current, series), series.with_current(&next.id))
}

/// An earlier version becomes current again.
pub fn promote(
    earlier: &Document,
    current: &Document,
    series: &Series,
) -> Result<(Document, Document, Series), DocumentRefused> {
    if series.current == earlier.id {
        return Err(DocumentRefused::Current);
    }
    if current.binned.is_some() || earlier.binned.is_some() {
        return Err(DocumentRefused::InBin);
    }
    if !matches!(earlier.state, State::Ready { .. }) {
        return Err(DocumentRefused::NotReady);
    }
    let (after, before, series) = succeed(earlier, current, series);
    Ok((Document { version: earlier.version + 1, ..after }, before, series))
}

/// Whether a document and what is to be of it lie at the same place, for the same people and the same year: what every
/// version has in common.
pub fn is_beside(one: &Document, other: &Document) -> bool {
    (&one.project, &one.category, &one.visibility, one.kept.tax_year)
        == (&other.project, &other.category, &other.visibility, other.kept.tax_year)
}

/// Another version of a document, put where the current one is.
pub fn put_beside(version: &Document, current: &Document) -> Document {
    Document {
        project: current.project.clone(),
        category: current.category.clone(),
        visibility: current.visibility.clone(),
        kept: Kept { tax_year: current.kept.tax_year, ..version.kept.clone() },
        version: version.version + 1,
        ..version.clone()
    }
}

/// Whether a file that arrived as the next version may take the place of the current one: somebody else may have sent one
/// in the meantime, and many can be announced at once.
pub fn may_succeed(next: &Document, current: &Document, series: &Series) -> bool {
    let has_room = series.versions.len() < limits::VERSIONS_PER_DOCUMENT_MAX;
    has_room && (!next.by_client || may_arrange(current, &next.by, false))
}

fn put_behind(current: &Document, series: &Series) -> Document {
    Document { superseded: true, series: Some(series.first.clone()), version: current.version + 1, ..current.clone() }
}
