//! One person: what it is in the firm and at clients, what it may do, where it is signed in; and the ends of all of
//! these. Whatever is changed here holds at the person's next request.

use std::collections::{BTreeMap, BTreeSet};

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::firm::Order;
use domain::permissions::{
    Adjusted, ChangeRoles, EndMemberships, EndSessions, ManagePeople, Name as PermissionName, Reach,
};
use domain::person::change::{Around, Change, change};
use domain::person::{Membership, PersonOrder};
use domain::text::Name;
use domain::{PersonId, Role, SessionId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{
    AssignedClient, ChangesMembers, FirmStore, LastSignIn, ListedPerson, MemberFacts, MembershipRow, OrderRow,
    SessionInHome, Tries,
};
use web::{App, Failure, Fields, Page, Path, Place, Query, Shell, answers};

use crate::pages::person::{self as pages, MembershipView, PersonView};

pub(crate) mod api;

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    person: PersonId,
}

/// One membership of a person: `FIRM`, or a client's id.
#[derive(Debug, Deserialize)]
pub(crate) struct OfMembership {
    person: PersonId,
    membership: String,
}

impl OfMembership {
    fn place(&self) -> Result<Membership, Failure> {
        Membership::parse(&self.membership).ok_or(Failure::NotFound)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfSession {
    person: PersonId,
    session: SessionId,
}

/// Everything that the firm knows of a person.
pub(crate) struct Known {
    pub(crate) memberships: Vec<(Membership, MembershipRow, Option<ListedPerson>)>,
    pub(crate) assigned: Vec<AssignedClient>,
    pub(crate) sessions: Vec<(SessionId, SessionInHome)>,
    pub(crate) last: Option<LastSignIn>,
}

impl Known {
    async fn read<P: Send + Sync>(store: &FirmStore<'_, P>, person: &PersonId) -> Result<Known, Failure> {
        let people = [person.clone()];
        let (rows, assigned, sessions, last) = tokio::join!(
            store.memberships(person),
            store.assigned_to(person),
            store.sessions_of(person),
            store.last_sign_ins(&people),
        );
        let rows = rows?;
        if rows.is_empty() {
            return Err(Failure::NotFound);
        }
        let place = |row: &MembershipRow| row.client.clone().map_or(Membership::Firm, Membership::Client);
        let mut memberships = Vec::new();
        for row in rows {
            let membership = place(&row);
            let mut listed = store.named(&[(membership.clone(), person.clone())]).await?;
            memberships.push((membership, row, listed.remove(person)));
        }
        memberships.sort_by_key(|(membership, row, _)| (!row.active, membership.client().is_some()));
        Ok(Known { memberships, assigned: assigned?, sessions: sessions?, last: last?.remove(person) })
    }
}

/// What has just been done, for the notice and for what takes it back.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: Option<String>,
    #[serde(default)]
    of: Option<String>,
    #[serde(default)]
    was: Option<String>,
}

impl Done {
    fn notice(&self) -> Option<&'static str> {
        match self.done.as_deref()? {
            "ended" => Some("Access ended. It holds from the next request."),
            "reinstated" => Some("Access is there again."),
            "role" => Some("Role changed. It holds from the next request."),
            "permissions" => Some("Saved. It holds from the next request."),
            "signed-out" => Some("Signed out there."),
            "mailed" => Some("The invitation is on its way again."),
            "withdrawn" => Some("The invitation is taken back."),
            "address" => Some("Mails go to this address again."),
            "reset" => Some("At the next sign-in the mailed link is enough, and a second factor is set up anew."),
            _ => None,
        }
    }

