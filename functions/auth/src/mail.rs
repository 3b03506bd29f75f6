//! Mail about signing in: the link and the code, and what happened to it. It loads nothing and counts nothing.

use domain::{EmailAddress, Timestamp, calendar, limits};
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, html};
use storage::{HeaderText, Mail};

/// What the mail says.
pub(crate) struct SignInMail<'a> {
    pub(crate) to: &'a EmailAddress,
    /// The person's only firm, or the portal's own name.
    pub(crate) firm_name: &'a str,
    pub(crate) link: String,
    pub(crate) code: &'a str,
    pub(crate) asked_at: Timestamp,
    pub(crate) place: Option<&'a str>,
    pub(crate) zone: TimeZone,
}

pub(crate) fn sign_in(words: &SignInMail<'_>) -> Mail {
    let SignInMail { firm_name, link, code, .. } = words;
    let asked = asked_words(words.asked_at, words.place, &words.zone);
    let minutes = limits::LINK_AGE_SECONDS_MAX / 60;
    let works = format!("Both work once, for {minutes} minutes, and only where you asked for them.");
    let not_you = "If that was not you, do nothing: without this mail nobody gets in. Never tell the code to anybody, \
                   not even to us.";
    let text = format!(
        "Sign in to {firm_name}\n\n\
         Open this link in the browser where you asked for it:\n{link}\n\n\
         Reading this on another device? Type this code where you asked:\n{code}\n\n\
         {works}\n{asked}\n\n{not_you}\n"
    );
    let title = format!("Sign in to {firm_name}");
    let html = letter(
        &title,
        &html! {
            p style="margin:0 0 16px" { "Open this link in the browser where you asked for it:" }
            p style="margin:0 0 24px" { (button(link, "Sign in")) }
            p style="margin:0 0 8px" { "Reading this on another device? Type this code where you asked:" }
            p style="margin:0 0 24px;font-size:28px;letter-spacing:4px" { strong { (code) } }
            p style="margin:0 0 16px" { (works) " " (asked) }
            p style="margin:0;color:#4a5563" { (not_you) }
        },
    );
    Mail {
        to: words.to.clone(),
        from_name: HeaderText::new(firm_name),
        subject: HeaderText::new(&format!("Your sign-in link for {firm_name}")),
        text,
        html: html.into_string(),
        tags: Vec::new(),
        headers: Vec::new(),
    }
}

/// The code by which somebody who is signed in confirms who they are. Without a link: there is nothing to open.
pub(crate) fn confirm(words: &SignInMail<'_>) -> Mail {
    let SignInMail { firm_name, code, .. } = words;
    let asked = asked_words(words.asked_at, words.place, &words.zone);
    let minutes = limits::LINK_AGE_SECONDS_MAX / 60;
    let works = format!("It works once, for {minutes} minutes, and only where you asked for it.");
    let not_you = "If that was not you, somebody is signed in as you: open the portal, sign out everywhere and tell your \
                   firm. Never tell the code to anybody, not even to us.";
    let text = format!(
        "Confirm that it is you\n\nType this code where you asked for it:\n{code}\n\n{works}\n{asked}\n\n{not_you}\n"
    );
    let html = letter(
        "Confirm that it is you",
        &html! {
            p style="margin:0 0 8px" { "Type this code where you asked for it:" }
            p style="margin:0 0 24px;font-size:28px;letter-spacing:4px" { strong { (code) } }
            p style="margin:0 0 16px" { (works) " " (asked) }
            p style="margin:0;color:#4a5563" { (not_you) }
        },
    );
    Mail {
        to: words.to.clone(),
        from_name: HeaderText::new(firm_name),
        subject: HeaderText::new(&format!("Your code for {firm_name}")),
        text,
        html: html.into_string(),
        tags: Vec::new(),
        headers: Vec::new(),
    }
}

/// Something that happened to a person's sign-in.
pub(crate) struct Told<'a> {
    pub(crate) subject: &'a str,
    /// A sentence.
    pub(crate) what: &'a str,
    /// What to do where it was not the person: the end of a sentence.
    pub(crate) not_you: &'a str,
    /// Of the portal.
    pub(crate) page: &'a str,
}

