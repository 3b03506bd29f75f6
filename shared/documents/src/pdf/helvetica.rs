//! How wide the letters of Helvetica are, which every reader has: for the mark, and for fonts that do not say.

/// Thousandths of the size, from the space to the tilde.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
/// Of any letter beyond these: no less than the widest.
const OTHER: u16 = 1000;

/// Of one code of the Windows alphabet, in parts of the size.
pub(super) fn width(code: u8) -> f64 {
    let known = usize::from(code).checked_sub(32).and_then(|index| WIDTHS.get(index));
    f64::from(*known.unwrap_or(&OTHER)) / 1000.0
}
