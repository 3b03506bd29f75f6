//! Short texts that a firm keeps to write with: what its people would else type again and again. Words in braces stand for
//! what differs, and are filled in when a text is put into a message.

use serde::{Deserialize, Serialize};

use crate::person::{FieldRefused, Fields};
use crate::text::{MessageText, Name};
use crate::{Moment, TextId, limits};

/// What can stand in braces, and what it stands for.
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("client", "the client's name"),
    ("project", "the name of the matter or project"),
    ("first name", "the first name of whoever is written to"),
    ("my name", "the name of whoever writes"),
    ("firm", "the firm's name"),
];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KeptText {
    pub id: TextId,
    pub name: Name,
    pub body: String,
}

/// A text as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewText {
    pub name: String,
    pub body: String,
}

/// All texts of a firm, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    pub items: Vec<KeptText>,
    pub version: u64,
}

impl NewText {
    fn parse(&self) -> Result<(Name, String), Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let name = fields.take("name", Name::parse(&self.name));
        let body = fields.take("body", MessageText::parse(&self.body)).map(|body| body.as_str().to_owned());
        if let Some(body) = &body {
            if body.chars().count() > limits::TEXT_CHARACTERS_MAX {
                fields.refuse("body", format!("Use at most {} characters.", limits::TEXT_CHARACTERS_MAX));
            } else if let Some(unknown) = unknown(body) {
                fields.refuse("body", format!("{{{unknown}}} stands for nothing. Use one of: {}.", known()));
            }
        }
        match (name.zip(body), fields.refused()) {
            (Some(parsed), refused) if refused.is_empty() => Ok(parsed),
            (_, refused) => Err(refused),
        }
    }
}

fn known() -> String {
    PLACEHOLDERS.iter().map(|(word, _)| format!("{{{word}}}")).collect::<Vec<_>>().join(", ")
}

/// The parts of a text: what stands between braces, and what does not.
fn parts(body: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let begin = rest.find('{').unwrap_or(rest.len());
        if begin > 0 {
            let (plain, after) = rest.split_at(begin);
            rest = after;
            return Some(Ok(plain));
        }
        // A brace that nothing closes is a brace.
        let Some(end) = rest.find('}') else {
            let all = rest;
            rest = "";
            return Some(Ok(all));
        };
        let word = &rest[1..end];
        rest = &rest[end + 1..];
        Some(Err(word))
    })
}

fn unknown(body: &str) -> Option<&str> {
    parts(body).filter_map(Result::err).find(|word| !PLACEHOLDERS.iter().any(|(known, _)| known == word))
}

impl KeptText {
    /// With what is known of `facts` in the place of its placeholders. What is not known stays, to be seen and filled.
    pub fn filled(&self, facts: &[(&str, &str)]) -> String {
        let fact = |word: &str| facts.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        parts(&self.body)
            .map(|part| match part {
                Ok(plain) => plain.to_owned(),
                Err(word) => fact(word).map_or_else(|| format!("{{{word}}}"), str::to_owned),
            })
            .collect()
    }
}

impl Texts {
    pub fn find(&self, id: &TextId) -> Option<&KeptText> {
        self.items.iter().find(|text| text.id == *id)
    }

    fn with(&self, items: Vec<KeptText>) -> Self {
        let mut items = items;
        items.sort_by(|one, other| {
            (one.name.as_str().to_lowercase(), &one.id).cmp(&(other.name.as_str().to_lowercase(), &other.id))
        });
        Self { items, version: self.version + 1 }
    }

    fn taken(&self, name: &Name, but: Option<&TextId>) -> Option<Vec<FieldRefused>> {
        let same = |text: &&KeptText| {
            Some(&text.id) != but && text.name.as_str().to_lowercase() == name.as_str().to_lowercase()
        };
        let why = "There is a text of this name already.".to_owned();
        self.items.iter().find(same).map(|_| vec![FieldRefused { field: "name", why }])
    }

