//! The home of staff: exactly the clients assigned to them, what is late or soon first.

use domain::project::card::{Card, Days, Line};
use domain::{Timestamp, limits};
use jiff::ToSpan;
use maud::{Markup, html};
use web::ui::feedback::{Empty, empty};
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{PageHead, Row, Section, client_mark, facts_line, fold, page_head, rows, section};
use web::ui::{Icon, icon, words};

use super::{Reader, lateness, missed};

/// Dates shown at the top; the rest is behind one press, so that the clients are not far down.
const FIRST_SHOWN: usize = 4;

/// `cards` in the order of urgency. What is late and what comes soon are told apart, and each is counted as what it is.
pub(crate) fn home(reader: &Reader, cards: &[Card]) -> Markup {
    let title = reader.today.strftime("%A %-d %B").to_string();
    let (late, soon): (Vec<Dated<'_>>, Vec<Dated<'_>>) =
        dates(reader, cards).into_iter().partition(|dated| dated.on < reader.today);
    html! {
        (page_head(&PageHead { title: &title, line: Some(summary(reader, cards)), ..PageHead::default() }))
        (asked(reader, cards))
        (delivered(reader, cards))
        (begun(reader, cards))
        (dated(reader, "Late", &late))
        (dated(reader, "Soon", &soon))
        (section(&Section { title: "Your clients", count: Some(cards.len()), ..Section::default() }, client_rows(reader, cards)))
    }
}

/// All clients by name.
pub(crate) fn clients(reader: &Reader, cards: &[Card]) -> Markup {
    html! {
        (page_head(&PageHead { title: "Clients", line: Some(summary(reader, cards)), ..PageHead::default() }))
        (client_rows(reader, cards))
    }
}

/// Conversations in which a client waits for an answer.
fn asked(reader: &Reader, cards: &[Card]) -> Markup {
    let all = cards.iter().flat_map(|card| card.asked.iter().map(move |of| (card, of)));
    let list = all.map(|(card, of)| Waiting {
        title: format!("Answer {}", card.client_name),
        href: format!("/clients/{}/messages/{}", card.client, of.topic),
        project: card.projects.iter().find(|line| of.topic.project() == Some(&line.id)),
        since: of.since,
    });
    waiting(reader, "Waiting for your answer", list.collect())
}

/// Request lists of which everything has come: somebody at the client waits to hear whether it is right.
fn delivered(reader: &Reader, cards: &[Card]) -> Markup {
    let all = cards.iter().flat_map(|card| card.delivered.iter().map(move |of| (card, of)));
    let list = all.map(|(card, of)| Waiting {
        title: format!("Look through what {} sent", card.client_name),
        href: format!("/clients/{}/requests/{}", card.client, of.request),
        project: card.projects.iter().find(|line| line.id == of.project),
        since: of.at,
    });
    waiting(reader, "Everything has come", list.collect())
}

/// Request lists of which something has come: it can be looked at before the rest is there.
fn begun(reader: &Reader, cards: &[Card]) -> Markup {
    let all = cards.iter().flat_map(|card| card.begun.iter().map(move |of| (card, of)));
    let list = all.map(|(card, of)| Waiting {
        title: format!("{} to look at: {}", of.lines, card.client_name),
        href: format!("/clients/{}/requests/{}", card.client, of.request),
        project: card.projects.iter().find(|line| line.id == of.project),
        since: of.since,
    });
    waiting(reader, "Something has come", list.collect())
}

/// Something of a client that waits for the firm.
struct Waiting<'a> {
    title: String,
    href: String,
    project: Option<&'a Line>,
    since: Timestamp,
}

/// The longest waiting first.
fn waiting(reader: &Reader, title: &str, mut list: Vec<Waiting<'_>>) -> Markup {
    if list.is_empty() {
        return html! {};
    }
    list.sort_by_key(|of| of.since);
    section(
        &Section { title, count: Some(list.len()), ..Section::default() },
        rows(list.iter().map(|of| {
            let mut meta: Vec<Markup> = of.project.map(|line| html! { (line.name) }).into_iter().collect();
            meta.push(html! { "since " (words::instant(of.since, reader.now, &reader.zone)) });
            Row {
                lead: Some(mark(State::WaitingOnYou)),
                title: &of.title,
                href: Some(&of.href),
                meta: Some(facts_line(&meta)),
                ..Row::default()
            }
        })),
    )
}

