//! How far a zip is, or a marked copy of one large file, and the way to it.

use domain::document::Document;
use domain::parcel::{self, Parcel, Standing};
use domain::{ClientId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use web::ui::button::actions;
use web::ui::feedback::{Banner, Tone, banner, progress};
use web::ui::structure::{Crumb, PageHead, page_head};
use web::ui::{Button, Icon, words};

/// Named on the page; the text in the zip names all.
const NAMES_MAX: usize = 20;

pub(crate) struct Zip<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) parcel: &'a Parcel,
    pub(crate) standing: Standing,
    /// What could not be included, as far as its reader sees it.
    pub(crate) missing: &'a [Document],
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

impl Zip<'_> {
    fn list(&self) -> String {
        format!("/clients/{}/documents", self.client)
    }

    fn here(&self) -> String {
        format!("{}/zips/{}", self.list(), self.parcel.id)
    }
}

pub(crate) fn title(parcel: &Parcel) -> &'static str {
    if is_single(parcel) { "Your copy" } else { "Download as zip" }
}

fn is_single(parcel: &Parcel) -> bool {
    parcel.single.is_some()
}

fn one_of<'a>(view: &Zip<'_>, single: &'a str, zip: &'a str) -> &'a str {
    if is_single(view.parcel) { single } else { zip }
}

pub(crate) fn zip(view: &Zip<'_>) -> Markup {
    let list = view.list();
    html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Documents", href: &list }],
            title: title(view.parcel),
            ..PageHead::default()
        }))
        @match view.standing {
            Standing::Making => (making(view)),
            Standing::Ready { zip_bytes, left_out, until } => (ready(view, zip_bytes, left_out, until)),
            Standing::Failed(why) => (over(view, one_of(view, "The copy could not be made", "The zip could not be made"), why)),
            Standing::Expired if is_single(view.parcel) => {
                (over(view, "This copy is not kept any more", "Copies are kept for a day."))
            }
            Standing::Expired => (over(view, "This zip is not kept any more", "Zips are kept for a day.")),
        }
    }
}

fn making(view: &Zip<'_>) -> Markup {
    let Parcel { done, count, done_bytes, size_bytes, .. } = *view.parcel;
    html! {
        div role="status" {
            @if is_single(view.parcel) {
                p { "Your name is being put on a copy of this file (" (words::size(size_bytes)) "). That takes up to a minute." }
            } @else {
                (progress("Files in the zip", done as u64, count as u64))
                p { (words::size(done_bytes)) " of " (words::size(size_bytes)) ". You can leave this page and come back to it." }
            }
        }
        (actions(&[Button::quiet("Look again").with_icon(Icon::Retry).link(&view.here())]))
        // Asks again by itself where there are scripts.
        div hidden hx-get=(view.here()) hx-trigger="every 2s" hx-target="#content" hx-swap="innerHTML" {}
    }
}

fn ready(view: &Zip<'_>, zip_bytes: u64, left_out: usize, until: Timestamp) -> Markup {
    let files = words::count(view.parcel.count.saturating_sub(left_out), "file", "files");
    let what = one_of(view, "your copy", "the zip");
    let label = format!("Download {what} ({})", words::size(zip_bytes));
    let file = format!("{}/download", view.here());
    html! {
        @if left_out > 0 {
            (banner(&Banner {
                tone: Tone::Attention,
                title: &format!("{} could not be included", words::count(left_out, "file", "files")),
                text: Some(html! {
                    @if !view.missing.is_empty() {
                        ul {
                            @for of in view.missing.iter().take(NAMES_MAX) {
                                li { (of.name.as_str()) @if let Some(why) = parcel::left_out(of) { ": " (why) } }
                            }
                        }
                    }
                    p { "The text \u{201c}Not included.txt\u{201d} in the zip says which and why." }
                }),
                action: None,
            }))
        }
        p role="status" {
            @if is_single(view.parcel) { "Your copy is ready." } @else { "Your zip with " (files) " is ready." }
        }
        (actions(&[Button::primary(&label).with_icon(Icon::Download).link(&file)]))
        p { "It can be downloaded until " (words::instant(until, view.now, view.zone)) ", by you only." }
    }
}

fn over(view: &Zip<'_>, title: &str, why: &str) -> Markup {
    html! {
        (banner(&Banner {
            tone: Tone::Problem,
            title,
            text: Some(html! {
                (why) " "
                (one_of(view, "The file itself is as it was: download it again, or ask your contact at the firm.",
                    "Nothing is lost: choose the files once more and ask again."))
            }),
            action: None,
        }))
        (actions(&[Button::primary("Back to the documents").link(&view.list())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::{document, zone};
    use domain::document::State as Stage;
    use domain::parcel::State;
    use domain::{ParcelId, PersonId, SessionId};

    fn shown(standing: Standing, single: bool) -> String {
        let parcel = Parcel {
            id: ParcelId::from_bits(1),
            by: PersonId::from_bits(2),
            membership: "FIRM".into(),
            session: SessionId::from_bits(3),
            internal: true,
            asked_at: "2026-11-26T10:00:00Z".parse().unwrap(),
            count: 5,
            size_bytes: 9_000_000,
            done: 2,
            done_bytes: 3_000_000,
            single: single.then(|| domain::DocumentId::from_bits(8)),
            step: None,
            upload: None,
            state: State::Making,
            version: 1,
        };
        let now = "2026-11-26T10:00:05Z".parse().unwrap();
        let waits = document("<late>.pdf", Stage::Processing { object_version: "v".into() });
        let missing = if matches!(standing, Standing::Ready { left_out: 1.., .. }) { vec![waits] } else { Vec::new() };
        let client = ClientId::from_bits(7);
        zip(&Zip { client: &client, parcel: &parcel, standing, missing: &missing, now, zone: &zone() }).into_string()
    }

    #[test]
    fn it_says_how_far_it_is_and_what_is_missing() {
        let check = |standing, parts: &[&str], asks_again: bool| {
            let html = shown(standing, false);
            for part in parts {
                assert!(html.contains(part), "{part} in {html}");
            }
            assert_eq!(html.contains("hx-trigger"), asks_again, "{html}");
        };
        check(Standing::Making, &["2 of 5", r#"value="2" max="5""#, "Look again", "3.0 MB of 9.0 MB"], true);
        let until = "2026-11-27T10:00:00Z".parse().unwrap();
        let ready = |left_out| Standing::Ready { zip_bytes: 8_000_000, left_out, until };
        check(ready(0), &["5 files is ready", "/documents/zips/00000000000000000000000001/download", "8.0 MB"], false);
        check(
            ready(1),
            &["4 files is ready", "1 file could not be included", "&lt;late&gt;.pdf: It is still being checked."],
            false,
        );
        check(Standing::Failed("Something held it up."), &["Something held it up.", "ask again"], false);
        check(Standing::Expired, &["not kept any more"], false);
    }

    #[test]
    fn a_copy_of_one_file_is_no_zip() {
        let until = "2026-11-27T10:00:00Z".parse().unwrap();
        for (standing, says) in [
            (Standing::Making, "Your name is being put on a copy of this file (9.0 MB)"),
            (Standing::Ready { zip_bytes: 8_000_000, left_out: 0, until }, "Download your copy (8.0 MB)"),
            (Standing::Failed("It is damaged."), "It is damaged. The file itself is as it was"),
            (Standing::Expired, "This copy is not kept any more"),
        ] {
            let html = shown(standing, true);
            assert!(html.contains(says) && !html.replace("/zips/", "").contains("zip"), "{html}");
        }
    }
}
