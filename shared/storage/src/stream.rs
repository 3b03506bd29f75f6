//! What a record of a table's stream is about, by its key alone. A record is a reason to look and never what is looked
//! at: whoever acts on it reads the row itself, with the credentials of a scope.

use domain::person::Membership;
use domain::{AdmissionId, ClientId, FirmChangeId, FirmId, OrderId, OutboxId, PersonId};

use crate::keys;

/// What a record asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Streamed {
    /// Something follows from a change: it is to be handed on.
    Outbox {
        firm: FirmId,
        client: ClientId,
        outbox: OutboxId,
    },
    /// A client's card has to be drawn anew.
    Client {
        firm: FirmId,
        client: ClientId,
    },
    /// Somebody may have come to a client's team, changed there or left it.
    Team {
        firm: FirmId,
        client: ClientId,
        person: PersonId,
    },
    ClientOrdered {
        firm: FirmId,
        order: OrderId,
    },
    PersonOrdered {
        firm: FirmId,
        order: OrderId,
    },
    /// A newsletter is to leave.
    NewsletterOrdered {
        firm: FirmId,
        order: OrderId,
    },
    /// By a client's own admin, for one of its people.
    MemberOrdered {
        firm: FirmId,
        client: ClientId,
        order: OrderId,
    },
    /// Somebody came by single sign-on who is to join.
    JoinOrdered {
        firm: FirmId,
        person: PersonId,
        order: OrderId,
    },
    FirmOrdered {
        firm: FirmId,
    },
    /// An operator ordered a firm to be closed or opened again.
    FirmTurned {
        firm: FirmId,
        change: FirmChangeId,
    },
    /// An operator asked for an admission, or it was ended by either side.
    Admission {
        firm: FirmId,
        admission: AdmissionId,
    },
    /// Nothing follows from it.
    Nothing,
}

