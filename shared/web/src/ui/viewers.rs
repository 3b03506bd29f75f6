//! Whom a document is for: a sign and a word in lists, and the choice in forms.

use domain::document::Visibility;
use maud::{Markup, html};

use super::form::{Choice, Field, checks, radios};
use super::icon::{Icon, icon};

/// Beside a document in a list. Nothing where everybody at the company sees it.
pub fn viewers_mark(visibility: &Visibility) -> Option<Markup> {
    let (sign, words) = match visibility {
        Visibility::Company => return None,
        Visibility::People(_) => (Icon::Person, "Only some people"),
        Visibility::Firm => (Icon::Lock, "Only us"),
    };
    Some(html! { strong.viewers { (icon(sign)) " " (words) } })
}

/// People that are offered beside the button of an upload; a larger company chooses on the document's page.
const PEOPLE_AT_UPLOAD_MAX: usize = 20;

/// What can be chosen by one press beside the button of an upload, as values for the script and words: several people by
/// name are chosen on the document's own page.
pub fn viewers_at_upload(client: &str, firm: &str, people: &[(&str, &str)], may_keep: bool) -> Vec<(String, String)> {
    let mut ways = vec![("company".to_owned(), format!("Everyone at {client}"))];
    if may_keep {
        ways.push(("firm".to_owned(), format!("Only us at {firm}")));
    }
    if people.len() <= PEOPLE_AT_UPLOAD_MAX {
        let one = |(id, name): &(&str, &str)| ((*id).to_owned(), format!("Only {name} and admins"));
        ways.extend(people.iter().map(one));
    }
    ways
}

/// Who could see a document, and who is to.
#[derive(Debug, Clone, Copy)]
pub struct ViewersChoice<'a> {
    pub client: &'a str,
    pub firm: &'a str,
    /// The company's people, by id and name.
    pub people: &'a [(&'a str, &'a str)],
    pub chosen: &'a Visibility,
    /// Whether the firm may keep it to itself: offered before a document is there, to those who may.
    pub may_keep: bool,
    pub error: Option<&'a str>,
}

impl ViewersChoice<'_> {
    /// The field that an error is about: who is ticked, or else the way.
    pub fn wrong_field(&self) -> &'static str {
        if matches!(self.chosen, Visibility::People(_)) && !self.people.is_empty() { "person" } else { "visibility" }
    }
}

/// The fields `visibility` (`everyone`, `people`, `firm`) and `person`. They need no script.
pub fn viewers_choice(view: &ViewersChoice<'_>) -> Markup {
    let everyone = format!("Everyone at {}", view.client);
    let firm = format!("Only {}", view.firm);
    let none = format!("Nobody at {} can open it, find it or hear of it.", view.client);
    let is_for_some = matches!(view.chosen, Visibility::People(_));
    let mut ways = vec![
        Choice::new("everyone", &everyone, view.chosen.is_company()),
        Choice::new("people", "Only some people", is_for_some),
    ];
    if view.may_keep {
        ways.push(Choice { hint: Some(&none), ..Choice::new("firm", &firm, *view.chosen == Visibility::Firm) });
    }
    let is_named = |id: &str| match view.chosen {
        Visibility::People(named) => named.iter().any(|person| person.as_str() == id),
        Visibility::Company | Visibility::Firm => false,
    };
    let people: Vec<Choice<'_>> = view.people.iter().map(|(id, name)| Choice::new(id, name, is_named(id))).collect();
    let error = |name: &str| view.error.filter(|_| view.wrong_field() == name);
    let hint = format!("Beside them whoever sent it, the admins of {} and {} see it.", view.client, view.firm);
    html! {
        (radios(&Field { name: "visibility", label: "Who may see it", error: error("visibility"), ..Field::default() }, &ways))
        @if !people.is_empty() {
            (checks(&Field { name: "person", label: "If only some people: these", hint: Some(&hint), error: error("person"), ..Field::default() }, &people))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::PersonId;

    #[test]
    fn a_list_says_what_is_not_for_everybody() {
        let check = |visibility: Visibility, words: Option<&str>| {
            let mark = viewers_mark(&visibility).map(Markup::into_string);
            assert_eq!(
                mark.as_deref().map(|mark| mark.contains(words.unwrap_or("?"))),
                words.map(|_| true),
                "{mark:?}"
            );
        };
        check(Visibility::Company, None);
        check(Visibility::People([PersonId::from_bits(3)].into()), Some("Only some people"));
        check(Visibility::Firm, Some("Only us"));
    }

    #[test]
    fn a_form_shows_what_is_chosen_and_offers_what_may_be() {
        let (one, two) = (PersonId::from_bits(1).to_string(), PersonId::from_bits(2).to_string());
        let chosen = Visibility::People([PersonId::from_bits(2)].into());
        let view = ViewersChoice {
            client: "Acme & Sons",
            firm: "Hartwell",
            people: &[(&one, "Ann"), (&two, "Max")],
            chosen: &chosen,
            may_keep: false,
            error: None,
        };
        let html = viewers_choice(&view).into_string();
        assert!(html.contains("Everyone at Acme &amp; Sons") && !html.contains(r#"value="firm""#), "{html}");
        assert!(html.contains(&format!(r#"value="{two}" checked"#)), "{html}");
        assert!(!html.contains(&format!(r#"value="{one}" checked"#)), "{html}");
        let nobody = Visibility::People([].into());
        let refused = ViewersChoice { chosen: &nobody, error: Some("Choose somebody."), ..view };
        let html = viewers_choice(&refused).into_string();
        assert!(html.contains(r#"id="person-error""#) && !html.contains("visibility-error"), "{html}");
        assert!(!html.contains("(optional)"), "{html}");
        let kept = viewers_choice(&ViewersChoice { may_keep: true, chosen: &Visibility::Firm, ..view }).into_string();
        assert!(kept.contains(r#"value="firm" checked"#) && kept.contains("Only Hartwell"), "{kept}");
    }
}