pub(crate) fn told(
    to: &EmailAddress,
    firm_name: &str,
    told: &Told<'_>,
    at: Timestamp,
    zone: &TimeZone,
    site_origin: &str,
) -> Mail {
    let zone_name = at.to_zoned(zone.clone()).strftime("%Z").to_string();
    let when = format!("That was on {} {zone_name}.", calendar::instant_words(at, at, zone));
    let yours = "If that was you, there is nothing to do.";
    let not_yours = format!("If not, {}:", told.not_you);
    let page = format!("{site_origin}{}", told.page);
    let text = format!("{}\n{when}\n\n{yours} {not_yours}\n{page}\n", told.what);
    let html = letter(
        told.subject,
        &html! {
            p style="margin:0 0 16px" { (told.what) " " (when) }
            p style="margin:0 0 16px" { (yours) " " (not_yours) }
            p style="margin:0" { (button(&page, "Open the page")) }
        },
    );
    Mail {
        to: to.clone(),
        from_name: HeaderText::new(firm_name),
        subject: HeaderText::new(&format!("{} for {firm_name}", told.subject)),
        text,
        html: html.into_string(),
        tags: Vec::new(),
        headers: Vec::new(),
    }
}

/// A letter that loads nothing, as mail programs draw one.
fn letter(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (title) } }
            body style="margin:0;padding:24px;background:#f8fafc;color:#151b23;font:16px/24px system-ui,sans-serif" {
                div style="max-width:480px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #d4d8dd;border-radius:8px" {
                    h1 style="margin:0 0 16px;font-size:20px" { (title) }
                    (body)
                }
            }
        }
    }
}

fn button(href: &str, label: &str) -> Markup {
    html! {
        a href=(href) style="display:inline-block;padding:12px 20px;background:#24527a;color:#ffffff;border-radius:8px;text-decoration:none" {
            (label)
        }
    }
}

/// "Asked for on Tue 24 Nov, 10:02 EST, from Utrecht, NL."
pub(crate) fn asked_words(at: Timestamp, place: Option<&str>, zone: &TimeZone) -> String {
    let zone_name = at.to_zoned(zone.clone()).strftime("%Z").to_string();
    let place = place.map(|place| format!(", from {place}")).unwrap_or_default();
    format!("Asked for on {} {zone_name}{place}.", calendar::instant_words(at, at, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(firm_name: &str) -> Mail {
        sign_in(&SignInMail {
            to: &EmailAddress::parse("ada@x.example").unwrap(),
            firm_name,
            link: "https://p.example/sign-in/link?token=0a".into(),
            code: "012345",
            asked_at: "2026-11-24T15:02:00Z".parse().unwrap(),
            place: Some("Utrecht, NL"),
            zone: calendar::zone("America/New_York").unwrap(),
        })
    }

    #[test]
    fn says_all_that_is_needed_in_both_forms() {
        let mail = mail("Hartwell & Pryce");
        assert_eq!(mail.subject.as_str(), "Your sign-in link for Hartwell & Pryce");
        for part in ["https://p.example/sign-in/link?token=0a", "012345", "Tue 24 Nov, 10:02 EST, from Utrecht, NL."] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
            assert!(mail.html.contains(part), "{part} in {}", mail.html);
        }
        assert!(!mail.html.contains("src="), "nothing is loaded, so nothing tells when it is read");
    }

    #[test]
    fn a_code_to_confirm_comes_without_a_link() {
        let words = SignInMail {
            to: &EmailAddress::parse("ada@x.example").unwrap(),
            firm_name: "Hartwell & Pryce",
            link: "https://p.example/sign-in/link?token=0a".into(),
            code: "012345",
            asked_at: "2026-11-24T15:02:00Z".parse().unwrap(),
            place: None,
            zone: TimeZone::UTC,
        };
        let mail = confirm(&words);
        assert!(mail.text.contains("012345") && mail.html.contains("012345"));
        assert!(!mail.text.contains("http") && !mail.html.contains("href"), "{}", mail.text);
    }

    #[test]
    fn what_happened_is_told_with_a_way_to_end_it() {
        let to = EmailAddress::parse("ada@x.example").unwrap();
        let what = Told { subject: "New sign-in", what: "Somebody <came>.", not_you: "sign out", page: "/sessions" };
        let at = "2026-11-24T15:02:00Z".parse().unwrap();
        let mail = told(&to, "Hartwell", &what, at, &TimeZone::UTC, "https://p.example");
        assert_eq!(mail.subject.as_str(), "New sign-in for Hartwell");
        for part in ["Tue 24 Nov, 15:02 UTC", "https://p.example/sessions", "If not, sign out"] {
            assert!(mail.text.contains(part) && mail.html.contains(part), "{part} in {}", mail.text);
        }
        assert!(mail.html.contains("Somebody &lt;came&gt;."));
    }

    #[test]
    fn a_firms_name_is_text_and_nothing_else() {
        let mail = mail("<script>\r\nBcc: b@x.example");
        assert!(!mail.html.contains("<script>"));
        assert_eq!(mail.subject.as_str(), "Your sign-in link for <script> Bcc: b@x.example");
    }
}
