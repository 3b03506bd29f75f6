//! A document as programs and pages are told of it.

use std::collections::{BTreeMap, BTreeSet};

use access::OneClient;
use domain::document::{Document, RejectReason, State, Visibility};
use domain::person::TeamMember;
use domain::request::OnLine;
use domain::{DocumentId, PersonId, ProjectId};
use schemars::JsonSchema;
use serde::Serialize;
use storage::ClientStore;
use web::Failure;

/// One document.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DocumentFacts {
    pub id: DocumentId,
    pub name: String,
    pub project: ProjectId,
    pub category: String,
    pub size_bytes: u64,
    /// Who uploaded it.
    pub by: PersonId,
    /// Whether that person belongs to the client's company; otherwise to the firm.
    pub by_client: bool,
    pub asked_at: String,
    /// The refused document that it is another copy of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again_for: Option<DocumentId>,
    /// It was refused, and no other copy of it is needed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_needed: bool,
    /// Whom it is for: everybody at the company, some of its people (and its admins), or the firm only.
    pub visibility: Visibility,
    /// The line of a request list that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<OnLine>,
    /// The year in which the tax year ends that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_year: Option<i16>,
    /// It lies where keeping costs less, and is read as before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// It lies in the bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binned: Option<BinnedFacts>,
    /// The first of its versions, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<DocumentId>,
    /// Another version stands in its place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub superseded: bool,
    /// `awaiting_upload`, `processing`, `ready` or `rejected`.
    pub state: &'static str,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectReason>,
    /// The same as a sentence that says what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
    /// SHA-256 of the file as it came, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// `pdf`, `docx` and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Pages whose words a program saw in a picture: scans and photographs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_by_sight: Option<u32>,
    /// Pages that are only pictures and were not read: what they say is not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<u32>,
    /// Pages that can be looked at without taking a copy, the first ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previews: Option<u32>,
    /// As ISO 639-3 has it: `eng`, `deu`. Absent where the words leave a doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<String>,
    pub version: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BinnedFacts {
    pub by: PersonId,
    pub at: String,
}

impl DocumentFacts {
    pub(crate) fn of(document: &Document) -> Self {
        let mut facts = Self {
            id: document.id.clone(),
            name: document.name.as_str().to_owned(),
            project: document.project.clone(),
            category: document.category.clone(),
            size_bytes: document.size_bytes,
            by: document.by.clone(),
            by_client: document.by_client,
            asked_at: document.asked_at.to_string(),
            again_for: document.again_for.clone(),
            not_needed: document.not_needed,
            visibility: document.visibility.clone(),
            request: document.request.clone(),
            tax_year: document.kept.tax_year,
            archived: document.kept.archived,
            tags: document.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            binned: document
                .binned
                .as_ref()
                .map(|binned| BinnedFacts { by: binned.by.clone(), at: binned.at.to_string() }),
            series: document.series.clone(),
            superseded: document.superseded,
            state: document.state.as_str(),
            reason: None,
            detail: None,
            digest: None,
            kind: None,
            pages: None,
            read_by_sight: None,
            unseen: None,
            previews: None,
            language: None,
            ready_at: None,
            version: document.version,
        };
        match &document.state {
            State::AwaitingUpload { .. } | State::Processing { .. } => (),
            State::Ready { digest, kind, pages, read_by_sight, unseen, previews, language, ready_at, .. } => {
                facts.digest = Some(digest.clone());
                facts.kind = Some(kind.clone());
                facts.pages = (*pages > 0).then_some(*pages);
                facts.read_by_sight = (*read_by_sight > 0).then_some(*read_by_sight);
                facts.unseen = (*unseen > 0).then_some(*unseen);
                facts.previews = (*previews > 0).then_some(*previews);
                facts.language = language.clone();
                facts.ready_at = Some(ready_at.to_string());
            }
            State::Rejected { reason, .. } => {
                facts.reason = Some(*reason);
                facts.detail = Some(reason.sentence());
            }
        }
        facts
    }
}

