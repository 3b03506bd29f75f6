//! Sessions that a change of a connection closes after they began: a domain's rule "only by its provider", or the end of
//! what vouched for them.

use access::{FirmScope, OnePerson};
use domain::audit::{Act, Chain, Draft, Object};
use domain::permissions::ManageSignIn;
use domain::{EventId, Moment, PersonId, SessionId};

use crate::commit::Change;
use crate::error::StorageError;
use crate::identity::Identity;
use crate::identity_sessions::{ENDED_AT_ONCE, SessionInHome};
use crate::keys;

impl Identity<'_> {
    /// Ends those sessions of somebody in the scope's firm that `closed` says; how many they were. Each person's is an
    /// event of its own, in the chain of whom it happens to.
    pub async fn end_closed(
        &self,
        scope: &FirmScope<ManageSignIn>,
        person: &PersonId,
        closed: impl Fn(&SessionId, &SessionInHome) -> bool,
        moment: &mut Moment,
    ) -> Result<usize, StorageError> {
        let home = keys::home(scope.firm(), person);
        let sessions = self.in_home(&home).await?;
        let ended: Vec<SessionId> =
            sessions.into_iter().filter(|(id, row)| closed(id, row)).map(|(id, _)| id).collect();
        for some in ended.chunks(ENDED_AT_ONCE) {
            let writes = self.ending(&home, some).await?;
            let id = EventId::from_bits(moment.next_id());
            let object = Object::new("person", person);
            let draft = Draft::new(id, moment.now, scope.who(), Act::SessionEndedByFirm, object);
            let chain = Chain::Person { firm: scope.firm().clone(), person: person.clone() };
            self.commit(Change { chain, draft, writes }).await?;
        }
        Ok(ended.len())
    }
}
