//! What a firm of the sample data looks like, as plain data. Days count from the day of seeding.

use serde_json::{Value, json};

pub struct FirmPlan {
    pub name: &'static str,
    pub domain: &'static str,
    pub zone: &'static str,
    pub accent: &'static str,
    pub packs: &'static [&'static str],
    pub partner: &'static str,
    /// Name and phone of `staff@` and `staff2@`.
    pub staff: [(&'static str, &'static str); 2],
    pub clients: Vec<ClientPlan>,
}

pub struct ClientPlan {
    pub name: &'static str,
    pub people: &'static [PersonPlan],
    pub projects: &'static [ProjectPlan],
    pub files: &'static [FilePlan],
}

pub struct PersonPlan {
    pub name: &'static str,
    pub email: &'static str,
    pub role: &'static str,
    pub phone: Option<&'static str>,
}

pub struct ProjectPlan {
    pub name: &'static str,
    pub pack: &'static str,
    pub phase: usize,
    pub update_in: i64,
    /// Title, day, state.
    pub milestones: &'static [(&'static str, i64, &'static str)],
}

pub struct FilePlan {
    pub name: &'static str,
    pub project: &'static str,
    pub category: &'static str,
    pub from_firm: bool,
    pub text: &'static [&'static str],
}

impl ProjectPlan {
    pub fn milestones(&self) -> Vec<Value> {
        let one = |(title, day, state): &(&str, i64, &str)| json!({ "title": title, "due_on": self.day(*day), "state": state });
        self.milestones.iter().map(one).collect()
    }

    /// A civil date so many days from today.
    pub fn day(&self, after: i64) -> String {
        #[expect(clippy::disallowed_methods, reason = "the sample data is dated from the day it is made")]
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        today.saturating_add(jiff::Span::new().days(after)).to_string()
    }
}
