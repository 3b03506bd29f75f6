//! What a firm's rules decide from: the rules themselves, which lie where every role of the firm reads them, and the
//! facts of a client's documents, read without their names, so that a worker needs no key for them.

use std::collections::BTreeMap;

use access::{ClientJob, OneClient, OnePerson};
use domain::audit::{Act, Object};
use domain::document::{Audience, Binned, Series};
use domain::permissions::ManageRetention;
use domain::project::Project;
use domain::retention::{Facts, Rehearsal, Rules, Waits};
use domain::{ClientId, Date, DocumentId, Moment, ProjectId, limits};
use serde::{Deserialize, Serialize};

use crate::client::ClientStore;
use crate::commit::{self, Change, Lost, Write};
use crate::documents_row;
use crate::error::{During, StorageError};
use crate::firm::FirmStore;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

/// A document as it is when its turn comes, and the project's version that this stands on.
#[derive(Debug, Clone)]
pub struct Known {
    pub facts: Facts,
    project_version: u64,
    /// Where its row lies: what is for the firm only lies apart.
    pub(crate) pk: String,
    pub(crate) binned: Option<Binned>,
}

impl Known {
    pub(crate) fn new(facts: Facts, project_version: u64, pk: String, binned: Option<Binned>) -> Self {
        Self { facts, project_version, pk, binned }
    }
}

/// What the rules would do to one client's documents, as numbers: what a firm's page lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub client: ClientId,
    pub day: Date,
    pub archives: usize,
    pub deletes: usize,
    pub held: u64,
    pub waiting: Vec<(Waits, u64)>,
    /// Due as well, for the run after this one.
    pub left: u64,
}

impl Expected {
    pub fn of(rehearsal: &Rehearsal) -> Self {
        use domain::retention::Action;
        Self {
            client: rehearsal.client.clone(),
            day: rehearsal.day,
            archives: rehearsal.count(Action::Archive),
            deletes: rehearsal.count(Action::Delete),
            held: rehearsal.held.len() as u64 + rehearsal.held_left,
            waiting: rehearsal.waiting.iter().map(|(waits, count)| (*waits, *count)).collect(),
            left: rehearsal.left,
        }
    }

    /// Nothing is due, held or waited for.
    pub fn is_quiet(&self) -> bool {
        self.archives + self.deletes == 0 && self.held == 0 && self.waiting.is_empty()
    }
}

/// The rules of a row; a firm that has changed none has those that every firm begins with.
fn rules_of(row: Option<Item>) -> Result<Rules, StorageError> {
    row.map_or_else(|| Ok(Rules::standard()), item::read)
}

