//! The page around every page: bars, rail, landmarks, and the head that loads what the policy allows.

use domain::limits;
use maud::{DOCTYPE, Markup, html};

use super::button::Button;
use super::feedback::{Banner, Toast, Tone, banner, toasts};
use super::icon::{Icon, icon};
use super::menu::{MenuItem, menu_items};
use super::structure::{avatar, client_mark};
use crate::{assets, install};

/// How wide a page's content grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Width {
    /// 720 px: text, forms, one project.
    #[default]
    Reading,
    /// 1120 px: boards and tables.
    Board,
}

#[derive(Debug, Clone)]
pub struct NavItem {
    pub label: String,
    pub href: String,
    /// The page the reader is on.
    pub current: bool,
    pub icon: Icon,
}

/// The client that staff are working for, in the bar at all times so that nothing goes to the wrong one.
#[derive(Debug, Clone)]
pub struct ClientTag {
    pub name: String,
    /// The client's first page.
    pub href: String,
}

/// The search box in the bar.
#[derive(Debug, Clone)]
pub struct SearchBox {
    pub action: String,
    pub value: String,
    /// "Search documents": said to screen readers and shown in the empty box.
    pub label: String,
}

/// Another firm or company the person can act for.
#[derive(Debug, Clone)]
pub struct Membership {
    pub label: String,
    /// Posted as the field `membership` to the frame's `switch_action`.
    pub value: String,
    pub current: bool,
}

/// The firm's picture, at twice the size that it is shown in.
#[derive(Debug, Clone)]
pub struct Logo {
    pub href: String,
    pub width: u32,
    pub height: u32,
}

/// What every page says under its bars, as long as it is true.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Somebody of the firm sees the portal as this person would.
    Viewing { name: String, until: String, end_action: String },
    /// The firm asks for a second factor, and this is the last day to put it off.
    Enrol { until: String, href: String },
}

/// What every signed-in page needs besides its body.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Of the document: "Documents". The firm's name is added.
    pub title: String,
    pub firm_name: String,
    /// The firm's colour, `#1f5f8b`; without one the page is in Portico's.
    pub accent: Option<String>,
    pub logo: Option<Logo>,
    pub home_href: String,
    pub person_name: String,
    pub person_email: String,
    pub role_title: String,
    pub nav: Vec<NavItem>,
    pub standing: Option<Standing>,
    pub client: Option<ClientTag>,
    pub search: Option<SearchBox>,
    /// The session's token, put into every form as the field `csrf`.
    pub csrf: String,
    pub memberships: Vec<Membership>,
    pub switch_action: String,
    pub security_href: String,
    pub sessions_href: String,
    /// Nothing for operators, who belong to no firm that tells them anything.
    pub notices_href: Option<String>,
    pub sign_out_action: String,
    pub width: Width,
    /// Nothing on it is swapped by htmx: its own scripts take that room of the page's budget.
    pub without_htmx: bool,
    /// What just happened, after a redirect.
    pub notice: Option<Toast>,
}

/// Places of the bottom bar; with more pages than these the last place is "More".
const BOTTOM_PLACES: usize = 5;

/// A whole page: the document with bars, navigation and content, and context beside it on wide screens.
pub fn page(frame: &Frame, body: Markup, aside: Option<Markup>) -> Markup {
    let has_aside = aside.is_some();
    let content = html! {
        a.skip href="#content" { "Skip to content" }
        (top_bar(frame))
        @if let Some(standing) = &frame.standing { (standing_banner(standing, &frame.csrf)) }
        div.frame {
            @if !frame.nav.is_empty() { (rail(frame)) }
            div.stage.is-board[frame.width == Width::Board].has-aside[has_aside] {
                main.content id="content" tabindex="-1" { (body) }
                @if let Some(aside) = aside { aside.aside aria-label="More about this page" { (aside) } }
            }
        }
        @if !frame.nav.is_empty() { (bottom_bar(frame)) }
        (toasts(frame.notice.as_ref(), &frame.csrf))
        (keys_dialog(frame.search.is_some()))
    };
    let scripts: &[&str] = if frame.without_htmx { &["portico.js"] } else { SCRIPTS };
    document(&title(&frame.title, &frame.firm_name), frame.accent.as_deref(), ("page", scripts), content)
}

/// A page without navigation: signing in, errors, a suspended firm. `firm_name` is "Portico" where no firm is known.
pub fn plain(title_words: &str, firm_name: &str, body: Markup) -> Markup {
    plain_in(title_words, firm_name, None, body)
}

