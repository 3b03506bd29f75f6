//! The end of what somebody wrote that their program wrote for them. Names and greetings stay: people write those.

use super::languages::{DEVICES, SENT_FROM};
use super::line::Line;

/// RFC 3676, 4.3. Programs lose the space.
const SEPARATOR: &str = "-- ";
const SEPARATORS_WORN: &[&str] = &["--", "—", "– –"];
/// A signature under a worn separator is no longer than this: more is text under a line.
const SIGNATURE_LINES_MAX: usize = 12;
const SIGNED_LINE_CHARACTERS_MAX: usize = 80;
const SENT_FROM_CHARACTERS_MAX: usize = 90;
/// "from my iPhone with GMX Mail", but not "from my phone is the photo of page 3".
const WORDS_AFTER_DEVICE_MAX: usize = 4;
/// In writing that sets no spaces.
const DEVICES_UNSPACED: &[&str] = &["iphone", "ipad", "手机", "スマート", "アイフォン"];

/// How many of these lines are left before the signature.
pub(crate) fn length_without(lines: &[Line]) -> usize {
    let end = separator(lines).unwrap_or(lines.len());
    let mut left = without_blank(&lines[..end]);
    while left.last().is_some_and(|line| !line.is_long() && is_sent_from(&line.text)) {
        left = without_blank(&left[..left.len() - 1]);
    }
    left.len()
}

fn without_blank(lines: &[Line]) -> &[Line] {
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(0, |at| at + 1);
    &lines[..end]
}

fn separator(lines: &[Line]) -> Option<usize> {
    if let Some(at) = lines.iter().position(|line| line.text == SEPARATOR) {
        return Some(at);
    }
    let at = lines.iter().rposition(|line| SEPARATORS_WORN.contains(&line.text.trim()))?;
    let mut under = lines[at + 1..].iter().map(|line| line.text.trim()).filter(|line| !line.is_empty());
    let is_signature = under.clone().count() <= SIGNATURE_LINES_MAX && under.all(may_be_signed_with);
    is_signature.then_some(at)
}

/// Names, addresses and numbers; no sentence.
fn may_be_signed_with(line: &str) -> bool {
    const ABBREVIATED: &[&str] =
        &["ltd.", "inc.", "co.", "corp.", "llp.", "jr.", "sr.", "e.v.", "b.v.", "n.v.", "s.a.", "esq."];
    let ends_sentence = line.ends_with(['.', '?', '!', ':', ';', ',']);
    let is_abbreviated =
        line.split_whitespace().last().is_some_and(|word| ABBREVIATED.contains(&word.to_lowercase().as_str()));
    line.chars().count() <= SIGNED_LINE_CHARACTERS_MAX && (!ends_sentence || is_abbreviated)
}

/// "Sent from my iPhone", "Get Outlook for iOS": one short line that begins with such words and names a device or a
/// program, and says little more.
pub(crate) fn is_sent_from(line: &str) -> bool {
    let plain: String = without_links(line).to_lowercase().replace('\u{a0}', " ").replace(['’', '´'], "'");
    let words = plain.trim().trim_start_matches(['*', '_', '-', '–', ' ', '[', '(']);
    if words.chars().count() > SENT_FROM_CHARACTERS_MAX || words.ends_with('?') {
        return false;
    }
    let Some(rest) = SENT_FROM.iter().find_map(|start| words.strip_prefix(start)) else {
        return false;
    };
    let sentence = rest.split([',', '.', ';', '!']).next().unwrap_or_default();
    let named: Vec<&str> =
        sentence.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty()).collect();
    let last = named.iter().rposition(|word| DEVICES.iter().any(|device| word.starts_with(device)));
    match last {
        Some(last) => named.len() - last - 1 <= WORDS_AFTER_DEVICE_MAX,
        // The words before were all, or name a device without spaces.
        None => sentence.trim().is_empty() || DEVICES_UNSPACED.iter().any(|device| rest.contains(device)),
    }
}

/// Programs write the address of a link behind its words.
fn without_links(line: &str) -> String {
    let mut words = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(['<', '[', '(']) {
        let opens = &rest[start..];
        let close = match opens.as_bytes().first() {
            Some(b'<') => '>',
            Some(b'[') => ']',
            _ => ')',
        };
        let is_link = opens[1..].starts_with("http") || opens[1..].starts_with("mailto:");
        words.push_str(&rest[..start]);
        match opens.find(close) {
            Some(end) if is_link => rest = &opens[end + 1..],
            _ => {
                words.push_str(&opens[..1]);
                rest = &opens[1..];
            }
        }
    }
    words.push_str(rest);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_write() {
        for line in [
            "Sent from my iPhone",
            "Sent from my iPad Pro",
            "Sent from my Verizon Wireless BlackBerry",
            "Sent from my Verizon, Samsung Galaxy smartphone",
            "Sent from my T-Mobile 4G LTE Device",
            "Sent from Yahoo Mail on Android",
            "Sent from Yahoo Mail for iPhone<https://mail.onelink.me/107872968>",
            "Sent from Mail for Windows 10",
            "Sent from [Mail](https://go.microsoft.com/fwlink/?LinkId=550986) for Windows",
            "Sent with Proton Mail secure email.",
            "Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Sent from my phone, please excuse the brevity",
            "Von meinem iPhone gesendet",
            "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
            "Gesendet von Mail für Windows",
            "Gesendet mit der GMX Mail App",
            "Holen Sie sich Outlook für Android<https://aka.ms/AAb9ysg>",
            "Envoyé de mon iPhone",
            "Envoyé à partir de Outlook pour iOS",
            "Télécharger Outlook pour Android",
            "Enviado desde mi iPhone",
            "Obtener Outlook para iOS",
            "Enviado do meu iPhone",
            "Inviato da iPhone",
            "Inviato dal mio smartphone Samsung Galaxy.",
            "Verstuurd vanaf mijn iPhone",
            "Skickat från min iPhone",
            "Sendt fra min iPhone",
            "Wysłane z iPhone'a",
            "Odesláno z iPhonu",
            "Lähetetty iPhonesta",
            "Отправлено с iPhone",
            "iPhone'umdan gönderildi",
            "iPhoneから送信",
            "发自我的iPhone",
            "从我的手机发送",
        ] {
            assert!(is_sent_from(line), "{line}");
        }
        for line in [
            "Sent from my desk, which is easier than my phone.",
            "Sent from my phone is the photo of page 3",
            "Sent by mail today.",
            "Get the mail from the post office",
            "Sent from my mobile phone yesterday, did you get it?",
            "Sent",
            "I am sent from my iPhone",
            "Envoyé de Paris",
            "Bob",
            "",
        ] {
            assert!(!is_sent_from(line), "{line}");
        }
    }

    #[test]
    fn separators() {
        let check = |text: &str, want: usize| {
            let lines: Vec<Line> =
                text.split('\n').map(|text| Line { text: text.to_owned(), ..Line::default() }).collect();
            assert_eq!(length_without(&lines), want, "{text}");
        };
        check("Yes.\n-- \nBob\nCall me. Any time.", 1);
        check("Yes.\n--\nBob\nClient Ltd.\n+44 20 7946 0000", 1);
        check("Yes.\n--\nAnd send the lease, please.", 3);
        check("Yes.\n\n—\nBob", 1);
        check("A\n--\nB.\n--\nBob", 3);
        check("Yes.\nSent from my iPhone\n\n", 1);
        check("Yes.\n\nSent from my iPhone\nGet Outlook for iOS", 1);
        check("-- \nBob", 0);
        check("Yes.\nBob", 2);
    }
}