impl<S: OneClient> ClientStore<'_, S> {
    /// The firm's rules, as they are this moment.
    pub async fn retention_rules(&self) -> Result<Rules, StorageError> {
        let found = self
            .dynamo
            .get_item()
            .table_name(&self.aws.settings().table_firm)
            .set_key(Some(item::key(keys::public(self.scope.client_firm()), keys::RETENTION)))
            .consistent_read(true)
            .send()
            .await
            .during("read a firm's rules")?;
        rules_of(found.item)
    }

    /// The facts of every document that is filed.
    pub async fn retention_facts(&self) -> Result<Vec<Facts>, StorageError> {
        // What is for the firm only lies apart.
        let range = |pk| Range {
            pk,
            prefix: keys::DOCUMENTS,
            filters: vec![("state", "ready".to_owned())],
            consistent: true,
            ..Range::default()
        };
        let rows_max = limits::DOCUMENTS_PER_CLIENT_MAX;
        let (open, internal, projects) = tokio::join!(
            self.query_all(range(self.keys.data()), rows_max),
            async {
                let reached = self.scope.viewer().reaches(Audience::Internal);
                if reached { self.query_all(range(self.keys.internal()), rows_max).await } else { Ok(Vec::new()) }
            },
            self.projects()
        );
        let projects: BTreeMap<ProjectId, Project> =
            projects?.into_iter().map(|project| (project.id.clone(), project)).collect();
        let rows = open?.into_iter().chain(internal?);
        let facts = rows.map(|row| documents_row::facts(row, self.scope.client(), &projects));
        let facts = facts.filter_map(|found| found.map(|found| found.map(|(facts, _)| facts)).transpose());
        let mut facts: Vec<Facts> = facts.collect::<Result<_, _>>()?;
        let mut versions: BTreeMap<DocumentId, usize> = BTreeMap::new();
        for one in &facts {
            *versions.entry(one.series.clone()).or_default() += 1;
        }
        for one in &mut facts {
            one.leads &= versions.get(&one.series).is_some_and(|count| *count > 1);
        }
        Ok(facts)
    }

    /// One document as it is this moment; none where it is gone or not filed.
    pub async fn known(&self, document: &DocumentId) -> Result<Option<Known>, StorageError> {
        let read = |row, projects: &_| documents_row::facts(row, self.scope.client(), projects);
        let Some(((mut facts, binned), version, pk)) = self.known_by(document, read).await? else { return Ok(None) };
        facts.leads = facts.leads && self.has_other_versions(&facts, &pk).await?;
        Ok(Some(Known::new(facts, version, pk, binned)))
    }

    /// Versions of one document lie where it lies.
    async fn has_other_versions(&self, facts: &Facts, pk: &str) -> Result<bool, StorageError> {
        let Some(series) = self.get(pk.to_owned(), keys::series(&facts.series)).await? else { return Ok(false) };
        let series: Series = item::read(series)?;
        for other in series.versions.iter().filter(|other| **other != facts.document) {
            if self.get(pk.to_owned(), keys::document(other)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a document's row says, with the version of its project and where the row lies.
    pub(crate) async fn known_by<T>(
        &self,
        document: &DocumentId,
        read: impl Fn(Item, &BTreeMap<ProjectId, Project>) -> Result<Option<T>, StorageError>,
    ) -> Result<Option<(T, u64, String)>, StorageError> {
        let (open, internal) = tokio::join!(self.get(self.keys.data(), keys::document(document)), async {
            let reached = self.scope.viewer().reaches(Audience::Internal);
            if reached { self.get(self.keys.internal(), keys::document(document)).await } else { Ok(None) }
        },);
        let Some(row) = internal?.or(open?) else { return Ok(None) };
        let pk = item::text_of(&row, "pk").unwrap_or_default().to_owned();
        let project = item::text_of(&row, "project").and_then(|project| ProjectId::parse(project).ok());
        let Some(project) = project else { return Ok(None) };
        let Some(project) = self.project(&project).await? else { return Ok(None) };
        let project_version = project.version;
        let projects = BTreeMap::from([(project.id.clone(), project)]);
        Ok(read(row, &projects)?.map(|found| (found, project_version, pk)))
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// The members of a transaction that fail where the rules or the document's project changed since they were read.
    pub(crate) fn decided_by(&self, rules: &Rules, known: &Known) -> Result<Vec<Write>, StorageError> {
        let firm = &self.aws.settings().table_firm;
        let key = item::key(keys::public(self.scope.client_firm()), keys::RETENTION);
        let version = |version: u64| Item::from([(":version".to_owned(), item::number(version))]);
        // Rules that nobody has changed are no row.
        let same = "attribute_not_exists(pk) OR version = :version";
        let rules = match rules.version() {
            1 => Write::check_that(firm, key, same, version(1), Lost::Stale)?,
            from => Write::check_that(firm, key, "version = :version", version(from), Lost::Stale)?,
        };
        let key = item::key(self.keys.data(), keys::project(&known.facts.project));
        let values = version(known.project_version);
        Ok(vec![rules, Write::check_that(self.table(), key, "version = :version", values, Lost::Stale)?])
    }

    /// Puts the numbers of a rehearsal where the firm's page lists them. They follow from what is stored, so it is no
    /// event.
    pub async fn expect(&self, expected: &Expected) -> Result<(), StorageError> {
        let row =
            item::row(keys::retention_view(self.scope.client_firm()), keys::board(self.scope.client()), expected)?;
        let write = Write::overwrite(&self.aws.settings().table_firm, row)?;
        commit::transact(&self.dynamo, vec![write]).await
    }
}

impl FirmStore<'_, ManageRetention> {
    pub async fn retention_rules(&self) -> Result<Rules, StorageError> {
        rules_of(self.get(keys::public(self.scope.firm()), keys::RETENTION.to_owned()).await?)
    }

    /// Stores the rules that follow on these. Stale if somebody was faster.
    pub async fn save_retention_rules(
        &self,
        before: &Rules,
        after: &Rules,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let row = item::row(keys::public(self.scope.firm()), keys::RETENTION, after)?;
        let write = match before.version() {
            1 => Write::create(self.table(), row)?,
            from => Write::replace(self.table(), row, from)?,
        };
        let object = Object::new("firm", self.scope.firm()).at_version(after.version());
        let state = serde_json::to_vec(after).during("write a firm's rules")?;
        let draft = self.draft(Act::RetentionRulesChanged, object, moment).after(crypto::sha256_hex(&state));
        let change = Change { chain: self.own_chain(), draft, writes: vec![write] };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }

    /// What the rules would do, client by client, as of each one's last rehearsal.
    pub async fn expected(&self) -> Result<Vec<Expected>, StorageError> {
        let (mut expected, mut after) = (Vec::new(), None);
        loop {
            let pk = keys::retention_view(self.scope.firm());
            let page = self.query(Range { pk, prefix: keys::BOARD, after, ..Range::default() }).await?;
            for row in page.rows {
                expected.push(item::read(row)?);
            }
            after = page.next;
            if after.is_none() {
                return Ok(expected);
            }
        }
    }
}
