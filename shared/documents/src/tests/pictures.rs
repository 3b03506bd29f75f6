//! Pages as pictures, and pictures that are made to cost more than they are.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbImage, Rgba, RgbaImage};
use testkit::samples;

use super::{HELVETICA, in_time, one_page, pdf_of, stream};
use crate::{Drawn, Kind, Look, Text, draw, picture_count, typeset, unread};

fn drawn(kind: Kind, bytes: &[u8], pages: &[usize], look: Look) -> Vec<Drawn> {
    let mut drawn = Vec::new();
    in_time("drawing", || {
        draw(kind, bytes, pages, look, &mut |page| {
            drawn.push(page);
            true
        })
    });
    drawn
}

fn seen(drawn: &Drawn) -> RgbImage {
    let picture = image::load_from_memory_with_format(&drawn.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (drawn.width, drawn.height));
    picture
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn a_page_is_drawn_for_reading_and_for_looking() {
    let file = samples::pdf("Lease", &["Rent is due", "In May"]);
    let large = drawn(Kind::Pdf, &file, &[1], Look::Reading);
    assert_eq!((large.len(), large[0].page), (1, 1));
    let dark = seen(&large[0]).pixels().filter(|pixel| pixel.0[0] < 64).count();
    assert!(large[0].height > 3_000 && dark > 500, "{dark} dark of {} x {}", large[0].width, large[0].height);
    let small = drawn(Kind::Pdf, &file, &[0, 1, 2], Look::Preview);
    assert_eq!(small.iter().map(|page| page.page).collect::<Vec<_>>(), [0, 1], "there is no third page");
    assert!(small[0].width <= 1_000 && small[0].height <= 1_400);
}

#[test]
fn a_picture_is_turned_as_its_camera_was_held_and_says_no_more_of_it() {
    // Left black, right white; the camera says: turn it by a quarter to the right, so that above is black.
    let picture = RgbImage::from_fn(40, 20, |x, _| image::Rgb(if x < 20 { [0; 3] } else { [255; 3] }));
    let mut file = written(&DynamicImage::ImageRgb8(picture), ImageFormat::Jpeg);
    let camera =
        b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x01\x0e\0\x02\0\0\0\x04Ann\0\0\0\0\0";
    let mut segment = vec![0xff, 0xe1];
    segment.extend((camera.len() as u16 + 2).to_be_bytes());
    segment.extend(camera);
    file.splice(2..2, segment);
    let drawn = &drawn(Kind::Jpeg, &file, &[0], Look::Preview)[0];
    let seen = seen(drawn);
    // Of 20 x 40, on a sheet that a mark can be read on.
    assert_eq!((drawn.width, drawn.height), (480, 320));
    assert!(seen.get_pixel(240, 145).0[0] < 40 && seen.get_pixel(240, 175).0[0] > 215);
    assert!(seen.get_pixel(225, 145).0[0] > 215 && seen.get_pixel(240, 135).0[0] > 215);
    assert!(!drawn.jpeg.windows(4).any(|bytes| bytes == b"Exif"));
}

/// Pictures that are shown are marked; whatever they were made of, there is room.
#[test]
fn every_picture_to_look_at_can_carry_a_mark() {
    let check = |drawn: &[Drawn]| {
        let mark = super::mark::mark("a.rather.long.address@correspondence.client.example");
        assert!(!drawn.is_empty());
        for page in drawn {
            let copy = crate::mark(Kind::Jpeg, &page.jpeg, &mark).unwrap();
            assert_eq!((copy.kind, copy.covered), (Kind::Jpeg, None));
            assert_ne!(copy.bytes, page.jpeg);
            assert_eq!(crate::size(&copy.bytes), Some((page.width, page.height)));
        }
    };
    check(&drawn(Kind::Png, &samples::png(), &[0], Look::Preview));
    check(&drawn(Kind::Pdf, &samples::pdf("Lease", &["Rent is due", "In May"]), &[0, 1], Look::Preview));
    check(&set(Kind::Txt, &["Rent is due"]));
    for (width, height) in [(3_000, 9), (9, 3_000)] {
        let thin = written(&DynamicImage::ImageRgb8(RgbImage::new(width, height)), ImageFormat::Png);
        check(&drawn(Kind::Png, &thin, &[0], Look::Preview));
    }
    assert_eq!(crate::size(b"no picture"), None);
}

fn set(kind: Kind, pages: &[&str]) -> Vec<Drawn> {
    let pages: Vec<String> = pages.iter().map(|page| (*page).to_owned()).collect();
    let mut drawn = Vec::new();
    in_time("setting in type", || {
        typeset(kind, &pages, &mut |page| {
            drawn.push(page);
            true
        })
    });
    drawn
}

/// Dark points of the part of a page between two heights.
fn ink(page: &Drawn, from: u32, to: u32) -> usize {
    let seen = seen(page);
    let points = (from..to).flat_map(|y| (0..page.width).map(move |x| (x, y)));
    points.filter(|(x, y)| seen.get_pixel(*x, *y).0[0] < 128).count()
}

#[test]
fn words_are_set_on_pages_and_slides_keep_their_numbers() {
    let one = set(Kind::Txt, &["Rent is due\nin May"]);
    assert_eq!(one.len(), 1);
    let (first, second, below) = (ink(&one[0], 48, 80), ink(&one[0], 80, 107), ink(&one[0], 110, 1_018));
    assert!(first > 100 && second > 60 && below == 0, "{first} {second} {below}");
    assert_eq!(ink(&one[0], 0, 44), 0, "a text of one page has no number");
    // Each begins a page, the empty one too, and one that is longer than a page goes on on the next.
    let slides = set(Kind::Pptx, &["Rent", "", &"harbour\n".repeat(40)]);
    assert_eq!(slides.iter().map(|page| page.page).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(slides.iter().all(|page| ink(page, 20, 44) > 20), "each says which slide it is");
    assert_eq!(ink(&slides[1], 48, 1_018), 0);
    assert!(ink(&slides[2], 48, 942) > ink(&slides[3], 48, 942) && ink(&slides[3], 48, 942) > 0);
    assert_eq!(ink(&slides[2], 950, 1_018), 0, "the foot is left to the mark");
    let boxes = set(Kind::Txt, &["Rent \u{4e00}\u{4e8c}"]);
    assert!(ink(&boxes[0], 48, 80) > ink(&set(Kind::Txt, &["Rent"])[0], 48, 80) + 60, "what the font lacks is a box");
}

#[test]
fn words_end_on_the_last_page_that_there_may_be() {
    let most = domain::limits::PREVIEW_PAGES_MAX;
    for text in ["x".repeat(2_000_000), "x ".repeat(1_000_000), "\t".repeat(1_000_000) + "x", "x\n".repeat(1_000_000)] {
        let pages = set(Kind::Txt, &[&text]);
        assert!((1..=most).contains(&pages.len()), "{} pages", pages.len());
    }
    let many = vec!["x"; 9_999];
    assert_eq!(set(Kind::Xlsx, &many).len(), most);
    let mut asked = 0;
    typeset(Kind::Xlsx, &vec!["x".to_owned(); 9], &mut |_| {
        asked += 1;
        asked < 2
    });
    assert_eq!(asked, 2, "nobody takes more");
    assert_eq!(set(Kind::Txt, &["\u{5951}\u{7d04}\u{66f8}"]), [], "nobody can read boxes");
    assert_eq!(set(Kind::Txt, &[""]), []);
}

#[test]
fn what_lets_light_through_lies_on_white() {
    let glass = RgbaImage::from_pixel(9, 9, Rgba([0, 0, 0, 0]));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let kind = if format == ImageFormat::Png {
            Kind::Png
        } else if format == ImageFormat::Gif {
            Kind::Gif
        } else {
            Kind::Webp
        };
        let file = written(&DynamicImage::ImageRgba8(glass.clone()), format);
        assert!(seen(&drawn(kind, &file, &[0], Look::Reading)[0]).get_pixel(4, 4).0[0] > 250, "{format:?}");
    }
}

/// Two pages of 8 x 8, the one black and the other white, in either byte order.
fn fax() -> Vec<u8> {
    let page = |grey: u8| {
        let bytes = written(&DynamicImage::ImageLuma8(GrayImage::from_pixel(8, 8, Luma([grey]))), ImageFormat::Tiff);
        let first = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
        (bytes, first as usize)
    };
    let ((black, first), (white, _)) = (page(0), page(255));
    // The second file as a whole behind the first: its offsets all move by as much.
    let moved = black.len() as u32;
    let mut both = black;
    let entries = usize::from(u16::from_le_bytes([both[first], both[first + 1]]));
    let next = first + 2 + entries * 12;
    let start = u32::from_le_bytes(white[4..8].try_into().unwrap());
    both[next..next + 4].copy_from_slice(&(start + moved).to_le_bytes());
    let mut white = white;
    let at = start as usize;
    for entry in 0..usize::from(u16::from_le_bytes([white[at], white[at + 1]])) {
        let entry = at + 2 + entry * 12;
        let field = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let (tag, kind) = (u16::from_le_bytes([white[entry], white[entry + 1]]), white[entry + 2]);
        let wide = field(&white, entry + 4) * [0, 1, 1, 2, 4, 8][usize::from(kind)] > 4;
        // Where the picture lies, and what does not fit into its entry.
        if tag == 0x111 || wide {
            let to = field(&white, entry + 8) + moved;
            white[entry + 8..entry + 12].copy_from_slice(&to.to_le_bytes());
        }
    }
    both.extend(white);
    both
}

#[test]
fn a_fax_has_pages() {
    let file = fax();
    assert_eq!(picture_count(Kind::Tiff, &file), Some(2));
    assert_eq!(unread(Kind::Tiff, &file, &Text::default()), [0, 1]);
    let grey: Vec<u8> = drawn(Kind::Tiff, &file, &[0, 1, 2], Look::Reading)
        .iter()
        .map(|page| seen(page).get_pixel(4, 4).0[0])
        .collect();
    assert!(grey.len() == 2 && grey[0] < 9 && grey[1] > 246, "{grey:?}");
}

#[test]
fn a_chain_of_pages_that_leads_to_itself_ends() {
    let mut file = fax();
    let first = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
    let next = first + 2 + usize::from(u16::from_le_bytes([file[first], file[first + 1]])) * 12;
    file[next..next + 4].copy_from_slice(&(first as u32).to_le_bytes());
    assert_eq!(picture_count(Kind::Tiff, &file), Some(1));
}

/// The header alone promises it: 60,000 x 60,000.
#[test]
fn a_wall_is_not_built() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0".to_vec();
    png.extend([0; 4]);
    assert_eq!(drawn(Kind::Png, &png, &[0], Look::Preview), []);
    let huge = one_page("/Font << /F 5 0 R >>", "BT /F 9 Tf (Rent) Tj ET", &[HELVETICA]);
    let huge = String::from_utf8(huge).unwrap().replace("[0 0 595 842]", "[0 0 90000 90000]").into_bytes();
    let drawn = drawn(Kind::Pdf, &huge, &[0], Look::Reading);
    assert!(drawn.iter().all(|page| page.width <= 4_000 && page.height <= 4_000), "made to fit");
}

#[test]
fn scans_are_read_by_sight_and_written_pages_are_not() {
    let picture = stream("/Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", "x");
    let check = |resources: &str, drawing: &str, want: &[usize]| {
        let file = one_page(resources, drawing, &[HELVETICA, &picture]);
        let text = crate::text(Kind::Pdf, &file).unwrap();
        assert_eq!(unread(Kind::Pdf, &file, &text), want, "{drawing}");
    };
    let both = "/Font << /F 5 0 R >> /XObject << /P 6 0 R >>";
    check(both, "/P Do", &[0]);
    check(both, "BT /F 9 Tf (Page 3) Tj ET /P Do", &[0]);
    check(both, "BT /F 9 Tf (The rent is due on the first of May, in advance) Tj ET /P Do", &[]);
    check("/Font << /F 5 0 R >>", "BT /F 9 Tf (Page 3) Tj ET", &[]);
    check("", "q 9 0 0 9 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q", &[0]);
    assert_eq!(unread(Kind::Pdf, &pdf_of(&["<< >>"]), &Text::default()), Vec::<usize>::new());
}
