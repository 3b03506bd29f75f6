//! The sweep of permissions: for every role, each permission is taken away and every route that needs it is tried at
//! the very next request, by a browser whose grants are warm; then everything at once; then what can be granted.
//!
//! A membership is changed here as its firm's pages change it, in one update with its version; that the pages write
//! this is the firm's own test.

use std::collections::BTreeSet;

use domain::permissions::{Adjusted, State, may};
use domain::{PermissionName, Role};
use http::Method;
use testkit::portal::{Answer, Http, Person};
use testkit::samples;
use web::{Access, Kind, Route};

use super::{Things, call, ends_the_session, routes, short};
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, counted};

/// Somebody whose permissions are changed, and where the membership lies.
struct Changed {
    person: Person,
    role: Role,
    firm: String,
    id: String,
    membership: String,
}

impl Changed {
    async fn of(world: &LawFirm, local: &str, role: Role) -> Changed {
        let person = world.person(local).await;
        let me = person.read("/api/v1/me").await;
        let id = me["person"]["id"].as_str().unwrap().to_owned();
        let membership = if role.is_client() { world.acme.clone() } else { "FIRM".to_owned() };
        Changed { person, role, firm: world.firm.id.clone(), id, membership }
    }

    async fn adjust(&self, aws: &Aws, adjusted: &Adjusted) {
        aws.adjust(&self.firm, &self.id, &self.membership, adjusted).await;
    }
}

fn removed(names: impl IntoIterator<Item = PermissionName>) -> Adjusted {
    Adjusted { removed: names.into_iter().collect(), ..Adjusted::default() }
}

fn granted(names: impl IntoIterator<Item = PermissionName>) -> Adjusted {
    Adjusted { granted: names.into_iter().collect(), ..Adjusted::default() }
}

/// Routes that need a permission, beside those that end a session or that have effects no sweep can take back.
fn needing(name: PermissionName) -> Vec<Route> {
    let needs = |route: &Route| route.access == Access::Needs(name) && !ends_the_session(route);
    routes().into_iter().filter(needs).collect()
}

/// Refused as the role itself would be. What has to be confirmed may ask for that first, and what was sent may be refused
/// for its form before anything is read: then nothing was given and nothing done.
fn is_refused(answer: &Answer) -> bool {
    matches!(answer.status, 403 | 404 | 422) || asks_for_a_proof(answer)
}

fn asks_for_a_proof(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/confirm")
}

/// As many environments, each with grants of its own, as a busy machine runs side by side.
const ENVIRONMENTS_MAX: usize = 8;

/// The answer once every environment has heard: a grant that was warm is given up by telling so, and a page that only
/// leads on gives nothing by itself, but what it leads to has to refuse.
async fn settled(http: &Http, route: &Route, things: &Things) -> Answer {
    let mut answer = call(http, route, things).await;
    let mut led_to = None;
    for _ in 0..ENVIRONMENTS_MAX {
        if answer.status == 303 && !asks_for_a_proof(&answer) {
            led_to = Some(answer.header("location").to_owned());
        } else if answer.status != 409 {
            break;
        }
        answer = match &led_to {
            Some(place) => http.raw("GET", place, &[("accept", "text/html".to_owned())], Vec::new()).await,
            None => call(http, route, things).await,
        };
    }
    answer
}

/// Let in: whatever it answers then is about what was sent. What has to be confirmed asks for that.
fn is_let_in(route: &Route, name: PermissionName, answer: &Answer) -> bool {
    if name.needs_confirmation() {
        return match (route.kind, &route.method) {
            (Kind::Page, &Method::GET) => answer.status == 303 && answer.header("location").starts_with("/confirm"),
            (Kind::Page, _) => answer.status == 403 && answer.text().contains("/confirm"),
            (Kind::Api, _) => answer.status == 403 && answer.text().contains("confirmation-required"),
        };
    }
    answer.status < 500 && answer.status != 401 && answer.status != 403
}

#[derive(Default)]
struct Tally {
    tries: usize,
    wrong: Vec<String>,
}

