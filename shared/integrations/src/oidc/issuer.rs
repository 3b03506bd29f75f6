//! What an issuer may be called, and by what name a provider knows somebody for good.
//!
//! An issuer is compared as it is written, letter by letter, wherever it is met: at set-up with what was typed, in the
//! callback with the one that was asked, in the token with the one that was set up.

use super::Refusal;
use crate::bounds;

const MICROSOFT: &str = "https://login.microsoftonline.com/";
/// What stands in the place of a directory where anybody's account is meant: the names, Microsoft's own directory of
/// private accounts, and the template that its metadata for everybody has as issuer.
const EVERYBODY: [&str; 5] =
    ["common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad", "{tenantid}"];

/// The directory that an issuer of Microsoft's is one of.
fn directory(issuer: &str) -> Option<&str> {
    issuer.strip_prefix(MICROSOFT).map(|rest| rest.split('/').next().unwrap_or_default())
}

/// Microsoft signs for every directory with the same keys. Where the issuer names none, the administrator of any of them
/// could say that somebody has an address of the firm.
pub(super) fn may_be_set_up(issuer: &str) -> Result<(), Refusal> {
    // Paths of Microsoft's do not tell large letters from small ones.
    let everybody = directory(&issuer.to_lowercase()).is_some_and(|directory| EVERYBODY.contains(&directory));
    // A template is nobody's name, whoever hands it out.
    if everybody || issuer.contains(['{', '}']) { Err(Refusal::Everybody) } else { Ok(()) }
}

/// A provider's configuration has to be one of the issuer that was typed.
pub(super) fn agrees(typed: &str, told: &str) -> Result<(), Refusal> {
    may_be_set_up(told)?;
    if typed == told { Ok(()) } else { Err(Refusal::OtherIssuer(told.chars().take(200).collect())) }
}

/// The names that a token has for whom it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) sub: &'a str,
    /// Microsoft: the directory, and the object in it.
    pub(super) tid: Option<&'a str>,
    pub(super) oid: Option<&'a str>,
}

/// `sub`, which is lasting; of Microsoft the directory and the object, since its `sub` differs from client to client and
/// its address can be changed by its owner to anybody's.
pub(super) fn subject(issuer: &str, names: Names<'_>) -> Result<String, Refusal> {
    let found = match directory(issuer) {
        None => names.sub.to_owned(),
        Some(directory) => {
            let (Some(tid), Some(oid)) = (names.tid, names.oid) else { return Err(Refusal::Subject) };
            if tid != directory {
                return Err(Refusal::Tenant);
            }
            if tid.is_empty() || oid.is_empty() {
                return Err(Refusal::Subject);
            }
            format!("{tid}:{oid}")
        }
    };
    let fits = !found.is_empty() && found.len() <= bounds::SUBJECT_BYTES_MAX && !found.chars().any(char::is_control);
    if fits { Ok(found) } else { Err(Refusal::Subject) }
}

/// Whether a missing word about the address counts as a good one, for somebody whom a person invited: Microsoft never
/// says it, and of one directory gives out addresses of that directory only.
pub(super) fn vouches_silently(issuer: &str) -> bool {
    directory(issuer).is_some() && may_be_set_up(issuer).is_ok()
}
