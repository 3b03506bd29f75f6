//! A mail of a few lines and one button, the same as text and as HTML. It loads nothing and counts nothing.

use domain::EmailAddress;
use maud::{DOCTYPE, Markup, html};
use storage::{HeaderText, Mail};

/// What a letter says. The words are plain text; what people typed is escaped here.
#[derive(Debug)]
pub struct Letter<'a> {
    /// Whose name it is sent under.
    pub from: &'a str,
    /// Above the subject: the firm.
    pub head: &'a str,
    pub subject: &'a str,
    pub lines: &'a [String],
    pub button: &'a str,
    pub link: &'a str,
    /// Why it was sent.
    pub footer: &'a str,
    /// At the top of one that can be answered, so that what is new in an answer is told from what it quotes.
    pub answer_above: Option<&'a str>,
}

impl Letter<'_> {
    pub fn to(&self, to: &EmailAddress) -> Mail {
        Mail {
            to: to.clone(),
            from_name: HeaderText::new(self.from),
            subject: HeaderText::new(self.subject),
            text: self.text(),
            html: self.html().into_string(),
            tags: Vec::new(),
            headers: Vec::new(),
        }
    }

    fn text(&self) -> String {
        let Self { subject, button, link, footer, answer_above, .. } = self;
        let above = answer_above.map(|line| format!("{line}\n\n")).unwrap_or_default();
        format!("{above}{subject}\n\n{}\n\n{button}:\n{link}\n\n--\n{footer}\n", self.lines.join("\n\n"))
    }

    fn html(&self) -> Markup {
        let body = html! {
            @for line in self.lines { p style="margin:0 0 16px;white-space:pre-line" { (line) } }
        };
        let frame = Frame {
            head: self.head,
            subject: self.subject,
            button: self.button,
            link: self.link,
            footer: self.footer,
            answer_above: self.answer_above,
        };
        frame.around(&body)
    }
}

/// Several things at once, each with a link of its own.
pub struct Digest<'a> {
    /// Whose name it is sent under.
    pub from: &'a str,
    pub subject: &'a str,
    pub parts: &'a [Part],
    pub button: &'a str,
    pub link: &'a str,
    pub footer: &'a str,
}

/// What belongs together in a digest.
pub struct Part {
    pub title: Option<String>,
    pub lines: Vec<Line>,
    /// That there are more than these.
    pub more: Option<String>,
}

pub struct Line {
    pub words: String,
    /// Beneath them, a line each.
    pub details: Vec<String>,
    pub link: String,
}

impl Digest<'_> {
    pub fn to(&self, to: &EmailAddress) -> Mail {
        Mail {
            to: to.clone(),
            from_name: HeaderText::new(self.from),
            subject: HeaderText::new(self.subject),
            text: self.text(),
            html: self.html().into_string(),
            tags: Vec::new(),
            headers: Vec::new(),
        }
    }

    fn text(&self) -> String {
        let Self { subject, button, link, footer, .. } = self;
        let part = |part: &Part| {
            let title = part.title.iter().map(|title| format!("{title}\n"));
            let line = |Line { words, details, link }: &Line| {
                let details: String = details.iter().map(|detail| format!("  {detail}\n")).collect();
                format!("- {words}\n{details}  {link}\n")
            };
            let lines = part.lines.iter().map(line);
            let more = part.more.iter().map(|more| format!("{more}\n"));
            title.chain(lines).chain(more).collect::<String>()
        };
        let parts: Vec<String> = self.parts.iter().map(part).collect();
        format!("{subject}\n\n{}\n{button}:\n{link}\n\n--\n{footer}\n", parts.join("\n"))
    }

    fn html(&self) -> Markup {
        let body = html! {
            @for part in self.parts {
                @if let Some(title) = &part.title {
                    h2 style="margin:24px 0 8px;font-size:16px;line-height:24px;font-weight:600" { (title) }
                }
                ul style="margin:0 0 16px;padding:0 0 0 20px" {
                    @for line in &part.lines {
                        li style="margin:0 0 8px" {
                            a href=(line.link) style="color:inherit" { (line.words) }
                            @for detail in &line.details { div { (detail) } }
                        }
                    }
                }
                @if let Some(more) = &part.more { p style="margin:0 0 16px" { (more) } }
            }
        };
        let Self { from: head, subject, button, link, footer, .. } = self;
        Frame { head, subject, button, link, footer, answer_above: None }.around(&body)
    }
}

/// What every mail has around what it says.
struct Frame<'a> {
    head: &'a str,
    subject: &'a str,
    button: &'a str,
    link: &'a str,
    footer: &'a str,
    answer_above: Option<&'a str>,
}

impl Frame<'_> {
    /// Without colours of its own: a mail program shows it light or dark, as its reader likes.
    fn around(&self, body: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="supported-color-schemes" content="light dark";
                    title { (self.subject) }
                }
                body style="margin:0;padding:24px 16px;font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" {
                    div style="max-width:560px;margin:0 auto" {
                        @if let Some(line) = self.answer_above {
                            p style="margin:0 0 24px;font-size:13px;line-height:20px" { (line) }
                        }
                        p style="margin:0 0 24px;font-weight:600" { (self.head) }
                        h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600" { (self.subject) }
                        (body)
                        p style="margin:24px 0" {
                            a href=(self.link) style="display:inline-block;padding:11px 20px;border:1px solid currentColor;border-radius:8px;color:inherit;font-weight:600;text-decoration:none" {
                                (self.button)
                            }
                        }
                        p style="margin:32px 0 0;font-size:13px;line-height:20px" { (self.footer) }
                    }
                }
            }
        }
    }
}