impl Tally {
    async fn expect(&mut self, who: &Changed, route: &Route, things: &Things, let_in: bool, what: &str) {
        // To people of the firm this page is a way home, whatever they may do: they have the same under each client.
        if route.path.starts_with("/company") && !who.role.is_client() {
            return;
        }
        self.tries += 1;
        let Access::Needs(name) = route.access else { return };
        let http = who.person.http();
        let answer = if let_in { call(http, route, things).await } else { settled(http, route, things).await };
        let fine = if let_in { is_let_in(route, name, &answer) } else { is_refused(&answer) };
        if !fine {
            let wanted = if let_in { "to be let in" } else { "to be refused" };
            self.wrong.push(format!(
                "{} {} by {:?} {what}: expected {wanted}, answered {} {}",
                route.method,
                route.path,
                who.role,
                answer.status,
                short(&answer)
            ));
        }
    }
}

#[tokio::test]
async fn what_was_taken_is_refused_and_what_was_granted_is_given_at_the_next_request() {
    let world = LawFirm::open().await;
    let aws = Aws::connect().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let project = world.matter(&staff).await;
    let document = admin.upload(&world.acme, &project, "Other", "a.pdf", &samples::pdf("a", &["words"])).await.id;
    admin.settled(&world.acme, &document).await;
    let things = Things { client: world.acme.clone(), project, document, person: world.staff2_id.clone() };
    let people = [
        ("member.acme", Role::ClientMember),
        ("admin.acme", Role::ClientAdmin),
        ("staff", Role::Staff),
        ("partner", Role::Partner),
    ];
    let swept = futures::future::join_all(people.map(|(local, role)| {
        let (world, aws, things) = (&world, &aws, &things);
        async move {
            let who = Changed::of(world, local, role).await;
            let mut tally = Tally::default();
            one_by_one(&who, aws, things, &mut tally).await;
            all_at_once(&who, aws, things, &mut tally).await;
            given(&who, aws, things, &mut tally).await;
            tally
        }
    }))
    .await;
    let tries: usize = swept.iter().map(|tally| tally.tries).sum();
    let wrong: Vec<String> = swept.into_iter().flat_map(|tally| tally.wrong).collect();
    assert!(wrong.is_empty(), "{} of {tries}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tries > 300, "{tries}");
    println!("permissions taken and granted over every route: {tries} tries, 0 leaks");
    counted("tries of routes whose permission was just taken or granted, 0 leaks", tries);
}

/// Each permission of the role by itself: in, out, and in again.
async fn one_by_one(who: &Changed, aws: &Aws, things: &Things, tally: &mut Tally) {
    for name in PermissionName::ALL.iter().copied().filter(|name| name.held_by(who.role) && name.is_removable()) {
        let routes = needing(name);
        // What only looks is tried beside it as well, so that its grants are warm when the permission goes.
        for route in routes.iter().filter(|route| route.method == Method::GET) {
            tally.expect(who, route, things, true, "before").await;
        }
        who.adjust(aws, &removed([name])).await;
        for route in &routes {
            tally.expect(who, route, things, false, &format!("without {}", name.as_str())).await;
        }
        who.adjust(aws, &Adjusted::default()).await;
        for route in routes.iter().filter(|route| route.method == Method::GET) {
            tally.expect(who, route, things, true, "given back").await;
        }
    }
}

/// Nothing is left but the home.
async fn all_at_once(who: &Changed, aws: &Aws, things: &Things, tally: &mut Tally) {
    let none = removed(PermissionName::ALL.iter().copied());
    who.adjust(aws, &none).await;
    for route in routes().iter().filter(|route| !ends_the_session(route)) {
        let Access::Needs(name) = route.access else { continue };
        let left = may(who.role, &none, State::Plain, name);
        assert_eq!(left, name == PermissionName::ViewHome, "{name:?}");
        tally.expect(who, route, things, left, "with nothing left").await;
    }
    who.adjust(aws, &Adjusted::default()).await;
}

/// Every permission granted, whether or not it can be: only what the role can be given is.
async fn given(who: &Changed, aws: &Aws, things: &Things, tally: &mut Tally) {
    let grantable: BTreeSet<PermissionName> =
        PermissionName::ALL.iter().copied().filter(|name| name.grantable_to(who.role)).collect();
    for name in PermissionName::ALL.iter().copied().filter(|name| !name.held_by(who.role)) {
        let routes = needing(name);
        for route in &routes {
            tally.expect(who, route, things, false, "not granted").await;
        }
        who.adjust(aws, &granted([name])).await;
        for route in &routes {
            let looks = route.method == Method::GET;
            if grantable.contains(&name) && !looks {
                continue;
            }
            let what = format!("granted {}", name.as_str());
            tally.expect(who, route, things, grantable.contains(&name), &what).await;
        }
        who.adjust(aws, &Adjusted::default()).await;
    }
}
