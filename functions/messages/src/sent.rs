//! What was sent to whom about a client, and what became of it: seen by the firm, which may have a mail sent once more.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::notice::delivery::Status;
use domain::notice::{Channel, Kind};
use domain::permissions::{EditProjects, ViewAccessHistory};
use domain::person::TeamMember;
use domain::{OutboxId, PersonId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, Told};
use web::{App, Failure, Page, Path, Place, Query, Shell, answers};

use crate::pages::{Reader, sent as page_of};
use crate::reading::name_of;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Older {
    /// Where the page of older ones begins: `next` of the one before.
    after: Option<String>,
    /// What has just been done, on the page.
    #[schemars(skip)]
    done: Option<String>,
}

/// One notice to one person.
#[derive(Debug, Deserialize)]
pub(crate) struct OfNotice {
    outbox: OutboxId,
    person: PersonId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SentList {
    /// The newest first.
    items: Vec<SentOut>,
    /// For `after`: where the next page begins.
    next: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SentOut {
    /// What happened first of all that it tells.
    notice: OutboxId,
    person: PersonId,
    name: String,
    #[schemars(with = "String")]
    channel: Channel,
    about: Kind,
    /// How many things it told.
    things: usize,
    /// `sent`, `delivered`, `came_back`, `not_taken_yet`, `unwanted` or `withheld`.
    state: &'static str,
    /// When that was first known.
    #[schemars(with = "String")]
    at: Timestamp,
    /// How often it was sent.
    sends: usize,
}

/// What is shown of a notice; none of one of which only news are known yet.
pub(crate) struct Line<'a> {
    pub(crate) told: &'a Told,
    pub(crate) about: &'a storage::About,
    pub(crate) name: &'a str,
    pub(crate) fate: Fate,
    pub(crate) at: Timestamp,
}

/// Where it stands, for the firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Sent,
    Delivered,
    CameBack,
    NotTakenYet,
    Unwanted,
    Withheld,
}

impl Fate {
    fn of(told: &Told) -> Option<(Fate, Timestamp)> {
        match (told.delivery.status(), told.withheld_at) {
            (Status::Queued, Some(at)) => Some((Fate::Withheld, at)),
            (Status::Queued, None) => None,
            (Status::Sent { at }, _) => Some((Fate::Sent, at)),
            (Status::Delivered { at }, _) => Some((Fate::Delivered, at)),
            (Status::Bounced { hard: true, at }, _) => Some((Fate::CameBack, at)),
            (Status::Bounced { hard: false, at }, _) => Some((Fate::NotTakenYet, at)),
            (Status::Complained { at }, _) => Some((Fate::Unwanted, at)),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Fate::Sent => "sent",
            Fate::Delivered => "delivered",
            Fate::CameBack => "came_back",
            Fate::NotTakenYet => "not_taken_yet",
            Fate::Unwanted => "unwanted",
            Fate::Withheld => "withheld",
        }
    }
}

fn lines<'a>(told: &'a [Told], team: &'a [TeamMember]) -> Vec<Line<'a>> {
    let line = |told: &'a Told| {
        let (fate, at) = Fate::of(told)?;
        Some(Line { told, about: told.about.as_ref()?, name: name_of(team, &told.person), fate, at })
    };
    told.iter().filter_map(line).collect()
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: ClientScope<ViewAccessHistory>,
    page: Page,
    Query(older): Query<Older>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (profile, sent, team, brand) =
        tokio::join!(store.profile(), store.told(older.after.as_deref()), store.team(), app.brand(&scope));
    let profile = profile?.ok_or(Failure::NotFound)?;
    let (sent, team, brand) = (sent?, team?, brand?);
    let reader = Reader::of(&scope, &brand, app.now());
    let view = page_of::Sent {
        reader: &reader,
        client: scope.client(),
        lines: &lines(&sent.told, &team),
        is_first: older.after.is_none(),
        next: sent.next.as_deref(),
        may_send: scope.may(domain::PermissionName::EditProjects),
        csrf: &page.csrf,
    };
    let notice = older
        .done
        .as_deref()
        .filter(|done| *done == "again")
        .map(|_| "It is sent again, if the address takes mail and it is still news.");
    let shell =
        Shell::new("What was sent", Place::Messages).inside(scope.client(), profile.name.as_str()).notice(notice);
    page.show(&app, &scope, shell, page_of::sent(&view)).await
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ViewAccessHistory>,
    Query(older): Query<Older>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (sent, team) = tokio::join!(store.told(older.after.as_deref()), store.team());
    let (sent, team) = (sent?, team?);
    let items = lines(&sent.told, &team).into_iter().map(|line| SentOut {
        notice: line.told.first.clone(),
        person: line.told.person.clone(),
        name: line.name.to_owned(),
        channel: line.told.channel,
        about: line.about.about,
        things: line.about.things,
        state: line.fate.as_str(),
        at: line.at,
        sends: line.told.delivery.sends(),
    });
    Ok(answers::json(&SentList { items: items.collect(), next: sent.next }))
}

pub(crate) async fn again(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<OfNotice>,
) -> Result<Response, Failure> {
    send_again(&app, &scope, &of).await?;
    Ok(answers::see_other(&format!("/clients/{}/notices?done=again", scope.client())))
}

pub(crate) async fn again_json(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<OfNotice>,
) -> Result<Response, Failure> {
    send_again(&app, &scope, &of).await?;
    Ok(answers::no_content())
}

/// What came back, and what nobody knows to have arrived. To an address that takes nothing any more it is not sent, whoever
/// asks: its row says so then.
async fn send_again(app: &App, scope: &ClientScope<EditProjects>, of: &OfNotice) -> Result<(), Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let told = store.told_by_mail(&of.outbox, &of.person).await?.ok_or(Failure::NotFound)?;
    let about = told.about.as_ref().ok_or(Failure::NotFound)?.about;
    if !told.may_be_sent_again() {
        return Err(Failure::Refused("It has arrived, or was sent too often. Write to the person, or call.".into()));
    }
    Ok(store.send_again(&told, about, &mut app.moment()).await?)
}
