//! Colours as numbers: sRGB as screens take it, OKLCH as eyes judge it, and contrast as WCAG counts it.

/// A colour as a style sheet writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Srgb {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
}

impl Srgb {
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Reads `#1f5f8b`, `1F5F8B` or `#abc`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let byte = |shift: u32| (number >> shift & 0xff) as u8;
        let nibble = |shift: u32| (number >> shift & 0xf) as u8 * 0x11;
        match digits.len() {
            6 => Some(Self::new(byte(16), byte(8), byte(0))),
            3 => Some(Self::new(nibble(8), nibble(4), nibble(0))),
            _ => None,
        }
    }

    /// Six digits, lower case, without the `#`.
    pub fn digits(self) -> String {
        format!("{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// Contrast ratio with another colour, 1 to 21.
    pub fn contrast(self, other: Srgb) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn luminance(self) -> f64 {
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl std::fmt::Display for Srgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.digits())
    }
}

/// A colour by lightness (0 to 1), chroma and hue in degrees: equal steps look equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Oklch {
    pub(crate) lightness: f64,
    pub(crate) chroma: f64,
    pub(crate) hue: f64,
}

impl From<Srgb> for Oklch {
    fn from(colour: Srgb) -> Self {
        let (r, g, b) = (linear(colour.red), linear(colour.green), linear(colour.blue));
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        let lightness = 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s;
        let a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s;
        Self { lightness, chroma: a.hypot(b), hue: b.atan2(a).to_degrees() }
    }
}

impl Oklch {
    /// The nearest colour a screen can show, giving up chroma and keeping lightness and hue.
    pub(crate) fn fitted(self) -> Srgb {
        const STEPS_MAX: u32 = 64;
        let mut chroma = self.chroma.max(0.0);
        for _ in 0..STEPS_MAX {
            if let Some(colour) = (Self { chroma, ..self }).exact() {
                return colour;
            }
            chroma *= 0.94;
        }
        let grey = channel((self.lightness.clamp(0.0, 1.0)).powi(3));
        Srgb::new(grey, grey, grey)
    }

    fn exact(self) -> Option<Srgb> {
        let (sin, cos) = self.hue.to_radians().sin_cos();
        let (a, b) = (self.chroma * cos, self.chroma * sin);
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
        let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
        let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s;
        let shown = |x: f64| (-0.001..=1.001).contains(&x);
        (shown(red) && shown(green) && shown(blue)).then(|| Srgb::new(channel(red), channel(green), channel(blue)))
    }
}

fn linear(channel: u8) -> f64 {
    let x = f64::from(channel) / 255.0;
    if x <= 0.040_45 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
}

fn channel(linear: f64) -> u8 {
    let x = linear.clamp(0.0, 1.0);
    let curved = if x <= 0.003_130_8 { 12.92 * x } else { 1.055 * x.powf(1.0 / 2.4) - 0.055 };
    (curved * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_colours_as_people_write_them() {
        assert_eq!(Srgb::parse("#1f5f8b"), Some(Srgb::new(0x1f, 0x5f, 0x8b)));
        assert_eq!(Srgb::parse(" 1F5F8B "), Some(Srgb::new(0x1f, 0x5f, 0x8b)));
        assert_eq!(Srgb::parse("#fA0"), Some(Srgb::new(0xff, 0xaa, 0)));
        for wrong in ["", "#", "red", "#12345", "#1234567", "#+12345", "#12 456", "##123456", "#١٢٣"] {
            assert_eq!(Srgb::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn contrast_is_the_standards() {
        let (black, white) = (Srgb::new(0, 0, 0), Srgb::new(255, 255, 255));
        assert!((black.contrast(white) - 21.0).abs() < 1e-9);
        assert!((white.contrast(white) - 1.0).abs() < 1e-9);
        // The grey that WCAG's own text names as the lightest to pass on white.
        assert!((Srgb::new(0x76, 0x76, 0x76).contrast(white) - 4.54).abs() < 0.01);
    }

    #[test]
    fn oklch_and_back_is_the_same_colour() {
        for digits in ["000000", "ffffff", "1f5f8b", "ff0000", "00ff00", "0000ff", "ffd400", "767676"] {
            let colour = Srgb::parse(digits).unwrap();
            assert_eq!(Oklch::from(colour).fitted().digits(), digits);
        }
    }
}
