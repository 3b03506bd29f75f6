use super::*;
use domain::Moment;
use domain::packs::Pack;
use domain::project::{NewProject, ProjectRefused, Setting, edit, open};
use jiff::civil::date;
use jiff::tz::TimeZone;

const TODAY: Date = date(2026, 11, 24);
const SETTING: Setting<'static> = Setting { zone: &TimeZone::UTC, assigned: &[] };

fn moment() -> Moment {
    Moment::new("2026-11-24T15:00:00Z".parse().unwrap(), crypto::random_bits)
}

fn project() -> Project {
    let new = NewProject {
        name: Name::parse("Acme v. Dunmore").unwrap(),
        pack: Pack::Litigation,
        next_update_on: Some(date(2026, 11, 20)),
        team: vec![],
        milestones: None,
        phase: 0,
    };
    open(new, 0, &SETTING, &mut moment()).unwrap().0
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What the drawn form sends back when nothing is touched.
fn sent(typed: &Typed) -> Vec<(String, String)> {
    let mut fields = pairs(&[("version", &typed.version.to_string()), ("name", &typed.name), ("phase", &typed.phase)]);
    fields.push(("next_update_on".into(), typed.next_update_on.clone()));
    for (name, drawn) in [
        ("drawn_name", &typed.drawn.name),
        ("drawn_phase", &typed.drawn.phase),
        ("drawn_next_update_on", &typed.drawn.next_update_on),
    ] {
        fields.push((name.to_owned(), drawn.clone()));
    }
    for (place, row) in typed.milestones.iter().enumerate() {
        let mut field = |name: &str, value: &str| fields.push((format!("{name}-{place}"), value.to_owned()));
        field("drawn", &row.drawn);
        field("id", &row.id);
        field("title", &row.title);
        field("due", &row.due_on);
        field("state", &row.state);
        field("place", &row.place.to_string());
    }
    fields
}

fn with(typed: &Typed, changes: &[(&str, &str)]) -> Typed {
    let mut fields = sent(typed);
    for (name, value) in changes {
        let field = fields.iter_mut().find(|(known, _)| known == name);
        (*value).clone_into(&mut field.unwrap_or_else(|| panic!("no field {name}")).1);
    }
    Typed::read(&fields)
}

fn titles(typed: &Typed) -> Vec<&str> {
    typed.milestones.iter().map(|row| row.title.as_str()).filter(|title| !title.is_empty()).collect()
}

#[test]
fn an_untouched_form_changes_nothing() {
    let project = project();
    let typed = Typed::of(&project);
    assert_eq!(Typed::read(&sent(&typed)), typed);
    let change = typed.edit(&project, TODAY).unwrap();
    assert_eq!(edit(&project, change, &SETTING, &mut moment()).unwrap(), (project, vec![]));
}

#[test]
fn milestones_are_moved_added_and_removed() {
    let project = project();
    let typed = Typed::of(&project);
    let [a, b, c, ..] = titles(&typed)[..] else { panic!("{typed:?}") };
    assert_eq!(titles(&with(&typed, &[("place-2", "1")]))[..3], [c, a, b]);
    assert_eq!(titles(&with(&typed, &[("place-0", "3")]))[..3], [b, c, a]);
    assert_eq!(titles(&with(&typed, &[("place-0", "nonsense")])), titles(&typed));
    let changed = with(&typed, &[("title-1", ""), ("title-6", "Mediation"), ("due-6", "2027-02-01"), ("place-6", "1")]);
    let change = changed.edit(&project, TODAY).unwrap();
    let after = edit(&project, change, &SETTING, &mut moment()).unwrap().0;
    let titles: Vec<&str> = after.milestones.iter().map(|milestone| milestone.title.as_str()).collect();
    assert_eq!(titles[..3], ["Mediation", a, c]);
    assert_eq!(after.milestones.len(), 6);
    assert_eq!(after.milestones[1].id, project.milestones[0].id);
}

#[test]
fn everything_wrong_is_told_at_once_and_nothing_typed_is_lost() {
    let project = project();
    let typed = Typed::of(&project);
    let long = "x".repeat(121);
    let wrong =
        [("name", "  "), ("phase", "later"), ("next_update_on", "2026-11-01"), ("title-0", &long), ("due-1", "soon")];
    let typed = with(&typed, &wrong);
    for (name, value) in wrong {
        assert!(sent(&typed).contains(&(name.to_owned(), value.to_owned())), "{name}");
    }
    let fields: Vec<String> = typed.edit(&project, TODAY).unwrap_err().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "phase", "next_update_on", "title-0", "due-1"]);
}