    fn undo(&self, person: &PersonId) -> Option<String> {
        let of = Membership::parse(self.of.as_deref()?)?;
        let base = format!("/firm/people/{person}/{}", of.as_str());
        match self.done.as_deref()? {
            "ended" => Some(format!("{base}/reinstate")),
            "reinstated" => Some(format!("{base}/end")),
            "role" => Some(format!("{base}/role?role={}", Role::parse(self.was.as_deref()?)?.as_str())),
            _ => None,
        }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    Path(Of { person }): Path<Of>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let (known, suppressed, brand) =
        tokio::join!(Known::read(&store, &person), store.suppression_of(&person), app.brand(&scope));
    let (known, brand) = (known?, brand?);
    let (now, zone) = (app.now(), brand.time_zone());
    let views: Vec<MembershipView<'_>> = known
        .memberships
        .iter()
        .map(|(membership, row, listed)| MembershipView {
            membership,
            row,
            since: listed.as_ref().and_then(|listed| listed.since),
            permissions: permissions_of(row.role, &row.adjusted),
        })
        .collect();
    let body = pages::person(&PersonView {
        person: &person,
        memberships: &views,
        assigned: &known.assigned,
        sessions: &known.sessions,
        last: known.last.as_ref(),
        suppressed: suppressed?,
        is_reader: *scope.person() == person,
        is_confirmed: scope.vended().grant.confirmed(now),
        may: &|name| scope.may(name),
        csrf: &page.csrf,
        now,
        zone: &zone,
    });
    let name = known.memberships.first().map_or("Person", |(_, row, _)| row.name.as_str());
    let shell = Shell::new(name, Place::People).notice(done.notice()).undo(done.undo(&person));
    page.show(&app, &scope, shell, body).await
}

/// A permission of a list, and what of it the role gives.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub(crate) struct PermissionOut {
    pub(crate) name: PermissionName,
    /// After "may".
    pub(crate) words: &'static str,
    pub(crate) may: bool,
    /// The role gives it by itself.
    pub(crate) of_role: bool,
    /// About the firm rather than about clients.
    pub(crate) of_firm: bool,
}

/// Everything that somebody of this role has or can be given, in the order of the table.
pub(crate) fn permissions_of(role: Role, adjusted: &Adjusted) -> Vec<PermissionOut> {
    let listed = |name: &PermissionName| (name.held_by(role) && name.is_removable()) || name.grantable_to(role);
    let out = |name: PermissionName| PermissionOut {
        name,
        words: name.words(),
        may: domain::permissions::may(role, adjusted, domain::permissions::State::Plain, name),
        of_role: name.held_by(role),
        of_firm: matches!(name.reach(), Reach::Firm | Reach::Audit),
    };
    PermissionName::ALL.iter().copied().filter(listed).map(out).collect()
}

/// What somebody of a role was given and what was taken, when exactly `ticked` of what the form showed is left.
pub(crate) fn adjusted_to(role: Role, ticked: &BTreeSet<PermissionName>) -> Adjusted {
    let mut adjusted = Adjusted::default();
    for name in PermissionName::ALL.iter().copied() {
        if name.held_by(role) && name.is_removable() && !ticked.contains(&name) {
            adjusted.removed.insert(name);
        }
        if !name.held_by(role) && name.grantable_to(role) && ticked.contains(&name) {
            adjusted.granted.insert(name);
        }
    }
    adjusted
}

/// What a change asks for, once the membership is known.
pub(crate) type Asks<'a> = dyn Fn(&MemberFacts) -> Result<Change, Failure> + Send + Sync + 'a;

/// Changes a membership, whoever else changes it meanwhile. The facts it was changed from.
pub(crate) async fn changed<P: ChangesMembers + domain::permissions::Permission>(
    app: &App,
    scope: &FirmScope<P>,
    person: &PersonId,
    membership: &Membership,
    even_last_admin: bool,
    asks: &Asks<'_>,
) -> Result<MemberFacts, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let facts = store.member(person, membership).await?.ok_or(Failure::NotFound)?;
        let around = Around {
            own: *scope.person() == *person,
            other_admins: facts.other_admins,
            even_last_admin,
            ..Around::default()
        };
        let Some(next) = change(&facts.member, membership, &asks(&facts)?, around, app.now())? else {
            return Ok(facts);
        };
        match store.save_member(&facts, &next, &mut app.moment()).await {
            Ok(_) => return Ok(facts),
            Err(error) => tries.another(error).await?,
        }
    }
}

