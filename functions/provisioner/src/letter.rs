//! What the partners of a firm are told by mail when an operator is admitted to one of their clients.

use domain::EmailAddress;
use maud::{DOCTYPE, html};
use storage::{AdmissionRow, HeaderText, Mail, ToTell};

const BUTTON: &str = "See it, or end it now";

pub(crate) fn admission(row: &AdmissionRow, firm: &ToTell, to: &EmailAddress, site: &str) -> Mail {
    let subject = format!("An operator of Portico can look at {}", row.client_name);
    let until = row.until.to_zoned(firm.zone.clone());
    let lines = [
        format!(
            "{}, an operator of Portico, was admitted to the projects and the list of documents of {}. \
             Nothing can be changed by this, and no document can be opened.",
            row.by_name, row.client_name
        ),
        format!("It ends by itself at {} on {}.", until.strftime("%H:%M %Z"), until.strftime("%-d %B")),
        format!("Reason: {}", row.reason.as_str()),
        format!("Ticket: {}", row.ticket.as_str()),
        "If you did not expect this, end it at once.".to_owned(),
    ];
    let link = format!("{site}/firm/admissions");
    let footer = format!("Every partner of {} gets this mail. It is also in the client's audit.", firm.firm_name);
    let page = html! {
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
                    p style="margin:0 0 24px;font-weight:600" { (firm.firm_name) }
                    h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600" { (subject) }
                    @for line in &lines { p style="margin:0 0 16px" { (line) } }
                    p style="margin:24px 0" {
                        a href=(link) style="display:inline-block;padding:11px 20px;border:1px solid currentColor;border-radius:8px;color:inherit;font-weight:600;text-decoration:none" {
                            (BUTTON)
                        }
                    }
                    p style="margin:32px 0 0;font-size:13px;line-height:20px" { (footer) }
                }
            }
        }
    };
    Mail {
        to: to.clone(),
        from_name: HeaderText::new("Portico"),
        subject: HeaderText::new(&subject),
        text: format!("{subject}\n\n{}\n\n{BUTTON}:\n{link}\n\n--\n{footer}\n", lines.join("\n\n")),
        html: page.into_string(),
        headers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::platform::{Reason, Ticket};
    use domain::{AdmissionId, ClientId, PersonId};

    #[test]
    fn a_partner_reads_who_what_until_when_and_why() {
        let row = AdmissionRow {
            admission: AdmissionId::from_bits(1),
            client: ClientId::from_bits(2),
            client_name: domain::text::Name::parse("Acme <b>").unwrap(),
            reason: Reason::parse("Uploads stay unchecked since noon.").unwrap(),
            ticket: Ticket::parse("SUP-7").unwrap(),
            by: PersonId::from_bits(3),
            by_name: "Olive Park".into(),
            opened_at: "2026-11-26T14:00:00Z".parse().unwrap(),
            until: "2026-11-26T14:30:00Z".parse().unwrap(),
            ended_at: None,
            ended_by: None,
            mail_due: true,
            told: Vec::new(),
        };
        let firm = ToTell {
            firm_name: "Hartwell & Pryce".into(),
            zone: domain::calendar::zone("America/New_York").unwrap(),
            partners: Vec::new(),
        };
        let mail = admission(&row, &firm, &EmailAddress::parse("ada@firm.example").unwrap(), "https://portal.example");
        let told = ["Olive Park", "09:30 EST on 26 November", "Uploads stay unchecked", "SUP-7", "/firm/admissions\n"];
        for words in told {
            assert!(mail.text.contains(words), "{words} in {}", mail.text);
        }
        assert!(mail.html.contains("Acme &lt;b&gt;") && !mail.html.contains("<b>"), "{}", mail.html);
    }
}
