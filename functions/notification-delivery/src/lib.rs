//! Tells people what happened: one message of a queue is one cause, told to each person and on each channel that its
//! plan has, under a claim of its own. Files and messages come in batches: what one person sent within a while is told in
//! one mail, each cause of it under its own claim: the last of them tells all, and the others find it
//! done. What was told before is not told again; what fails comes again with the message.
//!
//! Where the plan says later, the cause is held until then and planned anew, by what its person wants then. Where it says
//! in a digest, the cause is put there ([`digest`]).
//!
//! The words are read when they are sent, so that a notice says what is true then, and says nothing any more where what
//! it was about is gone.

use access::{ClientJob, Fact, Job, JobScope, OneClient};
use domain::notice::digest::DigestSlot;
use domain::notice::kind::FirmRule;
use domain::notice::plan::{self, Hearer, Leg, plan};
use domain::notice::preferences::Preferences;
use domain::notice::unsubscribe::is_offered;
use domain::notice::{
    Cause, Channel, DigestMessage, EffectKey, HeardMessage, Listener, NoticeMessage, ToTell, recipients,
};
use domain::person::{Phone, TeamMember};
use domain::{OutboxId, PermissionName, PersonId, Timestamp, calendar, limits};
use futures::future::join_all;
use storage::{Brand, Claim, Claimed, ClientStore, Hearing, Mail, Sent, StorageError, Together};
use web::App;
use web::worker::{Message, Outcome};

mod digest;
mod heard;
mod letter;
mod news;
mod texts;

use news::{News, What};
pub use texts::{Logged, logged};

/// The version of messages that this function understands.
const MESSAGE_VERSION: u32 = 1;

pub async fn deliver(app: App, message: Message) -> Result<(), Outcome> {
    match message.parse()? {
        ToTell::Digest(of) if of.v == MESSAGE_VERSION => digest::send(&app, of).await,
        ToTell::Notice(of) if of.v == MESSAGE_VERSION => tell(&app, of).await,
        ToTell::Heard(of) if of.v == MESSAGE_VERSION => heard::hear(&app, of).await,
        ToTell::Heard(HeardMessage { v, .. })
        | ToTell::Digest(DigestMessage { v, .. })
        | ToTell::Notice(NoticeMessage { v, .. }) => Err(Outcome::bury(format!("a notice of version {v}"))),
    }
}

