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

/// A hit, and whether it is of what the firm keeps to itself.
pub(crate) type Marked = (Hit, bool);

/// The best first; of equals the newer, then by id, so that a page follows from the one before it.
pub(crate) fn merged(lists: Vec<(ClientId, Vec<Marked>)>) -> Vec<Found> {
    let each = |(client, hits): (ClientId, Vec<Marked>)| {
        hits.into_iter().map(move |(hit, internal)| Found { client: client.clone(), hit, internal })
    };
    let mut all: Vec<Found> = lists.into_iter().flat_map(each).collect();
    all.sort_by(|a, b| better_first(&a.hit, &b.hit));
    all
}

pub(crate) fn better_first(a: &Hit, b: &Hit) -> Ordering {
    b.score.total_cmp(&a.score).then(b.at.cmp(&a.at)).then_with(|| a.id.cmp(&b.id))
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

    fn hit(id: u128, at: i64, score: f32) -> Marked {
        let hit = Hit {
            kind: EntryKind::Document,
            id: domain::ids::ulid(id),
            title: String::new(),
            project: None,
            category: None,
            at,
            page: None,
            highlights: Vec::new(),
            score,
        };
        (hit, false)
    }

    #[test]
    fn the_best_of_all_clients_come_first() {
        let (one, two) = (ClientId::from_bits(1), ClientId::from_bits(2));
        let lists = vec![
            (one.clone(), vec![hit(11, 5, 3.0), hit(12, 5, 1.0)]),
            (two.clone(), vec![hit(21, 9, 3.0), hit(22, 5, 2.0), hit(20, 5, 1.0)]),
        ];
        let list: Vec<(ClientId, String)> = merged(lists).into_iter().map(|f| (f.client, f.hit.id)).collect();
        let want = [(&two, 21), (&one, 11), (&two, 22), (&one, 12), (&two, 20)];
        assert_eq!(list, want.map(|(client, id)| (client.clone(), domain::ids::ulid(id))));
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
