//! How loudly each kind of notice is told, on the page of the firm's settings.

use domain::notice::Tier;
use domain::notice::kind::{Kind, Pace};
use maud::{Markup, html};
use web::ui::Button;
use web::ui::form::{self, Choice};

use super::field;
use super::settings::SettingsView;

/// The second field of a kind; the first one has the kind's own name, where what is refused stands.
pub(crate) fn least_of(kind: Kind) -> String {
    format!("{}_least", kind.as_str())
}

pub(crate) fn notices(view: &SettingsView<'_>) -> Markup {
    form::form(
        "/firm/settings/notices",
        view.csrf,
        html! {
            input type="hidden" name="version" value=(view.brand.version);
            p { "What is critical also comes by text message, to people who have verified their number. People choose how soon each comes, within what you allow." }
            @for kind in Kind::sent() { (rule(view, kind)) }
            (Button::quiet("Save notifications").submit())
        },
    )
}

fn rule(view: &SettingsView<'_>, kind: Kind) -> Markup {
    let rule = view.brand.notices.of(kind);
    let tiers: Vec<Choice<'_>> =
        Tier::ALL.into_iter().map(|tier| Choice::new(tier.as_str(), tier.title(), tier == rule.tier)).collect();
    let leasts: Vec<Choice<'_>> =
        Pace::ALL.into_iter().map(|pace| Choice::new(pace.as_str(), least(pace), pace == rule.least)).collect();
    let name = least_of(kind);
    let label = format!("{}: people may turn it down to", kind.title());
    html! {
        (form::select(&field(kind.as_str(), kind.title(), Some(kind.sentence()), view.refused), &tiers))
        (form::select(&field(&name, &label, None, view.refused), &leasts))
    }
}

/// As an answer to "people may turn it down to".
fn least(pace: Pace) -> &'static str {
    match pace {
        Pace::AtOnce => "Nothing less: always immediately",
        Pace::Daily => "A daily digest",
        Pace::Weekly => "A weekly digest",
        Pace::Off => "Off",
    }
}
