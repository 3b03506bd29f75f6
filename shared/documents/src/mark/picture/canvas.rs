//! How the mark looks on points: the line on a light strip at the foot, and a pale one across that stands out from
//! whatever it is over.

use ab_glyph::{Font as _, FontRef, ScaleFont as _};

use crate::mark::font::{self, scale};
use crate::mark::{Mark, MarkRefused};

/// Points high: below, letters cannot be told apart.
const LETTER_POINTS_MIN: f32 = 9.0;
/// Of the width: a line of usual length fits it.
const LETTER_SHARE: f32 = 1.0 / 58.0;
/// Of the height, for lines of the strip.
const STRIP_SHARE: f32 = 0.4;
const LINE_HEIGHT: f32 = 1.3;
const STRIP_COVER: f32 = 0.75;
const ACROSS_COVER: f32 = 0.16;
/// Of the way from corner to corner.
const ACROSS_LENGTH: f32 = 0.8;
const ACROSS_POINTS_MAX: f32 = 400.0;

pub(in crate::mark) struct Canvas<'a> {
    width: u32,
    height: u32,
    channels: usize,
    bytes: &'a mut [u8],
}

/// How much of each point the letters of a line cover.
struct Mask {
    width: usize,
    height: usize,
    cover: Vec<f32>,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(width: u32, height: u32, channels: usize, bytes: &'a mut [u8]) -> Self {
        Self { width, height, channels, bytes }
    }

    /// Refused where nobody could read it: a picture of a few points is no place for words.
    pub(in crate::mark) fn draw(&mut self, mark: &Mark) -> Result<(), MarkRefused> {
        let font = font::FONT.as_ref().ok_or(MarkRefused::UnknownKind)?;
        let (width, height) = (self.width as f32, self.height as f32);
        let size = (width * LETTER_SHARE).max(LETTER_POINTS_MIN);
        let margin = size * 0.5;
        let lines = lines(font, &mark.whole(), size, width - 2.0 * margin).ok_or(MarkRefused::UnknownKind)?;
        let strip = lines.len() as f32 * size * LINE_HEIGHT + margin;
        if strip > height * STRIP_SHARE {
            return Err(MarkRefused::UnknownKind);
        }
        self.across(font, &super::super::font::plain_line(&mark.line));
        let top = height - strip;
        for y in top as u32..self.height {
            for x in 0..self.width {
                self.blend(x, y, 255, STRIP_COVER);
            }
        }
        for (index, line) in lines.iter().enumerate() {
            let mask = mask(font, line, size);
            let (left, above) = (margin as u32, (top + margin * 0.5 + index as f32 * size * LINE_HEIGHT) as u32);
            for (row, cover) in mask.cover.chunks(mask.width.max(1)).enumerate() {
                for (column, cover) in cover.iter().enumerate().filter(|(_, cover)| **cover > 0.0) {
                    self.blend(left + column as u32, above + row as u32, 30, *cover);
                }
            }
        }
        Ok(())
    }

    /// From the lower left to the upper right. Point by point of the picture, each asked where in the line it lies.
    fn across(&mut self, font: &FontRef<'_>, line: &str) {
        let (width, height) = (self.width as f32, self.height as f32);
        let diagonal = width.hypot(height);
        let size = (diagonal * ACROSS_LENGTH / text_width(font, line, 1.0).max(1.0)).min(ACROSS_POINTS_MAX);
        let mask = mask(font, line, size);
        let (sine, cosine) = (height / diagonal, width / diagonal);
        let (half_length, half_height) = (mask.width as f32 / 2.0, mask.height as f32 / 2.0);
        for y in 0..self.height {
            let down = y as f32 - height / 2.0;
            // Where this row crosses the line, which rises to the right: the way across it is `x * sine + y * cosine`.
            let middle = -down * cosine / sine;
            let reach = half_height / sine;
            let from = (width / 2.0 + middle - reach).max(0.0) as u32;
            let to = ((width / 2.0 + middle + reach).max(0.0) as u32 + 1).min(self.width);
            for x in from..to {
                let right = x as f32 - width / 2.0;
                let (along, over) =
                    (right * cosine - down * sine + half_length, right * sine + down * cosine + half_height);
                if along < 0.0 || over < 0.0 || along as usize >= mask.width || over as usize >= mask.height {
                    continue;
                }
                let cover = mask.cover[over as usize * mask.width + along as usize];
                if cover > 0.0 {
                    let shade = if self.is_dark(x, y) { 255 } else { 0 };
                    self.blend(x, y, shade, cover * ACROSS_COVER);
                }
            }
        }
    }

