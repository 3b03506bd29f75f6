use super::*;

/// Firms' colours that have gone wrong elsewhere: pale, loud, nearly black, nearly white, no colour at all.
const ASKED: [&str; 20] = [
    "#1f5f8b", "#24527a", "#000000", "#ffffff", "#808080", "#c0c0c0", "#ffd400", "#ffff00", "#00ff00", "#00ffff",
    "#ff0000", "#ff00ff", "#0000ff", "#7a1f2b", "#0b3d2e", "#e8590c", "#f5e6c8", "#2b0b3d", "#76b900", "#fff5f5",
];

fn check_ramp(asked: &str, mode: &str, ramp: &Ramp, grounds: &[Srgb]) {
    let promise = |what: &str, one: Srgb, two: Srgb, least: f64| {
        let got = one.contrast(two);
        assert!(got >= least, "{asked} {mode}: {what} {one} on {two} is {got:.2}, promised {least}");
    };
    for ground in grounds {
        promise("text", ramp.text, *ground, TEXT_CONTRAST_MIN);
        promise("edge", ramp.edge, *ground, SHAPE_CONTRAST_MIN);
    }
    promise("text on tint", ramp.text, ramp.tint, TEXT_CONTRAST_MIN);
    promise("words on fill", ramp.on_fill, ramp.fill, TEXT_CONTRAST_MIN);
    promise("words on hover", ramp.on_fill, ramp.fill_hover, TEXT_CONTRAST_MIN);
}

#[test]
fn every_colour_is_readable_in_both_modes() {
    let all = (0..4096u32).map(|n| format!("#{:03x}", n)).chain(ASKED.iter().map(|hex| (*hex).to_owned()));
    for asked in all {
        let accent = Accent::parse(&asked).unwrap();
        check_ramp(&asked, "light", &accent.light, &LIGHT_GROUNDS);
        check_ramp(&asked, "dark", &accent.dark, &DARK_GROUNDS);
        let (light_ink, dark_ink) = (INK, Srgb::new(0xeb, 0xed, 0xef));
        assert!(light_ink.contrast(accent.light.tint) >= 7.0, "{asked}: ink on the light tint");
        assert!(dark_ink.contrast(accent.dark.tint) >= 7.0, "{asked}: ink on the dark tint");
    }
}

fn check_fill(asked: &str, fill: &str, on_fill: Srgb) {
    let light = Accent::parse(asked).unwrap().light;
    assert_eq!((light.fill.to_string().as_str(), light.on_fill), (fill, on_fill), "asked {asked}");
}

#[test]
fn a_readable_colour_is_kept_and_any_other_moved_as_little_as_it_takes() {
    check_fill("#1f5f8b", "#1f5f8b", WHITE);
    check_fill("#7a1f2b", "#7a1f2b", WHITE);
    check_fill("#ffd400", "#ffd400", INK);
    // A colourless brand takes the ink of the page.
    check_fill("#ffffff", "#151b23", WHITE);
    assert!(Accent::parse("#1f5f8b").unwrap().is_exact());
    assert!(!Accent::parse("#e8590c").unwrap().is_exact());
}

#[test]
fn the_hue_survives_correction() {
    for asked in ["#1f5f8b", "#7a1f2b", "#76b900", "#e8590c"] {
        let accent = Accent::parse(asked).unwrap();
        let want = Oklch::from(accent.asked).hue;
        for got in [accent.light.text, accent.light.fill, accent.dark.text, accent.dark.fill] {
            let apart = (Oklch::from(got).hue - want).abs();
            assert!(apart.min(360.0 - apart) < 6.0, "{asked}: {got} is {apart:.1} degrees away");
        }
    }
}

#[test]
fn the_style_sheet_sets_each_property_in_both_modes() {
    let css = Accent::parse("#1F5F8B").unwrap().css();
    for name in
        ["--accent:", "--accent-fill:", "--accent-fill-hover:", "--accent-on:", "--accent-edge:", "--accent-tint:"]
    {
        assert_eq!(css.matches(name).count(), 2, "{name} in {css}");
    }
    assert!(css.contains("--accent-fill:#1f5f8b"), "{css}");
    assert_eq!(Accent::parse("navy"), Err(AccentRefused));
}
