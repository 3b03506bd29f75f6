//! What the bin does to a list: a file that lies there answers nothing, and brought back it answers again.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Decided, Event, Given, Line, LineState, Request, RequestRefused, changed};
use crate::DocumentId;
use crate::document::{Document, State};

/// Which of a list's files are an answer. Of one that nobody could look at nothing is said, and it stays what it was.
#[derive(Debug, Clone, Default)]
pub struct Files(BTreeMap<DocumentId, bool>);

impl Files {
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Self {
        let counts = |document: &Document| document.binned.is_none() && matches!(document.state, State::Ready { .. });
        Self(documents.into_iter().map(|document| (document.id.clone(), counts(document))).collect())
    }

    fn any(&self, line: &Line) -> bool {
        line.files.iter().any(|file| !file.returned && self.0.get(&file.document) == Some(&true))
    }

    fn none(&self, line: &Line) -> bool {
        !line.files.is_empty()
            && line.files.iter().all(|file| file.returned || self.0.get(&file.document) == Some(&false))
    }
}

/// The list by what has become of its files: a line that has none left is with the client again, one that has some is
/// with the firm. What was accepted, or is not there, stays so.
pub fn recounted(request: &Request, files: &Files, now: Timestamp) -> Decided {
    let mut next = request.clone();
    for line in &mut next.lines {
        match &line.state {
            LineState::Given(Given::Files { .. }) if files.none(line) => line.state = LineState::Asked,
            LineState::Asked | LineState::Returned { .. } if files.any(line) => {
                line.state = LineState::Given(Given::Files { at: now });
            }
            LineState::Asked | LineState::Given(_) | LineState::Returned { .. } | LineState::Accepted { .. } => (),
        }
    }
    changed(request, next, Event::Given, now)
}

/// Whether there is still something to accept. An acceptance that is taken back can find its files in the bin.
pub fn check_answer(line: &Line, files: &Files) -> Result<(), RequestRefused> {
    let is_gone = matches!(line.state, LineState::Given(Given::Files { .. })) && files.none(line);
    if is_gone { Err(RequestRefused::InBin) } else { Ok(()) }
}
