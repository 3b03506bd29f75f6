//! The forms of staff: a new project from its pack, and one that is changed.

use domain::packs::Pack;
use domain::person::TeamMember;
use domain::project::{Project, ProjectRefused, Standing};
use domain::{ClientId, Date, limits};
use maud::{Markup, html};
use web::ui::feedback::{Banner, Tone, banner};
use web::ui::form::{
    Choice, Field, FormRow, TextInput, beside, checks, date_input, error_summary, form, form_rows, radios, select,
    text_input,
};
use web::ui::menu::{Menu, MenuItem, menu};
use web::ui::structure::{Crumb, PageHead, Section, page_head, section};
use web::ui::{Button, Icon};

use super::Reader;
use crate::edit::TypedNew;
use crate::typed::{Difference, Typed, TypedMilestone, Wrong};

pub(crate) struct NewView<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) client_name: &'a str,
    pub(crate) packs: &'a [Pack],
    pub(crate) staff: &'a [&'a TeamMember],
    pub(crate) typed: &'a TypedNew,
    pub(crate) wrong: &'a Wrong,
    pub(crate) csrf: &'a str,
}

/// "Open a matter".
pub(crate) fn new_title(packs: &[Pack]) -> String {
    let nouns = Pack::nouns_of(packs);
    format!("Open a {}", nouns.strip_suffix('s').unwrap_or(nouns))
}

pub(crate) fn new(view: &NewView<'_>) -> Markup {
    let action = format!("/clients/{}/projects", view.client);
    let client_href = format!("/clients/{}", view.client);
    let nouns = view.reader.nouns_capital();
    let crumbs = [Crumb { label: view.client_name, href: &client_href }, Crumb { label: &nouns, href: &action }];
    let title = new_title(view.packs);
    // The firm's first practice is the one it opens most.
    let chosen = Pack::parse(&view.typed.pack).or_else(|| view.packs.first().copied());
    let hints: Vec<(Pack, String)> = view.packs.iter().map(|pack| (*pack, pack.phases().join(", "))).collect();
    let packs: Vec<Choice<'_>> = hints
        .iter()
        .map(|(pack, hint)| Choice {
            value: pack.as_str(),
            label: pack.title(),
            hint: Some(hint),
            chosen: chosen == Some(*pack),
        })
        .collect();
    html! {
        (page_head(&PageHead { crumbs: &crumbs, title: &title, ..PageHead::default() }))
        (summary(view.wrong))
        (form(&action, view.csrf, html! {
            input type="hidden" name="once" value=(view.typed.once);
            (text_input(&TextInput {
                field: Field { hint: Some("As the client knows it."), ..field("name", "Name", view.wrong) },
                value: &view.typed.name,
                characters_max: Some(limits::NAME_CHARACTERS_MAX),
                ..TextInput::default()
            }))
            (radios(&Field { hint: Some("It brings its phases and milestones, dated from today."), ..field("pack", "Kind of work", view.wrong) }, &packs))
            (date_input(
                &Field {
                    hint: Some("The day by which the client hears from you again."),
                    optional: true,
                    ..field("next_update_on", "Next update", view.wrong)
                },
                day(&view.typed.next_update_on),
                Some(view.reader.today),
            ))
            (team_field(view.staff, &view.typed.team, view.wrong))
            (Button::primary(&title).submit())
        }))
    }
}

pub(crate) struct EditView<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) client_name: &'a str,
    pub(crate) project: &'a Project,
    pub(crate) staff: &'a [&'a TeamMember],
    pub(crate) typed: &'a Typed,
    pub(crate) wrong: &'a Wrong,
    /// What somebody else changed while the form was open.
    pub(crate) differences: &'a [Difference],
    pub(crate) csrf: &'a str,
}

/// The control that a refusal is about.
pub(crate) fn field_of(refused: &ProjectRefused) -> &'static str {
    match refused {
        ProjectRefused::NoSuchPhase => "phase",
        ProjectRefused::PromisedForPast => "next_update_on",
        ProjectRefused::NotOnTeam => "team",
        ProjectRefused::TooManyMilestones { .. } | ProjectRefused::ForeignMilestone | ProjectRefused::DoneInFuture => {
            "title-0"
        }
        ProjectRefused::Stale | ProjectRefused::IsClosed | ProjectRefused::TooManyProjects { .. } => "name",
    }
}

