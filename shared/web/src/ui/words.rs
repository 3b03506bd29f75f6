//! Money, dates, sizes and counts as people say them, with the exact value for machines and on hover.

use std::borrow::Cow;

use domain::calendar;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use maud::{Markup, html};

/// A file's name as it fits into two lines of a phone: the middle is left out, and the ending kept.
pub fn file_name(name: &str) -> Cow<'_, str> {
    let count = name.chars().count();
    if count <= FILE_NAME_SHOWN_MAX {
        return Cow::Borrowed(name);
    }
    let from = |skipped: usize| name.char_indices().nth(skipped).map_or(name.len(), |(at, _)| at);
    let (first, last) =
        (&name[..from(FILE_NAME_SHOWN_MAX - FILE_NAME_END_SHOWN - 1)], &name[from(count - FILE_NAME_END_SHOWN)..]);
    Cow::Owned(format!("{}\u{2026}{}", first.trim_end(), last.trim_start()))
}

const FILE_NAME_SHOWN_MAX: usize = 64;
const FILE_NAME_END_SHOWN: usize = 20;

/// "$1,234.50": an amount in hundredths with its currency, by ISO code.
pub fn money(cents: i64, currency: &str) -> Markup {
    let (whole, part) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let exact = format!("{}{whole}.{part:02}", if cents < 0 { "-" } else { "" });
    html! { data.money value=(exact) { (money_words(cents, currency)) } }
}

/// The same as plain text, for titles and mail.
pub fn money_words(cents: i64, currency: &str) -> String {
    let (whole, part) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let sign = if cents < 0 { "\u{2212}" } else { "" };
    let amount = format!("{}.{part:02}", grouped(whole));
    match currency {
        "USD" => format!("{sign}${amount}"),
        "EUR" => format!("{sign}€{amount}"),
        "GBP" => format!("{sign}£{amount}"),
        other => format!("{sign}{amount}\u{a0}{other}"),
    }
}

/// "Tue 24 Nov", with the year when it is not this one.
pub fn day(date: Date, today: Date) -> Markup {
    html! { time datetime=(date) title=(day_exact(date)) { (calendar::day_words(date, today)) } }
}

/// A day with its distance where that is what matters: "today", "tomorrow", "in 3 days", "4 days ago"; beyond a week
/// the day itself.
pub fn day_near(date: Date, today: Date) -> Markup {
    html! { time datetime=(date) title=(day_exact(date)) { (day_near_words(date, today)) } }
}

/// The same as plain text.
pub fn day_near_words(date: Date, today: Date) -> String {
    match days_between(today, date) {
        0 => "today".into(),
        1 => "tomorrow".into(),
        -1 => "yesterday".into(),
        days @ 2..=6 => format!("in {days} days"),
        days @ -6..=-2 => format!("{} days ago", -days),
        _ => calendar::day_words(date, today),
    }
}

/// "due Fri 27 Nov", "due today", "4 days late".
pub fn due(date: Date, today: Date) -> Markup {
    html! { time.is-late[date < today] datetime=(date) title=(day_exact(date)) { (due_words(date, today)) } }
}

/// The same as plain text.
pub fn due_words(date: Date, today: Date) -> String {
    match days_between(today, date) {
        0 => "due today".into(),
        1 => "due tomorrow".into(),
        -1 => "1 day late".into(),
        late if late < 0 => format!("{} days late", -late),
        _ => format!("due {}", calendar::day_words(date, today)),
    }
}

/// The day alone, for the end of a row: "Fri 27 Nov", "today", "4 days late".
pub fn deadline(date: Date, today: Date) -> Markup {
    let words = due_words(date, today);
    let words = words.strip_prefix("due ").unwrap_or(&words);
    html! { time.is-late[date < today] datetime=(date) title=(day_exact(date)) { (words) } }
}

