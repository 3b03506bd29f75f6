//! Signing in by a mailed link or code or by a passkey, second factors and confirming, choosing a firm or company,
//! sessions, signing out; how people want to hear of things; and the assets of pages.

mod api;
mod api_factors;
mod ask;
mod begin;
mod choose;
mod confirm;
mod device;
mod enter;
mod factors;
mod framed;
mod mail;
mod news;
mod notices;
mod onward;
mod own;
mod pages;
mod passkeys;
mod phone;
mod routes;
mod routes_notices;
mod routes_own;
mod second;
mod secrets;
mod security;
mod sessions;
mod sign_in;
mod sso;
mod tokens;
mod unsubscribe;
mod viewing;

use http::Method;
use web::{Access, Doc, Routes};

use crate::routes::WithFactors as _;
use crate::routes_notices::WithNotices as _;
use crate::routes_own::WithTokensAndViewing as _;
use crate::sso::WithSso as _;

pub fn routes() -> Routes {
    let before = Access::Public("how one gets a session");
    let link = Doc::new(
        "Mails a sign-in link and code to the address, if somebody has it. Sets the cookie __Host-ask: link and code work \
         only together with it",
    );
    let session = Doc::new(
        "Signs in with a link's token, or with an address and the code mailed to it. Needs the cookie __Host-ask of the \
         browser that asked: anywhere else both are refused and stay unused. Or with a passkey",
    );
    Routes::new("auth")
        .page(Method::GET, "/sign-in", before, sign_in::form)
        .page(Method::POST, "/sign-in", before, sign_in::ask)
        .page(Method::GET, "/sign-in/sent", before, sign_in::sent)
        .page(Method::GET, "/sign-in/sent-again", before, sign_in::sent_again)
        .page(Method::GET, "/sign-in/link", before, sign_in::link)
        .page(Method::POST, "/sign-in/link", before, sign_in::by_link)
        .page(Method::POST, "/sign-in/code", before, sign_in::by_code)
        .page(Method::POST, "/sign-in/passkey", before, sign_in::by_passkey)
        .page(Method::GET, "/choose", Access::SignedIn, choose::choices)
        .page(Method::POST, "/choose", Access::SignedIn, choose::choose)
        .page(Method::GET, "/sessions", Access::SignedIn, sessions::list)
        .page(Method::POST, "/sessions/end-others", Access::SignedIn, sessions::end_others)
        .page(Method::POST, "/sessions/{session}/end", Access::SignedIn, sessions::end)
        .page(Method::POST, "/sign-out", Access::SignedIn, sessions::sign_out)
        .page(Method::POST, "/sign-out-everywhere", Access::SignedIn, sessions::sign_out_everywhere)
        .api(Method::POST, "/api/v1/auth/link", before, api::link, link.takes::<api::LinkRequest>().answers_empty(202))
        .api(
            Method::POST,
            "/api/v1/auth/session",
            before,
            api::session,
            session.takes::<api::SessionRequest>().answers::<api::SignedIn>(200),
        )
        .api(
            Method::POST,
            "/api/v1/auth/membership",
            Access::SignedIn,
            api::membership,
            Doc::new("Acts as another of the person's memberships. The session gets a new cookie")
                .takes::<api::MembershipRequest>()
                .answers::<api::Me>(200),
        )
        .api(
            Method::DELETE,
            "/api/v1/auth/session",
            Access::SignedIn,
            api::sign_out,
            Doc::new("Signs out").answers_empty(204),
        )
        .api(
            Method::DELETE,
            "/api/v1/auth/sessions",
            Access::SignedIn,
            api::sign_out_everywhere,
            Doc::new("Ends every session of the person. Needs one that began or was confirmed within 15 minutes")
                .answers_empty(204),
        )
        .api(
            Method::GET,
            "/api/v1/me",
            Access::SignedIn,
            api::me,
            Doc::new("Who is signed in, and as what").answers::<api::Me>(200),
        )
        .with_factors()
        .with_tokens()
        .with_viewing()
        .with_notices()
        .with_sso()
        .with_assets()
}
