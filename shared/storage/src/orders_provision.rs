//! Carrying out an order of a firm or of a client: keys, settings, first rows. The worker never sees a data key, and
//! what it has made is never made again.

use access::JobScope;
use aws_sdk_kms::types::{DataKeySpec, Tag};
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::firm::{FirmState, Order, OrderState};
use domain::person::{Member, Membership, PersonOrder};
use domain::platform::Turn;
use domain::text::Name;
use domain::{ClientId, EventId, FirmChangeId, Moment, OrderId, PersonId, Role};

use crate::admissions::FirmTurn;
use crate::aws::Aws;
use crate::brand::Brand;
use crate::commit::{self, Change, Write};
use crate::error::{During, StorageError};
use crate::firm::ListedClient;
use crate::identity_people::InvitationRow;
use crate::item::{self, Item};
use crate::keys;
use crate::orders::{self, OrderRow};
use crate::orders_people::listed_person;
use crate::platform::{FirmRow, TurnRow};
use crate::query::{Range, query};
use crate::settings::Settings;
use crate::team::Profile;
use crate::vending::MembershipRow;

/// The one source of a firm's key policy, which the tests of isolation read as well.
const KEY_POLICY: &str = include_str!("../../../infra/policies/key-policy-firm.json");

/// A new firm's or client's rows, by the worker `provisioner`.
pub struct ProvisionStore<'a> {
    aws: &'a Aws,
    scope: &'a JobScope,
    dynamo: aws_sdk_dynamodb::Client,
}

impl<'a> ProvisionStore<'a> {
    pub fn open(aws: &'a Aws, scope: &'a JobScope) -> Self {
        Self { aws, scope, dynamo: aws.dynamo(scope.keys()) }
    }

    pub(crate) fn scope(&self) -> &JobScope {
        self.scope
    }

    pub(crate) fn dynamo(&self) -> &aws_sdk_dynamodb::Client {
        &self.dynamo
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.aws.settings()
    }

    pub async fn ordered_firm(&self) -> Result<Option<FirmRow>, StorageError> {
        let found = self.get(self.platform(), keys::platform_firm(self.scope.firm()), keys::FIRM.to_owned()).await?;
        found.map(item::read).transpose()
    }

    pub async fn order(&self, order: &OrderId) -> Result<Option<OrderRow>, StorageError> {
        let found = self.get(self.firm(), keys::firm(self.scope.firm()), keys::order(order.as_str())).await?;
        found.map(item::read).transpose()
    }

    /// The firm's key: noted as soon as it is made, so that a repeated message takes the one that is there. Nothing is
    /// encrypted under it before its policy is in place.
    pub async fn firm_key(&self, row: &FirmRow) -> Result<String, StorageError> {
        let arn = match &row.key_arn {
            Some(arn) => arn.clone(),
            None => self.new_key().await?,
        };
        let kms = self.aws.kms(self.scope.keys());
        let request = kms.put_key_policy().key_id(&arn).policy_name("default").policy(self.key_policy());
        request.send().await.during("put a firm's key policy")?;
        Ok(arn)
    }

    async fn new_key(&self) -> Result<String, StorageError> {
        let firm = self.scope.firm().as_str();
        let tag = Tag::builder().tag_key("t").tag_value(firm).build().during("build a tag")?;
        let kms = self.aws.kms(self.scope.keys());
        let made = kms.create_key().description(format!("Firm {firm}")).tags(tag).send().await;
        let made = made.during("make a firm's key")?.key_metadata.and_then(|made| made.arn);
        let arn = made.ok_or_else(|| StorageError::bug("make a firm's key", "it has no ARN"))?;
        let key = item::key(keys::platform_firm(self.scope.firm()), keys::FIRM);
        let values = Item::from([(":arn".to_owned(), item::text(&arn))]);
        let condition = Some("attribute_exists(pk) AND attribute_not_exists(key_arn)");
        let note = Write::update(self.platform(), key, "SET key_arn = :arn", &[], values, condition)?;
        // Lost only to another worker with the same message: the next delivery takes the key that won.
        commit::transact(&self.dynamo, vec![note]).await?;
        Ok(arn)
    }

