//! Text messages: one part, in the alphabet that every phone has (GSM 03.38). A character outside of it would halve
//! what fits into a part, so names are written without it.

use super::words::{Reader, due};
use crate::limits::{PHONE_CODE_SECONDS, SMS_SEPTETS_MAX};
use crate::project::{Milestone, Project};

/// Characters of one septet, line feed left out: a message is one line.
const BASIC: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Characters of two septets.
const EXTENDED: &str = "^{}\\[~]|€";

/// Letters near enough to be read as what they stand for.
const NEAR: &[(&str, &str)] = &[
    ("áâãāăą", "a"),
    ("ÁÀÂÃĀĂĄ", "A"),
    ("çćčĉ", "c"),
    ("ĆČĈ", "C"),
    ("ďđð", "d"),
    ("ĎĐÐ", "D"),
    ("êëēėęě", "e"),
    ("ÈÊËĒĖĘĚ", "E"),
    ("ğģĝ", "g"),
    ("ĞĢĜ", "G"),
    ("íîïīįı", "i"),
    ("ÍÌÎÏĪĮİ", "I"),
    ("łľļ", "l"),
    ("ŁĽĻ", "L"),
    ("ńňņ", "n"),
    ("ŃŇŅ", "N"),
    ("óôõōő", "o"),
    ("ÓÒÔÕŌŐ", "O"),
    ("œ", "oe"),
    ("Œ", "OE"),
    ("řŕ", "r"),
    ("ŘŔ", "R"),
    ("śšşș", "s"),
    ("ŚŠŞȘ", "S"),
    ("ťţț", "t"),
    ("ŤŢȚ", "T"),
    ("þ", "th"),
    ("Þ", "Th"),
    ("úûūůűų", "u"),
    ("ÚÙÛŪŮŰŲ", "U"),
    ("ýÿ", "y"),
    ("ÝŸ", "Y"),
    ("źżž", "z"),
    ("ŹŻŽ", "Z"),
    ("‘’‚‛′`´", "'"),
    ("“”„‟″«»", "\""),
    ("‐‑‒–—―−", "-"),
    ("…", "..."),
    ("•·", "*"),
    ("\u{a0}\u{2009}\u{202f}\t\n\r", " "),
];

/// What a text in the phone's alphabet takes; none where a character is outside of it.
pub fn septets(text: &str) -> Option<usize> {
    text.chars().try_fold(0, |sum, c| {
        if BASIC.contains(c) {
            Some(sum + 1)
        } else if EXTENDED.contains(c) {
            Some(sum + 2)
        } else {
            None
        }
    })
}

/// "Hartwell & Pryce: Depositions (Acme v. Dunmore) is due tomorrow, Wed 25 Nov. https://…", as much as fits one part.
/// The day is always told; the address goes first, then the project's name, and long names are cut.
pub fn deadline(project: &Project, milestone: &Milestone, reader: &Reader<'_>, site: &str) -> String {
    let firm = written(reader.firm_name).unwrap_or_else(|| "Your firm".to_owned());
    let title = written(milestone.title.as_str()).unwrap_or_else(|| "A deadline".to_owned());
    let place = if reader.of_client { project.name.as_str() } else { reader.client_name };
    let place = written(place);
    let due = due(milestone, reader.today);
    let address = written(site).map(|site| format!(" {site}")).unwrap_or_default();
    let place_words = place.as_deref().map(|place| format!(" ({place})")).unwrap_or_default();
    let whole = |firm: &str, title: &str, place: &str, address: &str| format!("{firm}: {title}{place} {due}.{address}");
    let candidates = [
        whole(&firm, &title, &place_words, &address),
        whole(&firm, &title, &place_words, ""),
        whole(&firm, &title, "", &address),
        whole(&firm, &title, "", ""),
        whole(&cut(&firm, 40), &cut(&title, 60), "", &address),
    ];
    let fits = |text: &&String| septets(text).is_some_and(|length| length <= SMS_SEPTETS_MAX);
    candidates.iter().find(fits).cloned().unwrap_or_else(|| whole(&cut(&firm, 30), &cut(&title, 40), "", ""))
}

/// "Hartwell & Pryce: New document: Lease.pdf (Acme). https://…": any other news in a line, for whom the firm made its kind
/// critical. The address goes first, then the client's name, and a long line is cut.
pub fn news(headline: &str, reader: &Reader<'_>, site: &str) -> String {
    let firm = written(reader.firm_name).unwrap_or_else(|| "Your firm".to_owned());
    let news = written(headline).unwrap_or_else(|| "There is something new".to_owned());
    let news = news.trim_end_matches('.');
    let client = Some(reader.client_name).filter(|_| !reader.of_client).and_then(written);
    let client = client.map(|client| format!(" ({client})")).unwrap_or_default();
    let address = written(site).map(|site| format!(" {site}")).unwrap_or_default();
    let whole = |firm: &str, news: &str, client: &str, address: &str| format!("{firm}: {news}{client}.{address}");
    let candidates = [
        whole(&firm, news, &client, &address),
        whole(&firm, news, &client, ""),
        whole(&firm, news, "", &address),
        whole(&firm, news, "", ""),
        whole(&cut(&firm, 40), &cut(news, 60), "", &address),
    ];
    let fits = |text: &&String| septets(text).is_some_and(|length| length <= SMS_SEPTETS_MAX);
    candidates.iter().find(fits).cloned().unwrap_or_else(|| whole(&cut(&firm, 40), &cut(news, 100), "", ""))
}

