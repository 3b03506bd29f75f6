//! An invitation as a mail: who invites, to what, and where to begin. It carries no link that signs in by itself.

use storage::{Mail, ToInvite};
use web::letter::Letter;

pub(crate) fn invitation(to: &ToInvite, site: &str) -> Mail {
    let subject = format!("{} invites you to its client portal", to.firm_name);
    let letter = Letter {
        from: &to.firm_name,
        head: &to.firm_name,
        subject: &subject,
        lines: &lines(to),
        button: "Go to the portal",
        link: &format!("{site}/sign-in"),
        footer: &footer(to),
        answer_above: None,
    };
    letter.to(&to.email)
}

fn lines(to: &ToInvite) -> Vec<String> {
    let what = match &to.client_name {
        Some(client) => format!(
            "{}, you can now see the work of {} for {client}, its documents, and what comes next, in one place.",
            to.name, to.firm_name
        ),
        None => format!("{}, you can now work in the client portal of {}.", to.name, to.firm_name),
    };
    let by = to.invited_by.as_ref().map(|by| format!("{by} invited you."));
    let how = format!("Sign in with this address, {}. There is no password: a link comes by mail each time.", to.email);
    [Some(what), by, Some(how)].into_iter().flatten().collect()
}

fn footer(to: &ToInvite) -> String {
    format!(
        "{} sent you this because somebody there entered your address. If that is a mistake, ignore it.",
        to.firm_name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_says_who_what_and_where_and_nothing_more() {
        let to = ToInvite {
            name: "Ann <b>".into(),
            email: domain::EmailAddress::parse("ann@acme.example").unwrap(),
            firm_name: "Hartwell & Pryce".into(),
            client_name: Some("Acme".into()),
            invited_by: Some("Eleanor Hartwell".into()),
        };
        let mail = invitation(&to, "https://portal.example");
        assert_eq!(mail.subject.as_str(), "Hartwell & Pryce invites you to its client portal");
        for words in
            ["for Acme", "Eleanor Hartwell invited you.", "ann@acme.example", "https://portal.example/sign-in\n"]
        {
            assert!(mail.text.contains(words), "{words} in {}", mail.text);
        }
        assert!(mail.html.contains("Ann &lt;b&gt;") && !mail.html.contains("<b>"), "{}", mail.html);
        // A link that signs in by itself comes to who asks for it, and for minutes only.
        assert!(!mail.text.contains("token"), "{}", mail.text);
    }
}
