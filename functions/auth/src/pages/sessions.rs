//! The list of a person's sessions.

use domain::factors::Proven;
use domain::{SessionId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::OpenSession;
use web::ui::feedback::{Banner, Tone, banner};
use web::ui::form;
use web::ui::structure::{PageHead, Row, facts_line, page_head, rows};
use web::ui::{Button, Icon, icon, words};

/// What the list of sessions shows.
pub(crate) struct Sessions<'a> {
    pub(crate) open: &'a [OpenSession],
    pub(crate) current: &'a SessionId,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
    /// What has just been done, in words.
    pub(crate) done: Option<&'a str>,
}

pub(crate) fn done(word: &str) -> Option<&'static str> {
    match word {
        "ended" => Some("That device is signed out."),
        "others" => Some("Every other device is signed out."),
        _ => None,
    }
}

pub(crate) fn list(view: &Sessions<'_>) -> Markup {
    let everywhere = form::inline_form(
        "/sign-out-everywhere",
        view.csrf,
        &[],
        Button::quiet_danger("Sign out everywhere").with_icon(Icon::Leave).submit(),
    );
    let mut actions = vec![Button::quiet("Sign-in and security").with_icon(Icon::Key).link("/security")];
    if view.open.len() > 1 {
        actions.push(end_others(view.csrf));
    }
    actions.push(everywhere);
    html! {
        (page_head(&PageHead {
            title: "Signed-in devices",
            line: Some(html! { "End what you do not recognise." }),
            actions: &actions,
            ..PageHead::default()
        }))
        @if let Some(done) = view.done { (banner(&Banner { tone: Tone::Done, title: done, ..Banner::default() })) }
        (rows(view.open.iter().map(|session| session_row(session, view))))
    }
}

/// Signs out everywhere but here.
pub(crate) fn end_others(csrf: &str) -> Markup {
    form::inline_form("/sessions/end-others", csrf, &[], Button::quiet("Sign out everywhere else").submit())
}

/// " by mailed link and passkey".
fn how(proven: &Proven) -> String {
    let second = proven.second.map(|second| format!(" and {}", second.words())).unwrap_or_default();
    format!(" by {}{second}", proven.first.words())
}

fn session_row<'a>(session: &'a OpenSession, view: &Sessions<'_>) -> Row<'a> {
    let here = session.id == *view.current;
    let title = session.row.device.as_deref().unwrap_or("Another program");
    let instant = |at| words::instant(at, view.now, &view.zone);
    let mut parts = Vec::new();
    if here {
        parts.push(html! { "this device" });
    }
    parts.push(html! { "last used " (instant(session.last_seen)) });
    let by = session.row.proven.as_ref().map(how).unwrap_or_default();
    parts.push(html! { "signed in " (instant(session.row.started_at)) (by) });
    parts.extend(session.row.place.as_ref().map(|place| html! { (place) }));
    let action = format!("/sessions/{}/end", session.id);
    let button = Button::quiet("Sign out").small().about(title).submit();
    Row {
        lead: Some(icon::icon(Icon::Device)),
        title,
        meta: Some(facts_line(&parts)),
        trail: Some(form::inline_form(&action, view.csrf, &[], button)),
        ..Row::default()
    }
}
