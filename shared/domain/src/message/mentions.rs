//! Who is named in a message by `@` and the name. The words are what people typed, and the people are found in them, so that
//! a message from a program, or one whose words are changed, names whom it says it names.

use std::ops::Range;

use crate::permissions::Name as PermissionName;
use crate::person::TeamMember;
use crate::{PersonId, limits};

use super::Part;

/// Who can be named: those who read what is written.
pub fn can_be_named(member: &TeamMember, part: Part) -> bool {
    match part {
        Part::Message => member.may(PermissionName::ReadMessages),
        Part::Note => !member.of_client && member.may(PermissionName::ViewInternal),
    }
}

/// Where names stand behind an `@`, each with its place among `names`. The longest name counts: `@Ann Acme` is not Ann. Two
/// people of one name are both named.
pub fn named<'a>(text: &str, names: impl Iterator<Item = &'a str> + Clone) -> Vec<(Range<usize>, usize)> {
    let mut found = Vec::new();
    let mut end_before = 0;
    for (at, _) in text.match_indices('@') {
        let before = text[..at].chars().next_back();
        // Within a word it is part of an address.
        if at < end_before || before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let rest = &text[at + 1..];
        let length = names.clone().filter_map(|name| begins_with(rest, name)).max();
        let Some(length) = length else { continue };
        end_before = at + 1 + length;
        let same = names.clone().enumerate().filter(|(_, name)| begins_with(rest, name) == Some(length));
        found.extend(same.map(|(place, _)| (at..end_before, place)));
    }
    found
}

/// How many bytes of the text are the name, where it is followed by no letter of another word.
fn begins_with(text: &str, name: &str) -> Option<usize> {
    let mut rest = text.char_indices();
    let mut end = 0;
    for wanted in name.chars() {
        let (at, letter) = rest.next()?;
        if !letter.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
        end = at + letter.len_utf8();
    }
    let goes_on = text[end..].chars().next().is_some_and(char::is_alphanumeric);
    (end > 0 && !goes_on).then_some(end)
}

/// The people whom a message names, each once, in the order of its words. Of very many the first ones.
pub fn mentioned(text: &str, team: &[TeamMember], part: Part) -> Vec<PersonId> {
    let people: Vec<&TeamMember> = team.iter().filter(|member| can_be_named(member, part)).collect();
    let mut mentions: Vec<PersonId> = Vec::new();
    for (_, place) in named(text, people.iter().map(|member| member.name.as_str())) {
        let person = &people[place].person;
        if !mentions.contains(person) {
            mentions.push(person.clone());
        }
    }
    mentions.truncate(limits::MENTIONS_PER_MESSAGE_MAX);
    mentions
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["Ann", "Ann Acme", "Max Acme", "Zoë Ünal", "Max Acme"];

    fn check(text: &str, want: &[(&str, usize)]) {
        let found = named(text, NAMES.into_iter());
        let found: Vec<(&str, usize)> = found.into_iter().map(|(range, place)| (&text[range], place)).collect();
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn a_name_behind_an_at_names_somebody() {
        check("@Ann, can you look?", &[("@Ann", 0)]);
        check("Ask @ann acme.", &[("@ann acme", 1)]);
        check("(@Zoë Ünal) and @ZOË ÜNAL", &[("@Zoë Ünal", 3), ("@ZOË ÜNAL", 3)]);
        check("@Max Acme", &[("@Max Acme", 2), ("@Max Acme", 4)]);
        // Behind a word it is part of an address.
        check("@Ann@Ann", &[("@Ann", 0)]);
    }

    #[test]
    fn what_only_looks_like_it_names_nobody() {
        for text in ["Ann", "@", "@ Ann", "@Anna", "@Annika Berg", "mail@Ann", "@Max", "me@ann acme.example", "@Bob"] {
            check(text, &[]);
        }
    }
}
