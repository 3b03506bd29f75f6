//! How somebody wants to hear of things.

use domain::Timestamp;
use domain::limits::PHONE_CODE_SECONDS;
use domain::notice::Tier;
use domain::notice::clock::Day;
use domain::notice::delivery::Suppression;
use domain::notice::kind::{Kind, Pace};
use domain::notice::preferences::NewPreferences;
use domain::person::FieldRefused;
use maud::{Markup, html};
use storage::{Brand, OwnHearing};
use web::ui::form::{self, Choice, Field, Size, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{PageHead, Section, card, page_head, section};
use web::ui::{Button, Icon, code, words};

pub(crate) struct NoticesView<'a> {
    /// What can come to this person.
    pub(crate) kinds: &'a [Kind],
    /// What the form shows: what is stored, or what was typed last.
    pub(crate) typed: &'a NewPreferences,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) own: &'a OwnHearing,
    pub(crate) brand: &'a Brand,
    pub(crate) zones: &'a [String],
    /// What was wrong about a code for the phone.
    pub(crate) code_error: Option<&'a str>,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
}

impl NoticesView<'_> {
    fn is_critical(&self, kind: Kind) -> bool {
        self.brand.notices.of(kind).tier == Tier::Critical
    }

    fn error(&self, name: &str) -> Option<&str> {
        self.refused.iter().find(|refused| refused.field == name).map(|refused| refused.why.as_str())
    }

    fn field<'f>(&'f self, name: &'f str, label: &'f str, hint: Option<&'f str>) -> Field<'f> {
        Field { name, label, hint, error: self.error(name), optional: false }
    }
}

pub(crate) fn page(view: &NoticesView<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    let of_code: Vec<(&str, &str)> = view.code_error.map(|why| ("phone", why)).into_iter().collect();
    html! {
        (page_head(&PageHead {
            title: "Notifications",
            line: Some(html! { "How you hear of what happens at " (view.brand.firm_name) "." }),
            actions: &[
                Button::quiet("Sign-in and security").with_icon(Icon::Key).link("/security"),
                Button::quiet("Signed-in devices").with_icon(Icon::Device).link("/sessions"),
            ],
            ..PageHead::default()
        }))
        @if let Some(suppressed) = view.own.suppressed { (takes_nothing(view, suppressed)) }
        (form::error_summary(&errors))
        (form::error_summary_saying("Your number is not verified yet", &of_code))
        (form::form("/notices", view.csrf, html! {
            input type="hidden" name="version" value=(view.typed.version);
            (form::group("kinds", "What we notify you about", html! {
                p.hint { "What cannot be turned off comes once a week at least, in a digest." }
                @for kind in view.kinds { (kind_fields(view, *kind)) }
            }))
            (form::group("when", "When", when(view)))
            (web::ui::button::actions(&[Button::primary("Save").submit()]))
        }))
        (section(&Section { title: "Text messages", ..Section::default() }, phone(view)))
    }
}

/// Nothing is mailed to the person: why, and how that ends.
fn takes_nothing(view: &NoticesView<'_>, suppressed: Suppression) -> Markup {
    let body = html! {
        p { (suppressed.sentence()) " Since " (words::instant(suppressed.at, view.now, &view.brand.time_zone())) "." }
        (form::inline_form("/notices/address", view.csrf, &[], Button::primary("Send to it again").submit()))
    };
    section(&Section { title: "You get no mail from here", ..Section::default() }, card(body))
}