fn dated(reader: &Reader, title: &str, dates: &[Dated<'_>]) -> Markup {
    if dates.is_empty() {
        return html! {};
    }
    let (first, rest) = dates.split_at(dates.len().min(FIRST_SHOWN));
    section(
        &Section { title, count: Some(dates.len()), ..Section::default() },
        html! {
            (date_rows(reader, first))
            @if !rest.is_empty() { (fold(&format!("{} more", rest.len()), false, date_rows(reader, rest))) }
        },
    )
}

fn summary(reader: &Reader, cards: &[Card]) -> Markup {
    let late = cards.iter().filter(|card| card.days_late(reader.today) > 0).count();
    let open: usize = cards.iter().map(|card| card.open_projects).sum();
    let open = words::count(open, &format!("open {}", reader.noun()), &format!("open {}", reader.nouns()));
    let clients = words::count(cards.len(), "client", "clients");
    html! {
        (clients) ", " (open)
        @if late > 0 { ", " strong { (words::count(late, "client", "clients")) " with something late" } }
    }
}

/// A deadline or promised update of some client, late or soon.
struct Dated<'a> {
    card: &'a Card,
    line: &'a Line,
    on: domain::Date,
    is_update: bool,
}

fn dates<'a>(reader: &Reader, cards: &'a [Card]) -> Vec<Dated<'a>> {
    let last = reader.today.checked_add(limits::SOON_DAYS.days()).unwrap_or(reader.today);
    let mut list: Vec<Dated<'a>> = Vec::new();
    for card in cards {
        for line in &card.projects {
            list.extend(line.next_due.map(|on| Dated { card, line, on, is_update: false }));
            list.extend(line.update_by.map(|on| Dated { card, line, on, is_update: true }));
        }
    }
    list.retain(|dated| dated.on <= last);
    list.sort_by_key(|dated| (dated.on, !dated.is_update, dated.card.client_name.as_str()));
    list
}

