//! The address in a mail by which somebody hears less without signing in: made for a mail by whoever sends notices, and
//! followed by the function that signs people in. Nothing is stored for it; a keyed hash says that it is ours.

use access::{ClientJob, OneClient};
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::notice::Kind;
use domain::notice::unsubscribe::{UnsubscribeLink, Unsubscribed, unsubscribe};
use domain::{EventId, Moment, PersonId, limits};

use crate::brand::Brand;
use crate::client::ClientStore;
use crate::commit::Change;
use crate::error::StorageError;
use crate::hearing::Hearing;
use crate::identity::Identity;
use crate::item;
use crate::keys;
use crate::query::{Range, query};
use crate::vending::MembershipRow;

impl ClientStore<'_, ClientJob<'_>> {
    /// Where one press turns these kinds down for a person, as far as the firm allows. The same person and kinds have the
    /// same address.
    pub async fn unsubscribe_link(&self, person: &PersonId, kinds: &[Kind]) -> Result<String, StorageError> {
        const STEP: &str = "make a link to unsubscribe";
        let link = UnsubscribeLink::new(self.scope.client_firm(), person, kinds);
        let mac = self.aws.keyed_hash_by(self.scope.keys(), &link.signed_text()).await?;
        let token = link.token(&mac).ok_or_else(|| StorageError::bug(STEP, "it is of no kind"))?;
        Ok(format!("{}/unsubscribe/{token}", self.aws.settings().site_origin))
    }
}

/// What a link is of: somebody who still belongs to the firm, and what pressing it comes to.
#[derive(Debug, Clone)]
pub struct Unsubscription {
    link: UnsubscribeLink,
    pub brand: Brand,
    hearing: Hearing,
    next: Hearing,
    /// How each kind of the mail comes once it is pressed.
    pub comes_to: Vec<Unsubscribed>,
}

impl Unsubscription {
    /// Whether pressing it would change anything.
    pub fn changes(&self) -> bool {
        self.hearing != self.next
    }
}

impl Identity<'_> {
    /// None for a token that is not ours, and for somebody who has left: the two look alike.
    pub async fn unsubscription(&self, token: &str) -> Result<Option<Unsubscription>, StorageError> {
        let Some(link) = UnsubscribeLink::parse(token) else { return Ok(None) };
        let mac = self.aws.keyed_hash_as_function(&link.signed_text()).await?;
        if !link.token(&mac).is_some_and(|ours| crypto::constant_time_eq(&ours, token)) {
            return Ok(None);
        }
        let hearing = async {
            let row = self.firm_row(&keys::preferences(&link.firm, &link.person), keys::HEARING).await?;
            row.map_or_else(|| Ok(Hearing::default()), item::read)
        };
        let (belongs, brand, hearing) = tokio::join!(self.belongs(&link), self.brand(&link.firm), hearing);
        let (true, Some(brand)) = (belongs?, brand?) else { return Ok(None) };
        let hearing: Hearing = hearing?;
        let (preferences, comes_to) = unsubscribe(hearing.preferences.clone(), &link.kinds, &brand.notices);
        let next = Hearing { preferences, ..hearing.clone() };
        Ok(Some(Unsubscription { link, brand, hearing, next, comes_to }))
    }

    /// Does what the link says, in nobody's name: whoever presses it is not signed in. Stale if the person changed
    /// something meanwhile.
    pub async fn unsubscribe(&self, asked: &Unsubscription, moment: &mut Moment) -> Result<(), StorageError> {
        if !asked.changes() {
            return Ok(());
        }
        let UnsubscribeLink { firm, person, .. } = &asked.link;
        let place = keys::preferences(firm, person);
        let writes = vec![asked.hearing.write(self.firm_table(), place, asked.next.clone())?];
        let object = Object::new("notices", person).at_version(asked.hearing.version + 1);
        let draft =
            Draft::new(EventId::from_bits(moment.next_id()), moment.now, Who::Nobody, Act::Unsubscribed, object);
        let chain = Chain::Person { firm: firm.clone(), person: person.clone() };
        self.commit(Change { chain, draft, writes }).await
    }

    /// Whether the person still has access to anything of the firm.
    async fn belongs(&self, link: &UnsubscribeLink) -> Result<bool, StorageError> {
        let range = Range {
            pk: keys::home(&link.firm, &link.person),
            prefix: keys::MEMBERSHIPS,
            limit: Some(limits::MEMBERSHIPS_PER_PERSON_MAX),
            consistent: true,
            ..Range::default()
        };
        let rows = query(&self.dynamo, self.firm_table(), range).await?.rows;
        let rows: Vec<MembershipRow> = rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        Ok(rows.iter().any(|row| row.active))
    }
}