/// What the people of a client's documents are called.
pub(crate) struct Names {
    people: BTreeMap<PersonId, String>,
    /// Those of the client's company.
    company: BTreeSet<PersonId>,
    client: String,
    firm: String,
}

impl Names {
    pub(crate) fn new(team: Vec<TeamMember>, client: &str, firm: &str) -> Self {
        let company = team.iter().filter(|member| member.of_client).map(|member| member.person.clone()).collect();
        let people = team.into_iter().map(|member| (member.person, member.name)).collect();
        Self { people, company, client: client.to_owned(), firm: firm.to_owned() }
    }

    pub(crate) fn client(&self) -> &str {
        &self.client
    }

    /// The company's people, by id and name.
    pub(crate) fn company(&self) -> Vec<(&str, &str)> {
        let of = |person: &PersonId| self.people.get_key_value(person);
        self.company.iter().filter_map(of).map(|(person, name)| (person.as_str(), name.as_str())).collect()
    }

    pub(crate) fn name(&self, person: &PersonId) -> Option<&str> {
        self.people.get(person).map(String::as_str)
    }

    pub(crate) fn firm(&self) -> &str {
        &self.firm
    }

    /// Everybody who can be named, by name.
    pub(crate) fn people(&self) -> Vec<(&PersonId, &str)> {
        let mut people: Vec<(&PersonId, &str)> = self.people.iter().map(|(id, name)| (id, name.as_str())).collect();
        people.sort_by_key(|(_, name)| name.to_lowercase());
        people
    }

    /// Who uploaded it. Somebody who has left is named by where they belonged.
    pub(crate) fn uploader<'a>(&'a self, document: &Document) -> &'a str {
        let side = if document.by_client { &self.client } else { &self.firm };
        self.people.get(&document.by).unwrap_or(side)
    }
}

/// What the client is called.
pub(crate) async fn client_name<S: OneClient>(store: &ClientStore<'_, S>) -> Result<String, Failure> {
    let profile = store.profile().await?;
    Ok(profile.ok_or(Failure::NotFound)?.name.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::document::FileName;

    fn document(state: State) -> Document {
        Document {
            id: DocumentId::from_bits(1),
            project: ProjectId::from_bits(2),
            category: "Evidence".into(),
            name: FileName::parse("Lease.pdf").unwrap(),
            size_bytes: 12,
            by: PersonId::from_bits(3),
            by_client: true,
            asked_at: "2026-11-24T10:00:00Z".parse().unwrap(),
            again_for: None,
            not_needed: false,
            visibility: Visibility::Company,
            request: None,
            kept: domain::document::Kept::default(),
            parts: None,
            tags: domain::document::Tags::new(),
            binned: None,
            series: None,
            superseded: false,
            state,
            version: 2,
        }
    }

    #[test]
    fn a_refused_file_says_why_and_no_more() {
        let at = "2026-11-24T10:00:00Z".parse().unwrap();
        let facts = DocumentFacts::of(&document(State::Rejected { reason: RejectReason::TooMuchInside, at }));
        let json = serde_json::to_value(&facts).unwrap();
        assert_eq!(json["state"], "rejected");
        assert_eq!(json["reason"], "too_much_inside");
        assert_eq!(json["detail"], RejectReason::TooMuchInside.sentence());
        assert_eq!((json.get("digest"), json.get("object_version")), (None, None));
    }

    #[test]
    fn who_has_left_is_named_by_the_company() {
        let names = Names::new(Vec::new(), "Acme", "Hartwell & Pryce");
        let of = document(State::Processing { object_version: "v".into() });
        assert_eq!(names.uploader(&of), "Acme");
        assert_eq!(names.uploader(&Document { by_client: false, ..of }), "Hartwell & Pryce");
    }
}
