//! One change of several documents: moved, tagged, put into the bin or brought back. What becomes of each is told; one
//! that is not the client's is not there.

use std::collections::BTreeMap;

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::{Document, DocumentsEdit, Hand, is_beside};
use domain::permissions::{UploadDocuments, ViewDocuments};
use domain::{BatchId, ClientId, DocumentId, ProjectId, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, Holds, StorageError, Tries};
use web::{App, Failure, Fields, Json, LocalPath, Page, Path, Query, answers};

use crate::arranging::{NotChanged, Rights, decide, other_versions};
use crate::listing::{self, Told};
use crate::opening::Of;
use crate::requests::recounting::{self, moves_answer};

/// What became of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Became {
    Done,
    /// It was so already.
    Unchanged,
    Refused,
    NotThere,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BulkItem {
    document: DocumentId,
    outcome: Became,
    /// Why it was refused, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// For pages: programs have the id.
    #[serde(skip)]
    name: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BulkAnswer {
    /// In the order that they were asked for.
    items: Vec<BulkItem>,
}

impl BulkAnswer {
    pub(crate) fn count(&self, outcome: Became) -> usize {
        self.items.iter().filter(|item| item.outcome == outcome).count()
    }

    /// Each that was not changed, by name, with the reason.
    pub(crate) fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.items.iter().filter_map(|item| match item.outcome {
            Became::Refused => Some((item.name.as_deref()?, item.detail.as_deref()?)),
            Became::NotThere => Some(("A file", "It is not there any more.")),
            Became::Done | Became::Unchanged => None,
        })
    }
}

pub(crate) async fn change(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Json(edit): Json<DocumentsEdit>,
) -> Result<Response, Failure> {
    let hand = hand(&app, &scope);
    Ok(answers::json(&change_all(&app, &scope, &edit, &hand).await?))
}

/// The form around a list. The second scope draws the list again where something was refused: both are of one person
/// and one client.
pub(crate) async fn save(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    seen: ClientScope<ViewDocuments>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let back = back(scope.client(), &fields);
    let hand = hand(&app, &scope);
    let edit = match asked(&fields) {
        Ok(edit) => edit,
        Err(Failure::Refused(why)) => return listing::again(&app, &seen, &page, &back, Told::refused(&why)).await,
        Err(failure) => return Err(failure),
    };
    let done = match change_all(&app, &scope, &edit, &hand).await {
        Ok(done) => done,
        Err(Failure::Refused(why)) => return listing::again(&app, &seen, &page, &back, Told::refused(&why)).await,
        Err(failure) => return Err(failure),
    };
    if done.problems().next().is_some() {
        let undo = (edit.binned == Some(true) && done.count(Became::Done) > 0).then(|| hand.batch.clone());
        return listing::again(&app, &seen, &page, &back, Told::partly(&done, undo)).await;
    }
    let count = done.count(Became::Done);
    let told = match edit.binned {
        Some(true) if count > 0 => format!("done=binned&count={count}&batch={}", hand.batch),
        Some(true) => "done=binned&count=0".to_owned(),
        Some(false) => format!("done=restored&count={count}"),
        None => format!("done=changed&count={count}"),
    };
    Ok(answers::see_other(&with(&back, &told)))
}

/// One document into the bin, from its page.
pub(crate) async fn bin(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let hand = hand(&app, &scope);
    one(&app, &scope, of.document, true, &hand).await?;
    let list = list(&scope);
    Ok(answers::see_other(&format!("{list}?done=binned&count=1&batch={}", hand.batch)))
}

