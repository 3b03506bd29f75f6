//! The firm's one colour, turned into a ramp that is readable in both modes whatever the firm chose.
//!
//! A firm gives any colour. What cannot be read is moved in lightness alone, as little as it takes, so that the hue the
//! firm knows stays; each step of the ramp says what it is for, and its contrast is a promise that a test holds.

use super::colour::{Oklch, Srgb};

/// Contrast of text with its ground (WCAG 1.4.3, AA).
pub const TEXT_CONTRAST_MIN: f64 = 4.5;
/// Contrast of what is not text, such as an edge or a focus ring (WCAG 1.4.11).
pub const SHAPE_CONTRAST_MIN: f64 = 3.0;

/// Portico's own accent, for pages that belong to no firm.
pub const PORTICO: &str = "#24527a";

/// The grounds an accent can lie on, from lightest to darkest. A test compares them with the style sheet.
pub(crate) const LIGHT_GROUNDS: [Srgb; 3] =
    [Srgb::new(0xff, 0xff, 0xff), Srgb::new(0xf8, 0xfa, 0xfc), Srgb::new(0xf1, 0xf4, 0xf7)];
pub(crate) const DARK_GROUNDS: [Srgb; 3] =
    [Srgb::new(0x1f, 0x23, 0x29), Srgb::new(0x14, 0x17, 0x1c), Srgb::new(0x0c, 0x0f, 0x12)];

const WHITE: Srgb = Srgb::new(0xff, 0xff, 0xff);
const INK: Srgb = Srgb::new(0x15, 0x1b, 0x23);
const BLACK: Srgb = Srgb::new(0x06, 0x08, 0x0b);

/// One mode's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ramp {
    /// Links, icons, the focus ring: readable on every ground and on `tint`.
    pub text: Srgb,
    /// The main button.
    pub fill: Srgb,
    pub fill_hover: Srgb,
    /// Words on `fill` and `fill_hover`.
    pub on_fill: Srgb,
    /// The line around `fill`, and progress: seen on every ground even where the fill is pale.
    pub edge: Srgb,
    /// The ground of what is chosen.
    pub tint: Srgb,
}

/// A firm's colour and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    pub asked: Srgb,
    pub light: Ramp,
    pub dark: Ramp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccentRefused;

impl std::fmt::Display for AccentRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Write the colour as # and six digits or letters a to f, such as #1f5f8b.")
    }
}

impl std::error::Error for AccentRefused {}

impl Accent {
    /// Reads a firm's colour, `#1f5f8b`, and derives both ramps.
    pub fn parse(text: &str) -> Result<Self, AccentRefused> {
        let asked = Srgb::parse(text).ok_or(AccentRefused)?;
        Ok(Self { asked, light: light(asked), dark: dark(asked) })
    }

    /// Six digits: the name under which the ramp is served.
    pub fn digits(&self) -> String {
        self.asked.digits()
    }

    /// Whether the light mode shows the main button in exactly the colour asked for.
    pub fn is_exact(&self) -> bool {
        self.light.fill == self.asked
    }

    /// The least contrast of words in the accent, on every ground of both modes and on its own tint.
    pub fn text_contrast_min(&self) -> f64 {
        let least = |ramp: &Ramp, grounds: &[Srgb]| {
            let on_grounds = grounds.iter().chain([&ramp.tint]).map(|ground| ramp.text.contrast(*ground));
            on_grounds.fold(f64::INFINITY, f64::min)
        };
        least(&self.light, &LIGHT_GROUNDS).min(least(&self.dark, &DARK_GROUNDS))
    }

    /// The least contrast of words on the main button, also while it is pointed at.
    pub fn button_contrast_min(&self) -> f64 {
        let least = |ramp: &Ramp| ramp.on_fill.contrast(ramp.fill).min(ramp.on_fill.contrast(ramp.fill_hover));
        least(&self.light).min(least(&self.dark))
    }

    /// The style sheet that sets the ramp, for both modes; print takes the light one.
    pub fn css(&self) -> String {
        format!(
            ":root{{{}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}\n",
            properties(&self.light),
            properties(&self.dark)
        )
    }
}

