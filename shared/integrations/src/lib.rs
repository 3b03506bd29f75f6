//! What the portal speaks with other vendors: one module a kind. No store and no AWS: bytes or a way to fetch them go
//! in, checked facts come out.

mod bounds;
pub mod dns;
pub mod oidc;
pub mod outgoing;
pub mod saml;