    fn key_policy(&self) -> String {
        let settings = self.aws.settings();
        let region = self.aws.bare().region().map(ToString::to_string).unwrap_or_default();
        key_policy(self.scope.firm().as_str(), &settings.account_id, &settings.stack_prefix, &region)
    }

    /// A firm's settings, brand and first partner; from then on it is active.
    pub async fn create_firm(&self, row: &FirmRow, key_arn: &str, moment: &mut Moment) -> Result<(), StorageError> {
        let (firm, ordered) = (self.scope.firm(), &row.ordered);
        let mac = self.aws.address_mac(self.scope.keys(), &ordered.partner_email).await?;
        let person = PersonId::from_bits(mac.person_bits());
        let partner = Member {
            name: ordered.partner_name.to_string(),
            email: ordered.partner_email.clone(),
            role: Role::Partner,
            phone: None,
            active: true,
            ended_at: None,
            adjusted: domain::permissions::Adjusted::default(),
            by_firm: domain::person::company::ByFirm::default(),
            version: 1,
        };
        let brand = Brand {
            firm_name: ordered.name.to_string(),
            accent: ordered.accent.as_ref().map(|accent| accent.as_str().to_owned()),
            zone: ordered.zone.clone(),
            key_arn: key_arn.to_owned(),
            packs: ordered.packs.clone(),
            logo: None,
            mails: domain::firm::settings::MailRules::default(),
            notices: domain::notice::kind::FirmRules::default(),
            marks: domain::marking::MarkRule::default(),
            version: 1,
        };
        let settings =
            serde_json::json!({ "key_arn": key_arn, "created_at": moment.now, "domain": ordered.domain, "version": 1 });
        let invitation = InvitationRow {
            firm: firm.clone(),
            firm_name: brand.firm_name.clone(),
            membership: Membership::FIRM.to_owned(),
            client: None,
            client_name: None,
            role: Role::Partner,
            name: partner.name.clone(),
            email: partner.email.clone(),
            at: moment.now,
        };
        let listed = listed_person(&person, &Membership::Firm, &partner, None, moment.now);
        let membership = MembershipRow::of(&partner, None);
        let (home, in_home) = (keys::home(firm, &person), keys::membership(Membership::FIRM));
        let (in_list, invited) =
            (keys::listed_person(Membership::FIRM, &person), keys::invitation(firm, Membership::FIRM));
        let writes = vec![
            Write::create(self.firm(), item::row(keys::firm(firm), keys::SETTINGS, &settings)?)?,
            Write::create(self.firm(), item::row(keys::public(firm), keys::BRAND, &brand)?)?,
            Write::create(self.firm(), item::row(home, in_home, &membership)?)?,
            Write::create(self.firm(), item::row(keys::firm(firm), in_list, &listed)?)?,
            Write::overwrite(self.identity(), item::row(keys::invitations(&mac), invited, &invitation)?)?,
            self.activate(moment)?,
            self.invite_by_mail(row, moment)?,
        ];
        let chain = Chain::Person { firm: firm.clone(), person };
        self.commit(chain, Act::FirmCreated, Object::new("firm", firm), writes, moment).await
    }

    /// The first partner is invited as everybody else is: an order that is carried out, whose mail is due.
    fn invite_by_mail(&self, row: &FirmRow, moment: &mut Moment) -> Result<Write, StorageError> {
        let order = OrderId::from_bits(moment.next_id());
        let asked = PersonOrder {
            name: row.ordered.partner_name.clone(),
            email: row.ordered.partner_email.clone(),
            role: Role::Partner,
            client: None,
            phone: None,
            mail_again: false,
        };
        let new = OrderRow::new(order.clone(), row.by.clone(), Order::Person(asked), moment.now);
        let done = OrderRow { state: OrderState::Done, mail_due: true, ..new };
        Write::create(self.firm(), item::row(keys::firm(self.scope.firm()), keys::order(order.as_str()), &done)?)
    }

