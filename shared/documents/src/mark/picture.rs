//! Pictures, drawn anew with the line: what a camera notes beside the points (where, when, with what) stays behind, and
//! a picture that lies on its side is set upright first. Colours keep their profile.

mod canvas;

use std::io::Cursor;

use domain::limits;
use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::metadata::Orientation;
use image::{
    AnimationDecoder, DynamicImage, ExtendedColorType, Frame, ImageDecoder, ImageEncoder, ImageReader, Limits,
};

use super::{Mark, MarkRefused};
use crate::Kind;

pub(super) use canvas::Canvas;

const JPEG_QUALITY: u8 = 90;
/// Of the encoder of moving pictures: from 1, which is slow, to 30.
const GIF_SPEED: i32 = 10;

pub(super) fn marked(kind: Kind, bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let moves = match kind {
        Kind::Gif => return moving(bytes, mark),
        Kind::Png => PngDecoder::new(Cursor::new(bytes))
            .and_then(|found| found.is_apng())
            .map_err(|_| MarkRefused::Unreadable)?,
        Kind::Webp => WebPDecoder::new(Cursor::new(bytes)).map_err(|_| MarkRefused::Unreadable)?.has_animation(),
        _ => false,
    };
    // Drawn anew it would stand still.
    if moves {
        return Err(MarkRefused::UnknownKind);
    }
    let (picture, profile) = read(kind, bytes)?;
    let mut points = Points::of(picture);
    points.canvas().draw(mark)?;
    points.write(kind, profile)
}

fn format(kind: Kind) -> Option<image::ImageFormat> {
    match kind {
        Kind::Png => Some(image::ImageFormat::Png),
        Kind::Jpeg => Some(image::ImageFormat::Jpeg),
        Kind::Webp => Some(image::ImageFormat::WebP),
        _ => None,
    }
}

/// Upright, with its profile of colours.
fn read(kind: Kind, bytes: &[u8]) -> Result<(DynamicImage, Option<Vec<u8>>), MarkRefused> {
    let unreadable = |_| MarkRefused::Unreadable;
    let mut reader = ImageReader::new(Cursor::new(bytes));
    reader.set_format(format(kind).ok_or(MarkRefused::UnknownKind)?);
    reader.limits(bounds());
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    fits(decoder.dimensions(), 1)?;
    if decoder.total_bytes() > limits::MARK_PIXELS_BYTES_MAX {
        return Err(MarkRefused::TooManyPixels { pixels_max: limits::MARK_PIXELS_MAX });
    }
    let profile = decoder.icc_profile().map_err(unreadable)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    Ok((picture, profile))
}

fn bounds() -> Limits {
    let mut bounds = Limits::default();
    bounds.max_alloc = Some(limits::MARK_PIXELS_BYTES_MAX);
    bounds
}

pub(super) fn fits((width, height): (u32, u32), frames: u64) -> Result<(), MarkRefused> {
    let pixels = u64::from(width).saturating_mul(u64::from(height)).saturating_mul(frames);
    if pixels > limits::MARK_PIXELS_MAX {
        return Err(MarkRefused::TooManyPixels { pixels_max: limits::MARK_PIXELS_MAX });
    }
    Ok(())
}

/// A picture's points: grey or coloured, covering or not, a byte each.
pub(super) struct Points {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: usize,
    pub(super) bytes: Vec<u8>,
}

impl Points {
    pub(super) fn of(picture: DynamicImage) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let color = picture.color();
        let (channels, bytes) = match (color.has_color(), color.has_alpha()) {
            (false, false) => (1, picture.into_luma8().into_raw()),
            (false, true) => (2, picture.into_luma_alpha8().into_raw()),
            (true, false) => (3, picture.into_rgb8().into_raw()),
            (true, true) => (4, picture.into_rgba8().into_raw()),
        };
        Self { width, height, channels, bytes }
    }

    pub(super) fn canvas(&mut self) -> Canvas<'_> {
        Canvas::new(self.width, self.height, self.channels, &mut self.bytes)
    }

    fn color(&self) -> ExtendedColorType {
        match self.channels {
            1 => ExtendedColorType::L8,
            2 => ExtendedColorType::La8,
            3 => ExtendedColorType::Rgb8,
            _ => ExtendedColorType::Rgba8,
        }
    }

    fn write(self, kind: Kind, profile: Option<Vec<u8>>) -> Result<Vec<u8>, MarkRefused> {
        let mut copy = Vec::new();
        let written = match kind {
            Kind::Jpeg => self.write_by(JpegEncoder::new_with_quality(&mut copy, JPEG_QUALITY), profile),
            Kind::Png => self.write_by(PngEncoder::new(&mut copy), profile),
            _ => self.write_by(WebPEncoder::new_lossless(&mut copy), profile),
        };
        written.map(|()| copy).map_err(|_| MarkRefused::Unreadable)
    }

    fn write_by(&self, mut encoder: impl ImageEncoder, profile: Option<Vec<u8>>) -> image::ImageResult<()> {
        if let Some(profile) = profile {
            // A profile that the format cannot hold is left out: the colours are then those of screens.
            encoder.set_icc_profile(profile).unwrap_or_default();
        }
        encoder.write_image(&self.bytes, self.width, self.height, self.color())
    }
}

/// Each picture of a moving one.
fn moving(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let unreadable = |_| MarkRefused::Unreadable;
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(unreadable)?;
    decoder.set_limits(bounds()).map_err(unreadable)?;
    let size = decoder.dimensions();
    fits(size, 1)?;
    let mut copy = Vec::new();
    {
        let mut encoder = GifEncoder::new_with_speed(&mut copy, GIF_SPEED);
        for (count, frame) in decoder.into_frames().enumerate() {
            let frame = frame.map_err(unreadable)?;
            fits(size, count as u64 + 1)?;
            if count == 1 {
                encoder.set_repeat(Repeat::Infinite).map_err(unreadable)?;
            }
            let delay = frame.delay();
            let mut points = Points::of(DynamicImage::ImageRgba8(frame.into_buffer()));
            points.canvas().draw(mark)?;
            let buffer =
                image::RgbaImage::from_raw(points.width, points.height, points.bytes).ok_or(MarkRefused::Unreadable)?;
            encoder.encode_frame(Frame::from_parts(buffer, 0, 0, delay)).map_err(unreadable)?;
        }
    }
    if copy.is_empty() { Err(MarkRefused::Unreadable) } else { Ok(copy) }
}
