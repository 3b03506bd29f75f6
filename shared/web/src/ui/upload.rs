//! Uploading: the page is the drop zone, a button does the same by keyboard, and each file has a line that says how far
//! it is. The script fills in lines from this module's own template, so words and looks live here.

use domain::limits;
use maud::{Markup, html};

use super::button::Button;
use super::form::{Choice, field_error};
use super::icon::{Icon, icon};
use super::state::{State, mark};
use super::words;

/// Where dropped files go. Without `project_choices` the project is fixed.
#[derive(Debug, Clone, Copy, Default)]
pub struct DropZone<'a> {
    pub client: &'a str,
    /// Empty where it has to be chosen first.
    pub project: &'a str,
    pub category: &'a str,
    /// The refused document that the file is another copy of.
    pub again_for: Option<&'a str>,
    /// The document that the file is the next version of.
    pub replaces: Option<&'a str>,
    /// "Choose files" where it is left out.
    pub label: &'a str,
    /// What the project is called, where it is fixed and nothing else on the page says so.
    pub goes_to: Option<&'a str>,
    /// Shown while files hang over the page: "Drop to upload to Acme v. Dunmore". A chosen project is named by the script.
    pub drop_words: &'a str,
    pub project_choices: &'a [PlaceChoice<'a>],
    pub category_choices: &'a [Choice<'a>],
    /// Whom files are for: `company`, `firm`, or ids of people with spaces between.
    pub viewer_choices: &'a [Choice<'a>],
    /// The page that does the same without scripts.
    pub without_scripts: &'a str,
}

/// A project that files can go to, with the categories that it has.
#[derive(Debug, Clone, Copy)]
pub struct PlaceChoice<'a> {
    pub value: &'a str,
    pub label: &'a str,
    pub categories: &'a [&'a str],
}

/// The zone with its button, its choices and the list of uploads. When a file is ready, the body gets the event
/// `portico:ready`, by which a list on the page can load itself again.
pub fn drop_zone(view: &DropZone<'_>) -> Markup {
    let label = if view.label.is_empty() { "Choose files" } else { view.label };
    let is_one = view.again_for.is_some() || view.replaces.is_some();
    html! {
        section.drop data-upload data-client=(view.client) data-project=(view.project) data-category=(view.category)
            data-again-for=[view.again_for] data-replaces=[view.replaces]
            data-bytes-max=(limits::DOCUMENT_SIZE_BYTES_MAX) data-files-max=(limits::DOCUMENTS_PER_CALL_MAX)
            aria-label="Upload files" {
            div.drop-ask {
                div.drop-words {
                    input.drop-input.unseen type="file" id="upload-files" multiple[!is_one] data-upload-input;
                    label.button.is-primary for="upload-files" { (icon(Icon::Upload)) span { (label) } }
                    // Phones have no folders to choose; one document has no other copy in a folder.
                    input.drop-input.unseen type="file" id="upload-folder" webkitdirectory data-upload-folder
                        aria-label="Choose a folder" disabled[is_one];
                    @if !is_one {
                        label.button.is-quiet.drop-folder for="upload-folder" { (icon(Icon::Folder)) span { "Choose a folder" } }
                    }
                    p.drop-hint {
                        @if let Some(place) = view.goes_to { "Goes to " strong { (place) } ". " }
                        span.drop-hint-drag { "You can drop files and folders anywhere on this page. " } (size_words())
                    }
                }
                (choices(view))
            }
            // Without scripts what stands above does nothing, and is not shown.
            noscript { p { (Button::primary("Upload a file").with_icon(Icon::Upload).link(view.without_scripts)) } }
            p.uploads-summary data-upload-summary hidden {}
            ul.card.uploads role="list" aria-label="Uploads" data-upload-list hidden {}
            p.unseen role="status" aria-live="polite" data-upload-status {}
            template data-upload-line { (upload_line(&UploadLine { name: "", size_bytes: 0, stage: UploadStage::Waiting, in_parts: false })) }
            div.drop-over data-upload-over hidden aria-hidden="true" { (icon(Icon::Upload)) p { (view.drop_words) } }
        }
    }
}

