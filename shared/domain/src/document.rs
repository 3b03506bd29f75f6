//! Documents: asked for, received, scanned, filed or refused. Sizes are bytes, digests SHA-256 in hex.

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::packs::Pack;
use crate::request::OnLine;
use crate::{DocumentId, Moment, PersonId, ProjectId, limits, text};

mod parts;
mod visibility;

pub use parts::{Part, PartDigest, Parts, PartsRefused, cancel, sent};
pub use visibility::{Audience, Viewer, Visibility, may_see, readers};
mod filing;
mod versions;

pub use filing::{Binned, DocumentsEdit, Hand, Tag, Tags, tags};
pub use versions::{Series, follow, is_beside, may_succeed, promote, put_beside, succeed};

/// A file's name as people see it. Never used as a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

impl FileName {
    /// Keeps what is after the last slash or backslash, so that `../../x` is the file `x`.
    pub fn parse(text: &str) -> Result<Self, DocumentRefused> {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default().trim();
        if last.is_empty() || last.chars().all(|c| c == '.') {
            return Err(DocumentRefused::NoName);
        }
        if last.chars().count() > limits::FILE_NAME_CHARACTERS_MAX {
            return Err(DocumentRefused::NameTooLong { characters_max: limits::FILE_NAME_CHARACTERS_MAX });
        }
        if last.chars().any(text::reorders_or_controls) {
            return Err(DocumentRefused::NameUnreadable);
        }
        Ok(Self(last.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows its last dot, where that is short enough to be an ending.
    pub fn ending(&self) -> Option<&str> {
        let (stem, ending) = self.0.rsplit_once('.')?;
        (!stem.is_empty() && (1..=PLAIN_ENDING_BYTES_MAX).contains(&ending.len())).then_some(ending)
    }

    /// The same for those who can read plain letters only: nothing but `[A-Za-z0-9._-]`, at most 80 of them, the ending
    /// kept. Never empty, and never a name that hides a file.
    pub fn plain(&self) -> String {
        let (stem, ending) = match self.0.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() && ending.len() <= PLAIN_ENDING_BYTES_MAX => (stem, ending),
            _ => (self.0.as_str(), ""),
        };
        let ending = plain(ending);
        let mut name: String =
            plain(stem).trim_matches(['.', '_', '-']).chars().take(PLAIN_STEM_CHARACTERS_MAX).collect();
        if name.is_empty() {
            "document".clone_into(&mut name);
        }
        if ending.is_empty() { name } else { format!("{name}.{ending}") }
    }
}

const PLAIN_ENDING_BYTES_MAX: usize = 9;
const PLAIN_STEM_CHARACTERS_MAX: usize = 70;

/// One underscore for each run of anything else.
fn plain(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-') {
            name.push(letter);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name
}

impl TryFrom<String> for FileName {
    type Error = DocumentRefused;
    fn try_from(text: String) -> Result<Self, DocumentRefused> {
        Self::parse(&text)
    }
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> String {
        name.0
    }
}

/// One document of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub id: DocumentId,
    pub project: ProjectId,
    pub category: String,
    pub name: FileName,
    pub size_bytes: u64,
    pub by: PersonId,
    /// Uploaded by the client's side; otherwise by the firm's.
    pub by_client: bool,
    pub asked_at: Timestamp,
    /// The refused document that this one is another copy of.
    pub again_for: Option<DocumentId>,
    /// It was refused, and whoever sent it said that it is not needed after all.
    pub not_needed: bool,
    pub visibility: Visibility,
    /// The line of a request list that it was handed in for.
    pub request: Option<OnLine>,
    pub kept: Kept,
    /// How a large file is sent. None where one form takes it whole.
    pub parts: Option<Parts>,
    pub tags: Tags,
    /// It lies in the bin: hidden from lists and search, and brought back as it was.
    pub binned: Option<Binned>,
    /// The first of the versions that it is one of; none where there is no other.
    pub series: Option<DocumentId>,
    /// A newer version has taken its place, or an earlier one was made current again.
    pub superseded: bool,
    pub state: State,
    pub version: u64,
}

/// What decides how long it is kept, beside its category and project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The year in which the tax year ends that it is about, where somebody of the firm said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_year: Option<i16>,
    /// When somebody last changed something of it by hand: its name, place, people, tags or year, or took it to the bin or
    /// back. What it goes through as a version of another counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arranged_at: Option<Timestamp>,
    /// It lies where keeping costs less, and is read as before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// Where it was filed before: what a rule keeps is not out of it by being put elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerPlace>,
}

