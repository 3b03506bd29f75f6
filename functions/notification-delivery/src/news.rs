//! What a cause is about, read from the client's rows when it is told.

use access::ClientJob;
use domain::document::{Document, RejectReason, State, Visibility, may_see};
use domain::firm::newsletter::Letter;
use domain::message::{Message, Topic};
use domain::notice::sms;
use domain::notice::summary::Summary;
use domain::notice::words::{
    ListNews, ListTold, MessagesTold, Reader, Told, Words, details, headline, nameless, words,
};
use domain::notice::{Cause, Kind};
use domain::person::TeamMember;
use domain::project::update::Update;
use domain::project::{Event, Progress, Project, Standing};
use domain::request::Request;
use domain::text::MessageText;
use domain::{Date, MilestoneId, NewsletterId, PermissionName, PersonId, ProjectId, RequestId};
use storage::{ClientStore, StorageError};

/// What one cause is about.
#[derive(Debug)]
pub(crate) enum What {
    DocumentReady { document: Box<Document>, project: Option<String>, by: Option<String> },
    DocumentRejected { document: Box<Document>, project: Option<String>, reason: RejectReason },
    ProjectChanged { project: Project, changes: Vec<Event> },
    Update { project: Project, update: Update, by: Option<String> },
    Deadline { project: Project, milestone: MilestoneId },
    List { news: ListNews, request: Request, project: Option<String>, by: Option<String> },
    Message { message: Message, project: Option<String>, by: Option<String> },
    Month(Box<Summary>),
    Newsletter { id: NewsletterId, letter: Letter },
    NotReached { name: String, about: Kind },
}

impl What {
    /// By the end of which day it has to be known.
    pub(crate) fn due_on(&self) -> Option<Date> {
        match self {
            What::Deadline { project, milestone } => project.milestone(milestone)?.due_on,
            What::List { request, .. } => request.next_due(),
            What::DocumentReady { .. }
            | What::DocumentRejected { .. }
            | What::ProjectChanged { .. }
            | What::Update { .. }
            | What::Message { .. }
            | What::Month(_)
            | What::Newsletter { .. }
            | What::NotReached { .. } => None,
        }
    }

    /// Nobody is told of what they may not see or read, whoever else hears of it.
    pub(crate) fn is_for(&self, member: &TeamMember) -> bool {
        match self {
            What::DocumentReady { document, .. } | What::DocumentRejected { document, .. } => {
                member.may(PermissionName::ViewDocuments) && may_see(document, &member.viewer())
            }
            What::List { .. } => member.may(PermissionName::ViewDocuments),
            What::ProjectChanged { .. } | What::Update { .. } | What::Deadline { .. } => {
                member.may(PermissionName::ViewProjects)
            }
            What::Message { .. } => member.may(PermissionName::ReadMessages),
            // It counts and names all of these.
            What::Month(_) => {
                let all = [PermissionName::ViewProjects, PermissionName::ViewDocuments, PermissionName::ReadMessages];
                all.into_iter().all(|one| member.may(one))
            }
            What::Newsletter { .. } => member.may(PermissionName::ReadMessages),
            What::NotReached { .. } => member.may(PermissionName::ViewAccessHistory),
        }
    }
}

