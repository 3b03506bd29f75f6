//! What was sent about a client, the newest first: to whom, about what, and whether it arrived.

use domain::ClientId;
use domain::notice::Channel;
use maud::{Markup, html};
use web::ui::feedback::{Empty, empty};
use web::ui::form::inline_form;
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, avatar, facts_line, page_head, rows};
use web::ui::{Button, Icon, words};

use super::Reader;
use crate::sent::{Fate, Line};

pub(crate) struct Sent<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) lines: &'a [Line<'a>],
    pub(crate) is_first: bool,
    pub(crate) next: Option<&'a str>,
    pub(crate) may_send: bool,
    pub(crate) csrf: &'a str,
}

pub(crate) fn sent(view: &Sent<'_>) -> Markup {
    let older = view.next.map(|next| format!("/clients/{}/notices?after={next}", view.client));
    let messages = format!("/clients/{}/messages", view.client);
    let crumbs = [Crumb { label: "Messages", href: &messages }];
    html! {
        (page_head(&PageHead {
            crumbs: &crumbs,
            title: "What was sent",
            line: Some(html! { "E-mails and text messages of the last 30 days about this client, and whether they arrived. Digests are not among them." }),
            ..PageHead::default()
        }))
        @if view.lines.is_empty() && view.is_first {
            (empty(&Empty {
                icon: Some(Icon::Message),
                title: "Nothing was sent yet",
                text: "E-mails and text messages about this client are listed here, each with whether it arrived.",
                action: None,
            }))
        } @else {
            (lines(view))
        }
        @if let Some(href) = &older { p { (Button::quiet("Older").link(href)) } }
    }
}

fn lines(view: &Sent<'_>) -> Markup {
    let hrefs: Vec<String> =
        view.lines.iter().map(|line| format!("/clients/{}{}", view.client, line.about.page)).collect();
    rows(view.lines.iter().zip(&hrefs).map(|(line, href)| {
        let mut meta = vec![html! { (about(line)) }, html! { (channel(line.told.channel)) }];
        meta.push(words::instant(line.at, view.reader.now, &view.reader.zone));
        if line.told.delivery.sends() > 1 {
            meta.push(html! { (format!("sent {} times", line.told.delivery.sends())) });
        }
        Row {
            lead: Some(avatar(line.name)),
            title: line.name,
            href: Some(href),
            meta: Some(facts_line(&meta)),
            trail: Some(trail(line, view)),
        }
    }))
}

fn about(line: &Line<'_>) -> String {
    match line.about.things {
        0 | 1 => line.about.about.title().to_owned(),
        more => format!("{} ({more})", line.about.about.title()),
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "by e-mail",
        Channel::Sms => "by text message",
    }
}

fn trail(line: &Line<'_>, view: &Sent<'_>) -> Markup {
    let (state, word) = match line.fate {
        Fate::Sent => (State::WaitingOnUs, "Sent"),
        Fate::Delivered => (State::Done, "Delivered"),
        Fate::CameBack if line.told.channel == Channel::Sms => (State::Overdue, "Did not arrive"),
        Fate::CameBack => (State::Overdue, "Came back: no such mailbox"),
        Fate::NotTakenYet => (State::WaitingOnYou, "Not taken yet"),
        Fate::Unwanted => (State::Overdue, "Marked as unwanted"),
        Fate::Withheld => (State::Overdue, "Not sent: no mail goes to this address"),
    };
    let is_open = matches!(line.fate, Fate::Sent | Fate::CameBack | Fate::NotTakenYet | Fate::Withheld);
    html! {
        (pill_saying(state, word))
        @if view.may_send && is_open && line.told.channel == Channel::Email {
            @let action = format!("/clients/{}/notices/{}/{}/again", view.client, line.told.first, line.told.person);
            (inline_form(&action, view.csrf, &[], Button::quiet("Send again").small().about(line.name).submit()))
        }
    }
}
