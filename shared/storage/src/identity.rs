//! What signing in stands on: one-time links, the people behind addresses, sessions, counters. Reached by the
//! execution role of the one function that signs people in; no other has these rows, and it has no client's data.

use access::OnePerson;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::{EventId, FirmId, Moment, PersonId, Timestamp, limits};

use crate::aws::Aws;
use crate::brand::Brand;
use crate::check::{Check, Standpoint};
use crate::commit::{self, Change};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;

/// Everything about signing in.
pub struct Identity<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) dynamo: Client,
}

/// What is counted, each in windows of its own length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Links asked for an address from one network address.
    LinksOfAddress,
    /// Links asked for an address from anywhere.
    LinksAnywhere,
    LinksDaily,
    /// Links asked from a network address.
    LinksOfSource,
    /// Codes tried for an address.
    CodesOfAddress,
    CodesDaily,
    /// Refusals written down for an address.
    RefusalsOfAddress,
    /// Sign-ins by providers begun or answered from a network address.
    SsoOfSource,
    /// Checks of domains by a firm.
    DomainChecks,
    /// Reads of one provider's metadata since a response was signed with an unknown key.
    MetadataReads,
    /// Passkeys asked for by whoever is about to sign in, from one network address.
    PasskeysOfSource,
    /// Links of mails for hearing less, opened or pressed from one network address.
    UnsubscribesOfSource,
}

impl Counter {
    fn name(self) -> &'static str {
        match self {
            Counter::LinksOfAddress => "links",
            Counter::LinksAnywhere => "links-anywhere",
            Counter::LinksDaily => "links-daily",
            Counter::CodesDaily => "codes-daily",
            Counter::LinksOfSource => "source",
            Counter::CodesOfAddress => "codes",
            Counter::RefusalsOfAddress => "refusals",
            Counter::SsoOfSource => "sso",
            Counter::DomainChecks => "domains",
            Counter::MetadataReads => "metadata",
            Counter::PasskeysOfSource => "passkeys",
            Counter::UnsubscribesOfSource => "unsubscribes",
        }
    }

    fn most(self) -> u32 {
        match self {
            Counter::LinksOfAddress => limits::LINKS_PER_ADDRESS_MAX,
            Counter::LinksAnywhere => limits::LINKS_PER_ADDRESS_ANYWHERE_MAX,
            Counter::LinksDaily => limits::LINKS_PER_ADDRESS_DAILY_MAX,
            Counter::CodesDaily => limits::CODES_PER_ADDRESS_DAILY_MAX,
            Counter::LinksOfSource => limits::LINKS_PER_SOURCE_MAX,
            Counter::SsoOfSource => limits::SSO_ANSWERS_PER_SOURCE_MAX,
            Counter::DomainChecks => limits::SSO_CHECKS_PER_FIRM_MAX,
            Counter::MetadataReads => 1,
            Counter::PasskeysOfSource => limits::PASSKEYS_PER_SOURCE_MAX,
            Counter::UnsubscribesOfSource => limits::UNSUBSCRIBES_PER_SOURCE_MAX,
            Counter::CodesOfAddress | Counter::RefusalsOfAddress => limits::WRONG_CODES_PER_ADDRESS_MAX,
        }
    }

    fn window_seconds(self) -> i64 {
        match self {
            Counter::LinksDaily | Counter::CodesDaily => limits::RATE_DAY_SECONDS,
            Counter::MetadataReads => limits::SSO_METADATA_AGAIN_SECONDS,
            _ => limits::RATE_WINDOW_SECONDS,
        }
    }
}

impl<'a> Identity<'a> {
    pub fn open(aws: &'a Aws) -> Self {
        Self { aws, dynamo: Client::new(aws.own()) }
    }

    /// Counts one more and says whether it is still within the bound. Without an answer nothing is allowed: the error
    /// ends the request.
    pub async fn within(&self, counter: Counter, subject: &str, now: Timestamp) -> Result<bool, StorageError> {
        let window = now.as_second().div_euclid(counter.window_seconds());
        let subject = crypto::tagged_token(counter.name(), subject);
        let kept_until = (window + 2) * counter.window_seconds();
        let counted = self
            .dynamo
            .update_item()
            .table_name(self.table())
            .set_key(Some(item::key(keys::rate(counter.name(), &subject, window), keys::COUNTER)))
            .update_expression("ADD #n :one SET #ttl = :ttl")
            .expression_attribute_names("#n", "n")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", item::number(1))
            .expression_attribute_values(":ttl", item::number(kept_until))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .during("count a try")?;
        let count = counted.attributes.as_ref().and_then(|row| item::number_of::<u32>(row, "n"));
        let count = count.ok_or_else(|| StorageError::bug("count a try", "no count came back"))?;
        Ok(count <= counter.most())
    }

    /// Name, colour and zone of a firm, for the words of a mail.
    pub async fn brand(&self, firm: &FirmId) -> Result<Option<Brand>, StorageError> {
        let found = self
            .dynamo
            .get_item()
            .table_name(&self.aws.settings().table_firm)
            .set_key(Some(item::key(keys::public(firm), keys::BRAND)))
            .send()
            .await
            .during("read a firm's brand")?;
        found.item.map(item::read).transpose()
    }

    /// Writes down that somebody could not sign in as this person.
    pub async fn sign_in_refused(
        &self,
        firm: &FirmId,
        person: &PersonId,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let object = Object::new("person", person);
        let draft =
            Draft::new(EventId::from_bits(moment.next_id()), moment.now, Who::Nobody, Act::SignInRefused, object);
        let chain = Chain::Person { firm: firm.clone(), person: person.clone() };
        self.commit(Change { chain, draft: draft.refused(), writes: Vec::new() }).await
    }

    pub(crate) fn table(&self) -> &str {
        &self.aws.settings().table_identity
    }

    pub(crate) async fn commit(&self, change: Change) -> Result<(), StorageError> {
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }

    /// The read's answer, if the person's scope still holds. What is read here is read with the function's own role, so
    /// nothing else would refuse a grant out of a cache.
    pub(crate) async fn beside<T>(
        &self,
        scope: &impl OnePerson,
        read: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        Check::new(self.aws, scope.lease().unchecked()).beside(&self.dynamo, read).await
    }

    /// Commits what a person's scope allows, if it does at that instant.
    pub(crate) async fn commit_by(&self, scope: &impl OnePerson, mut change: Change) -> Result<(), StorageError> {
        let grant = &scope.vended().grant;
        change.writes.extend(Standpoint::of(grant).conditions(&self.aws.settings().table_firm)?);
        let done = self.commit(change).await;
        if let Err(StorageError::Revoked(_)) = &done {
            self.aws.vendor().forget(&grant.session);
        }
        done
    }

    pub(crate) async fn get(&self, pk: String, sk: &str) -> Result<Option<Item>, StorageError> {
        let request = self.dynamo.get_item().table_name(self.table()).set_key(Some(item::key(pk, sk)));
        Ok(request.consistent_read(true).send().await.during("read for signing in")?.item)
    }
}