    /// An order to close the firm or to open it again, and the firm as it is.
    pub async fn turn(&self, change: &FirmChangeId) -> Result<Option<(TurnRow, FirmRow)>, StorageError> {
        let pk = keys::platform_firm(self.scope.firm());
        let (turn, row) = tokio::join!(self.get(self.platform(), pk.clone(), keys::turn(change)), self.ordered_firm());
        let (Some(turn), Some(row)) = (turn?, row?) else { return Ok(None) };
        Ok(Some((item::read(turn)?, row)))
    }

    /// Closes the firm or opens it again: the row that every request of its people is checked by, in one transaction with
    /// what the partners and the operators read of it. Nothing of the firm's own rows is touched.
    pub async fn carry_out(&self, turn: &TurnRow, to: FirmState, moment: &mut Moment) -> Result<(), StorageError> {
        let firm = self.scope.firm();
        // Every role of the firm and of its clients reads there, so the reason lies elsewhere.
        let state = serde_json::json!({ "state": to, "since": moment.now });
        let told =
            FirmTurn { turn: turn.turn, reason: turn.reason.clone(), by_name: turn.by_name.clone(), at: moment.now };
        let now = || (":now".to_owned(), item::text(moment.now.to_string()));
        let values = Item::from([(":to".to_owned(), item::text(to.as_str())), now()]);
        let pk = keys::platform_firm(firm);
        let (key, set) = (item::key(&pk, keys::FIRM), "SET #state = :to, since = :now REMOVE turning");
        let listed = Write::update(
            self.platform(),
            key,
            set,
            &[("#state", "state")],
            values,
            Some("attribute_exists(turning)"),
        )?;
        let values = Item::from([
            (":open".to_owned(), item::text(TurnRow::ORDERED)),
            (":done".to_owned(), item::text(TurnRow::DONE)),
            now(),
        ]);
        let (key, set) = (item::key(&pk, keys::turn(&turn.change)), "SET #state = :done, done_at = :now");
        let close = Write::update(self.platform(), key, set, &[("#state", "state")], values, Some("#state = :open"))?;
        let writes = vec![
            Write::overwrite(self.firm(), item::row(keys::public(firm), keys::STATE, &state)?)?,
            Write::create(self.firm(), item::row(keys::firm(firm), keys::turn(&turn.change), &told)?)?,
            listed,
            close,
        ];
        let act = match turn.turn {
            Turn::Suspend => Act::FirmSuspended,
            Turn::Resume => Act::FirmResumed,
        };
        // The worker carries it out; the operator is who did it.
        let who = Who::person(turn.by.clone(), Role::PlatformAdmin, turn.session.clone());
        self.commit_as(who, Chain::Firm { firm: firm.clone() }, act, Object::new("firm", firm), writes, moment).await
    }

    fn activate(&self, moment: &Moment) -> Result<Write, StorageError> {
        let values = Item::from([
            (":open".to_owned(), item::text("ordered")),
            (":active".to_owned(), item::text("active")),
            (":now".to_owned(), item::text(moment.now.to_string())),
        ]);
        let key = item::key(keys::platform_firm(self.scope.firm()), keys::FIRM);
        let expression = "SET #state = :active, active_at = :now";
        Write::update(self.platform(), key, expression, &[("#state", "state")], values, Some("#state = :open"))
    }

