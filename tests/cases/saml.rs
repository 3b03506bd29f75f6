//! Signing in by SAML: with a real provider, and with one whose key the test has. What the responses themselves have to
//! be is tried in `integrations` by its attack suite; here is that the portal judges by it, and what is around it.

mod ended;
mod refresh;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_dsig::DsigContext;
use bergshamra_dsig::sign::sign;
use bergshamra_keys::KeysManager;
use bergshamra_keys::loader::load_rsa_private_pem;
use integrations::saml::{OwnKey, make_own_key};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::portal::{Answer, Http, Person, Portal};

use crate::idp::{self, Keys, SetUp, begin, location, me, query};
use crate::world::{LawFirm, fresh, jiff_now};

/// A provider of npm, connected for the firm's own people.
struct Real {
    set_up: SetUp,
    connection: String,
    running: idp::Running,
    _keys: Keys,
}

impl Real {
    async fn open() -> Real {
        let set_up = SetUp::open().await;
        let keys = Keys::write(&make_own_key("npm's provider", 1).unwrap());
        let (port, acs) = (idp::free_port(), format!("{}/sso/saml/acs", idp::site()));
        // What the portal is called is known once the connection is made, and its provider's metadata before that.
        let first = idp::saml_idp(port, &acs, "later", &keys);
        let made = set_up
            .connect(
                &json!({ "kind": "saml", "name": "Our provider", "metadata_url": format!("{}/metadata", first.url) }),
            )
            .await;
        let connection = made["id"].as_str().unwrap().to_owned();
        drop(first);
        let running = idp::saml_idp(port, &acs, made["entity_id"].as_str().unwrap(), &keys);
        set_up.prove(&connection).await;
        Real { set_up, connection, running, _keys: keys }
    }
}

/// What a person does at npm's provider: says who they are. The response that its page posts.
async fn at_the_provider(provider: &str, start: &str, email: &str) -> String {
    let browser = Portal::at(provider).stranger();
    let page = browser.raw("GET", start.strip_prefix(provider).unwrap(), &[], Vec::new()).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let request = hidden(&page.text(), "_authnRequest");
    let body = idp::form(&[
        ("_authnRequest", &request),
        ("userName", email),
        ("nameIdFormat", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
        ("email", email),
        ("displayName", "Sam Okafor"),
    ]);
    let kind = ("content-type", "application/x-www-form-urlencoded".to_owned());
    let posted = browser.raw("POST", "/signin", &[kind], body).await;
    hidden(&posted.text(), "SAMLResponse")
}

/// The value of a hidden field, as a browser reads it.
fn hidden(page: &str, name: &str) -> String {
    let input = page.split("<input").find(|input| input.contains(&format!("name=\"{name}\"")));
    let input = input.unwrap_or_else(|| panic!("no {name} in {page}"));
    let quote = if input.contains("value='") { '\'' } else { '"' };
    let value = input.split(&format!("value={quote}")).nth(1).unwrap().split(quote).next().unwrap();
    value.replace("&quot;", "\"").replace("&#x3D;", "=").replace("&#x27;", "'").replace("&amp;", "&")
}

/// Posted from the provider's page: another site, and no cookie but the one that is meant for it.
async fn post(browser: &Http, response: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("origin", "https://idp.example".to_owned()),
        ("sec-fetch-site", "cross-site".to_owned()),
    ];
    browser
        .raw(
            "POST",
            "/sso/saml/acs",
            &headers,
            idp::form(&[("SAMLResponse", response), ("RelayState", "//evil.example")]),
        )
        .await
}

#[tokio::test]
async fn a_real_provider_signs_in() {
    let real = Real::open().await;
    let staff = real.set_up.world.address("staff");
    let browser = real.set_up.world.portal.stranger();
    let start = begin(&browser, &real.connection).await;
    let response = at_the_provider(&real.running.url, &start, &staff).await;
    let answer = post(&browser, &response).await;
    // The provider's RelayState leads nowhere.
    assert_eq!(location(&answer), "/");
    assert_eq!(me(&browser).await, Some((staff.clone(), "staff".into())));
    // Used once, and bound to the browser that was sent there.
    assert_eq!(post(&browser, &response).await.status, 410);
    let foreign = real.set_up.world.portal.stranger();
    assert_eq!(post(&foreign, &response).await.status, 410);
    begin(&foreign, &real.connection).await;
    assert_eq!(post(&foreign, &response).await.status, 403, "answers another request");
    assert!(me(&foreign).await.is_none());
}