#[test]
fn a_promise_that_is_late_already_may_stay() {
    let project = project();
    assert!(Typed::of(&project).edit(&project, TODAY).is_ok());
}

fn kept(milestone: &Milestone) -> MilestoneEdit {
    MilestoneEdit {
        id: Some(milestone.id.clone()),
        title: milestone.title.clone(),
        due_on: milestone.due_on,
        state: MilestoneState::Upcoming,
        done_on: None,
        remind_at: None,
    }
}

/// Meanwhile somebody else renames it, moves the phase on, begins the third milestone, removes the second and the
/// fourth, and adds one.
fn meanwhile(before: &Project) -> Project {
    let mut milestones: Vec<MilestoneEdit> = before.milestones.iter().map(kept).collect();
    milestones[0].state = MilestoneState::Current;
    milestones[2].state = MilestoneState::Current;
    milestones.push(MilestoneEdit {
        id: None,
        title: Name::parse("Mediation").unwrap(),
        ..kept(&before.milestones[0])
    });
    milestones.remove(3);
    milestones.remove(1);
    let name = Some(Name::parse("Acme v. Dunmore Ltd").unwrap());
    let change = ProjectEdit { version: 1, name, phase: Some(2), milestones: Some(milestones), ..Default::default() };
    edit(before, change, &SETTING, &mut moment()).unwrap().0
}

#[test]
fn a_stale_form_keeps_its_words_and_takes_over_what_was_not_touched() {
    let before = project();
    let newer = meanwhile(&before);
    let typed = [
        ("name", "Acme against Dunmore"),
        ("next_update_on", "2026-12-11"),
        ("title-1", "Answer filed"),
        ("title-0", ""),
    ];
    let typed = with(&Typed::of(&before), &typed);
    let stale = typed.edit(&newer, TODAY).unwrap();
    assert_eq!(edit(&newer, stale, &SETTING, &mut moment()), Err(ProjectRefused::Stale));
    let (merged, differences) = typed.over(&newer);
    let theirs = |what: &str, now: &str| Difference::Theirs { what: what.into(), now: now.into() };
    let both = |what: &str, typed: &str, stored: &str| Difference::Both {
        what: what.into(),
        typed: typed.into(),
        stored: stored.into(),
    };
    assert_eq!(
        differences,
        [
            theirs("Phase", "Discovery"),
            both("Name", "Acme against Dunmore", "Acme v. Dunmore Ltd"),
            both("Milestone", "Answer filed, 2026-12-24, upcoming", "removed"),
            theirs("Milestone", "Document production, 2027-02-22, current"),
            theirs("Milestone Depositions", "removed"),
            theirs("New milestone", "Mediation, 2026-12-01, upcoming"),
        ]
    );
    // Saved again: what was typed here and what was changed there are both in it.
    let again = merged.edit(&newer, TODAY).unwrap();
    let saved = edit(&newer, again, &SETTING, &mut moment()).unwrap().0;
    assert_eq!((saved.name.as_str(), saved.phase), ("Acme against Dunmore", 2));
    assert_eq!(saved.next_update_on, Some(date(2026, 12, 11)));
    let titles: Vec<&str> = saved.milestones.iter().map(|milestone| milestone.title.as_str()).collect();
    assert_eq!(titles, ["Answer filed", "Document production", "Expert report", "Pre-trial conference", "Mediation"]);
    assert_eq!(saved.milestones[1].progress, Progress::Current);
}

#[test]
fn an_untouched_form_that_is_stale_takes_over_everything() {
    let before = project();
    let newer = meanwhile(&before);
    let (merged, differences) = Typed::of(&before).over(&newer);
    assert!(differences.iter().all(|difference| matches!(difference, Difference::Theirs { .. })), "{differences:?}");
    assert_eq!(merged, Typed::of(&newer));
}

#[test]
fn rows_without_end_are_not_read() {
    let typed =
        Typed::read(&pairs(&[("title-4000000000", "x"), ("title-62", "y"), ("title-63", "z"), ("title-x", "w")]));
    assert_eq!(titles(&typed), ["y"]);
}

#[test]
fn closing_is_a_form_of_its_own() {
    let check = |fields: &[(&str, &str)], want| assert_eq!(standing(&pairs(fields)), want, "{fields:?}");
    check(&[("standing", "closed")], Some(Standing::Closed));
    check(&[("standing", "active")], Some(Standing::Active));
    check(&[("standing", "open")], None);
    check(&[("standing", "closed"), ("name", "x")], None);
    check(&[], None);
}