pub(crate) fn edit(view: &EditView<'_>) -> Markup {
    let project = view.project;
    let here = format!("/clients/{}/projects/{}", view.client, project.id);
    let (action, client_href) = (format!("{here}/edit"), format!("/clients/{}", view.client));
    let crumbs =
        [Crumb { label: view.client_name, href: &client_href }, Crumb { label: project.name.as_str(), href: &here }];
    let title = format!("Edit {}", project.pack.noun());
    let actions = [standing_menu(view, &action)];
    html! {
        (page_head(&PageHead { crumbs: &crumbs, title: &title, actions: &actions, ..PageHead::default() }))
        (overtaken(view))
        (summary(view.wrong))
        @if project.standing == Standing::Closed {
            (banner(&Banner {
                tone: Tone::Info,
                title: &format!("This {} is closed", project.pack.noun()),
                text: Some(html! { "Reopen it to change it." }),
                action: Some(standing_form(view, &action, "active", "Reopen")),
            }))
        } @else {
            (form(&action, view.csrf, fields(view, &here)))
        }
    }
}

fn fields(view: &EditView<'_>, here: &str) -> Markup {
    let (project, typed, wrong) = (view.project, view.typed, view.wrong);
    let places: Vec<String> = (0..project.phases.len()).map(|place| place.to_string()).collect();
    let phases: Vec<Choice<'_>> = project
        .phases
        .iter()
        .zip(&places)
        .map(|(name, place)| Choice::new(place, name.as_str(), *place == typed.phase))
        .collect();
    html! {
        input type="hidden" name="version" value=(typed.version);
        input type="hidden" name="drawn_name" value=(typed.drawn.name);
        input type="hidden" name="drawn_phase" value=(typed.drawn.phase);
        input type="hidden" name="drawn_next_update_on" value=(typed.drawn.next_update_on);
        (text_input(&TextInput {
            field: field("name", "Name", wrong),
            value: &typed.name,
            characters_max: Some(limits::NAME_CHARACTERS_MAX),
            ..TextInput::default()
        }))
        (beside(&[
            select(&Field { hint: Some("The client sees it at once."), ..field("phase", "Phase", wrong) }, &phases),
            date_input(
                &Field {
                    hint: Some("By then the client hears from you."),
                    optional: true,
                    ..field("next_update_on", "Next update", wrong)
                },
                day(&typed.next_update_on),
                None,
            ),
        ]))
        (team_field(view.staff, &typed.team, wrong))
        (section(&Section { title: "Milestones", ..Section::default() }, milestones(view)))
        p.hint { "The client gets one e-mail when the phase, the next update or a finished milestone changes." }
        (web::ui::button::actions(&[
            Button::primary("Save").submit(),
            Button::quiet("Leave without saving").link(here),
        ]))
    }
}

/// Those that there are, and empty rows for new ones.
fn milestones(view: &EditView<'_>) -> Markup {
    let rows = |new: bool| -> Vec<(usize, &TypedMilestone)> {
        view.typed.milestones.iter().enumerate().filter(|(_, row)| is_new(row) == new).collect()
    };
    let block = |title: &str, hint: &str, rows: &[(usize, &TypedMilestone)]| {
        let names: Vec<String> = rows.iter().map(|(place, row)| name_of(*place, row)).collect();
        let list: Vec<FormRow<'_>> = rows
            .iter()
            .zip(&names)
            .map(|((place, row), name)| FormRow { name, fields: milestone(*place, row, view) })
            .collect();
        html! {
            @if !list.is_empty() {
                @if !title.is_empty() { h3 { (title) } }
                p.hint { (hint) }
                (form_rows(&list))
            }
        }
    };
    let (known, new) = (rows(false), rows(true));
    html! {
        (block("", "The number is its place in the list. Clear a title to remove the milestone.", &known))
        (block(if known.is_empty() { "" } else { "Add milestones" }, "Rows that stay empty add nothing.", &new))
    }
}

fn is_new(row: &TypedMilestone) -> bool {
    row.id.is_empty() && row.title.trim().is_empty() && row.due_on.trim().is_empty()
}

fn name_of(place: usize, row: &TypedMilestone) -> String {
    if is_new(row) { "New milestone".to_owned() } else { format!("Milestone {}", place + 1) }
}

