//! What became of a notice: the mail service tells it of each mail, late, twice and in any order, and the text service of
//! each text. The firm sees it; an address that takes nothing gets nothing more; what came back for the time being is sent
//! again; and of what is critical the firm hears who was not reached.

use access::{ClientJob, Fact, Job, JobScope};
use domain::audit::Act;
use domain::notice::delivery::{ByMail, ByText, Delivery, Escalation, Suppression, Why, Word, escalate};
use domain::notice::{Cause, Channel, EffectKey, HeardMessage, Kind, Tier};
use domain::person::Phone;
use domain::{OutboxId, PersonId, Timestamp, limits};
use storage::{ClientStore, OutboxRow, Sent, Told};
use web::App;
use web::worker::Outcome;

pub(crate) async fn hear(app: &App, news: HeardMessage) -> Result<(), Outcome> {
    let HeardMessage { firm, client, outbox, person, heard, .. } = &news;
    if *heard == Word::Sent {
        return Err(Outcome::bury("that it was sent says whoever sent it"));
    }
    let fact = Fact::Outbox { firm: firm.clone(), client: client.clone(), outbox: outbox.clone() };
    let scope = JobScope::enter(Job::NotificationDelivery, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_client() else { return Err(Outcome::bury("news of no client")) };
    let store = ClientStore::open(app.aws(), &job);
    store.hear(&news, app.now()).await?;
    if *heard == Word::Delivered {
        return Ok(());
    }
    // From here on all is done once and again: a run that died after the first step is made up for by the next.
    let (row, told) = tokio::join!(store.outbox(outbox), store.told_to(outbox, person));
    let (Some(row), told) = (row?, told?) else { return Ok(()) };
    let of = Returned { app, store: &store, news: &news, first: outbox, person, row: &row, told: &told };
    of.follow(&job).await
}

/// A mail that came back, or that somebody called unwanted.
struct Returned<'a> {
    app: &'a App,
    store: &'a ClientStore<'a, ClientJob<'a>>,
    news: &'a HeardMessage,
    first: &'a OutboxId,
    person: &'a PersonId,
    row: &'a OutboxRow,
    told: &'a [Told],
}

impl Returned<'_> {
    async fn follow(&self, job: &ClientJob<'_>) -> Result<(), Outcome> {
        if self.news.channel == Channel::Sms {
            return self.follow_text(job).await;
        }
        let (Some(mail), Some(kind)) = (self.on(Channel::Email), self.row.cause.kind()) else { return Ok(()) };
        let why = match self.news.heard {
            Word::HardBounced => Some(Why::HardBounce),
            Word::Complained => Some(Why::Complaint),
            Word::Sent | Word::SoftBounced | Word::Delivered => None,
        };
        if let Some(why) = why {
            let because = Suppression { why, at: self.news.at };
            self.store.suppress(self.person, because, &mut self.app.moment()).await?;
        }
        if let Some(at) = mail.resend_at() {
            // The sweep looks back for a day, and news may be older.
            let at = at.max(self.app.now());
            // By how often it was sent: news of one send that come twice lead to one more.
            let once = self.once(&format!("again-{}", mail.sends()));
            let cause = Cause::SendAgain { outbox: self.first.clone(), person: self.person.clone(), about: kind };
            let mut moment = self.app.moment();
            return Ok(self.store.follow_up(&once, &cause, Some(at), Act::NoticeCameBack, &mut moment).await?);
        }
        let brand = self.app.aws().client_brand(job, self.app.now()).await?;
        let tier = brand.notices.of(kind).tier;
        let planned_at = match self.planned_at() {
            Some(at) if self.on(Channel::Sms).is_none() && self.gets_texts(kind).await? => Some(at),
            _ => None,
        };
        let of = Critical { first: self.first, person: self.person, kind, tier };
        let text = Texted::of(self.told, planned_at);
        match not_reached(self.app, self.store, &of, ByMail::Handed(mail), &text).await? {
            // Of what is held its own news lead here again, whenever it leaves.
            Some(until) if !self.row.is_held() => {
                let seconds = until.duration_since(self.app.now()).as_secs() + 1;
                let seconds = seconds.clamp(1, limits::TEXT_ASKED_AGAIN_SECONDS_MAX);
                let later = i32::try_from(seconds).unwrap_or(i32::MAX);
                Ok(self.app.aws().queues().news_later(self.news, later).await?)
            }
            _ => Ok(()),
        }
    }

    /// A text that did not arrive: where the mail came back as well, nothing tells the person.
    async fn follow_text(&self, job: &ClientJob<'_>) -> Result<(), Outcome> {
        let mail = self.told.iter().find(|one| one.channel == Channel::Email);
        // Still to be sent: its own news lead here.
        let (Some(mail), Some(kind)) = (mail, self.row.cause.kind()) else { return Ok(()) };
        let brand = self.app.aws().client_brand(job, self.app.now()).await?;
        let of = Critical { first: self.first, person: self.person, kind, tier: brand.notices.of(kind).tier };
        let by_mail = match mail.withheld_at {
            Some(_) if mail.delivery.sends() == 0 => ByMail::Withheld,
            _ => ByMail::Handed(&mail.delivery),
        };
        not_reached(self.app, self.store, &of, by_mail, &Texted::of(self.told, None)).await.map(|_| ())
    }

    /// When the text leaves that was not sent yet: a mail may come back before it, since they leave side by side and a text
    /// that fails is tried again.
    fn planned_at(&self) -> Option<Timestamp> {
        let now = self.app.now();
        if self.row.is_held() {
            return Some(now);
        }
        (now.duration_since(self.row.at).as_secs() < limits::TEXT_PATIENCE_SECONDS).then_some(self.row.at)
    }

    /// Whether what is told to this person may be a text message.
    async fn gets_texts(&self, kind: Kind) -> Result<bool, Outcome> {
        let people = [self.person];
        let (team, hearing) = tokio::join!(self.store.team(), self.store.hearing(&people));
        let (team, hearing) = (team?, hearing?.pop().unwrap_or_default());
        let phone = team.iter().find(|member| member.person == *self.person).and_then(|member| member.phone.as_deref());
        let phone = phone.and_then(|phone| Phone::parse(phone).ok());
        Ok(hearing.preferences.wants_sms(kind) && phone.is_some_and(|phone| hearing.has_proven(&phone)))
    }

    fn on(&self, channel: Channel) -> Option<&Delivery> {
        self.told.iter().find(|one| one.channel == channel).map(|one| &one.delivery)
    }

    fn once(&self, what: &str) -> EffectKey {
        EffectKey::follow_up(self.first, self.person, what)
    }
}

