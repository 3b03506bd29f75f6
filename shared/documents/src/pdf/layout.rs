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
    /// Where the line began that is being written.
    line: usize,
    /// Its letters of right-to-left alphabets come in the order in which they are seen, last one first.
    as_seen: bool,
}

/// Where the last letters began and ended.
struct Placed {
    start: (f64, f64),
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
        let mut as_read = false;
        if let Some(last) = &self.last {
            let (x, y) = start.origin();
            let gap = (x - last.end.0, y - last.end.1);
            let forward = gap.0 * along.0 + gap.1 * along.1;
            let aside = (gap.0 * along.1 - gap.1 * along.0).abs();
            let turned = along.0 * last.along.0 + along.1 * last.along.1 < 0.9;
            let height = height.max(last.height);
            let backward = (last.start.0 - end.0) * along.0 + (last.start.1 - end.1) * along.1;
            let on_line = !turned && aside <= LINE_GAP * height;
            let from_the_right = on_line && letters.chars().any(from_right) && self.ends_from_right();
            if from_the_right && forward < 0.0 && (-WORD_GAP..BACK_GAP).contains(&(backward / height)) {
                // One by one in the order in which they are read.
                as_read = true;
                if backward > WORD_GAP * height {
                    self.separate(' ');
                }
            } else if turned || aside > LINE_GAP * height || forward < -BACK_GAP * height {
                self.separate('\n');
            } else {
                self.as_seen |= from_the_right;
                if forward > WORD_GAP * height {
                    self.separate(' ');
                }
            }
        }
        // Letters that are drawn as one come in the order in which they are read, whatever that of the line is.
        let reversed: String = letters.chars().rev().collect();
        let is_turned = !as_read && letters.chars().nth(1).is_some() && letters.chars().all(from_right);
        self.as_seen |= is_turned;
        let letters = if is_turned { &reversed } else { letters };
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
        self.last = Some(Placed { start: start.origin(), end, along, height });
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() > limits::DOCUMENT_TEXT_BYTES_MAX
    }

    /// A line that is drawn nowhere.
    pub(super) fn line(&mut self, text: &str) {
        self.separate('\n');
        self.text.push_str(text);
        self.separate('\n');
    }

    pub(super) fn into_text(mut self) -> String {
        self.end_line();
        self.text
    }

    fn ends_from_right(&self) -> bool {
        self.text[self.line..].chars().rev().find(|letter| *letter != ' ').is_some_and(from_right)
    }

    /// Turns words of right-to-left alphabets into the order in which they are read.
    fn end_line(&mut self) {
        if std::mem::take(&mut self.as_seen) {
            let seen: Vec<char> = self.text.drain(self.line..).collect();
            for run in seen.chunk_by(|one, next| is_of_run(*one) && is_of_run(*next)) {
                // The spaces around them stay where they are.
                let start = run.iter().take_while(|letter| **letter == ' ').count();
                let end = start + run[start..].iter().rposition(|letter| *letter != ' ').map_or(0, |last| last + 1);
                let is_turned = run[start..end].iter().copied().any(from_right);
                self.text.extend(&run[..start]);
                if is_turned {
                    self.text.extend(run[start..end].iter().rev());
                } else {
                    self.text.extend(&run[start..end]);
                }
                self.text.extend(&run[end..]);
            }
        }
        self.line = self.text.len();
    }

    /// One space at most, none at the ends of a line.
    fn separate(&mut self, space: char) {
        if space == '\n' {
            self.end_line();
        }
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

/// Hebrew, Arabic and their neighbours, and the forms that Arabic letters take within words.
fn from_right(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

fn is_of_run(letter: char) -> bool {
    letter == ' ' || from_right(letter)
}
