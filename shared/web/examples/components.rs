//! Shows the design system: every component in every state, and pages composed of nothing else.
//!
//! `components` prints the page of components, `components NAME` one of the composed pages, `components --list` their
//! names, and `components --static DIR` writes all of them with their assets, linked relatively, to be looked at
//! without a server.

use std::io::{self, Write};
use std::path::Path;

use web::assets;

#[path = "components/catalogue.rs"]
mod catalogue;
#[path = "components/client_pages.rs"]
mod client_pages;
#[path = "components/firm_pages.rs"]
mod firm_pages;
#[path = "components/samples.rs"]
mod samples;

type Shown = (&'static str, fn() -> maud::Markup);

const PAGES: &[Shown] = &[
    ("components", catalogue::page),
    ("client-home", client_pages::home),
    ("project", client_pages::project),
    ("documents", client_pages::documents),
    ("search", client_pages::search),
    ("first-day", client_pages::first_day),
    ("staff-home", firm_pages::staff_home),
    ("project-edit", firm_pages::project_edit),
    ("partner-board", firm_pages::board),
    ("audit", firm_pages::audit),
    ("sign-in", firm_pages::sign_in),
    ("code", firm_pages::code),
    ("error", firm_pages::error),
];

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => print(&catalogue::page().into_string()),
        ["--list"] => print(&PAGES.iter().map(|(name, _)| format!("{name}\n")).collect::<String>()),
        ["--static", folder] => write_all(Path::new(folder)),
        [name] => match PAGES.iter().find(|(known, _)| known == name) {
            Some((_, page)) => print(&page().into_string()),
            None => Err(io::Error::other(format!("no page called {name}; --list names them"))),
        },
        _ => Err(io::Error::other("usage: components [NAME | --list | --static DIR]")),
    }
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

fn write_all(folder: &Path) -> io::Result<()> {
    let assets_folder = folder.join("assets");
    std::fs::create_dir_all(assets_folder.join("accent"))?;
    for asset in assets::all() {
        std::fs::write(assets_folder.join(&asset.hashed_name), asset.bytes)?;
    }
    for colour in samples::ACCENTS {
        let digits = colour.trim_start_matches('#');
        let css = assets::accent_css(digits).ok_or_else(|| io::Error::other(format!("accent {colour}")))?;
        std::fs::write(assets_folder.join("accent").join(format!("{digits}.css")), css)?;
    }
    for (name, page) in PAGES {
        let html = page().into_string().replace("\"/assets/", "\"assets/");
        std::fs::write(folder.join(format!("{name}.html")), html)?;
    }
    Ok(())
}