fn milestone(place: usize, row: &TypedMilestone, view: &EditView<'_>) -> Vec<Markup> {
    let name = |part: &str| format!("{part}-{place}");
    let (title_name, due_name, state_name, place_name) = (name("title"), name("due"), name("state"), name("place"));
    // The words of the timeline, which the client reads.
    let states = [("upcoming", "Upcoming"), ("current", "Now"), ("done", "Done")];
    let states = states.map(|(value, label)| Choice::new(value, label, value == row.state));
    let numbers: Vec<String> = (1..=view.typed.milestones.len()).map(|number| number.to_string()).collect();
    let numbers: Vec<Choice<'_>> =
        numbers.iter().map(|number| Choice::new(number, number, *number == row.place.to_string())).collect();
    let title = text_input(&TextInput {
        field: Field { optional: row.id.is_empty(), ..field(&title_name, "Title", view.wrong) },
        value: &row.title,
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    });
    let hidden = html! {
        input type="hidden" name=(name("id")) value=(row.id);
        input type="hidden" name=(name("drawn")) value=(row.drawn);
    };
    vec![
        html! { (hidden) (select(&field(&place_name, "Place", view.wrong), &numbers)) },
        title,
        date_input(&Field { optional: true, ..field(&due_name, "Due", view.wrong) }, day(&row.due_on), None),
        select(&field(&state_name, "State", view.wrong), &states),
    ]
}

/// Somebody else saved first: nothing typed is lost, and what differs is said.
fn overtaken(view: &EditView<'_>) -> Markup {
    if view.differences.is_empty() {
        return html! {};
    }
    banner(&Banner {
        tone: Tone::Attention,
        title: "Somebody else changed this while you were working",
        text: Some(html! {
            p { "Nothing you typed is lost. The form below has both; look at it and save again. What was changed:" }
            ul {
                @for difference in view.differences {
                    li {
                        @match difference {
                            Difference::Theirs { what, now } => { strong { (what) } ": now " (now) "." },
                            Difference::Both { what, typed, stored } => {
                                strong { (what) } ": they have " (stored) ", you have " (typed) ". Saving keeps yours."
                            },
                        }
                    }
                }
            }
        }),
        action: None,
    })
}

fn standing_menu(view: &EditView<'_>, action: &str) -> Markup {
    let (label, to, icon) = match view.project.standing {
        Standing::Active => (format!("Close this {}", view.project.pack.noun()), "closed", Icon::Lock),
        Standing::Closed => (format!("Reopen this {}", view.project.pack.noun()), "active", Icon::Retry),
    };
    let fields = [("standing", to)];
    menu(&Menu {
        label: "More",
        items: &[MenuItem::Post { label: &label, action, csrf: view.csrf, fields: &fields, icon: Some(icon) }],
    })
}

fn standing_form(view: &EditView<'_>, action: &str, to: &str, label: &str) -> Markup {
    web::ui::form::inline_form(action, view.csrf, &[("standing", to)], Button::quiet(label).submit())
}

fn team_field(staff: &[&TeamMember], chosen: &[String], wrong: &Wrong) -> Markup {
    if staff.is_empty() {
        return html! { p.hint { "Nobody is assigned to this client yet. A partner assigns staff; then they can be on the team." } };
    }
    let choices: Vec<Choice<'_>> = staff
        .iter()
        .map(|member| Choice {
            value: member.person.as_str(),
            label: &member.name,
            hint: Some(member.role.title()),
            chosen: chosen.iter().any(|person| person == member.person.as_str()),
        })
        .collect();
    checks(&Field { optional: true, ..field("team", "Team", wrong) }, &choices)
}

fn field<'a>(name: &'a str, label: &'a str, wrong: &'a Wrong) -> Field<'a> {
    let error = wrong.iter().find(|(field, _)| field == name).map(|(_, why)| why.as_str());
    Field { name, label, error, ..Field::default() }
}

fn summary(wrong: &Wrong) -> Markup {
    let list: Vec<(&str, &str)> = wrong.iter().map(|(field, why)| (field.as_str(), why.as_str())).collect();
    error_summary(&list)
}

/// A date control shows a day or nothing: what was typed and is none is told in the error beside it.
fn day(text: &str) -> Option<Date> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_in_the_firms_word() {
        assert_eq!(new_title(&[Pack::Litigation]), "Open a matter");
        assert_eq!(new_title(&[Pack::Tax, Pack::Litigation]), "Open a project");
    }
}
