//! Reading by sight: pages that are only pictures. What a program sees in them takes the page's place among the words.
//!
//! The engine is a setting of the template: Amazon Textract, or the `tesseract` of the machine that this runs on. Where
//! there is none, or it fails, a document is filed without those words, as one of which nothing could be read.

use std::path::Path;
use std::time::Duration;

use access::ClientJob;
use domain::{Timestamp, limits};
use storage::Aws;
use web::worker::Outcome;

use crate::child::ForWhat;
use crate::reader::Reader;

/// Pages that are drawn at once; they are held until they are read.
const PAGES_AT_ONCE: usize = 4;
/// The language that a page is first read in by the local engine.
const FIRST: &str = "eng";
const PROGRAM: &str = "/usr/bin/tesseract";
/// Finds out by itself which way is up: many a scan lies on its side or its head.
const UPRIGHT: &str = "1";
const PACKS: &str = "/usr/share/tesseract-ocr/5/tessdata";

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Off,
    Textract,
    Local,
}

impl Engine {
    /// As the template says it. Any other word is none of its values.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Engine::Off),
            "textract" => Some(Engine::Textract),
            "local" => Some(Engine::Local),
            _ => None,
        }
    }
}

/// What became of pages that had to be looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// They say something.
    pub(crate) read: u32,
    /// Nobody looked: there were too many of them, it took too long, or the engine gave up.
    pub(crate) unseen: u32,
}

/// One document's eyes.
pub(crate) struct Eyes<'a> {
    pub(crate) engine: Engine,
    pub(crate) reader: &'a Reader,
    pub(crate) aws: &'a Aws,
    pub(crate) scope: &'a ClientJob<'a>,
    pub(crate) clock: &'a (dyn Fn() -> Timestamp + Sync),
}

impl Eyes<'_> {
    /// Reads these pages, counted from 0, into their places.
    pub(crate) async fn read(
        &self,
        kind: &str,
        bytes: &[u8],
        unread: &[usize],
        pages: &mut Vec<String>,
    ) -> Result<Seen, Outcome> {
        let started = (self.clock)();
        let left = || {
            let taken = u64::try_from((self.clock)().as_second() - started.as_second()).unwrap_or(u64::MAX);
            Duration::from_secs(limits::SIGHT_SECONDS_MAX.saturating_sub(taken))
        };
        let mut local = Local::new(self.reader);
        let mut seen = Seen { read: 0, unseen: u32::try_from(unread.len()).unwrap_or(u32::MAX) };
        let wanted =
            if self.engine == Engine::Off { &[] } else { &unread[..unread.len().min(limits::SIGHT_PAGES_MAX)] };
        for some in wanted.chunks(PAGES_AT_ONCE) {
            if left().is_zero() {
                break;
            }
            for drawn in self.reader.draw(kind, bytes, some, ForWhat::Reading, left()).await? {
                if left().is_zero() {
                    break;
                }
                let Some(words) = self.words(drawn.jpeg, &mut local, left()).await? else { continue };
                seen.unseen = seen.unseen.saturating_sub(1);
                if !words.contains(char::is_alphanumeric) {
                    continue;
                }
                if pages.len() <= drawn.page {
                    pages.resize(drawn.page + 1, String::new());
                }
                put(&mut pages[drawn.page], &words);
                seen.read += 1;
            }
        }
        Ok(seen)
    }

    /// What stands on a page. None where the engine gives up on it.
    async fn words(&self, jpeg: Vec<u8>, local: &mut Local<'_>, left: Duration) -> Result<Option<String>, Outcome> {
        match self.engine {
            Engine::Off => Ok(None),
            Engine::Textract => match self.aws.read_by_sight(self.scope, jpeg).await {
                Ok(words) => Ok(Some(words)),
                Err(error) => {
                    tracing::warn!(why = %error, "a page could not be read by sight");
                    Ok(None)
                }
            },
            Engine::Local => local.words(&jpeg, left).await,
        }
    }
}

/// The engine of this machine, for the pages of one document: it has to be told the language, and goes on in the one that
/// the page before turned out to be in.
pub struct Local<'a> {
    reader: &'a Reader,
    language: &'static str,
}

impl<'a> Local<'a> {
    pub fn new(reader: &'a Reader) -> Self {
        Self { reader, language: FIRST }
    }

    /// What stands on a page; none where that took too long or could not be read.
    pub async fn words(&mut self, jpeg: &[u8], left: Duration) -> Result<Option<String>, Outcome> {
        let time = left.min(Duration::from_secs(limits::SIGHT_PAGE_SECONDS_MAX));
        let first = self.seen(jpeg, time).await?;
        let spoken = first.as_ref().and_then(|words| documents::language(std::slice::from_ref(words)));
        match spoken.filter(|spoken| *spoken != self.language && has_pack(spoken)) {
            Some(spoken) => {
                self.language = spoken;
                Ok(self.seen(jpeg, time).await?.or(first))
            }
            None => Ok(first),
        }
    }

    async fn seen(&self, jpeg: &[u8], time: Duration) -> Result<Option<String>, Outcome> {
        let seen =
            self.reader.other(&[PROGRAM, "stdin", "stdout", "-l", self.language, "--psm", UPRIGHT], jpeg, time).await?;
        Ok(seen.map(|seen| String::from_utf8_lossy(&seen).into_owned()))
    }
}

fn has_pack(language: &str) -> bool {
    Path::new(PACKS).join(format!("{language}.traineddata")).exists()
}

/// Behind what the page itself says: its number, mostly.
fn put(page: &mut String, words: &str) {
    if !page.is_empty() {
        page.push('\n');
    }
    let room = limits::DOCUMENT_TEXT_BYTES_MAX.saturating_sub(page.len());
    let end = (0..=words.len().min(room)).rev().find(|end| words.is_char_boundary(*end)).unwrap_or(0);
    page.push_str(words[..end].trim());
}
