//! Takes answers that come by mail into their conversations: each mail once, and only in the name of whom its address was
//! made for, when the mail proves to be that person's. Whoever's mail was not taken hears why; machines hear nothing.
//!
//! The order of the checks is the order of trust: what a machine sent is dropped before anybody is answered, and nobody is
//! answered at an address that a mail merely claims.

use access::{ClientJob, Fact, Job, JobDenied, JobScope};
use documents::reply::{self, Automatic, Reply, ReplyError};
use domain::message::{self, Message as Said, MessageRefused, NewMessage, ReadMark, Thread, Writer};
use domain::person::TeamMember;
use domain::reply::{Addressed, FilesRefused, Findings, MailMessage, Proofs, ReplyPlace, ReplyRefused, message_of};
use domain::{EmailAddress, PermissionName, ReplyId};
use storage::{ClientStore, StorageError, Tries};
use web::App;
use web::worker::{Message, Outcome};

mod answer;
mod filing;
mod received;

use answer::Answer;
use filing::Filing;
pub use received::Received;
use received::Record;

/// The version of messages that this function understands.
const MESSAGE_VERSION: u32 = 1;

/// The mail service tells of a mail: each reply address that it is to is a message of our own queue.
pub async fn received(app: App, event: Received) -> Result<(), StorageError> {
    for Record { ses } in event.records {
        let Some(name) = ses.name() else { continue };
        let replies = ses.replies(&app.aws().settings().reply_domain);
        if replies.is_empty() {
            app.aws().forget_mail(name).await?;
        }
        let (alone, found) = (replies.len() == 1, ses.findings());
        for reply in replies {
            let message = MailMessage { v: MESSAGE_VERSION, mail: name.to_owned(), reply, alone, found: found.clone() };
            app.aws().queues().mail(&message).await?;
        }
    }
    Ok(())
}

pub async fn take(app: App, message: Message) -> Result<(), Outcome> {
    let MailMessage { v, mail, reply, alone, found } = message.parse()?;
    if v != MESSAGE_VERSION {
        return Err(Outcome::bury(format!("a mail of version {v}")));
    }
    // First of all, since anybody can send to what looks like an address: nothing of it is read that is to none.
    let place = match app.aws().reply_place_as_function(&reply).await? {
        Some(place) => place,
        None if alone => return Ok(app.aws().forget_mail(&mail).await?),
        None => return Ok(()),
    };
    let Some(bytes) = app.aws().received_mail(&mail).await? else { return Ok(()) };
    match of_a_person(&found, &bytes) {
        Ok((read, from)) => {
            let addressed = addressed(&read, &reply, &app.aws().settings().reply_domain);
            let proofs = Proofs { from: &from, found: &found, signatures: &read.signatures, addressed };
            let (is_proven, id) = (proofs.is_proven(), mail_id(&read, &bytes, &reply));
            let came = Came { app: &app, read: &read, from: &from, is_proven, id: &id, reply: &reply, place: &place };
            if came.taken().await? == Fate::Kept {
                return Ok(());
            }
        }
        Err(why) => {
            // Ids only: what a mail says is no matter of a log.
            tracing::info!(mail, ?why, "a mail was dropped");
            // It stays where it is until it lapses, for whoever looks into it.
            if why == Dropped::Junk {
                return Ok(());
            }
        }
    }
    // One that is to others as well lapses by itself.
    if alone {
        app.aws().forget_mail(&mail).await?;
    }
    Ok(())
}

/// Why nobody is answered and nothing is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dropped {
    NoMail(ReplyError),
    OfAMachine(Automatic),
    NamesNoSender,
    Junk,
}

/// What is new in a mail, and who sent it as its header says.
fn of_a_person(found: &Findings, bytes: &[u8]) -> Result<(Reply, EmailAddress), Dropped> {
    if found.are_of_junk() {
        return Err(Dropped::Junk);
    }
    let read = reply::reply(bytes).map_err(Dropped::NoMail)?;
    if let Some(machine) = read.automatic {
        return Err(Dropped::OfAMachine(machine));
    }
    let from = read.from.clone().ok_or(Dropped::NamesNoSender)?;
    Ok((read, from))
}