/// How soon of one kind, by mail; and whether by text message as well, where the firm sends any.
fn kind_fields(view: &NoticesView<'_>, kind: Kind) -> Markup {
    let rule = view.brand.notices.of(kind);
    let typed = view.typed.kinds.get(kind.as_str());
    let pace = typed.map_or_else(|| rule.pace().as_str(), |typed| &typed.pace);
    // Once a week is as little as most kinds come, which is said above them.
    let hint = match rule.least.least_sentence().filter(|_| rule.least != Pace::Weekly) {
        Some(why) => format!("{} {why}", kind.sentence()),
        None => kind.sentence().to_owned(),
    };
    let choices: Vec<Choice<'_>> = rule
        .choices()
        .map(|offered: Pace| Choice::new(offered.as_str(), offered.title(), offered.as_str() == pace))
        .collect();
    html! {
        (form::select(&view.field(kind.as_str(), kind.title(), Some(&hint)), &choices))
        @if view.is_critical(kind) {
            @let is_on = typed.is_none_or(|typed| typed.sms);
            @if view.own.phone.is_none() {
                // Where there is no number there is nothing to choose, and what was chosen stays.
                @if is_on { input type="hidden" name="sms" value=(kind.as_str()); }
            } @else {
                label.check {
                    input type="checkbox" name="sms" value=(kind.as_str()) checked[is_on];
                    span {
                        "By text message as well"
                        @if !view.own.has_proven_phone() { ", once your number is verified (below)" }
                        span.unseen { ": " (kind.title()) }
                    }
                }
            }
        }
    }
}

fn when(view: &NoticesView<'_>) -> Markup {
    let typed = view.typed;
    let chosen = typed.zone.as_deref().unwrap_or_default();
    let of_firm = format!("Same as the firm ({})", view.brand.zone);
    let zones = view.zones.iter().map(String::as_str);
    // A zone that the list leaves out stays what it is.
    let own = Some(chosen).filter(|own| !own.is_empty() && !view.zones.iter().any(|zone| zone == own));
    let zones: Vec<Choice<'_>> = [Choice::new("", &of_firm, chosen.is_empty())]
        .into_iter()
        .chain(own.into_iter().chain(zones).map(|zone| Choice::new(zone, zone, zone == chosen)))
        .collect();
    let hours: Vec<(String, String)> = (0..24).map(|hour| (hour.to_string(), format!("{hour}:00"))).collect();
    let hours: Vec<Choice<'_>> =
        hours.iter().map(|(value, label)| Choice::new(value, label, *value == typed.digest_hour)).collect();
    let days: Vec<Choice<'_>> = Day::ALL
        .into_iter()
        .map(|day| Choice::new(day.as_str(), day.title(), day.as_str() == typed.digest_day))
        .collect();
    let quiet_hint = "No text messages and no routine mail between these times. Urgent mail still comes.";
    html! {
        (form::select(&view.field("zone", "Your time zone", Some("The times below are in this time zone.")), &zones))
        (form::beside(&[
            clock(view, "quiet_start", "Quiet from", Some(quiet_hint), typed.quiet_start.as_deref()),
            clock(view, "quiet_end", "Quiet until", None, typed.quiet_end.as_deref()),
        ]))
        (form::select(&view.field("digest_hour", "Send digests at", None), &hours))
        (form::select(&view.field("digest_day", "Weekly digest on", None), &days))
    }
}

fn clock(view: &NoticesView<'_>, name: &str, label: &str, hint: Option<&str>, value: Option<&str>) -> Markup {
    let field = Field { optional: true, ..view.field(name, label, hint) };
    let value = value.unwrap_or_default();
    form::text_input(&TextInput { field, value, kind: "time", size: Size::Short, ..TextInput::default() })
}

