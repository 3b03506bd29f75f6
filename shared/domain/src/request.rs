//! Request lists: what a firm asks of a client, line by line, and what has come of it.
//!
//! A line is with the client until a file of it is ready or the client says that there is none; then it is with the
//! firm, which accepts it or sends it back with a reason. A list is complete when every line is accepted. A file counts
//! from when it is ready: one that is refused has delivered nothing.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::text::{Name, Note};
use crate::{DocumentId, Moment, PersonId, ProjectId, RequestId, RequestLineId, limits, packs::Pack};

pub mod bin;
pub mod ladder;

/// One list of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: RequestId,
    pub project: ProjectId,
    pub title: Name,
    pub lines: Vec<Line>,
    pub standing: Standing,
    /// Who sent it.
    pub by: PersonId,
    pub sent_at: Timestamp,
    pub changed_at: Timestamp,
    /// Since when nothing is with the client any more.
    pub delivered_at: Option<Timestamp>,
    /// Counts changes; a write names the version it was made from.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Open,
    /// Every line is accepted.
    Complete,
    /// The firm needs none of it any more.
    Withdrawn,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Complete => "complete",
            Standing::Withdrawn => "withdrawn",
        }
    }
}

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: RequestLineId,
    pub what: Name,
    pub help: Option<Note>,
    pub due_on: Option<Date>,
    /// Where its files go; else wherever their sender says.
    pub category: Option<String>,
    pub state: LineState,
    /// In the order in which they were announced.
    pub files: Vec<Handed>,
}

/// A file of a line, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    pub document: DocumentId,
    /// It was there when the line was sent back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineState {
    Asked,
    /// The firm looks at it.
    Given(Given),
    /// With the client again.
    Returned {
        at: Timestamp,
        by: PersonId,
        reason: Note,
    },
    Accepted {
        at: Timestamp,
        by: PersonId,
        given: Given,
    },
}

/// What the client's side gave for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// At least one file that is ready.
    Files { at: Timestamp },
    /// "I don't have this."
    NotHad { at: Timestamp, by: PersonId, words: Option<Note> },
}

impl LineState {
    /// The word stored in tables and shown in the JSON API.
    pub fn as_str(&self) -> &'static str {
        match self {
            LineState::Asked => "asked",
            LineState::Given(Given::Files { .. }) => "delivered",
            LineState::Given(Given::NotHad { .. }) => "not_had",
            LineState::Returned { .. } => "returned",
            LineState::Accepted { given: Given::Files { .. }, .. } => "accepted",
            LineState::Accepted { given: Given::NotHad { .. }, .. } => "accepted_not_had",
        }
    }

    pub fn is_with_client(&self) -> bool {
        matches!(self, LineState::Asked | LineState::Returned { .. })
    }

    pub fn is_accepted(&self) -> bool {
        matches!(self, LineState::Accepted { .. })
    }

    /// Since when the firm has it to look at.
    pub fn given_at(&self) -> Option<Timestamp> {
        match self {
            LineState::Given(Given::Files { at } | Given::NotHad { at, .. }) => Some(*at),
            LineState::Asked | LineState::Returned { .. } | LineState::Accepted { .. } => None,
        }
    }
}

impl Request {
    pub fn line(&self, id: &RequestLineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == *id)
    }

    /// Lines that the client still has to do something about; none of a list that is not open.
    pub fn missing(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| self.standing == Standing::Open && line.state.is_with_client())
    }

    /// How far it is for one side: the client counts what it has given, the firm what it has accepted.
    pub fn progress(&self, of_client: bool) -> Progress {
        let is_done = |line: &&Line| if of_client { !line.state.is_with_client() } else { line.state.is_accepted() };
        Progress { done: self.lines.iter().filter(is_done).count(), of: self.lines.len() }
    }

    /// Nothing is with the client, and the firm has yet to look at something.
    pub fn waits_for_firm(&self) -> bool {
        self.standing == Standing::Open && self.missing().next().is_none()
    }

    /// The earliest day on which something that is missing is due.
    pub fn next_due(&self) -> Option<Date> {
        self.missing().filter_map(|line| line.due_on).min()
    }
}

/// "3 of 5".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Progress {
    pub done: usize,
    pub of: usize,
}

impl std::fmt::Display for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.done, self.of)
    }
}

/// Which line of which list a file is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnLine {
    pub list: RequestId,
    pub line: RequestLineId,
}