/// A category of a project's practice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerPlace {
    pub pack: Pack,
    pub category: String,
}

impl Kept {
    pub fn remember(&mut self, pack: Pack, category: &str) {
        let place = FormerPlace { pack, category: category.to_owned() };
        if !self.former.contains(&place) {
            self.former.push(place);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// The ticket is out; the file has not arrived.
    AwaitingUpload {
        expires: Timestamp,
    },
    /// The file lies in quarantine under this object version.
    Processing {
        object_version: String,
    },
    /// Filed under a name of our own, apart from where it was uploaded to.
    Ready {
        object_version: String,
        filed_as: String,
        digest: String,
        kind: String,
        pages: u32,
        searchable: bool,
        /// Pages whose words a program saw in a picture.
        #[serde(default)]
        read_by_sight: u32,
        /// Pages that are pictures too, and that nobody looked at: there were too many, or it took too long.
        #[serde(default)]
        unseen: u32,
        /// Pages that can be looked at, the first ones: a picture of each was kept.
        #[serde(default)]
        previews: u32,
        /// As ISO 639-3 has it, where the words leave no doubt.
        #[serde(default)]
        language: Option<String>,
        ready_at: Timestamp,
    },
    Rejected {
        reason: RejectReason,
        at: Timestamp,
    },
}

impl State {
    /// The ticket ran out before the file came: it will not come any more.
    pub fn missed(&self, now: Timestamp) -> bool {
        matches!(self, State::AwaitingUpload { expires } if *expires < now)
    }

    /// Its sender stopped it: lists do not show it.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, State::Rejected { reason: RejectReason::Cancelled, .. })
    }

    /// Nothing came of it, and it has been told long enough: the row takes a document's place for nothing. An upload whose
    /// last part was sent (`is_sent`) is not given up, however long storage takes to say so.
    pub fn lapsed(&self, is_sent: bool, now: Timestamp) -> bool {
        let over = now - SignedDuration::from_secs(limits::UPLOAD_LAPSES_SECONDS);
        match self {
            State::AwaitingUpload { expires } => !is_sent && *expires < over,
            State::Rejected { reason: RejectReason::Cancelled, at } => *at < over,
            State::Rejected { at, .. } => *at < now - SignedDuration::from_secs(limits::REFUSED_LAPSES_SECONDS),
            State::Processing { .. } | State::Ready { .. } => false,
        }
    }

    pub fn as_str(&self) -> &'static str {
        match self {
            State::AwaitingUpload { .. } => "awaiting_upload",
            State::Processing { .. } => "processing",
            State::Ready { .. } => "ready",
            State::Rejected { .. } => "rejected",
        }
    }
}

/// Why a file was refused, in words a client can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    Malware,
    ScanFailed,
    Empty,
    WrongExtension,
    UnknownKind,
    Macros,
    TooMuchInside,
    TooLarge,
    Unreadable,
    /// Reading it was ended: it took more time or memory than one file may.
    TookTooMuch,
    Protected,
    /// What lies in storage is not what was sent.
    Altered,
    /// Only a reading of the whole file would tell what it could do to its reader.
    TooLargeToCheck,
    /// Whoever sent it may no longer: the ticket outlived the right to use it.
    AccessEnded,
    /// Whoever sent it stopped halfway.
    Cancelled,
}

