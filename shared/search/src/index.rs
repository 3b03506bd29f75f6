//! An opened index, and how a query becomes hits.

use std::cmp::Reverse;

use domain::limits;
use tantivy::query::EnableScoring;
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, DocId, IndexReader, ReloadPolicy, Searcher, SegmentReader, TantivyDocument, TantivyError};

use crate::EntryKind;
use crate::bundle::{Broken, ReadOnly};
use crate::fields::{self, AT_COLUMN, ENTRY_COLUMN, Fields, PAGE_COLUMN};
use crate::highlight::{Highlight, highlights_in};
use crate::language::Language;
use crate::query::{Part, Query, QueryRefused, filtered, parts_of};

#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub kind: EntryKind,
    pub id: String,
    pub title: String,
    pub project: Option<String>,
    pub category: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    /// From 1; none where only the title matched.
    pub page: Option<u32>,
    pub highlights: Vec<Highlight>,
    /// Of what was asked for, how many parts it does not have: in one answer either no hit lacks any, or each does.
    pub lacks: u32,
    /// Comparable within one answer only.
    pub score: f32,
}

/// One opened bundle. It is only read, so that it can be kept and shared.
pub struct Index {
    /// None where nothing was ever put.
    rows: Option<Rows>,
}

impl Index {
    pub fn empty() -> Index {
        Index { rows: None }
    }

    pub fn open(bundle: &[u8]) -> Result<Index, Broken> {
        let (schema, fields) = fields::schema();
        let index = tantivy::Index::open(ReadOnly::open(bundle)?).map_err(Broken::Files)?;
        if index.schema() != schema {
            return Err(Broken::Rows);
        }
        fields::register_analyzers(&index);
        let reader: IndexReader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(Broken::Files)?;
        let searcher = reader.searcher();
        let rows = match searcher.segment_readers() {
            [] => None,
            [segment] if !segment.has_deletes() => {
                let places = Places::read(segment).map_err(Broken::Files)?.ok_or(Broken::Rows)?;
                let languages = languages_in(segment, fields.language).map_err(Broken::Files)?;
                Some(Rows { searcher, fields, places, languages })
            }
            _ => return Err(Broken::Rows),
        };
        Ok(Index { rows })
    }

    /// Entries in the index.
    pub fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.places.heads.len())
    }

    /// The best hits first, one for each entry. Entries with all parts of the text, or else with as many as can be.
    pub fn query(&self, query: &Query) -> Result<Vec<Hit>, QueryRefused> {
        let languages = self.rows.as_ref().map_or(&[][..], |rows| &rows.languages);
        let parts = parts_of(&query.text, languages)?;
        let limit = query.limit.min(limits::PAGE_ROWS_MAX);
        if query.offset.saturating_add(limit) > limits::SEARCH_HITS_MAX {
            return Err(QueryRefused::TooFar { hits_max: limits::SEARCH_HITS_MAX });
        }
        let Some(rows) = &self.rows else { return Ok(Vec::new()) };
        if parts.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        rows.hits(parts, query, limit).map_err(QueryRefused::Engine)
    }
}

struct Rows {
    searcher: Searcher,
    fields: Fields,
    places: Places,
    /// By whose endings its rows are stemmed.
    languages: Vec<Language>,
}

fn languages_in(segment: &SegmentReader, field: Field) -> Result<Vec<Language>, TantivyError> {
    let index = segment.inverted_index(field)?;
    let mut letters = index.terms().stream()?;
    let mut languages = Vec::new();
    while letters.advance() {
        languages.extend(letters.key().first().and_then(|letter| Language::of_letter(char::from(*letter))));
    }
    Ok(languages)
}

/// Where each row belongs, read once when the index is opened.
struct Places {
    /// By row: the number of its entry.
    entries: Vec<u32>,
    /// By row: its page, 0 for a head row.
    pages: Vec<u32>,
    /// By entry: its head row.
    heads: Vec<DocId>,
    /// By entry: its time in unix milliseconds.
    times: Vec<i64>,
}

