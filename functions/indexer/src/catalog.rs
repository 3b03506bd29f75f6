//! Changing a bundle: the work of the search engine, away from the thread that waits for AWS.

use domain::Timestamp;
use domain::document::{Document, readers};
use domain::message::Message;
use domain::person::TeamMember;
use search::{Broken, Entry, EntryKind, Kept, Language, Readers, WriteFailed, Writer};
use web::worker::Outcome;

pub(crate) enum Change {
    Put(Entry),
    Remove(String),
}

impl Change {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Change::Put(entry) => entry.pages.iter().map(String::len).sum(),
            Change::Remove(_) => 0,
        }
    }
}

pub(crate) fn entry(document: &Document, language: Option<&str>, ready_at: Timestamp, pages: Vec<String>) -> Entry {
    Entry {
        id: document.id.to_string(),
        kind: EntryKind::Document,
        title: document.name.as_str().to_owned(),
        project: Some(document.project.to_string()),
        category: Some(document.category.clone()),
        // Nobody of the client reads the index of what the firm keeps to itself.
        readers: readers(document).map_or(Readers::Everyone, Readers::People),
        language: language.and_then(Language::of_iso_639_3),
        at: ready_at.as_millisecond(),
        pages,
    }
}

/// A message is found by its words and by who wrote it. Its id leads to its place in the thread.
pub(crate) fn talk(message: &Message, team: &[TeamMember]) -> Entry {
    let by = team.iter().find(|member| member.person == message.by);
    Entry {
        id: message.id.to_string(),
        kind: EntryKind::Message,
        title: by.map_or_else(|| "Message".to_owned(), |member| member.name.clone()),
        project: message.topic.project().map(ToString::to_string),
        category: None,
        // Who may read messages reads all of them; the others ask the index for other kinds.
        readers: Readers::Everyone,
        language: None,
        at: message.at.as_millisecond(),
        pages: vec![message.text.as_str().to_owned()],
    }
}

pub(crate) async fn open(bundle: Option<Vec<u8>>) -> Result<Result<Writer, Broken>, Outcome> {
    aside(move || Writer::open(bundle.as_deref())).await
}

/// The new bundle and how many entries it has; nothing where nothing differs from the old one.
pub(crate) async fn apply(
    mut writer: Writer,
    changes: Vec<Change>,
    rebuilt: bool,
) -> Result<Option<(Vec<u8>, usize)>, Outcome> {
    let changed = rebuilt
        || changes.iter().any(|change| match change {
            Change::Put(_) => true,
            Change::Remove(id) => writer.contains(id),
        });
    if !changed {
        return Ok(None);
    }
    writer = put_all(writer, changes).await?;
    let work = move || {
        let count = writer.count();
        writer.finish().map(|bundle| Some((bundle, count)))
    };
    aside(work).await?.map_err(|error| Outcome::retry(&error))
}

pub(crate) async fn put_all(mut writer: Writer, changes: Vec<Change>) -> Result<Writer, Outcome> {
    let work = move || -> Result<Writer, WriteFailed> {
        for change in changes {
            match change {
                Change::Remove(id) => writer.remove(&id),
                Change::Put(entry) => {
                    let id = entry.id.clone();
                    if writer.put(entry)? == Kept::Cut {
                        tracing::info!(document.id = id, "the words of a long document are indexed in part");
                    }
                }
            }
        }
        Ok(writer)
    };
    aside(work).await?.map_err(|error| Outcome::retry(&error))
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Outcome> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Outcome::retry(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::document::{NewDocument, request_upload};
    use domain::{Moment, PersonId, ProjectId};
    use search::{Index, Query, Viewer};

    fn document() -> Document {
        let new = NewDocument {
            name: "Lista.pdf".into(),
            size_bytes: 9,
            project: ProjectId::from_bits(1),
            category: "Other".into(),
            again_for: None,
            replaces: None,
            visibility: None,
            request: None,
        };
        let mut moment = Moment::new("2026-11-24T10:00:00Z".parse().unwrap(), || 3);
        request_upload(&new, &["Other"], 0, &PersonId::from_bits(2), true, &mut moment).unwrap()
    }

    /// One word tells no language: by which endings it is found is decided by what the whole document is in.
    #[test]
    fn words_of_a_short_page_are_found_as_those_of_their_document() {
        let check = |language: Option<&str>, want: usize| {
            let put = Change::Put(entry(
                &document(),
                language,
                "2026-11-24T10:00:00Z".parse().unwrap(),
                vec!["Arrendamiento".into()],
            ));
            let (bundle, _) = run(applied(None, vec![put])).unwrap();
            assert_eq!(found(&bundle, "arrendando"), want, "{language:?}");
        };
        check(Some("spa"), 1);
        check(None, 0);
        check(Some("xyz"), 0);
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn put(n: u128, words: &str) -> Change {
        Change::Put(Entry {
            id: domain::ids::ulid(n),
            kind: EntryKind::Document,
            title: format!("{n}.txt"),
            project: None,
            category: None,
            readers: Readers::Everyone,
            language: None,
            at: 0,
            pages: vec![words.to_owned()],
        })
    }

    fn found(bundle: &[u8], words: &str) -> usize {
        let query = Query { limit: 10, ..Query::of(Viewer::Firm, words) };
        Index::open(bundle).unwrap().query(&query).unwrap().len()
    }

    async fn applied(bundle: Option<Vec<u8>>, changes: Vec<Change>) -> Option<(Vec<u8>, usize)> {
        let writer = open(bundle).await.unwrap().unwrap();
        apply(writer, changes, false).await.unwrap()
    }

    #[test]
    fn one_bundle_follows_from_the_one_before() {
        run(async {
            let (first, count) = applied(None, vec![put(1, "lease"), put(2, "deposition")]).await.unwrap();
            assert_eq!((count, found(&first, "lease"), found(&first, "deposition")), (2, 1, 1));
            let changes = vec![put(2, "affidavit"), Change::Remove(domain::ids::ulid(1))];
            let (second, count) = applied(Some(first.clone()), changes).await.unwrap();
            assert_eq!((count, found(&second, "lease"), found(&second, "affidavit")), (1, 0, 1));
            assert!(applied(Some(second), vec![Change::Remove(domain::ids::ulid(9))]).await.is_none());
        });
    }

    #[test]
    fn a_changed_byte_is_a_broken_bundle() {
        run(async {
            let (mut bundle, _) = applied(None, vec![put(1, "lease")]).await.unwrap();
            let middle = bundle.len() / 2;
            bundle[middle] ^= 1;
            assert!(open(Some(bundle)).await.unwrap().is_err());
        });
    }
}
