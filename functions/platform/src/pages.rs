//! The operators' pages. Their clock is UTC, since operators sit anywhere.

pub(crate) mod admissions;
pub(crate) mod firm;
pub(crate) mod firms;

use domain::firm::FirmState;
use domain::person::FieldRefused;
use domain::{FirmId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use web::ui::Button;
use web::ui::feedback::{Banner, Tone, banner};
use web::ui::form::{self, Field};
use web::ui::state::{State, pill_saying};
use web::ui::words;

pub(crate) fn instant(at: Timestamp, now: Timestamp) -> Markup {
    html! { (words::instant(at, now, &TimeZone::UTC)) " UTC" }
}

pub(crate) fn state_pill(state: FirmState) -> Markup {
    let (state, word) = match state {
        FirmState::Ordered => (State::WaitingOnUs, "Being set up"),
        FirmState::Active => (State::Done, "Active"),
        FirmState::Suspended => (State::Overdue, "Suspended"),
    };
    pill_saying(state, word)
}

/// "3.2 GB": storage is counted in larger steps than files are.
pub(crate) fn storage(bytes: u64) -> String {
    const GIGA: u64 = 1_000_000_000;
    if bytes < GIGA {
        return words::size(bytes);
    }
    let tenths = (bytes + GIGA / 20) / (GIGA / 10);
    format!("{}.{} GB", tenths / 10, tenths % 10)
}

/// How many, in words; figures that no screen could hold are none of ours.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    words::count(usize::try_from(number).unwrap_or(usize::MAX), one, many)
}

pub(crate) fn href(firm: &FirmId) -> String {
    format!("/platform/firms/{firm}")
}

pub(crate) fn errors(refused: &[FieldRefused]) -> Markup {
    let list: Vec<(&str, &str)> = refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    form::error_summary(&list)
}

pub(crate) fn field<'a>(
    refused: &'a [FieldRefused],
    name: &'a str,
    label: &'a str,
    hint: Option<&'a str>,
) -> Field<'a> {
    let refused = refused.iter().find(|refused| refused.field == name);
    Field { name, label, hint, error: refused.map(|refused| refused.why.as_str()), optional: false }
}

/// In the place of a form whose sending would be refused: what is typed first would be lost.
pub(crate) fn confirm_first(back: &str) -> Markup {
    banner(&Banner {
        tone: Tone::Info,
        title: "Confirm that it is you first",
        text: Some(html! { p { "This asks for a fresh proof of who you are. It holds for 15 minutes." } }),
        action: Some(Button::quiet("Confirm that it is you").link(&format!("/confirm?next={back}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_in_the_step_that_fits() {
        let check = |bytes, want| assert_eq!(storage(bytes), want);
        check(0, "0 bytes");
        check(5_250_000, "5.3 MB");
        check(999_999_999, "1,000 MB");
        check(1_000_000_000, "1.0 GB");
        check(123_460_000_000, "123.5 GB");
    }
}