/// The queue alone, for a page whose parts say themselves what their files are for. Its own picker is for another copy
/// of a file that was refused.
pub fn queue(client: &str, project: &str) -> Markup {
    html! {
        section.uploads-dock data-upload data-client=(client) data-project=(project) data-category=""
            data-bytes-max=(limits::DOCUMENT_SIZE_BYTES_MAX) data-files-max=(limits::DOCUMENTS_PER_CALL_MAX)
            aria-label="Uploads" {
            input.unseen type="file" id="upload-files" tabindex="-1" aria-label="Another copy of the file" data-upload-input;
            p.uploads-summary data-upload-summary hidden {}
            ul.card.uploads role="list" aria-label="Uploads" data-upload-list hidden {}
            p.unseen role="status" aria-live="polite" data-upload-status {}
            template data-upload-line { (upload_line(&UploadLine { name: "", size_bytes: 0, stage: UploadStage::Waiting, in_parts: false })) }
            div.drop-over data-upload-over hidden aria-hidden="true" { p {} }
        }
    }
}

fn size_words() -> String {
    format!("Up to {} GB each.", limits::DOCUMENT_SIZE_BYTES_MAX / 1024 / 1024 / 1024)
}

fn choices(view: &DropZone<'_>) -> Markup {
    html! {
        @if !view.project_choices.is_empty() || !view.category_choices.is_empty() {
            div.drop-choices {
                @if !view.project_choices.is_empty() { (place_select(view)) }
                @if !view.category_choices.is_empty() {
                    (small_select("upload-category", "Category", "category", None, html! {
                        @for choice in view.category_choices {
                            option value=(choice.value) selected[choice.chosen] { (choice.label) }
                        }
                    }))
                    @if !view.viewer_choices.is_empty() {
                        (small_select("upload-viewers", "Who may see it", "viewers", None, html! {
                            @for choice in view.viewer_choices {
                                option value=(choice.value) selected[choice.chosen] { (choice.label) }
                            }
                        }))
                    }
                    // Shown where files were chosen before their place: the category is looked at before they go.
                    button.button.is-primary type="button" data-upload-go hidden { span { "Upload" } }
                }
            }
        }
    }
}

/// Nothing is chosen beforehand: a file in the wrong place is worse than one more press.
fn place_select(view: &DropZone<'_>) -> Markup {
    small_select(
        "upload-project",
        "For",
        "project",
        Some("Choose what the files are for. They are sent then."),
        html! {
            option value="" selected[view.project.is_empty()] { "Choose\u{2026}" }
            @for choice in view.project_choices {
                option value=(choice.value) data-categories=(choice.categories.join("|")) selected[choice.value == view.project] {
                    (choice.label)
                }
            }
        },
    )
}

fn small_select(id: &str, label: &str, name: &str, error: Option<&str>, options: Markup) -> Markup {
    html! {
        div.field {
            label.label for=(id) { (label) }
            // Shown when a file was chosen, and this was not.
            @if let Some(words) = error { div data-upload-error hidden { (field_error(&format!("{id}-error"), words)) } }
            div.select {
                select.control id=(id) autocomplete="off" data-upload-choice=(name) { (options) }
                (icon(Icon::Down))
            }
        }
    }
}

/// How far one file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadStage<'a> {
    Waiting,
    Sending {
        percent: u8,
    },
    /// Stopped by its sender, to go on later.
    Paused {
        percent: u8,
    },
    /// Begun in a tab that is gone: the file has to be chosen again.
    Unfinished {
        percent: u8,
    },
    /// Arrived; being checked for viruses and read for search.
    Checking,
    Ready,
    /// Could not be sent; can be tried again.
    Failed {
        why: &'a str,
    },
    /// Arrived and was refused.
    Rejected {
        why: &'a str,
    },
    Cancelled,
}

