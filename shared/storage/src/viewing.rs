//! Looking at a client's portal as one of its people: a session of its own in place of the one it was begun from, and
//! one in its place again at the end. The mark of its token says what it is, and IAM gives it nothing that writes.

use access::ClientScope;
use domain::audit::Act;
use domain::permissions::ViewAsClient;
use domain::person::TeamMember;
use domain::{ClientId, Moment, PersonId, SessionId, Timestamp, limits};

use crate::client::ClientStore;
use crate::error::StorageError;
use crate::identity::Identity;
use crate::identity_sessions::Current;
use crate::item;
use crate::keys;
use crate::query::Range;
use crate::vending::Viewing;

impl ClientStore<'_, ClientScope<ViewAsClient>> {
    /// The client's own people whose access holds.
    pub async fn own_people(&self) -> Result<Vec<TeamMember>, StorageError> {
        let range = Range { pk: self.keys.data(), prefix: keys::TEAM, consistent: true, ..Range::default() };
        let rows = self.query_all(range, limits::LISTENERS_PER_CLIENT_MAX).await?;
        let mut people: Vec<TeamMember> = rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        people.retain(|person| person.of_client);
        people.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(people)
    }
}

impl Identity<'_> {
    /// Whether the person is one of the client's own today: what vending will ask as well.
    pub async fn begin_viewing(
        &self,
        by: &Current,
        (id, token_hash): (SessionId, String),
        client: &ClientId,
        person: &PersonId,
        moment: &mut Moment,
    ) -> Result<Timestamp, StorageError> {
        let until = Timestamp::from_second(moment.now.as_second() + limits::VIEWING_SECONDS);
        let until = until.map_err(|cause| StorageError::bug("begin to view as a client", cause))?;
        let viewing = Viewing { client: client.clone(), person: person.clone(), until };
        self.swap(by, id, token_hash, Some(viewing), Act::ViewingBegun, moment).await?;
        Ok(until)
    }

    /// Back to the person's own portal, by a session of its own.
    pub async fn end_viewing(
        &self,
        by: &Current,
        (id, token_hash): (SessionId, String),
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        self.swap(by, id, token_hash, None, Act::ViewingEnded, moment).await
    }
}