fn date_rows(reader: &Reader, dates: &[Dated<'_>]) -> Markup {
    // Where words are due, the page opens at the place to write them.
    let place = |dated: &Dated<'_>| if dated.is_update { "#update" } else { "" };
    let href = |dated: &Dated<'_>| format!("/clients/{}/projects/{}{}", dated.card.client, dated.line.id, place(dated));
    let hrefs: Vec<String> = dates.iter().map(href).collect();
    rows(dates.iter().zip(&hrefs).map(|(dated, href)| {
        let late = dated.on < reader.today;
        let (title, was) = if dated.is_update {
            ("Tell the client how it stands", "was promised for")
        } else {
            (dated.line.next_title.as_deref().unwrap_or("Next milestone"), "was due")
        };
        // Where a matter is called after its client, the client is not said twice.
        let client =
            (!dated.line.name.starts_with(&dated.card.client_name)).then(|| html! { (dated.card.client_name) });
        let mut meta: Vec<Markup> = client.into_iter().collect();
        meta.push(html! { (dated.line.name) });
        meta.extend(missed(dated.on, reader.today, was));
        Row {
            lead: Some(if late { mark(State::Overdue) } else { icon::icon(Icon::Calendar) }),
            title,
            href: Some(href),
            meta: Some(facts_line(&meta)),
            trail: Some(words::deadline(dated.on, reader.today)),
        }
    }))
}

fn client_rows(reader: &Reader, cards: &[Card]) -> Markup {
    if cards.is_empty() {
        return empty(&Empty {
            icon: Some(Icon::Clients),
            title: "No client is assigned to you yet",
            text: "A partner of your firm assigns clients. As soon as one is yours, it appears here.",
            action: None,
        });
    }
    let hrefs: Vec<String> = cards.iter().map(|card| format!("/clients/{}", card.client)).collect();
    rows(cards.iter().zip(&hrefs).map(|(card, href)| Row {
        lead: Some(client_mark(&card.client_name)),
        title: &card.client_name,
        href: Some(href),
        meta: Some(card_line(reader, card)),
        trail: Some(card_state(reader, card)),
    }))
}

/// The projects of a card in one line.
fn card_line(reader: &Reader, card: &Card) -> Markup {
    if card.open_projects == 0 {
        return html! { "No open " (reader.noun()) };
    }
    let mut facts: Vec<Markup> =
        card.projects.iter().take(3).map(|line| html! { (line.name) ": " (line.phase_name) }).collect();
    if card.open_projects > facts.len() {
        facts.push(html! { (card.open_projects - facts.len()) " more" });
    }
    facts_line(&facts)
}

fn card_state(reader: &Reader, card: &Card) -> Markup {
    let most = |late: fn(Days, domain::Date) -> i32| {
        card.projects.iter().map(|line| late(line.days(), reader.today)).max().unwrap_or(0)
    };
    if let Some(late) = lateness(most(Days::overdue), most(Days::unheard)) {
        return late;
    }
    if card.documents_waiting > 0 {
        let words = words::count(card.documents_waiting, "file arriving", "files arriving");
        return pill_saying(State::WaitingOnUs, &words);
    }
    match card.projects.iter().filter_map(|line| line.days().first()).min() {
        Some(day) => pill_saying(State::WaitingOnUs, &capital_day(day, reader)),
        None => pill_saying(State::Done, "Nothing due"),
    }
}

/// "Due Fri 27 Nov".
fn capital_day(day: domain::Date, reader: &Reader) -> String {
    super::capital(&words::due_words(day, reader.today))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::packs::Pack;
    use domain::project::card::Begun;
    use domain::{ClientId, ProjectId, RequestId};
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    #[test]
    fn every_client_is_there_and_what_is_late_first() {
        let reader = Reader {
            of_client: false,
            is_partner: false,
            firm_name: "Hartwell & Pryce".into(),
            packs: vec![Pack::Litigation],
            now: "2026-11-24T15:00:00Z".parse().unwrap(),
            zone: TimeZone::UTC,
            today: date(2026, 11, 24),
        };
        let line = Line {
            id: ProjectId::from_bits(1),
            name: "Acme v. <Dunmore>".into(),
            pack: Pack::Litigation,
            phase: 2,
            phase_count: 6,
            phase_name: "Discovery".into(),
            next_title: Some("Depositions".into()),
            next_due: Some(date(2026, 12, 1)),
            update_by: Some(date(2026, 11, 20)),
        };
        let busy =
            Card { projects: vec![line], open_projects: 1, ..Card::empty(ClientId::from_bits(7), "Acme".into()) };
        let since = "2026-11-24T09:00:00Z".parse().unwrap();
        let begun = Begun { request: RequestId::from_bits(5), project: ProjectId::from_bits(1), lines: 5, since };
        let quiet = Card { begun: vec![begun], ..Card::empty(ClientId::from_bits(8), "Birch".into()) };
        let html = home(&reader, &[busy, quiet]).into_string();
        for part in [
            "Update 4 days late",
            "Tell the client how it stands",
            ">Tue 1 Dec<",
            "Acme v. &lt;Dunmore&gt;",
            "No open matter",
            "5 to look at: Birch",
            &format!("/requests/{}", RequestId::from_bits(5)),
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.contains("#update\""), "{html}");
        assert!(html.contains(r#"Late <span class="section-count">1<"#), "{html}");
        assert!(html.contains(r#"Soon <span class="section-count">1<"#), "{html}");
        let update = html.find("Tell the client").unwrap();
        assert!(update < html.find("Depositions").unwrap(), "{html}");
        assert!(home(&reader, &[]).into_string().contains("No client is assigned to you yet"));
    }
}
