//! The two forms of an upload without scripts.

use domain::document::{Document, Visibility};
use domain::project::Project;
use domain::{ClientId, limits};
use maud::{Markup, html};
use web::ui::form::{Choice, Field, TextInput, error_summary, form, select, text_input};
use web::ui::structure::{Crumb, PageHead, page_head};
use web::ui::viewers::{ViewersChoice, viewers_choice};
use web::ui::{Button, Icon};

use super::{OTHER, categories, projects_in_order};
use crate::facts::Names;
use crate::sending::Announced;
use crate::uploading::UploadForm;

pub(crate) struct Asked<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) projects: &'a [Project],
    pub(crate) names: &'a Names,
    /// Whether who asks may keep it for the firm only.
    pub(crate) may_keep: bool,
    pub(crate) given: &'a Announced,
    /// The field that is wrong, and why.
    pub(crate) error: Option<(&'a str, &'a str)>,
}

/// What the file is called, where it belongs and whom it is for.
pub(crate) fn announce(view: &Asked<'_>, csrf: &str) -> Markup {
    let Asked { client, projects, given, error, .. } = *view;
    let list = format!("/clients/{client}/documents");
    let ordered = projects_in_order(projects);
    let mut of_projects: Vec<Choice<'_>> = ordered
        .iter()
        .map(|project| Choice::new(project.id.as_str(), project.name.as_str(), project.id.as_str() == given.project))
        .collect();
    // Nothing is chosen beforehand where there is a choice.
    if of_projects.len() > 1 {
        of_projects.insert(0, Choice::new("", "Choose\u{2026}", given.project.is_empty()));
    }
    let kind = if given.category.is_empty() { OTHER } else { given.category.as_str() };
    let of_categories: Vec<Choice<'_>> =
        categories(&ordered).into_iter().map(|of| Choice::new(of, of, of == kind)).collect();
    let wrong = |field: &str| error.filter(|(of, _)| *of == field).map(|(_, words)| words);
    let name = Field {
        name: "name",
        label: "Name of the file",
        hint: Some("With its ending, as your computer shows it: Lease.pdf"),
        error: wrong("name"),
        optional: false,
    };
    let errors: Vec<(&str, &str)> = error.into_iter().collect();
    html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Documents", href: &list }],
            title: if given.replaces.is_empty() { "Upload a file" } else { "Upload a new version" },
            ..PageHead::default()
        }))
        (error_summary(&errors))
        (form(&format!("{list}/new"), csrf, html! {
            (text_input(&TextInput {
                field: name,
                value: &given.name,
                characters_max: Some(limits::FILE_NAME_CHARACTERS_MAX),
                ..TextInput::default()
            }))
            input type="hidden" name="once" value=(given.once);
            input type="hidden" name="again_for" value=(given.again_for);
            @if !given.replaces.is_empty() {
                // It goes where the one before it lies, for whom that is.
                input type="hidden" name="replaces" value=(given.replaces);
                input type="hidden" name="project" value=(given.project);
                input type="hidden" name="category" value=(given.category);
            } @else if given.line.is_empty() {
                (select(&Field { name: "project", label: "For", error: wrong("project"), ..Field::default() }, &of_projects))
                (select(&Field { name: "category", label: "Category", ..Field::default() }, &of_categories))
            } @else {
                // The line says where its files go.
                input type="hidden" name="project" value=(given.project);
                input type="hidden" name="list" value=(given.list);
                input type="hidden" name="line" value=(given.line);
            }
            @if given.again_for.is_empty() && given.line.is_empty() && given.replaces.is_empty() { (viewers(view)) }
            (Button::primary("Go on to choose the file").submit())
        }))
    }
}

fn viewers(view: &Asked<'_>) -> Markup {
    viewers_choice(&ViewersChoice {
        client: view.names.client(),
        firm: view.names.firm(),
        people: &view.names.company(),
        chosen: view.given.visibility.as_ref().unwrap_or(&Visibility::Company),
        may_keep: view.may_keep,
        error: view.error.filter(|(field, _)| *field == "person").map(|(_, why)| why),
    })
}

/// Posted straight to the bucket, which takes no other field and no file after the first.
pub(crate) fn send(document: &Document, upload: &UploadForm) -> Markup {
    let megabytes = limits::UPLOAD_FORM_BYTES_MAX / 1024 / 1024;
    let gigabytes = limits::DOCUMENT_SIZE_BYTES_MAX / 1024 / 1024 / 1024;
    html! {
        (page_head(&PageHead { title: "Choose the file", line: Some(html! { (document.name.as_str()) }), ..PageHead::default() }))
        form.form method="post" action=(upload.url()) enctype="multipart/form-data" {
            @for (name, value) in upload.fields() { input type="hidden" name=(name) value=(value); }
            div.field {
                label.label for="file" { "The file" }
                p.hint id="file-hint" { "Up to " (megabytes) " MB. Its content has to be what the name says. Larger files, up to " (gigabytes) " GB, need JavaScript: switch it on in your browser and upload from the list of documents." }
                input.control type="file" id="file" name="file" required aria-describedby="file-hint";
            }
            (Button::primary("Upload").with_icon(Icon::Upload).submit())
        }
    }
}
