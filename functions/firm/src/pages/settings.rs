//! The firm's settings.

use domain::firm::settings::MailKind;
use domain::limits;
use domain::marking::{self, Viewer};
use domain::packs::Pack;
use domain::permissions::Name as PermissionName;
use domain::person::FieldRefused;
use maud::{Markup, html};
use storage::Brand;
use web::ui::accent::{Accent, PORTICO, Ramp};
use web::ui::form::{self, Choice, Size, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{PageHead, Section, card, page_head, section};
use web::ui::{Button, Icon};

use super::field;

pub(crate) struct SettingsView<'a> {
    pub(crate) brand: &'a Brand,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) may: &'a (dyn Fn(PermissionName) -> bool + Sync),
    pub(crate) csrf: &'a str,
    pub(crate) zones: &'a [String],
}

pub(crate) fn settings(view: &SettingsView<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    html! {
        (page_head(&PageHead { title: "Settings", ..PageHead::default() }))
        (form::error_summary(&errors))
        (contents(view))
        @for part in parts().iter().filter(|part| (view.may)(part.name)) {
            (section(&Section { title: part.title, id: Some(part.id), ..Section::default() }, card((part.body)(view))))
        }
    }
}

/// What is set on this page.
struct Part {
    name: PermissionName,
    title: &'static str,
    id: &'static str,
    body: fn(&SettingsView<'_>) -> Markup,
}

fn parts() -> [Part; 5] {
    let part = |name, title, id, body| Part { name, title, id, body };
    [
        part(PermissionName::ManageBranding, "Name and colour", "name-and-colour", branding),
        part(PermissionName::ManageBranding, "Picture", "picture", logo),
        part(PermissionName::ManageSettings, "Work and mails", "work", rules),
        part(PermissionName::ManageSettings, "Notifications", "notifications", super::settings_notices::notices),
        part(PermissionName::ManageSettings, "Marks on copies", "marks", marks),
    ]
}

/// Everything that can be set, here or on a page of its own: nobody scrolls through it all to find one thing.
fn contents(view: &SettingsView<'_>) -> Markup {
    use web::ui::structure::{Row, rows};
    let pages = [
        (PermissionName::ManageSettings, "Message templates", "/firm/settings/texts"),
        (PermissionName::WriteNewsletters, "Newsletters", "/firm/newsletters"),
        (PermissionName::ManageSignIn, "How people sign in", "/firm/settings/sign-in"),
        (PermissionName::ManageSignIn, "Single sign-on", "/sso"),
        (PermissionName::ManageRetention, "How long documents are kept", "/firm/retention"),
        (PermissionName::ViewSignIns, "Who is signed in", "/firm/sign-ins"),
        (PermissionName::ReviewAccess, "Review of access", "/firm/review"),
    ];
    let here = parts().map(|part| (part.name, part.title, format!("#{}", part.id)));
    let elsewhere = pages.map(|(name, title, href)| (name, title, href.to_owned()));
    let shown: Vec<_> = here.into_iter().chain(elsewhere).filter(|(name, ..)| (view.may)(*name)).collect();
    rows(shown.iter().map(|(_, title, href)| Row { title, href: Some(href), ..Row::default() }))
}

fn branding(view: &SettingsView<'_>) -> Markup {
    let brand = view.brand;
    let accent = brand.accent.as_deref().unwrap_or(PORTICO);
    let name = TextInput {
        field: field("name", "Name of the firm", Some("On every page, and as the sender of every mail."), view.refused),
        value: &brand.firm_name,
        autocomplete: Some("organization"),
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    let hint = "Buttons and links take this colour. Where it could not be read, the nearest shade that can is used.";
    let colour = TextInput {
        field: field("accent", "Colour", Some(hint), view.refused),
        value: accent,
        kind: "color",
        size: Size::Short,
        ..TextInput::default()
    };
    form::form(
        "/firm/settings/branding",
        view.csrf,
        html! {
            input type="hidden" name="version" value=(brand.version);
            (form::text_input(&name))
            div hx-get="/firm/settings/accent" hx-trigger="input delay:200ms from:find input" hx-include="find input"
                hx-params="accent" hx-target="#accent-verdict" {
                (form::text_input(&colour))
            }
            div id="accent-verdict" { (verdict(accent)) }
            (Button::quiet("Save name and colour").submit())
        },
    )
}

/// How the colour looks in both modes, and what became of it.
pub(crate) fn verdict(colour: &str) -> Markup {
    let Ok(accent) = Accent::parse(colour) else {
        return html! { p { "Write the colour as # and six digits or letters a to f, such as #1f5f8b." } };
    };
    let ratio = |least: f64| format!("{:.1} to 1", (least * 10.0).floor() / 10.0);
    let shade = if accent.is_exact() {
        "The main button has exactly this colour."
    } else {
        "The main button has the nearest shade that can be read."
    };
    html! {
        p aria-live="polite" {
            (pill_saying(State::Done, "Readable")) " "
            (shade) " Words in it stand out " (ratio(accent.text_contrast_min()))
            ", words on it " (ratio(accent.button_contrast_min())) "; 4.5 to 1 is asked for."
        }
        (swatch(&accent))
    }
}

/// A button and a link on the page's ground, light and dark side by side. Drawn, since a page sets no colours of its own.
fn swatch(accent: &Accent) -> Markup {
    let half = |ramp: &Ramp, x: u32, ground: &str| {
        html! {
            rect x=(x) y="0" width="150" height="72" fill=(ground) {}
            rect x=(x + 14) y="19" width="68" height="34" rx="6" fill=(ramp.fill) stroke=(ramp.edge) {}
            text x=(x + 48) y="41" fill=(ramp.on_fill) font-size="13" font-weight="600" text-anchor="middle" { "Button" }
            text x=(x + 98) y="41" fill=(ramp.text) font-size="13" text-decoration="underline" { "Link" }
        }
    };
    html! {
        svg.swatch viewBox="0 0 300 72" role="img" aria-label="A button and a link in this colour, on a light and on a dark page" font-family="system-ui, sans-serif" {
            (half(&accent.light, 0, "#ffffff"))
            (half(&accent.dark, 150, "#14171c"))
        }
    }
}

fn logo(view: &SettingsView<'_>) -> Markup {
    let refused = view.refused.iter().find(|refused| refused.field == "logo").map(|refused| refused.why.as_str());
    let hint = format!(
        "PNG or JPEG, up to {} kB. It stands in the bar beside the firm's name, about 32 pixels high, on white.",
        limits::LOGO_BYTES_MAX / 1024
    );
    let field =
        web::ui::form::Field { name: "logo", label: "Picture", hint: Some(&hint), error: refused, optional: false };
    html! {
        @if let Some(logo) = &view.brand.logo {
            p {
                img.firm-logo src=(crate::settings::logo_href(logo)) alt="The firm's picture now" width=(logo.width / 2) height=(logo.height / 2);
            }
        }
        (form::file_form("/firm/settings/logo", view.csrf, html! {
            (form::file_input(&field, "image/png,image/jpeg"))
            (Button::quiet("Send picture").with_icon(Icon::Upload).submit())
        }))
        @if view.brand.logo.is_some() {
            (form::inline_form("/firm/settings/logo/remove", view.csrf, &[], Button::quiet_danger("Take the picture away").submit()))
        }
    }
}

fn rules(view: &SettingsView<'_>) -> Markup {
    let brand = view.brand;
    let zones: Vec<Choice<'_>> = view.zones.iter().map(|zone| Choice::new(zone, zone, *zone == brand.zone)).collect();
    // A zone that the list leaves out stays what it is.
    let own = (!view.zones.contains(&brand.zone)).then(|| Choice::new(&brand.zone, &brand.zone, true));
    let zones: Vec<Choice<'_>> = own.into_iter().chain(zones).collect();
    let zone_hint = "Days and times on pages and in mails are those of this zone. Reminders of dates that are set from now on go out by it.";
    let packs: Vec<Choice<'_>> =
        Pack::ALL.iter().map(|pack| Choice::new(pack.as_str(), pack.title(), brand.packs.contains(pack))).collect();
    let packs_hint = "What a new piece of work can be. Each brings its own phases, categories and words.";
    let kinds: Vec<Choice<'_>> = MailKind::ALL
        .into_iter()
        .map(|kind| {
            let (label, hint) = match kind {
                MailKind::Documents => {
                    ("A document is there, or has to be sent again", "To the other side of whoever sent it")
                }
                MailKind::Projects => ("Something about the work has changed", "To the people of the client"),
            };
            Choice { value: kind.as_str(), label, hint: Some(hint), chosen: !brand.mails.off.contains(&kind) }
        })
        .collect();
    let names = "Mails name documents, work and people. Without it they say only that there is something to see.";
    form::form(
        "/firm/settings/rules",
        view.csrf,
        html! {
            input type="hidden" name="version" value=(brand.version);
            (form::select(&field("zone", "Time zone", Some(zone_hint), view.refused), &zones))
            (form::checks(&field("packs", "Practices", Some(packs_hint), view.refused), &packs))
            (form::checks(&field("mails", "Mails that are sent", Some("What is switched off here is sent to nobody, whatever is chosen below."), view.refused), &kinds))
            (form::check("names_in_mails", names, !brand.mails.nameless))
            (Button::quiet("Save work and mails").submit())
        },
    )
}

/// Whose copies say for whom they were made.
fn marks(view: &SettingsView<'_>) -> Markup {
    let rule = &view.brand.marks;
    let viewers: Vec<Choice<'_>> = Viewer::ALL
        .into_iter()
        .map(|viewer| {
            let (label, hint) = match viewer {
                Viewer::Clients => ("Clients", None),
                Viewer::Staff => ("Staff", None),
                Viewer::Partners => ("Partners", None),
                Viewer::Operators => (
                    "Operators of the portal",
                    Some("They see no documents. Should they ever, their copies are marked."),
                ),
            };
            Choice { value: viewer.as_str(), label, hint, chosen: !rule.free_viewers.contains(&viewer) }
        })
        .collect();
    let mut known = marking::categories(&view.brand.packs);
    // What was chosen while the firm had another practice stays chosen.
    known.extend(rule.free_categories.iter().map(String::as_str));
    let free: Vec<Choice<'_>> = known
        .into_iter()
        .map(|category| Choice::new(category, category, rule.free_categories.contains(category)))
        .collect();
    let whose = "A copy has the reader's address, the time and a code on every page. The code leads to the audit.";
    let covers = "Files that cannot be marked (signed ones, e-mails) are handed out unchanged inside a page that is. Without it they are not handed out.";
    form::form(
        "/firm/settings/marks",
        view.csrf,
        html! {
            input type="hidden" name="version" value=(view.brand.version);
            (form::checks(&field("viewers", "Whose copies are marked", Some(whose), view.refused), &viewers))
            (form::checks(&field("free_categories", "Documents that are never marked", None, view.refused), &free))
            (form::check("covers", covers, rule.covers()))
            (Button::quiet("Save marks").submit())
        },
    )
}
