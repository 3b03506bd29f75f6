//! Words set in type: pages to look at of what has none that could be drawn. They show what a document says and not how it
//! looks, in the font that marks are written in.
//!
//! Words of strangers are only words here: whatever they are, they end on a page within the bounds, and the pages end.

use std::mem::take;

use ab_glyph::{Font as _, FontRef, GlyphId, ScaleFont as _, point};
use domain::limits;
use domain::text::reorders_or_controls;
use image::{DynamicImage, GrayImage, Luma};

use super::{Drawn, Look, finished};
use crate::Kind;
use crate::mark::font::{self, scale};

/// A page of A4 whose letters can still be read where it is as wide as a phone.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 1_018;
const MARGIN: f32 = 48.0;
/// A mark lies at the foot.
const FOOT: f32 = 76.0;
const LETTERS: f32 = 19.0;
const LEADING: f32 = 27.0;
const HEAD_LETTERS: f32 = 15.0;
const HEAD_BASE: f32 = 36.0;
const TAB: f32 = 80.0;
/// What stands for a letter that the font lacks.
const BOX_WIDTH: f32 = 12.0;
const BOX_HEIGHT: f32 = 14.0;
const BOX_GAP: f32 = 3.0;
const ROOM: f32 = WIDTH as f32 - 2.0 * MARGIN;
const LINES_PER_PAGE: usize = ((HEIGHT as f32 - MARGIN - FOOT) / LEADING) as usize;

/// What the first letters are tells of the rest.
const LETTERS_JUDGED: usize = 20_000;

const PAPER: Luma<u8> = Luma([255]);
const INK: u8 = 20;
const GREY: u8 = 105;

/// A letter and where it stands on its line.
type Line = Vec<(f32, char)>;

/// Each of the document's own pages begins a new one, so that slides and sheets keep their numbers.
pub(super) fn set(kind: Kind, pages: &[String], each: &mut dyn FnMut(Drawn) -> bool) {
    let Some(font) = font::FONT.as_ref().filter(|_| can_be_read(pages)) else { return };
    let type_ = Type { font };
    let mut drawn = 0;
    for (number, words) in pages.iter().enumerate() {
        let lines = type_.lines(words, (limits::PREVIEW_PAGES_MAX - drawn) * LINES_PER_PAGE);
        // A slide of a picture alone is a page as well.
        let parts: Vec<&[Line]> = if lines.is_empty() { vec![&[]] } else { lines.chunks(LINES_PER_PAGE).collect() };
        for (part, lines) in parts.into_iter().enumerate() {
            let head = (pages.len() > 1).then(|| {
                let more = if part > 0 { ", continued" } else { "" };
                format!("{} {}{more}", noun(kind), number + 1)
            });
            let picture = DynamicImage::ImageLuma8(type_.page(head.as_deref(), lines));
            let Some(page) = finished(picture, drawn, Look::Preview) else { return };
            drawn += 1;
            if !each(page) || drawn >= limits::PREVIEW_PAGES_MAX {
                return;
            }
        }
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Xlsx | Kind::Ods => "Sheet",
        Kind::Pptx | Kind::Odp => "Slide",
        _ => "Page",
    }
}

/// A page of boxes tells nobody anything: of what has letters, the font has to have half at least.
fn can_be_read(pages: &[String]) -> bool {
    let (mut all, mut known) = (0_usize, 0_usize);
    let letters = pages.iter().flat_map(|page| page.chars()).filter(|letter| letter.is_alphanumeric());
    for letter in letters.take(LETTERS_JUDGED) {
        all += 1;
        known += usize::from(font::number(letter).is_some());
    }
    known > 0 && known * 2 >= all
}

struct Type<'a> {
    font: &'a FontRef<'static>,
}

impl Type<'_> {
    /// Broken at spaces, and inside of a word that is wider than a line. No more than `most` lines.
    fn lines(&self, words: &str, most: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut was_empty = true;
        for text in words.split('\n') {
            if lines.len() >= most {
                break;
            }
            let is_empty = text.trim().is_empty();
            // One empty line says as much as many.
            if !(is_empty && was_empty) {
                self.paragraph(text, most, &mut lines);
            }
            was_empty = is_empty;
        }
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        lines.truncate(most);
        lines
    }

    fn paragraph(&self, text: &str, most: usize, lines: &mut Vec<Line>) {
        let (mut line, mut at) = (Line::new(), 0.0);
        for piece in text.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end_matches(char::is_whitespace);
            let letters = || word.chars().filter(|letter| is_set(*letter));
            if at > 0.0 && !self.fits(letters(), ROOM - at) {
                lines.push(take(&mut line));
                at = 0.0;
            }
            for letter in letters() {
                let wide = self.advance(letter);
                if at > 0.0 && at + wide > ROOM {
                    lines.push(take(&mut line));
                    at = 0.0;
                    if lines.len() >= most {
                        return;
                    }
                }
                line.push((at, letter));
                at += wide;
            }
            if lines.len() >= most {
                return;
            }
            match piece[word.len()..].chars().next() {
                Some('\t') => at = ((at / TAB).floor() + 1.0) * TAB,
                Some('\r') | None => (),
                // Behind the end of a line it makes no difference how many.
                Some(_) if at <= ROOM => at += self.advance(' '),
                Some(_) => (),
            }
        }
        lines.push(line);
    }

    /// Looks no further than the room goes: a word may be as long as a file.
    fn fits(&self, letters: impl Iterator<Item = char>, mut room: f32) -> bool {
        for letter in letters {
            room -= self.advance(letter);
            if room < 0.0 {
                return false;
            }
        }
        true
    }

    fn advance(&self, letter: char) -> f32 {
        match font::number(letter) {
            Some(number) => self.font.as_scaled(scale(self.font, LETTERS)).h_advance(GlyphId(number)),
            None => BOX_WIDTH + BOX_GAP,
        }
    }

    fn page(&self, head: Option<&str>, lines: &[Line]) -> GrayImage {
        let mut page = GrayImage::from_pixel(WIDTH, HEIGHT, PAPER);
        let small = self.font.as_scaled(scale(self.font, HEAD_LETTERS));
        let mut at = MARGIN;
        for number in head.unwrap_or_default().chars().filter_map(font::number) {
            self.letter(&mut page, number, HEAD_LETTERS, (at, HEAD_BASE), GREY);
            at += small.h_advance(GlyphId(number));
        }
        for (row, line) in lines.iter().enumerate() {
            let base = MARGIN + (row as f32 + 1.0) * LEADING;
            for (at, letter) in line {
                let place = (MARGIN + at, base);
                match font::number(*letter) {
                    Some(number) => self.letter(&mut page, number, LETTERS, place, INK),
                    None => empty_box(&mut page, place),
                }
            }
        }
        page
    }

    fn letter(&self, page: &mut GrayImage, number: u16, size: f32, (x, y): (f32, f32), shade: u8) {
        let placed = GlyphId(number).with_scale_and_position(scale(self.font, size), point(x, y));
        let Some(outline) = self.font.outline_glyph(placed) else { return };
        let bounds = outline.px_bounds();
        outline.draw(|column, row, cover| {
            let cover = cover.clamp(0.0, 1.0);
            let (x, y) = (bounds.min.x + column as f32, bounds.min.y + row as f32);
            if let Some(on) = at(page, x, y) {
                on.0[0] = (f32::from(on.0[0]) * (1.0 - cover) + f32::from(shade) * cover).round() as u8;
            }
        });
    }
}

