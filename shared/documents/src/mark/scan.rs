//! Pictures of several pages (TIFF), as scanners and fax machines make them: each page is drawn anew with the line.

use std::io::Cursor;

use domain::limits;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::encoder::colortype::{ColorType as Encoded, Gray8, RGB8, RGBA8};
use tiff::encoder::compression::DeflateLevel;
use tiff::encoder::{Compression, Rational, TiffEncoder};
use tiff::tags::{PhotometricInterpretation, ResolutionUnit, Tag};
use tiff::{ColorType, TiffError};

use super::picture::{Points, fits};
use super::{Mark, MarkRefused};

/// A kind of points that we do not know how to write again goes into a cover.
impl From<TiffError> for MarkRefused {
    fn from(error: TiffError) -> Self {
        match error {
            TiffError::UnsupportedError(_) => MarkRefused::UnknownKind,
            TiffError::LimitsExceeded => MarkRefused::TooManyPixels { pixels_max: limits::MARK_PIXELS_MAX },
            _ => MarkRefused::Unreadable,
        }
    }
}

pub(super) fn marked(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let bytes_max = usize::try_from(limits::MARK_PIXELS_BYTES_MAX).unwrap_or(usize::MAX);
    let mut bounds = Limits::default();
    bounds.decoding_buffer_size = bytes_max;
    let mut decoder = Decoder::new(Cursor::new(bytes))?.with_limits(bounds);
    let mut copy = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut copy)?.with_compression(Compression::Deflate(DeflateLevel::Fast));
    let mut pixels = 0;
    for count in 1.. {
        let (width, height) = decoder.dimensions()?;
        pixels += u64::from(width) * u64::from(height);
        fits((1, 1), pixels)?;
        if count > limits::DOCUMENT_MARK_PAGES_MAX {
            return Err(MarkRefused::TooManyPages { pages_max: limits::DOCUMENT_MARK_PAGES_MAX });
        }
        let mut picture = page(&mut decoder)?;
        let turned = decoder.find_tag_unsigned::<u8>(Tag::Orientation)?.and_then(Orientation::from_exif);
        picture.apply_orientation(turned.unwrap_or(Orientation::NoTransforms));
        let mut points = Points::of(picture);
        points.canvas().draw(mark)?;
        let sharpness = sharpness(&mut decoder);
        match points.channels {
            1 => write::<Gray8>(&mut encoder, &points, sharpness)?,
            3 => write::<RGB8>(&mut encoder, &points, sharpness)?,
            4 => write::<RGBA8>(&mut encoder, &points, sharpness)?,
            _ => return Err(MarkRefused::UnknownKind),
        }
        if !decoder.more_images() {
            break;
        }
        decoder.next_image()?;
    }
    Ok(copy.into_inner())
}

fn page(decoder: &mut Decoder<Cursor<&[u8]>>) -> Result<DynamicImage, MarkRefused> {
    let (width, height) = decoder.dimensions()?;
    let kind = decoder.colortype()?;
    let meaning = decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation)?;
    let is_white_zero = meaning == Some(PhotometricInterpretation::WhiteIsZero.to_u16());
    let points = decoder.read_image()?;
    let made = match (kind, points) {
        (ColorType::Gray(1), DecodingResult::U8(bits)) => {
            GrayImage::from_raw(width, height, unpacked(&bits, width, height, is_white_zero))
                .map(DynamicImage::ImageLuma8)
        }
        (ColorType::Gray(8), DecodingResult::U8(bytes)) => {
            GrayImage::from_raw(width, height, bytes).map(DynamicImage::ImageLuma8)
        }
        (ColorType::Gray(16), DecodingResult::U16(parts)) => {
            GrayImage::from_raw(width, height, bytes(&parts)).map(DynamicImage::ImageLuma8)
        }
        (ColorType::RGB(8), DecodingResult::U8(bytes)) => {
            RgbImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8)
        }
        (ColorType::RGB(16), DecodingResult::U16(parts)) => {
            RgbImage::from_raw(width, height, bytes(&parts)).map(DynamicImage::ImageRgb8)
        }
        (ColorType::RGBA(8), DecodingResult::U8(bytes)) => {
            RgbaImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgba8)
        }
        _ => return Err(MarkRefused::UnknownKind),
    };
    made.ok_or(MarkRefused::Unreadable)
}

/// A byte for each bit; rows begin at a byte.
fn unpacked(bits: &[u8], width: u32, height: u32, is_white_zero: bool) -> Vec<u8> {
    let row_bytes = (width as usize).div_ceil(8);
    let mut points = Vec::with_capacity(width as usize * height as usize);
    for row in bits.chunks(row_bytes.max(1)).take(height as usize) {
        for x in 0..width as usize {
            let bit = row.get(x / 8).is_some_and(|byte| byte >> (7 - x % 8) & 1 == 1);
            points.push(if bit == is_white_zero { 0 } else { 255 });
        }
    }
    points
}

fn bytes(parts: &[u16]) -> Vec<u8> {
    parts.iter().map(|part| (part >> 8) as u8).collect()
}

/// Points an inch, so that the copy prints in the size of the original.
fn sharpness(decoder: &mut Decoder<Cursor<&[u8]>>) -> Option<(ResolutionUnit, u32)> {
    let unit = match decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok()? {
        Some(3) => ResolutionUnit::Centimeter,
        _ => ResolutionUnit::Inch,
    };
    let tiff::decoder::ifd::Value::Rational(up, down) = decoder.find_tag(Tag::XResolution).ok()?? else { return None };
    Some((unit, up.checked_div(down)?.max(1)))
}

fn write<C: Encoded<Inner = u8>>(
    encoder: &mut TiffEncoder<&mut Cursor<Vec<u8>>>,
    points: &Points,
    sharpness: Option<(ResolutionUnit, u32)>,
) -> Result<(), MarkRefused>
where
    [u8]: tiff::encoder::TiffValue,
{
    let mut image = encoder.new_image::<C>(points.width, points.height)?;
    if let Some((unit, n)) = sharpness {
        image.resolution(unit, Rational { n, d: 1 });
    }
    Ok(image.write_data(&points.bytes)?)
}