#[tokio::test]
async fn both_kinds_of_real_providers_sign_in_in_a_browser() {
    let (saml, openid) = tokio::join!(Real::open(), crate::oidc::Real::open("RS256"));
    let input = json!({
        "openid": { "email": openid.set_up.world.address("staff"), "provider": openid.running.url },
        "saml": { "email": saml.set_up.world.address("staff"), "provider": saml.running.url },
    });
    let found = crate::journeys::walk("sso", input);
    assert_eq!(found["openid"], openid.set_up.world.address("staff").as_str());
    assert_eq!(found["saml"], saml.set_up.world.address("staff").as_str());
}

#[tokio::test]
async fn our_metadata_is_there_for_providers() {
    let real = Real::open().await;
    let stranger = real.set_up.world.portal.stranger();
    let metadata = stranger.get(&format!("/sso/{}/metadata", real.connection)).await;
    assert_eq!((metadata.status, metadata.header("content-type")), (200, "application/samlmetadata+xml"));
    assert!(metadata.text().contains("/sso/saml/acs") && !metadata.text().contains("KeyDescriptor"));
    let on = real.set_up.change(&real.connection, "encrypt", "", "yes").await;
    assert_eq!(on.status, 200, "{}", on.text());
    let metadata = stranger.get(&format!("/sso/{}/metadata", real.connection)).await;
    assert!(metadata.text().contains("use=\"encryption\""), "{}", metadata.text());
    assert_eq!(stranger.get("/sso/01ARZ3NDEKTSV4RRFFQ69G5FAV/metadata").await.status, 404);
}

/// A provider whose key the test has.
struct Own {
    set_up: SetUp,
    connection: String,
    entity_id: String,
    issuer: String,
    key: OwnKey,
}

impl Own {
    async fn open() -> Own {
        let set_up = SetUp::open().await;
        let key = make_own_key("a provider", 2).unwrap();
        let issuer = format!("https://idp.example/{}", fresh());
        let made = set_up.connect(&json!({ "kind": "saml", "name": "Own", "metadata": metadata(&issuer, &key) })).await;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let (connection, entity_id) = (text("id"), text("entity_id"));
        set_up.prove(&connection).await;
        Own { set_up, connection, entity_id, issuer, key }
    }

    /// A response to what the browser was sent away with.
    fn response(&self, request: &str, email: &str) -> Response {
        Response {
            request: request.to_owned(),
            email: email.to_owned(),
            subject: email.to_owned(),
            issuer: self.issuer.clone(),
            audience: self.entity_id.clone(),
            acs: format!("{}/sso/saml/acs", idp::site()),
            at: jiff_now(),
            assertion: format!("_{}", fresh()),
        }
    }

    async fn round(&self, email: &str, change: impl FnOnce(&mut Response)) -> (Answer, Http) {
        let browser = self.set_up.world.portal.stranger();
        let request = request_of(&begin(&browser, &self.connection).await);
        let mut response = self.response(&request, email);
        change(&mut response);
        (post(&browser, &response.signed(&self.key)).await, browser)
    }
}

fn metadata(issuer: &str, key: &OwnKey) -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{issuer}\">\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor>\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp.example/sso\"/>\
         </md:IDPSSODescriptor></md:EntityDescriptor>",
        key.certificate.to_text()
    )
}

/// A connection with a domain, for pages to show; its id.
pub(crate) async fn connected(world: &LawFirm, partner: &Person) -> String {
    let key = make_own_key("a provider", 5).unwrap();
    let body = json!({ "kind": "saml", "name": "Our Okta", "metadata": metadata("https://okta.example/sso", &key) });
    let made = partner.write("POST", "/api/v1/sso", &body).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let claim = json!({ "what": "claim", "value": world.domain });
    partner.write("PATCH", &format!("/api/v1/sso/{id}"), &claim).await;
    id
}

