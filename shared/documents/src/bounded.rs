//! Work on foreign bytes: on its own thread with a large stack, for a limited time, surviving panics of the libraries.

use std::any::Any;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, mpsc};
use std::time::Duration;

use domain::limits;

use crate::Text;

const THREAD: &str = "document";
/// Reserved, not used: a page of it is taken only when the stack grows that far.
const STACK_BYTES: usize = 64 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    TookTooLong,
    Failed,
}

/// Runs the work and waits so long. A thread cannot be ended from outside: work that is late goes on until it looks at
/// its [`Pages`] next, and its result is dropped.
pub(crate) fn within<T: Send + 'static>(seconds: u64, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Stopped> {
    silence_panics();
    let (sender, receiver) = mpsc::channel();
    let run = move || {
        let ended: Result<T, Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(work));
        // Nobody listens any more if the time is over.
        sender.send(ended).unwrap_or_default();
    };
    std::thread::Builder::new().name(THREAD.into()).stack_size(STACK_BYTES).spawn(run).map_err(|_| Stopped::Failed)?;
    match receiver.recv_timeout(Duration::from_secs(seconds)) {
        Ok(ended) => ended.map_err(|_| Stopped::Failed),
        Err(_) => Err(Stopped::TookTooLong),
    }
}

/// Runs the work on a thread with a large stack and waits for it however long it takes: whoever needs an end of it ends
/// the process.
pub(crate) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    silence_panics();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(THREAD.into()).stack_size(STACK_BYTES).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

/// None where the work panicked.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Libraries quote what they could not read in their panics, and panics are printed. Content must not reach a log, so
/// that of our threads only the place is.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic: &PanicHookInfo<'_>| {
            if std::thread::current().name() == Some(THREAD) {
                let place = panic.location().map(ToString::to_string).unwrap_or_default();
                eprintln!("a document could not be read: {place}");
            } else {
                before(panic);
            }
        }));
    });
}

/// Where a reader leaves what it has read, page by page, so that it is kept when the time is over.
#[derive(Clone, Default)]
pub(crate) struct Pages {
    text: Arc<Mutex<Text>>,
    over: Arc<AtomicBool>,
}

impl Pages {
    /// The document has so many pages, whether or not they can be read.
    pub(crate) fn count(&self, pages: usize) {
        self.with(|text| text.page_count = u32::try_from(pages).unwrap_or(u32::MAX));
    }

    /// Adds a page. False: the reader should stop, there is no room or time for more.
    pub(crate) fn push(&self, page: String) -> bool {
        if self.over() {
            return false;
        }
        self.with(|text| {
            let used: usize = text.pages.iter().map(String::len).sum();
            let room = limits::DOCUMENT_TEXT_BYTES_MAX.saturating_sub(used);
            if text.pages.len() >= limits::DOCUMENT_TEXT_PAGES_MAX || room == 0 {
                text.truncated = true;
                return false;
            }
            let whole = page.len() <= room;
            text.pages.push(if whole { page } else { start_of(&page, room).to_owned() });
            text.page_count = text.page_count.max(u32::try_from(text.pages.len()).unwrap_or(u32::MAX));
            text.truncated |= !whole;
            whole
        })
    }

    /// The reader left something out.
    pub(crate) fn shorten(&self) {
        self.with(|text| text.truncated = true);
    }

    /// Nobody waits for the rest.
    pub(crate) fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// What there is. A reader that is still at work is told to stop.
    pub(crate) fn take(&self) -> Text {
        self.over.store(true, Ordering::Relaxed);
        self.with(std::mem::take)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Text) -> T) -> T {
        // A text is whole between any two changes, so a panic in between has not spoilt it.
        act(&mut self.text.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// At most so many bytes, whole characters.
pub(crate) fn start_of(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
