//! The routes about personal tokens and about viewing as a client.

use domain::PermissionName::ViewAsClient;
use http::Method;
use web::{Access, Doc, Routes};

use crate::{tokens, viewing};

pub(crate) trait WithTokensAndViewing {
    fn with_tokens(self) -> Self;
    fn with_viewing(self) -> Self;
}

impl WithTokensAndViewing for Routes {
    fn with_tokens(self) -> Self {
        let own = Access::SignedIn;
        self.page(Method::GET, "/tokens", own, tokens::list)
            .page(Method::GET, "/tokens/new", own, tokens::new)
            .page(Method::POST, "/tokens/new", own, tokens::make)
            .page(Method::POST, "/tokens/{token}/end", own, tokens::end)
            .api(
                Method::GET,
                "/api/v1/tokens",
                own,
                tokens::list_json,
                Doc::new("The person's tokens for programs, the newest first").answers::<tokens::TokenList>(200),
            )
            .api(
                Method::POST,
                "/api/v1/tokens",
                own,
                tokens::make_json,
                Doc::new("Makes a token for programs. Needs a session that was confirmed within 15 minutes")
                    .takes::<domain::tokens::NewToken>()
                    .answers::<tokens::MadeView>(201),
            )
            .api(
                Method::DELETE,
                "/api/v1/tokens/{token}",
                own,
                tokens::end_json,
                Doc::new("Ends a token, from the next call on").answers_empty(204),
            )
    }

    fn with_viewing(self) -> Self {
        let needs = Access::Needs(ViewAsClient);
        self.page(Method::GET, "/clients/{client}/view-as", needs, viewing::choose)
            .page(Method::POST, "/clients/{client}/view-as", needs, viewing::begin)
            .page(Method::POST, "/view-as/end", Access::SignedIn, viewing::end)
            .api(
                Method::GET,
                "/api/v1/clients/{client}/view-as",
                needs,
                viewing::choose_json,
                Doc::new("The client's people as whom its portal can be viewed").answers::<viewing::PeopleOut>(200),
            )
            .api(
                Method::POST,
                "/api/v1/clients/{client}/view-as",
                needs,
                viewing::begin_json,
                Doc::new(
                    "Views the portal as one of the client's people, for half an hour and without changing anything. The \
                     session gets a new cookie",
                )
                .takes::<viewing::Chosen>()
                .answers::<viewing::BegunOut>(201),
            )
            .api(
                Method::DELETE,
                "/api/v1/auth/view-as",
                Access::SignedIn,
                viewing::end_json,
                Doc::new("Ends viewing as a client. The session gets a new cookie").answers_empty(204),
            )
    }
}