impl RejectReason {
    pub fn sentence(self) -> &'static str {
        match self {
            RejectReason::Malware => {
                "A virus scanner found something harmful in this file, so nobody can open it here. Scan your device and send a clean copy."
            }
            RejectReason::ScanFailed => {
                "We could not check this file for viruses. Upload it again; if it happens again, ask your contact at the firm."
            }
            RejectReason::Empty => "This file is empty. Check the original, then upload it again.",
            RejectReason::WrongExtension => {
                "The name says one kind of file and the content is another. Rename it to what it is, or export it again."
            }
            RejectReason::UnknownKind => {
                "Whatever its name says, what is in this file is of no kind that can be opened here. Send a PDF, a file of Word, Excel, PowerPoint or OpenDocument, text, RTF, CSV, a web page, an e-mail or a picture."
            }
            RejectReason::Macros => {
                "This file contains macros, which can be harmful. Save it without macros and upload it again."
            }
            RejectReason::TooMuchInside => {
                "This file unpacks to far more than its size, which we do not allow. Send its contents as ordinary files."
            }
            RejectReason::TooLarge => "This file is larger than the upload that was announced. Start the upload again.",
            RejectReason::Unreadable => {
                "This file is damaged and cannot be read. Open it on your computer, save it again and upload the new copy."
            }
            RejectReason::TookTooMuch => {
                "Reading this file takes more time or memory than one file may take here. Print it to PDF, or split it, and upload that."
            }
            RejectReason::Protected => {
                "This file is protected by a password, so it cannot be checked. Remove the password and upload it again."
            }
            RejectReason::Altered => {
                "This file did not arrive as it was sent. Nothing of it was kept: upload it again."
            }
            RejectReason::TooLargeToCheck => {
                "Files of Office and Outlook this large cannot be checked for macros. Save it as a PDF, or as several files under 64 MB, and upload those."
            }
            RejectReason::Cancelled => {
                "The upload was cancelled before the file had arrived. Upload it again if it is needed."
            }
            RejectReason::AccessEnded => {
                "Whoever sent this file has no access here any more, so it was not filed. Ask your contact at the firm."
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentRefused {
    #[error("Give the file a name.")]
    NoName,
    #[error("Use a file name of at most {characters_max} characters.")]
    NameTooLong { characters_max: usize },
    #[error("Rename the file without control characters.")]
    NameUnreadable,
    #[error("Files up to {} GB, please. This one is larger.", size_bytes_max / 1024 / 1024 / 1024)]
    TooLarge { size_bytes_max: u64 },
    #[error("This file is empty.")]
    Empty,
    #[error("Upload up to {count_max} files at a time.")]
    TooMany { count_max: usize },
    #[error("Choose one of the categories of this project.")]
    NoSuchCategory,
    #[error("This client's documents are full ({count_max}).")]
    QuotaReached { count_max: usize },
    #[error("This file is not ready yet. Wait until it has been checked, then change it.")]
    NotReady,
    #[error("Only a file that was refused can be taken off the list.")]
    NotRefused,
    #[error("Its project is under a legal hold, so it has to stay there.")]
    Held,
    #[error("Write the tax year as four digits, such as 2024.")]
    NoSuchYear,
    #[error("A tag is a word or a few, without commas.")]
    TagUnreadable,
    #[error("Use tags of at most {characters_max} characters.")]
    TagTooLong { characters_max: usize },
    #[error("Up to {count_max} tags on one file, please.")]
    TooManyTags { count_max: usize },
    #[error("This file is in the bin. Restore it first, then change it.")]
    InBin,
    #[error("This is an earlier version. Change the one that is current.")]
    Superseded,
    #[error("This is the current version already.")]
    Current,
    #[error("Up to {count_max} versions of one file, please. Upload this one as a file of its own.")]
    TooManyVersions { count_max: usize },
    #[error("Choose at least one file.")]
    NoneChosen,
    #[error("Choose up to {count_max} files at a time.")]
    TooManyFiles { count_max: usize },
    #[error("Only who uploaded this file, or the firm, can change it.")]
    NotYours,
    #[error("Documents for the firm only are uploaded by people of the firm who may write internal notes.")]
    NotInternal,
    #[error("Choose at least one person who may see this file, or let everyone see it.")]
    NobodyChosen,
    #[error("Choose at most {count_max} people, or let everyone see it.")]
    TooManyChosen { count_max: usize },
    #[error("Choose people of this client's company.")]
    NotOfCompany,
    #[error("This document is shared with the client, who may have read it. Upload it once more for the firm only.")]
    IsShared,
    #[error("This document is for the firm only. To share it, upload it once more for the client.")]
    IsInternal,
    #[error("Somebody else changed this document meanwhile. Reload to see it, then make your change again.")]
    Stale,
}

impl DocumentRefused {
    /// The part of a change that it is about; none where it is about the document as a whole.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            DocumentRefused::NoName | DocumentRefused::NameTooLong { .. } | DocumentRefused::NameUnreadable => {
                Some("name")
            }
            DocumentRefused::Held => Some("project"),
            DocumentRefused::NoSuchCategory => Some("category"),
            DocumentRefused::NoSuchYear => Some("tax_year"),
            DocumentRefused::TagUnreadable
            | DocumentRefused::TagTooLong { .. }
            | DocumentRefused::TooManyTags { .. } => Some("tags"),
            DocumentRefused::NotInternal
            | DocumentRefused::NobodyChosen
            | DocumentRefused::TooManyChosen { .. }
            | DocumentRefused::NotOfCompany
            | DocumentRefused::IsShared
            | DocumentRefused::IsInternal => Some("visibility"),
            _ => None,
        }
    }
}