fn back(person: &PersonId, done: &str, membership: &Membership, more: &str) -> Response {
    answers::see_other(&format!("/firm/people/{person}?done={done}&of={}{more}", membership.as_str()))
}

/// A role that stands in the address takes a change back.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Again {
    #[serde(default)]
    role: Option<String>,
}

pub(crate) async fn role(
    State(app): State<App>,
    scope: FirmScope<ChangeRoles>,
    Path(of): Path<OfMembership>,
    Query(again): Query<Again>,
    fields: Fields,
) -> Result<Response, Failure> {
    let membership = of.place()?;
    let wanted = fields.one("role").map(str::to_owned).or(again.role).unwrap_or_default();
    let wanted = Role::parse(&wanted).ok_or_else(|| Failure::Refused("Choose one of the roles.".into()))?;
    let even = fields.has("even_last_admin");
    let from = changed(&app, &scope, &of.person, &membership, even, &|_| Ok(Change::Role(wanted))).await?;
    Ok(back(&of.person, "role", &membership, &format!("&was={}", from.member.role.as_str())))
}

pub(crate) async fn permissions(
    State(app): State<App>,
    scope: FirmScope<ChangeRoles>,
    Path(of): Path<OfMembership>,
    fields: Fields,
) -> Result<Response, Failure> {
    let membership = of.place()?;
    // A form with every tick taken out and a form that never came are told apart by this.
    if !fields.has("shown") {
        return Err(Failure::Refused("Open the person's page and tick there what the person may do.".into()));
    }
    let ticked: BTreeSet<PermissionName> = fields.all("may").filter_map(PermissionName::parse).collect();
    let asks = |facts: &MemberFacts| Ok(Change::Permissions(adjusted_to(facts.member.role, &ticked)));
    changed(&app, &scope, &of.person, &membership, false, &asks).await?;
    Ok(back(&of.person, "permissions", &membership, ""))
}

pub(crate) async fn end(
    State(app): State<App>,
    scope: FirmScope<EndMemberships>,
    Path(of): Path<OfMembership>,
    fields: Fields,
) -> Result<Response, Failure> {
    let membership = of.place()?;
    let even = fields.has("even_last_admin");
    changed(&app, &scope, &of.person, &membership, even, &|_| Ok(Change::End)).await?;
    Ok(back(&of.person, "ended", &membership, ""))
}

pub(crate) async fn reinstate(
    State(app): State<App>,
    scope: FirmScope<EndMemberships>,
    Path(of): Path<OfMembership>,
) -> Result<Response, Failure> {
    let membership = of.place()?;
    changed(&app, &scope, &of.person, &membership, false, &|_| Ok(Change::Reinstate)).await?;
    Ok(back(&of.person, "reinstated", &membership, ""))
}

pub(crate) async fn mail_again(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    Path(of): Path<OfMembership>,
) -> Result<Response, Failure> {
    let membership = of.place()?;
    invited_again(&app, &scope, &of.person, &membership).await?;
    Ok(back(&of.person, "mailed", &membership, ""))
}