/// What staff ask for when they make a list: one of the pack's own, or lines by hand.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    pub project: ProjectId,
    /// One of the project's practice pack, by its name.
    #[serde(default)]
    pub template: Option<String>,
    /// Left out: the template's own.
    #[serde(default)]
    pub title: Option<Name>,
    /// Of every line that names no day of its own.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub due_on: Option<Date>,
    /// Left out: the template's own.
    #[serde(default)]
    pub lines: Option<Vec<LineEdit>>,
}

/// A change of a list: what is absent stays. `version` is the one the change was made from.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestEdit {
    pub version: u64,
    #[serde(default)]
    pub title: Option<Name>,
    /// The whole list, in order; a line keeps its id, and one that is left out is asked for no more.
    #[serde(default)]
    pub lines: Option<Vec<LineEdit>>,
    /// The whole list is needed no more; false takes that back.
    #[serde(default)]
    pub withdrawn: Option<bool>,
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineEdit {
    #[serde(default)]
    pub id: Option<RequestLineId>,
    pub what: Name,
    #[serde(default)]
    pub help: Option<Note>,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub due_on: Option<Date>,
    #[serde(default)]
    pub category: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefused {
    #[error("Somebody else changed this list meanwhile. Reload to see it, then make your change again.")]
    Stale,
    #[error("Ask for at least one thing.")]
    NoLines,
    #[error("A list has at most {count_max} lines. Make a second one for the rest.")]
    TooManyLines { count_max: usize },
    #[error("This client has {count_max} open lists, the most there can be. Withdraw one that is not needed any more.")]
    TooManyOpen { count_max: usize },
    #[error("Give the list a title.")]
    NoTitle,
    #[error("This practice has no such list.")]
    NoSuchTemplate,
    #[error("Choose one of the categories of this project.")]
    NoSuchCategory,
    /// Its place counts the lines as they were asked for, from 0.
    #[error("Choose a day from today on.")]
    DuePast { place: usize },
    #[error("“{what}” is asked for twice. Leave one of them out.")]
    Twice { place: usize, what: Name },
    #[error("That line belongs to another list.")]
    ForeignLine,
    #[error("This is not on the list any more. Reload to see what is asked for.")]
    NoSuchLine,
    #[error("This list was withdrawn: nothing of it is needed any more.")]
    Withdrawn,
    #[error("This project is closed. Reopen it to ask for documents.")]
    IsClosed,
    #[error("This was accepted already. Upload the file to the documents of the project.")]
    Settled,
    #[error("A list takes at most {count_max} files. Upload the rest to the documents of the project.")]
    TooManyFiles { count_max: usize },
    #[error("A file has come for this already. Ask your contact at the firm if it is the wrong one.")]
    HasFiles,
    #[error("What a client is asked for cannot be kept by the firm. Upload the file to the documents of the project.")]
    FirmOnly,
    #[error("Nothing has come for this yet.")]
    NothingCame,
    #[error("The file that came for this lies in the bin. Bring it back first, or send the line back to the client.")]
    InBin,
    #[error("This has not been accepted.")]
    NotAccepted,
    #[error("The firm has answered this meanwhile. Reload to see it.")]
    NotSaid,
    #[error("Use at most {characters_max} characters.")]
    WordsTooLong { characters_max: usize },
}

/// What a change was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Sent,
    /// The firm asks for more.
    Extended,
    Edited,
    Withdrawn,
    Reinstated,
    /// A file was announced for a line.
    HandedIn,
    /// A line was given, and others are missing.
    Given,
    /// The last that was missing was given: the firm hears.
    Delivered,
    Returned {
        line: RequestLineId,
    },
    Accepted,
    /// With the last line that was not.
    Completed,
    AcceptUndone,
    /// The client has it after all.
    NotHadUndone,
}

/// What comes of a decision; nothing where the list stays as it is.
pub type Decided = Option<(Request, Event)>;

/// The project that a list is of, as far as it matters.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    pub pack: Pack,
    pub is_open: bool,
    pub categories: &'a [&'a str],
    /// By the firm's own calendar.
    pub today: Date,
}