/// One file that somebody wants to upload.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    pub name: String,
    pub size_bytes: u64,
    pub project: ProjectId,
    /// Left out for a line of a request list, which says itself where its files go.
    #[serde(default)]
    pub category: String,
    /// The refused document that this file is another copy of.
    #[serde(default)]
    pub again_for: Option<DocumentId>,
    /// Whom it is for. Left out, it is for everybody at the client's company, or for whom the refused document was.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// The line of a request list that it is for.
    #[serde(default)]
    pub request: Option<OnLine>,
    /// The document that this file is the next version of. It takes its place, whatever the other fields say of that.
    #[serde(default)]
    pub replaces: Option<DocumentId>,
}

/// A change of a document's place, name, viewers or need: what is absent stays. `version` is the one it was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentEdit {
    pub version: u64,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub project: Option<ProjectId>,
    #[serde(default)]
    pub category: Option<String>,
    /// Of a refused document: no other copy of it is needed.
    #[serde(default)]
    pub not_needed: Option<bool>,
    /// Whom it is for. What is for the firm only stays so, and so does what is shared.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// The year in which the tax year ends that it is about; by people of the firm. `null` takes it away.
    #[serde(default, deserialize_with = "crate::project::present")]
    #[schemars(with = "Option<i16>")]
    pub tax_year: Option<Option<i16>>,
    /// In place of those it has.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Into the bin, or out of it again.
    #[serde(default)]
    pub binned: Option<bool>,
}

/// What a file may have become after checks of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub object_version: String,
    pub filed_as: String,
    pub digest: String,
    pub size_bytes: u64,
    pub kind: String,
    pub pages: u32,
    pub searchable: bool,
    pub read_by_sight: u32,
    pub unseen: u32,
    pub previews: u32,
    pub language: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    UploadRequested,
    Received,
    Ready,
    Rejected {
        reason: RejectReason,
    },
    /// Every part of it was sent, says who sent it.
    Sent,
    Cancelled,
}