/// The id of the request in an address.
fn request_of(start: &str) -> String {
    use std::io::Read as _;
    let packed = STANDARD.decode(query(start, "SAMLRequest")).unwrap();
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_string(&mut xml).unwrap();
    xml.split(" ID=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

struct Response {
    request: String,
    email: String,
    subject: String,
    issuer: String,
    audience: String,
    acs: String,
    at: Timestamp,
    assertion: String,
}

impl Response {
    fn signed(&self, key: &OwnKey) -> String {
        let time = |seconds: i64| {
            let at = self.at.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        };
        let assertion = format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{now}\"><saml:Issuer>{issuer}</saml:Issuer>\
             <ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
             <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
             <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>\
             <ds:Reference URI=\"#{id}\"><ds:Transforms>\
             <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
             <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>\
             <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue></ds:DigestValue>\
             </ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue></ds:Signature><saml:Subject>\
             <saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{subject}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData \
             NotOnOrAfter=\"{until}\" Recipient=\"{acs}\" InResponseTo=\"{request}\"/></saml:SubjectConfirmation>\
             </saml:Subject><saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestriction>\
             <saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
             <saml:AuthnStatement AuthnInstant=\"{now}\"/><saml:AttributeStatement><saml:Attribute Name=\"email\">\
             <saml:AttributeValue>{email}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>\
             </saml:Assertion>",
            id = self.assertion,
            now = time(0),
            from = time(-30),
            until = time(300),
            issuer = self.issuer,
            subject = self.subject,
            email = self.email,
            acs = self.acs,
            request = self.request,
            audience = self.audience,
        );
        let mut keys = KeysManager::new();
        keys.add_key(load_rsa_private_pem(key.private.expose().as_bytes()).unwrap());
        let assertion = sign(&DsigContext::new_permissive(keys), &assertion).unwrap();
        STANDARD.encode(format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_{}\" Version=\"2.0\" \
             IssueInstant=\"{}\" Destination=\"{}\" InResponseTo=\"{}\"><samlp:Status>\
             <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{assertion}\
             </samlp:Response>",
            fresh(),
            time(0),
            self.acs,
            self.request
        ))
    }
}

#[tokio::test]
async fn what_a_response_has_to_agree_with() {
    let own = Own::open().await;
    let staff = own.set_up.world.address("staff");
    let (answer, browser) = own.round(&staff, |_| ()).await;
    assert_eq!(location(&answer), "/", "an honest response");
    assert!(me(&browser).await.is_some());
    let hour = SignedDuration::from_hours(1);
    type Change<'a> = Box<dyn FnOnce(&mut Response) + 'a>;
    let cases: Vec<(&str, Change<'_>)> = vec![
        ("another request", Box::new(|r| r.request = "_0123456789abcdef0123456789abcdef".into())),
        ("another audience", Box::new(|r| r.audience = "https://other.example/metadata".into())),
        ("another reply address", Box::new(|r| r.acs = "https://other.example/acs".into())),
        ("another issuer", Box::new(|r| r.issuer = "https://other-idp.example".into())),
        ("expired", Box::new(|r| r.at = r.at.checked_sub(hour).unwrap())),
        ("not yet valid", Box::new(|r| r.at = r.at.checked_add(hour).unwrap())),
        ("another domain's address", Box::new(|r| r.email = "staff@elsewhere.example".into())),
        ("an address of somebody else", Box::new(|r| r.subject = "another account".into())),
    ];
    for (what, change) in cases {
        let who = if what == "another domain's address" { own.set_up.world.address("staff2") } else { staff.clone() };
        let (answer, browser) = own
            .round(&who, |response| {
                change(response);
                if what == "another domain's address" {
                    response.subject = "new here".into();
                }
            })
            .await;
        assert_eq!(answer.status, 403, "{what}");
        assert!(me(&browser).await.is_none(), "{what}");
    }
}

#[tokio::test]
async fn an_assertion_is_good_once_even_for_another_request() {
    let own = Own::open().await;
    let staff = own.set_up.world.address("staff");
    let id = format!("_{}", fresh());
    let (answer, _) = own.round(&staff, |response| response.assertion.clone_from(&id)).await;
    assert_eq!(location(&answer), "/");
    // Signed again by the provider itself, with the id of before.
    let (answer, browser) = own.round(&staff, |response| response.assertion.clone_from(&id)).await;
    assert_eq!((answer.status, me(&browser).await), (403, None));
}

#[tokio::test]
async fn another_firms_provider_opens_nothing() {
    let (own, other) = (Own::open().await, Own::open().await);
    let staff = own.set_up.world.address("staff");
    let browser = own.set_up.world.portal.stranger();
    let request = request_of(&begin(&browser, &own.connection).await);
    // By its own name; and by this one's, with its own key.
    let theirs = other.response(&request, &staff).signed(&other.key);
    assert_eq!(post(&browser, &theirs).await.status, 403);
    let request = request_of(&begin(&browser, &own.connection).await);
    let forged = own.response(&request, &staff).signed(&other.key);
    assert_eq!(post(&browser, &forged).await.status, 403);
    // At its own connection, for somebody of this firm.
    let (answer, browser) = other.round(&staff, |_| ()).await;
    assert_eq!((answer.status, me(&browser).await), (403, None));
}

