use super::*;
use crate::limits;

const WHY: &str = "Acme against Dunmore, letter of 3 May";

fn placed(scope: Scope) -> Hold {
    place(&client(1), scope, WHY, &person(7), &[], &mut moment("2022-01-01T00:00:00Z")).unwrap()
}

fn project(number: u128) -> Scope {
    Scope::Project { project: ProjectId::from_bits(number) }
}

fn documents(numbers: impl IntoIterator<Item = u128>) -> Scope {
    Scope::Documents { documents: numbers.into_iter().map(document).collect() }
}

fn check(scope: Scope, facts: &Facts, want: bool) {
    let holds = [placed(scope)];
    assert_eq!(!held(facts, &holds).is_empty(), want, "{holds:?} {facts:?}");
    // What is asked of the client's own documents.
    let is_held = |holds: &[Hold]| is_document_held(holds, &facts.project, &facts.document, &facts.series);
    assert!(facts.client != client(1) || is_held(&holds) == want, "{holds:?} {facts:?}");
    // As soon as it is released it holds nothing, whatever its scope.
    let released = [release(&holds[0], &person(8), at("2023-01-01T00:00:00Z")).unwrap()];
    assert!(!is_held(&released), "{released:?}");
    assert_eq!(held(facts, &released), [] as [&Hold; 0], "{released:?}");
}

#[test]
fn each_scope_holds_what_it_names() {
    let other_client = Facts { client: client(2), ..facts() };
    check(Scope::Client, &facts(), true);
    check(Scope::Client, &other_client, false);
    check(project(1), &facts(), true);
    check(project(2), &facts(), false);
    check(project(1), &other_client, false);
    check(documents([1, 5]), &facts(), true);
    check(documents([5]), &facts(), false);
    check(documents([1]), &other_client, false);
    // A document with the versions that it had and will have.
    let version = Facts { document: document(9), series: document(1), ..facts() };
    check(documents([1]), &version, true);
    check(documents([9]), &facts(), false);
    // Where it lies makes no difference.
    check(Scope::Client, &Facts { place: Place::Binned { archived: false }, ..facts() }, true);
    check(project(1), &Facts { place: Place::Archived, ..facts() }, true);
}

#[test]
fn several_holds_have_to_be_released_one_by_one() {
    let mut now = moment("2022-01-01T00:00:00Z");
    let mut holds: Vec<Hold> = Vec::new();
    for scope in [Scope::Client, project(1), documents([1])] {
        let next = place(&client(1), scope, WHY, &person(7), &holds, &mut now).unwrap();
        holds.push(next);
    }
    for place in [1, 0, 2] {
        assert!(held(&facts(), &holds).contains(&&holds[place]), "{holds:?}");
        holds[place] = release(&holds[place], &person(8), at("2023-01-01T00:00:00Z")).unwrap();
    }
    assert_eq!(held(&facts(), &holds), [] as [&Hold; 0]);
    let again = release(&holds[0], &person(9), at("2024-01-01T00:00:00Z"));
    assert_eq!(again, Err(HoldRefused::Released));
    assert_eq!(holds[0].released, Some(Released { by: person(8), at: at("2023-01-01T00:00:00Z") }));
}

#[test]
fn a_hold_has_a_reason_and_bounds() {
    let check = |scope: Scope, reason: &str, existing: &[Hold], want: Option<HoldRefused>| {
        let mut now = moment("2022-01-01T00:00:00Z");
        let found = place(&client(1), scope.clone(), reason, &person(7), existing, &mut now).err();
        assert_eq!(found, want, "{scope:?} {reason:?}");
    };
    check(Scope::Client, WHY, &[], None);
    check(documents([]), WHY, &[], Some(HoldRefused::NoDocuments));
    let many = limits::HOLD_DOCUMENTS_MAX as u128;
    check(documents(1..=many), WHY, &[], None);
    check(documents(0..=many), WHY, &[], Some(HoldRefused::TooManyDocuments { count_max: 80 }));
    let short = place(&client(1), Scope::Client, "because", &person(7), &[], &mut moment("2022-01-01T00:00:00Z"));
    assert!(matches!(short, Err(HoldRefused::Reason(_))), "{short:?}");
    let mut full = vec![placed(Scope::Client); limits::HOLDS_PER_CLIENT_MAX];
    check(Scope::Client, WHY, &full, Some(HoldRefused::TooMany { count_max: 50 }));
    full[0] = release(&full[0], &person(8), at("2023-01-01T00:00:00Z")).unwrap();
    check(Scope::Client, WHY, &full, None);
}

#[test]
fn a_stored_hold_reads_back() {
    for scope in [Scope::Client, project(1), documents([1, 2])] {
        let hold = release(&placed(scope), &person(8), at("2023-01-01T00:00:00Z")).unwrap();
        assert_eq!(serde_json::from_value::<Hold>(serde_json::to_value(&hold).unwrap()).unwrap(), hold);
    }
}
