//! Pages about tokens for programs.

use std::collections::BTreeSet;

use domain::permissions::Reach;
use domain::person::FieldRefused;
use domain::tokens::{DAYS_OFFERED, NewToken};
use domain::{PermissionName, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::TokenLine;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{self, Choice, Field, Size, TextInput};
use web::ui::structure::{Crumb, PageHead, Row, card, facts_line, page_head, rows};
use web::ui::{Button, Icon, icon, words};

pub(crate) struct List<'a> {
    pub(crate) tokens: &'a [TokenLine],
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
    pub(crate) ended: bool,
}

pub(crate) fn list(view: &List<'_>) -> Markup {
    let actions = [Button::primary("Make a token").with_icon(Icon::Key).link("/tokens/new")];
    let line = html! { "A token lets a program do some of what you may do here. End what you no longer use." };
    html! {
        (page_head(&PageHead { title: "Tokens for programs", line: Some(line), actions: &actions, ..PageHead::default() }))
        @if view.ended {
            (banner(&Banner { tone: Tone::Done, title: "That token is ended.", ..Banner::default() }))
        }
        @if view.tokens.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Key),
                title: "No tokens yet",
                text: "Make one for each program that is to work for you, so that you can end them one by one.",
                action: None,
            }))
        } @else {
            (rows(view.tokens.iter().map(|token| token_row(token, view))))
        }
    }
}

fn token_row<'a>(token: &'a TokenLine, view: &List<'_>) -> Row<'a> {
    let instant = |at| words::instant(at, view.now, view.zone);
    let day =
        |at: Timestamp| words::day(at.to_zoned(view.zone.clone()).date(), view.now.to_zoned(view.zone.clone()).date());
    let mut parts = Vec::new();
    if token.expires <= view.now {
        parts.push(html! { "no longer good" });
    } else {
        parts.push(html! { "good until " (day(token.expires)) });
    }
    parts.push(match token.last_used {
        Some(at) => html! { "last used " (day(at)) },
        None => html! { "never used" },
    });
    parts.push(html! { "made " (instant(token.made_at)) });
    parts.push(html! { (words::count(token.scopes.len(), "permission", "permissions")) });
    if token.read_only {
        parts.push(html! { "only reads" });
    }
    let action = format!("/tokens/{}/end", token.id);
    let button = Button::quiet("End").small().about(&token.name).submit();
    Row {
        lead: Some(icon::icon(Icon::Key)),
        title: &token.name,
        meta: Some(facts_line(&parts)),
        trail: Some(form::inline_form(&action, view.csrf, &[], button)),
        ..Row::default()
    }
}

pub(crate) struct Form<'a> {
    pub(crate) may: &'a BTreeSet<PermissionName>,
    pub(crate) typed: &'a NewToken,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) csrf: &'a str,
}

pub(crate) fn form(view: &Form<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    let error =
        |name: &str| view.refused.iter().find(|refused| refused.field == name).map(|refused| refused.why.as_str());
    let name = TextInput {
        field: Field {
            name: "name",
            label: "What is it for?",
            hint: Some("A name by which you know it later."),
            error: error("name"),
            optional: false,
        },
        value: &view.typed.name,
        kind: "text",
        autocomplete: Some("off"),
        inputmode: None,
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        size: Size::Full,
    };
    let scopes = Field { name: "scopes", label: "What may it do?", error: error("scopes"), ..Field::default() };
    let choices: Vec<Choice<'_>> = listed(view.may)
        .map(|scope| Choice::new(scope.as_str(), scope.words(), view.typed.scopes.iter().any(|s| s == scope.as_str())))
        .collect();
    let days = Field { name: "days", label: "How long is it good?", error: error("days"), ..Field::default() };
    let offered: Vec<(String, String)> = DAYS_OFFERED
        .iter()
        .map(|days| (days.to_string(), if *days >= 365 { "a year".to_owned() } else { format!("{days} days") }))
        .collect();
    let chosen = if view.typed.days == 0 { 30 } else { view.typed.days };
    let lasting: Vec<Choice<'_>> =
        offered.iter().map(|(value, label)| Choice::new(value, label, *value == chosen.to_string())).collect();
    let body = html! {
        (form::text_input(&name))
        (form::checks(&scopes, &choices))
        (form::check("read_only", "It only reads", view.typed.read_only))
        (form::radios(&days, &lasting))
        (web::ui::button::actions(&[Button::primary("Make the token").submit()]))
    };
    html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Tokens for programs", href: "/tokens" }],
            title: "Make a token",
            ..PageHead::default()
        }))
        (form::error_summary(&errors))
        (card(form::form("/tokens/new", view.csrf, body)))
    }
}

/// What is about clients first, then the firm.
fn listed(may: &BTreeSet<PermissionName>) -> impl Iterator<Item = PermissionName> + '_ {
    let of_clients = |name: &&PermissionName| matches!(name.reach(), Reach::Client | Reach::Objects);
    may.iter().filter(of_clients).chain(may.iter().filter(move |name| !of_clients(name))).copied()
}

pub(crate) fn made(name: &str, secret: &str, expires: Timestamp, zone: &TimeZone, now: Timestamp) -> Markup {
    let until = words::day(expires.to_zoned(zone.clone()).date(), now.to_zoned(zone.clone()).date());
    let field = Field {
        name: "token",
        label: "The token",
        hint: Some("Copy it now. It is not shown again, and nobody can look it up."),
        ..Field::default()
    };
    let shown = TextInput {
        field,
        value: secret,
        kind: "text",
        autocomplete: Some("off"),
        inputmode: None,
        characters_max: None,
        size: Size::Full,
    };
    html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Tokens for programs", href: "/tokens" }],
            title: "Your new token",
            line: Some(html! { (name) ", good until " (until) }),
            ..PageHead::default()
        }))
        (card(html! {
            (form::text_input(&shown))
            p { "A program sends it with every call, in the header " code { "Authorization: Bearer" } "." }
        }))
        (web::ui::button::actions(&[Button::quiet("Back to your tokens").link("/tokens")]))
    }
}
