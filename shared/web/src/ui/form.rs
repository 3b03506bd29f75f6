//! Forms: a label above, a hint under it, what is wrong under that, then the control. All work without scripts.

use jiff::civil::Date;
use maud::{Markup, html};

use super::icon::{Icon, icon};

/// The session's token: the server refuses an unsafe form without it.
pub fn csrf_field(csrf: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(csrf); }
}

/// A form that changes something.
pub fn form(action: &str, csrf: &str, body: Markup) -> Markup {
    html! { form.form method="post" action=(action) novalidate { (csrf_field(csrf)) (body) } }
}

/// A form in one line with only its button, for rows: "Accept", "End session".
pub fn inline_form(action: &str, csrf: &str, fields: &[(&str, &str)], button: Markup) -> Markup {
    html! {
        form.inline-form method="post" action=(action) {
            (csrf_field(csrf))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            (button)
        }
    }
}

/// A form with a file.
pub fn file_form(action: &str, csrf: &str, body: Markup) -> Markup {
    html! {
        form.form method="post" action=(action) enctype="multipart/form-data" novalidate { (csrf_field(csrf)) (body) }
    }
}

/// A form that sends itself as soon as its page has come, where scripts run; its button is for where they do not.
/// Only for what the person has just asked for by coming here.
pub fn self_sending_form(action: &str, csrf: &str, body: Markup) -> Markup {
    html! { form.form method="post" action=(action) novalidate data-sends-itself { (csrf_field(csrf)) (body) } }
}

/// Fields side by side where there is room, the first one growing; below each other on phones.
pub fn beside(fields: &[Markup]) -> Markup {
    html! { div.beside { @for field in fields { (field) } } }
}

/// Fields that belong together, on a ground of their own under a heading.
pub fn group(id: &str, legend: &str, body: Markup) -> Markup {
    html! {
        fieldset.card.group id=(id) {
            legend.group-legend { (legend) }
            div.card-body { (body) }
        }
    }
}

/// Many things of one kind, each a row of four fields: a number, what it is called, and two more. `name` says which it
/// is to those who do not see the rows. Where there is room the labels stand once, above the first row.
pub struct FormRow<'a> {
    pub name: &'a str,
    pub fields: Vec<Markup>,
}

pub fn form_rows(rows: &[FormRow<'_>]) -> Markup {
    html! {
        div.card.form-rows {
            @for row in rows {
                fieldset.form-row {
                    legend.unseen { (row.name) }
                    @for field in &row.fields { (field) }
                }
            }
        }
    }
}

/// What all controls share. `name` is also the element's id.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    /// What is wrong and what to do: "Enter an address like name@example.com".
    pub error: Option<&'a str>,
    pub optional: bool,
}

impl Field<'_> {
    pub(crate) fn described_by(&self) -> Option<String> {
        let hint = self.hint.map(|_| format!("{}-hint", self.name));
        let error = self.error.map(|_| format!("{}-error", self.name));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn words(&self) -> Markup {
        html! {
            @if let Some(hint) = self.hint { p.hint id={ (self.name) "-hint" } { (hint) } }
            @if let Some(error) = self.error { (field_error(&format!("{}-error", self.name), error)) }
        }
    }

    pub(crate) fn around(&self, control: Markup) -> Markup {
        html! {
            div.field.has-error[self.error.is_some()] {
                label.label for=(self.name) { (self.label) @if self.optional { span.label-optional { " (optional)" } } }
                (self.words())
                (control)
            }
        }
    }

    fn group(&self, controls: Markup) -> Markup {
        html! {
            fieldset.field.has-error[self.error.is_some()] id=(self.name) aria-describedby=[self.described_by()] {
                legend.label { (self.label) @if self.optional { span.label-optional { " (optional)" } } }
                (self.words())
                (controls)
            }
        }
    }
}

/// What is wrong, where it is: for what is refused without a field of its own.
pub fn field_error(id: &str, words: &str) -> Markup {
    html! { p.field-error id=(id) { (icon(Icon::Alert)) span { span.unseen { "Error: " } (words) } } }
}

/// One line of text.
#[derive(Debug, Clone, Copy)]
pub struct TextInput<'a> {
    pub field: Field<'a>,
    pub value: &'a str,
    /// `text`, `email`, `tel`, `url`, `search`.
    pub kind: &'a str,
    pub autocomplete: Option<&'a str>,
    pub inputmode: Option<&'a str>,
    pub characters_max: Option<usize>,
    pub size: Size,
}

/// The width of a control says how much is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    Short,
    Medium,
    #[default]
    Full,
}

impl Size {
    fn class(self) -> &'static str {
        match self {
            Size::Short => "is-short",
            Size::Medium => "is-medium",
            Size::Full => "is-full",
        }
    }
}

impl Default for TextInput<'_> {
    fn default() -> Self {
        Self {
            field: Field::default(),
            value: "",
            kind: "text",
            autocomplete: None,
            inputmode: None,
            characters_max: None,
            size: Size::Full,
        }
    }
}

impl<'a> TextInput<'a> {
    /// An e-mail address of the person who fills in the form.
    pub fn email(field: Field<'a>, value: &'a str) -> Self {
        let characters_max = Some(domain::limits::EMAIL_BYTES_MAX);
        Self {
            field,
            value,
            kind: "email",
            autocomplete: Some("email"),
            inputmode: Some("email"),
            characters_max,
            ..Self::default()
        }
    }
}

