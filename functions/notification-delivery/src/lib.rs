//! Tells people what happened: one message of a queue is one cause, told to each person and on each channel that its
//! tier has, under a claim of its own. Files come in batches: what one person sent lately is told in one mail, each
//! cause of it under its own claim, so that whichever message comes first tells all and the others find it done. What was
//! told before is not told again; what fails comes again with the message.
//!
//! The words are read when they are sent, so that a notice says what is true then, and says nothing any more where what
//! it was about is gone.

use access::{ClientJob, Fact, Job, JobScope, OneClient};
use domain::notice::{Channel, EffectKey, Listener, NoticeMessage, Tier, channels, recipients};
use domain::person::{Phone, TeamMember};
use domain::{OutboxId, PermissionName, Timestamp, calendar, limits};
use futures::future::join_all;
use storage::{Brand, Claim, Claimed, ClientStore, Mail, OutboxRow, StorageError};
use web::App;
use web::worker::{Message, Outcome};

mod letter;
mod news;

use news::{News, What};

/// The version of messages that this function understands.
const MESSAGE_VERSION: u32 = 1;

pub async fn deliver(app: App, message: Message) -> Result<(), Outcome> {
    let NoticeMessage { v, firm, client, outbox } = message.parse()?;
    if v != MESSAGE_VERSION {
        return Err(Outcome::bury(format!("a notice of version {v}")));
    }
    let fact = Fact::Outbox { firm, client, outbox: outbox.clone() };
    let scope = JobScope::enter(Job::NotificationDelivery, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_client() else { return Err(Outcome::bury("a notice of no client")) };
    let store = ClientStore::open(app.aws(), &job);
    let Some(row) = store.outbox(&outbox).await? else { return Ok(()) };
    let Some(tier) = row.cause.tier() else { return Err(Outcome::bury("nobody hears of this cause")) };

    let team = store.team().await?;
    let listeners: Vec<&TeamMember> = hearers(&row, &team);
    if listeners.is_empty() {
        return Ok(());
    }
    let brand = app.aws().client_brand(&job, app.now()).await?;
    if !brand.mails.sends(&row.cause) {
        return Ok(());
    }
    let (client_name, pieces) = read(&store, &outbox, &row, &team).await?;
    if !pieces.iter().any(|piece| piece.outbox == outbox) {
        return Ok(());
    }
    let delivery = Delivery {
        app: &app,
        job: &job,
        store: &store,
        brand: &brand,
        outbox: &outbox,
        client_name: &client_name,
        pieces: &pieces,
    };
    delivery.to_all(tier, &listeners).await
}

/// The client's name, and everything that is told together; nothing of what is no news any more.
async fn read(
    store: &ClientStore<'_, ClientJob<'_>>,
    outbox: &OutboxId,
    row: &OutboxRow,
    team: &[TeamMember],
) -> Result<(String, Vec<Piece>), Outcome> {
    let causes = store.told_with(outbox, row).await?;
    let pieces = causes.into_iter().map(|(outbox, cause)| async move {
        Ok::<_, StorageError>(news::read(store, &cause, team).await?.map(|what| Piece { outbox, what }))
    });
    let (pieces, profile) = tokio::join!(join_all(pieces), store.profile());
    let pieces: Vec<Option<Piece>> = pieces.into_iter().collect::<Result<_, StorageError>>()?;
    let profile = profile?;
    // Nobody hears of a client that is archived.
    if profile.as_ref().is_some_and(storage::Profile::is_archived) {
        return Ok((String::new(), Vec::new()));
    }
    let name = profile.map(|profile| profile.name.to_string()).unwrap_or_default();
    Ok((name, pieces.into_iter().flatten().collect()))
}

/// One cause with what it is about.
struct Piece {
    outbox: OutboxId,
    what: What,
}

/// Who hears of it, in one order on every delivery.
fn hearers<'a>(row: &OutboxRow, team: &'a [TeamMember]) -> Vec<&'a TeamMember> {
    let listeners: Vec<Listener> =
        team.iter().map(|member| Listener { person: member.person.clone(), of_client: member.of_client }).collect();
    let people = recipients(&row.cause, &listeners);
    people.iter().filter_map(|person| team.iter().find(|member| member.person == *person)).collect()
}

struct Delivery<'a> {
    app: &'a App,
    job: &'a ClientJob<'a>,
    store: &'a ClientStore<'a, ClientJob<'a>>,
    brand: &'a Brand,
    /// The cause that brought this run about.
    outbox: &'a OutboxId,
    client_name: &'a str,
    /// It and what is told with it, the oldest first.
    pieces: &'a [Piece],
}

/// What one mail or text message is to tell, and the right to.
struct Told<'a> {
    news: News<'a>,
    claims: Vec<Claim>,
    effects: Vec<EffectKey>,
}