async fn tell(app: &App, message: NoticeMessage) -> Result<(), Outcome> {
    let NoticeMessage { firm, client, outbox, due_at, .. } = message;
    // A tick's clock may be ahead of this machine's.
    let now = due_at.map_or(app.now(), |due_at| due_at.max(app.now()));
    let fact = Fact::Outbox { firm, client, outbox: outbox.clone() };
    let scope = JobScope::enter(Job::NotificationDelivery, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_client() else { return Err(Outcome::bury("a notice of no client")) };
    let store = ClientStore::open(app.aws(), &job);
    let Some(row) = store.outbox(&outbox).await? else { return Ok(()) };
    // Once more, to one person: what it is about has a row of its own.
    let (again, first, row) = match row.cause {
        Cause::SendAgain { outbox: first, person, .. } => {
            let (row, told) = tokio::join!(store.outbox(&first), store.told_to(&first, &person));
            let is_open = told?.iter().any(|one| one.channel == Channel::Email && one.may_be_sent_again());
            match row?.filter(|_| is_open) {
                Some(row) => (Some(person), first, row),
                None => return Ok(()),
            }
        }
        _ => (None, outbox.clone(), row),
    };
    let Some(kind) = row.cause.kind() else { return Err(Outcome::bury("nobody hears of this cause")) };

    let team = store.team().await?;
    let listeners: Vec<&TeamMember> = match &again {
        // Who heard of it may be named in another message than the first.
        Some(person) => team.iter().filter(|member| member.person == *person).collect(),
        None => hearers(&row.cause, &team),
    };
    if listeners.is_empty() {
        return Ok(());
    }
    let brand = app.aws().client_brand(&job, app.now()).await?;
    if !brand.mails.sends(&row.cause) {
        return Ok(());
    }
    let Together { causes, closes_at } = store.told_with(&first, &row).await?;
    if now < closes_at {
        // The last of it tells all; this is for when that one is lost.
        return Ok(store.hold_notice(&outbox, closes_at).await?);
    }
    let Some((client_name, pieces)) = read(&store, causes, &team).await? else { return Ok(()) };
    // What is no news any more tells nothing; the others have messages of their own.
    if again.is_none() && !pieces.iter().any(|piece| piece.outbox == first) {
        return Ok(());
    }
    let people: Vec<_> = listeners.iter().map(|member| &member.person).collect();
    let (hearings, suppressed) = tokio::join!(store.hearing(&people), store.suppressed(&people));
    let (hearings, suppressed) = (hearings?, suppressed?);
    let zone = brand.time_zone();
    let delivery = Delivery {
        app,
        job: &job,
        store: &store,
        brand: &brand,
        outbox: &outbox,
        first: &first,
        is_again: again.is_some(),
        client_name: &client_name,
        news: plan::News {
            kind,
            happened_at: closes_at,
            due_at: pieces.iter().filter_map(|piece| calendar::day_end(piece.what.due_on()?, &zone)).min(),
        },
        rule: brand.notices.of(kind),
        now,
        pieces: &pieces,
    };
    let listening = listeners.iter().zip(&hearings).zip(&suppressed);
    let listening = listening.map(|((member, hearing), suppressed)| Listening {
        member,
        hearing,
        is_suppressed: suppressed.is_some(),
    });
    delivery.to_all(listening).await
}

/// The client's name, and everything that is told together, without what is no news any more. None where nobody hears of
/// the client at all.
async fn read(
    store: &ClientStore<'_, ClientJob<'_>>,
    causes: Vec<(OutboxId, Cause)>,
    team: &[TeamMember],
) -> Result<Option<(String, Vec<Piece>)>, Outcome> {
    let pieces = causes.into_iter().map(|(outbox, cause)| async move {
        let what = news::read(store, &cause, team).await?;
        Ok::<_, StorageError>(what.map(|what| Piece { outbox, cause, what }))
    });
    // What is sealed of a client that is being erased opens for nobody, and is not asked for.
    let profile = store.profile().await?;
    if profile.as_ref().is_some_and(storage::Profile::is_archived) {
        return Ok(None);
    }
    let pieces: Vec<Option<Piece>> = join_all(pieces).await.into_iter().collect::<Result<_, StorageError>>()?;
    let name = profile.map(|profile| profile.name.to_string()).unwrap_or_default();
    Ok(Some((name, pieces.into_iter().flatten().collect())))
}

/// One cause with what it is about.
struct Piece {
    outbox: OutboxId,
    cause: Cause,
    what: What,
}

/// Who hears of it, in one order on every delivery.
fn hearers<'a>(cause: &Cause, team: &'a [TeamMember]) -> Vec<&'a TeamMember> {
    let listeners: Vec<Listener> =
        team.iter().map(|member| Listener { person: member.person.clone(), of_client: member.of_client }).collect();
    let people = recipients(cause, &listeners);
    people.iter().filter_map(|person| team.iter().find(|member| member.person == *person)).collect()
}

struct Delivery<'a> {
    app: &'a App,
    job: &'a ClientJob<'a>,
    store: &'a ClientStore<'a, ClientJob<'a>>,
    brand: &'a Brand,
    /// The cause that brought this run about.
    outbox: &'a OutboxId,
    /// The same, or what is told again.
    first: &'a OutboxId,
    /// Somebody asked for it, whatever was told before: by mail, and now.
    is_again: bool,
    client_name: &'a str,
    news: plan::News,
    rule: FirmRule,
    now: Timestamp,
    /// The cause and what is told with it, the oldest first.
    pieces: &'a [Piece],
}

/// Somebody who could hear of it.
struct Listening<'a> {
    member: &'a TeamMember,
    hearing: &'a Hearing,
    /// Nothing goes to the address any more.
    is_suppressed: bool,
}

/// Somebody who hears of it.
struct Addressee<'a> {
    member: &'a TeamMember,
    preferences: &'a Preferences,
    /// Proven to be this person's.
    phone: Option<Phone>,
    /// Nothing goes to the address any more.
    is_suppressed: bool,
    /// Hears of it by text message as well, now or later.
    is_texted: bool,
}

/// What one mail or text message is to tell, and the right to.
struct Told<'a> {
    news: News<'a>,
    claims: Vec<Claim>,
    effects: Vec<EffectKey>,
    /// The first cause of it.
    first: &'a OutboxId,
    things: usize,
}

