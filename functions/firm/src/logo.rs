//! A firm's picture: read within bounds, made small, and drawn anew, so that what is served is of our own making and
//! holds nothing but pixels. Pictures that are programs (SVG) are not taken.

use domain::limits;
use storage::Logo;

pub(crate) const HASH_LETTERS: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogoRefused {
    #[error("Choose a PNG or JPEG file. Other kinds of pictures can be saved as PNG by any drawing program.")]
    Kind,
    #[error("The picture may have {} kB at most. Save a smaller one.", limits::LOGO_BYTES_MAX / 1024)]
    TooLarge,
    #[error("The picture has too many pixels, or far more in one direction than in the other. Save a smaller one.")]
    Dimensions,
    #[error("The file could not be read. Save the picture anew as PNG and try again.")]
    Unreadable,
}

/// Pixels, four bytes each.
struct Pixels {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

/// The picture as it is kept and served.
pub(crate) fn drawn(bytes: &[u8]) -> Result<(Logo, Vec<u8>), LogoRefused> {
    if bytes.len() > limits::LOGO_BYTES_MAX {
        return Err(LogoRefused::TooLarge);
    }
    let pixels = match bytes {
        [0x89, b'P', b'N', b'G', ..] => read_png(bytes)?,
        [0xff, 0xd8, 0xff, ..] => read_jpeg(bytes)?,
        _ => return Err(LogoRefused::Kind),
    };
    let (width, height) = fitted(pixels.width, pixels.height).ok_or(LogoRefused::Dimensions)?;
    let small = scaled(&pixels, width, height);
    let png = write_png(&small).ok_or(LogoRefused::Unreadable)?;
    let hash = crypto::sha256_hex(&png)[..HASH_LETTERS].to_owned();
    Ok((Logo { hash, width, height }, png))
}

/// As high as the bar shows it, and no wider than it has room for; even, since it is shown at half the size.
fn fitted(width: u32, height: u32) -> Option<(u32, u32)> {
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > limits::LOGO_PIXELS_MAX {
        return None;
    }
    let scale = (f64::from(limits::LOGO_HEIGHT_PIXELS) / f64::from(height))
        .min(f64::from(limits::LOGO_WIDTH_PIXELS_MAX) / f64::from(width))
        .min(1.0);
    let even = |length: u32| ((f64::from(length) * scale / 2.0).round() as u32) * 2;
    let (width, height) = (even(width), even(height));
    (width >= 8 && height >= 8).then_some((width, height))
}

fn read_png(bytes: &[u8]) -> Result<Pixels, LogoRefused> {
    let limits = png::Limits { bytes: (limits::LOGO_PIXELS_MAX * 4) as usize };
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| LogoRefused::Unreadable)?;
    let (width, height) = (reader.info().width, reader.info().height);
    fitted(width, height).ok_or(LogoRefused::Dimensions)?;
    let size = reader.output_buffer_size().ok_or(LogoRefused::Dimensions)?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).map_err(|_| LogoRefused::Unreadable)?;
    let buffer = &buffer[..frame.buffer_size()];
    let rgba = match frame.color_type {
        png::ColorType::Rgba => buffer.to_vec(),
        png::ColorType::Rgb => with_alpha(buffer, 3, |p| [p[0], p[1], p[2], 255]),
        png::ColorType::GrayscaleAlpha => with_alpha(buffer, 2, |p| [p[0], p[0], p[0], p[1]]),
        png::ColorType::Grayscale => with_alpha(buffer, 1, |p| [p[0], p[0], p[0], 255]),
        png::ColorType::Indexed => return Err(LogoRefused::Unreadable),
    };
    whole(Pixels { width: frame.width, height: frame.height, rgba })
}

fn read_jpeg(bytes: &[u8]) -> Result<Pixels, LogoRefused> {
    use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
    let side = limits::LOGO_PIXELS_MAX.isqrt() as usize * 4;
    let options =
        DecoderOptions::new_safe().set_max_width(side).set_max_height(side).jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| LogoRefused::Unreadable)?;
    let (width, height) = decoder.dimensions().ok_or(LogoRefused::Unreadable)?;
    let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height)) else {
        return Err(LogoRefused::Dimensions);
    };
    fitted(width, height).ok_or(LogoRefused::Dimensions)?;
    let rgb = decoder.decode().map_err(|_| LogoRefused::Unreadable)?;
    whole(Pixels { width, height, rgba: with_alpha(&rgb, 3, |p| [p[0], p[1], p[2], 255]) })
}