    pub fn add(&self, new: &NewText, moment: &mut Moment) -> Result<(Self, TextId), Vec<FieldRefused>> {
        let (name, body) = new.parse()?;
        if self.items.len() >= limits::TEXTS_PER_FIRM_MAX {
            let why = format!("Up to {} texts, please. Remove one that is not used.", limits::TEXTS_PER_FIRM_MAX);
            return Err(vec![FieldRefused { field: "name", why }]);
        }
        if let Some(refused) = self.taken(&name, None) {
            return Err(refused);
        }
        let id = TextId::from_bits(moment.next_id());
        let text = KeptText { id: id.clone(), name, body };
        Ok((self.with(self.items.iter().cloned().chain([text]).collect()), id))
    }

    /// None where there is no such text.
    pub fn change(&self, id: &TextId, new: &NewText) -> Result<Option<Self>, Vec<FieldRefused>> {
        let (name, body) = new.parse()?;
        if self.find(id).is_none() {
            return Ok(None);
        }
        if let Some(refused) = self.taken(&name, Some(id)) {
            return Err(refused);
        }
        let others = self.items.iter().filter(|text| text.id != *id).cloned();
        Ok(Some(self.with(others.chain([KeptText { id: id.clone(), name, body }]).collect())))
    }

    pub fn remove(&self, id: &TextId) -> Option<Self> {
        self.find(id)?;
        Some(self.with(self.items.iter().filter(|text| text.id != *id).cloned().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    fn new(name: &str, body: &str) -> NewText {
        NewText { name: name.to_owned(), body: body.to_owned() }
    }

    fn moment(id: u128) -> Moment {
        Moment::new(Timestamp::UNIX_EPOCH, move || id)
    }

    fn with(texts: &Texts, name: &str, body: &str, id: u128) -> (Texts, TextId) {
        texts.add(&new(name, body), &mut moment(id)).unwrap()
    }

    #[test]
    fn what_is_known_is_filled_in_and_the_rest_stays_to_be_seen() {
        let facts = [("client", "Acme"), ("first name", "Ann")];
        let check = |body: &str, want: &str| {
            let (texts, id) = with(&Texts::default(), "One", body, 1);
            assert_eq!(texts.find(&id).unwrap().filled(&facts), want, "{body}");
        };
        check("Dear {first name},\n\n{client} is {client}.", "Dear Ann,\n\nAcme is Acme.");
        check("Of {project} for {client}", "Of {project} for Acme");
        check("No words, an open { brace", "No words, an open { brace");
    }

    #[test]
    fn a_text_is_refused_at_its_field() {
        let (texts, id) = with(&Texts::default(), "Papers came", "Thank you, {first name}.", 1);
        let check = |new: NewText, field: &str, part: &str| {
            for refused in [
                texts.add(&new, &mut moment(2)).unwrap_err(),
                Texts::default().change(&id, &new).err().unwrap_or_default(),
            ] {
                if let Some(one) = refused.first() {
                    assert!(one.field == field && one.why.contains(part), "{new:?}: {refused:?}");
                }
            }
        };
        check(new("", "Words."), "name", "Enter a name");
        check(new("Two", " "), "body", "Write a few words");
        check(new("Two", "Dear {clinet}"), "body", "{clinet} stands for nothing. Use one of: {client}");
        check(new("Two", &"x".repeat(limits::TEXT_CHARACTERS_MAX + 1)), "body", "1500 characters");
        check(new("papers CAME", "Words."), "name", "already");
    }

    #[test]
    fn texts_are_changed_removed_and_bounded() {
        let (texts, b) = with(&Texts::default(), "b", "Two", 1);
        let (texts, a) = with(&texts, "A", "One", 2);
        assert_eq!((texts.version, texts.items[0].id == a), (2, true), "by their names");
        let changed = texts.change(&a, &new("c", "Three")).unwrap().unwrap();
        assert_eq!((changed.items[1].body.as_str(), changed.items[1].id == a), ("Three", true));
        // Its own name is not taken.
        assert!(changed.change(&a, &new("C", "Four")).unwrap().is_some());
        assert!(changed.remove(&b).unwrap().remove(&b).is_none());
        assert!(changed.remove(&b).unwrap().change(&b, &new("b", "x")).unwrap().is_none());
        let full = (0..limits::TEXTS_PER_FIRM_MAX as u128)
            .fold(Texts::default(), |texts, n| with(&texts, &format!("Text {n}"), "x", n + 10).0);
        assert!(full.add(&new("One more", "x"), &mut moment(9)).unwrap_err()[0].why.contains("Up to 50"));
    }
}