impl<'a> Delivery<'a> {
    /// Everybody is tried, whatever became of the one before; what failed first is the reason to come again. What is told
    /// to somebody later is held until the first of them.
    async fn to_all<'l>(&self, listeners: impl Iterator<Item = Listening<'l>>) -> Result<(), Outcome> {
        let started_at = self.app.now();
        let zone = self.brand.time_zone();
        let (mut failed, mut later) = (None, None::<Timestamp>);
        for Listening { member, hearing, is_suppressed } in listeners {
            let phone = member.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
            let phone = phone.filter(|phone| hearing.has_proven(phone));
            let (preferences, phone_verified) = (&hearing.preferences, phone.is_some());
            let is_named = self.pieces.iter().any(|piece| piece.cause.names(&member.person));
            let hearer = Hearer { person: &member.person, preferences, phone_verified, is_named, zone: &zone };
            let mut to = Addressee { member, preferences, phone, is_suppressed, is_texted: false };
            let legs = if self.is_again { vec![self.at_once()] } else { plan(&self.news, self.rule, &hearer) };
            to.is_texted = legs.iter().any(|leg| leg.channel == Channel::Sms);
            for leg in &legs {
                if is_late(started_at, self.app.now()) {
                    return Err(Outcome::Retry { why: "the rest of the people is told by the next run".into() });
                }
                let told = match &leg.digest {
                    Some(slot) => self.in_digest(&to, slot).await,
                    None if leg.at > self.now => {
                        later = Some(later.map_or(leg.at, |first| first.min(leg.at)));
                        Ok(())
                    }
                    None => self.once(&to, leg.channel).await,
                };
                if let Err(why) = told {
                    failed.get_or_insert(why);
                }
            }
        }
        if let Some(until) = later {
            self.store.hold_notice(self.outbox, until).await?;
        }
        failed.map_or(Ok(()), Err)
    }

    fn at_once(&self) -> Leg {
        Leg { channel: Channel::Email, at: self.now, digest: None }
    }

    async fn withhold(&self, to: &Addressee<'_>) -> Result<(), Outcome> {
        let chosen: Vec<&Piece> = self.pieces.iter().filter(|piece| piece.what.is_for(to.member)).collect();
        let Some(Told { news, first, things, .. }) = self.told(&chosen, Vec::new(), Vec::new()) else { return Ok(()) };
        let page = news.page();
        let sent = self.sent(first, to, Channel::Email, &page, things);
        heard::withhold(self.app, self.store, &sent, to.is_texted).await
    }

    fn sent<'s>(
        &self,
        first: &'s OutboxId,
        to: &Addressee<'s>,
        channel: Channel,
        page: &'s str,
        things: usize,
    ) -> Sent<'s> {
        let (about, tier) = (self.news.kind, self.rule.tier);
        Sent { first, person: &to.member.person, channel, about, tier, page, things }
    }

    /// By itself, where that digest has left: late is better than never.
    async fn in_digest(&self, to: &Addressee<'_>, slot: &DigestSlot) -> Result<(), Outcome> {
        let own = self.pieces.iter().find(|piece| piece.outbox == *self.outbox);
        if !own.is_some_and(|own| own.what.is_for(to.member)) {
            return Ok(());
        }
        match self.store.put_into_digest(slot, self.outbox, self.now).await? {
            true => Ok(()),
            false => self.once(to, Channel::Email).await,
        }
    }

    /// Claim, send, mark. Each step takes the time anew, since a lease is judged by it.
    async fn once(&self, to: &Addressee<'_>, channel: Channel) -> Result<(), Outcome> {
        if to.is_suppressed && channel == Channel::Email {
            return self.withhold(to).await;
        }
        let held = || Outcome::Retry { why: "another run is sending this, or died while it was".into() };
        let (told, own_is_held) = self.claim(to.member, channel).await?;
        let Some(Told { news, claims, effects, first, things }) = told else {
            return if own_is_held { Err(held()) } else { Ok(()) };
        };
        let limit = std::time::Duration::from_secs(limits::NOTICE_SEND_SECONDS_MAX);
        let provider_id = match tokio::time::timeout(limit, self.send(to, channel, &news, first)).await {
            Ok(sent) => sent?,
            Err(_) => return Err(Outcome::Retry { why: "the provider did not answer in time".into() }),
        };
        if channel == Channel::Sms {
            self.keep_text(&provider_id, first, &to.member.person).await;
        }
        let names: Vec<&str> = effects.iter().map(EffectKey::as_str).collect();
        let object = domain::audit::Object::new("notice", names.join(","));
        let page = news.page();
        let sent = self.sent(first, to, channel, &page, things);
        self.store.mark_told(&claims, &provider_id, &sent, object, &mut self.app.moment()).await?;
        if own_is_held { Err(held()) } else { Ok(()) }
    }

    /// It has left: whatever becomes of this row, it must not leave again.
    async fn keep_text(&self, provider_id: &str, first: &OutboxId, person: &PersonId) {
        let limit = std::time::Duration::from_secs(limits::TEXT_PLACE_SECONDS_MAX);
        let kept = self.store.keep_text(provider_id, first, person, self.app.now());
        let why = match tokio::time::timeout(limit, kept).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => web::chain(&error),
            Err(_) => "it took too long".to_owned(),
        };
        tracing::warn!(why, "nobody will know whether a text arrived");
    }

    /// The oldest first: where another run holds that, it tells the rest as well, and this one leaves it to it. The
    /// other value says that the own cause is held, so that its message has to come again.
    async fn claim(&self, member: &TeamMember, channel: Channel) -> Result<(Option<Told<'_>>, bool), Outcome> {
        if self.is_again {
            return self.claim_again(member).await;
        }
        // Of a burst each cause comes here, and all but one find that they are told: by one read, not by a claim of each.
        let own = EffectKey::notice(self.outbox, &member.person, channel);
        if self.pieces.len() > 1 && self.store.is_done(&own).await? {
            return Ok((None, false));
        }
        let (mut claims, mut effects, mut chosen, mut own_is_held) = (Vec::new(), Vec::new(), Vec::new(), false);
        for piece in self.pieces.iter().filter(|piece| piece.what.is_for(member)) {
            let effect = EffectKey::notice(&piece.outbox, &member.person, channel);
            match self.store.claim(&effect, &mut self.app.moment()).await? {
                Claimed::Yours(claim) => {
                    claims.push(claim);
                    effects.push(effect);
                    chosen.push(piece);
                }
                Claimed::DoneBefore => (),
                Claimed::Held if claims.is_empty() => return Ok((None, true)),
                Claimed::Held => own_is_held |= piece.outbox == *self.outbox,
            }
        }
        Ok((self.told(&chosen, claims, effects), own_is_held))
    }

    /// All that was told the first time, under the one claim of this time.
    async fn claim_again(&self, member: &TeamMember) -> Result<(Option<Told<'_>>, bool), Outcome> {
        let chosen: Vec<&Piece> = self.pieces.iter().filter(|piece| piece.what.is_for(member)).collect();
        let effect = EffectKey::notice(self.outbox, &member.person, Channel::Email);
        match self.store.claim(&effect, &mut self.app.moment()).await? {
            Claimed::Yours(claim) => Ok((self.told(&chosen, vec![claim], vec![effect]), false)),
            Claimed::DoneBefore => Ok((None, false)),
            Claimed::Held => Ok((None, true)),
        }
    }

    fn told(&self, chosen: &[&'a Piece], claims: Vec<Claim>, effects: Vec<EffectKey>) -> Option<Told<'a>> {
        let whats: Vec<&What> = chosen.iter().map(|piece| &piece.what).collect();
        let news = News::of(self.client_name, self.brand.mails.nameless, &whats)?;
        let first = if self.is_again { self.first } else { &chosen.first()?.outbox };
        Some(Told { news, claims, effects, first, things: chosen.len() })
    }

    /// The provider's id of what it took.
    async fn send(
        &self,
        to: &Addressee<'_>,
        channel: Channel,
        news: &News<'_>,
        first: &OutboxId,
    ) -> Result<String, Outcome> {
        let member = to.member;
        let aws = self.app.aws();
        let today = calendar::today(self.app.now(), &self.brand.time_zone());
        let reader = news.reader(member.of_client, &self.brand.firm_name, today);
        let site = aws.settings().site_origin.as_str();
        let id = match (channel, &to.phone) {
            (Channel::Email, _) => {
                let reply_to = self.reply_to(member, news).await?;
                let mut mail: Mail = letter::mail(member, news, &reader, site, self.job.client(), reply_to.as_deref());
                mail.tags = letter::tags(self.job, first, &member.person);
                let kind = self.news.kind;
                if is_offered(kind, self.rule, to.preferences) {
                    letter::offer_less(&mut mail, &self.store.unsubscribe_link(&member.person, &[kind]).await?);
                }
                aws.send_mail(self.job.keys(), &mail).await?
            }
            // Nobody plans a text without a number.
            (Channel::Sms, None) => return Err(Outcome::bury("a text message to no number")),
            (Channel::Sms, Some(phone)) => {
                aws.send_sms(self.job.keys(), phone.as_str(), &news.text_message(&reader, site)).await?
            }
        };
        Ok(id)
    }
    /// Where this person may answer: nowhere, if it may not write there.
    async fn reply_to(&self, member: &TeamMember, news: &News<'_>) -> Result<Option<String>, StorageError> {
        match news.topic(member.of_client).filter(|_| member.may(PermissionName::WriteMessages)) {
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
        let team = [member(3, false), member(4, true), member(1, false), member(2, true)];
        let names = |team: &[TeamMember]| -> Vec<String> {
            hearers(&cause, team).iter().map(|member| member.name.clone()).collect()
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
