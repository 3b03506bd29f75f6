use super::*;
use jiff::civil::date;
use jiff::tz::TimeZone;

fn moment(now: &str) -> Moment {
    let mut n = 0;
    Moment::new(now.parse().unwrap(), move || {
        n += 1;
        n
    })
}

fn staff() -> PersonId {
    PersonId::from_bits(77)
}

fn with<T>(act: impl FnOnce(&Setting<'_>, &mut Moment) -> T) -> T {
    let zone = TimeZone::get("America/New_York").unwrap();
    act(&Setting { zone: &zone, assigned: &[staff()] }, &mut moment("2026-11-24T15:00:00Z"))
}

fn new(milestones: Option<Vec<MilestoneEdit>>) -> NewProject {
    let name = Name::parse("Acme v. Dunmore").unwrap();
    NewProject { name, pack: Pack::Litigation, next_update_on: None, team: vec![staff()], milestones, phase: 0 }
}

pub(super) fn opened() -> Project {
    with(|setting, moment| open(new(None), 0, setting, moment)).unwrap().0
}

fn milestone(title: &str, due_on: Option<Date>) -> MilestoneEdit {
    MilestoneEdit {
        id: None,
        title: Name::parse(title).unwrap(),
        due_on,
        state: MilestoneState::Upcoming,
        done_on: None,
        remind_at: None,
    }
}

fn check(change: ProjectEdit, want: Result<Vec<Event>, ProjectRefused>) {
    let got = with(|setting, moment| edit(&opened(), change, setting, moment)).map(|(_, events)| events);
    assert_eq!(got, want);
}

#[test]
fn a_pack_gives_phases_and_dated_milestones() {
    let project = opened();
    assert_eq!(project.phase_name(), "Intake");
    assert_eq!(project.milestones.len(), Pack::Litigation.milestones().len());
    assert_eq!(project.next_milestone().unwrap().due_on, Some(date(2026, 12, 1)));
    assert_eq!(project.milestones[0].remind_at, Some("2026-11-30T14:00:00Z".parse().unwrap()));
}

#[test]
fn changes_become_events() {
    check(
        ProjectEdit { version: 1, phase: Some(1), ..Default::default() },
        Ok(vec![Event::PhaseChanged { from: 0, to: 1 }]),
    );
    check(ProjectEdit { version: 1, ..Default::default() }, Ok(vec![]));
    let on = date(2026, 12, 4);
    check(
        ProjectEdit { version: 1, next_update_on: Some(Some(on)), ..Default::default() },
        Ok(vec![Event::UpdatePromised { on }]),
    );
    check(ProjectEdit { version: 1, standing: Some(Standing::Closed), ..Default::default() }, Ok(vec![Event::Closed]));
    check(
        ProjectEdit { version: 1, name: Some(Name::parse("New name").unwrap()), ..Default::default() },
        Ok(vec![Event::Edited]),
    );
}

#[test]
fn refusals() {
    check(ProjectEdit { version: 2, phase: Some(1), ..Default::default() }, Err(ProjectRefused::Stale));
    check(ProjectEdit { version: 1, phase: Some(6), ..Default::default() }, Err(ProjectRefused::NoSuchPhase));
    check(
        ProjectEdit { version: 1, team: Some(vec![PersonId::from_bits(5)]), ..Default::default() },
        Err(ProjectRefused::NotOnTeam),
    );
    let foreign = MilestoneEdit { id: Some(MilestoneId::from_bits(999)), ..milestone("x", None) };
    check(
        ProjectEdit { version: 1, milestones: Some(vec![foreign]), ..Default::default() },
        Err(ProjectRefused::ForeignMilestone),
    );
    let many = (0..61).map(|_| milestone("x", None)).collect();
    check(
        ProjectEdit { version: 1, milestones: Some(many), ..Default::default() },
        Err(ProjectRefused::TooManyMilestones { count_max: 60 }),
    );
}

#[test]
fn a_moved_deadline_moves_its_reminder_and_a_done_one_has_none() {
    let project = opened();
    let first = &project.milestones[0];
    let kept = |state, due_on| MilestoneEdit {
        id: Some(first.id.clone()),
        state,
        ..milestone("Engagement letter signed", due_on)
    };
    let change = |list| ProjectEdit { version: 1, milestones: Some(list), ..Default::default() };
    let moved = with(|s, m| edit(&project, change(vec![kept(MilestoneState::Current, Some(date(2026, 12, 8)))]), s, m))
        .unwrap()
        .0;
    assert_eq!(dues(&moved), vec![Due { milestone: first.id.clone(), at: "2026-12-07T14:00:00Z".parse().unwrap() }]);
    assert!(!is_still_due(&moved, &Due { milestone: first.id.clone(), at: first.remind_at.unwrap() }));
    let (done, events) =
        with(|s, m| edit(&project, change(vec![kept(MilestoneState::Done, first.due_on)]), s, m)).unwrap();
    assert_eq!(dues(&done), vec![]);
    assert_eq!(events, vec![Event::MilestoneDone { milestone: first.id.clone() }]);
}

#[test]
fn a_milestone_is_done_today_or_on_the_day_that_is_told() {
    let done = |done_on| MilestoneEdit { state: MilestoneState::Done, done_on, ..milestone("Answer filed", None) };
    let opened = |done_on| with(|s, m| open(new(Some(vec![done(done_on)])), 0, s, m)).map(|(p, _)| p);
    let check = |told, want| {
        let project = opened(told).unwrap();
        assert_eq!(project.milestones[0].progress, Progress::Done { done_on: want });
        // Sent again without a day, it stays as it is.
        let kept = MilestoneEdit { id: Some(project.milestones[0].id.clone()), ..done(None) };
        let change = ProjectEdit { version: 1, milestones: Some(vec![kept]), ..Default::default() };
        assert_eq!(with(|s, m| edit(&project, change, s, m)).unwrap().1, vec![]);
    };
    check(None, date(2026, 11, 24));
    check(Some(date(2026, 11, 12)), date(2026, 11, 12));
    assert_eq!(opened(Some(date(2026, 11, 25))), Err(ProjectRefused::DoneInFuture));
}

#[test]
fn a_reminder_in_the_past_is_not_made() {
    let project =
        with(|s, m| open(new(Some(vec![milestone("Late already", Some(date(2026, 11, 20)))])), 0, s, m)).unwrap().0;
    assert_eq!(dues(&project), vec![]);
    assert_eq!(project.overdue_days(date(2026, 11, 24)), 4);
}

#[test]
fn absent_and_null_differ() {
    let absent: ProjectEdit = serde_json::from_str(r#"{"version":1}"#).unwrap();
    let null: ProjectEdit = serde_json::from_str(r#"{"version":1,"next_update_on":null}"#).unwrap();
    assert_eq!((absent.next_update_on, null.next_update_on), (None, Some(None)));
}

#[test]
fn what_is_done_hands_on_to_what_is_next() {
    let project = opened();
    let ids: Vec<MilestoneId> = project.milestones.iter().map(|m| m.id.clone()).collect();
    let moved = |project: &Project, id: &MilestoneId, state| {
        let milestones = with_state(project, id, state);
        with(|s, m| edit(project, ProjectEdit { version: project.version, milestones, ..Default::default() }, s, m))
            .unwrap()
            .0
    };
    let now = |project: &Project| -> Vec<MilestoneId> {
        project.milestones.iter().filter(|m| m.progress == Progress::Current).map(|m| m.id.clone()).collect()
    };
    assert_eq!(now(&project), [ids[0].clone()]);
    let first = moved(&project, &ids[0], MilestoneState::Done);
    assert_eq!(now(&first), [ids[1].clone()]);
    // Something else is being done: it stays the only one.
    assert_eq!(now(&moved(&first, &ids[3], MilestoneState::Done)), [ids[1].clone()]);
    // Only finishing hands on: whoever says that nothing is being done is believed.
    assert_eq!(now(&moved(&project, &ids[0], MilestoneState::Upcoming)), []);
    assert_eq!(dues(&moved(&project, &ids[4], MilestoneState::Done)).len(), ids.len() - 1);
    assert_eq!(with_state(&project, &MilestoneId::from_bits(999), MilestoneState::Done).map(|list| list.len()), None);
}