    /// A client's data key, profile and line in the firm's list. A client that is there already only has its order
    /// closed: its key is never replaced.
    pub async fn create_client(
        &self,
        order: &OrderRow,
        client: &ClientId,
        name: &Name,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let firm = self.scope.firm();
        let closing = orders::Closing { refused: None, mails: false };
        let close = orders::close(self.firm(), keys::firm(firm), &order.order, closing, moment.now)?;
        let chain = Chain::Client { firm: firm.clone(), client: client.clone() };
        let listed = keys::listed_client(client);
        if self.get(self.firm(), keys::firm(firm), listed.clone()).await?.is_some() {
            return commit::transact(&self.dynamo, vec![close]).await;
        }
        let pk = keys::client(firm, client);
        let profile = Profile::new(client.clone(), name.clone(), moment.now);
        let line = ListedClient { client: client.clone(), name: name.clone(), created_at: moment.now };
        let writes = vec![
            self.wrapped_key(client, pk.clone()).await?,
            Write::create(self.data(), item::row(pk, keys::PROFILE, &profile)?)?,
            Write::create(self.firm(), item::row(keys::firm(firm), listed, &line)?)?,
            close,
        ];
        self.commit(chain, Act::ClientCreated, Object::new("client", client).at_version(1), writes, moment).await
    }

    /// A new data key as only the key service can open it, and only for this firm and client.
    async fn wrapped_key(&self, client: &ClientId, pk: String) -> Result<Write, StorageError> {
        let brand = self.get(self.firm(), keys::public(self.scope.firm()), keys::BRAND.to_owned()).await?;
        let brand = brand.ok_or_else(|| StorageError::bug("read a firm's brand", "there is none"))?;
        let key_id = item::read::<Brand>(brand)?.key_arn;
        let kms = self.aws.kms(self.scope.keys());
        let request = kms
            .generate_data_key_without_plaintext()
            .key_id(&key_id)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("firm", self.scope.firm().as_str())
            .encryption_context("client", client.as_str());
        let made = request.send().await.during("make a client's data key")?;
        let wrapped = made.ciphertext_blob.ok_or_else(|| StorageError::bug("make a client's data key", "none came"))?;
        let mut row = item::key(pk, keys::DATA_KEY);
        row.insert("wrapped".to_owned(), item::bytes(wrapped.into_inner()));
        row.insert("key_id".to_owned(), item::text(key_id));
        Write::create(&self.aws.settings().table_keys, row)
    }

    async fn commit(
        &self,
        chain: Chain,
        act: Act,
        object: Object,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, self.scope.who(), act, object);
        commit::commit(&self.dynamo, self.aws.settings(), Change { chain, draft, writes }).await.map(|_| ())
    }

    /// All rows of one partition of the firm's table whose sort key begins so.
    pub(crate) async fn all(&self, pk: String, prefix: &str) -> Result<Vec<Item>, StorageError> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let range = Range { pk: pk.clone(), prefix, after, consistent: true, ..Range::default() };
            let page = query(&self.dynamo, self.firm(), range).await?;
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                return Ok(rows);
            }
        }
    }

    pub(crate) async fn get(&self, table: &str, pk: String, sk: String) -> Result<Option<Item>, StorageError> {
        let request = self.dynamo.get_item().table_name(table).set_key(Some(item::key(pk, sk)));
        Ok(request.consistent_read(true).send().await.during("read what was ordered")?.item)
    }

    fn data(&self) -> &str {
        &self.aws.settings().table_data
    }
    pub(crate) fn firm(&self) -> &str {
        &self.aws.settings().table_firm
    }
    fn identity(&self) -> &str {
        &self.aws.settings().table_identity
    }
    pub(crate) fn platform(&self) -> &str {
        &self.aws.settings().table_platform
    }
}

fn key_policy(firm: &str, account: &str, prefix: &str, region: &str) -> String {
    KEY_POLICY
        .replace("FIRM_ID", firm)
        .replace("${AWS::AccountId}", account)
        .replace("${StackPrefix}", prefix)
        .replace("${AWS::Region}", region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_policy_names_one_firm_and_leaves_nothing_open() {
        let firm = "01ARZ3NDEKTSV4RRFFQ69G5FA0";
        let policy = key_policy(firm, "000000000000", "portico", "eu-west-1");
        assert!(!policy.contains("${") && !policy.contains("FIRM_ID"), "{policy}");
        let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
        let bound = policy["Statement"].as_array().unwrap().iter().find(|s| s["Sid"] == "TenantBound").unwrap();
        assert_eq!(bound["Condition"]["StringNotEquals"]["aws:PrincipalTag/t"], firm);
    }
}