/// None where there is nothing to tell any more.
pub(crate) async fn read(
    store: &ClientStore<'_, ClientJob<'_>>,
    cause: &Cause,
    team: &[TeamMember],
) -> Result<Option<What>, StorageError> {
    let name_of = |by: &PersonId| team.iter().find(|member| member.person == *by).map(|member| member.name.clone());
    Ok(match cause {
        Cause::DocumentReady { document, by, .. } => match store.document(document).await? {
            Some(document) if matches!(document.state, State::Ready { .. }) => {
                let project = store.project(&document.project).await?.map(|project| project.name.to_string());
                Some(What::DocumentReady { document: Box::new(document), project, by: name_of(by) })
            }
            _ => None,
        },
        Cause::DocumentRejected { document, .. } => match store.document(document).await? {
            Some(document) if !document.not_needed => match document.state {
                State::Rejected { reason, .. } => {
                    let project = store.project(&document.project).await?.map(|project| project.name.to_string());
                    Some(What::DocumentRejected { document: Box::new(document), project, reason })
                }
                _ => None,
            },
            _ => None,
        },
        Cause::ProjectChanged { project, changes, .. } => {
            let found = store.project(project).await?;
            found.map(|project| What::ProjectChanged { project, changes: changes.clone() })
        }
        Cause::UpdateWritten { project, update, by } => {
            let (project, update) = tokio::join!(store.project(project), store.update(update));
            project?.zip(update?).map(|(project, update)| What::Update { project, update, by: name_of(by) })
        }
        Cause::MessageWritten { topic, number, by, .. } => {
            let project = async {
                match topic.project() {
                    Some(project) => store.project(project).await,
                    None => Ok(None),
                }
            };
            let (message, project) = tokio::join!(store.message(topic, *number), project);
            let project = project?.map(|project| project.name.to_string());
            message?.map(|message| What::Message { message, project, by: name_of(by) })
        }
        Cause::DeadlineReminder { project, milestone } => {
            let found = store.project(project).await?.filter(|project| is_open(project, milestone));
            found.map(|project| What::Deadline { project, milestone: milestone.clone() })
        }
        Cause::RequestSent { request, by, more } => {
            let news = if *more { ListNews::More } else { ListNews::Sent };
            list(store, news, request, name_of(by)).await?
        }
        Cause::RequestReturned { request, by } => list(store, ListNews::Returned, request, name_of(by)).await?,
        Cause::RequestReminder { request } => list(store, ListNews::Reminder, request, None).await?,
        Cause::RequestDelivered { request, by } => list(store, ListNews::Delivered, request, name_of(by)).await?,
        Cause::MonthEnded { month } => {
            let summary = store.summed_up(*month).await?;
            Some(summary).filter(|summary| !summary.is_nothing()).map(|summary| What::Month(Box::new(summary)))
        }
        Cause::NewsletterSent { newsletter: id } => {
            let found = store.newsletter(id).await?;
            found.map(|came| What::Newsletter { id: id.clone(), letter: came.letter })
        }
        Cause::NotReached { outbox, person } => {
            let about = store.outbox(outbox).await?.and_then(|row| row.cause.kind());
            name_of(person).zip(about).map(|(name, about)| What::NotReached { name, about })
        }
        // What it tells is read by the causes that it is about.
        Cause::SendAgain { .. }
        | Cause::IndexDocument { .. }
        | Cause::IndexMessage { .. }
        | Cause::HealIndex { .. }
        | Cause::TendRetention
        | Cause::MakeParcel { .. }
        | Cause::SeenDocument { .. } => None,
    })
}

/// A list as it stands now, if it still asks for this to be told.
async fn list(
    store: &ClientStore<'_, ClientJob<'_>>,
    news: ListNews,
    request: &RequestId,
    by: Option<String>,
) -> Result<Option<What>, StorageError> {
    let Some(request) = store.request(request).await?.filter(|request| news.is_news(request)) else {
        return Ok(None);
    };
    let project = store.project(&request.project).await?.map(|project| project.name.to_string());
    Ok(Some(What::List { news, request, project, by }))
}

/// The project of files, where they are all of one, and everybody of the client may see them: a conversation has no smaller
/// circle of readers.
fn files_of<'a>(pieces: &[&'a What]) -> Option<&'a ProjectId> {
    let mut projects = pieces.iter().map(|piece| match piece {
        What::DocumentReady { document, .. } | What::DocumentRejected { document, .. } => {
            Some(&document.project).filter(|_| document.visibility == Visibility::Company)
        }
        _ => None,
    });
    let first = projects.next()??;
    projects.all(|project| project == Some(first)).then_some(first)
}

/// A deadline that was met or given up meanwhile is no news.
fn is_open(project: &Project, milestone: &MilestoneId) -> bool {
    let milestone = project.milestone(milestone);
    project.standing == Standing::Active
        && milestone.is_some_and(|milestone| !matches!(milestone.progress, Progress::Done { .. }))
}

