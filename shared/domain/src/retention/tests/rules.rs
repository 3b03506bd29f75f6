use super::*;
use crate::limits;

fn typed() -> NewRule {
    NewRule {
        category: Some("Correspondence".into()),
        anchor: "upload".into(),
        years: "3".into(),
        then: "delete".into(),
        version: 1,
        ..NewRule::default()
    }
}

/// The rule's words where it is accepted, else the fields that are refused.
fn check(new: &NewRule, want: Result<&str, &[&str]>) {
    let found = Rule::parse(new).map(|rule| rule.words());
    let refused = found.as_ref().err().map(|refused| refused.iter().map(|one| one.field).collect::<Vec<_>>());
    assert_eq!((found.as_deref().ok(), refused.as_deref()), (want.ok(), want.err()), "{new:?}");
}

#[test]
fn rules_are_parsed_whole() {
    check(&typed(), Ok("Correspondence: deleted 3 years after the upload"));
    let tax = NewRule {
        category: None,
        pack: Some("tax".into()),
        anchor: "tax_year_end".into(),
        tax_year_ends: Some("02-29".into()),
        months: "6".into(),
        then: "archive_then_delete".into(),
        delete_years: "7".into(),
        ..typed()
    };
    check(
        &tax,
        Ok(
            "Documents of Tax and accounting: archived 3 years and 6 months and deleted 7 years after the tax year ends (29 February)",
        ),
    );
    check(&NewRule { tax_year_ends: Some("02-30".into()), ..tax.clone() }, Err(&["tax_year_ends"]));
    check(&NewRule { tax_year_ends: None, ..tax.clone() }, Err(&["tax_year_ends"]));
    check(&NewRule { delete_years: "3".into(), delete_months: "6".into(), ..tax.clone() }, Err(&["delete_years"]));
    check(&NewRule { delete_years: String::new(), ..tax.clone() }, Err(&["delete_years"]));
    check(&NewRule { delete_months: "some".into(), ..tax.clone() }, Err(&["delete_months"]));
    check(&NewRule { years: "some".into(), months: "-1".into(), ..tax.clone() }, Err(&["years", "months"]));
    // What would count for nothing is not dropped without a word.
    check(&NewRule { anchor: "project_close".into(), ..tax.clone() }, Err(&["tax_year_ends"]));
    check(&NewRule { then: "delete".into(), ..tax.clone() }, Err(&["delete_years"]));
    check(
        &NewRule { then: "archive".into(), delete_months: "2".into(), ..tax },
        Err(&["delete_years", "delete_months"]),
    );
    check(
        &NewRule { pack: Some("litigation".into()), anchor: "project_close".into(), then: "archive".into(), ..typed() },
        Ok("Correspondence of Litigation: archived 3 years after the project is closed"),
    );
    check(&NewRule { category: None, ..typed() }, Ok("All documents: deleted 3 years after the upload"));
    check(&NewRule { category: Some("Holiday pictures".into()), ..typed() }, Err(&["category"]));
    // A category of another practice.
    check(&NewRule { category: Some("Pleadings".into()), pack: Some("tax".into()), ..typed() }, Err(&["category"]));
    check(&NewRule { years: "0".into(), ..typed() }, Err(&["years"]));
    check(&NewRule { years: "101".into(), ..typed() }, Err(&["years"]));
    check(&NewRule { years: "99999999".into(), ..typed() }, Err(&["years"]));
    check(&NewRule { years: "6000".into(), ..typed() }, Err(&["years"]));
    check(
        &NewRule { pack: Some("plumbing".into()), years: "-3".into(), ..NewRule::default() },
        Err(&["pack", "anchor", "years", "then"]),
    );
}

#[test]
fn a_refusal_has_words_for_its_own_field() {
    let later = NewRule { then: "archive_then_delete".into(), ..typed() };
    let refused = Rule::parse(&NewRule { anchor: "tax_year_end".into(), ..later.clone() }).unwrap_err();
    let words: Vec<(&str, &str)> = refused.iter().map(|one| (one.field, one.why.as_str())).collect();
    let want = [
        ("tax_year_ends", "Enter the month and day on which the tax year ends, like 12-31."),
        ("delete_years", "Enter after how many years they are deleted, counted from the same day."),
    ];
    assert_eq!(words, want);
    let sooner = Rule::parse(&NewRule { delete_years: "2".into(), ..later }).unwrap_err();
    assert_eq!(sooner.first().map(|one| one.why.clone()), Some(RuleRefused::DeletedBeforeArchived.to_string()));
}

