//! The review of who has access: rounds, and what was decided for each membership in one. Rows of decisions remember;
//! what takes access away are the same transactions as everywhere else.

use std::collections::BTreeMap;

use access::OnePerson;
use domain::audit::{Act, Object};
use domain::firm::review::{Review, Reviewed, Standing, standing};
use domain::permissions::{Permission, ReviewAccess, ViewFirm};
use domain::person::Membership;
use domain::{Moment, PersonId, Timestamp, limits};

use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

impl<P: Send + Sync> FirmStore<'_, P> {
    /// The round that is open, or the last one.
    pub async fn review(&self) -> Result<Option<Review>, StorageError> {
        self.get(self.pk(), keys::REVIEW.to_owned()).await?.map(item::read).transpose()
    }
}

impl FirmStore<'_, ViewFirm> {
    /// Where the firm stands with its review; nothing for somebody who has no part in it.
    pub async fn review_standing(&self, now: Timestamp) -> Result<Option<Standing>, StorageError> {
        if !self.scope.may(ReviewAccess::NAME) {
            return Ok(None);
        }
        let (last, began) = tokio::join!(self.review(), self.began());
        Ok(Some(standing(last?.as_ref(), began?, now)))
    }
}

impl FirmStore<'_, ReviewAccess> {
    /// What has been decided in this round, by membership and person.
    pub async fn reviewed(&self, round: u32) -> Result<BTreeMap<(Membership, PersonId), Reviewed>, StorageError> {
        let prefix = keys::reviewed_in(round);
        let mut reviewed = BTreeMap::new();
        let mut after = None;
        loop {
            let range = Range { pk: self.pk(), prefix: &prefix, after, consistent: true, ..Range::default() };
            let page = self.query(range).await?;
            for row in page.rows {
                let place = item::text_of(&row, "sk").and_then(|sk| sk.strip_prefix(&prefix)?.split_once('#'));
                let place = place.and_then(|(membership, person)| {
                    Some((Membership::parse(membership)?, PersonId::parse(person).ok()?))
                });
                if let Some(place) = place {
                    reviewed.insert(place, item::read(row)?);
                }
            }
            match page.next {
                Some(next) if reviewed.len() < limits::PEOPLE_SEARCHED_MAX => after = Some(next),
                _ => return Ok(reviewed),
            }
        }
    }

    /// Begins a round. Of two who do, one does.
    pub async fn start_review(&self, last: Option<&Review>, moment: &mut Moment) -> Result<Review, StorageError> {
        let review = Review {
            round: last.map_or(1, |last| last.round + 1),
            started_at: moment.now,
            started_by: self.scope.person().clone(),
            finished_at: None,
            finished_by: None,
        };
        self.save_review(Act::ReviewStarted, last, &review, moment).await?;
        Ok(review)
    }

    pub async fn finish_review(&self, open: &Review, moment: &mut Moment) -> Result<(), StorageError> {
        let finished =
            Review { finished_at: Some(moment.now), finished_by: Some(self.scope.person().clone()), ..open.clone() };
        self.save_review(Act::ReviewFinished, Some(open), &finished, moment).await
    }

    async fn save_review(
        &self,
        act: Act,
        from: Option<&Review>,
        next: &Review,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let row = item::row(self.pk(), keys::REVIEW, next)?;
        let condition = match from {
            None => ("attribute_not_exists(pk)", Item::new()),
            Some(from) => {
                let values = Item::from([(":round".to_owned(), item::number(from.round))]);
                // A round is finished once, and a new one begins after that only.
                (if from.is_open() { OPEN } else { CLOSED }, values)
            }
        };
        let writes = vec![Write::put(self.table(), row, Some(condition), commit::Lost::Stale)?];
        let draft = self.draft(act, Object::new("review", next.round), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }

    /// Writes down what was decided for one membership. Deciding again replaces it.
    pub async fn save_reviewed(
        &self,
        round: u32,
        membership: &Membership,
        person: &PersonId,
        reviewed: &Reviewed,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let row = item::row(self.pk(), keys::reviewed(round, membership.as_str(), person), reviewed)?;
        let values = Item::from([(":round".to_owned(), item::number(round))]);
        let key = item::key(self.pk(), keys::REVIEW);
        let writes = vec![
            Write::overwrite(self.table(), row)?,
            Write::check_that(self.table(), key, OPEN, values, commit::Lost::Stale)?,
        ];
        let draft = self.draft(Act::AccessReviewed, Object::new("person", person), moment);
        let change = Change { chain: self.own_chain(), draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }
}

const OPEN: &str = "round = :round AND attribute_not_exists(finished_at)";
const CLOSED: &str = "round = :round AND attribute_exists(finished_at)";
