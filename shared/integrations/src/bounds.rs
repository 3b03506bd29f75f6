//! Bounds of what comes from other people's servers, for both sides of this library.

/// A SAML response as the browser posts it, before base64 is undone.
pub(crate) const SAML_FORM_BYTES_MAX: usize = 200 * 1024;
pub(crate) const XML_BYTES_MAX: usize = 256 * 1024;
pub(crate) const XML_DEPTH_MAX: usize = 32;
pub(crate) const XML_ELEMENTS_MAX: usize = 2_000;
pub(crate) const XML_ATTRIBUTES_PER_ELEMENT_MAX: usize = 24;
/// Values of attributes that are read out of an assertion.
pub(crate) const SAML_ATTRIBUTES_MAX: usize = 200;
/// Certificates pinned at a time: the one in use, the next one, and a provider that publishes more than it needs.
pub const CERTIFICATES_MAX: usize = 4;
/// How far a provider's clock may be off.
pub(crate) const SKEW_SECONDS: i64 = 3 * 60;
/// The subject that a provider names somebody by.
pub(crate) const SUBJECT_BYTES_MAX: usize = 1_024;
