//! A notice as a mail: the same few lines as text and as HTML.

use access::{ClientJob, OneClient};
use domain::notice::words::{Reader, Words};
use domain::person::TeamMember;
use domain::reply::ANSWER_ABOVE;
use domain::{ClientId, OutboxId, PermissionName, PersonId};
use storage::{HeaderText, Mail};
use web::letter::{Digest, Letter, Part};

use crate::news::News;

/// `reply_to` is where an answer to it is taken, if it can be answered.
pub(crate) fn mail(
    to: &TeamMember,
    news: &News<'_>,
    reader: &Reader<'_>,
    site: &str,
    client: &ClientId,
    reply_to: Option<&str>,
) -> Mail {
    let page = news.page();
    let mut words = news.words(reader);
    let by_answer = news.asks_for_files().filter(|_| reply_to.is_some() && to.may(PermissionName::UploadDocuments));
    words.lines.extend(by_answer.map(str::to_owned));
    let mail = letter(to, &words, reader.firm_name, site, &link(site, client, &page), reply_to);
    // A mail program shows news of the same project, list or conversation together.
    let first = thread_id(site, client, &page);
    let mut headers = vec![("In-Reply-To", first.clone()), ("References", first)];
    headers.extend(reply_to.map(|address| ("Reply-To", HeaderText::new(address))));
    Mail { headers, ..mail }
}

/// One press in the mail program turns down what it is about (RFC 8058).
pub(crate) fn offer_less(mail: &mut Mail, link: &str) {
    mail.headers.push(("List-Unsubscribe", HeaderText::new(&format!("<{link}>"))));
    mail.headers.push(("List-Unsubscribe-Post", HeaderText::new("List-Unsubscribe=One-Click")));
}

/// By which the mail service's news of a mail find the row of it.
pub(crate) fn tags(job: &ClientJob<'_>, first: &OutboxId, person: &PersonId) -> Vec<(&'static str, String)> {
    let tag = |name, id: &str| (name, id.to_owned());
    vec![
        tag("firm", job.client_firm().as_str()),
        tag("client", job.client().as_str()),
        tag("outbox", first.as_str()),
        tag("person", person.as_str()),
    ]
}

/// Straight to the page that it is about, past the sign-in that leads back there.
pub(crate) fn link(site: &str, client: &ClientId, page: &str) -> String {
    format!("{site}/sign-in?next=/clients/{client}{page}")
}

/// What all mails about one page answer to: the id of a message that nobody sent, the same every time.
fn thread_id(site: &str, client: &ClientId, page: &str) -> HeaderText {
    let host = site.split_once("://").map_or(site, |(_, rest)| rest);
    let host = host.split([':', '/']).next().unwrap_or_default();
    HeaderText::new(&format!("<{client}{}@{host}>", page.replace('/', ".")))
}

fn letter(to: &TeamMember, words: &Words, firm_name: &str, site: &str, link: &str, reply_to: Option<&str>) -> Mail {
    let letter = Letter {
        from: firm_name,
        head: firm_name,
        subject: &words.subject,
        lines: &words.lines,
        button: words.link,
        link,
        footer: &footer(firm_name, site, reply_to.is_some()),
        answer_above: reply_to.map(|_| ANSWER_ABOVE),
    };
    letter.to(&to.email)
}

/// All that somebody hears at once.
pub(crate) fn digest(to: &TeamMember, subject: &str, parts: &[Part], firm_name: &str, site: &str) -> Mail {
    let digest = Digest {
        from: firm_name,
        subject,
        parts,
        button: "Open the portal",
        link: &format!("{site}/sign-in?next=/"),
        footer: &footer(firm_name, site, false),
    };
    digest.to(&to.email)
}

fn footer(firm_name: &str, site: &str, can_be_answered: bool) -> String {
    let answers = if can_be_answered {
        "Answer this mail to write in the conversation."
    } else {
        "Answers to this mail are not read."
    };
    format!(
        "You get this because you use the client portal of {firm_name}. {answers} Change what comes to you, and when: \
         {site}/notices"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EmailAddress, PersonId, Role};

    #[test]
    fn mails_about_one_page_answer_to_one_message() {
        let check = |site: &str, page: &str, want: &str| {
            assert_eq!(thread_id(site, &ClientId::from_bits(7), page).as_str(), want);
        };
        check("https://p.example", "", "<00000000000000000000000007@p.example>");
        check("http://localhost:3100", "/messages/general", "<00000000000000000000000007.messages.general@localhost>");
    }

    #[test]
    fn both_forms_say_the_same_and_escape_what_people_typed() {
        let to = TeamMember {
            person: PersonId::from_bits(1),
            name: "Ana".into(),
            email: EmailAddress::parse("ana@acme.example").unwrap(),
            phone: None,
            of_client: true,
            role: Role::ClientAdmin,
            by_firm: domain::person::company::ByFirm::default(),
            adjusted: Default::default(),
        };
        let words = Words {
            subject: "New document: <b>Lease</b>.pdf".into(),
            lines: vec!["Sam of Hartwell & Pryce added <b>Lease</b>.pdf.".into()],
            link: "Open the document",
        };
        let link = "https://p.example/sign-in?next=/clients/C/documents/D";
        let mail = letter(&to, &words, "Hartwell & Pryce", "https://p.example", link, None);
        assert!(mail.text.contains("are not read") && !mail.text.contains(ANSWER_ABOVE), "{}", mail.text);
        let answered = letter(&to, &words, "Hartwell & Pryce", "https://p.example", link, Some("reply+x@r.example"));
        assert!(answered.text.starts_with(ANSWER_ABOVE) && answered.html.contains(ANSWER_ABOVE), "{}", answered.text);
        assert!(answered.text.contains("Answer this mail"), "{}", answered.text);
        for part in [words.subject.as_str(), &words.lines[0], link, "Open the document"] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
        }
        for part in ["&lt;b&gt;Lease&lt;/b&gt;.pdf", "Hartwell &amp; Pryce", link, "color-scheme"] {
            assert!(mail.html.contains(part), "{part} in {}", mail.html);
        }
        assert!(!mail.html.contains("<b>"), "{}", mail.html);
        assert_eq!(mail.from_name.as_str(), "Hartwell & Pryce");
    }
}
