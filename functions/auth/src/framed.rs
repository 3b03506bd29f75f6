//! Pages about oneself, in the frame of whatever one acts as: a firm, the platform, or nothing yet.

use access::{Actor, Denied, HomeScope, PlatformScope};
use axum::response::Response;
use crypto::SessionToken;
use domain::permissions::ManageFirms;
use http::StatusCode;
use jiff::tz::TimeZone;
use maud::Markup;
use web::ui::Membership;
use web::{App, Failure, Page, Place, Shell};

use crate::pages;

pub(crate) enum Framed {
    Home(Box<HomeScope>, TimeZone),
    /// Operators have no home of a firm.
    Platform(Box<PlatformScope<ManageFirms>>),
    /// Before the choice, and before a first factor that is asked for.
    Plain,
}

impl Framed {
    pub(crate) async fn of(app: &App, token: &SessionToken) -> Result<Framed, Failure> {
        let (actor, vendor, now) = (Actor::of(token), app.aws().vendor(), app.now());
        match actor.home(vendor, now).await {
            Ok(home) => {
                let zone = app.brand(&home).await?.time_zone();
                Ok(Framed::Home(Box::new(home), zone))
            }
            Err(Denied::Lacks) => Ok(Framed::Platform(Box::new(actor.platform(vendor, now).await?))),
            // Whether it is a session at all was found out before.
            Err(Denied::SignedOut | Denied::Waits(_)) => Ok(Framed::Plain),
            Err(denied) => Err(denied.into()),
        }
    }

    pub(crate) fn zone(&self) -> TimeZone {
        match self {
            Framed::Home(_, zone) => zone.clone(),
            Framed::Platform(_) | Framed::Plain => TimeZone::UTC,
        }
    }

    pub(crate) async fn show(
        &self,
        app: &App,
        page: &Page,
        title: &str,
        status: StatusCode,
        body: Markup,
    ) -> Result<Response, Failure> {
        self.show_with(app, page, title, status, Vec::new(), body).await
    }

    /// With a menu of where else the person belongs.
    pub(crate) async fn show_with(
        &self,
        app: &App,
        page: &Page,
        title: &str,
        status: StatusCode,
        memberships: Vec<Membership>,
        body: Markup,
    ) -> Result<Response, Failure> {
        let shell = Shell::new(title, Place::Elsewhere).status(status).memberships(memberships);
        match self {
            Framed::Home(home, _) => page.show(app, home.as_ref(), shell, body).await,
            Framed::Platform(platform) => page.show(app, platform.as_ref(), shell, body).await,
            Framed::Plain => Ok(pages::shown(status, title, body)),
        }
    }
}