fn with_alpha(bytes: &[u8], samples: usize, pixel: impl Fn(&[u8]) -> [u8; 4]) -> Vec<u8> {
    bytes.chunks_exact(samples).flat_map(pixel).collect()
}

fn whole(pixels: Pixels) -> Result<Pixels, LogoRefused> {
    let wanted = u64::from(pixels.width) * u64::from(pixels.height) * 4;
    if pixels.rgba.len() as u64 == wanted { Ok(pixels) } else { Err(LogoRefused::Unreadable) }
}

/// Each pixel is the mean of those that it stands for; colours count as much as they are seen.
fn scaled(from: &Pixels, width: u32, height: u32) -> Pixels {
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    let span = |place: u32, to: u32, of: u32| {
        let first = (u64::from(place) * u64::from(of) / u64::from(to)) as u32;
        let last = (u64::from(place + 1) * u64::from(of)).div_ceil(u64::from(to)) as u32;
        first..last.min(of).max(first + 1)
    };
    for y in 0..height {
        for x in 0..width {
            let (mut sums, mut alpha, mut count) = ([0_u64; 3], 0_u64, 0_u64);
            for row in span(y, height, from.height) {
                for column in span(x, width, from.width) {
                    let at = (row as usize * from.width as usize + column as usize) * 4;
                    let a = u64::from(from.rgba[at + 3]);
                    for (sum, value) in sums.iter_mut().zip(&from.rgba[at..at + 3]) {
                        *sum += u64::from(*value) * a;
                    }
                    alpha += a;
                    count += 1;
                }
            }
            rgba.extend(sums.map(|sum| sum.checked_div(alpha).unwrap_or(0) as u8));
            rgba.push(alpha.checked_div(count).unwrap_or(0) as u8);
        }
    }
    Pixels { width, height, rgba }
}

fn write_png(pixels: &Pixels) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width, pixels.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels.rgba).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Vec<u8> {
        let rgba = (0..width * height).flat_map(|n| [(n % 251) as u8, 90, 140, 255]).collect();
        write_png(&Pixels { width, height, rgba }).unwrap()
    }

    fn check(bytes: &[u8], want: Result<(u32, u32), LogoRefused>) {
        assert_eq!(drawn(bytes).map(|(logo, _)| (logo.width, logo.height)), want);
    }

    #[test]
    fn pictures_are_made_small_and_keep_their_form() {
        check(&picture(640, 128), Ok((320, 64)));
        check(&picture(3000, 100), Ok((400, 14)));
        check(&picture(40, 40), Ok((40, 40)));
        let (logo, png) = drawn(&picture(640, 128)).unwrap();
        assert!(png.len() < 40_000 && logo.hash.len() == HASH_LETTERS, "{} bytes", png.len());
        // Drawing what was drawn changes nothing any more.
        assert_eq!(drawn(&png).unwrap().0.hash, logo.hash);
    }

    #[test]
    fn what_is_no_picture_of_a_kind_that_is_taken_is_refused() {
        check(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Err(LogoRefused::Kind));
        check(b"GIF89a", Err(LogoRefused::Kind));
        check(b"", Err(LogoRefused::Kind));
        check(&vec![0x89; limits::LOGO_BYTES_MAX + 1], Err(LogoRefused::TooLarge));
        check(&picture(40, 40)[..60], Err(LogoRefused::Unreadable));
        check(&[0xff, 0xd8, 0xff, 0xe0, 0, 0], Err(LogoRefused::Unreadable));
        check(&picture(2000, 4), Err(LogoRefused::Dimensions));
    }

    /// A few bytes that claim to be a picture as large as a town.
    #[test]
    fn a_claim_of_size_costs_nothing() {
        let mut small = picture(40, 40);
        small[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        assert!(drawn(&small).is_err());
    }

    #[test]
    fn what_follows_a_picture_does_not_survive() {
        let mut bytes = picture(64, 64);
        bytes.extend(b"<script>alert(1)</script>");
        let (_, png) = drawn(&bytes).unwrap();
        assert!(!png.windows(7).any(|window| window == b"<script"));
    }
}
