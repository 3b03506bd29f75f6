//! Claims on effects that cannot be taken back: who sends this mail, and whether it was sent.
//!
//! A claim is a lease. A worker that dies leaves it to run out, and the next one takes it over with a higher fence, so
//! that two can never both mark it. What a provider accepted just before a death is sent once more: no more than that
//! can be promised by anyone.

use access::ClientJob;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::audit::{Act, Object};
use domain::ids::ulid;
use domain::notice::EffectKey;
use domain::{Moment, limits};

use crate::client::ClientStore;
use crate::commit::{self, AuditReceipt, Change, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;

/// The right to carry out one effect, until its lease ends.
#[derive(Debug)]
pub struct Claim {
    sk: String,
    fence: u64,
}

#[derive(Debug)]
pub enum Claimed {
    Yours(Claim),
    /// Carried out, by the provider's own word.
    DoneBefore,
    /// Another worker holds it, or held it a moment ago.
    Held,
}

/// What became of asking for a lease.
pub(crate) enum Leased {
    /// With the row as it is now.
    Yours { fence: u64, row: Item },
    /// In the state in which somebody else has it, if it is there at all.
    Lost { state: Option<String> },
}

/// Asks for a lease by an update whose condition says whether it is free, and which counts its fence and says by `by` who
/// asked. That names this one asking: where the answer of AWS was lost and the call is made again, what stands in its way
/// is the lease that it has.
pub(crate) async fn lease(
    asked: UpdateItemFluentBuilder,
    by: &str,
    step: &'static str,
) -> Result<Leased, StorageError> {
    let yours = |row: Item| {
        let fence = item::number_of(&row, "fence").ok_or_else(|| StorageError::bug(step, "it has no fence"))?;
        Ok(Leased::Yours { fence, row })
    };
    let asked = asked
        .expression_attribute_values(":by", item::text(by))
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match asked.send().await {
        Ok(answer) => yours(answer.attributes.unwrap_or_default()),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(lost)) => match lost.item() {
                Some(row) if item::text_of(row, "leased_by") == Some(by) => yours(row.clone()),
                row => {
                    let state = row.and_then(|row| item::text_of(row, "state"));
                    Ok(Leased::Lost { state: state.map(str::to_owned) })
                }
            },
            _ => Err(error).during(step),
        },
    }
}

const CLAIMED: &str = "claimed";
pub(crate) const DONE: &str = "done";

impl ClientStore<'_, ClientJob<'_>> {
    /// Whether it was carried out.
    pub async fn is_done(&self, effect: &EffectKey) -> Result<bool, StorageError> {
        let row = self.get(self.keys.outbox(), keys::claim(effect)).await?;
        Ok(row.as_ref().and_then(|row| item::text_of(row, "state")) == Some(DONE))
    }

    pub async fn claim(&self, effect: &EffectKey, moment: &mut Moment) -> Result<Claimed, StorageError> {
        self.claim_for(effect, moment, limits::CLAIM_LEASE_SECONDS).await
    }

    /// The same for whoever needs longer.
    pub async fn claim_for(
        &self,
        effect: &EffectKey,
        moment: &mut Moment,
        lease_seconds: i64,
    ) -> Result<Claimed, StorageError> {
        let (sk, now, by) = (keys::claim(effect), moment.now, ulid(moment.next_id()));
        let asked = self
            .dynamo
            .update_item()
            .table_name(self.table())
            .set_key(Some(item::key(self.keys.outbox(), &sk)))
            .update_expression(
                "SET #state = :claimed, leased_by = :by, lease_until = :until, #ttl = :ttl ADD fence :one",
            )
            .condition_expression("attribute_not_exists(pk) OR (#state = :claimed AND lease_until <= :now)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":claimed", item::text(CLAIMED))
            .expression_attribute_values(":now", item::number(now.as_second()))
            .expression_attribute_values(":until", item::number(now.as_second() + lease_seconds))
            .expression_attribute_values(":ttl", item::number(now.as_second() + limits::CLAIM_KEPT_SECONDS))
            .expression_attribute_values(":one", item::number(1));
        Ok(match lease(asked, &by, "claim an effect").await? {
            Leased::Yours { fence, .. } => Claimed::Yours(Claim { sk, fence }),
            Leased::Lost { state } if state.as_deref() == Some(DONE) => Claimed::DoneBefore,
            Leased::Lost { .. } => Claimed::Held,
        })
    }

    /// Records that the provider took it, together with the event: all that one mail told at once. Stale if a lease ran
    /// out and another worker has the claim.
    pub async fn mark_sent(
        &self,
        claims: &[Claim],
        provider_id: &str,
        object: Object,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        self.mark_with(claims, provider_id, Vec::new(), object, moment).await
    }

    /// The same with other rows.
    pub(crate) async fn mark_with(
        &self,
        claims: &[Claim],
        provider_id: &str,
        mut writes: Vec<Write>,
        object: Object,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        for claim in claims {
            let values = Item::from([
                (":done".to_owned(), item::text(DONE)),
                (":claimed".to_owned(), item::text(CLAIMED)),
                (":fence".to_owned(), item::number(claim.fence)),
                (":id".to_owned(), item::text(provider_id)),
                (":at".to_owned(), item::text(moment.now.to_string())),
            ]);
            writes.push(Write::update(
                self.table(),
                item::key(self.keys.outbox(), &claim.sk),
                "SET #state = :done, provider_id = :id, done_at = :at REMOVE lease_until, leased_by",
                &[("#state", "state")],
                values,
                Some("fence = :fence AND #state = :claimed"),
            )?);
        }
        let draft = self.draft(Act::NoticeSent, object, moment);
        let change = Change { chain: self.chain(), draft, writes };
        commit::mark(&self.dynamo, self.aws.settings(), change).await
    }
}