/// The same in a firm's colour.
pub fn plain_in(title_words: &str, firm_name: &str, accent: Option<&str>, body: Markup) -> Markup {
    let content = html! {
        a.skip href="#content" { "Skip to content" }
        header.plain-bar { span.firm { (firm_mark(firm_name)) span.firm-name { (firm_name) } } }
        main.plain-content id="content" tabindex="-1" { (body) }
    };
    document(&title(title_words, firm_name), accent, ("plain-page", SCRIPTS), content)
}

const SCRIPTS: &[&str] = &["htmx.js", "portico.js"];

fn document(title: &str, accent: Option<&str>, (class, scripts): (&str, &[&str]), content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { (title) }
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#14171c" media="(prefers-color-scheme: dark)";
                meta name="htmx-config" content=(HTMX_CONFIG);
                link rel="icon" href=(assets::url("favicon.svg")) type="image/svg+xml";
                link rel="apple-touch-icon" href=(install::url("icon-180.png"));
                link rel="manifest" href=(install::url("portal.webmanifest")) data-worker=(install::worker_url());
                link rel="stylesheet" href=(assets::url("portico.css"));
                @if let Some(address) = accent.and_then(assets::accent_url) { link rel="stylesheet" href=(address); }
                @for script in scripts { script src=(assets::url(script)) defer {} }
            }
            body.(class) { (content) }
        }
    }
}

/// Without eval, injected scripts and injected styles, which the policy refuses; without snapshots of pages in the
/// browser's storage, where they would outlive the session. What is swapped in settles by its classes: styles that scripts
/// set would be written back as inline ones. Refusals are shown, since their words say what to do.
const HTMX_CONFIG: &str = concat!(
    r#"{"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"includeIndicatorStyles":false,"#,
    r#""historyCacheSize":0,"attributesToSettle":["class"],"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},"#,
    r#"{"code":"[45]..","swap":true,"error":true}]}"#,
);

fn title(words: &str, firm_name: &str) -> String {
    if words.is_empty() { firm_name.to_owned() } else { format!("{words} · {firm_name}") }
}

fn top_bar(frame: &Frame) -> Markup {
    html! {
        header.top {
            div.top-bar {
                a.firm href=(frame.home_href) {
                    @match &frame.logo {
                        Some(Logo { href, width, height }) => {
                            // The name stands beside it, so the picture says nothing by itself.
                            img.firm-logo src=(href) alt="" width=(width / 2) height=(height / 2);
                        },
                        None => (firm_mark(&frame.firm_name)),
                    }
                    span.firm-name { (frame.firm_name) } span.unseen { ", home" }
                }
                @if let Some(search) = &frame.search { (search_box(search)) }
                @if let Some(client) = &frame.client { (client_tag(client)) }
                (person_menu(frame))
            }
        }
    }
}

fn standing_banner(standing: &Standing, csrf: &str) -> Markup {
    let view = match standing {
        Standing::Viewing { name, until, end_action } => Banner {
            tone: Tone::Attention,
            title: &format!("You see the portal as {name} sees it"),
            text: Some(html! { p { "Until " (until) ". Nothing can be changed meanwhile." } }),
            action: Some(html! {
                form method="post" action=(end_action) {
                    (super::form::csrf_field(csrf)) (Button::quiet("End the view").submit())
                }
            }),
        },
        Standing::Enrol { until, href } => Banner {
            tone: Tone::Attention,
            title: "Your firm asks for a second factor",
            text: Some(html! { p { "Set one up by " (until) ". It takes two minutes." } }),
            action: Some(Button::quiet("Set it up").link(href)),
        },
    };
    html! { section.standing aria-label="About this session" { (banner(&view)) } }
}

fn client_tag(client: &ClientTag) -> Markup {
    html! {
        a.client-tag href=(client.href) {
            (client_mark(&client.name)) span.client-tag-word { "Client" } span.client-tag-name { (client.name) }
        }
    }
}

fn firm_mark(name: &str) -> Markup {
    let letter: String = name.chars().find(|c| c.is_alphanumeric()).into_iter().flat_map(char::to_uppercase).collect();
    html! { span.firm-mark aria-hidden="true" { (letter) } }
}

fn search_box(search: &SearchBox) -> Markup {
    html! {
        search.top-search aria-label="In the top bar" {
            form action=(search.action) method="get" {
                (icon(Icon::Search))
                input type="search" name="q" value=(search.value) aria-label=(search.label) placeholder=(search.label)
                    maxlength=(limits::SEARCH_TEXT_CHARACTERS_MAX) autocomplete="off" enterkeyhint="search" data-search;
                kbd aria-hidden="true" { "/" }
            }
            // On phones the box needs the width of a page of its own.
            a.top-search-link href=(search.action) aria-label=(search.label) { (icon(Icon::Search)) }
        }
    }
}

