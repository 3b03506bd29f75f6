//! What a firm of the sample data looks like, as plain data. Days count from the day of seeding.

use serde_json::{Value, json};

pub(crate) struct FirmPlan {
    pub(crate) name: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) accent: &'static str,
    pub(crate) packs: &'static [&'static str],
    pub(crate) partner: &'static str,
    /// Name and phone of `staff@` and `staff2@`.
    pub(crate) staff: [(&'static str, &'static str); 2],
    pub(crate) clients: Vec<ClientPlan>,
}

pub(crate) struct ClientPlan {
    pub(crate) name: &'static str,
    pub(crate) people: &'static [PersonPlan],
    pub(crate) projects: &'static [ProjectPlan],
    pub(crate) files: &'static [FilePlan],
    /// Said in the first project's conversation, in this order.
    pub(crate) talk: &'static [Words],
}

/// Of a client's first person, or of its staff.
pub(crate) struct Words {
    pub(crate) from_firm: bool,
    pub(crate) text: &'static str,
}

pub(crate) struct PersonPlan {
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) role: &'static str,
    pub(crate) phone: Option<&'static str>,
}

pub(crate) struct ProjectPlan {
    pub(crate) name: &'static str,
    pub(crate) pack: &'static str,
    pub(crate) phase: usize,
    pub(crate) update_in: i64,
    /// Title, day, state.
    pub(crate) milestones: &'static [(&'static str, i64, &'static str)],
}

pub(crate) struct FilePlan {
    pub(crate) name: &'static str,
    pub(crate) project: &'static str,
    pub(crate) category: &'static str,
    pub(crate) from_firm: bool,
    pub(crate) text: &'static [&'static str],
}

impl ProjectPlan {
    pub(crate) fn milestones(&self) -> Vec<Value> {
        let one = |(title, day, state): &(&str, i64, &str)| {
            let done_on = (*state == "done").then(|| self.day(*day));
            json!({ "title": title, "due_on": self.day(*day), "state": state, "done_on": done_on })
        };
        self.milestones.iter().map(one).collect()
    }

    /// A civil date so many days from today.
    pub(crate) fn day(&self, after: i64) -> String {
        #[expect(clippy::disallowed_methods, reason = "the sample data is dated from the day it is made")]
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        today.saturating_add(jiff::Span::new().days(after)).to_string()
    }
}
