//! The worker of notices at work, as the proxy and the system see it. The proxy remembers fewer calls than thousands of
//! notices make, so that they are gathered while they come.

use std::collections::{BTreeMap, BTreeSet};

use domain::notice::Tier;

use super::super::calls::{Call, Calls};
use super::super::processes;

/// Who tells, and whom it asks for credentials.
pub(super) const FUNCTION: &str = "notification-delivery";
pub(super) const VENDOR: &str = "access-jobs";
/// `OB#` stands before the id of a row.
const ROW: &str = "OB#";
const CLAIM: &str = "CLAIM#notice/";
const ID_CHARACTERS: usize = 26;

#[derive(Default)]
struct Process {
    cpu_before_ms: f64,
    cpu_ms: f64,
    peak_mb: f64,
}

pub(super) struct Watch {
    calls: Calls,
    firm: String,
    after: u64,
    seen: BTreeMap<u64, Call>,
    /// Calls by which something was marked as told.
    marks: BTreeSet<u64>,
    processes: BTreeMap<(String, u32), Process>,
}

impl Watch {
    pub(super) async fn begin(firm: &str) -> Watch {
        let calls = Calls::open();
        let mut processes = BTreeMap::new();
        for function in [FUNCTION, VENDOR] {
            for call in calls.begun(0, &[("function", function)]).await {
                let Some(pid) = call.pid else { continue };
                let cpu_before_ms = processes::cpu_ms(pid);
                processes.insert((call.function, pid), Process { cpu_before_ms, ..Process::default() });
            }
        }
        let after = calls.mark().await;
        let (seen, marks) = (BTreeMap::new(), BTreeSet::new());
        Watch { calls, firm: firm.to_owned(), after, seen, marks, processes }
    }

    /// Gathers what was called since the last look. Whether nothing goes on.
    pub(super) async fn look(&mut self) -> bool {
        let found = self.calls.begun(self.after, &[]).await;
        let last = found.last().map_or(self.after, |call| call.n);
        let ours = |call: &Call| call.function == FUNCTION || call.function == VENDOR;
        let going_on = found.iter().filter(|call| ours(call) && call.took_ms.is_none()).map(|call| call.n).min();
        // What goes on is looked at again.
        self.after = going_on.map_or(last, |number| number - 1);
        for mut call in found.into_iter().filter(ours) {
            if call.status == Some(200) && self.is_mark(&call) {
                self.marks.insert(call.n);
            }
            if let Some(pid) = call.pid {
                self.processes.entry((call.function.clone(), pid)).or_default();
            }
            if is_mail(&call) {
                // Most of all bytes, and nobody reads them.
                call.body = None;
            }
            self.seen.insert(call.n, call);
        }
        for ((_, pid), process) in &mut self.processes {
            process.cpu_ms = process.cpu_ms.max(processes::cpu_ms(*pid));
            process.peak_mb = process.peak_mb.max(processes::peak_mb(*pid).unwrap_or_default());
        }
        going_on.is_none()
    }

    /// With its claim, by one transaction.
    fn is_mark(&self, call: &Call) -> bool {
        let names = |text: &str| call.body.as_ref().is_some_and(|body| body.contains(text));
        call.operation == "TransactWriteItems" && names(CLAIM) && names(&self.firm)
    }

    /// How many were told so far.
    pub(super) fn told(&self) -> usize {
        self.marks.len()
    }

    /// The most that any process of the worker ever held.
    pub(super) fn peak_mb(&self) -> f64 {
        self.of(FUNCTION).map(|process| process.peak_mb).fold(0.0, f64::max)
    }

    pub(super) fn processes(&self) -> usize {
        self.of(FUNCTION).filter(|process| process.cpu_ms > process.cpu_before_ms).count()
    }

    /// What all processes of a function have used meanwhile, their starts included.
    pub(super) fn cpu_ms(&self, function: &str) -> f64 {
        self.of(function).map(|process| (process.cpu_ms - process.cpu_before_ms).max(0.0)).sum()
    }

    fn of(&self, function: &str) -> impl Iterator<Item = &Process> {
        self.processes.iter().filter(move |((name, _), _)| name == function).map(|(_, process)| process)
    }

    pub(super) fn into_calls(self) -> Vec<Call> {
        self.seen.into_values().collect()
    }
}

pub(super) fn is_mail(call: &Call) -> bool {
    matches!(call.service.as_str(), "ses" | "email")
}

/// The queue that an invocation has its messages from: all of them have the tier of the first row that it names. None for
/// what hears of mails that were sent, which claims nothing.
pub(super) fn tier_of(group: &[Call], tiers: &BTreeMap<&str, Tier>) -> Option<Tier> {
    let claims = |call: &Call| call.body.as_deref().is_some_and(|body| body.contains(CLAIM));
    if !group.iter().any(claims) {
        return None;
    }
    group.iter().filter_map(|call| call.body.as_deref()).find_map(|body| {
        let ids =
            body.match_indices(ROW).filter_map(|(at, _)| body.get(at + ROW.len()..at + ROW.len() + ID_CHARACTERS));
        ids.into_iter().find_map(|id| tiers.get(id).copied())
    })
}

/// From the first call of the worker in an invocation to the end of its last.
pub(super) fn span(group: &[Call]) -> Option<(u64, u64)> {
    let own = || group.iter().filter(|call| call.function == FUNCTION);
    Some((own().map(|call| call.at_ms).min()?, own().map(Call::end_ms).max()?))
}

/// How many of these spans had a moment in common, at the most. One that ends as another begins has none with it.
pub(super) fn most_at_once(spans: &[(u64, u64)]) -> usize {
    let begun = |at: u64| spans.iter().filter(|(start, end)| *start <= at && at < *end).count();
    spans.iter().map(|(start, _)| begun(*start)).max().unwrap_or(0)
}

mod tests {
    use super::*;

    #[test]
    fn what_meets_is_counted_at_its_fullest_moment() {
        let check = |spans: &[(u64, u64)], want| assert_eq!(most_at_once(spans), want, "{spans:?}");
        check(&[], 0);
        check(&[(0, 10), (10, 20), (20, 30)], 1);
        check(&[(0, 10), (5, 20), (9, 12), (11, 30)], 3);
    }
}
