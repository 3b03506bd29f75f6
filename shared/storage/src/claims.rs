//! Claims on effects that cannot be taken back: who sends this mail, and whether it was sent.
//!
//! A claim is a lease. A worker that dies leaves it to run out, and the next one takes it over with a higher fence, so
//! that two can never both mark it. What a provider accepted just before a death is sent once more: no more than that
//! can be promised by anyone.

use access::ClientJob;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::audit::{Act, Object};
use domain::notice::EffectKey;
use domain::{Moment, Timestamp, limits};

use crate::client::{ClientChange, ClientStore};
use crate::commit::{AuditReceipt, Write};
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

const CLAIMED: &str = "claimed";
const DONE: &str = "done";

impl ClientStore<'_, ClientJob<'_>> {
    pub async fn claim(&self, effect: &EffectKey, now: Timestamp) -> Result<Claimed, StorageError> {
        let sk = keys::claim(effect);
        let asked = self
            .dynamo
            .update_item()
            .table_name(self.table())
            .set_key(Some(item::key(self.keys.outbox(), &sk)))
            .update_expression("SET #state = :claimed, lease_until = :until, #ttl = :ttl ADD fence :one")
            .condition_expression("attribute_not_exists(pk) OR (#state = :claimed AND lease_until <= :now)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":claimed", item::text(CLAIMED))
            .expression_attribute_values(":now", item::number(now.as_second()))
            .expression_attribute_values(":until", item::number(now.as_second() + limits::CLAIM_LEASE_SECONDS))
            .expression_attribute_values(":ttl", item::number(now.as_second() + limits::CLAIM_KEPT_SECONDS))
            .expression_attribute_values(":one", item::number(1))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match asked {
            Ok(answer) => {
                let fence = answer.attributes.as_ref().and_then(|row| item::number_of(row, "fence"));
                let fence = fence.ok_or_else(|| StorageError::bug("claim an effect", "the claim has no fence"))?;
                Ok(Claimed::Yours(Claim { sk, fence }))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(lost)) => {
                    let state = lost.item().and_then(|row| item::text_of(row, "state"));
                    Ok(if state == Some(DONE) { Claimed::DoneBefore } else { Claimed::Held })
                }
                _ => Err(error).during("claim an effect"),
            },
        }
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
        let mut writes = Vec::with_capacity(claims.len());
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
                "SET #state = :done, provider_id = :id, done_at = :at REMOVE lease_until",
                &[("#state", "state")],
                values,
                Some("fence = :fence AND #state = :claimed"),
            )?);
        }
        let draft = self.draft(Act::NoticeSent, object, moment);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}
