//! Pictures, decoded within bounds and turned the right way up.

use std::collections::BTreeSet;
use std::io::Cursor;

use domain::limits;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use crate::Kind;

/// The picture as people see it, on white where it lets light through. None where it is broken or too large.
pub(super) fn decode(kind: Kind, bytes: &[u8], page: usize) -> Option<DynamicImage> {
    let format = match kind {
        Kind::Png => ImageFormat::Png,
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Gif => ImageFormat::Gif,
        Kind::Webp => ImageFormat::WebP,
        Kind::Tiff => ImageFormat::Tiff,
        _ => return None,
    };
    let begun = match kind {
        Kind::Tiff if page > 0 => beginning_with(bytes, *tiff_pages(bytes).get(page)?)?,
        _ if page > 0 => return None,
        _ => bytes.to_vec(),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(limits::PICTURE_SIDE_PIXELS_MAX);
    limits.max_image_height = Some(limits::PICTURE_SIDE_PIXELS_MAX);
    limits.max_alloc = Some(limits::PICTURE_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(begun), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits::PICTURE_PIXELS_MAX
        || decoder.total_bytes() > limits::PICTURE_BYTES_MAX
    {
        return None;
    }
    let turned = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(turned);
    Some(on_white(picture))
}

fn on_white(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture;
    }
    let from = picture.into_rgba8();
    let mut on = RgbImage::new(from.width(), from.height());
    for (to, from) in on.pixels_mut().zip(from.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let mix = |colour: u32| u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        *to = Rgb([mix(red), mix(green), mix(blue)]);
    }
    DynamicImage::ImageRgb8(on)
}

/// Where the directory of each page is: they are a chain of offsets, which may lead anywhere.
pub(super) fn tiff_pages(bytes: &[u8]) -> Vec<u32> {
    let Some(order) = ByteOrder::of(bytes) else { return Vec::new() };
    let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
    let mut next = order.four(bytes, 4);
    while let Some(at) = next.filter(|at| *at > 0) {
        let place = at as usize;
        let Some(entries) = order.two(bytes, place) else { break };
        if pages.len() >= limits::SIGHT_PAGES_COUNTED_MAX || !seen.insert(at) {
            break;
        }
        pages.push(at);
        next = order.four(bytes, place + 2 + usize::from(entries) * 12);
    }
    pages
}

/// The file with another page as its first, which is the one that decoders read.
fn beginning_with(bytes: &[u8], directory: u32) -> Option<Vec<u8>> {
    let order = ByteOrder::of(bytes)?;
    let mut bytes = bytes.to_vec();
    let offset = match order {
        ByteOrder::Little => directory.to_le_bytes(),
        ByteOrder::Big => directory.to_be_bytes(),
    };
    bytes.get_mut(4..8)?.copy_from_slice(&offset);
    Some(bytes)
}

#[derive(Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes.get(..4)? {
            b"II*\0" => Some(ByteOrder::Little),
            b"MM\0*" => Some(ByteOrder::Big),
            _ => None,
        }
    }

    fn two(self, bytes: &[u8], at: usize) -> Option<u16> {
        let field = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self {
            ByteOrder::Little => u16::from_le_bytes(field),
            ByteOrder::Big => u16::from_be_bytes(field),
        })
    }

    fn four(self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self {
            ByteOrder::Little => u32::from_le_bytes(field),
            ByteOrder::Big => u32::from_be_bytes(field),
        })
    }
}