fn addressed(read: &Reply, reply: &ReplyId, domain: &str) -> Addressed {
    let is_there = |field: &[String]| field.iter().any(|to| ReplyId::of_address(to, domain).as_ref() == Some(reply));
    match (is_there(&read.to), is_there(&read.cc)) {
        (true, _) => Addressed::To,
        (false, true) => Addressed::Cc,
        (false, false) => Addressed::Nowhere,
    }
}

/// What makes a mail itself: the number that its program gave it, else all that it says; and the address, which is one person's
/// in one conversation: anybody may give a mail another one's number, and one mail may be to two conversations.
fn mail_id(read: &Reply, bytes: &[u8], reply: &ReplyId) -> String {
    let own = crypto::sha256_hex(read.message_id.as_ref().map_or(bytes, |id| id.as_bytes()));
    crypto::sha256_hex(format!("{reply}|{own}").as_bytes())
}

/// What becomes of a mail that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Forgotten,
    /// It lapses by itself. Who looks into why a firm is suspended finds what was written to it.
    Kept,
}

/// A mail of a person, to one reply address.
struct Came<'a> {
    app: &'a App,
    read: &'a Reply,
    from: &'a EmailAddress,
    is_proven: bool,
    id: &'a str,
    reply: &'a ReplyId,
    place: &'a ReplyPlace,
}

