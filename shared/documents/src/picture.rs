//! Pages as pictures: of a PDF drawn, of a picture decoded, of words set in type. For reading by sight they are large and
//! grey, for looking at they are small; either way they are new pictures, in which nothing is left of what a camera wrote
//! into the old one.
//!
//! A small file can be a large picture. Its size is asked before it is unpacked, and what is drawn is made to fit.

mod pdf;
mod raster;
mod typeset;

use std::io::Cursor;

use domain::limits;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::imageops::FilterType;
use image::{DynamicImage, ExtendedColorType, GenericImage as _, ImageDecoder as _, ImageEncoder as _, Rgb, RgbImage};

use crate::bounded;
use crate::{Kind, Text};

/// What a page's picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// To be read by a program: grey, at 300 dots an inch.
    Reading,
    /// To be looked at on a page of ours.
    Preview,
}

/// A page as a JPEG picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Counted from 0.
    pub page: usize,
    pub jpeg: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Whether pages of this kind can be drawn here. HEIC has no reader that may be shipped.
pub fn is_drawable(kind: Kind) -> bool {
    matches!(kind, Kind::Pdf | Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp | Kind::Tiff)
}

/// How many pictures a file of pictures holds, drawable or not: pages of a fax, else one. None for kinds that are no pictures.
pub fn picture_count(kind: Kind, bytes: &[u8]) -> Option<usize> {
    match kind {
        Kind::Tiff => Some(raster::tiff_pages(bytes).len().max(1)),
        Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp | Kind::Heic => Some(1),
        _ => None,
    }
}

/// Pages that have to be read by sight, counted from 0: pictures, and scanned pages of a PDF.
pub fn unread(kind: Kind, bytes: &[u8], text: &Text) -> Vec<usize> {
    match kind {
        Kind::Pdf => bounded::with_stack(|| pdf::unread(bytes, &text.pages)).unwrap_or_default(),
        kind => (0..picture_count(kind, bytes).unwrap_or(0)).collect(),
    }
}

/// Draws these pages one after another and hands each over as soon as it is drawn; `each` says whether to go on. A page
/// that cannot be drawn is left out.
pub fn draw(kind: Kind, bytes: &[u8], pages: &[usize], look: Look, each: &mut (dyn FnMut(Drawn) -> bool + Send)) {
    bounded::with_stack(|| drawn(kind, bytes, pages, look, each));
}

/// Sets words in type, page by page, for what has no pages that could be drawn, and hands each over; `each` says whether to
/// go on. Nothing comes of words in letters that the font lacks.
pub fn typeset(kind: Kind, pages: &[String], each: &mut (dyn FnMut(Drawn) -> bool + Send)) {
    bounded::with_stack(|| typeset::set(kind, pages, each));
}

/// Width and height of a picture that was drawn here.
pub fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    survives(|| JpegDecoder::new(Cursor::new(jpeg)).ok().map(|decoder| decoder.dimensions()))
}

fn drawn(kind: Kind, bytes: &[u8], pages: &[usize], look: Look, each: &mut dyn FnMut(Drawn) -> bool) {
    match kind {
        Kind::Pdf => pdf::draw(bytes, pages, look, each),
        Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp | Kind::Tiff => {
            for page in pages {
                let drawn = survives(|| raster::decode(kind, bytes, *page));
                if let Some(drawn) = drawn.and_then(|picture| finished(picture, *page, look))
                    && !each(drawn)
                {
                    return;
                }
            }
        }
        _ => (),
    }
}

/// What a library makes of foreign bytes. One that fails costs its page alone.
fn survives<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    bounded::caught(work).flatten()
}

/// The sides of a picture of this size after it was made to fit, keeping its shape.
fn fitting(width: u32, height: u32, look: Look) -> (u32, u32) {
    let (width_max, height_max) = match look {
        Look::Reading => (limits::SIGHT_SIDE_PIXELS_MAX, limits::SIGHT_SIDE_PIXELS_MAX),
        Look::Preview => (limits::PREVIEW_WIDTH_PIXELS_MAX, limits::PREVIEW_HEIGHT_PIXELS_MAX),
    };
    let shrink =
        f64::min(1.0, f64::min(f64::from(width_max) / f64::from(width), f64::from(height_max) / f64::from(height)));
    let side = |length: u32| ((f64::from(length) * shrink).round() as u32).max(1);
    (side(width), side(height))
}

fn finished(picture: DynamicImage, page: usize, look: Look) -> Option<Drawn> {
    let (mut width, mut height) = fitting(picture.width(), picture.height(), look);
    let fits = (picture.width(), picture.height()) == (width, height);
    let (pixels, colour, quality) = match look {
        Look::Reading => {
            let grey = DynamicImage::ImageLuma8(picture.into_luma8());
            let grey = if fits { grey } else { grey.resize_exact(width, height, FilterType::Triangle) };
            (grey.into_bytes(), ExtendedColorType::L8, 92)
        }
        Look::Preview => {
            let colours = DynamicImage::ImageRgb8(picture.into_rgb8());
            let colours = if fits { colours } else { colours.resize_exact(width, height, FilterType::Triangle) };
            let paper = on_paper(colours.into_rgb8())?;
            (width, height) = paper.dimensions();
            (paper.into_raw(), ExtendedColorType::Rgb8, 80)
        }
    };
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).write_image(&pixels, width, height, colour).ok()?;
    Some(Drawn { page, jpeg, width, height })
}

/// A picture of a few points is no place for a mark: it lies on a sheet that is.
fn on_paper(picture: RgbImage) -> Option<RgbImage> {
    let width = picture.width().max(limits::PREVIEW_WIDTH_PIXELS_MIN);
    let height = picture.height().max(limits::PREVIEW_HEIGHT_PIXELS_MIN);
    if (width, height) == picture.dimensions() {
        return Some(picture);
    }
    let mut paper = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    paper.copy_from(&picture, (width - picture.width()) / 2, (height - picture.height()) / 2).ok()?;
    Some(paper)
}