/// Gives a ticket for one file, or says why not. `existing` counts the client's documents.
pub fn request_upload(
    new: &NewDocument,
    categories: &[&str],
    existing: usize,
    by: &PersonId,
    by_client: bool,
    moment: &mut Moment,
) -> Result<Document, DocumentRefused> {
    let name = FileName::parse(&new.name)?;
    if new.size_bytes == 0 {
        return Err(DocumentRefused::Empty);
    }
    if new.size_bytes > limits::DOCUMENT_SIZE_BYTES_MAX {
        return Err(DocumentRefused::TooLarge { size_bytes_max: limits::DOCUMENT_SIZE_BYTES_MAX });
    }
    // Whatever the client's side sends, the firm can still file what it has to.
    let kept_back = if by_client { limits::DOCUMENTS_KEPT_BACK } else { 0 };
    let count_max = limits::DOCUMENTS_PER_CLIENT_MAX - kept_back;
    if existing >= count_max {
        return Err(DocumentRefused::QuotaReached { count_max });
    }
    let category = categories.iter().find(|c| **c == new.category).ok_or(DocumentRefused::NoSuchCategory)?;
    let parts = Parts::of(new.size_bytes);
    let lasts = if parts.is_some() { limits::UPLOAD_PARTS_SECONDS } else { limits::UPLOAD_TICKET_SECONDS };
    let expires = moment.now.checked_add(lasts.seconds()).unwrap_or(Timestamp::MAX);
    Ok(Document {
        id: DocumentId::from_bits(moment.next_id()),
        project: new.project.clone(),
        category: (*category).to_owned(),
        name,
        size_bytes: new.size_bytes,
        by: by.clone(),
        by_client,
        asked_at: moment.now,
        again_for: new.again_for.clone(),
        not_needed: false,
        visibility: visibility::of_new(new.visibility.as_ref().unwrap_or(&Visibility::Company), by, by_client)?,
        request: new.request.clone(),
        kept: Kept::default(),
        parts,
        tags: Tags::new(),
        binned: None,
        series: None,
        superseded: false,
        state: State::AwaitingUpload { expires },
        version: 1,
    })
}

/// One that was asked for and whose file comes whole, whatever its size: nobody sends parts of it.
pub fn in_one_piece(asked: Document) -> Document {
    let expires = asked.asked_at.checked_add(limits::UPLOAD_TICKET_SECONDS.seconds()).unwrap_or(Timestamp::MAX);
    Document { parts: None, state: State::AwaitingUpload { expires }, ..asked }
}

/// Whoever uploaded it, and those of the firm who work on the client's projects, may put it in its place.
pub fn may_arrange(document: &Document, person: &PersonId, edits_projects: bool) -> bool {
    edits_projects || document.by == *person
}

/// A tax year that a document can be about.
const TAX_YEARS: std::ops::RangeInclusive<i16> = 1950..=2100;

/// Moves, renames or tags a document, says whom it is for, puts it into the bin or takes it out, or says that a refused one
/// is not needed. `categories` are those of the project that it is to be in. Equal to `document` where nothing differs.
pub fn arrange(
    document: &Document,
    edit: &DocumentEdit,
    categories: &[&str],
    by_firm: bool,
    hand: &Hand,
) -> Result<Document, DocumentRefused> {
    if edit.version != document.version {
        return Err(DocumentRefused::Stale);
    }
    // Its place is that of the version which is current; and what is in the bin stays as it was put there.
    let restored = DocumentEdit { version: edit.version, binned: Some(false), ..DocumentEdit::default() };
    if document.superseded && !(document.binned.is_some() && *edit == restored) {
        return Err(DocumentRefused::Superseded);
    }
    if document.binned.is_some() && edit.binned.is_none() {
        return Err(DocumentRefused::InBin);
    }
    let mut next = document.clone();
    if edit.name.is_some() || edit.project.is_some() || edit.category.is_some() || edit.tags.is_some() {
        if !matches!(document.state, State::Ready { .. }) {
            return Err(DocumentRefused::NotReady);
        }
        if let Some(name) = &edit.name {
            next.name = renamed(&document.name, name)?;
        }
        if let Some(project) = &edit.project {
            next.project = project.clone();
        }
        if let Some(typed) = &edit.tags {
            next.tags = tags(typed.iter().map(String::as_str))?;
        }
    }
    if edit.name.is_some() || edit.project.is_some() || edit.category.is_some() {
        let category = edit.category.as_ref().unwrap_or(&document.category);
        let known = categories.iter().find(|known| **known == category.as_str());
        next.category = (*known.ok_or(DocumentRefused::NoSuchCategory)?).to_owned();
    }
    if let Some(not_needed) = edit.not_needed {
        if !matches!(document.state, State::Rejected { .. }) {
            return Err(DocumentRefused::NotRefused);
        }
        next.not_needed = not_needed;
    }
    if let Some(asked) = &edit.visibility {
        next.visibility = visibility::changed(document, asked)?;
    }
    if let Some(year) = edit.tax_year {
        if !by_firm {
            return Err(DocumentRefused::NotYours);
        }
        if year.is_some_and(|year| !TAX_YEARS.contains(&year)) {
            return Err(DocumentRefused::NoSuchYear);
        }
        next.kept.tax_year = year;
    }
    if let Some(binned) = edit.binned {
        next.binned = filing::turn(document, binned, hand)?;
    }
    if next != *document {
        next.kept.arranged_at = Some(hand.now);
        next.version += 1;
    }
    Ok(next)
}