/// "Hartwell & Pryce: your code is 123456. It is good for 10 minutes. We will never ask you for it."
pub fn phone_code(firm_name: &str, code: &str) -> String {
    let firm = written(firm_name).unwrap_or_else(|| "Your firm".to_owned());
    let minutes = PHONE_CODE_SECONDS / 60;
    let words = format!("your code is {code}. It is good for {minutes} minutes. We will never ask you for it.");
    let left = SMS_SEPTETS_MAX.saturating_sub(words.len() + ": ".len());
    format!("{}: {words}", cut(&firm, left))
}

/// In the phone's alphabet; none where more than a third of it would be lost.
fn written(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut all, mut lost) = (0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        if BASIC.contains(c) || EXTENDED.contains(c) {
            out.push(c);
        } else if let Some((_, near)) = NEAR.iter().find(|(letters, _)| letters.contains(c)) {
            out.push_str(near);
        } else {
            lost += 1;
            out.push('?');
        }
    }
    (all > 0 && lost * 3 <= all).then_some(out)
}

/// At most so many septets, with the cut shown.
fn cut(text: &str, septets_max: usize) -> String {
    if septets(text).is_some_and(|length| length <= septets_max) {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if septets(&kept).unwrap_or(0) + 2 + "...".len() > septets_max {
            break;
        }
        kept.push(c);
    }
    format!("{}...", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_news_fit_one_message() {
        let check = |of_client: bool, headline: &str, want: &str| {
            let today = jiff::civil::date(2026, 11, 24);
            let reader = Reader { of_client, firm_name: "Hartwell & Pryce", client_name: "Acme", today };
            let text = news(headline, &reader, "https://p.example");
            assert_eq!(text, want);
            assert!(septets(&text).is_some_and(|length| length <= SMS_SEPTETS_MAX), "{text}");
        };
        check(true, "New document: Lease.pdf", "Hartwell & Pryce: New document: Lease.pdf. https://p.example");
        check(false, "2 new documents", "Hartwell & Pryce: 2 new documents (Acme). https://p.example");
        check(true, "合同", "Hartwell & Pryce: There is something new. https://p.example");
        let cut = format!("Hartwell & Pryce: {}l.... https://p.example", "long ".repeat(11));
        check(true, &"long ".repeat(40), &cut);
    }
    use crate::packs::Pack;
    use crate::project::{MilestoneEdit, MilestoneState, NewProject, Setting, open};
    use crate::{Moment, text::Name};
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    const SITE: &str = "https://portal.example";

    fn sms(firm_name: &str, project: &str, title: &str) -> String {
        let mut moment = Moment::new("2026-11-20T15:00:00Z".parse().unwrap(), || 1);
        let milestone = MilestoneEdit {
            id: None,
            title: Name::parse(title).unwrap(),
            due_on: Some(date(2026, 11, 25)),
            state: MilestoneState::Current,
            done_on: None,
            remind_at: None,
        };
        let new = NewProject {
            name: Name::parse(project).unwrap(),
            pack: Pack::Litigation,
            next_update_on: None,
            team: vec![],
            milestones: Some(vec![milestone]),
            phase: 0,
        };
        let setting = Setting { zone: &TimeZone::UTC, assigned: &[] };
        let project = open(new, 0, &setting, &mut moment).unwrap().0;
        let reader = Reader { of_client: true, firm_name, client_name: "Acme", today: date(2026, 11, 24) };
        deadline(&project, &project.milestones[0], &reader, SITE)
    }

    fn check(firm: &str, project: &str, title: &str, want: &str) {
        let text = sms(firm, project, title);
        assert_eq!(text, want);
        assert!(septets(&text).unwrap() <= SMS_SEPTETS_MAX, "{text}");
    }

    #[test]
    fn says_it_in_one_part() {
        check(
            "Hartwell & Pryce",
            "Acme v. Dunmore",
            "Depositions",
            "Hartwell & Pryce: Depositions (Acme v. Dunmore) is due tomorrow, Wed 25 Nov. https://portal.example",
        );
        check(
            "Łukaszewicz – Côté",
            "“Über” gegen ça",
            "Réponse… déposée",
            "Lukaszewicz - Coté: Réponse... déposée (\"Über\" gegen ca) is due tomorrow, Wed 25 Nov. https://portal.example",
        );
        check("株式会社", "山田", "訴訟", "Your firm: A deadline is due tomorrow, Wed 25 Nov. https://portal.example");
    }

    #[test]
    fn the_day_outlives_long_names() {
        let (long, title) = ("A very long matter name ".repeat(4), "Filing of the complaint in the district court");
        let text = sms("Hartwell & Pryce", long.trim(), title);
        assert_eq!(text, format!("Hartwell & Pryce: {title} is due tomorrow, Wed 25 Nov. {SITE}"));
        for letters in ["x", "[", "é", "€", "山", "x山"] {
            let name: String = letters.chars().cycle().take(120).collect();
            let text = sms(&name, &name, &name);
            assert!(septets(&text).is_some_and(|length| length <= SMS_SEPTETS_MAX), "{text}");
            assert!(text.contains("is due tomorrow, Wed 25 Nov."), "{text}");
        }
    }

    #[test]
    fn a_code_is_told_whole_whoever_sends_it() {
        let text = phone_code("Hartwell & Pryce", "012345");
        assert_eq!(
            text,
            "Hartwell & Pryce: your code is 012345. It is good for 10 minutes. We will never ask you for it."
        );
        for letters in ["x", "[", "é", "€", "山", "x山"] {
            let name: String = letters.chars().cycle().take(120).collect();
            let text = phone_code(&name, "012345");
            assert!(septets(&text).is_some_and(|length| length <= SMS_SEPTETS_MAX), "{text}");
            assert!(text.contains(": your code is 012345."), "{text}");
        }
    }

    #[test]
    fn counts_as_phones_do() {
        assert_eq!(septets("abc €"), Some(6));
        assert_eq!(septets("ç"), None);
    }
}