impl Streamed {
    /// `inserted`: the row is new. `attribute` gives a text of the row after the change.
    pub fn of<'a>(pk: &str, sk: &str, inserted: bool, attribute: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self::named(pk, sk, inserted, attribute).unwrap_or(Self::Nothing)
    }

    fn named<'a>(pk: &str, sk: &str, inserted: bool, attribute: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        match keys::Owner::of(pk)? {
            keys::Owner::Outbox { firm, client } => {
                let outbox = OutboxId::parse(sk.strip_prefix(keys::OUTBOX)?).ok()?;
                inserted.then_some(Self::Outbox { firm, client, outbox })
            }
            keys::Owner::Client { firm, client } => {
                let shown = [keys::PROJECTS, keys::DOCUMENTS, keys::REQUESTS, keys::TEAM];
                let is_shown = sk == keys::PROFILE || shown.iter().any(|prefix| sk.starts_with(prefix));
                is_shown.then_some(Self::Client { firm, client })
            }
            keys::Owner::Messages { firm, client } => {
                sk.starts_with(keys::THREADS).then_some(Self::Client { firm, client })
            }
            keys::Owner::Home { firm, person } => {
                if let Some(order) = sk.strip_prefix(keys::ORDERS) {
                    let order = OrderId::parse(order).ok()?;
                    return inserted.then_some(Self::JoinOrdered { firm, person, order });
                }
                let assigned = sk.strip_prefix(keys::ASSIGNMENTS).and_then(|client| ClientId::parse(client).ok());
                let joined = || Membership::parse(sk.strip_prefix(keys::MEMBERSHIPS)?)?.client().cloned();
                Some(Self::Team { firm, client: assigned.or_else(joined)?, person })
            }
            keys::Owner::Orders { firm, client } => {
                let order = OrderId::parse(sk.strip_prefix(keys::ORDERS)?).ok()?;
                inserted.then_some(Self::MemberOrdered { firm, client, order })
            }
            keys::Owner::Firm { firm } => {
                // The name of a client is repeated beside its own rows and on cards.
                if let Some(client) = sk.strip_prefix(keys::CLIENTS) {
                    let client = ClientId::parse(client).ok()?;
                    return (!inserted).then_some(Self::Client { firm, client });
                }
                let order = OrderId::parse(sk.strip_prefix(keys::ORDERS)?).ok()?;
                match attribute("kind").filter(|_| inserted)? {
                    "client" => Some(Self::ClientOrdered { firm, order }),
                    "person" | "withdrawal" => Some(Self::PersonOrdered { firm, order }),
                    _ => None,
                }
            }
            keys::Owner::Digest { .. } => None,
            // Coming and going, it changes what the client is.
            keys::Owner::Public { firm } => Some(Self::Client { firm, client: keys::archived_client(sk)? }),
            keys::Owner::Newsletters { firm } => {
                let order = OrderId::parse(sk.strip_prefix(keys::ORDERS)?).ok()?;
                inserted.then_some(Self::NewsletterOrdered { firm, order })
            }
            keys::Owner::Admissions { firm } => {
                let admission = AdmissionId::parse(sk.strip_prefix(keys::ADMISSION)?).ok()?;
                attribute("ended_at").map(|_| Self::Admission { firm, admission })
            }
            keys::Owner::Platform { firm } => {
                if let Some(change) = sk.strip_prefix(keys::TURNS) {
                    let change = FirmChangeId::parse(change).ok()?;
                    return inserted.then_some(Self::FirmTurned { firm, change });
                }
                if let Some(admission) = sk.strip_prefix(keys::ADMISSION) {
                    let admission = AdmissionId::parse(admission).ok()?;
                    let told = matches!(attribute("state"), Some("asked" | "ending"));
                    return told.then_some(Self::Admission { firm, admission });
                }
                let ordered = sk == keys::FIRM && attribute("state") == Some("ordered") && inserted;
                ordered.then_some(Self::FirmOrdered { firm })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const F: &str = "01ARZ3NDEKTSV4RRFFQ69G5FA0";
    const C: &str = "01ARZ3NDEKTSV4RRFFQ69G5FC0";
    const X: &str = "01ARZ3NDEKTSV4RRFFQ69G5FX0";

    /// `+` marks a new row; attributes follow as `name=text`.
    fn streamed(pk: &str, sk: &str, attributes: &str) -> Streamed {
        let fill = |text: &str| text.replace("{f}", F).replace("{c}", C).replace("{x}", X);
        let attribute =
            |name: &str| attributes.split_whitespace().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        Streamed::of(&fill(pk), &fill(sk), attributes.starts_with('+'), attribute)
    }

    fn firm() -> FirmId {
        FirmId::parse(F).unwrap()
    }
    fn client() -> ClientId {
        ClientId::parse(C).unwrap()
    }

    #[test]
    fn rows_of_a_client() {
        let check = |sk, attributes, want| assert_eq!(streamed("T#{f}#C#{c}", sk, attributes), want, "{sk}");
        let drawn = || Streamed::Client { firm: firm(), client: client() };
        check("PROFILE", "+", drawn());
        check("PROJ#{x}", "", drawn());
        check("DOC#{x}", "", drawn());
        check("REQ#{x}", "", drawn());
        check("TEAM#{x}", "", drawn());
        check("DUE#{x}#{x}", "+", Streamed::Nothing);
        check("IDX#open", "", Streamed::Nothing);
        check("DOCCOUNT", "", Streamed::Nothing);
        let check = |sk, want| assert_eq!(streamed("T#{f}#C#{c}#MSG", sk, ""), want, "{sk}");
        check("THREAD#general", drawn());
        check("THREAD#{x}", drawn());
        check("MSG#general#00000001", Streamed::Nothing);
    }

    #[test]
    fn outbox_rows_when_they_are_new() {
        let check = |pk, sk, attributes, want| assert_eq!(streamed(pk, sk, attributes), want, "{pk} {sk}");
        let outbox = OutboxId::parse(X).unwrap();
        check("T#{f}#C#{c}#OB", "OB#{x}", "+", Streamed::Outbox { firm: firm(), client: client(), outbox });
        check("T#{f}#C#{c}#OB", "OB#{x}", "", Streamed::Nothing);
        check("T#{f}#C#{c}#OB", "CLAIM#notice", "+", Streamed::Nothing);
        check("T#{f}#C#{c}#SEEN", "SEEN#{x}#{x}", "+", Streamed::Nothing);
        check("T#{f}#C#{c}#IDEM", "OB#{x}", "+", Streamed::Nothing);
    }

    #[test]
    fn rows_of_a_home() {
        let check = |sk, want| assert_eq!(streamed("T#{f}#U#{x}", sk, ""), want, "{sk}");
        let person = PersonId::parse(X).unwrap();
        let team = || Streamed::Team { firm: firm(), client: client(), person: person.clone() };
        check("ASSIGN#{c}", team());
        check("M#{c}", team());
        check("M#FIRM", Streamed::Nothing);
        check("CARD#{c}", Streamed::Nothing);
        check("SESS#{x}", Streamed::Nothing);
        check("ORDER#{x}", Streamed::Nothing);
        let order = OrderId::parse(X).unwrap();
        let joins = Streamed::JoinOrdered { firm: firm(), person: person.clone(), order };
        assert_eq!(streamed("T#{f}#U#{x}", "ORDER#{x}", "+ kind=join"), joins);
        assert_eq!(streamed("T#{f}#U#{x}#PREF", "M#{c}", ""), Streamed::Nothing);
    }

    #[test]
    fn what_a_client_is_called_and_whether_it_is_archived() {
        let check = |pk, sk, attributes, want| assert_eq!(streamed(pk, sk, attributes), want, "{pk} {sk}");
        let drawn = || Streamed::Client { firm: firm(), client: client() };
        check("T#{f}", "CLIENT#{c}", "", drawn());
        check("T#{f}", "CLIENT#{c}", "+", Streamed::Nothing);
        check("T#{f}#PUB", "ARCHIVED#{c}", "+", drawn());
        check("T#{f}#PUB", "ARCHIVED#{c}", "", drawn());
        check("T#{f}#PUB", "BRAND", "", Streamed::Nothing);
    }

    #[test]
    fn orders_when_they_are_new() {
        let check = |pk, sk, attributes, want| assert_eq!(streamed(pk, sk, attributes), want, "{pk} {sk} {attributes}");
        let order = || OrderId::parse(X).unwrap();
        check("T#{f}", "ORDER#{x}", "+ kind=client", Streamed::ClientOrdered { firm: firm(), order: order() });
        check("T#{f}", "ORDER#{x}", "+ kind=person", Streamed::PersonOrdered { firm: firm(), order: order() });
        check("T#{f}", "ORDER#{x}", "kind=person", Streamed::Nothing);
        check("T#{f}", "ORDER#{x}", "+ kind=lunch", Streamed::Nothing);
        check("T#{f}", "ORDER#{x}", "+ kind=withdrawal", Streamed::PersonOrdered { firm: firm(), order: order() });
        let of_client = || Streamed::MemberOrdered { firm: firm(), client: client(), order: order() };
        check("T#{f}#C#{c}#ORD", "ORDER#{x}", "+ kind=member", of_client());
        check("T#{f}#C#{c}#ORD", "ORDER#{x}", "kind=member", Streamed::Nothing);
        check("T#{f}#C#{c}", "ORDER#{x}", "+ kind=person", Streamed::Nothing);
        check("T#{f}", "SETTINGS", "+", Streamed::Nothing);
        check("FIRM#{f}", "FIRM", "+ state=ordered", Streamed::FirmOrdered { firm: firm() });
        check("FIRM#{f}", "FIRM", "state=active", Streamed::Nothing);
        check("FIRMS", "F#{f}", "+ state=ordered", Streamed::Nothing);
        let change = FirmChangeId::parse(X).unwrap();
        check("FIRM#{f}", "TURN#{x}", "+ state=ordered", Streamed::FirmTurned { firm: firm(), change });
        check("FIRM#{f}", "TURN#{x}", "state=done", Streamed::Nothing);
        check("FIRM#{f}", "USE#2026-11-26", "+", Streamed::Nothing);
        let admission = || Streamed::Admission { firm: firm(), admission: AdmissionId::parse(X).unwrap() };
        check("FIRM#{f}", "ADM#{x}", "+ state=asked", admission());
        check("FIRM#{f}", "ADM#{x}", "state=open", Streamed::Nothing);
        check("FIRM#{f}", "ADM#{x}", "state=ending", admission());
        check("FIRM#{f}", "ADM#{x}", "state=ended", Streamed::Nothing);
        check("T#{f}#ADM", "ADM#{x}", "+", Streamed::Nothing);
        check("T#{f}#ADM", "ADM#{x}", "ended_at=now", admission());
        check("T#{f}#V#clients", "C#{c}", "+", Streamed::Nothing);
        check("T#nobody#C#{c}", "PROFILE", "+", Streamed::Nothing);
    }
}