#[tokio::test]
async fn a_provider_changes_its_certificate() {
    let own = Own::open().await;
    let staff = own.set_up.world.address("staff");
    let next = make_own_key("a provider", 3).unwrap();
    let by = async |key: &OwnKey| {
        let browser = own.set_up.world.portal.stranger();
        let request = request_of(&begin(&browser, &own.connection).await);
        let answer = post(&browser, &own.response(&request, &staff).signed(key)).await;
        (answer.status, me(&browser).await.is_some())
    };
    assert_eq!(by(&next).await, (403, false), "not known yet");
    let added = own.set_up.change(&own.connection, "add_certificate", &idp::pem(&next.certificate.to_text()), "").await;
    assert_eq!(added.status, 200, "{}", added.text());
    assert_eq!((by(&own.key).await, by(&next).await), ((303, true), (303, true)), "both for a while");
    let old = own.key.certificate.fingerprint();
    let removed = own.set_up.change(&own.connection, "remove_certificate", &old, "").await;
    assert_eq!(removed.json()["certificates"], json!([next.certificate.fingerprint()]));
    assert_eq!((by(&own.key).await, by(&next).await), ((403, false), (303, true)), "only the next");
    let last = own.set_up.change(&own.connection, "remove_certificate", &next.certificate.fingerprint(), "").await;
    assert_eq!(last.status, 422, "{}", last.text());
}

#[tokio::test]
async fn the_test_says_in_words_what_is_wrong() {
    let own = Own::open().await;
    let partner = &own.set_up.partner;
    let staff = own.set_up.world.address("staff");
    let round = async |change: &dyn Fn(&mut Response)| {
        let start = location(&partner.get(&format!("/sso/{}/try", own.connection)).await);
        let mut response = own.response(&request_of(&start), &staff);
        change(&mut response);
        let answer = post(partner.http(), &response.signed(&own.key)).await;
        assert_eq!(location(&answer), format!("/sso/{}?done=tried", own.connection));
        idp::tried(&own.set_up, &own.connection).await
    };
    let (good, words) = round(&|r| r.audience = "https://other.example".into()).await;
    assert!(!good && words.contains("Audience"), "{words}");
    let (good, words) = round(&|r| r.acs = "https://other.example".into()).await;
    assert!(!good && words.contains("Destination"), "{words}");
    let (good, words) = round(&|r| r.email = "x@elsewhere.example".into()).await;
    assert!(!good && words.contains("not proven for this connection"), "{words}");
    let (good, words) = round(&|_| ()).await;
    assert!(good && words.contains(&staff), "{words}");
    // Nobody was signed in by it: the partner is still the partner.
    assert_eq!(me(partner.http()).await.map(|(_, role)| role), Some("partner".into()));
    let page = partner.get(&format!("/sso/{}", own.connection)).await.text();
    assert!(page.contains("The last test worked"), "{page}");
}

#[tokio::test]
async fn a_clients_company_has_its_own() {
    let set_up = SetUp::open().await;
    let key = make_own_key("Acme's provider", 4).unwrap();
    let issuer = format!("https://acme.example/{}", fresh());
    let body =
        json!({ "kind": "saml", "name": "Acme", "client": set_up.world.acme, "metadata": metadata(&issuer, &key) });
    let made: Value = set_up.connect(&body).await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let own = Own { connection: text("id"), entity_id: text("entity_id"), set_up, issuer, key };
    own.set_up.prove(&own.connection).await;
    let admin = own.set_up.world.address("admin.acme");
    let (answer, browser) = own.round(&admin, |_| ()).await;
    assert_eq!(location(&answer), "/");
    assert_eq!(me(&browser).await, Some((admin, "client_admin".into())));
    // Neither the firm's people nor another client's, though their addresses are of the same domain.
    for local in ["staff", "partner", "admin.birch"] {
        let (answer, browser) = own.round(&own.set_up.world.address(local), |_| ()).await;
        assert_eq!((answer.status, me(&browser).await), (403, None), "{local}");
    }
}

#[tokio::test]
async fn only_partners_set_it_up_and_only_after_confirming() {
    let own = Own::open().await;
    let staff = own.set_up.world.person("staff").await;
    assert_eq!(staff.get("/api/v1/sso").await.status, 403);
    let path = format!("/api/v1/sso/{}", own.connection);
    assert_eq!(staff.get(&path).await.status, 403);
    assert_eq!(own.set_up.partner.get(&path).await.status, 200);
    let again = own.set_up.world.portal.sign_in(&own.set_up.world.address("partner")).await;
    let answer = again.get(&path).await;
    assert_eq!(answer.status, 403, "not confirmed: {}", answer.text());
}
