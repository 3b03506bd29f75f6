//! Requests that another site makes a browser send. Each recorded route that may change something is tried with the
//! session of somebody who is signed in, in every way in which a forged request can look.

use http::Method;
use testkit::portal::{Answer, Http, Person};
use web::{Access, Route};

use super::{ELSEWHERE, FORM, address, form_token, is_api, is_safe, problem, routes, site, submit};
use crate::world::{LawFirm, operator, volume};

/// What a forged request says of itself, and what it knows.
struct Forged {
    name: &'static str,
    origin: Option<&'static str>,
    fetch_site: Option<&'static str>,
    content_type: &'static str,
    /// The token that pages of the victim's own session carry, or the header that programs send. No other site knows
    /// or can send either; a request is refused even so where its origin is another.
    proof: Proof,
}

#[derive(Clone, Copy, PartialEq)]
enum Proof {
    Right,
    OfAnotherSession,
    None,
}

const HERE: &str = "the portal's own";
const JSON: &str = "application/json";

const fn forged(name: &'static str, origin: Option<&'static str>, fetch_site: Option<&'static str>) -> Forged {
    Forged { name, origin, fetch_site, content_type: FORM, proof: Proof::Right }
}

const FORGED: [Forged; 11] = [
    forged("another origin", Some(ELSEWHERE), None),
    forged("another origin, as browsers of today send it", Some(ELSEWHERE), Some("cross-site")),
    forged("a neighbouring host", Some("https://other.localhost"), Some("same-site")),
    forged("a frame without an origin", Some("null"), Some("cross-site")),
    forged("an origin that begins like ours", Some("http://localhost.evil.example"), None),
    forged("no origin, another site", None, Some("cross-site")),
    forged("no origin, opened by hand", None, Some("none")),
    forged("nothing said", None, None),
    Forged { proof: Proof::None, ..forged("ours without a proof", Some(HERE), Some("same-origin")) },
    Forged { proof: Proof::OfAnotherSession, ..forged("another session's proof", Some(HERE), Some("same-origin")) },
    Forged {
        content_type: "text/plain",
        ..forged("a body that no page of ours sends", Some(HERE), Some("same-origin"))
    },
];

async fn send(http: &Http, route: &Route, path: &str, forged: &Forged, another: &Http) -> Answer {
    let json = is_api(route) && forged.content_type == FORM;
    let content_type = if json { JSON } else { forged.content_type };
    let mut headers = vec![("content-type", content_type.to_owned()), ("accept", "text/html".to_owned())];
    let mut say = |name: &'static str, value: Option<&str>| {
        if let Some(value) = value {
            headers.push((name, if value == HERE { site(http) } else { value.to_owned() }));
        }
    };
    say("origin", forged.origin);
    say("sec-fetch-site", forged.fetch_site);
    let mut body = String::new();
    if is_api(route) {
        body.push_str("{}");
        // A token of forms is no stand-in for the header.
        say(
            "x-portico-csrf",
            match forged.proof {
                Proof::Right => Some("1"),
                Proof::OfAnotherSession => Some("0"),
                Proof::None => None,
            },
        );
    } else if forged.proof != Proof::None {
        let of = if forged.proof == Proof::Right { http } else { another };
        body = format!("csrf={}", form_token(of));
    }
    http.raw(route.method.as_str(), path, &headers, body.into_bytes()).await
}

/// Why an answer is not the refusal that it should be.
fn passed(route: &Route, answer: &Answer) -> Option<String> {
    let refused = match answer.status {
        403 if is_api(route) => problem(answer) == "cross-site",
        403 => answer.text().contains("Sent from another page"),
        415 => true,
        _ => false,
    };
    (!refused).then(|| format!("{} {}", answer.status, answer.text().chars().take(100).collect::<String>()))
}

#[tokio::test]
async fn no_other_site_can_change_anything_in_somebody_s_name() {
    let world = LawFirm::open().await;
    let (partner, admin) = (world.person("partner").await, world.person("admin.acme").await);
    let operator = operator(&world.portal).await;
    let things = [("client", world.acme.as_str()), ("person", &world.staff_id)];
    let changing: Vec<Route> = routes().into_iter().filter(|route| !is_safe(&route.method)).collect();
    let (mut tries, mut wrong) = (0, Vec::new());
    for (n, route) in changing.iter().enumerate() {
        let exempt =
            web::guard::ORIGIN_EXEMPT.iter().any(|(method, path)| (method, *path) == (&route.method, route.path));
        if exempt {
            continue;
        }
        let public = matches!(route.access, Access::Public(_));
        let path = address(route, &things);
        for (m, forged) in FORGED.iter().enumerate() {
            // Who is not signed in yet has no session to prove; the origin is all that there is, and it is asked for.
            if public && forged.origin == Some(HERE) && forged.content_type == FORM {
                continue;
            }
            // One victim for each in turn; all three at full volume.
            let victims = [
                ("a partner", &partner, &admin),
                ("a client's admin", &admin, &partner),
                ("an operator", &operator, &admin),
            ];
            for (who, victim, another) in victims.into_iter().cycle().skip(n + m).take(volume(3, 1)) {
                tries += 1;
                let answer = send(victim.http(), route, &path, forged, another.http()).await;
                if let Some(why) = passed(route, &answer) {
                    wrong.push(format!("{} {} of {who}: {}: {why}", route.method, route.path, forged.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tries}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tries > 500, "{tries}");
    // Signing in is none of another site's business either, also where nobody is signed in yet.
    let stranger = world.portal.stranger();
    for route in
        changing.iter().filter(|route| matches!(route.access, Access::Public(_)) && route.path.starts_with("/sign-in"))
    {
        for forged in FORGED.iter().filter(|forged| forged.origin.is_some_and(|origin| origin != HERE)) {
            let answer = send(&stranger, route, route.path, forged, &stranger).await;
            assert_eq!(passed(route, &answer), None, "{} {}: {}", route.method, route.path, forged.name);
        }
    }
    for victim in [&partner, &admin, &operator] {
        assert_eq!(victim.get("/api/v1/me").await.status, 200, "{} was signed out", victim.email);
    }
    let names = partner.read("/api/v1/firm/clients").await;
    assert_eq!(names["items"].as_array().unwrap().len(), 2, "{names}");
}

/// The other half: what the pages of the portal send is accepted from every browser.
#[tokio::test]
async fn pages_of_the_portal_are_believed_in_every_browser() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let own = site(partner.http());
    let sent: [&[(&str, &str)]; 3] = [
        &[("origin", &own), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")],
        // Before fetch metadata.
        &[("origin", &own)],
        // Some browsers say no origin of a form that is sent to where it comes from.
        &[("sec-fetch-site", "same-origin")],
    ];
    for headers in sent {
        let answer = add_client(&partner, headers).await;
        assert_eq!(answer.status, 303, "{headers:?}: {}", answer.text());
    }
    let fields = [("name", "Fourth Company"), ("once", "fourth")];
    let answer = submit(partner.http(), "/firm/clients", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

async fn add_client(partner: &Person, headers: &[(&str, &str)]) -> Answer {
    let mut headers: Vec<(&str, String)> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    headers.push(("content-type", FORM.to_owned()));
    let fresh = crate::world::fresh();
    let body = format!("csrf={}&name=Company+{fresh}&once={fresh}", form_token(partner.http()));
    partner.http().raw(Method::POST.as_str(), "/firm/clients", &headers, body.into_bytes()).await
}