#[test]
fn what_is_typed_of_a_rule_is_the_rule() {
    let covers = [
        Covers::Everything,
        Covers::Pack { pack: Pack::Tax },
        Covers::Category { category: "Correspondence".into() },
        Covers::CategoryOfPack { category: "Correspondence".into(), pack: Pack::Litigation },
    ];
    let anchors =
        [Anchor::ProjectClose, Anchor::TaxYearEnd { month: 2, day: 29 }, Anchor::LastActivity, Anchor::Upload];
    let ends = [Then::Archive, Then::Delete, Then::ArchiveThenDelete { delete_after: Period::of(10, 5).unwrap() }];
    for covers in covers {
        for (anchor, then) in anchors.iter().flat_map(|anchor| ends.iter().map(move |then| (*anchor, *then))) {
            let rule = Rule { covers: covers.clone(), ..rule(anchor, months(13), then) };
            assert_eq!(Rule::parse(&rule.typed(7)), Ok(rule.clone()), "{rule:?}");
            let rules = only([rule.clone()]);
            assert_eq!(rules.of(&covers), Some(&rule));
        }
    }
}

#[test]
fn a_rule_says_project_as_the_office_does() {
    let check = |covers: Covers, noun: &str, want: &str| {
        let rule = Rule { covers, ..rule(Anchor::ProjectClose, years(3), Then::Delete) };
        assert!(rule.words_of(noun).ends_with(want), "{}", rule.words_of(noun));
    };
    check(Covers::Everything, "matter", "after the matter is closed");
    check(Covers::Category { category: "Correspondence".into() }, "project", "after the project is closed");
    check(Covers::Pack { pack: Pack::Litigation }, "project", "after the matter is closed");
    check(
        Covers::CategoryOfPack { category: "Other".into(), pack: Pack::Tax },
        "matter",
        "after the project is closed",
    );
}

/// The words of the rule that decides.
fn check_decides(rules: &Rules, category: &str, pack: Pack, want: Option<&str>) {
    let words = rules.decides(category, pack).map(Rule::words);
    assert_eq!(words.as_deref(), want, "{category} {pack:?}");
}

#[test]
fn a_firm_begins_with_seven_and_three_years() {
    let rules = Rules::standard();
    let letters = Some("Correspondence: deleted 3 years after the project is closed");
    let of_tax = Some("Documents of Tax and accounting: deleted 7 years after the tax year ends (31 December)");
    let tax_documents = Some("Tax documents: deleted 7 years after the tax year ends (31 December)");
    for pack in Pack::ALL {
        check_decides(&rules, "Correspondence", pack, letters);
    }
    for category in ["Tax returns", "Source documents", "Financial statements", "Engagement", "Other"] {
        check_decides(&rules, category, Pack::Tax, of_tax);
    }
    check_decides(&rules, "Tax documents", Pack::Advice, tax_documents);
    check_decides(&rules, "Pleadings", Pack::Litigation, None);
    for rule in rules.list() {
        let named = |category: &str| Pack::ALL.iter().any(|pack| pack.categories().contains(&category));
        let is_there = match &rule.covers {
            Covers::Category { category } | Covers::CategoryOfPack { category, .. } => named(category),
            Covers::Everything | Covers::Pack { .. } => true,
        };
        assert!(is_there, "{rule:?}");
    }
}

