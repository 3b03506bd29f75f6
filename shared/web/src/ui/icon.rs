//! A small set of line icons, drawn on 20 by 20 in the colour of the text. Decoration only: the word beside one speaks.

use maud::{Markup, PreEscaped, html};

macro_rules! icons {
    ($($name:ident: $path:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Icon { $($name,)* }
        impl Icon {
            pub const ALL: &[Icon] = &[$(Icon::$name,)*];
            fn drawing(self) -> &'static str { match self { $(Icon::$name => $path,)* } }
        }
    };
}

icons! {
    Home: r#"<path d="M3.5 9 10 3.5 16.5 9v7.5h-4.75v-4.75h-3.5v4.75H3.5z"/>"#;
    Folder: r#"<path d="M2.75 15.5v-11h5l1.75 2h7.75v9z"/>"#;
    Document: r#"<path d="M5 2.75h6.25L15 6.5v10.75H5zM11 3v3.75h3.75M7.5 10.25h5M7.5 13.25h5"/>"#;
    Message: r#"<path d="M3 4.25h14v9.5H9L5.75 16.5v-2.75H3z"/>"#;
    Invoice: r#"<path d="M4.75 2.75h10.5v14.5l-2.1-1.4-2.1 1.4-2.1-1.4-2.1 1.4-2.1-1.4zM7.5 6.75h5M7.5 10h5"/>"#;
    Calendar: r#"<path d="M3.25 4.5h13.5v12H3.25zM3.25 8.25h13.5M6.75 2.75V6M13.25 2.75V6"/>"#;
    Board: r#"<path d="M3 3.75h14v12.5H3zM7.75 4v12M12.25 4v12"/>"#;
    Clients: r#"<path d="M3.25 16.5v-12h7.5v12M10.75 8.25h6v8.25M2 16.5h16M6 7.5h2M6 10.5h2M6 13.5h2M13.25 11h1M13.25 13.5h1"/>"#;
    People: r#"<circle cx="7.5" cy="6.75" r="2.75"/><path d="M2.5 16.25c0-3 2-4.75 5-4.75s5 1.75 5 4.75M12.5 4.25a2.6 2.6 0 0 1 0 5M14.25 11.75c2 .5 3.25 2.1 3.25 4.5"/>"#;
    Person: r#"<circle cx="10" cy="6.75" r="3"/><path d="M4 16.75c0-3.25 2.4-5 6-5s6 1.75 6 5"/>"#;
    Audit: r#"<path d="M10 2.75 16 5v4.75c0 3.5-2.4 6-6 7.5-3.6-1.5-6-4-6-7.5V5zM7.25 9.75l2 2 3.5-3.75"/>"#;
    Settings: r#"<path d="M3 6h8M15 6h2M3 14h2M9 14h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>"#;
    Search: r#"<circle cx="8.75" cy="8.75" r="5"/><path d="m12.5 12.5 4.25 4.25"/>"#;
    More: r#"<path d="M4.5 10h.01M10 10h.01M15.5 10h.01" stroke-width="2.5"/>"#;
    Upload: r#"<path d="M10 12.75V3.5M6.25 7 10 3.25 13.75 7M3.5 12.5v4h13v-4"/>"#;
    Download: r#"<path d="M10 3.25v9.25M6.25 9 10 12.75 13.75 9M3.5 12.5v4h13v-4"/>"#;
    Check: r#"<path d="m4.25 10.5 3.75 3.75 7.75-8.5"/>"#;
    Close: r#"<path d="m5 5 10 10M15 5 5 15"/>"#;
    Plus: r#"<path d="M10 4v12M4 10h12"/>"#;
    Right: r#"<path d="m7.75 4.75 5.25 5.25-5.25 5.25"/>"#;
    Left: r#"<path d="M12.25 4.75 7 10l5.25 5.25"/>"#;
    Down: r#"<path d="M4.75 7.5 10 12.75l5.25-5.25"/>"#;
    Clock: r#"<circle cx="10" cy="10" r="6.75"/><path d="M10 6v4.25l2.75 1.75"/>"#;
    Alert: r#"<path d="M10 3.25 17.75 16.5H2.25zM10 8.25v4M10 14.25v.01"/>"#;
    Info: r#"<circle cx="10" cy="10" r="6.75"/><path d="M10 9.25v4.25M10 6.5v.01"/>"#;
    Mail: r#"<path d="M2.75 4.75h14.5v10.5H2.75zM3 5.25l7 5.75 7-5.75"/>"#;
    Key: r#"<circle cx="6.75" cy="13.25" r="3"/><path d="m9 11 7-7M13 7l2.25 2.25"/>"#;
    Leave: r#"<path d="M8 3.5H3.75v13H8M8.5 10h8.25M13.5 6.5 17 10l-3.5 3.5"/>"#;
    Switch: r#"<path d="M4 7h11.5M12.5 3.75 15.75 7l-3.25 3.25M16 13H4.5M7.5 9.75 4.25 13l3.25 3.25"/>"#;
    Device: r#"<path d="M3.25 4h13.5v9H3.25zM7 16.5h6"/>"#;
    Eye: r#"<path d="M2 10s3-5.25 8-5.25S18 10 18 10s-3 5.25-8 5.25S2 10 2 10z"/><circle cx="10" cy="10" r="2.25"/>"#;
    Retry: r#"<path d="M15.75 8A6.25 6.25 0 1 0 16 12M16.25 3.75V8H12"/>"#;
    Lock: r#"<path d="M4.5 9h11v7.75h-11zM6.75 9V6.25a3.25 3.25 0 0 1 6.5 0V9"/>"#;
    Edit: r#"<path d="M3.5 16.5v-3.25L13 3.75 16.25 7l-9.5 9.5z"/>"#;
    Bin: r#"<path d="M3.75 5.5h12.5M7.75 5.25V3.5h4.5v1.75M5.25 5.75l.75 10.75h8l.75-10.75M8.5 8.5v5M11.5 8.5v5"/>"#;
    Clip: r#"<path d="m15.75 9.5-5.5 5.5a3.6 3.6 0 0 1-5-5l6.25-6.25a2.4 2.4 0 0 1 3.4 3.4L8.75 13.3a1.2 1.2 0 0 1-1.7-1.7l5.2-5.2"/>"#;
    Filter: r#"<path d="M3 5h14M5.75 10h8.5M8.5 15h3"/>"#;
}

/// The icon as markup, hidden from screen readers.
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg.icon viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false" {
            (PreEscaped(icon.drawing()))
        }
    }
}