/// One document back from the bin, from its page.
pub(crate) async fn restore(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let hand = hand(&app, &scope);
    one(&app, &scope, of.document.clone(), false, &hand).await?;
    Ok(answers::see_other(&format!("{}/{}?done=restored", list(&scope), of.document)))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Undone {
    batch: BatchId,
}

/// What one act put into the bin comes back.
pub(crate) async fn undo(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Query(undone): Query<Undone>,
) -> Result<Response, Failure> {
    let documents = ClientStore::open(app.aws(), &scope).batch(&undone.batch).await?;
    let mut count = 0;
    if !documents.is_empty() {
        let edit = DocumentsEdit { documents, binned: Some(false), ..DocumentsEdit::default() };
        count = change_all(&app, &scope, &edit, &hand(&app, &scope)).await?.count(Became::Done);
    }
    Ok(answers::see_other(&format!("{}?done=restored&count={count}", list(&scope))))
}

fn list(scope: &ClientScope<UploadDocuments>) -> String {
    format!("/clients/{}/documents", scope.client())
}

/// The list that the form came from; never another page.
pub(crate) fn back(client: &ClientId, fields: &Fields) -> String {
    let list = format!("/clients/{client}/documents");
    let of_list = |path: &str| path == list || path.strip_prefix(&list).is_some_and(|rest| rest.starts_with('?'));
    let back = fields.one("back").and_then(LocalPath::parse).map(|path| path.as_str().to_owned());
    back.filter(|path| of_list(path)).unwrap_or(list)
}

fn with(path: &str, parameter: &str) -> String {
    format!("{path}{}{parameter}", if path.contains('?') { '&' } else { '?' })
}

pub(crate) fn chosen(fields: &Fields) -> Result<Vec<DocumentId>, Failure> {
    Ok(fields.all("document").map(DocumentId::parse).collect::<Result<_, _>>()?)
}

/// What the pressed button says is to be done with the ticked documents.
fn asked(fields: &Fields) -> Result<DocumentsEdit, Failure> {
    let edit = DocumentsEdit { documents: chosen(fields)?, ..DocumentsEdit::default() };
    let said = |name: &str| fields.one(name).filter(|text| !text.is_empty()).map(str::to_owned);
    match fields.one("act").unwrap_or_default() {
        "bin" => Ok(DocumentsEdit { binned: Some(true), ..edit }),
        "restore" => Ok(DocumentsEdit { binned: Some(false), ..edit }),
        "tag" => {
            let tag =
                said("with_tag").ok_or_else(|| Failure::Refused("Write the tag that the files are to have.".into()))?;
            Ok(DocumentsEdit { add_tags: vec![tag], ..edit })
        }
        "untag" => {
            let tag =
                said("with_tag").ok_or_else(|| Failure::Refused("Write the tag that the files are to lose.".into()))?;
            Ok(DocumentsEdit { remove_tags: vec![tag], ..edit })
        }
        "move" => {
            let project = said("to_project").map(|id| ProjectId::parse(&id)).transpose()?;
            let category = said("to_category");
            if project.is_none() && category.is_none() {
                return Err(Failure::Refused("Choose where the files are to go.".into()));
            }
            Ok(DocumentsEdit { project, category, ..edit })
        }
        _ => Err(Failure::Refused("Say what is to be done with the files.".into())),
    }
}

pub(crate) fn hand(app: &App, scope: &ClientScope<UploadDocuments>) -> Hand {
    let mut moment = app.moment();
    Hand { person: scope.person().clone(), now: moment.now, batch: BatchId::from_bits(moment.next_id()) }
}

/// The same for one, whose refusal is the answer.
async fn one(
    app: &App,
    scope: &ClientScope<UploadDocuments>,
    document: DocumentId,
    binned: bool,
    hand: &Hand,
) -> Result<(), Failure> {
    let edit = DocumentsEdit { documents: vec![document], binned: Some(binned), ..DocumentsEdit::default() };
    let done = change_all(app, scope, &edit, hand).await?;
    match done.items.into_iter().next() {
        Some(BulkItem { outcome: Became::NotThere, .. }) | None => Err(Failure::NotFound),
        Some(BulkItem { detail: Some(why), .. }) => Err(Failure::Refused(why)),
        Some(_) => Ok(()),
    }
}

/// As many documents at a time as one transaction takes, each such part whole or not at all.
async fn change_all(
    app: &App,
    scope: &ClientScope<UploadDocuments>,
    edit: &DocumentsEdit,
    hand: &Hand,
) -> Result<BulkAnswer, Failure> {
    let documents = edit.documents()?;
    let mut items = Vec::with_capacity(documents.len());
    for part in documents.chunks(limits::DOCUMENTS_PER_WRITE_MAX) {
        items.extend(change_part(app, scope, edit, part, hand).await?);
    }
    Ok(BulkAnswer { items })
}

/// Load, decide on each, store what differs. A race that was lost is decided anew on what is stored then.
async fn change_part(
    app: &App,
    scope: &ClientScope<UploadDocuments>,
    edit: &DocumentsEdit,
    part: &[DocumentId],
    hand: &Hand,
) -> Result<Vec<BulkItem>, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let rights = Rights::of(scope);
    let mut tries = Tries::default();
    loop {
        let (found, projects, holds) = tokio::join!(store.documents_named(part), store.projects(), store.holds());
        let (found, projects, holds) = (found?, projects?, holds?);
        let mut decided: BTreeMap<&DocumentId, Result<Document, String>> = BTreeMap::new();
        for (id, before) in &found {
            let asked = edit.of(before).map_err(NotChanged::from);
            let after = asked.and_then(|asked| decide(before, &asked, &projects, &holds, hand, rights));
            let after = match after.map_err(Failure::from) {
                Ok(after) => Ok(after),
                Err(Failure::Refused(why) | Failure::Conflict(why)) => Err(why),
                Err(failure) => return Err(failure),
            };
            decided.insert(id, after);
        }
        let pairs: Vec<(&Document, &Document)> = found
            .iter()
            .filter_map(|(id, before)| Some((before, decided.get(id)?.as_ref().ok()?)))
            .filter(|(before, after)| before != after)
            .collect();
        // What changes versions or a list with it is a transaction of its own: each takes as much as one holds.
        let (alone, with_others): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(before, after)| {
            (before.series.is_none() || is_beside(before, after)) && !moves_answer(before, after)
        });
        let mut whole = vec![(alone, Vec::new())];
        let mut refused = BTreeMap::new();
        for (before, after) in with_others {
            match other_versions(&store, before, after, &holds).await.map_err(Failure::from) {
                Ok(others) => whole.push((vec![(before, after)], others)),
                Err(Failure::Refused(why) | Failure::Conflict(why)) => drop(refused.insert(&before.id, why)),
                Err(failure) => return Err(failure),
            }
        }
        if let Some(error) = stored(app, &store, scope, &whole, &holds).await? {
            tries.another(error).await?;
            continue;
        }
        let decided_of = |id: &DocumentId| match refused.get(id) {
            Some(why) => Some(Err(why.clone())),
            None => decided.get(id).cloned(),
        };
        return Ok(part.iter().map(|id| item(id, found.get(id), decided_of(id).as_ref())).collect());
    }
}

