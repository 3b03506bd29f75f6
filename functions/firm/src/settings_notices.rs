//! How loudly the firm tells each kind of notice, and how far people may turn it down.

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::notice::Tier;
use domain::notice::kind::{FirmRule, FirmRules, Kind, NewFirmRule, NewFirmRules, Pace};
use domain::permissions::ManageSettings;
use schemars::JsonSchema;
use serde::Serialize;
use storage::{Brand, FirmStore};
use web::{App, Failure, Fields, Json, Page, answers};

use crate::pages::settings_notices::least_of;
use crate::settings::{as_shown, draw, version};

pub(crate) async fn save(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let new = typed(&fields);
    let brand = FirmStore::open(app.aws(), &scope).brand().await?;
    match brand.notices.clone().parse(&new) {
        Ok(_) => {
            ruled(&app, &scope, &new).await?;
            Ok(answers::see_other("/firm/settings?done=notices"))
        }
        Err(refused) => {
            let brand = typed_over(brand, &new);
            draw(&app, &scope, &page, &brand, None, &refused).await
        }
    }
}

fn typed(fields: &Fields) -> NewFirmRules {
    let rule = |kind: Kind| {
        let new = NewFirmRule { tier: fields.text(kind.as_str()), least: fields.text(&least_of(kind)) };
        (kind.as_str().to_owned(), new)
    };
    let kinds = Kind::sent().filter(|kind| fields.has(kind.as_str())).map(rule).collect();
    NewFirmRules { kinds, version: version(fields) }
}

/// What was typed last, over what is stored, as far as it can be shown.
fn typed_over(brand: Brand, new: &NewFirmRules) -> Brand {
    let shown = Kind::sent().filter_map(|kind| {
        let typed = new.kinds.get(kind.as_str())?;
        let rule = brand.notices.of(kind);
        let tier = Tier::parse(&typed.tier).unwrap_or(rule.tier);
        let least = Pace::parse(&typed.least).unwrap_or(rule.least);
        Some((kind, FirmRule { tier, least }))
    });
    let notices = shown.fold(brand.notices.clone(), |rules, (kind, rule)| rules.with(kind, rule));
    Brand { notices, ..brand }
}

/// Made of the rules of the version that was changed: a kind that is left out stays as it is.
async fn ruled(app: &App, scope: &FirmScope<ManageSettings>, new: &NewFirmRules) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let from = as_shown(&store, new.version).await?;
    let notices = from.notices.clone().parse(new)?;
    Ok(store.save_notices(&from, &notices, &mut app.moment()).await?)
}

pub(crate) async fn save_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Json(new): Json<NewFirmRules>,
) -> Result<Response, Failure> {
    ruled(&app, &scope, &new).await?;
    Ok(answers::no_content())
}

/// The firm's rule for one kind of notice.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NoticeRuleOut {
    kind: Kind,
    tier: Tier,
    /// People may turn it down this far.
    least: Pace,
}

impl NoticeRuleOut {
    pub(crate) fn all(rules: &FirmRules) -> Vec<Self> {
        let rule = |kind: Kind| {
            let rule = rules.of(kind);
            Self { kind, tier: rule.tier, least: rule.least }
        };
        Kind::ALL.into_iter().map(rule).collect()
    }
}