fn properties(ramp: &Ramp) -> String {
    let Ramp { text, fill, fill_hover, on_fill, edge, tint } = ramp;
    format!(
        "--accent:{text};--accent-fill:{fill};--accent-fill-hover:{fill_hover};--accent-on:{on_fill};\
         --accent-edge:{edge};--accent-tint:{tint}"
    )
}

fn light(asked: Srgb) -> Ramp {
    let base = visible_base(asked, INK);
    let tint = toned(base, 0.955, 0.022);
    let text = walk(base, -STEP, |c| reads_on_all(c, &LIGHT_GROUNDS) && c.contrast(tint) >= TEXT_CONTRAST_MIN);
    let with_white = base.contrast(WHITE);
    let (fill, on_fill) = if with_white >= TEXT_CONTRAST_MIN {
        (base, WHITE)
    } else if with_white >= 3.2 {
        // Close enough that a slightly deeper fill keeps white words, which look calmer than dark ones.
        (walk(base, -STEP, |c| c.contrast(WHITE) >= TEXT_CONTRAST_MIN), WHITE)
    } else {
        (base, INK)
    };
    Ramp { text, fill, fill_hover: hover(fill, on_fill), on_fill, edge: edge(fill, -STEP, &LIGHT_GROUNDS), tint }
}

fn dark(asked: Srgb) -> Ramp {
    let base = visible_base(asked, Srgb::new(0xd4, 0xd8, 0xdd));
    let tint = toned(base, 0.29, 0.045);
    let text = walk(base, STEP, |c| reads_on_all(c, &DARK_GROUNDS) && c.contrast(tint) >= TEXT_CONTRAST_MIN);
    let lifted = walk(base, STEP, |c| shows_on_all(c, &DARK_GROUNDS));
    let (fill, on_fill) = if lifted.contrast(WHITE) >= TEXT_CONTRAST_MIN {
        (lifted, WHITE)
    } else {
        (walk(lifted, STEP, |c| c.contrast(BLACK) >= TEXT_CONTRAST_MIN), BLACK)
    };
    Ramp { text, fill, fill_hover: hover(fill, on_fill), on_fill, edge: edge(fill, STEP, &DARK_GROUNDS), tint }
}

const STEP: f64 = 0.004;

/// White, black and the greys between say nothing about a firm, and a white button on white says nothing at all:
/// those take the page's ink.
fn visible_base(asked: Srgb, ink: Srgb) -> Srgb {
    if Oklch::from(asked).chroma < 0.02 { ink } else { asked }
}

fn reads_on_all(colour: Srgb, grounds: &[Srgb]) -> bool {
    grounds.iter().all(|ground| colour.contrast(*ground) >= TEXT_CONTRAST_MIN)
}

fn shows_on_all(colour: Srgb, grounds: &[Srgb]) -> bool {
    grounds.iter().all(|ground| colour.contrast(*ground) >= SHAPE_CONTRAST_MIN)
}

fn toned(base: Srgb, lightness: f64, chroma_max: f64) -> Srgb {
    let base = Oklch::from(base);
    Oklch { lightness, chroma: base.chroma.min(chroma_max), hue: base.hue }.fitted()
}

/// Away from the words on it, so that contrast only grows.
fn hover(fill: Srgb, on_fill: Srgb) -> Srgb {
    let base = Oklch::from(fill);
    let step = if on_fill == WHITE { -0.045 } else { 0.035 };
    let moved = Oklch { lightness: (base.lightness + step).clamp(0.0, 1.0), ..base }.fitted();
    if moved.contrast(on_fill) >= TEXT_CONTRAST_MIN { moved } else { fill }
}

fn edge(fill: Srgb, step: f64, grounds: &[Srgb]) -> Srgb {
    walk(fill, step, |c| shows_on_all(c, grounds))
}

/// The first colour that is good, walking in lightness from `from`; the walk ends at black or white.
fn walk(from: Srgb, step: f64, good: impl Fn(Srgb) -> bool) -> Srgb {
    let start = Oklch::from(from);
    if good(from) {
        return from;
    }
    let steps = (1.0 / STEP) as u32 + 1;
    let mut last = from;
    for n in 1..=steps {
        let lightness = (start.lightness + step * f64::from(n)).clamp(0.0, 1.0);
        last = Oklch { lightness, ..start }.fitted();
        if good(last) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests;
