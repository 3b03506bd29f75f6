use super::*;

fn frame() -> Frame {
    let item =
        |label: &str| NavItem { label: label.into(), href: "/".into(), current: label == "Home", icon: Icon::Home };
    Frame {
        title: "Documents <b>".into(),
        firm_name: "Hartwell & Pryce".into(),
        accent: Some("#1F5F8B".into()),
        home_href: "/".into(),
        person_name: "Ana Mendes".into(),
        csrf: "token".into(),
        nav: ["Home", "Projects", "Documents", "Messages", "Invoices", "Calendar"].map(item).into(),
        memberships: vec![
            Membership { label: "Acme".into(), value: "1".into(), current: true },
            Membership { label: "Beta".into(), value: "2".into(), current: false },
        ],
        search: Some(SearchBox { action: "/search".into(), value: "\"a\"".into(), label: "Search".into() }),
        ..Frame::default()
    }
}

#[test]
fn the_head_loads_what_the_policy_allows_and_nothing_is_inline() {
    let html = page(&frame(), html! { h1 { "Documents" } }, None).into_string();
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(html.contains("<title>Documents &lt;b&gt; · Hartwell &amp; Pryce</title>"), "{html}");
    assert!(html.contains(r#"<link rel="stylesheet" href="/assets/accent/1f5f8b.css">"#));
    for inline in [" style=", "<style", " onclick=", "javascript:", "hx-on", "js:"] {
        assert!(!html.contains(inline), "{inline} in {html}");
    }
    for (place, _) in html.match_indices("<script") {
        assert!(html[place..].starts_with("<script src=\"/assets/"), "{}", &html[place..place + 60]);
    }
    assert!(html.contains("{&quot;code&quot;:&quot;204&quot;,&quot;swap&quot;:false}"), "{html}");
    for setting in ["allowEval", "allowScriptTags", "includeIndicatorStyles"] {
        assert!(html.contains(&format!("&quot;{setting}&quot;:false")), "{setting}");
    }
}

#[test]
fn an_unreadable_accent_is_left_out() {
    let html = page(&Frame { accent: Some("\"><script>".into()), ..frame() }, html! {}, None).into_string();
    assert!(!html.contains("/assets/accent/"), "{html}");
}

#[test]
fn the_bottom_bar_has_at_most_five_places() {
    let html = bottom_bar(&frame()).into_string();
    let top_level = html.matches("nav-link").count();
    assert_eq!(top_level, BOTTOM_PLACES, "{html}");
    assert!(html.contains("Invoices") && html.contains("Calendar"), "{html}");
    let five = Frame { nav: frame().nav.split_off(1), ..frame() };
    assert!(!bottom_bar(&five).into_string().contains("More"));
}

#[test]
fn every_form_that_posts_carries_the_token() {
    let notice = Some(Toast { text: "Filed".into(), undo: Some(("Undo".into(), "/undo".into())) });
    let html = page(&Frame { notice, ..frame() }, html! {}, None).into_string();
    let posts = html.matches(r#"method="post""#).count();
    assert_eq!(posts, 3, "switch, sign out, undo");
    assert_eq!(html.matches(r#"name="csrf" value="token""#).count(), posts);
}

#[test]
fn staff_see_the_client_and_escaping_holds() {
    let client = Some(ClientTag { name: "O'Neil & <Sons>".into(), href: "/c".into() });
    let html = page(&Frame { client, ..frame() }, html! {}, None).into_string();
    assert!(html.contains("O'Neil &amp; &lt;Sons&gt;"), "{html}");
    assert!(html.contains(r#"value="&quot;a&quot;""#), "{html}");
}