/// What somebody should know of, and may not.
struct Critical<'a> {
    first: &'a OutboxId,
    person: &'a PersonId,
    kind: Kind,
    tier: Tier,
}

/// Nothing is sent to an address that takes nothing: the firm sees that, and hears of it where it is critical. What was
/// told before is not told worse now.
pub(crate) async fn withhold(
    app: &App,
    store: &ClientStore<'_, ClientJob<'_>>,
    sent: &Sent<'_>,
    is_texted: bool,
) -> Result<(), Outcome> {
    let Sent { first, person, about: kind, tier, .. } = *sent;
    if store.is_done(&EffectKey::notice(first, person, Channel::Email)).await? {
        return Ok(());
    }
    store.mark_withheld(sent, app.now()).await?;
    let told = store.told_to(first, person).await?;
    let text = Texted::of(&told, is_texted.then(|| app.now()));
    not_reached(app, store, &Critical { first, person, kind, tier }, ByMail::Withheld, &text).await.map(|_| ())
}

/// The same notice as a text message.
enum Texted {
    No,
    /// Sent, or to be sent, and when that was planned.
    Yes(Delivery, Timestamp),
}

impl Texted {
    fn of(told: &[Told], planned_at: Option<Timestamp>) -> Self {
        match (told.iter().find(|one| one.channel == Channel::Sms), planned_at) {
            // When it was sent stands in what became of it; where even that is not known, it did not leave.
            (Some(text), planned_at) => Self::Yes(text.delivery.clone(), planned_at.unwrap_or(Timestamp::UNIX_EPOCH)),
            (None, Some(at)) => Self::Yes(Delivery::default(), at),
            (None, None) => Self::No,
        }
    }

    fn as_way(&self) -> ByText<'_> {
        match self {
            Self::No => ByText::No,
            Self::Yes(delivery, at) => ByText::Planned { delivery, at: *at },
        }
    }
}

/// The firm's people hear of it, once, where no text message tells it either. While nobody knows whether one does, the answer is
/// until when that is waited for.
async fn not_reached(
    app: &App,
    store: &ClientStore<'_, ClientJob<'_>>,
    of: &Critical<'_>,
    mail: ByMail<'_>,
    text: &Texted,
) -> Result<Option<Timestamp>, Outcome> {
    // Else two people whose mails come back would be told of each other for ever.
    if of.kind == Kind::NotReached {
        return Ok(None);
    }
    match escalate(of.tier, mail, text.as_way(), app.now()) {
        Escalation::TellFirm => {
            let once = EffectKey::follow_up(of.first, of.person, "not-reached");
            let cause = Cause::NotReached { outbox: of.first.clone(), person: of.person.clone() };
            store.follow_up(&once, &cause, None, Act::NoticeCameBack, &mut app.moment()).await?;
            Ok(None)
        }
        Escalation::Wait { until } => Ok(Some(until)),
        Escalation::Nothing => Ok(None),
    }
}