impl Delivery<'_> {
    /// Everybody is tried, whatever became of the one before; what failed first is the reason to come again.
    async fn to_all(&self, tier: Tier, listeners: &[&TeamMember]) -> Result<(), Outcome> {
        let started_at = self.app.now();
        let mut failed = None;
        for member in listeners {
            let phone = member.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
            for channel in channels(tier, phone.is_some()) {
                if is_late(started_at, self.app.now()) {
                    return Err(Outcome::Retry { why: "the rest of the people is told by the next run".into() });
                }
                let told = match (channel, &phone) {
                    (Channel::Email, _) => self.once(member, Channel::Email, None).await,
                    (Channel::Sms, Some(phone)) => self.once(member, Channel::Sms, Some(phone)).await,
                    (Channel::Sms, None) => Ok(()),
                };
                if let Err(why) = told {
                    failed.get_or_insert(why);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Claim, send, mark. Each step takes the time anew, since a lease is judged by it.
    async fn once(&self, member: &TeamMember, channel: Channel, phone: Option<&Phone>) -> Result<(), Outcome> {
        let held = || Outcome::Retry { why: "another run is sending this, or died while it was".into() };
        let (told, own_is_held) = self.claim(member, channel).await?;
        let Some(Told { news, claims, effects }) = told else {
            return if own_is_held { Err(held()) } else { Ok(()) };
        };
        let limit = std::time::Duration::from_secs(limits::NOTICE_SEND_SECONDS_MAX);
        let provider_id = match tokio::time::timeout(limit, self.send(member, phone, &news)).await {
            Ok(sent) => sent?,
            Err(_) => return Err(Outcome::Retry { why: "the provider did not answer in time".into() }),
        };
        let names: Vec<&str> = effects.iter().map(EffectKey::as_str).collect();
        let object = domain::audit::Object::new("notice", names.join(","));
        self.store.mark_sent(&claims, &provider_id, object, &mut self.app.moment()).await?;
        if own_is_held { Err(held()) } else { Ok(()) }
    }

    /// The oldest first: where another run holds that, it tells the rest as well, and this one leaves it to it. The
    /// other value says that the own cause is held, so that its message has to come again.
    async fn claim(&self, member: &TeamMember, channel: Channel) -> Result<(Option<Told<'_>>, bool), Outcome> {
        let (mut claims, mut effects, mut chosen, mut own_is_held) = (Vec::new(), Vec::new(), Vec::new(), false);
        for piece in self.pieces.iter().filter(|piece| piece.what.is_for(member)) {
            let effect = EffectKey::notice(&piece.outbox, &member.person, channel);
            match self.store.claim(&effect, self.app.now()).await? {
                Claimed::Yours(claim) => {
                    claims.push(claim);
                    effects.push(effect);
                    chosen.push(&piece.what);
                }
                Claimed::DoneBefore => (),
                Claimed::Held if claims.is_empty() => return Ok((None, true)),
                Claimed::Held => own_is_held |= piece.outbox == *self.outbox,
            }
        }
        let news = News::of(self.client_name, self.brand.mails.nameless, &chosen);
        Ok((news.map(|news| Told { news, claims, effects }), own_is_held))
    }

    /// The provider's id of what it took.
    async fn send(&self, member: &TeamMember, phone: Option<&Phone>, news: &News<'_>) -> Result<String, Outcome> {
        let aws = self.app.aws();
        let today = calendar::today(self.app.now(), &self.brand.time_zone());
        let reader = news.reader(member.of_client, &self.brand.firm_name, today);
        let site = aws.settings().site_origin.as_str();
        let id = match phone {
            None => {
                let reply_to = self.reply_to(member, news).await?;
                let mail: Mail = letter::mail(member, news, &reader, site, self.job.client(), reply_to.as_deref());
                aws.send_mail(self.job.keys(), &mail).await?
            }
            Some(phone) => {
                let text = news.text_message(&reader, site);
                let text = text.ok_or_else(|| Outcome::bury("this cause has no words for a text message"))?;
                aws.send_sms(self.job.keys(), phone.as_str(), &text).await?
            }
        };
        Ok(id)
    }
    /// Where this person may answer: nowhere, if it may not write there.
    async fn reply_to(&self, member: &TeamMember, news: &News<'_>) -> Result<Option<String>, StorageError> {
        match news.topic().filter(|_| member.may(PermissionName::WriteMessages)) {
            Some(topic) => self.store.reply_address(&topic, &member.person, self.app.now()).await,
            None => Ok(None),
        }
    }
}

fn is_late(started_at: Timestamp, now: Timestamp) -> bool {
    now.as_second() - started_at.as_second() > limits::NOTICE_BATCH_SECONDS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::notice::Cause;
    use domain::{DocumentId, EmailAddress, PersonId, Role};

    fn member(n: u128, of_client: bool) -> TeamMember {
        let role = if of_client { Role::ClientMember } else { Role::Staff };
        TeamMember {
            person: PersonId::from_bits(n),
            name: format!("Person {n}"),
            email: EmailAddress::parse(&format!("p{n}@x.example")).unwrap(),
            phone: None,
            of_client,
            role,
            by_firm: domain::person::company::ByFirm::default(),
            adjusted: Default::default(),
        }
    }

    /// The order of effects is the same on every delivery, whatever order the rows came in.
    #[test]
    fn hearers_come_in_one_order_and_never_with_who_acted() {
        let cause =
            Cause::DocumentReady { document: DocumentId::from_bits(9), by: PersonId::from_bits(4), by_client: true };
        let row = OutboxRow { cause, at: Timestamp::UNIX_EPOCH, waiting: false };
        let team = [member(3, false), member(4, true), member(1, false), member(2, true)];
        let names = |team: &[TeamMember]| -> Vec<String> {
            hearers(&row, team).iter().map(|member| member.name.clone()).collect()
        };
        assert_eq!(names(&team), ["Person 1", "Person 3"]);
        let mut turned = team.clone();
        turned.reverse();
        assert_eq!(names(&turned), ["Person 1", "Person 3"]);
    }

    #[test]
    fn a_long_delivery_stops_before_its_time_ends() {
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        assert!(!is_late(at(0), at(limits::NOTICE_BATCH_SECONDS_MAX)));
        assert!(is_late(at(0), at(limits::NOTICE_BATCH_SECONDS_MAX + 1)));
    }
}