#[test]
fn the_most_specific_rule_decides_whatever_was_written_first() {
    let covering = |covers: Covers, kept: u16| Rule { covers, ..rule(Anchor::Upload, years(kept), Then::Delete) };
    let letters = || "Correspondence".to_owned();
    let mut list = vec![
        covering(Covers::CategoryOfPack { category: letters(), pack: Pack::Tax }, 1),
        covering(Covers::Category { category: letters() }, 2),
        covering(Covers::Pack { pack: Pack::Tax }, 3),
        covering(Covers::Pack { pack: Pack::Advice }, 4),
        covering(Covers::Everything, 5),
    ];
    for _ in 0..list.len() {
        list.rotate_left(1);
        let rules = only(list.clone());
        let check = |category: &str, pack, want: u16| {
            let found = rules.decides(category, pack).map(|rule| rule.period);
            assert_eq!(found, Some(years(want)), "{category} {pack:?} of {list:?}");
        };
        check("Correspondence", Pack::Tax, 1);
        // A tie between a category and a pack: the category.
        check("Correspondence", Pack::Advice, 2);
        check("Tax returns", Pack::Tax, 3);
        check("Plans", Pack::Advice, 4);
        check("Correspondence", Pack::Consulting, 2);
        check("Pleadings", Pack::Litigation, 5);
        assert_eq!(rules.list().first().map(|rule| rule.period), Some(years(1)));
    }
}

#[test]
fn of_two_stored_rules_for_the_same_the_longer_wins() {
    let check = |first: Then, second: Then, want: Then| {
        let of = |then| rule(Anchor::Upload, years(1), then);
        for list in [[of(first), of(second)], [of(second), of(first)]] {
            // No edit writes this: it stands for a row that something else wrote.
            let stored = serde_json::json!({ "list": list, "version": 9 });
            let rules: Rules = serde_json::from_value(stored).unwrap();
            assert_eq!(rules.decides("Other", Pack::Tax).map(|rule| rule.then), Some(want), "{first:?} {second:?}");
        }
    };
    let later = Then::ArchiveThenDelete { delete_after: years(5) };
    check(Then::Delete, later, later);
    check(Then::Archive, later, Then::Archive);
    check(Then::Archive, Then::Delete, Then::Archive);
}

#[test]
fn rules_change_one_at_a_time() {
    let rules = Rules::standard();
    let new = rule(Anchor::Upload, years(1), Then::Archive);
    assert_eq!(rules.with(new.clone(), 2), Err(RulesRefused::Stale));
    let with = rules.with(new.clone(), 1).unwrap();
    assert_eq!((with.version(), with.list().len()), (2, 4));
    assert_eq!(with.with(new.clone(), 2), Ok(with.clone()));
    // In place of what covers the same.
    let replaced = with.with(Rule { period: years(2), ..new.clone() }, 2).unwrap();
    assert_eq!((replaced.version(), replaced.list().len()), (3, 4));
    assert_eq!(replaced.without(&new.covers, 2), Err(RulesRefused::Stale));
    let without = replaced.without(&new.covers, 3).unwrap();
    assert_eq!((without.list(), without.version()), (rules.list(), 4));
    assert_eq!(without.without(&new.covers, 4), Err(RulesRefused::NoSuchRule));
}

#[test]
fn every_category_has_room_for_a_rule_and_then_it_ends() {
    let mut rules = Rules::standard();
    for pack in Pack::ALL {
        for category in pack.categories() {
            let covers = Covers::CategoryOfPack { category: (*category).to_owned(), pack };
            let new = Rule { covers, ..rule(Anchor::Upload, years(1), Then::Archive) };
            rules = rules.with(new, rules.version()).unwrap();
        }
    }
    for number in rules.list().len()..=limits::RETENTION_RULES_PER_FIRM_MAX {
        let covers = Covers::Category { category: format!("Category {number}") };
        let new = Rule { covers, ..rule(Anchor::Upload, years(1), Then::Archive) };
        match rules.with(new, rules.version()) {
            Ok(more) => rules = more,
            Err(refused) => {
                assert_eq!(number, limits::RETENTION_RULES_PER_FIRM_MAX);
                assert_eq!(refused, RulesRefused::TooMany { count_max: number });
            }
        }
    }
    assert_eq!(rules.list().len(), limits::RETENTION_RULES_PER_FIRM_MAX);
}

#[test]
fn stored_rules_read_back() {
    let rules = Rules::standard().with(rule(Anchor::LastActivity, months(18), Then::Archive), 1).unwrap();
    let stored = serde_json::to_value(&rules).unwrap();
    assert_eq!(serde_json::from_value::<Rules>(stored).unwrap(), rules);
    // What no period can be is no rule.
    let none = serde_json::json!({ "covers": "everything", "anchor": { "from": "upload" }, "period": 0, "then": { "then": "delete" } });
    assert_eq!(serde_json::from_value::<Rule>(none).map_err(|_| ()), Err(()));
}