/// "Tue 24 Nov, 10:00" in the reader's zone; the title says it in full with the zone.
pub fn instant(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Markup {
    let zoned = at.to_zoned(zone.clone());
    html! {
        time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) title=(zoned.strftime("%A %-d %B %Y, %H:%M %Z")) {
            (calendar::instant_words(at, now, zone))
        }
    }
}

/// "1.2 MB", in the thousands that file managers count in.
pub fn size(bytes: u64) -> String {
    const KILO: u64 = 1000;
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", (bytes + KILO / 2) / KILO),
        _ => {
            let tenths = (bytes + 50_000) / 100_000;
            if tenths < 100 {
                format!("{}.{} MB", tenths / 10, tenths % 10)
            } else {
                format!("{} MB", grouped(tenths / 10))
            }
        }
    }
}

/// "1 document", "3 documents".
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}

fn day_exact(date: Date) -> String {
    date.strftime("%A %-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn long_names_of_files_keep_both_ends() {
        let check = |name: &str, want: &str| assert_eq!(file_name(name), want);
        check("Lease.pdf", "Lease.pdf");
        let long = format!("{}Amendment 4 signed.pdf", "Lease of 14 Harbour Street, ".repeat(6));
        let shown = file_name(&long);
        assert!(shown.starts_with("Lease of 14 Harbour Street,") && shown.ends_with("ment 4 signed.pdf"), "{shown}");
        assert!(shown.chars().count() <= FILE_NAME_SHOWN_MAX, "{shown}");
        assert!(file_name(&"\u{1F600}".repeat(255)).chars().count() <= FILE_NAME_SHOWN_MAX);
    }

    #[test]
    fn money_with_its_currency() {
        let check = |cents, currency, want: &str| assert_eq!(money_words(cents, currency), want);
        check(0, "USD", "$0.00");
        check(123_450, "USD", "$1,234.50");
        check(-100_000_005, "EUR", "−€1,000,000.05");
        check(99, "CHF", "0.99\u{a0}CHF");
        check(i64::MIN, "GBP", "−£92,233,720,368,547,758.08");
        assert_eq!(money(-5, "USD").into_string(), r#"<data class="money" value="-0.05">−$0.05</data>"#);
    }

    #[test]
    fn days_as_people_say_them() {
        let today = date(2026, 11, 24);
        let check = |day, near: &str, due: &str| {
            assert_eq!((day_near_words(day, today).as_str(), due_words(day, today).as_str()), (near, due), "{day}");
        };
        check(today, "today", "due today");
        check(date(2026, 11, 25), "tomorrow", "due tomorrow");
        check(date(2026, 11, 27), "in 3 days", "due Fri 27 Nov");
        check(date(2026, 11, 23), "yesterday", "1 day late");
        check(date(2026, 10, 24), "Sat 24 Oct", "31 days late");
        check(date(2027, 1, 20), "Wed 20 Jan 2027", "due Wed 20 Jan 2027");
        let late = deadline(date(2026, 11, 22), today).into_string();
        assert!(late.contains(r#"class="is-late""#) && late.contains(">2 days late<"), "{late}");
        assert!(deadline(today, today).into_string().ends_with(">today</time>"));
    }

    #[test]
    fn an_instant_names_its_zone() {
        let at: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let zone = calendar::zone("America/New_York").unwrap();
        let want = r#"<time datetime="2026-11-24T15:00:00Z" title="Tuesday 24 November 2026, 10:00 EST">Tue 24 Nov, 10:00</time>"#;
        assert_eq!(instant(at, at, &zone).into_string(), want);
    }

    #[test]
    fn sizes_and_counts() {
        let check = |bytes, want: &str| assert_eq!(size(bytes), want);
        check(0, "0 bytes");
        check(999, "999 bytes");
        check(1_500, "2 kB");
        check(1_249_999, "1.2 MB");
        check(9_960_000, "10 MB");
        check(20 * 1024 * 1024, "21 MB");
        assert_eq!(count(1, "file", "files"), "1 file");
        assert_eq!(count(12_000, "file", "files"), "12,000 files");
    }
}
