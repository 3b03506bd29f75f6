//! A notice as a mail: the same few lines as text and as HTML.

use domain::notice::words::{Reader, Words};
use domain::person::TeamMember;
use maud::{DOCTYPE, Markup, html};
use storage::{HeaderText, Mail};

use crate::news::News;

pub(crate) fn mail(to: &TeamMember, news: &News<'_>, reader: &Reader<'_>, link: &str) -> Mail {
    letter(to, &news.words(reader), reader.firm_name, link)
}

fn letter(to: &TeamMember, words: &Words, firm_name: &str, link: &str) -> Mail {
    Mail {
        to: to.email.clone(),
        from_name: HeaderText::new(firm_name),
        subject: HeaderText::new(&words.subject),
        text: text(words, firm_name, link),
        html: html(words, firm_name, link).into_string(),
        headers: Vec::new(),
    }
}

fn text(words: &Words, firm_name: &str, link: &str) -> String {
    let lines = words.lines.join("\n\n");
    format!("{}\n\n{lines}\n\n{}:\n{link}\n\n--\n{}\n", words.subject, words.link, footer(firm_name))
}

fn footer(firm_name: &str) -> String {
    format!(
        "{firm_name} sends you this because you work together in its client portal. Answers to this address are not read."
    )
}

/// Without colours of its own: a mail program shows it light or dark, as its reader likes.
fn html(words: &Words, firm_name: &str, link: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="supported-color-schemes" content="light dark";
                title { (words.subject) }
            }
            body style="margin:0;padding:24px 16px;font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" {
                div style="max-width:560px;margin:0 auto" {
                    p style="margin:0 0 24px;font-weight:600" { (firm_name) }
                    h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600" { (words.subject) }
                    @for line in &words.lines { p style="margin:0 0 16px" { (line) } }
                    p style="margin:24px 0" {
                        a href=(link) style="display:inline-block;padding:11px 20px;border:1px solid currentColor;border-radius:8px;color:inherit;font-weight:600;text-decoration:none" {
                            (words.link)
                        }
                    }
                    p style="margin:32px 0 0;font-size:13px;line-height:20px" { (footer(firm_name)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EmailAddress, PersonId, Role};

    #[test]
    fn both_forms_say_the_same_and_escape_what_people_typed() {
        let to = TeamMember {
            person: PersonId::from_bits(1),
            name: "Ana".into(),
            email: EmailAddress::parse("ana@acme.example").unwrap(),
            phone: None,
            of_client: true,
            role: Role::ClientAdmin,
            adjusted: Default::default(),
        };
        let words = Words {
            subject: "New document: <b>Lease</b>.pdf".into(),
            lines: vec!["Sam of Hartwell & Pryce added <b>Lease</b>.pdf.".into()],
            link: "Open the document",
        };
        let link = "https://p.example/sign-in?next=/clients/C/documents/D";
        let mail = letter(&to, &words, "Hartwell & Pryce", link);
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