impl Came<'_> {
    async fn taken(&self) -> Result<Fate, Outcome> {
        let ReplyPlace { firm, client, person, .. } = self.place;
        let fact = Fact::Reply { firm: firm.clone(), client: client.clone(), reply: self.reply.clone() };
        let entered = JobScope::enter(Job::MailInbound, fact, self.app.aws().vendor(), self.app.now()).await;
        let scope = match entered {
            // Of a client that was erased: nobody is there to talk to.
            Err(JobDenied::NoOpenRow) => return Ok(Fate::Forgotten),
            Err(JobDenied::Suspended) => return Ok(Fate::Kept),
            entered => entered?,
        };
        let Some(job) = scope.of_client() else { return Ok(Fate::Forgotten) };
        let store = ClientStore::open(self.app.aws(), &job);
        let (team, profile) = tokio::join!(store.team(), store.profile());
        let team = team?;
        // Erased since: its address is known for a while, and nothing of it is written any more.
        let Some(profile) = profile? else { return Ok(Fate::Forgotten) };
        let member = team.iter().find(|member| member.person == *person);
        let answer = Answer {
            app: self.app,
            job: &job,
            store: &store,
            reply: self.reply,
            place: self.place,
            in_reply_to: self.read.message_id.as_deref(),
            mail: self.id,
        };
        match member {
            Some(member) if member.email == *self.from && self.is_proven => {
                let may_write = member.may(PermissionName::WriteMessages) && !profile.is_archived();
                let taken =
                    if may_write { self.take(&job, &store, member).await? } else { Some(ReplyRefused::MayNotWrite) };
                if let Some(why) = taken {
                    answer.tell(&member.email, why).await?;
                }
            }
            // Somebody may write in the person's name, or its provider proves nothing: the person itself hears of it.
            Some(member) if member.email == *self.from => answer.tell(&member.email, ReplyRefused::Unproven).await?,
            _ if self.is_proven => answer.tell_stranger(self.from).await?,
            _ => (),
        }
        Ok(Fate::Forgotten)
    }

    /// Its files first, then its words, which name them: nothing of a mail whose words cannot be taken. Gives what its
    /// sender is to be told.
    async fn take(
        &self,
        job: &ClientJob<'_>,
        store: &ClientStore<'_, ClientJob<'_>>,
        member: &TeamMember,
    ) -> Result<Option<ReplyRefused>, Outcome> {
        let filing = Filing::of(self, job, store, member);
        let new = match message_of(&self.read.text, self.read.shortened, !filing.is_empty()) {
            Ok(new) => new,
            Err(why) => return Ok(Some(why)),
        };
        let more = || filing.has_more().then_some(ReplyRefused::SomeFiles);
        let known = filing.known().await?;
        if let Some(known) = &known {
            filing.sent_on(known).await?;
        }
        if store.has_taken(self.id).await? {
            // Words that were taken without their files stay without.
            let is_without = known.is_none() && !filing.is_empty();
            return Ok(if is_without { Some(ReplyRefused::Files(FilesRefused::TooLate)) } else { more() });
        }
        if let Err(why) = self.decided(store, member, new.clone()).await? {
            return Ok(Some(if known.is_some() { ReplyRefused::OnlyWords } else { why }));
        }
        let filed = match known {
            Some(known) => Ok(known),
            None => filing.filed().await?,
        };
        let (attachments, untaken) = match filed {
            Ok(documents) => (documents, None),
            Err(why) if self.read.text.trim().is_empty() => return Ok(Some(ReplyRefused::OnlyFiles(why))),
            Err(why) => (Vec::new(), Some(why)),
        };
        let has_filed = !attachments.is_empty();
        let posted = self.post(store, member, NewMessage { attachments, ..new }).await?;
        Ok(match (posted, untaken) {
            (Err(_), _) if has_filed => Some(ReplyRefused::OnlyWords),
            (Err(why), _) => Some(why),
            (Ok(()), Some(why)) => Some(ReplyRefused::Files(why)),
            (Ok(()), None) => more(),
        })
    }

    /// Load, decide, store; decided anew where it was overtaken. That the writer is still on the team is a condition of
    /// the write.
    async fn post(
        &self,
        store: &ClientStore<'_, ClientJob<'_>>,
        member: &TeamMember,
        new: NewMessage,
    ) -> Result<Result<(), ReplyRefused>, Outcome> {
        let mut tries = Tries::default();
        loop {
            let Decided { before, after, message, mark } = match self.decided(store, member, new.clone()).await? {
                Ok(decided) => decided,
                Err(why) => return Ok(Err(why)),
            };
            let mut moment = self.app.moment();
            match store.take_message(before.as_ref(), &after, &message, mark, self.id, &mut moment).await {
                Ok(_) | Err(StorageError::DoneBefore(_)) => return Ok(Ok(())),
                Err(error) => tries.another(error).await?,
            }
        }
    }

    async fn decided(
        &self,
        store: &ClientStore<'_, ClientJob<'_>>,
        member: &TeamMember,
        new: NewMessage,
    ) -> Result<Result<Decided, ReplyRefused>, Outcome> {
        let topic = &self.place.topic;
        let by = Writer { person: member.person.clone(), by_client: member.of_client };
        let (is_there, before, mark) =
            tokio::join!(self.topic_is_there(store), store.thread(topic), store.read_mark_of(&member.person, topic));
        if !is_there? {
            return Ok(Err(ReplyRefused::MayNotWrite));
        }
        let before = before?;
        let decided = message::write(topic, before.as_ref(), new, &by, mark?, &mut self.app.moment());
        Ok(match decided {
            Ok((after, message, mark)) => Ok(Decided { before, after, message, mark }),
            Err(MessageRefused::Full) => Err(ReplyRefused::Full),
            Err(MessageRefused::TooMany { .. }) => Err(ReplyRefused::TooMany),
            Err(MessageRefused::NotYours | MessageRefused::TooLate) => Err(ReplyRefused::MayNotWrite),
        })
    }

    async fn topic_is_there(&self, store: &ClientStore<'_, ClientJob<'_>>) -> Result<bool, StorageError> {
        match self.place.topic.project() {
            Some(project) => Ok(store.project(project).await?.is_some()),
            None => Ok(true),
        }
    }
}

/// A message as it is to be stored, with its thread as it was and as it is, and how far its writer has read by then.
struct Decided {
    before: Option<Thread>,
    after: Thread,
    message: Said,
    mark: ReadMark,
}
