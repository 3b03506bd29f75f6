//! A person's digest: what it is to hear of all its clients, in one mail. Each client is read with keys of its own, and
//! each cause has the claim that it would have by itself, so that whatever was told otherwise is not told again.

use access::{ClientJob, Fact, Job, JobScope, OneClient, PersonJob};
use domain::notice::digest::DigestSlot;
use domain::notice::kind::{Kind, Pace};
use domain::notice::unsubscribe::is_offered;
use domain::notice::words::{and_more, digest_subject};
use domain::notice::{Cause, Channel, DigestMessage, EffectKey};
use domain::person::TeamMember;
use domain::{ClientId, OutboxId, calendar, limits};
use futures::future::join_all;
use storage::{Brand, Claim, Claimed, ClientStore, DigestLine, DigestStore, Sent, Taken};
use web::App;
use web::letter::{Line, Part};
use web::worker::Outcome;

use crate::letter;
use crate::news::{self, News};
use crate::{Piece, heard, is_late};

pub(crate) async fn send(app: &App, message: DigestMessage) -> Result<(), Outcome> {
    let DigestMessage { firm, person, digest: at, due_at, .. } = message;
    if at > due_at.max(app.now()) {
        return Err(Outcome::bury("a digest before its time"));
    }
    let slot = DigestSlot { person: person.clone(), at };
    let fact = Fact::Digest { firm, person, at };
    let scope = JobScope::enter(Job::Digest, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_person() else { return Err(Outcome::bury("a digest of nobody")) };
    let store = DigestStore::open(app.aws(), job);
    let mut taken = match store.take(&slot, &mut app.moment()).await? {
        Taken::Yours(taken) => taken,
        Taken::Gone => return Ok(()),
        Taken::Held => {
            return Err(Outcome::Retry { why: "another run sends this digest, or died while it did".into() });
        }
    };
    let sent = send_all(app, &job, &store, &slot, &mut taken.from).await;
    match sent {
        Ok(()) => Ok(store.close(&slot, &taken).await?),
        Err(why) => {
            // So that the next run need not wait for the lease, which ends by itself where this fails too.
            store.give_back(&slot, &taken).await.ok();
            Err(why)
        }
    }
}

/// Page by page, from where an earlier run had come to.
async fn send_all(
    app: &App,
    job: &PersonJob<'_>,
    store: &DigestStore<'_>,
    slot: &DigestSlot,
    from: &mut Option<String>,
) -> Result<(), Outcome> {
    let started_at = app.now();
    loop {
        let (lines, next) = store.lines(slot, from.clone()).await?;
        send_part(app, job, slot, lines).await?;
        if next.is_none() {
            return Ok(());
        }
        *from = next;
        if is_late(started_at, app.now()) {
            return Err(Outcome::Retry { why: "the rest of the digest is told by the next run".into() });
        }
    }
}

/// What is told of one client.
struct About {
    /// The client's name, where mails name anything: it stands above where there are several.
    title: Option<String>,
    news: Vec<Item>,
}

/// One of the news: a line, what stands beneath it, and its page.
struct Item {
    headline: String,
    details: Vec<String>,
    page: String,
}

/// It, to whom, and the right to.
struct Section {
    member: TeamMember,
    client_name: String,
    about: About,
    /// Kinds of it that could be turned down.
    less: Vec<Kind>,
    claims: Vec<Claim>,
    effects: Vec<EffectKey>,
}

/// One mail about as much as one page of lines holds. A client that cannot be read holds up no other: the rest is told,
/// and that one's lines come again.
async fn send_part(
    app: &App,
    person: &PersonJob<'_>,
    slot: &DigestSlot,
    lines: Vec<DigestLine>,
) -> Result<(), Outcome> {
    let (mut brand, mut failed) = (None, None);
    let mut sections: Vec<(JobScope, Section)> = Vec::new();
    for lines in lines.chunk_by(|one, other| one.client == other.client) {
        let read = async {
            let Some(scope) = enter(app, person, lines).await? else { return Ok(None) };
            let Some(job) = scope.of_client() else { return Ok(None) };
            let of_client = app.aws().client_brand(&job, app.now()).await?;
            let outboxes: Vec<&OutboxId> = lines.iter().map(|line| &line.outbox).collect();
            let found = section(app, &job, &of_client, slot, &outboxes).await?;
            Ok::<_, Outcome>(found.map(|section| (scope, of_client, section)))
        };
        match read.await {
            Ok(None) => (),
            Ok(Some((scope, of_client, section))) => {
                brand = Some(of_client);
                sections.push((scope, section));
            }
            Err(why) => {
                failed.get_or_insert(why);
            }
        }
    }
    if let Some(brand) = brand {
        send_sections(app, person, slot, &brand, &sections).await?;
    }
    failed.map_or(Ok(()), Err)
}

/// By the first of a client's rows that is there; none where it is erased.
async fn enter(app: &App, person: &PersonJob<'_>, lines: &[DigestLine]) -> Result<Option<JobScope>, Outcome> {
    for DigestLine { client, outbox } in lines {
        let fact = Fact::Outbox { firm: person.firm().clone(), client: client.clone(), outbox: outbox.clone() };
        match JobScope::enter(Job::NotificationDelivery, fact, app.aws().vendor(), app.now()).await {
            Ok(scope) => return Ok(Some(scope)),
            Err(access::JobDenied::NoOpenRow) => (),
            Err(denied) => return Err(denied.into()),
        }
    }
    Ok(None)
}

async fn send_sections(
    app: &App,
    person: &PersonJob<'_>,
    slot: &DigestSlot,
    brand: &Brand,
    sections: &[(JobScope, Section)],
) -> Result<(), Outcome> {
    let Some((_, first)) = sections.first() else { return Ok(()) };
    let site = app.aws().settings().site_origin.as_str();
    let parts: Vec<Part> = sections
        .iter()
        .filter_map(|(scope, section)| {
            Some(part(&section.about, sections.len() > 1, scope.of_client()?.client(), site))
        })
        .collect();
    let headlines: Vec<&str> =
        sections.iter().flat_map(|(_, section)| &section.about.news).map(|item| item.headline.as_str()).collect();
    let subject = {
        let client = Some(first.client_name.as_str()).filter(|_| !brand.mails.nameless);
        digest_subject(&headlines, sections.len(), client, first.member.of_client, &brand.firm_name)
    };
    let mut mail = letter::digest(&first.member, &subject, &parts, &brand.firm_name, site);
    let mut kinds: Vec<Kind> = sections.iter().flat_map(|(_, section)| section.less.clone()).collect();
    kinds.sort();
    kinds.dedup();
    if let Some(job) = sections.iter().find_map(|(scope, _)| scope.of_client()).filter(|_| !kinds.is_empty()) {
        let link = ClientStore::open(app.aws(), &job).unsubscribe_link(&slot.person, &kinds).await?;
        letter::offer_less(&mut mail, &link);
    }
    let limit = std::time::Duration::from_secs(limits::NOTICE_SEND_SECONDS_MAX);
    let sent = tokio::time::timeout(limit, app.aws().send_mail(person.keys(), &mail)).await;
    let id = sent.map_err(|_| Outcome::Retry { why: "the provider did not answer in time".into() })??;
    // Everything is marked, whatever became of the one before: what is not marked is told once more.
    let mut failed = None;
    for (scope, section) in sections {
        let Some(job) = scope.of_client() else { continue };
        let store = ClientStore::open(app.aws(), &job);
        let (claims, effects) = (&section.claims, &section.effects);
        for (claims, effects) in
            claims.chunks(limits::NOTICES_FOLDED_MAX).zip(effects.chunks(limits::NOTICES_FOLDED_MAX))
        {
            let names: Vec<&str> = effects.iter().map(EffectKey::as_str).collect();
            let object = domain::audit::Object::new("notice", names.join(","));
            if let Err(error) = store.mark_sent(claims, &id, object, &mut app.moment()).await {
                failed.get_or_insert(Outcome::from(error));
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// What there is to tell of one client; none where the person has left it, wants nothing of it any more or was told.
async fn section(
    app: &App,
    job: &ClientJob<'_>,
    brand: &Brand,
    slot: &DigestSlot,
    outboxes: &[&OutboxId],
) -> Result<Option<Section>, Outcome> {
    let store = ClientStore::open(app.aws(), job);
    let people = [&slot.person];
    let (team, hearing, suppressed) = tokio::join!(store.team(), store.hearing(&people), store.suppressed(&people));
    let (team, hearing, suppressed) = (team?, hearing?.pop().unwrap_or_default(), suppressed?.pop().flatten());
    let Some(member) = team.iter().find(|member| member.person == slot.person) else { return Ok(None) };
    let hears = |cause: &Cause| crate::hearers(cause, &team).iter().any(|other| other.person == member.person);
    let is_wanted = |cause: &Cause| {
        let pace = |kind| hearing.preferences.pace(kind, brand.notices.of(kind));
        hears(cause) && brand.mails.sends(cause) && cause.kind().is_some_and(|kind| pace(kind) != Pace::Off)
    };
    let (mut client_name, mut pieces) = (String::new(), Vec::new());
    for some in outboxes.chunks(limits::DIGEST_READS_AT_ONCE) {
        let rows = join_all(some.iter().copied().map(|outbox| store.outbox(outbox))).await;
        let mut causes: Vec<(OutboxId, Cause)> = Vec::new();
        for (outbox, row) in some.iter().copied().zip(rows) {
            causes.extend(row?.filter(|row| is_wanted(&row.cause)).map(|row| (outbox.clone(), row.cause)));
        }
        let Some((name, found)) = crate::read(&store, causes, &team).await? else { return Ok(None) };
        client_name = name;
        pieces.extend(found);
    }
    if suppressed.is_some() {
        withhold(app, &store, brand, member, &pieces).await?;
        return Ok(None);
    }
    let (mut claims, mut effects, mut chosen) = (Vec::new(), Vec::new(), Vec::<&Piece>::new());
    for piece in pieces.iter().filter(|piece| piece.what.is_for(member)) {
        let effect = EffectKey::notice(&piece.outbox, &member.person, Channel::Email);
        match store.claim_for(&effect, &mut app.moment(), limits::DIGEST_LEASE_SECONDS).await? {
            Claimed::Yours(claim) => {
                claims.push(claim);
                effects.push(effect);
                chosen.push(piece);
            }
            Claimed::DoneBefore => (),
            // A run that died has it, and its lease is over soon. What is claimed by now comes again as well.
            Claimed::Held => return Err(Outcome::Retry { why: "another run tells a part of it".into() }),
        }
    }
    if chosen.is_empty() {
        return Ok(None);
    }
    let today = calendar::today(app.now(), &brand.time_zone());
    let mut news = Vec::new();
    for together in gathered(&chosen) {
        let whats: Vec<&news::What> = together.iter().map(|piece| &piece.what).collect();
        let Some(told) = News::of(&client_name, brand.mails.nameless, &whats) else { continue };
        let reader = told.reader(member.of_client, &brand.firm_name, today);
        news.push(Item { headline: told.headline(&reader), details: told.details(&reader), page: told.page() });
    }
    let is_less = |kind: &Kind| is_offered(*kind, brand.notices.of(*kind), &hearing.preferences);
    let less = chosen.iter().filter_map(|piece| piece.cause.kind()).filter(is_less).collect();
    let title = Some(client_name.clone()).filter(|_| !brand.mails.nameless);
    Ok(Some(Section { member: member.clone(), client_name, about: About { title, news }, less, claims, effects }))
}

/// The address came to take nothing while this waited: the firm sees what was not sent.
async fn withhold(
    app: &App,
    store: &ClientStore<'_, ClientJob<'_>>,
    brand: &Brand,
    member: &TeamMember,
    pieces: &[Piece],
) -> Result<(), Outcome> {
    for piece in pieces.iter().filter(|piece| piece.what.is_for(member)) {
        let (Some(about), Some(news)) = (piece.cause.kind(), News::of("", brand.mails.nameless, &[&piece.what])) else {
            continue;
        };
        let (person, tier, page) = (&member.person, brand.notices.of(about).tier, news.page());
        let sent = Sent { first: &piece.outbox, person, channel: Channel::Email, about, tier, page: &page, things: 1 };
        heard::withhold(app, store, &sent, false).await?;
    }
    Ok(())
}

/// What belongs together is told in one line, at the place of its first.
fn gathered<'a>(pieces: &[&'a Piece]) -> Vec<Vec<&'a Piece>> {
    let mut groups: Vec<Vec<&Piece>> = Vec::new();
    for piece in pieces {
        let of = groups.iter_mut().find(|group| group.first().is_some_and(|one| one.cause.is_told_with(&piece.cause)));
        match of {
            Some(group) => group.push(piece),
            None => groups.push(vec![piece]),
        }
    }
    groups
}

fn part(about: &About, is_titled: bool, client: &ClientId, site: &str) -> Part {
    let line = |Item { headline, details, page }: &Item| Line {
        words: headline.clone(),
        details: details.clone(),
        link: letter::link(site, client, page),
    };
    let most = limits::DIGEST_LINES_PER_CLIENT_MAX;
    Part {
        title: about.title.clone().filter(|_| is_titled),
        lines: about.news.iter().take(most).map(line).collect(),
        more: and_more(about.news.len(), most),
    }
}
