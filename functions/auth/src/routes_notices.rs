//! The routes about how people hear of things.

use http::Method;
use web::{Access, Doc, Routes};

use crate::{notices, phone, unsubscribe};

pub(crate) trait WithNotices {
    fn with_notices(self) -> Self;
}

impl WithNotices for Routes {
    fn with_notices(self) -> Self {
        let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
        let own = Access::SignedIn;
        let by_mail = Access::Public("a mail's link is pressed without signing in; the link is signed");
        self.page(get.clone(), "/notices", own, notices::show)
            .page(post.clone(), "/notices", own, notices::save)
            .page(post.clone(), "/notices/address", own, notices::try_address_again)
            .page(post.clone(), "/notices/phone/code", own, phone::send)
            .page(post.clone(), "/notices/phone", own, phone::prove)
            .page(get.clone(), "/unsubscribe/{token}", by_mail, unsubscribe::form)
            .page(post.clone(), "/unsubscribe/{token}", by_mail, unsubscribe::press)
            .api(
                get,
                "/api/v1/me/notices",
                own,
                notices::show_json,
                Doc::new("How the person hears of things").answers::<notices::HearingOut>(200),
            )
            .api(
                put.clone(),
                "/api/v1/me/notices",
                own,
                notices::save_json,
                Doc::new("Changes how the person hears of things, as far as the firm allows. A kind that is left out stays as it is")
                    .takes::<domain::notice::preferences::NewPreferences>()
                    .answers_empty(204),
            )
            .api(
                post.clone(),
                "/api/v1/me/notices/address",
                own,
                notices::try_address_again_json,
                Doc::new("Has mails sent to the person's address again, after one came back").answers_empty(204),
            )
            .api(
                post,
                "/api/v1/me/notices/phone/code",
                own,
                phone::send_json,
                Doc::new("Sends six digits to the mobile number that the firm has of the person").answers_empty(202),
            )
            .api(
                put,
                "/api/v1/me/notices/phone",
                own,
                phone::prove_json,
                Doc::new("Proves the number by the digits that were sent there")
                    .takes::<phone::Typed>()
                    .answers_empty(204),
            )
    }
}