pub fn text_input(view: &TextInput<'_>) -> Markup {
    let field = &view.field;
    let spells = (view.kind == "email").then_some("false");
    field.around(html! {
        input.control.(view.size.class()) id=(field.name) name=(field.name) type=(view.kind) value=(view.value)
            autocomplete=[view.autocomplete] inputmode=[view.inputmode] maxlength=[view.characters_max]
            spellcheck=[spells] autocapitalize=[spells.map(|_| "none")]
            required[!field.optional] aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described_by()];
    })
}

/// One file, by the browser's own picker. `accept` are the kinds that it offers.
pub fn file_input(field: &Field<'_>, accept: &str) -> Markup {
    field.around(html! {
        input.control.is-full id=(field.name) name=(field.name) type="file" accept=(accept) required[!field.optional]
            aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described_by()];
    })
}

/// Several lines of text.
pub fn text_area(field: &Field<'_>, value: &str, rows: u32, characters_max: usize) -> Markup {
    field.around(html! {
        textarea.control.is-full id=(field.name) name=(field.name) rows=(rows) maxlength=(characters_max)
            required[!field.optional] aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described_by()] {
            (value)
        }
    })
}

/// A day, by the browser's own picker. Leave past days out with `from`.
pub fn date_input(field: &Field<'_>, value: Option<Date>, from: Option<Date>) -> Markup {
    field.around(html! {
        input.control.is-medium id=(field.name) name=(field.name) type="date" value=[value] min=[from]
            required[!field.optional] aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described_by()];
    })
}

/// One of many.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    pub value: &'a str,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    pub chosen: bool,
}

impl<'a> Choice<'a> {
    pub fn new(value: &'a str, label: &'a str, chosen: bool) -> Self {
        Self { value, label, hint: None, chosen }
    }
}

/// A list to choose one from, where it is long; short ones are [`radios`].
pub fn select(field: &Field<'_>, choices: &[Choice<'_>]) -> Markup {
    field.around(html! {
        div.select.is-medium {
            select.control id=(field.name) name=(field.name) required[!field.optional]
                aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described_by()] {
                @for choice in choices { option value=(choice.value) selected[choice.chosen] { (choice.label) } }
            }
            (icon(Icon::Down))
        }
    })
}

/// One of a few, all seen at once.
pub fn radios(field: &Field<'_>, choices: &[Choice<'_>]) -> Markup {
    field.group(html! { @for choice in choices { (box_choice("radio", field.name, choice)) } })
}

/// Any of a few.
pub fn checks(field: &Field<'_>, choices: &[Choice<'_>]) -> Markup {
    field.group(html! { @for choice in choices { (box_choice("checkbox", field.name, choice)) } })
}

/// The same under another name than the element's id: several such forms stand on one page.
pub fn checks_as(field: &Field<'_>, name: &str, choices: &[Choice<'_>]) -> Markup {
    field.group(html! { @for choice in choices { (box_choice("checkbox", name, choice)) } })
}

/// One yes or no.
pub fn check(name: &str, label: &str, chosen: bool) -> Markup {
    html! { label.check { input type="checkbox" name=(name) value="yes" checked[chosen]; span { (label) } } }
}

fn box_choice(kind: &str, name: &str, choice: &Choice<'_>) -> Markup {
    html! {
        label.check {
            input type=(kind) name=(name) value=(choice.value) checked[choice.chosen];
            span { (choice.label) @if let Some(hint) = choice.hint { span.hint { (hint) } } }
        }
    }
}

/// Controls that belong together under one question, which are labelled by themselves.
pub fn legend(words: &str, controls: Markup) -> Markup {
    html! { fieldset.field { legend.label { (words) } (controls) } }
}

/// What is wrong with a form, at its top, each with a way to the control. Takes the focus when the page opens.
pub fn error_summary(errors: &[(&str, &str)]) -> Markup {
    error_summary_saying("Nothing has been saved yet", errors)
}

/// The same over a form that saves nothing.
pub fn error_summary_saying(title: &str, errors: &[(&str, &str)]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.error-summary role="alert" tabindex="-1" data-focus {
                h2 { (title) }
                p { @match errors.len() { 1 => "One thing needs your attention:", count => { (count) " things need your attention:" } } }
                ul { @for (name, words) in errors { li { a href={ "#" (name) } { (words) } } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_tied_to_its_words() {
        let field = Field {
            name: "address",
            label: "E-mail",
            hint: Some("At work"),
            error: Some("Enter one"),
            optional: false,
        };
        let html = text_input(&TextInput::email(field, "a\"b")).into_string();
        for part in [
            r#"<label class="label" for="address">"#,
            r#"id="address-hint""#,
            r#"id="address-error""#,
            r#"aria-describedby="address-hint address-error""#,
            r#"aria-invalid="true""#,
            r#"autocomplete="email""#,
            r#"value="a&quot;b""#,
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn every_posting_form_carries_the_token() {
        let html = form("/x", "t<k", html! {}).into_string()
            + &file_form("/f", "t<k", html! {}).into_string()
            + &self_sending_form("/z", "t<k", html! {}).into_string()
            + &inline_form("/y", "t<k", &[("a", "b")], html! {}).into_string();
        assert_eq!(html.matches(r#"<input type="hidden" name="csrf" value="t&lt;k">"#).count(), 4, "{html}");
    }
}
