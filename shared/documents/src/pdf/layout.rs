//! From letters at places to words and lines. A text's own spaces are often left out, words are set apart by distance.

use domain::limits;

/// `[a b c d e f]`: a point `(x, y)` goes to `(ax + cy + e, bx + dy + f)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) fn shift(x: f64, y: f64) -> Self {
        Matrix([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First this, then the other.
    pub(super) fn then(self, other: Matrix) -> Matrix {
        let ([a, b, c, d, e, f], [oa, ob, oc, od, oe, of]) = (self.0, other.0);
        Matrix([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }

    pub(super) fn origin(self) -> (f64, f64) {
        (self.0[4], self.0[5])
    }
}

/// In parts of the letters' height. Narrower gaps are how letters are fitted to each other.
const WORD_GAP: f64 = 0.11;
/// Across the line of writing: raised and lowered figures stay on their line.
const LINE_GAP: f64 = 0.6;
const BACK_GAP: f64 = 1.0;

#[derive(Default)]
pub(super) struct Layout {
    text: String,
    last: Option<Placed>,
}

/// Where the last letters ended.
struct Placed {
    end: (f64, f64),
    along: (f64, f64),
    height: f64,
}

impl Layout {
    /// Letters from where `start` puts them up to `end`, in the direction that `start` turns them.
    pub(super) fn place(&mut self, letters: &str, start: Matrix, end: (f64, f64)) {
        let [a, b, c, d, ..] = start.0;
        let (length, height) = (a.hypot(b), c.hypot(d));
        let along = if length > 0.0 { (a / length, b / length) } else { (1.0, 0.0) };
        if let Some(last) = &self.last {
            let (x, y) = start.origin();
            let gap = (x - last.end.0, y - last.end.1);
            let forward = gap.0 * along.0 + gap.1 * along.1;
            let aside = (gap.0 * along.1 - gap.1 * along.0).abs();
            let turned = along.0 * last.along.0 + along.1 * last.along.1 < 0.9;
            let height = height.max(last.height);
            if turned || aside > LINE_GAP * height || forward < -BACK_GAP * height {
                self.separate('\n');
            } else if forward > WORD_GAP * height {
                self.separate(' ');
            }
        }
        for letter in letters.chars() {
            match letter {
                // Ligatures are how a word looks, not how it is written.
                'ﬀ' => self.text.push_str("ff"),
                'ﬁ' => self.text.push_str("fi"),
                'ﬂ' => self.text.push_str("fl"),
                'ﬃ' => self.text.push_str("ffi"),
                'ﬄ' => self.text.push_str("ffl"),
                '\u{ad}' => (),
                letter if letter.is_whitespace() => self.separate(' '),
                letter if letter.is_control() => (),
                letter => self.text.push(letter),
            }
        }
        self.last = Some(Placed { end, along, height });
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() > limits::DOCUMENT_TEXT_BYTES_MAX
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// One space at most, none at the ends of a line.
    fn separate(&mut self, space: char) {
        match self.text.chars().next_back() {
            Some(' ') if space == '\n' => {
                self.text.pop();
                self.text.push('\n');
            }
            None | Some(' ' | '\n') => (),
            Some(_) => self.text.push(space),
        }
    }
}
