//! The font that is shipped for marks: Latin, Greek and Cyrillic letters. Its licence lies beside it.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, PxScale};

pub(crate) const BYTES: &[u8] = include_bytes!("font/marks.ttf");
pub(crate) const NAME: &str = "AAAAAA+DejaVuSans";

/// Checked by a test to be readable: it is part of the program.
pub(crate) static FONT: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::try_from_slice(BYTES).ok());

/// The number of a letter in the font, if it has it and the letter can be seen.
pub(crate) fn number(letter: char) -> Option<u16> {
    let found = FONT.as_ref()?.glyph_id(letter).0;
    (found != 0 && is_shown(letter)).then_some(found)
}

/// Of one letter by its number, in parts of the size.
pub(crate) fn width(number: u16) -> f64 {
    let Some(font) = FONT.as_ref() else { return 1.0 };
    let units = font.units_per_em().unwrap_or(1000.0);
    f64::from(font.h_advance_unscaled(ab_glyph::GlyphId(number)) / units)
}

/// The library counts a size from the highest letter to the lowest; people count it by the font's own square.
pub(crate) fn scale(font: &FontRef<'_>, size: f32) -> PxScale {
    PxScale::from(size * font.height_unscaled() / font.units_per_em().unwrap_or(1.0))
}

/// Spaces that look like others and hyphens that are not there would let two viewers look the same.
pub(crate) fn is_shown(letter: char) -> bool {
    !letter.is_control() && letter != '\u{a0}' && letter != '\u{ad}'
}

/// A letter that a font lacks, by its number.
pub(crate) fn spelt(letter: char) -> String {
    format!("{{U+{:04X}}}", u32::from(letter))
}

/// A line with nothing in it that changes how the rest is read.
pub(crate) fn plain_line(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if is_shown(letter) && !domain::text::reorders_or_controls(letter) {
                letter.to_string()
            } else {
                spelt(letter)
            }
        })
        .collect()
}