/// What belongs together, with the other versions that go with it.
type Whole<'a> = (Vec<(&'a Document, &'a Document)>, Vec<(Document, Document)>);

/// Each of these by itself. What storage said, if somebody was faster: what is stored by then is found as it is to be.
async fn stored(
    app: &App,
    store: &ClientStore<'_, ClientScope<UploadDocuments>>,
    scope: &ClientScope<UploadDocuments>,
    whole: &[Whole<'_>],
    holds: &Holds,
) -> Result<Option<StorageError>, Failure> {
    for (pairs, others) in whole.iter().filter(|(pairs, _)| !pairs.is_empty()) {
        let with_others = others.iter().map(|(before, after)| (before, after));
        let pairs: Vec<(&Document, &Document)> = pairs.iter().copied().chain(with_others).collect();
        let mut moment = app.moment();
        let (lists, zone) = recounting::lists(app, store, scope, &pairs, moment.now).await?;
        if let Err(error) = store.arrange_documents(&pairs, (&lists, &zone), holds, &mut moment).await {
            return Ok(Some(error));
        }
    }
    Ok(None)
}

fn item(id: &DocumentId, before: Option<&Document>, decided: Option<&Result<Document, String>>) -> BulkItem {
    let (outcome, detail) = match (before, decided) {
        (Some(before), Some(Ok(after))) if before == after => (Became::Unchanged, None),
        (_, Some(Ok(_))) => (Became::Done, None),
        (_, Some(Err(why))) => (Became::Refused, Some(why.clone())),
        (_, None) => (Became::NotThere, None),
    };
    BulkItem { document: id.clone(), outcome, detail, name: before.map(|before| before.name.as_str().to_owned()) }
}

impl Told {
    fn refused(why: &str) -> Self {
        Self {
            title: "Nothing was changed".to_owned(),
            lines: vec![why.to_owned()],
            undo: None,
            status: StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn partly(answer: &BulkAnswer, undo: Option<BatchId>) -> Self {
        let (done, all) = (answer.items.len() - answer.problems().count(), answer.items.len());
        Self {
            title: format!("Done for {done} of {all}"),
            lines: answer.problems().map(|(name, why)| format!("{name}: {why}")).collect(),
            undo,
            status: StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}
