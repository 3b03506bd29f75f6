//! A slide deck: one master, one layout, one theme, and a slide per text.

use super::{MAIN, OPEN, Parts, XML, escaped, package, packed, relations};

const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const SLIDES: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";
const GROUP: &str = r#"<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>"#;

/// One slide per text; the title stands above each.
pub fn pptx(title: &str, slides: &[&str]) -> Vec<u8> {
    let mut parts: Parts = vec![
        ("ppt/presentation.xml".into(), presentation(slides.len())),
        ("ppt/theme/theme1.xml".into(), theme()),
        ("ppt/slideMasters/slideMaster1.xml".into(), master()),
        (
            "ppt/slideMasters/_rels/slideMaster1.xml.rels".into(),
            relations(&[
                ("slideLayout", "../slideLayouts/slideLayout1.xml".into()),
                ("theme", "../theme/theme1.xml".into()),
            ]),
        ),
        ("ppt/slideLayouts/slideLayout1.xml".into(), layout()),
        (
            "ppt/slideLayouts/_rels/slideLayout1.xml.rels".into(),
            relations(&[("slideMaster", "../slideMasters/slideMaster1.xml".into())]),
        ),
    ];
    let mut links = vec![("slideMaster", "slideMasters/slideMaster1.xml".to_owned())];
    let mut types = vec![
        ("/ppt/presentation.xml".to_owned(), format!("{OPEN}.presentationml.presentation.main+xml")),
        ("/ppt/theme/theme1.xml".to_owned(), format!("{OPEN}.theme+xml")),
        ("/ppt/slideMasters/slideMaster1.xml".to_owned(), format!("{OPEN}.presentationml.slideMaster+xml")),
        ("/ppt/slideLayouts/slideLayout1.xml".to_owned(), format!("{OPEN}.presentationml.slideLayout+xml")),
    ];
    for (index, text) in slides.iter().enumerate() {
        let number = index + 1;
        parts.push((format!("ppt/slides/slide{number}.xml"), slide(title, text)));
        parts.push((
            format!("ppt/slides/_rels/slide{number}.xml.rels"),
            relations(&[("slideLayout", "../slideLayouts/slideLayout1.xml".into())]),
        ));
        links.push(("slide", format!("slides/slide{number}.xml")));
        types.push((format!("/ppt/slides/slide{number}.xml"), format!("{OPEN}.presentationml.slide+xml")));
    }
    parts.push(("ppt/_rels/presentation.xml.rels".into(), relations(&links)));
    packed(&package(&types, "ppt/presentation.xml", parts))
}

fn presentation(slides: usize) -> String {
    let list: String = (0..slides).map(|n| format!(r#"<p:sldId id="{}" r:id="rId{}"/>"#, 256 + n, n + 2)).collect();
    format!(
        r#"{XML}<p:presentation xmlns:a="{DRAWING}" xmlns:r="{MAIN}" xmlns:p="{SLIDES}"><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>{list}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>"#
    )
}

fn slide(title: &str, text: &str) -> String {
    let shapes = [shape(2, "Title", 457_200, 274_638, title), shape(3, "Text", 457_200, 1_600_200, text)].concat();
    format!(
        r#"{XML}<p:sld xmlns:a="{DRAWING}" xmlns:r="{MAIN}" xmlns:p="{SLIDES}"><p:cSld><p:spTree>{GROUP}{shapes}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"#
    )
}

/// Offsets are in English Metric Units, 914,400 to the inch.
fn shape(id: u32, name: &str, x: u32, y: u32, text: &str) -> String {
    let lines: String = text
        .lines()
        .map(|line| format!(r#"<a:p><a:r><a:rPr lang="en-GB"/><a:t>{}</a:t></a:r></a:p>"#, escaped(line)))
        .collect();
    format!(
        r#"<p:sp><p:nvSpPr><p:cNvPr id="{id}" name="{name}"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="8229600" cy="1143000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/>{lines}</p:txBody></p:sp>"#
    )
}

fn master() -> String {
    format!(
        r#"{XML}<p:sldMaster xmlns:a="{DRAWING}" xmlns:r="{MAIN}" xmlns:p="{SLIDES}"><p:cSld><p:bg><p:bgRef idx="1001"><a:schemeClr val="bg1"/></p:bgRef></p:bg><p:spTree>{GROUP}</p:spTree></p:cSld><p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>"#
    )
}

fn layout() -> String {
    format!(
        r#"{XML}<p:sldLayout xmlns:a="{DRAWING}" xmlns:r="{MAIN}" xmlns:p="{SLIDES}" type="blank"><p:cSld name="Blank"><p:spTree>{GROUP}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"#
    )
}

fn theme() -> String {
    let colours = [
        ("dk1", "000000"),
        ("lt1", "FFFFFF"),
        ("dk2", "1F2937"),
        ("lt2", "F3F4F6"),
        ("accent1", "1D4ED8"),
        ("accent2", "047857"),
        ("accent3", "B45309"),
        ("accent4", "7C3AED"),
        ("accent5", "BE123C"),
        ("accent6", "0E7490"),
        ("hlink", "1D4ED8"),
        ("folHlink", "7C3AED"),
    ];
    let colours: String =
        colours.iter().map(|(name, hex)| format!(r#"<a:{name}><a:srgbClr val="{hex}"/></a:{name}>"#)).collect();
    let font = r#"<a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/>"#;
    let fill = r#"<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>"#.repeat(3);
    let line = r#"<a:ln w="9525"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>"#.repeat(3);
    let effect = "<a:effectStyle><a:effectLst/></a:effectStyle>".repeat(3);
    format!(
        r#"{XML}<a:theme xmlns:a="{DRAWING}" name="Plain"><a:themeElements><a:clrScheme name="Plain">{colours}</a:clrScheme><a:fontScheme name="Plain"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme><a:fmtScheme name="Plain"><a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{line}</a:lnStyleLst><a:effectStyleLst>{effect}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"#
    )
}
