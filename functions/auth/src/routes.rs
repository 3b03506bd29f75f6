//! The routes about second factors, confirming and one's own sessions.

use http::Method;
use web::{Access, Doc, Routes};

use crate::{api, api_factors, confirm, second, security};

/// Of a call that changes what one signs in with.
macro_rules! changes {
    ($what:literal) => {
        Doc::new(concat!($what, ". Needs a session that was confirmed within 15 minutes, or that waits for enrolling"))
    };
}

pub(crate) trait WithFactors {
    fn with_factors(self) -> Self;
}

impl WithFactors for Routes {
    fn with_factors(self) -> Self {
        let (get, post) = (Method::GET, Method::POST);
        let own = Access::SignedIn;
        self.page(get.clone(), "/sign-in/second", own, second::form)
            .page(post.clone(), "/sign-in/second", own, second::prove)
            .page(get.clone(), "/confirm", own, confirm::form)
            .page(post.clone(), "/confirm", own, confirm::confirm)
            .page(post.clone(), "/confirm/mail", own, confirm::mail)
            .page(get.clone(), "/security", own, security::overview)
            .page(get.clone(), "/security/enrol", own, security::enrol)
            .page(get.clone(), "/security/app", own, security::app_offered)
            .page(post.clone(), "/security/app", own, security::accept_app)
            .page(post.clone(), "/security/app/new", own, security::offer_app)
            .page(post.clone(), "/security/app/remove", own, security::remove_app)
            .page(post.clone(), "/security/passkeys", own, security::add_passkey)
            .page(post.clone(), "/security/passkeys/{passkey}/remove", own, security::remove_passkey)
            .page(post.clone(), "/security/recovery", own, security::renew_recovery)
            .api(
                post.clone(),
                "/api/v1/auth/passkey/question",
                Access::Public("how one gets a session"),
                api_factors::question,
                Doc::new("Asks for any passkey, to sign in with").answers::<crate::passkeys::Question>(200),
            )
            .api(
                post.clone(),
                "/api/v1/auth/second/question",
                own,
                api_factors::own_question,
                Doc::new("Asks for one of the person's own passkeys").answers::<crate::passkeys::Question>(200),
            )
            .api(
                post.clone(),
                "/api/v1/auth/second",
                own,
                api_factors::second,
                Doc::new("Shows the second factor that a session waits for. The session gets a new cookie")
                    .takes::<api_factors::SecondRequest>()
                    .answers::<api::SignedIn>(200),
            )
            .api(
                post.clone(),
                "/api/v1/auth/confirm/mail",
                own,
                api_factors::confirm_mail,
                Doc::new("Mails a code to confirm with, to a person without a second factor").answers_empty(202),
            )
            .api(
                post.clone(),
                "/api/v1/auth/confirm",
                own,
                api_factors::confirm,
                Doc::new("Confirms who the person is, for 15 minutes: by a second factor, or by the mailed code where there is none. The session gets a new cookie")
                    .takes::<api_factors::SecondRequest>()
                    .answers_empty(204),
            )
            .api(
                get.clone(),
                "/api/v1/auth/factors",
                own,
                api_factors::factors,
                Doc::new("What the person signs in with").answers::<api_factors::FactorsView>(200),
            )
            .api(
                post.clone(),
                "/api/v1/auth/factors/app",
                own,
                api_factors::offer_app,
                changes!("Offers a key to an app for codes").answers::<api_factors::OfferView>(200),
            )
            .api(
                Method::PUT,
                "/api/v1/auth/factors/app",
                own,
                api_factors::accept_app,
                changes!("Sets the app up, by the first code of the offered key").takes::<api_factors::CodeRequest>().answers::<api_factors::ChangedView>(200),
            )
            .api(
                Method::DELETE,
                "/api/v1/auth/factors/app",
                own,
                api_factors::remove_app,
                changes!("Removes the app for codes").answers_empty(204),
            )
            .api(
                post.clone(),
                "/api/v1/auth/factors/recovery-codes",
                own,
                api_factors::renew_recovery,
                changes!("Makes new recovery codes in place of the old ones").answers::<api_factors::ChangedView>(200),
            )
            .api(
                post.clone(),
                "/api/v1/auth/passkeys/question",
                own,
                api_factors::passkey_question,
                changes!("Asks for a new passkey").answers::<crate::passkeys::Question>(200),
            )
            .api(
                post,
                "/api/v1/auth/passkeys",
                own,
                api_factors::add_passkey,
                changes!("Adds the passkey that was made").takes::<api_factors::PasskeyRequest>().answers::<api_factors::ChangedView>(200),
            )
            .api(
                Method::DELETE,
                "/api/v1/auth/passkeys/{passkey}",
                own,
                api_factors::remove_passkey,
                changes!("Removes a passkey").answers_empty(204),
            )
            .api(
                get,
                "/api/v1/auth/sessions",
                own,
                api_factors::list,
                Doc::new("Where the person is signed in").answers::<api_factors::SessionsView>(200),
            )
            .api(
                Method::DELETE,
                "/api/v1/auth/sessions/{session}",
                own,
                api_factors::end,
                Doc::new("Signs one of them out. Another one than this needs a session that began or was confirmed within 15 minutes").answers_empty(204),
            )
            .api(
                Method::DELETE,
                "/api/v1/auth/other-sessions",
                own,
                api_factors::end_others,
                Doc::new("Signs out everywhere but here. Needs a session that began or was confirmed within 15 minutes").answers_empty(204),
            )
    }
}
