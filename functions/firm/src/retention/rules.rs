//! The firm's rules on one page: read, add, replace, remove, and take a change back.

use std::collections::BTreeSet;

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::packs::Pack;
use domain::permissions::ManageRetention;
use domain::person::FieldRefused;
use domain::retention::{Covers, NewRule, Rule};
use maud::{Markup, html};
use serde::Deserialize;
use storage::FirmStore;
use web::ui::Button;
use web::ui::form::{self, Choice, TextInput};
use web::ui::structure::{Crumb, PageHead, Row, Section, card, page_head, rows, section};
use web::{App, Failure, Fields, Form, Page, Place, Query, Shell, answers};

use super::api::Covered;
use super::change_rules;
use super::pages::{RULES, here, status};
use crate::pages::{field, query_value};

/// What has just been done, in the address after a redirect, with the rule that stood there before; or the rule that is
/// put back, with the version of the rules that it is put into.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    done: String,
    category: String,
    pack: String,
    anchor: String,
    tax_year_ends: String,
    years: String,
    months: String,
    then: String,
    delete_years: String,
    delete_months: String,
    version: u64,
}

impl After {
    /// The rule that stood there before. Of an address that somebody made up there is none.
    fn former(self) -> Option<NewRule> {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let former = NewRule {
            category: some(self.category),
            pack: some(self.pack),
            anchor: self.anchor,
            tax_year_ends: some(self.tax_year_ends),
            years: self.years,
            months: self.months,
            then: self.then,
            delete_years: self.delete_years,
            delete_months: self.delete_months,
            version: self.version,
        };
        Rule::parse(&former).is_ok().then_some(former)
    }

    /// Words of ours, and the address that takes it back.
    fn said(self, noun: &str) -> Option<(String, Option<String>)> {
        let done = self.done.clone();
        let former = self.former();
        let rule = former.as_ref().and_then(|former| Rule::parse(former).ok());
        let (words, undo) = match (rule, former) {
            (Some(rule), Some(former)) => (rule.words_of(noun), Some(format!("{RULES}/undo?{}", query(&former)))),
            _ => (String::new(), None),
        };
        Some(match done.as_str() {
            "saved" => ("The rule is saved.".to_owned(), None),
            "replaced" => (format!("The rule is saved. It took the place of this one: {words}."), Some(undo?)),
            "removed" => (format!("The rule is removed: {words}."), Some(undo?)),
            "restored" => ("The rule is as it was before.".to_owned(), None),
            _ => return None,
        })
    }
}

fn query(rule: &NewRule) -> String {
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        ("category", some(&rule.category)),
        ("pack", some(&rule.pack)),
        ("anchor", rule.anchor.clone()),
        ("tax_year_ends", some(&rule.tax_year_ends)),
        ("years", rule.years.clone()),
        ("months", rule.months.clone()),
        ("then", rule.then.clone()),
        ("delete_years", rule.delete_years.clone()),
        ("delete_months", rule.delete_months.clone()),
        ("version", rule.version.to_string()),
    ];
    let given = fields.iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| format!("{name}={}", query_value(value))).collect::<Vec<_>>().join("&")
}

