//! Files that come with a mail: the project that they are put into, and the line of a request list that they answer. Nobody
//! is there to be asked, so that they go only where there is no choice; a person moves them from there in one step.

use crate::document::{FileName, NewDocument};
use crate::limits;
use crate::message::Topic;
use crate::project::Project;
use crate::request::{OnLine, Request, category_of};

/// Why none of a mail's files were added, as the rest of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilesRefused {
    #[error("this conversation is about no one project")]
    NoProject,
    #[error("you cannot add documents here")]
    MayNotUpload,
    #[error("there is no room for more documents")]
    Full,
    #[error("they are empty")]
    Empty,
    #[error("they had no place when your words were added")]
    TooLate,
}

/// A file that somebody sent, as far as its place depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailedFile<'a> {
    pub name: &'a FileName,
    pub size_bytes: u64,
    /// A picture inside of the words may be a logo: it answers nothing that was asked for.
    pub is_picture: bool,
}

/// Whether a picture inside of the words is worth a document. Mail programs put logos of signatures there, and call them as
/// they call what somebody drew.
pub fn is_worth_filing(size_bytes: u64) -> bool {
    size_bytes >= limits::MAIL_PICTURE_BYTES_MIN
}

/// The project that a conversation's files are put into: the one that it is about, or the only one that is open.
pub fn project_of<'a>(topic: &Topic, projects: &'a [Project]) -> Option<&'a Project> {
    if let Some(id) = topic.project() {
        return projects.iter().find(|project| project.id == *id);
    }
    let mut open = projects.iter().filter(|project| project.closed().is_none());
    match (open.next(), open.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// The line that a file answers: the only one that the client still has to deliver, or the only one of them that the file
/// is called by, or the mail's subject. What a subject of ours has from a project or a list, nobody wrote to name a line.
pub fn line_for(lists: &[Request], project: &str, subject: &str, name: &FileName) -> Option<OnLine> {
    let missing: Vec<(OnLine, &str)> = lists
        .iter()
        .flat_map(|list| {
            list.missing().map(|line| (OnLine { list: list.id.clone(), line: line.id.clone() }, line.what.as_str()))
        })
        .collect();
    let called_by = |text: &str| -> Vec<&(OnLine, &str)> {
        let text = words(text);
        missing.iter().filter(|(_, what)| text.contains(&words(what))).collect()
    };
    let ours = |what: &str| {
        let titles = lists.iter().map(|list| list.title.as_str());
        titles.chain([project]).any(|name| words(name).contains(&words(what)))
    };
    let mut by_subject = called_by(subject);
    by_subject.retain(|(_, what)| !ours(what));
    match (missing.as_slice(), called_by(name.as_str()).as_slice(), by_subject.as_slice()) {
        ([(only, _)], _, _) => Some(only.clone()),
        (_, [(on, _)], _) | (_, [], [(on, _)]) => Some(on.clone()),
        _ => None,
    }
}

/// What is asked for when a mail's files become documents of a project. `lists` are the project's open ones, as far as
/// the sender is to answer them.
pub fn news_of(files: &[MailedFile<'_>], project: &Project, lists: &[Request], subject: &str) -> Vec<NewDocument> {
    let new = |file: &MailedFile<'_>| {
        let on = if file.is_picture { None } else { line_for(lists, project.name.as_str(), subject, file.name) };
        let line = on.as_ref().and_then(|on| lists.iter().find(|list| list.id == on.list)?.line(&on.line));
        let unsaid = project.pack.category_of_messages();
        NewDocument {
            name: file.name.to_string(),
            size_bytes: file.size_bytes,
            project: project.id.clone(),
            category: line.map_or_else(|| unsaid.to_owned(), |line| category_of(line, unsaid, project.pack)),
            again_for: None,
            visibility: None,
            request: on,
            replaces: None,
        }
    };
    files.iter().take(limits::ATTACHMENTS_PER_MESSAGE_MAX).map(new).collect()
}

/// In small letters, with one space around each word: `Bank_Statements-2.pdf` has the words `bank statements`.
fn words(text: &str) -> String {
    let small = text.to_lowercase();
    let words: Vec<&str> = small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests;