/// Makes a list and sends it. `open` counts the lists that the client has open.
pub fn send(
    new: NewRequest,
    of: &Of<'_>,
    open: usize,
    by: &PersonId,
    moment: &mut Moment,
) -> Result<Request, RequestRefused> {
    if !of.is_open {
        return Err(RequestRefused::IsClosed);
    }
    if open >= limits::REQUESTS_OPEN_MAX {
        return Err(RequestRefused::TooManyOpen { count_max: limits::REQUESTS_OPEN_MAX });
    }
    let template = match &new.template {
        Some(name) => Some(of.pack.request_list(name).ok_or(RequestRefused::NoSuchTemplate)?),
        None => None,
    };
    let title = new.title.or_else(|| Name::parse(template?.title).ok()).ok_or(RequestRefused::NoTitle)?;
    let mut edits = match (new.lines, template) {
        (Some(lines), _) => lines,
        (None, Some(template)) => template.edits(),
        (None, None) => Vec::new(),
    };
    for edit in &mut edits {
        edit.due_on = edit.due_on.or(new.due_on);
    }
    Ok(Request {
        id: RequestId::from_bits(moment.next_id()),
        project: new.project,
        title,
        lines: lines(edits, &[], (of.categories, of.today), moment)?,
        standing: Standing::Open,
        by: by.clone(),
        sent_at: moment.now,
        changed_at: moment.now,
        delivered_at: None,
        version: 1,
    })
}

/// Changes what is asked for, or withdraws the list.
pub fn edit(
    request: &Request,
    edit: RequestEdit,
    categories: &[&str],
    today: Date,
    moment: &mut Moment,
) -> Result<Decided, RequestRefused> {
    if edit.version != request.version {
        return Err(RequestRefused::Stale);
    }
    let was_withdrawn = request.standing == Standing::Withdrawn;
    let is_withdrawn = edit.withdrawn.unwrap_or(was_withdrawn);
    if was_withdrawn && is_withdrawn {
        return if edit.withdrawn.is_some() { Ok(None) } else { Err(RequestRefused::Withdrawn) };
    }
    let mut next = request.clone();
    if let Some(title) = edit.title {
        next.title = title;
    }
    if let Some(edits) = edit.lines {
        next.lines = lines(edits, &request.lines, (categories, today), moment)?;
    }
    next.standing = if is_withdrawn { Standing::Withdrawn } else { Standing::Open };
    let is_new = |line: &Line| request.line(&line.id).is_none();
    let event = match (was_withdrawn, is_withdrawn) {
        (false, true) => Event::Withdrawn,
        (true, false) => Event::Reinstated,
        _ if next.lines.iter().any(is_new) => Event::Extended,
        _ => Event::Edited,
    };
    Ok(changed(request, next, event, moment.now))
}

/// Files are announced for a line: it shows them, and is delivered once one of them is ready.
pub fn hand_in(
    request: &Request,
    line: &RequestLineId,
    documents: &[DocumentId],
    now: Timestamp,
) -> Result<Decided, RequestRefused> {
    let mut next = open(request)?;
    let files: usize = request.lines.iter().map(|line| line.files.len()).sum();
    if files + documents.len() > limits::REQUEST_FILES_MAX {
        return Err(RequestRefused::TooManyFiles { count_max: limits::REQUEST_FILES_MAX });
    }
    let line = line_of(&mut next, line)?;
    if line.state.is_accepted() {
        return Err(RequestRefused::Settled);
    }
    line.files.extend(documents.iter().map(|document| Handed { document: document.clone(), returned: false }));
    Ok(changed(request, next, Event::HandedIn, now))
}

/// A list with those of some documents on its lines that are for them; none where none is.
pub fn with_files(
    request: &Request,
    documents: &[Document],
    now: Timestamp,
) -> Result<Option<Request>, RequestRefused> {
    let mut next = request.clone();
    for line in &request.lines {
        let on = |document: &&Document| {
            document.request.as_ref().is_some_and(|on| on.list == request.id && on.line == line.id)
        };
        let files: Vec<DocumentId> = documents.iter().filter(on).map(|document| document.id.clone()).collect();
        // A line that is settled is nobody's concern who sends nothing for it.
        if files.is_empty() {
            continue;
        }
        if let Some((after, _)) = hand_in(&next, &line.id, &files, now)? {
            next = Request { version: request.version + 1, ..after };
        }
    }
    Ok((next != *request).then_some(next))
}

/// A file of a line is ready. Of a list or line that does not wait for it any more nothing changes.
pub fn filed(request: &Request, line: &RequestLineId, document: &DocumentId, now: Timestamp) -> Decided {
    let mut next = open(request).ok()?;
    let line = line_of(&mut next, line).ok()?;
    if line.state.is_accepted() {
        return None;
    }
    match line.files.iter_mut().find(|file| file.document == *document) {
        // It came after the line was sent back: it is what the line was sent back for.
        Some(file) => file.returned = false,
        None => line.files.push(Handed { document: document.clone(), returned: false }),
    }
    if !matches!(line.state, LineState::Given(Given::Files { .. })) {
        line.state = LineState::Given(Given::Files { at: now });
    }
    changed(request, next, Event::Given, now)
}

