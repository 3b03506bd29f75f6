//! Text messages: one part, in the alphabet that every phone has (GSM 03.38). A character outside of it would halve
//! what fits into a part, so names are written without it.

use super::words::{Reader, due};
use crate::limits::SMS_SEPTETS_MAX;
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
    fn counts_as_phones_do() {
        assert_eq!(septets("abc €"), Some(6));
        assert_eq!(septets("ç"), None);
    }
}