/// Where a rule stands on the page.
fn place(covers: &Covers) -> String {
    let text = format!("rule-{}-{}", category(covers), pack(covers));
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// To a rule, with what was done and the rule that stood there before.
fn back(done: &str, covers: &Covers, former: Option<NewRule>) -> Response {
    let former = former.map(|former| format!("&{}", query(&former))).unwrap_or_default();
    answers::see_other(&format!("{RULES}?done={done}{former}#{}", place(covers)))
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<ManageRetention>,
    page: Page,
    Query(after): Query<After>,
) -> Result<Response, Failure> {
    draw(&app, &scope, &page, after, (&NewRule::default(), &[])).await
}

/// With what was typed and refused, and why.
async fn draw(
    app: &App,
    scope: &FirmScope<ManageRetention>,
    page: &Page,
    after: After,
    (typed, refused): (&NewRule, &[FieldRefused]),
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (rules, expected, clients, brand) =
        tokio::join!(store.retention_rules(), store.expected(), store.clients(), app.brand(scope));
    let (rules, expected, clients, brand) = (rules?, expected?, clients?, brand?);
    let noun = Pack::noun_of(&brand.packs);
    let version = rules.version().to_string();
    let due: Vec<(String, String, String)> = expected
        .iter()
        .filter(|one| !one.is_quiet())
        .filter_map(|one| {
            let listed = clients.iter().find(|listed| listed.client == one.client)?;
            let said = format!("{} to archive, {} to delete, {} held", one.archives, one.deletes, one.held);
            Some((listed.name.to_string(), here(&one.client), said))
        })
        .collect();
    let errors: Vec<(&str, &str)> = refused.iter().map(|one| (one.field, one.why.as_str())).collect();
    let form = section(
        &Section { title: "Add or replace a rule", ..Section::default() },
        card(new_rule(&page.csrf, &version, noun, (typed, refused))),
    );
    let body = html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Settings", href: "/firm/settings" }],
            title: "How long documents are kept",
            ..PageHead::default()
        }))
        (form::error_summary(&errors))
        // What has to be mended stands under the list of it.
        @if !errors.is_empty() { (form) }
        p {
            "What no rule covers is kept for good. Nothing is archived or deleted by itself: each client's list is \
             looked at and confirmed first, deletions by a second person, and a legal hold wins over every rule."
        }
        (section(&Section { title: "Rules", count: Some(rules.list().len()), ..Section::default() }, html! {
            @for rule in rules.list() {
                @let words = rule.words_of(noun);
                (card(html! {
                    p id=(place(&rule.covers)) { (words) "." }
                    (form::inline_form("/firm/retention/remove", &page.csrf, &[
                        ("category", category(&rule.covers)), ("pack", pack(&rule.covers)), ("version", &version),
                    ], Button::quiet_danger("Remove").about(&words).submit()))
                }))
            }
        }))
        @if errors.is_empty() { (form) }
        (section(&Section { title: "Clients with something due or held", ..Section::default() }, html! {
            p {
                @if due.is_empty() { "Nothing was due or held last night. " }
                "This list is made anew each night: what became due since, and holds placed or released since, are not in it \
                 yet. A client's own page always says what holds this moment."
            }
            (rows(due.iter().map(|(name, href, said)| Row {
                title: name, href: Some(href), meta: Some(html! { (said) }), ..Row::default()
            })))
        }))
    };
    let said = after.said(noun);
    let shell = Shell::new("How long documents are kept", Place::Settings)
        .notice(said.as_ref().map(|(words, _)| words.as_str()))
        .undo(said.as_ref().and_then(|(_, undo)| undo.clone()))
        .status(status(!errors.is_empty()));
    page.show(app, scope, shell, body).await
}

fn category(covers: &Covers) -> &str {
    match covers {
        Covers::Category { category } | Covers::CategoryOfPack { category, .. } => category,
        Covers::Everything | Covers::Pack { .. } => "",
    }
}

fn pack(covers: &Covers) -> &'static str {
    match covers {
        Covers::Pack { pack } | Covers::CategoryOfPack { pack, .. } => pack.as_str(),
        Covers::Everything | Covers::Category { .. } => "",
    }
}