    fn place(&self, x: u32, y: u32) -> Option<usize> {
        let inside = x < self.width && y < self.height;
        inside.then(|| (y as usize * self.width as usize + x as usize) * self.channels)
    }

    fn is_dark(&self, x: u32, y: u32) -> bool {
        let Some(place) = self.place(x, y) else { return false };
        let colours = if self.channels < 3 { 1 } else { 3 };
        let sum: u32 = self.bytes[place..place + colours].iter().map(|part| u32::from(*part)).sum();
        sum < 128 * colours as u32
    }

    fn blend(&mut self, x: u32, y: u32, shade: u8, cover: f32) {
        let Some(place) = self.place(x, y) else { return };
        let colours = if self.channels < 3 { 1 } else { 3 };
        let point = &mut self.bytes[place..place + self.channels];
        let (parts, alpha) = point.split_at_mut(colours);
        let mix =
            |old: u8, new: u8, cover: f32| (f32::from(old) * (1.0 - cover) + f32::from(new) * cover).round() as u8;
        // What is not covered at all has no colour that the mark could be mixed with.
        let share = match alpha.first() {
            Some(alpha) => cover / (cover + f32::from(*alpha) / 255.0 * (1.0 - cover)).max(f32::EPSILON),
            None => cover,
        };
        parts.iter_mut().for_each(|part| *part = mix(*part, shade, share));
        alpha.iter_mut().for_each(|alpha| *alpha = mix(*alpha, 255, cover));
    }
}

/// Letters that the font lacks are written as their numbers.
fn spelt(line: &str) -> String {
    line.chars()
        .map(|letter| if font::number(letter).is_some() { letter.to_string() } else { font::spelt(letter) })
        .collect()
}

fn text_width(font: &FontRef<'_>, line: &str, size: f32) -> f32 {
    let scaled = font.as_scaled(scale(font, size));
    spelt(line).chars().map(|letter| scaled.h_advance(font.glyph_id(letter))).sum()
}

/// Broken at spaces. None: a single word is too wide.
fn lines(font: &FontRef<'_>, text: &str, size: f32, room: f32) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in spelt(text).split(' ') {
        if text_width(font, word, size) > room {
            return None;
        }
        match lines.last_mut() {
            Some(line) if text_width(font, &format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    Some(lines)
}

fn mask(font: &FontRef<'_>, line: &str, size: f32) -> Mask {
    let scaled = font.as_scaled(scale(font, size));
    let (width, height) = (text_width(font, line, size).ceil() as usize + 2, scaled.height().ceil() as usize + 2);
    let mut cover = vec![0.0; width * height];
    let (mut at, base) = (0.0, scaled.ascent());
    for letter in spelt(line).chars() {
        let glyph = font.glyph_id(letter);
        let placed = glyph.with_scale_and_position(scale(font, size), ab_glyph::point(at, base));
        at += scaled.h_advance(glyph);
        let Some(outline) = font.outline_glyph(placed) else { continue };
        let bounds = outline.px_bounds();
        outline.draw(|x, y, share| {
            let (column, row) = (bounds.min.x + x as f32, bounds.min.y + y as f32);
            if column >= 0.0 && row >= 0.0 && (column as usize) < width && (row as usize) < height {
                let point: &mut f32 = &mut cover[row as usize * width + column as usize];
                *point = point.max(share.clamp(0.0, 1.0));
            }
        });
    }
    Mask { width, height, cover }
}
