//! What the partners of a firm are told by mail when an operator is admitted to one of their clients.

use domain::EmailAddress;
use storage::{AdmissionRow, Mail, ToTell};
use web::letter::Letter;

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
    let letter = Letter {
        from: "Portico",
        head: &firm.firm_name,
        subject: &subject,
        lines: &lines,
        button: "See it, or end it now",
        link: &format!("{site}/firm/admissions"),
        footer: &format!("Every partner of {} gets this mail. It is also in the client's audit.", firm.firm_name),
        answer_above: None,
    };
    letter.to(to)
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
