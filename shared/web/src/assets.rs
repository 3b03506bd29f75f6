//! What pages load beside their HTML: one style sheet, two scripts and one more for conversations, an icon, and the firm's accent as a sheet of its own.
//!
//! Invariants: nothing is inline, so that the policy `script-src 'self'; style-src 'self'` holds without exceptions; an
//! address contains its content's hash, so that it can be cached for ever.

use std::sync::LazyLock;

use crate::install;
use crate::ui::accent::{self, Accent};

/// A file as served.
#[derive(Debug)]
pub struct Asset {
    /// As sources name it: `portico.css`.
    pub name: &'static str,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
    /// As addresses name it: `portico.0a1b2c3d4e5f6071.css`.
    pub hashed_name: String,
}

/// Component blocks after the base, in the order of `ui`; what print changes comes last, since it overrides.
const STYLE: &str = concat!(
    include_str!("assets/style/tokens.css"),
    include_str!("assets/style/base.css"),
    include_str!("assets/style/shell.css"),
    include_str!("assets/style/structure.css"),
    include_str!("assets/style/table.css"),
    include_str!("assets/style/progress.css"),
    include_str!("assets/style/form.css"),
    include_str!("assets/style/feedback.css"),
    include_str!("assets/style/choose.css"),
    include_str!("assets/style/upload.css"),
    include_str!("assets/style/ask.css"),
    include_str!("assets/style/found.css"),
    include_str!("assets/style/grid.css"),
    include_str!("assets/style/bulk.css"),
    include_str!("assets/style/preview.css"),
    include_str!("assets/style/thread.css"),
    include_str!("assets/style/attach.css"),
    include_str!("assets/passkey.css"),
    include_str!("assets/style/print.css"),
);

/// Our own modules, one closure each.
const SCRIPT: &str = concat!(
    include_str!("assets/script/busy.js"),
    include_str!("assets/script/open.js"),
    include_str!("assets/script/install.js"),
    include_str!("assets/script/keys.js"),
    include_str!("assets/script/send.js"),
    include_str!("assets/script/parts.js"),
    include_str!("assets/script/folders.js"),
    include_str!("assets/script/upload.js"),
    include_str!("assets/script/ask.js"),
    include_str!("assets/passkey.js"),
);

/// What only a conversation needs: its own page loads it.
const TALK: &str = concat!(
    include_str!("assets/script/attach.js"),
    include_str!("assets/script/keep.js"),
    include_str!("assets/script/insert.js"),
    include_str!("assets/script/names.js"),
    include_str!("assets/script/news.js"),
);

const HTMX: &str = include_str!("assets/vendor/htmx.min.js");
const FAVICON: &str = include_str!("assets/favicon.svg");

static ALL: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    // Pages of no firm have an accent too, so the shared sheet sets Portico's; a firm's sheet comes after it and wins.
    let portico = Accent::parse(accent::PORTICO).map(|accent| accent.css()).unwrap_or_default();
    let style: &'static str = String::leak(portico + STYLE);
    vec![
        asset("portico.css", "text/css; charset=utf-8", style.as_bytes()),
        asset("portico.js", "text/javascript; charset=utf-8", String::leak(bare(SCRIPT)).as_bytes()),
        asset("talk.js", "text/javascript; charset=utf-8", String::leak(bare(TALK)).as_bytes()),
        asset("htmx.js", "text/javascript; charset=utf-8", HTMX.as_bytes()),
        asset("favicon.svg", "image/svg+xml", FAVICON.as_bytes()),
    ]
});

/// Every asset but the accents.
pub fn all() -> &'static [Asset] {
    &ALL
}

/// The asset that an address names after `/assets/`; none when the hash is another version's.
pub fn find(hashed_name: &str) -> Option<&'static Asset> {
    ALL.iter().chain(install::all()).find(|asset| asset.hashed_name == hashed_name)
}

/// The address of an asset: `/assets/portico.0a1b2c3d4e5f6071.css`. A name that does not exist gives an address that
/// does not either; a test asks for every name that pages use.
pub fn url(name: &str) -> String {
    match ALL.iter().find(|asset| asset.name == name) {
        Some(asset) => format!("/assets/{}", asset.hashed_name),
        None => format!("/assets/{name}"),
    }
}

/// The sheet behind `/assets/accent/<hex>.css`: six digits, lower case, and nothing else. Its content follows from its
/// name and this version of the ramp, so it is cached for a day rather than for ever.
pub fn accent_css(hex: &str) -> Option<String> {
    let plain = hex.len() == 6 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !plain {
        return None;
    }
    Accent::parse(hex).ok().map(|accent| accent.css())
}

/// The address of a firm's accent; `None` for a colour that cannot be read.
pub fn accent_url(colour: &str) -> Option<String> {
    Accent::parse(colour).ok().map(|accent| format!("/assets/accent/{}.css", accent.digits()))
}

/// Without what is there for its readers: comments of their own lines, and the space before a line.
pub(crate) fn bare(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

pub(crate) fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let hash = fnv(bytes);
    let hashed_name = match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash:016x}.{extension}"),
        None => format!("{name}.{hash:016x}"),
    };
    Asset { name, content_type, bytes, hashed_name }
}

/// FNV-1a, 64 bits: tells versions of our own files apart, which nobody attacks.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
