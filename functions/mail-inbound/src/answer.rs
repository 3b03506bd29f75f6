//! What somebody is told whose mail was not taken, or not wholly.

use access::{ClientJob, OneClient};
use domain::audit::Object;
use domain::notice::EffectKey;
use domain::reply::{LOOP_HEADER, ReplyPlace, ReplyRefused};
use domain::{EmailAddress, ReplyId, limits};
use storage::{Claim, Claimed, ClientStore, HeaderText, Mail};
use web::App;
use web::letter::Letter;
use web::worker::Outcome;

pub(crate) struct Answer<'a> {
    pub(crate) app: &'a App,
    pub(crate) job: &'a ClientJob<'a>,
    pub(crate) store: &'a ClientStore<'a, ClientJob<'a>>,
    pub(crate) reply: &'a ReplyId,
    pub(crate) place: &'a ReplyPlace,
    /// The number of the mail that is answered.
    pub(crate) in_reply_to: Option<&'a str>,
    /// What makes it itself.
    pub(crate) mail: &'a str,
}

impl Answer<'_> {
    /// Once an hour for one reason: two machines that answer each other end there. Of files that were not taken, once for each
    /// mail: nobody else knows that they are lost.
    pub(crate) async fn tell(&self, to: &EmailAddress, why: ReplyRefused) -> Result<(), Outcome> {
        let once = match why.is_of_files() {
            true => self.mail.to_owned(),
            false => self.app.now().strftime("%Y%m%dT%H").to_string(),
        };
        match self.claimed(why, &once).await? {
            Some(claim) => self.send(to, why, &once, &[claim]).await,
            None => Ok(()),
        }
    }

    /// Somebody else than the address was made for, once; and not more than a few of them in a day.
    pub(crate) async fn tell_stranger(&self, to: &EmailAddress) -> Result<(), Outcome> {
        let (why, once) = (ReplyRefused::NotYours, crypto::sha256_hex(to.as_str().as_bytes()));
        // One that another run holds is told by it, or was not for want of room: nobody's own answers wait for that.
        let own = match self.store.claim(&self.effect(why, &once), &mut self.app.moment()).await? {
            Claimed::Yours(own) => own,
            Claimed::DoneBefore | Claimed::Held => return Ok(()),
        };
        let day = self.app.now().strftime("%Y%m%d").to_string();
        for place in 0..limits::STRANGERS_TOLD_PER_DAY_MAX {
            if let Some(of_day) = self.claimed(why, &format!("{day}/{place}")).await? {
                return self.send(to, why, &once, &[own, of_day]).await;
            }
        }
        tracing::info!(reply = %self.reply, "no more strangers are told today");
        Ok(())
    }

    /// None where it was told before.
    async fn claimed(&self, why: ReplyRefused, once: &str) -> Result<Option<Claim>, Outcome> {
        match self.store.claim(&self.effect(why, once), &mut self.app.moment()).await? {
            Claimed::Yours(claim) => Ok(Some(claim)),
            Claimed::DoneBefore => Ok(None),
            Claimed::Held => Err(Outcome::Retry { why: "another run tells this, or died while it did".into() }),
        }
    }

    fn effect(&self, why: ReplyRefused, once: &str) -> EffectKey {
        EffectKey::reply_refused(self.reply, why.name(), once)
    }

    async fn send(&self, to: &EmailAddress, why: ReplyRefused, once: &str, claims: &[Claim]) -> Result<(), Outcome> {
        let brand = self.app.aws().client_brand(self.job, self.app.now()).await?;
        let id = self.app.aws().send_mail(self.job.keys(), &self.mail(to, &brand.firm_name, why)).await?;
        let object = Object::new("notice", self.effect(why, once).as_str());
        self.store.mark_sent(claims, &id, object, &mut self.app.moment()).await?;
        Ok(())
    }

    fn mail(&self, to: &EmailAddress, firm_name: &str, why: ReplyRefused) -> Mail {
        let ReplyPlace { client, topic, .. } = self.place;
        let site = self.app.aws().settings().site_origin.as_str();
        // A stranger is told no address of anybody's conversation.
        let link = match why {
            ReplyRefused::NotYours => format!("{site}/sign-in"),
            _ if why.is_of_files() => {
                format!("{site}/sign-in?next=/clients/{client}/documents")
            }
            _ => format!("{site}/sign-in?next=/clients/{client}/messages/{topic}"),
        };
        let letter = Letter {
            from: firm_name,
            head: firm_name,
            subject: why.subject(),
            lines: &[why.to_string()],
            button: "Open the portal",
            link: &link,
            footer: &format!("{firm_name} answers a mail that you sent to its client portal."),
            answer_above: None,
        };
        let mut headers = vec![(LOOP_HEADER, HeaderText::new("answer"))];
        if let Some(id) = self.in_reply_to.filter(|id| id.is_ascii()) {
            headers.push(("In-Reply-To", HeaderText::new(&format!("<{id}>"))));
        }
        Mail { headers, ..letter.to(to) }
    }
}