fn person_menu(frame: &Frame) -> Markup {
    let others = || frame.memberships.iter().filter(|m| !m.current);
    html! {
        details.menu.person-menu data-menu {
            summary { (avatar(&frame.person_name)) span.unseen { "Your account: " (frame.person_name) } }
            div.menu-panel {
                div.menu-person {
                    strong { (frame.person_name) }
                    span { (frame.person_email) }
                    span { (frame.role_title) ", " (frame.firm_name) }
                }
                @if others().next().is_some() {
                    p.menu-title { "Switch to" }
                    ul.menu-list role="list" {
                        @for membership in others() {
                            li {
                                form method="post" action=(frame.switch_action) {
                                    (super::form::csrf_field(&frame.csrf))
                                    input type="hidden" name="membership" value=(membership.value);
                                    button.menu-item type="submit" { (icon(Icon::Switch)) span { (membership.label) } }
                                }
                            }
                        }
                    }
                }
                (menu_items(&account_items(frame)))
            }
        }
    }
}

fn account_items(frame: &Frame) -> Vec<MenuItem<'_>> {
    let mut items = vec![MenuItem::Line];
    // Most pages do not know where else somebody belongs; the page behind the link does.
    if frame.memberships.is_empty() {
        items.push(MenuItem::Link {
            label: "Switch firm or company",
            href: &frame.switch_action,
            icon: Some(Icon::Switch),
        });
    }
    items.push(MenuItem::Link { label: "Sign-in and security", href: &frame.security_href, icon: Some(Icon::Key) });
    items.push(MenuItem::Link { label: "Signed-in devices", href: &frame.sessions_href, icon: Some(Icon::Device) });
    if let Some(href) = &frame.notices_href {
        items.push(MenuItem::Link { label: "Notifications", href, icon: Some(Icon::Mail) });
    }
    items.push(MenuItem::Post {
        label: "Sign out",
        action: &frame.sign_out_action,
        csrf: &frame.csrf,
        fields: &[],
        icon: Some(Icon::Leave),
    });
    items
}

fn rail(frame: &Frame) -> Markup {
    html! {
        nav.rail aria-label="Main" {
            ul role="list" { @for item in &frame.nav { li { (nav_link(item)) } } }
        }
    }
}

fn bottom_bar(frame: &Frame) -> Markup {
    let shown = if frame.nav.len() > BOTTOM_PLACES { BOTTOM_PLACES - 1 } else { frame.nav.len() };
    let (first, rest) = frame.nav.split_at(shown);
    html! {
        nav.bottom aria-label="Main, at the bottom" {
            ul role="list" {
                @for item in first { li { (nav_link(item)) } }
                @if !rest.is_empty() {
                    li {
                        details.menu.more-menu data-menu {
                            summary.nav-link.is-current[rest.iter().any(|item| item.current)] {
                                (icon(Icon::More)) span { "More" }
                            }
                            div.menu-panel {
                                ul.menu-list role="list" {
                                    @for item in rest {
                                        li {
                                            a.menu-item href=(item.href) aria-current=[item.current.then_some("page")] {
                                                (icon(item.icon)) span { (item.label) }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn nav_link(item: &NavItem) -> Markup {
    html! {
        a.nav-link.is-current[item.current] href=(item.href) aria-current=[item.current.then_some("page")] {
            (icon(item.icon)) span { (item.label) }
        }
    }
}

/// Opened by `?`. Single keys can be switched off, since they get in the way of people who dictate (WCAG 2.1.4).
fn keys_dialog(has_search: bool) -> Markup {
    html! {
        dialog.dialog id="keys" aria-labelledby="keys-title" closedby="any" {
            h2 id="keys-title" { "Keys" }
            dl.facts.is-keys {
                @if has_search { div { dt { kbd { "/" } } dd { "Go to search" } } }
                div { dt { kbd { "?" } } dd { "Show this list" } }
                div { dt { kbd { "Esc" } } dd { "Close what is open" } }
            }
            label.check { input type="checkbox" data-keys-switch checked; span { "Use the single keys / and ?" } }
            form method="dialog" { button.button.is-quiet type="submit" { span { "Close" } } }
        }
    }
}

#[cfg(test)]
mod tests;
