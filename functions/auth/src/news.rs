//! Mail to a person about their own sign-in: a browser that is new, a factor that came or went. A mail that cannot be sent
//! undoes nothing of what it tells.

use domain::{EmailAddress, FirmId, Moment, PersonId, Timestamp};
use storage::{Brand, Current, Device, Identity, Standing, StorageError};
use web::App;
use web::cookies::DeviceToken;

use crate::begin::Browser;
use crate::device;
use crate::mail::{self, Told};

/// Remembers the browser that somebody signed in with. The token is new where the browser had none.
pub(crate) async fn of_device(
    app: &App,
    identity: &Identity<'_>,
    person: &PersonId,
    email: &EmailAddress,
    standings: &[Standing],
    browser: &Browser,
    moment: &mut Moment,
) -> Option<DeviceToken> {
    let token = browser.device.clone().unwrap_or_else(|| DeviceToken::from_bits(moment.next_random()));
    match identity.remember_device(person, &token.hash(), moment.now).await {
        Ok(Device::New) => {
            let device = device::words(&browser.caller.agent).unwrap_or_else(|| "a program we do not recognise".into());
            let place = browser.caller.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
            let told = Told {
                subject: "New sign-in",
                what: &format!("Somebody signed in as you on a device that was not used before: {device}{place}."),
                not_you: "open the page below and sign out everywhere",
                page: "/sessions",
            };
            let mut firms = standings.iter().map(|standing| &standing.firm);
            let only = firms.next().filter(|first| firms.all(|firm| firm == *first));
            tell(app, identity, only, email, &told, moment.now).await;
        }
        Ok(Device::First | Device::Known) => (),
        Err(error) => tracing::error!(error = web::chain(&error), "a browser was not remembered"),
    }
    // Sent again each time, so that it stays known for as long as it is used.
    Some(token)
}

/// A change of what the person signs in with: "A passkey was added".
pub(crate) async fn of_change(app: &App, identity: &Identity<'_>, current: &Current, what: &str, now: Timestamp) {
    let told = Told {
        subject: "Your sign-in was changed",
        what: &format!("{what}."),
        not_you: "sign out everywhere on the page below, and tell your firm",
        page: "/sessions",
    };
    let firm = current.row.acts_as.as_ref().map(|acts_as| &acts_as.firm);
    tell(app, identity, firm, &current.row.email, &told, now).await;
}

pub(crate) async fn of_recovery(app: &App, identity: &Identity<'_>, current: &Current, now: Timestamp) {
    of_change(app, identity, current, "A recovery code was used to sign in. It does not work again", now).await;
}

/// A passkey whose counter went backwards: two devices seem to hold it.
pub(crate) async fn of_copy(app: &App, identity: &Identity<'_>, email: &EmailAddress, now: Timestamp) {
    let told = Told {
        subject: "A passkey was refused",
        what: "Somebody tried to sign in with a passkey of yours that may have been copied. It was refused.",
        not_you: "sign in another way and remove that passkey on the page below",
        page: "/security",
    };
    tell(app, identity, None, email, &told, now).await;
}

async fn tell(
    app: &App,
    identity: &Identity<'_>,
    firm: Option<&FirmId>,
    email: &EmailAddress,
    told: &Told<'_>,
    now: Timestamp,
) {
    if let Err(error) = send(app, identity, firm, email, told, now).await {
        tracing::error!(error = web::chain(&error), "a mail about a sign-in was not sent");
    }
}

async fn send(
    app: &App,
    identity: &Identity<'_>,
    firm: Option<&FirmId>,
    email: &EmailAddress,
    told: &Told<'_>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let brand = match firm {
        Some(firm) => identity.brand(firm).await?,
        None => None,
    };
    let name = brand.as_ref().map_or("Portico", |brand| brand.firm_name.as_str());
    let zone = brand.as_ref().map_or(jiff::tz::TimeZone::UTC, Brand::time_zone);
    let message = mail::told(email, name, told, now, &zone, &app.config().settings.site_origin);
    app.aws().send_mail_as_function(&message).await.map(|_| ())
}
