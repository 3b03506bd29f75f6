//! A passkey in software, for tests that need no browser: it does what it is told, right or wrong.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: Vec<u8>,
    /// Counts uses; a copy of it counts from where it was copied.
    pub(crate) counter: u32,
    /// Looks at its person before it answers.
    pub(crate) verifies: bool,
    /// Where its browser is.
    pub(crate) origin: String,
    pub(crate) site: String,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW: u8 = 0x40;

impl Authenticator {
    pub(crate) fn at(origin: &str) -> Authenticator {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random()).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
        let id = crypto::random_bits().to_be_bytes().to_vec();
        let origin = origin.replace("127.0.0.1", "localhost");
        Authenticator { key, id, user: Vec::new(), counter: 0, verifies: true, origin, site: "localhost".into() }
    }

    /// Answers a question for a new passkey.
    pub(crate) fn make(&mut self, question: &Value) -> Value {
        let options = &question["options"];
        self.user = URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        let mut data = self.data(NEW);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // An EC2 key of ES256 on P-256, as CBOR.
        let point = self.key.public_key().as_ref()[1..].to_vec();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[..32]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[32..]);
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(&data);
        let client = self.client_data("webauthn.create", options);
        let response = json!({
            "attestationObject": URL_SAFE_NO_PAD.encode(attestation), "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
        });
        self.answer(question, response)
    }

    /// Answers a question for a passkey.
    pub(crate) fn show(&mut self, question: &Value) -> Value {
        let options = &question["options"];
        self.counter += 1;
        let data = self.data(0);
        let client = self.client_data("webauthn.get", options);
        let mut signed = data.clone();
        signed.extend(crypto::sha256(client.as_bytes()));
        let signature = self.key.sign(&random(), &signed).unwrap();
        let response = json!({
            "authenticatorData": URL_SAFE_NO_PAD.encode(data), "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
            "signature": URL_SAFE_NO_PAD.encode(signature), "userHandle": URL_SAFE_NO_PAD.encode(&self.user),
        });
        self.answer(question, response)
    }

    fn answer(&self, question: &Value, response: Value) -> Value {
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        let credential = json!({ "id": id, "rawId": id, "type": "public-key", "response": response });
        json!({ "state": question["state"], "credential": credential })
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = crypto::sha256(self.site.as_bytes()).to_vec();
        data.push(PRESENT | more | if self.verifies { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let (origin, challenge) = (&self.origin, &options["challenge"]);
        json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false }).to_string()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own key")]
fn random() -> SystemRandom {
    SystemRandom::new()
}
