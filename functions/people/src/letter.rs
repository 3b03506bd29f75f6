//! An invitation as a mail: who invites, to what, and where to begin. It carries no link that signs in by itself.

use maud::{DOCTYPE, Markup, html};
use storage::{HeaderText, Mail, ToInvite};

pub(crate) fn invitation(to: &ToInvite, site: &str) -> Mail {
    let subject = format!("{} invites you to its client portal", to.firm_name);
    let link = format!("{site}/sign-in");
    let lines = lines(to);
    Mail {
        to: to.email.clone(),
        from_name: HeaderText::new(&to.firm_name),
        subject: HeaderText::new(&subject),
        text: format!("{subject}\n\n{}\n\n{BUTTON}:\n{link}\n\n--\n{}\n", lines.join("\n\n"), footer(to)),
        html: page(to, &subject, &lines, &link).into_string(),
        headers: Vec::new(),
    }
}

const BUTTON: &str = "Go to the portal";

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

/// Without colours of its own: a mail program shows it light or dark, as its reader likes.
fn page(to: &ToInvite, subject: &str, lines: &[String], link: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="supported-color-schemes" content="light dark";
                title { (subject) }
            }
            body style="margin:0;padding:24px 16px;font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" {
                div style="max-width:560px;margin:0 auto" {
                    p style="margin:0 0 24px;font-weight:600" { (to.firm_name) }
                    h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600" { (subject) }
                    @for line in lines { p style="margin:0 0 16px" { (line) } }
                    p style="margin:24px 0" {
                        a href=(link) style="display:inline-block;padding:11px 20px;border:1px solid currentColor;border-radius:8px;color:inherit;font-weight:600;text-decoration:none" {
                            (BUTTON)
                        }
                    }
                    p style="margin:32px 0 0;font-size:13px;line-height:20px" { (footer(to)) }
                }
            }
        }
    }
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