fn empty_box(page: &mut GrayImage, (x, y): (f32, f32)) {
    let (width, height) = (BOX_WIDTH as u32, BOX_HEIGHT as u32);
    for row in 0..=height {
        for column in 0..=width {
            let is_edge = row == 0 || row == height || column == 0 || column == width;
            if let Some(on) = at(page, x + column as f32, y - row as f32).filter(|_| is_edge) {
                *on = Luma([GREY]);
            }
        }
    }
}

fn at(page: &mut GrayImage, x: f32, y: f32) -> Option<&mut Luma<u8>> {
    let inside = x >= 0.0 && y >= 0.0;
    if inside { page.get_pixel_mut_checked(x as u32, y as u32) } else { None }
}

/// What is nothing to see, or would turn the rest round, is left out. The order of letters is that of the words.
fn is_set(letter: char) -> bool {
    !reorders_or_controls(letter) && !matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(words: &str) -> Vec<String> {
        let type_ = Type { font: font::FONT.as_ref().unwrap() };
        let lines = type_.lines(words, LINES_PER_PAGE * limits::PREVIEW_PAGES_MAX);
        for line in &lines {
            for (at, letter) in line {
                assert!(at + type_.advance(*letter) <= ROOM + 0.01, "{letter} at {at} leaves the page");
            }
        }
        lines.iter().map(|line| line.iter().map(|(_, letter)| *letter).collect()).collect()
    }

    #[test]
    fn words_are_broken_at_spaces_and_long_ones_anywhere() {
        assert_eq!(lines("Rent is due\nin May"), ["Rentisdue", "inMay"]);
        let broken = lines(&"harbour ".repeat(40));
        assert!(broken.len() > 3, "{broken:?}");
        assert!(broken.iter().all(|line| line.replace("harbour", "").is_empty()), "a word was broken: {broken:?}");
        let long = "x".repeat(500);
        let broken = lines(&long);
        assert!(broken.len() > 5 && broken.concat() == long, "{broken:?}");
    }

    #[test]
    fn empty_lines_are_one_and_what_is_not_to_be_seen_is_left_out() {
        assert_eq!(lines("\n\n\nRent\n\n \n\nMay\n\n"), ["Rent", "", "May"]);
        assert_eq!(lines("Re\u{202e}nt\u{200b}\u{7}\r\nMay"), ["Rent", "May"]);
        assert_eq!(lines(" \n\t\n"), [""; 0]);
    }

    #[test]
    fn words_as_long_as_a_file_end() {
        let type_ = Type { font: font::FONT.as_ref().unwrap() };
        for words in ["x", " ", "\n", "x ", "\t", "\u{202e}", "契"].map(|word| word.repeat(4_000_000 / word.len())) {
            let lines = type_.lines(&words, 2 * LINES_PER_PAGE);
            assert!(lines.len() <= 2 * LINES_PER_PAGE, "{}", lines.len());
            can_be_read(&[words]);
        }
    }

    #[test]
    fn columns_of_a_table_stand_below_each_other() {
        let type_ = Type { font: font::FONT.as_ref().unwrap() };
        let lines = type_.lines("May\t900\nSeptember\t950\nx\ty", 9);
        let place = |line: usize, letter: usize| lines[line][letter].0;
        assert_eq!((place(0, 3), place(2, 1)), (TAB, TAB));
        assert!((place(1, 9) - 2.0 * TAB).abs() < 0.01, "{}", place(1, 9));
    }

    #[test]
    fn a_text_in_letters_that_the_font_lacks_is_not_shown() {
        let check = |words: &str, want| assert_eq!(can_be_read(&[words.to_owned()]), want, "{words}");
        check("Miete für Mai, Άρτα, Жильё", true);
        check("契約書", false);
        check("Contract 契約書", true);
        check("---", false);
        check("", false);
    }
}
