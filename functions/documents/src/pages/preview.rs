//! Pages of a document as pictures: on its page, where they come after it, and on a page of their own for those without
//! scripts.

use documents::Kind;
use domain::document::{Document, State as Stage};
use domain::{ClientId, limits};
use maud::{Markup, html};
use web::ui::structure::{Crumb, PageHead, Section, page_head, section};
use web::ui::{Button, Icon};

/// A copy of one page's picture, for this reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Counted from 1.
    pub(crate) page: u32,
    pub(crate) address: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// What one look brought.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) document: Document,
    /// The page that it was to begin with.
    pub(crate) from: u32,
    /// Pages that can be looked at.
    pub(crate) previews: u32,
    pub(crate) pictures: Vec<Picture>,
    /// Why nothing can be shown with this reader's name on it.
    pub(crate) refused: Option<String>,
}

impl Looked {
    /// The page to go on with.
    pub(crate) fn next(&self) -> Option<u32> {
        let next = self.from.saturating_add(limits::PREVIEW_PAGES_PER_LOOK);
        (next <= self.previews).then_some(next)
    }
}

/// The place on the document's page into which the first pages are put. Where scripts do not run, or nothing came, a link
/// leads to them.
pub(super) fn on_its_page(client: &ClientId, document: &Document) -> Markup {
    let Stage::Ready { previews, .. } = document.state else { return html! {} };
    let body = if previews == 0 {
        html! { p.hint { (why_none(document)) } }
    } else {
        let href = address(client, document, 1);
        html! {
            div.preview-place hx-get=(href) hx-trigger="load" hx-swap="outerHTML" {
                p.preview-comes.hint { "Loading the first pages." }
                div.preview-asks {
                    p.hint { "The first pages are not loaded." }
                    (Button::quiet("Show the first pages").link(&href))
                }
            }
        }
    };
    section(&Section { title: "Preview", ..Section::default() }, body)
}

/// What the document's page asked for: the first pages in a window of their own, or more of them behind those.
pub(crate) fn part(client: &ClientId, looked: &Looked) -> Markup {
    if looked.from > 1 {
        return pictures(client, looked);
    }
    html! {
        // Longer than a screen, it is moved by keyboard as well.
        div.preview-window tabindex="0" role="region" aria-label={ "Pages of " (looked.document.name.as_str()) } {
            (pictures(client, looked))
        }
    }
}

pub(crate) fn page(client: &ClientId, looked: &Looked) -> Markup {
    let list = format!("/clients/{client}/documents");
    let (own, take) = (of(client, &looked.document), take(client, &looked.document));
    let name = looked.document.name.as_str();
    let actions = [Button::primary("Download").with_icon(Icon::Download).about(name).link(&take)];
    let head = PageHead {
        crumbs: &[Crumb { label: "Documents", href: &list }, Crumb { label: name, href: &own }],
        title: "Preview",
        line: Some(html! { (name) }),
        actions: &actions,
    };
    html! { (page_head(&head)) div.preview-pages { (pictures(client, looked)) } }
}

fn pictures(client: &ClientId, looked: &Looked) -> Markup {
    let of = &looked.document;
    let name = of.name.as_str();
    html! {
        @if looked.from == 1 && !looked.pictures.is_empty() && is_set_in_type(of) {
            p.hint { "Words only. Layout and pictures are in the file itself." }
        }
        @for picture in &looked.pictures {
            @let alt = if looked.previews > 1 { format!("Page {} of {name}", picture.page) } else { name.to_owned() };
            // Not when it is scrolled to: its address is good for a minute.
            img.preview-picture src=(picture.address) width=(picture.width) height=(picture.height) alt=(alt);
        }
        (after(client, looked))
    }
}

/// The way on, or that this is all there is to look at. Whoever presses the one by keyboard comes to the next, or to the end.
fn after(client: &ClientId, looked: &Looked) -> Markup {
    let of = &looked.document;
    if let Some(why) = &looked.refused {
        return html! { p.hint id=(MORE) tabindex="-1" { (why) } };
    }
    if let Some(next) = looked.next() {
        let last = looked.previews.min(next + limits::PREVIEW_PAGES_PER_LOOK - 1);
        let label = if next == last { format!("page {next}") } else { format!("pages {next} to {last}") };
        let label = format!("Show {label} of {}", looked.previews);
        return html! { (Button::quiet(&label).brings(MORE, &address(client, of, next))) };
    }
    let whole = html! { a href=(take(client, of)) { "Download the whole file" } " to see all of it." };
    let said = if looked.previews == 0 {
        html! { (why_none(of)) }
    } else if looked.pictures.is_empty() {
        html! { "There are no more pages to show. " (whole) }
    } else if has_more(of, looked.previews) {
        html! { "These are its first " (looked.previews) " pages. " (whole) }
    } else if looked.previews > 1 {
        html! { "This was the last page." }
    } else {
        return html! {};
    };
    html! { p.hint id=(MORE) tabindex="-1" { (said) } }
}

const MORE: &str = "preview-more";

fn kind_of(document: &Document) -> Option<Kind> {
    match &document.state {
        Stage::Ready { kind, .. } => kind.parse().ok(),
        _ => None,
    }
}

fn is_set_in_type(document: &Document) -> bool {
    kind_of(document).is_some_and(|kind| !documents::is_drawable(kind))
}

