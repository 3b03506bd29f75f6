//! How the mark looks.

use std::fmt::Write as _;

use super::letters::Letters;
use crate::mark::Mark;
use crate::pdf::layout::Matrix;

/// Sizes of the line at the foot, the first that fits.
const SIZES: [f64; 8] = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
const LINE_HEIGHT: f64 = 1.25;
/// Of the page's height, for a line so long that it takes several.
const FOOT_MAX: f64 = 0.12;
const MARGIN: f64 = 18.0;
/// Lines of older marks that are left free.
const BEFORE_MAX: usize = 20;
const ACROSS_SIZE_MAX: f64 = 48.0;
/// Of the way from corner to corner.
const ACROSS_LENGTH: f64 = 0.8;

/// The names of the mark's font and shades on a page.
pub(super) struct Names {
    /// Marks that the page has already: a copy may have come back as a document of its own.
    pub(super) before: usize,
    pub(super) font: Vec<u8>,
    pub(super) pale: Vec<u8>,
    pub(super) backing: Vec<u8>,
}

/// A page as people see it.
pub(super) struct Sheet {
    width: f64,
    height: f64,
    /// From what people see to what the page calls its coordinates.
    turn: Matrix,
}

impl Sheet {
    /// The part that is shown, and how far clockwise it is turned for that.
    pub(super) fn new([left, bottom, right, top]: [f64; 4], degrees: i64) -> Self {
        let (width, height) = (right - left, top - bottom);
        let (width, height, turn) = match degrees.rem_euclid(360) {
            90 => (height, width, [0.0, 1.0, -1.0, 0.0, right, bottom]),
            180 => (width, height, [-1.0, 0.0, 0.0, -1.0, right, top]),
            270 => (height, width, [0.0, -1.0, 1.0, 0.0, left, top]),
            _ => (width, height, [1.0, 0.0, 0.0, 1.0, left, bottom]),
        };
        Self { width, height, turn: Matrix(turn) }
    }
}

pub(super) fn draw(sheet: &Sheet, mark: &Mark, letters: Letters, names: &Names) -> Vec<u8> {
    let mut drawing = Vec::from(*b"q\n");
    transform(&mut drawing, sheet.turn);
    across(&mut drawing, sheet, &letters.codes(&mark.line), letters, names);
    foot(&mut drawing, sheet, &letters.codes(&mark.whole()), letters, names);
    drawing.extend_from_slice(b"Q\n");
    drawing
}

/// Pale, from the lower left to the upper right, as large as fits.
fn across(drawing: &mut Vec<u8>, sheet: &Sheet, text: &[u16], letters: Letters, names: &Names) {
    let length = sheet.width.hypot(sheet.height);
    let width = letters.text_width(text);
    let size = (length * ACROSS_LENGTH / width.max(1.0)).min(ACROSS_SIZE_MAX);
    let (sine, cosine) = (sheet.height / length, sheet.width / length);
    let start = Matrix::shift(-width * size / 2.0, -size / 3.0).then(Matrix([
        cosine,
        sine,
        -sine,
        cosine,
        sheet.width / 2.0,
        sheet.height / 2.0,
    ]));
    drawing.extend_from_slice(b"q\n/");
    drawing.extend_from_slice(&names.pale);
    drawing.extend_from_slice(b" gs\n0.3 g\n");
    show(drawing, text, size, start, letters, names);
    drawing.extend_from_slice(b"Q\n");
}

/// Dark on a light strip, so that it can be read on any page.
fn foot(drawing: &mut Vec<u8>, sheet: &Sheet, text: &[u16], letters: Letters, names: &Names) {
    let margin = MARGIN.min(sheet.width * 0.05).min(sheet.height * 0.05);
    let room = sheet.width - 2.0 * margin;
    // A code that is broken over two lines is found by nobody.
    let longest = text.split(|code| *code == letters.space()).map(|word| letters.text_width(word)).fold(0.01, f64::max);
    let fits = |size: &f64| {
        let count = broken(text, room / size, letters).len();
        longest * size <= room && (count == 1 || count as f64 * LINE_HEIGHT * size <= sheet.height * FOOT_MAX)
    };
    // One line in a size that can be read goes before several in a larger.
    let single = SIZES[..4].iter().copied().find(|size| letters.text_width(text) * size <= room);
    let size =
        single.or_else(|| SIZES.iter().copied().find(fits)).unwrap_or(SIZES[SIZES.len() - 1].min(room / longest));
    let lines = broken(text, room / size, letters);
    let widest = lines.iter().map(|line| letters.text_width(line)).fold(0.0, f64::max) * size;
    let step = LINE_HEIGHT * size;
    let block = lines.len() as f64 * step;
    let bottom = margin * 0.5 + (names.before.min(BEFORE_MAX) as f64 * (block + 1.0)).min(sheet.height * 0.5);
    drawing.extend_from_slice(b"q\n/");
    drawing.extend_from_slice(&names.backing);
    drawing.extend_from_slice(b" gs\n1 g\n");
    let strip = [margin - 2.0, bottom, widest + 4.0, block];
    numbers(drawing, &strip);
    drawing.extend_from_slice(b"re f\nQ\nq\n0.15 g\n");
    for (index, line) in lines.iter().rev().enumerate() {
        let base = bottom + index as f64 * step + size * 0.3;
        show(drawing, line, size, Matrix::shift(margin, base), letters, names);
    }
    drawing.extend_from_slice(b"Q\n");
}

fn show(drawing: &mut Vec<u8>, text: &[u16], size: f64, start: Matrix, letters: Letters, names: &Names) {
    drawing.extend_from_slice(b"BT\n/");
    drawing.extend_from_slice(&names.font);
    drawing.push(b' ');
    numbers(drawing, &[size]);
    drawing.extend_from_slice(b"Tf\n");
    numbers(drawing, &start.0);
    drawing.extend_from_slice(b"Tm\n<");
    let digits = text.iter().fold(String::new(), |mut digits, code| {
        write!(digits, "{code:0width$x}", width = letters.digits()).unwrap_or_default();
        digits
    });
    drawing.extend_from_slice(digits.as_bytes());
    drawing.extend_from_slice(b"> Tj\nET\n");
}

fn transform(drawing: &mut Vec<u8>, matrix: Matrix) {
    numbers(drawing, &matrix.0);
    drawing.extend_from_slice(b"cm\n");
}

fn numbers(drawing: &mut Vec<u8>, numbers: &[f64]) {
    for number in numbers {
        drawing.extend_from_slice(format!("{number:.3} ").as_bytes());
    }
}

/// Lines of at most this width, broken at spaces, and inside a word only if it does not fit a line by itself.
fn broken(text: &[u16], width: f64, letters: Letters) -> Vec<Vec<u16>> {
    let mut lines: Vec<Vec<u16>> = Vec::new();
    let mut line: Vec<u16> = Vec::new();
    let space = letters.space();
    for word in text.split(|code| *code == space) {
        let fits = letters.text_width(&line) + letters.width(space) + letters.text_width(word) <= width;
        if !line.is_empty() && !fits {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(space);
        }
        for code in word {
            if !line.is_empty() && letters.text_width(&line) + letters.width(*code) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(*code);
        }
    }
    lines.push(line);
    lines
}