impl Places {
    /// None if the rows do not form entries.
    fn read(segment: &SegmentReader) -> Result<Option<Places>, TantivyError> {
        let fast = segment.fast_fields();
        let Some(entry_ids) = fast.str(ENTRY_COLUMN)? else { return Ok(None) };
        let (page_numbers, at) = (fast.u64(PAGE_COLUMN)?, fast.i64(AT_COLUMN)?);
        let count = entry_ids.num_terms();
        let mut places = Places {
            entries: Vec::with_capacity(segment.max_doc() as usize),
            pages: Vec::with_capacity(segment.max_doc() as usize),
            heads: vec![DocId::MAX; count],
            times: vec![0; count],
        };
        for row in 0..segment.max_doc() {
            let (Some(entry), Some(page)) = (entry_ids.ords().first(row), page_numbers.first(row)) else {
                return Ok(None);
            };
            places.entries.push(entry as u32);
            places.pages.push(page as u32);
            if page == 0 {
                let Some(head) = places.heads.get_mut(entry as usize) else { return Ok(None) };
                *head = row;
                places.times[entry as usize] = at.first(row).unwrap_or_default();
            }
        }
        Ok(places.heads.iter().all(|head| *head != DocId::MAX).then_some(places))
    }
}

/// What the parts of one query found.
struct Found {
    /// By row.
    scores: Vec<f32>,
    /// By entry: one bit for each part that it has, in its title or on any page.
    parts: Vec<u64>,
}

/// An entry that will be shown, if it is good enough.
struct Candidate {
    entry: u32,
    parts: u32,
    score: f32,
    page: Option<DocId>,
}

impl Rows {
    fn hits(&self, mut parts: Vec<Part>, query: &Query, limit: usize) -> Result<Vec<Hit>, TantivyError> {
        let mut found = Found { scores: vec![0.0; self.places.pages.len()], parts: vec![0; self.places.heads.len()] };
        for (number, part) in parts.iter_mut().enumerate() {
            if !self.look_up(part, number, query, &mut found)?
                && !query.strictly
                && let Some(forgiving) = part.forgiving()
                && self.look_up(&forgiving, number, query, &mut found)?
            {
                *part = forgiving;
            }
        }
        let mut candidates = self.candidates(&found);
        if !query.strictly
            && candidates.iter().all(|candidate| (candidate.parts as usize) < parts.len())
            && let Some(whole) = self.forgiving_more(&mut parts, query, found)?
        {
            candidates = whole;
        }
        if let Some(most) = candidates.iter().map(|candidate| candidate.parts).max()
            && most as usize == parts.len()
        {
            candidates.retain(|candidate| candidate.parts == most);
        }
        candidates.sort_by(|a, b| {
            b.parts
                .cmp(&a.parts)
                .then(b.score.total_cmp(&a.score))
                // The numbers of entries follow their ids, which follow the time of their making.
                .then_with(|| self.rank_by_age(a.entry).cmp(&self.rank_by_age(b.entry)))
        });
        candidates.iter().skip(query.offset).take(limit).map(|candidate| self.hit(candidate, &parts)).collect()
    }

    /// Where nothing has all parts as typed: the entries that have all of them once slips are forgiven also in words that
    /// somewhere do stand as typed, as slips do. None if there are none.
    fn forgiving_more(
        &self,
        parts: &mut [Part],
        query: &Query,
        mut found: Found,
    ) -> Result<Option<Vec<Candidate>>, TantivyError> {
        let mut forgiven = parts.to_vec();
        for (number, part) in forgiven.iter_mut().enumerate() {
            if let Some(forgiving) = part.forgiving() {
                self.look_up(&forgiving, number, query, &mut found)?;
                *part = forgiving;
            }
        }
        let candidates = self.candidates(&found);
        if candidates.iter().all(|candidate| (candidate.parts as usize) < parts.len()) {
            return Ok(None);
        }
        parts.clone_from_slice(&forgiven);
        Ok(Some(candidates))
    }

