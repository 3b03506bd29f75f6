//! Which calls were made for a firm, and with which credentials each: those that were vended in the same trace.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::faults::control::{Call, Control};
use crate::world::{LawFirm, setting};

/// They stand on their own roles, which reach further by design and are judged by the policy vectors.
const ON_THEIR_OWN: [&str; 4] = ["access", "access-documents", "access-jobs", "auth"];
/// These make something whatever is asked of them, so that they cannot be asked in vain.
const MAKERS: [&str; 3] = ["CreateKey", "PutKeyPolicy", "TagResource"];

/// A role with the tags that it was assumed with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Session {
    role: String,
    tags: BTreeMap<String, String>,
    /// The vending function that assumed it: the role trusts nobody else.
    by: String,
}

pub(super) struct Recorded {
    pub(super) call: Call,
    /// Which of the sessions it can have been made with.
    pub(super) sessions: Vec<usize>,
}

pub(super) struct Recording {
    pub(super) sessions: Vec<Session>,
    pub(super) calls: Vec<Recorded>,
    /// Calls whose credentials were vended before, nobody knows for whom.
    pub(super) left_out: usize,
}

impl Recording {
    /// Sessions of people of this client.
    pub(super) fn of_client(&self, client: &str) -> Vec<usize> {
        let is_theirs = |session: &Session| {
            session.role.starts_with("Client") && session.tags.get("c").is_some_and(|of| of == client)
        };
        (0..self.sessions.len()).filter(|number| is_theirs(&self.sessions[*number])).collect()
    }
}

/// What was vended in a trace may have been used in all of it.
pub(super) async fn recorded(control: &Control, mark: u64, world: &LawFirm) -> Recording {
    let calls = control.calls(mark, &[("contains", &world.firm.id)]).await;
    let mut by_trace: BTreeMap<&str, BTreeSet<Session>> = BTreeMap::new();
    let mut by_function: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let vends: Vec<(&str, Session)> = calls
        .iter()
        .filter(|call| call.operation == "AssumeRole")
        .filter_map(|call| Some((call.trace.as_deref()?, Session::of(call)?)))
        .collect();
    for (trace, session) in &vends {
        by_trace.entry(trace).or_default().insert(session.clone());
    }
    // A worker may go on with what was vended to it before. It has one role, whatever the client.
    for call in calls.iter().filter(|call| !ON_THEIR_OWN.contains(&call.function.as_str())) {
        let vended = call.trace.as_deref().and_then(|trace| by_trace.get(trace));
        for session in vended.into_iter().flatten() {
            by_function.entry(&call.function).or_default().insert(&session.role);
        }
    }
    let sessions: Vec<Session> =
        vends.iter().map(|(_, session)| session.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let number = |session: &Session| sessions.iter().position(|known| known == session).unwrap();
    let (mut made, mut left_out) = (Vec::new(), 0);
    for call in calls.iter().filter(|call| is_judged(call)) {
        let trace = call.trace.as_deref().unwrap_or_default();
        let mut fits: Vec<usize> = by_trace.get(trace).into_iter().flatten().map(number).collect();
        let roles = by_function.get(call.function.as_str()).filter(|roles| roles.len() == 1);
        if let Some(role) = roles.and_then(|roles| roles.first()).filter(|_| fits.is_empty()) {
            let text = call.text();
            let of_role = sessions.iter().filter(|session| session.role == **role && session.is_in(&text));
            fits = of_role.map(number).collect();
        }
        // The narrowest first: what it may do, it was most likely asked to do.
        fits.sort_by_key(|session| std::cmp::Reverse(sessions[*session].tags.len()));
        if fits.is_empty() {
            left_out += 1;
        } else {
            made.push(Recorded { call: call.clone(), sessions: fits });
        }
    }
    Recording { sessions, calls: made, left_out }
}

fn is_judged(call: &Call) -> bool {
    let service = ["dynamodb", "s3", "kms"].contains(&call.service.as_str());
    let known = call.service == "s3" || call.body.is_some();
    let of_function = !call.function.is_empty() && !ON_THEIR_OWN.contains(&call.function.as_str());
    service && known && of_function && call.status == Some(200) && !MAKERS.contains(&call.operation.as_str())
}

impl Session {
    /// From the form that asked for it.
    fn of(call: &Call) -> Option<Session> {
        let form = call.body.as_deref()?;
        let fields: BTreeMap<&str, &str> = form.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let arn = fields.get("RoleArn")?.rsplit("%2F").next()?;
        let role = arn.strip_prefix(&format!("{}-", setting("PORTICO_PREFIX")))?.to_owned();
        let tag = |n: usize| {
            let field = |part: &str| fields.get(format!("Tags.member.{n}.{part}").as_str());
            Some(((*field("Key")?).to_owned(), (*field("Value")?).to_owned()))
        };
        Some(Session { role, tags: (1..).map_while(tag).collect(), by: call.function.clone() })
    }

    /// All of its ids are named there.
    fn is_in(&self, text: &str) -> bool {
        self.tags.values().all(|id| text.contains(id.as_str()))
    }
}
