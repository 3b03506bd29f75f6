//! What somebody is to a client today: the rows of the person's home that every request of that person is checked by.

use access::{ClientJob, OneClient};
use domain::document::Standing;
use domain::person::Membership;
use domain::{PersonId, Role};

use crate::check;
use crate::client::ClientStore;
use crate::error::StorageError;
use crate::item;
use crate::keys;
use crate::vending::MembershipRow;

impl ClientStore<'_, ClientJob<'_>> {
    pub async fn standing(&self, person: &PersonId) -> Result<Standing, StorageError> {
        let home = keys::home(self.scope.client_firm(), person);
        let (of_client, of_firm) = (keys::membership(self.scope.client().as_str()), keys::membership(Membership::FIRM));
        let assignment = keys::assignment(self.scope.client());
        let wanted = [&of_client, &of_firm, &assignment].map(|sk| item::key(&home, sk)).to_vec();
        let mut standing = Standing::default();
        for row in check::batch(&self.dynamo, &self.aws.settings().table_firm, wanted).await? {
            let sk = item::text_of(&row, "sk").unwrap_or_default().to_owned();
            if sk == assignment {
                standing.assigned = true;
                continue;
            }
            let membership: MembershipRow = item::read(row)?;
            match membership.role {
                Role::Staff | Role::Partner if membership.active && sk == of_firm => {
                    standing.of_firm = Some(membership.role);
                }
                Role::ClientMember | Role::ClientAdmin if membership.active && sk == of_client => {
                    standing.of_client = true;
                }
                _ => (),
            }
        }
        Ok(standing)
    }
}
