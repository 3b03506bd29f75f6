//! Documents that come with a message: uploaded as any other, then named by it. Who may see a document is the document's
//! own matter (0023), so that a message never opens one.

use std::collections::BTreeMap;

use crate::document::{Audience, Document, State};
use crate::{DocumentId, PersonId, Timestamp, limits};

/// What a message says whose writer sent files and wrote nothing.
pub const BARE_WORDS: &str = "Files attached.";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachRefused {
    #[error("Attach up to {count_max} files to one message.")]
    TooMany { count_max: usize },
    #[error("One of the files is not there any more. Take it off, or choose it again.")]
    Gone,
    #[error("Only files that you uploaded yourself can be attached. {name} was uploaded by somebody else.")]
    NotYours { name: String },
    #[error("{name} was refused. {why} Take it off, then send.")]
    Refused { name: String, why: &'static str },
    #[error("{name} did not arrive. Take it off, or choose it again.")]
    Missed { name: String },
    #[error("{name} is for the firm only. Attach it to an internal note, or upload it once more for the client.")]
    Internal { name: String },
    #[error("{name} is shared with the client. Upload it once more for the firm only, then attach it to the note.")]
    Shared { name: String },
}

/// The documents that a message names, each once and in their order. `found` holds those of them that its writer may see,
/// and `audience` says whether it is written to the other side or kept within the firm.
pub fn attach(
    asked: &[DocumentId],
    found: &BTreeMap<DocumentId, Document>,
    by: &PersonId,
    audience: Audience,
    now: Timestamp,
) -> Result<Vec<DocumentId>, AttachRefused> {
    if asked.len() > limits::ATTACHMENTS_PER_MESSAGE_MAX {
        return Err(AttachRefused::TooMany { count_max: limits::ATTACHMENTS_PER_MESSAGE_MAX });
    }
    let mut attached: Vec<DocumentId> = Vec::new();
    for id in asked {
        if attached.contains(id) {
            continue;
        }
        let document = found.get(id).filter(|document| document.binned.is_none() && !document.state.is_cancelled());
        may_attach(document.ok_or(AttachRefused::Gone)?, by, audience, now)?;
        attached.push(id.clone());
    }
    Ok(attached)
}

/// A file may still be on its way, or be checked: whoever reads the message sees how far it is.
fn may_attach(document: &Document, by: &PersonId, audience: Audience, now: Timestamp) -> Result<(), AttachRefused> {
    let name = || document.name.to_string();
    if document.by != *by {
        return Err(AttachRefused::NotYours { name: name() });
    }
    match (audience, document.visibility.audience()) {
        (Audience::Open, Audience::Internal) => return Err(AttachRefused::Internal { name: name() }),
        (Audience::Internal, Audience::Open) => return Err(AttachRefused::Shared { name: name() }),
        _ => (),
    }
    match &document.state {
        State::Rejected { reason, .. } => Err(AttachRefused::Refused { name: name(), why: reason.sentence() }),
        state if document.parts.is_none() && state.missed(now) => Err(AttachRefused::Missed { name: name() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{NewDocument, RejectReason, Visibility, request_upload};
    use crate::{Moment, ProjectId};

    const WRITER: u128 = 7;

    fn now() -> Timestamp {
        Timestamp::from_second(1_764_000_000).unwrap()
    }

    fn document(id: u128, visibility: Visibility) -> Document {
        let new = NewDocument {
            name: format!("{id}.pdf"),
            size_bytes: 5,
            project: ProjectId::from_bits(1),
            category: "Correspondence".into(),
            again_for: None,
            visibility: Some(visibility),
            request: None,
            replaces: None,
        };
        let by = PersonId::from_bits(WRITER);
        let moment = &mut Moment::new(now(), move || id);
        let document = request_upload(&new, &["Correspondence"], 0, &by, false, moment).unwrap();
        Document { id: DocumentId::from_bits(id), ..document }
    }

    fn check(documents: &[Document], asked: &[u128], audience: Audience, want: Result<&[u128], &str>) {
        let found = documents.iter().map(|document| (document.id.clone(), document.clone())).collect();
        let ids = |bits: &[u128]| bits.iter().map(|id| DocumentId::from_bits(*id)).collect::<Vec<_>>();
        let got = attach(&ids(asked), &found, &PersonId::from_bits(WRITER), audience, now());
        match (got, want) {
            (Err(why), Err(part)) => assert!(why.to_string().contains(part), "{why}"),
            (got, want) => assert_eq!(got, want.map(ids).map_err(|_| AttachRefused::Gone), "{asked:?}"),
        }
    }

    #[test]
    fn a_message_names_what_its_writer_uploaded_for_its_readers() {
        let (open, kept) = (document(1, Visibility::Company), document(2, Visibility::Firm));
        let named = Document {
            visibility: Visibility::People([PersonId::from_bits(9)].into()),
            ..document(3, Visibility::Company)
        };
        let all = [open, kept, named];
        check(&all, &[], Audience::Open, Ok(&[]));
        check(&all, &[3, 1, 3], Audience::Open, Ok(&[3, 1]));
        check(&all, &[2], Audience::Internal, Ok(&[2]));
        check(&all, &[1, 2], Audience::Open, Err("2.pdf is for the firm only"));
        check(&all, &[1], Audience::Internal, Err("1.pdf is shared with the client"));
        // What the writer may not see, and what is not there, are the same.
        check(&all, &[8], Audience::Open, Err("not there any more"));
        let foreign = Document { by: PersonId::from_bits(8), ..document(1, Visibility::Company) };
        check(&[foreign], &[1], Audience::Open, Err("somebody else"));
    }

    #[test]
    fn a_file_that_is_on_its_way_is_attached_and_one_that_failed_is_not() {
        let in_state = |state| Document { state, ..document(1, Visibility::Company) };
        let rejected = |reason| State::Rejected { reason, at: now() };
        check(&[in_state(State::Processing { object_version: "v".into() })], &[1], Audience::Open, Ok(&[1]));
        check(&[in_state(rejected(RejectReason::Malware))], &[1], Audience::Open, Err("1.pdf was refused. A virus"));
        check(&[in_state(rejected(RejectReason::Cancelled))], &[1], Audience::Open, Err("not there any more"));
        let late = State::AwaitingUpload { expires: now() - jiff::SignedDuration::from_secs(1) };
        check(&[in_state(late)], &[1], Audience::Open, Err("1.pdf did not arrive"));
        let hand =
            crate::document::Binned { by: PersonId::from_bits(1), at: now(), batch: crate::BatchId::from_bits(1) };
        let binned = Document { binned: Some(hand), ..document(1, Visibility::Company) };
        check(&[binned], &[1], Audience::Open, Err("not there any more"));
    }

    #[test]
    fn a_message_has_room_for_so_many() {
        let max = limits::ATTACHMENTS_PER_MESSAGE_MAX as u128;
        let documents: Vec<Document> = (1..=max + 1).map(|id| document(id, Visibility::Company)).collect();
        let ids: Vec<u128> = (1..=max + 1).collect();
        check(&documents, &ids[..max as usize], Audience::Open, Ok(&ids[..max as usize]));
        check(&documents, &ids, Audience::Open, Err("up to 20 files"));
    }
}