/// The number, and how it is proven.
fn phone(view: &NoticesView<'_>) -> Markup {
    let Some(phone) = &view.own.phone else {
        return html! {
            p id="phone" {
                "We have no mobile number of yours. Ask " (view.brand.firm_name) " to add one, and urgent notifications come by text message too."
            }
        };
    };
    let awaited = view.own.code.as_ref().is_some_and(|code| code.is_awaited(phone, view.now));
    let again = if awaited { "Send another code" } else { "Send me a code" };
    let hint = format!("Six digits. They are good for {} minutes.", PHONE_CODE_SECONDS / 60);
    let field = Field {
        name: "code",
        label: "Code from the text message",
        hint: Some(&hint),
        error: view.code_error,
        optional: false,
    };
    html! {
        div id="phone" {
            @if view.own.has_proven_phone() {
                p { (phone.as_str()) " " (pill_saying(State::Done, "Verified")) }
                p { "Urgent notifications also come here, where the box above is ticked." }
            } @else {
                p { (phone.as_str()) " " (pill_saying(State::WaitingOnYou, "Not verified")) }
                p { "Nothing is sent to this number until you verify it with a code." }
                @if awaited {
                    (form::form("/notices/phone", view.csrf, html! {
                        (code::code_input(&field))
                        (Button::quiet("Verify the number").submit())
                    }))
                } @else if let Some(why) = view.code_error {
                    (form::field_error("phone-error", why))
                }
                (form::inline_form("/notices/phone/code", view.csrf, &[], Button::quiet(again).with_icon(Icon::Message).submit()))
            }
            p.hint { "Is the number not yours, or an old one? Ask " (view.brand.firm_name) " to change it." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::notice::kind::{FirmRule, FirmRules};
    use domain::notice::phone::PhoneCode;
    use domain::notice::preferences::Preferences;
    use domain::person::Phone;
    use storage::Hearing;

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn drawn(own: &OwnHearing, notices: FirmRules, refused: &[FieldRefused]) -> String {
        let kinds = [Kind::Deadline, Kind::Document, Kind::Progress];
        let typed = Preferences::default().typed(kinds, &notices, 3);
        let brand: Brand = serde_json::from_value(serde_json::json!({
            "firm_name": "Hartwell & Pryce", "zone": "America/New_York", "key_arn": "", "packs": [],
        }))
        .unwrap();
        let view = NoticesView {
            kinds: &kinds,
            typed: &typed,
            refused,
            own,
            brand: &Brand { notices, ..brand },
            zones: &["Europe/Berlin".to_owned()],
            code_error: None,
            csrf: "t",
            now: now(),
        };
        page(&view).into_string()
    }

    #[test]
    fn the_form_offers_what_the_firm_allows_and_says_why() {
        let none = OwnHearing { hearing: Hearing::default(), phone: None, code: None, suppressed: None };
        let off = FirmRule { tier: Tier::Standard, least: Pace::Off };
        let rules = FirmRules::default().with(Kind::Progress, off);
        let html = drawn(&none, rules.clone(), &[]);
        assert_eq!(html.matches(r#"value="at_once""#).count(), 3, "{html}");
        assert_eq!(html.matches(r#"value="weekly""#).count(), 2, "{html}");
        assert_eq!(html.matches(r#"value="off""#).count(), 1, "{html}");
        assert!(html.contains("The firm sends this immediately to everybody."), "{html}");
        // Text messages are asked about where any are sent, and kept as they were where there is no number for them.
        assert_eq!(html.matches(r#"type="hidden" name="sms""#).count(), 1, "{html}");
        let has_phone = OwnHearing { phone: Phone::parse("+12025550143").ok(), ..none };
        assert_eq!(drawn(&has_phone, rules.clone(), &[]).matches(r#"type="checkbox" name="sms""#).count(), 1);
        let none = OwnHearing { phone: None, ..has_phone };
        assert!(html.contains("Same as the firm (America/New_York)") && html.contains("no mobile number"), "{html}");
        let refused = [FieldRefused { field: "quiet_end", why: "Say when.".into() }];
        let html = drawn(&none, FirmRules::default(), &refused);
        assert!(html.contains(r##"href="#quiet_end""##) && html.contains(r#"id="quiet_end-error""#), "{html}");
    }

    #[test]
    fn a_number_is_proven_step_by_step() {
        let phone = Phone::parse("+12025550143").unwrap();
        let mut own =
            OwnHearing { hearing: Hearing::default(), phone: Some(phone.clone()), code: None, suppressed: None };
        let html = drawn(&own, FirmRules::default(), &[]);
        assert!(html.contains("Send me a code") && !html.contains(r#"action="/notices/phone""#), "{html}");
        own.code = PhoneCode::send(None, phone, "hash".into(), now()).ok();
        let html = drawn(&own, FirmRules::default(), &[]);
        assert!(html.contains("Send another code") && html.contains(r#"action="/notices/phone""#), "{html}");
        own.hearing.proven_phone = Some("+12025550143".into());
        let html = drawn(&own, FirmRules::default(), &[]);
        assert!(html.contains("Verified") && !html.contains("/notices/phone/code"), "{html}");
        own.phone = Phone::parse("+12025550199").ok();
        assert!(drawn(&own, FirmRules::default(), &[]).contains("Send me a code"));
    }
}