/// Whether the firm hears of a file of a list by itself. What is part of the set is told with the set; what was announced
/// after that was complete is news of its own.
pub fn is_told_alone(request: &Request, line: &RequestLineId, announced_at: Timestamp) -> bool {
    let is_looked_at = request.line(line).is_none_or(|line| line.state.is_accepted());
    request.standing != Standing::Open || is_looked_at || request.delivered_at.is_some_and(|at| announced_at > at)
}

/// Where a file of a line goes: the line says, or else its sender.
pub fn category_of(line: &Line, said: &str, pack: Pack) -> String {
    let said = Some(said).filter(|said| !said.is_empty()).unwrap_or(pack.category_unsaid());
    line.category.as_deref().unwrap_or(said).to_owned()
}

/// "I don't have this", with or without words.
pub fn not_had(
    request: &Request,
    line: &RequestLineId,
    words: Option<Note>,
    by: &PersonId,
    now: Timestamp,
) -> Result<Decided, RequestRefused> {
    let mut next = open(request)?;
    let words = words.map(remark).transpose()?;
    let line = line_of(&mut next, line)?;
    match &line.state {
        LineState::Asked | LineState::Returned { .. } => (),
        // Sent twice it is said once; other words take the place of those before.
        LineState::Given(Given::NotHad { words: before, .. }) if *before == words => return Ok(None),
        LineState::Given(Given::NotHad { .. }) => (),
        LineState::Given(Given::Files { .. }) => return Err(RequestRefused::HasFiles),
        LineState::Accepted { .. } => return Err(RequestRefused::Settled),
    }
    line.state = LineState::Given(Given::NotHad { at: now, by: by.clone(), words });
    Ok(changed(request, next, Event::Given, now))
}

/// Takes "I don't have this" back: it is asked for again.
pub fn undo_not_had(request: &Request, line: &RequestLineId, now: Timestamp) -> Result<Decided, RequestRefused> {
    let mut next = open(request)?;
    let line = line_of(&mut next, line)?;
    match &line.state {
        LineState::Given(Given::NotHad { .. }) => line.state = LineState::Asked,
        LineState::Asked | LineState::Returned { .. } => return Ok(None),
        LineState::Given(Given::Files { .. }) | LineState::Accepted { .. } => return Err(RequestRefused::NotSaid),
    }
    Ok(changed(request, next, Event::NotHadUndone, now))
}

pub fn accept(
    request: &Request,
    line: &RequestLineId,
    by: &PersonId,
    now: Timestamp,
) -> Result<Decided, RequestRefused> {
    let mut next = open(request)?;
    let line = line_of(&mut next, line)?;
    let given = match &line.state {
        LineState::Given(given) => given.clone(),
        LineState::Accepted { .. } => return Ok(None),
        LineState::Asked | LineState::Returned { .. } => return Err(RequestRefused::NothingCame),
    };
    line.state = LineState::Accepted { at: now, by: by.clone(), given };
    Ok(changed(request, next, Event::Accepted, now))
}

/// Takes an acceptance back: the firm looks at it again.
pub fn undo_accept(request: &Request, line: &RequestLineId, now: Timestamp) -> Result<Decided, RequestRefused> {
    let mut next = open(request)?;
    let line = line_of(&mut next, line)?;
    let given = match &line.state {
        LineState::Accepted { given, .. } => given.clone(),
        LineState::Given(_) => return Ok(None),
        LineState::Asked | LineState::Returned { .. } => return Err(RequestRefused::NotAccepted),
    };
    line.state = LineState::Given(given);
    Ok(changed(request, next, Event::AcceptUndone, now))
}

/// Sends what was given back to the client, with the reason; or asks again for what they say they do not have.
pub fn send_back(
    request: &Request,
    line: &RequestLineId,
    reason: Note,
    by: &PersonId,
    now: Timestamp,
) -> Result<Decided, RequestRefused> {
    let mut next = open(request)?;
    let reason = remark(reason)?;
    let line = line_of(&mut next, line)?;
    match &line.state {
        LineState::Given(_) => (),
        LineState::Returned { reason: before, .. } if *before == reason => return Ok(None),
        LineState::Returned { .. } | LineState::Asked => return Err(RequestRefused::NothingCame),
        LineState::Accepted { .. } => return Err(RequestRefused::Settled),
    }
    for file in &mut line.files {
        file.returned = true;
    }
    line.state = LineState::Returned { at: now, by: by.clone(), reason };
    let event = Event::Returned { line: line.id.clone() };
    Ok(changed(request, next, event, now))
}

