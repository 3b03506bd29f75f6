//! Pages of a PDF: which of them have to be read by sight, and their pictures.

use domain::limits;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::{DynamicImage, RgbImage};

use super::{Drawn, Look, finished, fitting, survives};

/// A PDF counts in points.
const POINTS_PER_INCH: f32 = 72.0;
const READING_DOTS_PER_INCH: f32 = 300.0;
const PREVIEW_DOTS_PER_INCH: f32 = 110.0;

pub(super) fn draw(bytes: &[u8], pages: &[usize], look: Look, each: &mut dyn FnMut(Drawn) -> bool) {
    let Some(file) = survives(|| Pdf::new(bytes.to_vec()).ok()) else { return };
    for page in pages {
        let drawn = survives(|| page_of(&file, *page, look)).and_then(|picture| finished(picture, *page, look));
        if let Some(drawn) = drawn
            && !each(drawn)
        {
            return;
        }
    }
}

fn page_of(file: &Pdf, page: usize, look: Look) -> Option<DynamicImage> {
    let page = file.pages().get(page)?;
    let dots = match look {
        Look::Reading => READING_DOTS_PER_INCH,
        Look::Preview => PREVIEW_DOTS_PER_INCH,
    };
    let (width, height) = page.render_dimensions();
    let scale = dots / POINTS_PER_INCH;
    let pixels = |points: f32| (points * scale).clamp(1.0, 1e6) as u32;
    let (fits_width, fits_height) = fitting(pixels(width), pixels(height), look);
    // The renderer rounds sides down to whole pixels, and none may vanish.
    let scale = f32::min(fits_width as f32 / width, fits_height as f32 / height);
    if !(scale.is_finite() && scale > 0.0 && width * scale >= 1.0 && height * scale >= 1.0) {
        return None;
    }
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    // On white nothing lets light through.
    let colours = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    RgbImage::from_raw(width, height, colours).map(DynamicImage::ImageRgb8)
}

/// Pages that say next to nothing and hold a picture, counted from 0: scans, mostly.
pub(super) fn unread(bytes: &[u8], pages: &[String]) -> Vec<usize> {
    let says_little =
        |page: &String| page.chars().filter(|letter| letter.is_alphanumeric()).count() < limits::SIGHT_LETTERS_MIN;
    if !pages.iter().any(says_little) {
        return Vec::new();
    }
    let holds = survives(|| crate::pdf::holds_pictures(bytes)).unwrap_or_default();
    let unread = pages.iter().enumerate().filter(|(page, words)| says_little(words) && holds.get(*page) == Some(&true));
    unread.map(|(page, _)| page).collect()
}