/// A file keeps its ending, which says what opens it.
fn renamed(before: &FileName, name: &str) -> Result<FileName, DocumentRefused> {
    let name = FileName::parse(name)?;
    let Some(ending) =
        before.ending().filter(|ending| !name.ending().is_some_and(|new| new.eq_ignore_ascii_case(ending)))
    else {
        return Ok(name);
    };
    FileName::parse(&format!("{}.{ending}", name.as_str().trim_end_matches('.')))
}

/// What somebody is to a client today, as the person's own home says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// An active membership of the client's company.
    pub of_client: bool,
    /// The role of an active membership of the firm.
    pub of_firm: Option<crate::Role>,
    pub assigned: bool,
}

/// Whether a file that arrived by somebody's ticket may still be filed. A ticket outlives an assignment by minutes.
pub fn may_still_file(standing: Standing) -> bool {
    match standing.of_firm {
        Some(crate::Role::Partner) => true,
        Some(crate::Role::Staff) => standing.assigned || standing.of_client,
        _ => standing.of_client,
    }
}

/// The file has arrived in quarantine. A repeated or late message changes nothing.
pub fn receive(document: &Document, object_version: &str) -> (Document, Vec<Event>) {
    match &document.state {
        State::AwaitingUpload { .. } => {
            let state = State::Processing { object_version: object_version.to_owned() };
            (next(document, state), vec![Event::Received])
        }
        State::Processing { .. } | State::Ready { .. } | State::Rejected { .. } => (document.clone(), Vec::new()),
    }
}

/// The file passed every check. Its first good version wins; a message about any other changes nothing.
pub fn accept(document: &Document, checked: Checked, now: Timestamp) -> (Document, Vec<Event>) {
    match &document.state {
        State::Processing { object_version } if *object_version != checked.object_version => {
            (document.clone(), Vec::new())
        }
        State::AwaitingUpload { .. } | State::Processing { .. } => {
            if checked.size_bytes > document.size_bytes {
                return reject(document, &checked.object_version, RejectReason::TooLarge, now);
            }
            let Checked { object_version, filed_as, digest, size_bytes, .. } = checked;
            let Checked { kind, pages, searchable, read_by_sight, unseen, previews, language, .. } = checked;
            let ready_at = now;
            let state = State::Ready {
                object_version,
                filed_as,
                digest,
                kind,
                pages,
                searchable,
                read_by_sight,
                unseen,
                previews,
                language,
                ready_at,
            };
            (Document { size_bytes, ..next(document, state) }, vec![Event::Ready])
        }
        State::Ready { .. } | State::Rejected { .. } => (document.clone(), Vec::new()),
    }
}

/// The file failed a check. A message about another version than the one that arrived first changes nothing.
pub fn reject(
    document: &Document,
    object_version: &str,
    reason: RejectReason,
    now: Timestamp,
) -> (Document, Vec<Event>) {
    match &document.state {
        State::Processing { object_version: arrived } if arrived != object_version => (document.clone(), Vec::new()),
        State::AwaitingUpload { .. } | State::Processing { .. } => {
            (next(document, State::Rejected { reason, at: now }), vec![Event::Rejected { reason }])
        }
        State::Ready { .. } | State::Rejected { .. } => (document.clone(), Vec::new()),
    }
}

fn next(document: &Document, state: State) -> Document {
    Document { state, version: document.version + 1, ..document.clone() }
}

#[cfg(test)]
mod tests;