/// Orders the invitation once more for somebody who has not come in yet.
async fn invited_again(
    app: &App,
    scope: &FirmScope<ManagePeople>,
    person: &PersonId,
    membership: &Membership,
) -> Result<OrderRow, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let people = [person.clone()];
    let (facts, last, orders) =
        tokio::join!(store.member(person, membership), store.last_sign_ins(&people), store.orders());
    let (facts, last, orders) = (facts?.ok_or(Failure::NotFound)?, last?, orders?);
    if !facts.member.active {
        return Err(Failure::Refused("This access has ended. Bring it back first.".into()));
    }
    if last.contains_key(person) {
        return Err(Failure::Refused("This person has signed in already. There is nothing to invite to.".into()));
    }
    let asked = PersonOrder {
        name: Name::parse(&facts.member.name)?,
        email: facts.member.email.clone(),
        role: facts.member.role,
        client: membership.client().cloned(),
        phone: None,
        mail_again: true,
    };
    let just_now = |order: &&OrderRow| {
        app.now().as_second() - order.at.as_second() < limits::INVITATION_AGAIN_SECONDS
            && matches!(&order.what, Order::Person(other) if other.email == asked.email && other.mail_again)
    };
    if orders.iter().any(|order| just_now(&order)) {
        let minutes = limits::INVITATION_AGAIN_SECONDS / 60;
        return Err(Failure::Refused(format!("It was mailed a moment ago. Wait {minutes} minutes before the next.")));
    }
    Ok(store.order_person(asked, None, &mut app.moment()).await?)
}

pub(crate) async fn withdraw(
    State(app): State<App>,
    scope: FirmScope<EndMemberships>,
    Path(of): Path<OfMembership>,
) -> Result<Response, Failure> {
    let membership = of.place()?;
    withdrawn(&app, &scope, &of.person, &membership).await?;
    Ok(back(&of.person, "withdrawn", &membership, ""))
}

/// The way in ends at once; what is left of the invitation goes behind it.
async fn withdrawn(
    app: &App,
    scope: &FirmScope<EndMemberships>,
    person: &PersonId,
    membership: &Membership,
) -> Result<(), Failure> {
    let facts = changed(app, scope, person, membership, true, &|_| Ok(Change::End)).await?;
    let store = FirmStore::open(app.aws(), scope);
    store.withdraw(person, &facts.member.email, membership, &mut app.moment()).await?;
    Ok(())
}

pub(crate) async fn end_session(
    State(app): State<App>,
    scope: FirmScope<EndSessions>,
    Path(OfSession { person, session }): Path<OfSession>,
    Query(to): Query<To>,
) -> Result<Response, Failure> {
    sign_out(&app, &scope, &person, &session).await?;
    Ok(answers::see_other(&match to.to.as_deref() {
        Some("sign-ins") => "/firm/sign-ins?done=signed-out".to_owned(),
        _ => format!("/firm/people/{person}?done=signed-out"),
    }))
}

/// Which page it was asked on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct To {
    #[serde(default)]
    to: Option<String>,
}

async fn sign_out(
    app: &App,
    scope: &FirmScope<EndSessions>,
    person: &PersonId,
    session: &SessionId,
) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    if store.memberships(person).await?.is_empty() {
        return Err(Failure::NotFound);
    }
    Ok(store.end_session(person, session, &mut app.moment()).await?)
}

/// Names of people by id, for lines that say by whom.
pub(crate) type Names = BTreeMap<PersonId, String>;

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown, ticked as it is, changes nothing; and each tick changes one permission.
    #[test]
    fn a_form_sent_back_as_it_came_changes_nothing() {
        for role in [Role::ClientMember, Role::ClientAdmin, Role::Staff, Role::Partner] {
            for adjusted in [Adjusted::default(), adjusted_to(role, &BTreeSet::new())] {
                let shown = permissions_of(role, &adjusted);
                let ticked: BTreeSet<PermissionName> = shown.iter().filter(|one| one.may).map(|one| one.name).collect();
                assert_eq!(adjusted_to(role, &ticked), adjusted, "{role:?}");
                for one in &shown {
                    let mut other = ticked.clone();
                    if !other.remove(&one.name) {
                        other.insert(one.name);
                    }
                    let changed = adjusted_to(role, &other);
                    assert_eq!(changed.check(role), Ok(()), "{role:?} {:?}", one.name);
                    assert_ne!(changed, adjusted, "{role:?} {:?}", one.name);
                }
            }
        }
    }
}