/// Of what was set in type nobody knows how many pages it would be; it ends with the last that there may be.
fn has_more(document: &Document, previews: u32) -> bool {
    match (&document.state, kind_of(document)) {
        (Stage::Ready { pages, .. }, Some(Kind::Pdf)) => *pages > previews,
        _ => previews as usize >= limits::PREVIEW_PAGES_MAX,
    }
}

fn why_none(document: &Document) -> &'static str {
    if kind_of(document) == Some(Kind::Heic) {
        return "Photos of this kind (HEIC) cannot be shown here. Download the file to see it.";
    }
    if document.size_bytes > limits::DOCUMENT_READ_BYTES_MAX {
        return "This file is too large to be shown here. Download it to see it.";
    }
    "There is no preview of this file. Download it to see it."
}

fn of(client: &ClientId, document: &Document) -> String {
    format!("/clients/{client}/documents/{}", document.id)
}

fn take(client: &ClientId, document: &Document) -> String {
    format!("{}/download", of(client, document))
}

fn address(client: &ClientId, document: &Document, from: u32) -> String {
    let own = of(client, document);
    if from > 1 { format!("{own}/preview?from={from}") } else { format!("{own}/preview") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::{document, ready};

    fn client() -> ClientId {
        ClientId::from_bits(7)
    }

    fn stage(kind: &str, of_pages: u32, with: u32) -> Stage {
        let mut stage = ready(kind);
        if let Stage::Ready { pages, previews, .. } = &mut stage {
            (*pages, *previews) = (of_pages, with);
        }
        stage
    }

    fn looked(kind: &str, of_pages: u32, previews: u32, from: u32) -> Looked {
        let last = previews.min(from + limits::PREVIEW_PAGES_PER_LOOK - 1);
        let picture =
            |page| Picture { page, address: format!("https://b.example/{page}?a=1&b=2"), width: 909, height: 1286 };
        let document = document(&format!("<Lease>.{kind}"), stage(kind, of_pages, previews));
        Looked { document, from, previews, pictures: (from..=last).map(picture).collect(), refused: None }
    }

    #[test]
    fn a_page_is_a_picture_with_its_size_and_name() {
        let html = part(&client(), &looked("pdf", 9, 9, 1)).into_string();
        for part in [
            r#"src="https://b.example/4?a=1&amp;b=2""#,
            r#"width="909" height="1286""#,
            r#"alt="Page 2 of &lt;Lease&gt;.pdf""#,
            "preview?from=5",
            "Show pages 5 to 8 of 9",
            r#"tabindex="0""#,
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("<img").count(), 4, "{html}");
        assert!(!html.contains("Words only") && !html.contains("/download"), "{html}");
    }

    #[test]
    fn the_end_says_whether_there_is_more_in_the_file() {
        let check = |kind: &str, of_pages: u32, previews: u32, from: u32, want: &str| {
            let html = part(&client(), &looked(kind, of_pages, previews, from)).into_string();
            assert!(html.contains(want), "{want} in {html}");
            assert!(!html.contains("preview-window") || from == 1, "{html}");
        };
        check("pdf", 9, 9, 5, "Show page 9 of 9");
        check("pdf", 9, 9, 9, "This was the last page");
        check("pdf", 300, 20, 17, "These are its first 20 pages");
        check("pdf", 20, 20, 17, "This was the last page");
        check("docx", 1, 20, 17, "These are its first 20 pages");
        check("docx", 1, 2, 1, "Words only");
        check("docx", 1, 2, 1, "This was the last page");
        check("pdf", 2, 2, 3, "There are no more pages");
        check("png", 0, 1, 1, r#"alt="&lt;Lease&gt;.png""#);
        let refused = Looked { pictures: Vec::new(), refused: Some("<Why>".into()), ..looked("pdf", 9, 9, 1) };
        let html = part(&client(), &refused).into_string();
        assert!(html.contains("&lt;Why&gt;") && !html.contains("Show pages"), "{html}");
    }

    #[test]
    fn the_documents_page_asks_for_them_or_says_why_there_are_none() {
        let place = |name: &str, stage: Stage| on_its_page(&client(), &document(name, stage)).into_string();
        let html = place("a.pdf", stage("pdf", 3, 3));
        assert!(html.contains(r#"hx-trigger="load""#) && html.contains("Show the first pages"), "{html}");
        let none = |name: &str, kind: &str, want: &str| {
            let html = place(name, stage(kind, 0, 0));
            assert!(html.contains(want) && !html.contains("hx-get"), "{want} in {html}");
        };
        none("a.heic", "heic", "HEIC");
        none("a.pdf", "pdf", "There is no preview of this file");
        assert_eq!(place("a.pdf", Stage::Processing { object_version: "v".into() }), "");
        let large = Document { size_bytes: 1 << 30, ..document("a.pdf", stage("pdf", 0, 0)) };
        assert!(on_its_page(&client(), &large).into_string().contains("too large"));
    }

    #[test]
    fn without_scripts_it_is_a_page() {
        let html = page(&client(), &looked("pdf", 9, 9, 5)).into_string();
        assert!(html.contains("<h1") && html.contains("/download") && html.contains("preview?from=9"), "{html}");
    }
}