impl UploadStage<'_> {
    fn name(self) -> &'static str {
        match self {
            UploadStage::Waiting => "waiting",
            UploadStage::Sending { .. } => "sending",
            UploadStage::Paused { .. } => "paused",
            UploadStage::Unfinished { .. } => "unfinished",
            UploadStage::Checking => "checking",
            UploadStage::Ready => "ready",
            UploadStage::Failed { .. } => "failed",
            UploadStage::Rejected { .. } => "rejected",
            UploadStage::Cancelled => "cancelled",
        }
    }

    fn words(self) -> String {
        match self {
            UploadStage::Waiting => "Waiting".into(),
            UploadStage::Sending { percent } => format!("{percent}%"),
            UploadStage::Paused { percent } => format!("Paused at {percent}%"),
            UploadStage::Unfinished { percent } => {
                format!("{percent}% has arrived. Choose the same file again to go on.")
            }
            UploadStage::Checking => "Received. Being checked".into(),
            UploadStage::Ready => "Ready".into(),
            UploadStage::Failed { why } | UploadStage::Rejected { why } => why.into(),
            UploadStage::Cancelled => "Cancelled".into(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct UploadLine<'a> {
    pub name: &'a str,
    pub size_bytes: u64,
    pub stage: UploadStage<'a>,
    /// Sent in parts: it can be paused.
    pub in_parts: bool,
}

/// One file's line. All of its marks and buttons are there; `data-stage` decides which are seen.
pub fn upload_line(view: &UploadLine<'_>) -> Markup {
    let percent = match view.stage {
        UploadStage::Sending { percent } | UploadStage::Paused { percent } | UploadStage::Unfinished { percent } => {
            percent
        }
        UploadStage::Checking | UploadStage::Ready => 100,
        _ => 0,
    };
    html! {
        li.upload data-stage=(view.stage.name()) data-parts[view.in_parts] {
            span.upload-mark {
                span.upload-mark-wait { (mark(State::WaitingOnUs)) }
                span.upload-mark-done { (mark(State::Done)) }
                span.upload-mark-off { (mark(State::Quiet)) }
                span.upload-mark-wrong { (mark(State::Overdue)) }
            }
            div.upload-words {
                p.upload-name data-upload-name { (view.name) }
                div.upload-note.line {
                    span.line-part data-upload-size { (words::size(view.size_bytes)) }
                    span.line-part data-upload-words { (view.stage.words()) }
                }
                progress.upload-bar value=(percent) max="100" aria-hidden="true" data-upload-bar {}
            }
            div.upload-actions {
                button.upload-retry.button.is-quiet.is-small type="button" data-upload-retry {
                    (icon(Icon::Retry)) span { "Try again" } span.unseen data-upload-about { " " (view.name) }
                }
                button.upload-pause.button.is-quiet.is-small type="button" data-upload-pause {
                    span { "Pause" } span.unseen data-upload-about { " " (view.name) }
                }
                button.upload-resume.button.is-quiet.is-small type="button" data-upload-resume {
                    span { "Go on" } span.unseen { " with" } span.unseen data-upload-about { " " (view.name) }
                }
                button.upload-again.button.is-quiet.is-small type="button" data-upload-again {
                    (icon(Icon::Upload)) span { "Send another copy" } span.unseen data-upload-about { " of " (view.name) }
                }
                button.upload-cancel.icon-button type="button" data-upload-cancel {
                    (icon(Icon::Close)) span.unseen { "Cancel" } span.unseen data-upload-about { " " (view.name) }
                }
                // What has arrived stays with the firm: only its line goes away.
                button.upload-hide.button.is-quiet.is-small type="button" data-upload-hide {
                    span { "Hide" } span.unseen data-upload-about { " " (view.name) }
                }
            }
        }
    }
}

/// Lines as the script shows them, for pages that show a queue themselves.
pub fn upload_list(list: &[UploadLine<'_>]) -> Markup {
    html! { ul.card.uploads role="list" aria-label="Uploads" { @for line in list { (upload_line(line)) } } }
}
