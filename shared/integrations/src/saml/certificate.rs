//! Certificates: the ones of a provider, which are pinned, and the one that a provider encrypts to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_keys::Key;
use bergshamra_keys::loader::load_x509_cert_der;
use crypto::Secret;
use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber};
use x509_cert::der::Decode as _;

/// A provider's signing certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    pub expires: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefused {
    #[error("This is not a certificate. It begins with -----BEGIN CERTIFICATE-----.")]
    NotOne,
    #[error(
        "This certificate's key is too weak. It has to be RSA of at least 2048 bits, or one of the curves P-256, P-384 and P-521."
    )]
    Weak,
}

/// Bits of an RSA key below which it could be found out.
const RSA_SPKI_BYTES_MIN: usize = 290;
const EC_SPKI_BYTES: [usize; 3] = [91, 120, 158];

impl Certificate {
    /// From PEM or from bare base64, as metadata has it.
    pub fn parse(text: &str) -> Result<Certificate, CertificateRefused> {
        let body: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("-----"))
            .flat_map(str::chars)
            .filter(|c| !c.is_whitespace())
            .collect();
        let der = STANDARD.decode(body).map_err(|_| CertificateRefused::NotOne)?;
        Self::from_der(der)
    }

    fn from_der(der: Vec<u8>) -> Result<Certificate, CertificateRefused> {
        let read = x509_cert::Certificate::from_der(&der).map_err(|_| CertificateRefused::NotOne)?;
        let ends = read.tbs_certificate.validity.not_after.to_unix_duration().as_secs();
        let expires = i64::try_from(ends).ok().and_then(|second| Timestamp::from_second(second).ok());
        let certificate = Certificate { der, expires: expires.ok_or(CertificateRefused::NotOne)? };
        let key = certificate.key().ok_or(CertificateRefused::NotOne)?;
        let length = key.to_spki_der().map(|spki| spki.len()).unwrap_or_default();
        let strong = match key.algorithm_name() {
            "RSA" => length >= RSA_SPKI_BYTES_MIN,
            _ => EC_SPKI_BYTES.contains(&length),
        };
        if strong { Ok(certificate) } else { Err(CertificateRefused::Weak) }
    }

    /// Base64 on one line, as it is stored.
    pub fn to_text(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// SHA-256 in pairs of hexadecimal digits, as administration pages show it.
    pub fn fingerprint(&self) -> String {
        let hash = crypto::sha256_hex(&self.der).to_uppercase();
        let pairs: Vec<&str> = (0..hash.len()).step_by(2).filter_map(|at| hash.get(at..at + 2)).collect();
        pairs.join(":")
    }

    pub(super) fn key(&self) -> Option<Key> {
        load_x509_cert_der(&self.der).ok()
    }

    pub(super) fn is(&self, der: &[u8]) -> bool {
        self.der == der
    }
}

/// The key that a provider encrypts assertions to, and the certificate that tells it.
pub struct OwnKey {
    /// PKCS #8, as PEM.
    pub private: Secret<String>,
    pub certificate: Certificate,
}

#[derive(Debug, thiserror::Error)]
#[error("no key could be made")]
pub struct KeyNotMade;

/// RSA, since every provider can encrypt to it. `serial` are random bits.
pub fn make_own_key(name: &str, serial: u128) -> Result<OwnKey, KeyNotMade> {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(|_| KeyNotMade)?;
    let mut params = CertificateParams::new(Vec::new()).map_err(|_| KeyNotMade)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from_slice(&serial.to_be_bytes()));
    params.not_before = rcgen::date_time_ymd(2025, 1, 1);
    // Providers do not look at this date, and whoever does should not be locked out by it.
    params.not_after = rcgen::date_time_ymd(2045, 1, 1);
    let signed = params.self_signed(&pair).map_err(|_| KeyNotMade)?;
    let certificate = Certificate::from_der(signed.der().to_vec()).map_err(|_| KeyNotMade)?;
    Ok(OwnKey { private: Secret::new(pair.serialize_pem()), certificate })
}
