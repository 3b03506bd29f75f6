//! Hits of several clients as one list.

use std::cmp::Ordering;

use domain::ClientId;
use search::Hit;

/// A hit with the client whose it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) client: ClientId,
    pub(crate) hit: Hit,
    /// Of what the firm keeps to itself.
    pub(crate) internal: bool,
}

/// The best first; of equals the newer, then by id, so that a page follows from the one before it. As within each list,
/// what lacks a word is left out where anything has all of them.
pub(crate) fn merged(lists: Vec<Vec<Found>>) -> Vec<Found> {
    let mut all = lists.concat();
    all.sort_by(|a, b| better_first(&a.hit, &b.hit));
    if all.first().is_some_and(|found| found.hit.lacks == 0) {
        all.retain(|found| found.hit.lacks == 0);
    }
    all
}

fn better_first(a: &Hit, b: &Hit) -> Ordering {
    let by_words = a.lacks.cmp(&b.lacks).then(b.score.total_cmp(&a.score));
    by_words.then(b.at.cmp(&a.at)).then_with(|| a.id.cmp(&b.id))
}

/// One page of a list, and where the next one begins if there is one.
pub(crate) fn page<T>(all: Vec<T>, offset: usize, count_max: usize) -> (Vec<T>, Option<usize>) {
    let next = (all.len() > offset + count_max).then_some(offset + count_max);
    (all.into_iter().skip(offset).take(count_max).collect(), next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::EntryKind;

    fn found(client: u128, id: u128, at: i64, score: f32) -> Found {
        let hit = Hit {
            kind: EntryKind::Document,
            id: domain::ids::ulid(id),
            title: String::new(),
            project: None,
            category: None,
            at,
            page: None,
            highlights: Vec::new(),
            lacks: 0,
            score,
        };
        Found { client: ClientId::from_bits(client), hit, internal: false }
    }

    #[test]
    fn the_best_of_all_clients_come_first() {
        let lists = vec![
            vec![found(1, 11, 5, 3.0), found(1, 12, 5, 1.0)],
            vec![found(2, 21, 9, 3.0), found(2, 22, 5, 2.0), found(2, 20, 5, 1.0)],
        ];
        let list: Vec<(ClientId, String)> = merged(lists).into_iter().map(|f| (f.client, f.hit.id)).collect();
        let want = [(2, 21), (1, 11), (2, 22), (1, 12), (2, 20)];
        assert_eq!(list, want.map(|(client, id)| (ClientId::from_bits(client), domain::ids::ulid(id))));
    }

    #[test]
    fn what_has_all_the_words_comes_alone_or_else_the_most_first() {
        let lacking = |lacks: u32, client: u128, id: u128, score: f32| {
            let found = found(client, id, 5, score);
            Found { hit: Hit { lacks, ..found.hit }, ..found }
        };
        let check = |lists: Vec<Vec<Found>>, want: &[u128]| {
            let list: Vec<String> = merged(lists).into_iter().map(|found| found.hit.id).collect();
            assert_eq!(list, want.iter().map(|id| domain::ids::ulid(*id)).collect::<Vec<_>>());
        };
        check(vec![vec![lacking(1, 1, 11, 9.0)], vec![lacking(0, 2, 21, 1.0)]], &[21]);
        check(vec![vec![lacking(2, 1, 11, 9.0)], vec![lacking(1, 2, 21, 1.0)]], &[21, 11]);
    }

    #[test]
    fn pages_follow_each_other() {
        let check = |offset, want: (&[i32], Option<usize>)| {
            let (shown, next) = page(vec![1, 2, 3, 4, 5], offset, 2);
            assert_eq!((shown.as_slice(), next), want, "from {offset}");
        };
        check(0, (&[1, 2], Some(2)));
        check(2, (&[3, 4], Some(4)));
        check(4, (&[5], None));
        check(6, (&[], None));
    }
}