    /// True if any row has the part.
    fn look_up(&self, part: &Part, number: usize, query: &Query, found: &mut Found) -> Result<bool, TantivyError> {
        let lookup = filtered(part.lookup(&self.fields), query, &self.fields);
        let weight = lookup.weight(EnableScoring::enabled_from_searcher(&self.searcher))?;
        let mut any = false;
        weight.for_each(self.searcher.segment_reader(0), &mut |row, score| {
            any = true;
            found.scores[row as usize] += score;
            found.parts[self.places.entries[row as usize] as usize] |= 1 << number;
        })?;
        Ok(any)
    }

    /// Every entry with a part, in the order of their numbers, each with its best page.
    fn candidates(&self, found: &Found) -> Vec<Candidate> {
        let mut best_pages: Vec<Option<DocId>> = vec![None; self.places.heads.len()];
        for (row, score) in found.scores.iter().enumerate().filter(|(_, score)| **score > 0.0) {
            if self.places.pages[row] == 0 {
                continue;
            }
            let best = &mut best_pages[self.places.entries[row] as usize];
            if best.is_none_or(|other| self.comes_before(row as DocId, *score, other, found)) {
                *best = Some(row as DocId);
            }
        }
        let has_a_part = (0u32..).zip(&found.parts).filter(|(_, parts)| **parts != 0);
        has_a_part
            .map(|(entry, parts)| {
                let page = best_pages[entry as usize];
                let head = found.scores[self.places.heads[entry as usize] as usize];
                let score = head + page.map_or(0.0, |row| found.scores[row as usize]);
                Candidate { entry, parts: parts.count_ones(), score, page }
            })
            .collect()
    }

    fn comes_before(&self, row: DocId, score: f32, other: DocId, found: &Found) -> bool {
        let other_score = found.scores[other as usize];
        score > other_score
            || (score == other_score && self.places.pages[row as usize] < self.places.pages[other as usize])
    }

    fn rank_by_age(&self, entry: u32) -> (Reverse<i64>, Reverse<u32>) {
        (Reverse(self.places.times[entry as usize]), Reverse(entry))
    }

    fn hit(&self, candidate: &Candidate, parts: &[Part]) -> Result<Hit, TantivyError> {
        let head = self.row(self.places.heads[candidate.entry as usize])?;
        let title = text_of(&head, self.fields.title).unwrap_or_default();
        let mut highlights = Vec::new();
        if let Some(row) = candidate.page {
            let page = self.row(row)?;
            let text = text_of(&page, self.fields.body).unwrap_or_default();
            highlights = highlights_in(&text, self.language_of(&page), parts);
        }
        if highlights.is_empty() {
            highlights = highlights_in(&title, self.language_of(&head), parts);
        }
        let kind = text_of(&head, self.fields.kind).and_then(|kind| EntryKind::parse(&kind));
        Ok(Hit {
            kind: kind.ok_or_else(|| TantivyError::InternalError("an entry without a kind".into()))?,
            id: self.id_of(candidate.entry)?,
            project: text_of(&head, self.fields.project),
            category: text_of(&head, self.fields.category),
            at: self.places.times[candidate.entry as usize],
            page: candidate.page.map(|row| self.places.pages[row as usize]),
            title,
            highlights,
            lacks: parts.len() as u32 - candidate.parts,
            score: candidate.score,
        })
    }

    fn language_of(&self, row: &TantivyDocument) -> Language {
        let letter = text_of(row, self.fields.language).and_then(|letter| letter.chars().next());
        letter.and_then(Language::of_letter).unwrap_or(Language::English)
    }

    fn row(&self, row: DocId) -> Result<TantivyDocument, TantivyError> {
        self.searcher.doc(DocAddress::new(0, row))
    }

    fn id_of(&self, entry: u32) -> Result<String, TantivyError> {
        let mut id = String::new();
        if let Some(column) = self.searcher.segment_reader(0).fast_fields().str(ENTRY_COLUMN)? {
            column.ord_to_str(entry.into(), &mut id)?;
        }
        Ok(id)
    }
}

fn text_of(row: &TantivyDocument, field: Field) -> Option<String> {
    row.get_first(field)?.as_str().map(str::to_owned)
}