/// A list that still changes.
fn open(request: &Request) -> Result<Request, RequestRefused> {
    match request.standing {
        Standing::Open | Standing::Complete => Ok(request.clone()),
        Standing::Withdrawn => Err(RequestRefused::Withdrawn),
    }
}

fn line_of<'a>(request: &'a mut Request, id: &RequestLineId) -> Result<&'a mut Line, RequestRefused> {
    request.lines.iter_mut().find(|line| line.id == *id).ok_or(RequestRefused::NoSuchLine)
}

fn remark(words: Note) -> Result<Note, RequestRefused> {
    let characters_max = limits::REQUEST_REMARK_CHARACTERS_MAX;
    if words.as_str().chars().count() > characters_max {
        return Err(RequestRefused::WordsTooLong { characters_max });
    }
    Ok(words)
}

/// The next version with what follows from its lines, if anything differs.
fn changed(before: &Request, mut next: Request, event: Event, now: Timestamp) -> Decided {
    if next.standing != Standing::Withdrawn {
        let is_complete = next.lines.iter().all(|line| line.state.is_accepted());
        next.standing = if is_complete { Standing::Complete } else { Standing::Open };
    }
    let is_missing = |request: &Request| request.lines.iter().any(|line| line.state.is_with_client());
    next.delivered_at = match (is_missing(before), is_missing(&next)) {
        (_, true) => None,
        (true, false) => Some(now),
        (false, false) => before.delivered_at,
    };
    if next == *before {
        return None;
    }
    let event = match event {
        Event::Given if is_missing(before) && !is_missing(&next) => Event::Delivered,
        Event::Accepted if next.standing == Standing::Complete => Event::Completed,
        event => event,
    };
    next.version += 1;
    next.changed_at = now;
    Some((next, event))
}

fn lines(
    edits: Vec<LineEdit>,
    known: &[Line],
    (categories, today): (&[&str], Date),
    moment: &mut Moment,
) -> Result<Vec<Line>, RequestRefused> {
    if edits.is_empty() {
        return Err(RequestRefused::NoLines);
    }
    if edits.len() > limits::REQUEST_LINES_MAX {
        return Err(RequestRefused::TooManyLines { count_max: limits::REQUEST_LINES_MAX });
    }
    let mut list: Vec<Line> = Vec::with_capacity(edits.len());
    for (place, edit) in edits.into_iter().enumerate() {
        let before = edit.id.as_ref().and_then(|id| known.iter().find(|line| line.id == *id));
        if edit.id.is_some() && before.is_none() || list.iter().any(|line| Some(&line.id) == edit.id.as_ref()) {
            return Err(RequestRefused::ForeignLine);
        }
        let kept = before.is_some_and(|line| line.category == edit.category);
        if !kept && edit.category.as_ref().is_some_and(|category| !categories.contains(&category.as_str())) {
            return Err(RequestRefused::NoSuchCategory);
        }
        // A day that has passed meanwhile stays.
        let is_new_day = before.is_none_or(|line| line.due_on != edit.due_on);
        if is_new_day && edit.due_on.is_some_and(|day| day < today) {
            return Err(RequestRefused::DuePast { place });
        }
        list.push(Line {
            id: edit.id.unwrap_or_else(|| RequestLineId::from_bits(moment.next_id())),
            what: edit.what,
            help: edit.help.map(remark).transpose()?,
            due_on: edit.due_on,
            category: edit.category,
            state: before.map_or(LineState::Asked, |line| line.state.clone()),
            files: before.map(|line| line.files.clone()).unwrap_or_default(),
        });
    }
    match twice(&list, known) {
        Some((place, line)) => Err(RequestRefused::Twice { place, what: line.what.clone() }),
        None => Ok(list),
    }
}

/// The first line that asks for what another before it asks for already. Two that were sent like that may stay.
fn twice<'a>(list: &'a [Line], known: &[Line]) -> Option<(usize, &'a Line)> {
    let same = |one: &Line, other: &Line| {
        let words = |line: &Line| (line.what.as_str().to_lowercase(), line.help.clone());
        words(one) == words(other)
    };
    let is_kept = |line: &Line| known.iter().any(|before| before.id == line.id && same(before, line));
    let repeats = |place: usize, line: &Line| {
        list.iter().take(place).any(|other| same(other, line) && !(is_kept(other) && is_kept(line)))
    };
    list.iter().enumerate().find(|(place, line)| repeats(*place, line))
}

#[cfg(test)]
mod tests;
