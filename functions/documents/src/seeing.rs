//! Who may see a document: what people and programs ask for, made sure of before it is decided on.

use std::collections::BTreeSet;

use access::ClientScope;
use domain::PersonId;
use domain::document::{DocumentRefused, NewDocument, Visibility};
use domain::permissions::UploadDocuments;
use storage::ClientStore;
use web::Failure;

type Store<'a> = ClientStore<'a, ClientScope<UploadDocuments>>;

/// New documents with the viewers that they are to have. Another copy of a refused one is for whom that one was, where
/// nothing else is said: what was for few does not become everybody's by being sent again.
pub(crate) async fn settled(store: &Store<'_>, news: &[NewDocument]) -> Result<Vec<NewDocument>, Failure> {
    let mut settled = Vec::with_capacity(news.len());
    for new in news {
        let mut new = new.clone();
        match (&new.visibility, &new.again_for) {
            (Some(visibility), _) => check(store, visibility).await?,
            (None, Some(refused)) => new.visibility = store.document(refused).await?.map(|before| before.visibility),
            (None, None) => (),
        }
        settled.push(new);
    }
    Ok(settled)
}

/// Those who are named are of the company, and what is kept is kept by somebody who may.
pub(crate) async fn check(store: &Store<'_>, visibility: &Visibility) -> Result<(), Failure> {
    match visibility {
        Visibility::Company => Ok(()),
        Visibility::Firm if store.may_keep_internal() => Ok(()),
        Visibility::Firm => Err(DocumentRefused::NotInternal.into()),
        Visibility::People(named) => {
            let team = store.team().await?;
            let company: BTreeSet<&PersonId> =
                team.iter().filter(|member| member.of_client).map(|member| &member.person).collect();
            if named.iter().all(|person| company.contains(person)) {
                Ok(())
            } else {
                Err(DocumentRefused::NotOfCompany.into())
            }
        }
    }
}