/// What one mail tells, which is one cause or many of the same kind.
#[derive(Debug)]
pub(crate) struct News<'a> {
    client_name: &'a str,
    /// The firm's mails name nothing.
    nameless: bool,
    first: &'a What,
    /// Of files that are ready, where there are several.
    ready: Vec<&'a str>,
    /// The project that all of these are of.
    project: Option<&'a str>,
    /// Of files that were refused, where there are several.
    refused: Vec<(&'a str, RejectReason)>,
    /// Of messages, one or several.
    texts: Vec<&'a MessageText>,
    /// Where what the client's whole team knows of is talked about.
    of_files: Option<&'a ProjectId>,
}

impl<'a> News<'a> {
    pub(crate) fn of(client_name: &'a str, nameless: bool, pieces: &[&'a What]) -> Option<Self> {
        let first = *pieces.first()?;
        let (mut ready, mut refused, mut projects) = (Vec::new(), Vec::new(), Vec::new());
        for piece in pieces.iter().filter(|_| pieces.len() > 1) {
            match piece {
                What::DocumentReady { document, project, .. } => {
                    ready.push(document.name.as_str());
                    projects.push(project.as_deref());
                }
                What::DocumentRejected { document, reason, .. } => refused.push((document.name.as_str(), *reason)),
                What::ProjectChanged { .. }
                | What::Update { .. }
                | What::Deadline { .. }
                | What::List { .. }
                | What::Message { .. }
                | What::Month(_)
                | What::Newsletter { .. }
                | What::NotReached { .. } => (),
            }
        }
        projects.dedup();
        let project = if let [only] = projects.as_slice() { *only } else { None };
        let texts = pieces.iter().filter_map(|piece| match piece {
            What::Message { message, .. } => Some(&message.text),
            _ => None,
        });
        let (texts, of_files) = (texts.collect(), files_of(pieces));
        Some(Self { client_name, nameless, first, ready, project, refused, texts, of_files })
    }

    pub(crate) fn reader(&self, of_client: bool, firm_name: &'a str, today: Date) -> Reader<'a> {
        Reader { of_client, firm_name, client_name: self.client_name, today }
    }

    /// The page within the client's own; the client's first page is the empty one.
    pub(crate) fn page(&self) -> String {
        if !self.ready.is_empty() {
            return "/documents".to_owned();
        }
        if !self.refused.is_empty() {
            return String::new();
        }
        match self.first {
            What::DocumentReady { document, .. } | What::DocumentRejected { document, .. } => {
                format!("/documents/{}", document.id)
            }
            What::ProjectChanged { project, .. } | What::Update { project, .. } | What::Deadline { project, .. } => {
                format!("/projects/{}", project.id)
            }
            What::List { request, .. } => format!("/requests/{}", request.id),
            What::Message { message, .. } => format!("/messages/{}", message.topic),
            What::Month(_) => String::new(),
            What::Newsletter { id, .. } => format!("/newsletters/{id}"),
            What::NotReached { .. } => "/notices".to_owned(),
        }
    }

    /// The conversation into which an answer goes: that of messages, and a project's own for an update on it. What the
    /// firm asks for is answered by whom it asks.
    pub(crate) fn topic(&self, of_client: bool) -> Option<Topic> {
        match self.first {
            What::Message { message, .. } => Some(message.topic.clone()),
            What::Update { project, .. } => Some(Topic::Project(project.id.clone())),
            What::List { request, .. } if of_client => Some(Topic::Project(request.project.clone())),
            What::DocumentReady { .. } | What::DocumentRejected { .. } if of_client => {
                self.of_files.map(|project| Topic::Project(project.clone()))
            }
            What::DocumentReady { .. }
            | What::DocumentRejected { .. }
            | What::ProjectChanged { .. }
            | What::Deadline { .. }
            | What::List { .. }
            | What::Month(_)
            | What::Newsletter { .. }
            | What::NotReached { .. } => None,
        }
    }

    /// What an answer to it can bring besides words, as the mail says it.
    pub(crate) fn asks_for_files(&self) -> Option<&'static str> {
        match self.first {
            What::List { news: ListNews::Sent | ListNews::More | ListNews::Returned | ListNews::Reminder, .. } => {
                Some("Or answer this mail with the files attached.")
            }
            What::DocumentRejected { .. } => Some("Or answer this mail with the right file attached."),
            _ => None,
        }
    }

    pub(crate) fn words(&self, reader: &Reader<'_>) -> Words {
        if self.nameless { nameless(&self.told(), reader) } else { words(&self.told(), reader) }
    }

    /// The news in a line, as one of many: whose client it is about is said elsewhere.
    pub(crate) fn headline(&self, reader: &Reader<'_>) -> String {
        if self.nameless { nameless(&self.told(), reader).subject } else { headline(&self.told(), reader) }
    }

    /// What a digest says beneath that line.
    pub(crate) fn details(&self, reader: &Reader<'_>) -> Vec<String> {
        if self.nameless { Vec::new() } else { details(&self.told(), reader) }
    }

    pub(crate) fn text_message(&self, reader: &Reader<'_>, site: &str) -> String {
        match self.told() {
            Told::Deadline { project, milestone } if !self.nameless => sms::deadline(project, milestone, reader, site),
            // Nor is the client named, where mails name nothing.
            _ => sms::news(
                &self.headline(reader),
                &Reader { of_client: reader.of_client || self.nameless, ..*reader },
                site,
            ),
        }
    }

    fn told(&self) -> Told<'_> {
        if !self.ready.is_empty() {
            let by = match self.first {
                What::DocumentReady { by, .. } => by.as_deref(),
                _ => None,
            };
            return Told::DocumentsReady { names: &self.ready, project: self.project, by };
        }
        if !self.refused.is_empty() {
            return Told::DocumentsRejected { files: &self.refused };
        }
        match self.first {
            What::DocumentReady { document, project, by } => {
                Told::DocumentReady { name: document.name.as_str(), project: project.as_deref(), by: by.as_deref() }
            }
            What::DocumentRejected { document, project, reason } => {
                Told::DocumentRejected { name: document.name.as_str(), project: project.as_deref(), reason: *reason }
            }
            What::ProjectChanged { project, changes } => Told::ProjectChanged { project, changes },
            What::Update { project, update, by } => Told::Update { project, text: &update.text, by: by.as_deref() },
            What::List { news, request, project, by } => {
                Told::List(ListTold { news: *news, request, project: project.as_deref(), by: by.as_deref() })
            }
            What::Message { message, project, by } => {
                let (project, by) = (project.as_deref(), by.as_deref());
                Told::Messages(MessagesTold { texts: &self.texts, project, by, by_client: message.by_client })
            }
            What::Month(summary) => Told::Month(summary),
            What::Newsletter { letter, .. } => Told::Newsletter(letter),
            What::NotReached { name, about } => Told::NotReached { name, about: *about },
            What::Deadline { project, milestone } => match project.milestone(milestone) {
                Some(milestone) => Told::Deadline { project, milestone },
                // Read together with its project, so it is there.
                None => Told::ProjectChanged { project, changes: &[] },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::document::{FileName, Visibility};
    use domain::{DocumentId, EmailAddress, ProjectId, Role, Timestamp};

    fn document(n: u128, visibility: Visibility) -> Box<Document> {
        Box::new(Document {
            id: DocumentId::from_bits(n),
            project: ProjectId::from_bits(1),
            category: "Other".into(),
            name: FileName::parse(&format!("{n}.pdf")).unwrap(),
            size_bytes: 12,
            by: PersonId::from_bits(9),
            by_client: false,
            asked_at: Timestamp::UNIX_EPOCH,
            again_for: None,
            not_needed: false,
            request: None,
            parts: None,
            kept: domain::document::Kept::default(),
            tags: domain::document::Tags::new(),
            binned: None,
            series: None,
            superseded: false,
            visibility,
            state: State::Processing { object_version: "v".into() },
            version: 1,
        })
    }

    fn ready(n: u128, project: &str) -> What {
        What::DocumentReady { document: document(n, Visibility::Company), project: Some(project.to_owned()), by: None }
    }

    #[test]
    fn nobody_is_told_of_what_they_may_not_see() {
        let member = |n, role: Role| TeamMember {
            person: PersonId::from_bits(n),
            name: format!("Person {n}"),
            email: EmailAddress::parse("p@x.example").unwrap(),
            phone: None,
            of_client: role.is_client(),
            role,
            by_firm: Default::default(),
            adjusted: Default::default(),
        };
        let people = [
            member(1, Role::ClientAdmin),
            member(2, Role::ClientMember),
            member(3, Role::ClientMember),
            member(4, Role::Staff),
        ];
        let check = |visibility: Visibility, want: &[usize]| {
            for what in [
                What::DocumentReady { document: document(7, visibility.clone()), project: None, by: None },
                What::DocumentRejected {
                    document: document(7, visibility.clone()),
                    project: None,
                    reason: RejectReason::Empty,
                },
            ] {
                let told: Vec<usize> =
                    people.iter().enumerate().filter(|(_, who)| what.is_for(who)).map(|(at, _)| at + 1).collect();
                assert_eq!(told, want, "{what:?}");
            }
        };
        check(Visibility::Company, &[1, 2, 3, 4]);
        check(Visibility::People([PersonId::from_bits(3)].into()), &[1, 3, 4]);
        check(Visibility::Firm, &[4]);
    }

    fn check(pieces: &[&What], subject: &str, page: &str) {
        let news = News::of("Acme", false, pieces).unwrap();
        let reader = news.reader(true, "Hartwell", "2026-11-24".parse().unwrap());
        assert_eq!((news.words(&reader).subject.as_str(), news.page().as_str()), (subject, page));
    }

    #[test]
    fn one_file_is_told_by_name_and_many_by_number() {
        let (one, two, other) = (ready(1, "Lease"), ready(2, "Lease"), ready(3, "Taxes"));
        check(&[&one], "New document: 1.pdf", &format!("/documents/{}", DocumentId::from_bits(1)));
        check(&[&one, &two], "2 new documents: Lease", "/documents");
        check(&[&one, &two, &other], "3 new documents", "/documents");
        let refused = |n| What::DocumentRejected {
            document: document(n, Visibility::Company),
            project: None,
            reason: RejectReason::Empty,
        };
        check(&[&refused(1), &refused(2)], "Please send 2 files again", "");
        assert!(News::of("Acme", false, &[]).is_none());
    }

    #[test]
    fn files_are_talked_about_where_everybody_may_know_of_them() {
        let talked = |pieces: &[&What], of_client: bool| News::of("Acme", false, pieces).unwrap().topic(of_client);
        let (one, two) = (ready(1, "Lease"), ready(2, "Lease"));
        let there = Some(Topic::Project(ProjectId::from_bits(1)));
        assert_eq!(talked(&[&one], true), there);
        assert_eq!(talked(&[&one, &two], true), there);
        // What somebody of the firm answers would be read by the client.
        assert_eq!(talked(&[&one], false), None);
        let of = |visibility, project| {
            let mut document = document(3, visibility);
            document.project = ProjectId::from_bits(project);
            What::DocumentReady { document, project: None, by: None }
        };
        assert_eq!(talked(&[&one, &of(Visibility::Company, 2)], true), None);
        for hidden in [Visibility::People([PersonId::from_bits(3)].into()), Visibility::Firm] {
            assert_eq!(talked(&[&one, &of(hidden, 1)], true), None);
        }
    }

    #[test]
    fn a_firm_that_names_nothing_in_mails_does_not() {
        let one = ready(1, "Lease");
        let news = News::of("Acme", true, &[&one]).unwrap();
        let reader = news.reader(false, "Hartwell", "2026-11-24".parse().unwrap());
        let words = news.words(&reader);
        let said = format!("{words:?}");
        assert!(!["1.pdf", "Lease", "Acme"].iter().any(|name| said.contains(name)), "{said}");
    }
}
