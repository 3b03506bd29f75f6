use super::*;
use crate::document::FormerPlace;

fn check(one: &InBin, holds: &[Hold], now: &str, want: Result<(), Stays>) {
    let (rules, zone) = (Rules::standard(), zone("America/New_York"));
    let setting = Setting { rules: &rules, holds, zone: &zone };
    assert_eq!(leaves_bin(one, &setting, at(now)), want, "{one:?} {now}");
}

/// A contract, which no rule covers that a firm begins with.
fn contract() -> InBin {
    let facts = Facts { category: "Contracts".into(), place: Place::Binned { archived: false }, ..facts() };
    InBin { facts, binned_at: at("2026-11-01T10:00:00Z"), filed: true, former: Vec::new(), has_versions: false }
}

#[test]
fn the_bin_is_emptied_after_thirty_days_to_the_second() {
    check(&contract(), &[], "2026-12-01T09:59:59Z", Err(Stays::NotYet));
    check(&contract(), &[], "2026-12-01T10:00:00Z", Ok(()));
    check(&contract(), &[], "2036-12-01T10:00:00Z", Ok(()));
}

#[test]
fn whatever_somebody_has_to_keep_stays() {
    let later = "2030-01-01T00:00:00Z";
    let hold = place(&client(1), Scope::Client, "Acme against Dunmore", &person(7), &[], &mut moment(later)).unwrap();
    check(&contract(), std::slice::from_ref(&hold), later, Err(Stays::Held));
    let released = release(&hold, &person(8), at(later)).unwrap();
    check(&contract(), &[released], later, Ok(()));
    // Letters are kept for three years after the project was closed: the rule decides, before its time and after.
    let letter = InBin { facts: facts(), ..contract() };
    check(&letter, &[], later, Err(Stays::Ruled));
    let long_closed = Facts { closed_at: Some(at("2020-01-01T00:00:00Z")), ..facts() };
    check(&InBin { facts: long_closed, ..contract() }, &[], later, Err(Stays::Ruled));
    // It was filed as a letter, and somebody put it elsewhere before it went into the bin.
    let was_letter = FormerPlace { pack: facts().pack, category: facts().category };
    check(&InBin { former: vec![was_letter], ..contract() }, &[], later, Err(Stays::Ruled));
    let was_contract = FormerPlace { pack: facts().pack, category: "Contracts".into() };
    check(&InBin { former: vec![was_contract], ..contract() }, &[], later, Ok(()));
    // A file that was refused is no letter, and nothing that a hold could be about.
    check(&InBin { filed: false, ..letter }, &[], later, Ok(()));
    check(&InBin { filed: false, ..contract() }, &[hold], later, Ok(()));
    check(&InBin { has_versions: true, ..contract() }, &[], later, Err(Stays::HasVersions));
}
