use jiff::{Timestamp, tz::TimeZone};

use super::*;
use crate::packs::Pack;
use crate::project::{self, NewProject, Setting};
use crate::request::{self, LineEdit, NewRequest, Of};
use crate::text::Name;
use crate::{Moment, PersonId, ProjectId};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn moment(first: u128) -> Moment {
    let mut n = first;
    Moment::new(Timestamp::from_second(1_764_000_000).unwrap(), move || {
        n += 1;
        n
    })
}

fn project(n: u128, closed: bool) -> Project {
    let new = NewProject {
        name: name("Annual return"),
        pack: Pack::Tax,
        phase: 0,
        milestones: Some(Vec::new()),
        team: Vec::new(),
        next_update_on: None,
    };
    let setting = Setting { zone: &TimeZone::UTC, assigned: &[] };
    let (made, _) = project::open(new, 0, &setting, &mut moment(n)).unwrap();
    let closed_at = closed.then_some(made.opened_at);
    let standing = if closed { project::Standing::Closed } else { project::Standing::Active };
    Project { id: ProjectId::from_bits(n), standing, closed_at, ..made }
}

fn list(n: u128, lines: &[(&str, Option<&str>)]) -> Request {
    let line = |(what, category): &(&str, Option<&str>)| LineEdit {
        id: None,
        what: name(what),
        help: None,
        due_on: None,
        category: category.map(str::to_owned),
    };
    let new = NewRequest {
        project: ProjectId::from_bits(1),
        template: None,
        title: Some(name("Papers")),
        due_on: None,
        lines: Some(lines.iter().map(line).collect()),
    };
    let of = Of {
        pack: Pack::Tax,
        is_open: true,
        categories: Pack::Tax.categories(),
        today: jiff::civil::date(2026, 11, 24),
    };
    request::send(new, &of, 0, &PersonId::from_bits(3), &mut moment(n)).unwrap()
}

#[test]
fn files_go_where_there_is_no_choice() {
    let of = |n| Topic::Project(ProjectId::from_bits(n));
    let check = |topic: Topic, projects: &[Project], want: Option<u128>| {
        let found = project_of(&topic, projects).map(|project| project.id.clone());
        assert_eq!(found, want.map(ProjectId::from_bits), "{topic}");
    };
    let (one, two, past) = (project(1, false), project(2, false), project(3, true));
    check(of(2), &[one.clone(), two.clone()], Some(2));
    check(of(9), std::slice::from_ref(&one), None);
    check(Topic::General, &[one.clone(), past.clone()], Some(1));
    check(Topic::General, &[one.clone(), two], None);
    check(Topic::General, std::slice::from_ref(&past), None);
    check(of(3), &[one, past], Some(3));
}

#[test]
fn a_file_answers_the_only_line_or_the_one_that_it_is_called_by() {
    let (lease, bank, year) = (("Lease", None), ("Bank statements", Some("Source documents")), ("Bank", None));
    // `lists`, a file's name, the mail's subject, and the line that it is for.
    let check = |lists: &[Request], file: &str, subject: &str, want: Option<&str>| {
        let on = line_for(lists, "Lease review", subject, &FileName::parse(file).unwrap());
        let what = on.map(|on| {
            let list = lists.iter().find(|list| list.id == on.list).unwrap();
            list.line(&on.line).unwrap().what.as_str().to_owned()
        });
        assert_eq!(what.as_deref(), want, "{file}, {subject}");
    };
    check(&[], "Lease.pdf", "", None);
    check(&[list(100, &[lease])], "scan0001.pdf", "", Some("Lease"));
    let both = [list(100, &[lease, bank])];
    check(&both, "scan0001.pdf", "Re: New message", None);
    check(&both, "BANK_statements-march.pdf", "", Some("Bank statements"));
    check(&both, "scan0001.pdf", "Re: the bank statements!", Some("Bank statements"));
    check(&both, "rebank statements.pdf", "", None);
    // The file says more than the mail that it came with.
    check(&both, "lease.pdf", "Bank statements and the lease", Some("Lease"));
    // The project's name is in every subject of ours.
    check(&both, "scan0001.pdf", "Re: Message from Sam: Lease review", None);
    check(&[list(100, &[lease]), list(200, &[bank, year])], "Bank statements.pdf", "", None);
    // What was given is not missing.
    let [ref open] = both;
    let (given, _) = request::not_had(open, &open.lines[0].id, None, &PersonId::from_bits(1), open.sent_at)
        .unwrap()
        .expect("a change");
    check(&[given], "scan0001.pdf", "", Some("Bank statements"));
}

#[test]
fn what_is_asked_for_says_where_it_goes() {
    let (of, lists) = (project(1, false), [list(100, &[("Lease", None), ("W-2", Some("Source documents"))])]);
    let names: Vec<FileName> = ["w-2.pdf", "lease.pdf", "note.txt"].map(|name| FileName::parse(name).unwrap()).to_vec();
    let file = |name| MailedFile { name, size_bytes: 5, is_picture: false };
    let files: Vec<MailedFile<'_>> = names.iter().map(file).collect();
    let news = news_of(&files, &of, &lists, "");
    let said: Vec<(&str, bool)> = news.iter().map(|new| (new.category.as_str(), new.request.is_some())).collect();
    assert_eq!(said, [("Source documents", true), ("Correspondence", true), ("Correspondence", false)]);
    let picture = news_of(&[MailedFile { is_picture: true, ..files[0] }], &of, &lists, "");
    assert_eq!(picture[0].request, None, "a logo answers nothing");
    let many = vec![files[0]; limits::ATTACHMENTS_PER_MESSAGE_MAX + 1];
    assert_eq!(news_of(&many, &of, &[], "").len(), limits::ATTACHMENTS_PER_MESSAGE_MAX);
}
