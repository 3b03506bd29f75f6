//! Pictures to look at without taking a copy: of each of the first pages a new one, in which nothing is left of what the
//! file said beside what people see. They are made once, when the file is, so that nobody waits for them later.
//!
//! What goes wrong here costs the previews alone: the document is filed without them, and its page says so.

use std::time::Duration;

use documents::{Drawn, Kind};
use domain::document::Document;
use domain::limits;
use futures::stream::{self, StreamExt as _};
use web::worker::Outcome;

use crate::Desk;
use crate::child::ForWhat;

const TIME: Duration = Duration::from_secs(limits::PREVIEW_SECONDS_MAX);

/// What was found in a file, to be shown.
pub(crate) struct Shown<'a> {
    pub(crate) kind: Kind,
    pub(crate) bytes: &'a [u8],
    pub(crate) pages: &'a [String],
    pub(crate) filed_as: &'a str,
}

impl Desk<'_> {
    /// How many there are now: the first pages without a gap.
    pub(crate) async fn keep_previews(&self, document: &Document, shown: &Shown<'_>, key_arn: &str) -> u32 {
        let drawn = self.draw_previews(shown).await.unwrap_or_else(|outcome| {
            tracing::warn!(document.id = document.id.as_str(), why = ?outcome, "no preview could be drawn");
            Vec::new()
        });
        let put = |(index, drawn): (u32, Drawn)| async move {
            let put = self.objects.put_preview(document, shown.filed_as, index + 1, drawn.jpeg, key_arn).await;
            put.inspect_err(|error| tracing::warn!(document.id = document.id.as_str(), why = %error, "no preview kept"))
                .is_ok()
        };
        let kept = stream::iter((0_u32..).zip(drawn)).map(put).buffered(limits::PREVIEWS_AT_ONCE);
        kept.take_while(|kept| std::future::ready(*kept)).fold(0, |count, _| std::future::ready(count + 1)).await
    }

    async fn draw_previews(&self, shown: &Shown<'_>) -> Result<Vec<Drawn>, Outcome> {
        let reader = &self.tools.reader;
        let drawn = if documents::is_drawable(shown.kind) {
            let wanted: Vec<usize> = (0..limits::PREVIEW_PAGES_MAX).collect();
            reader.draw(shown.kind.as_str(), shown.bytes, &wanted, ForWhat::Preview, TIME).await?
        } else {
            reader.typeset(shown.kind.as_str(), &beginning(shown.pages), TIME).await?
        };
        Ok(without_gap(drawn))
    }
}

/// A page that could not be drawn ends what is shown: nobody is to take the fourth for the third.
fn without_gap(drawn: Vec<Drawn>) -> Vec<Drawn> {
    let fits = |drawn: &Drawn| drawn.jpeg.len() as u64 <= limits::PREVIEW_BYTES_MAX;
    let in_order = drawn.into_iter().enumerate().take_while(|(index, drawn)| drawn.page == *index && fits(drawn));
    in_order.map(|(_, drawn)| drawn).collect()
}

/// As many of the first words as pages could hold; what follows a page that was cut is left out with the rest of it.
fn beginning(pages: &[String]) -> Vec<String> {
    let mut room = limits::PREVIEW_WORDS_BYTES_MAX;
    let mut first = Vec::new();
    for page in pages.iter().take(limits::PREVIEW_PAGES_MAX) {
        let end = page.floor_char_boundary(room);
        first.push(page[..end].to_owned());
        if end < page.len() {
            break;
        }
        room -= end;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_missing_ends_what_is_shown() {
        let check = |pages: &[usize], want: usize| {
            let drawn = pages.iter().map(|page| Drawn { page: *page, jpeg: Vec::new(), width: 9, height: 9 });
            assert_eq!(without_gap(drawn.collect()).len(), want, "{pages:?}");
        };
        check(&[0, 1, 2], 3);
        check(&[0, 2, 3], 1);
        check(&[1, 2], 0);
        check(&[], 0);
        let wall = vec![0; usize::try_from(limits::PREVIEW_BYTES_MAX).unwrap() + 1];
        let drawn = vec![Drawn { page: 0, jpeg: wall, width: 9, height: 9 }];
        assert_eq!(without_gap(drawn).len(), 0, "a picture that is larger than any");
    }

    #[test]
    fn the_first_words_are_whole_letters() {
        let pages = ["ä".repeat(limits::PREVIEW_WORDS_BYTES_MAX / 2 - 1), "xää".to_owned(), "y".to_owned()];
        let first = beginning(&pages);
        assert_eq!((first.len(), first[0].len(), first[1].as_str()), (2, pages[0].len(), "x"));
        assert_eq!(beginning(&vec!["x".to_owned(); 99]).len(), limits::PREVIEW_PAGES_MAX);
    }
}
