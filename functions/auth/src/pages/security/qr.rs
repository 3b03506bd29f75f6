//! A picture that a phone reads, drawn as one path: no image is made, loaded or kept.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use web::Failure;

/// Light modules around it, without which readers do not find it.
const QUIET: usize = 4;

pub(super) fn picture(text: &str) -> Result<Markup, Failure> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Failure::bug)?;
    let width = code.width();
    let modules = code.to_colors();
    let mut path = String::new();
    for (place, color) in modules.iter().enumerate() {
        if *color == Color::Dark {
            path += &format!("M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET);
        }
    }
    let side = width + 2 * QUIET;
    Ok(html! {
        svg viewBox=(format!("0 0 {side} {side}")) width="220" height="220" role="img" aria-label="The key as a picture for your app"
            shape-rendering="crispEdges" {
            // Readers want dark on light, whatever the page's colours are.
            rect width=(side) height=(side) fill="#ffffff" {}
            path d=(path) fill="#000000" {}
        }
    })
}