fn new_rule(csrf: &str, version: &str, noun: &str, (typed, refused): (&NewRule, &[FieldRefused])) -> Markup {
    let categories: BTreeSet<&str> = Pack::ALL.iter().flat_map(|pack| pack.categories().iter().copied()).collect();
    let (of_category, of_pack) = (typed.category.as_deref(), typed.pack.as_deref());
    let any = |label, chosen: Option<&str>| Choice::new("", label, chosen.is_none());
    fn choices<'a>(chosen: &str, list: &[(&'a str, &'a str)]) -> Vec<Choice<'a>> {
        list.iter()
            .enumerate()
            .map(|(place, (value, label))| {
                Choice::new(value, label, if chosen.is_empty() { place == 0 } else { *value == chosen })
            })
            .collect()
    }
    let select = |name, label, list: &[Choice<'_>]| form::select(&field(name, label, None, refused), list);
    let number = |name, label, hint, value| {
        let field = form::Field { optional: true, ..field(name, label, hint, refused) };
        form::text_input(&TextInput { field, value, inputmode: Some("numeric"), ..TextInput::default() })
    };
    let all_categories: Vec<Choice<'_>> = std::iter::once(any("Every category", of_category))
        .chain(categories.iter().map(|c| Choice::new(c, c, of_category == Some(c))))
        .collect();
    let packs: Vec<Choice<'_>> = std::iter::once(any("Every practice", of_pack))
        .chain(Pack::ALL.iter().map(|pack| Choice::new(pack.as_str(), pack.title(), of_pack == Some(pack.as_str()))))
        .collect();
    let closed = format!("The {noun} is closed");
    let anchors = choices(
        &typed.anchor,
        &[
            ("project_close", &closed),
            ("tax_year_end", "The tax year ends"),
            ("last_activity", "The last activity"),
            ("upload", "The upload"),
        ],
    );
    let ends = choices(
        &typed.then,
        &[
            ("delete", "Delete"),
            ("archive", "Archive, still readable"),
            ("archive_then_delete", "Archive, delete later"),
        ],
    );
    let tax_year = TextInput {
        field: form::Field {
            optional: true,
            ..field(
                "tax_year_ends",
                "Tax year ends on",
                Some("Month and day, such as 12-31. Only where it is counted from a tax year's end."),
                refused,
            )
        },
        value: typed.tax_year_ends.as_deref().unwrap_or_default(),
        ..TextInput::default()
    };
    let first = Some("Where it is archived first, counted from the same day.");
    form::form(
        RULES,
        csrf,
        html! {
            input type="hidden" name="version" value=(version);
            (select("category", "Category", &all_categories))
            (select("pack", "Practice", &packs))
            (select("anchor", "Counted from", &anchors))
            (form::text_input(&tax_year))
            (number("years", "Years that it is kept", Some("And months, if not whole years."), typed.years.as_str()))
            (number("months", "Months", None, typed.months.as_str()))
            (select("then", "Then", &ends))
            (number("delete_years", "Deleted after years", first, typed.delete_years.as_str()))
            (number("delete_months", "And months", None, typed.delete_months.as_str()))
            (Button::primary("Save rule").submit())
        },
    )
}

pub(crate) async fn add(
    State(app): State<App>,
    scope: FirmScope<ManageRetention>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let some = |name: &str| fields.one(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let new = NewRule {
        category: some("category"),
        pack: some("pack"),
        anchor: fields.text("anchor"),
        tax_year_ends: some("tax_year_ends"),
        years: fields.text("years"),
        months: fields.text("months"),
        then: fields.text("then"),
        delete_years: fields.text("delete_years"),
        delete_months: fields.text("delete_months"),
        version: fields.text("version").parse().unwrap_or(0),
    };
    let rule = match Rule::parse(&new) {
        Ok(rule) => rule,
        Err(refused) => return draw(&app, &scope, &page, After::default(), (&new, &refused)).await,
    };
    match change_rules(&app, &scope, |rules| rules.with(rule.clone(), new.version)).await {
        Ok((before, after)) => {
            let former = before.of(&rule.covers).filter(|former| **former != rule);
            let done = if former.is_some() { "replaced" } else { "saved" };
            Ok(back(done, &rule.covers, former.map(|former| former.typed(after.version()))))
        }
        // There are too many: what this one covers is what makes it one more.
        Err(Failure::Refused(why)) => {
            let refused = [FieldRefused { field: "category", why }];
            draw(&app, &scope, &page, After::default(), (&new, &refused)).await
        }
        Err(failure) => Err(failure),
    }
}

pub(crate) async fn remove(
    State(app): State<App>,
    scope: FirmScope<ManageRetention>,
    Form(asked): Form<Covered>,
) -> Result<Response, Failure> {
    let covers = asked.covers()?;
    let (before, after) = change_rules(&app, &scope, |rules| rules.without(&covers, asked.version)).await?;
    Ok(back("removed", &covers, before.of(&covers).map(|former| former.typed(after.version()))))
}

/// Puts a rule back that was replaced or removed, unless the rules were changed since.
pub(crate) async fn undo(
    State(app): State<App>,
    scope: FirmScope<ManageRetention>,
    Query(after): Query<After>,
) -> Result<Response, Failure> {
    let former = after.former().ok_or(Failure::NotFound)?;
    let rule = super::rule(&former)?;
    change_rules(&app, &scope, |rules| rules.with(rule.clone(), former.version)).await?;
    Ok(back("restored", &rule.covers, None))
}

#[cfg(test)]
mod tests {
    use domain::retention::Rules;

    use super::*;

    fn refused_form(new: &NewRule) -> String {
        let refused = Rule::parse(new).unwrap_err();
        new_rule("token", "1", "matter", (new, &refused)).into_string()
    }

    #[test]
    fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
        let html = refused_form(&NewRule {
            anchor: "project_close".into(),
            tax_year_ends: Some("12-31".into()),
            years: "many".into(),
            then: "delete".into(),
            delete_years: "9".into(),
            ..NewRule::default()
        });
        for name in ["tax_year_ends", "years", "delete_years"] {
            assert!(html.contains(&format!(r#"id="{name}-error""#)), "{name} in {html}");
        }
        assert_eq!(html.matches(r#"aria-invalid="true""#).count(), 3, "{html}");
        for typed in [r#"value="12-31""#, r#"value="many""#, r#"value="9""#, "The matter is closed"] {
            assert!(html.contains(typed), "{typed} in {html}");
        }
    }

    #[test]
    fn a_note_names_the_rule_that_stood_there_and_leads_back_to_it() {
        let rules = Rules::standard();
        for rule in rules.list() {
            let former = rule.typed(4);
            let query = query(&former);
            let uri = format!("{RULES}?done=replaced&{query}").parse().unwrap();
            let axum::extract::Query(after) = axum::extract::Query::<After>::try_from_uri(&uri).unwrap();
            let (words, undo) = after.said("matter").unwrap();
            assert!(words.contains(&rule.words_of("matter")), "{words}");
            assert_eq!(undo, Some(format!("{RULES}/undo?{query}")));
        }
        let made_up = After { done: "replaced".into(), years: "3".into(), ..After::default() };
        assert!(made_up.said("matter").is_none());
    }
}
