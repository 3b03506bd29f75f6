//! What the firm sets for itself: its name, picture and colour; where it works; what its mails do. Each says on the page
//! what it changes.

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::firm::settings::{Branding, NewBranding, NewRules, Rules};
use domain::marking::{MarkRule, NewMarkRule, Viewer};
use domain::permissions::{ManageBranding, ManageSettings, ViewHome};
use domain::person::FieldRefused;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Brand, FirmStore, Logo};
use web::ui::accent::Accent;
use web::{App, Failure, Fields, Files, Json, Page, Path, Place, Query, Shell, answers};

use crate::logo;
use crate::pages::settings::{self as pages, SettingsView};
use crate::settings_notices::NoticeRuleOut;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: Option<String>,
}

impl Done {
    fn notice(&self) -> Option<&'static str> {
        match self.done.as_deref()? {
            "branding" => Some("Saved. Every page shows it within a minute."),
            "logo" => Some("The picture is there. Every page shows it within a minute."),
            "logo-gone" => Some("The picture is taken away."),
            "notices" => Some("Saved. What happens within a minute from now on follows it."),
            "marks" => Some("Saved. Copies taken from within a minute on follow it."),
            "rules" => Some("Saved. It holds within a minute."),
            _ => None,
        }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let brand = FirmStore::open(app.aws(), &scope).brand().await?;
    draw(&app, &scope, &page, &brand, done.notice(), &[]).await
}

pub(crate) async fn draw<P: Send + Sync>(
    app: &App,
    scope: &FirmScope<P>,
    page: &Page,
    brand: &Brand,
    notice: Option<&str>,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let body = pages::settings(&SettingsView {
        brand,
        refused,
        may: &|name| scope.may(name),
        csrf: &page.csrf,
        zones: &domain::calendar::zones(),
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new("Settings", Place::Settings).notice(notice).status(status);
    page.show(app, scope, shell, body).await
}

pub(crate) fn version(fields: &Fields) -> u64 {
    fields.one("version").and_then(|version| version.parse().ok()).unwrap_or(u64::MAX)
}

/// What was typed last, over what is stored.
fn typed_over(brand: Brand, new: &NewBranding) -> Brand {
    Brand { firm_name: new.name.clone(), accent: new.accent.clone().filter(|accent| !accent.is_empty()), ..brand }
}

pub(crate) async fn save_branding(
    State(app): State<App>,
    scope: FirmScope<ManageBranding>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let new = NewBranding {
        name: fields.text("name"),
        accent: fields.one("accent").map(str::to_owned),
        version: version(&fields),
    };
    match Branding::parse(&new) {
        Ok(branding) => {
            branded(&app, &scope, &branding, new.version).await?;
            Ok(answers::see_other("/firm/settings?done=branding"))
        }
        Err(refused) => {
            let brand = FirmStore::open(app.aws(), &scope).brand().await?;
            draw(&app, &scope, &page, &typed_over(brand, &new), None, &refused).await
        }
    }
}

/// Changes what the form showed, and nothing that somebody else saved meanwhile.
async fn branded(
    app: &App,
    scope: &FirmScope<ManageBranding>,
    branding: &Branding,
    version: u64,
) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let from = as_shown(&store, version).await?;
    Ok(store.save_branding(&from, branding, &mut app.moment()).await?)
}

pub(crate) async fn save_rules(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let new = NewRules {
        zone: fields.text("zone"),
        packs: fields.all("packs").map(str::to_owned).collect(),
        names_in_mails: fields.has("names_in_mails"),
        mails: fields.all("mails").map(str::to_owned).collect(),
        version: version(&fields),
    };
    match Rules::parse(&new) {
        Ok(rules) => {
            ruled(&app, &scope, &rules, new.version).await?;
            Ok(answers::see_other("/firm/settings?done=rules"))
        }
        Err(refused) => {
            let brand = FirmStore::open(app.aws(), &scope).brand().await?;
            draw(&app, &scope, &page, &brand, None, &refused).await
        }
    }
}

async fn ruled(app: &App, scope: &FirmScope<ManageSettings>, rules: &Rules, version: u64) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let from = as_shown(&store, version).await?;
    Ok(store.save_rules(&from, rules, &mut app.moment()).await?)
}

pub(crate) async fn save_marks(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let new = NewMarkRule {
        viewers: fields.all("viewers").map(str::to_owned).collect(),
        free_categories: fields.all("free_categories").map(str::to_owned).collect(),
        covers: fields.has("covers"),
        version: version(&fields),
    };
    match MarkRule::parse(&new) {
        Ok(marks) => {
            marking(&app, &scope, &marks, new.version).await?;
            Ok(answers::see_other("/firm/settings?done=marks"))
        }
        Err(refused) => {
            let brand = FirmStore::open(app.aws(), &scope).brand().await?;
            draw(&app, &scope, &page, &brand, None, &refused).await
        }
    }
}

async fn marking(app: &App, scope: &FirmScope<ManageSettings>, marks: &MarkRule, version: u64) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let from = as_shown(&store, version).await?;
    Ok(store.save_marks(&from, marks, &mut app.moment()).await?)
}

pub(crate) async fn marks_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Json(new): Json<NewMarkRule>,
) -> Result<Response, Failure> {
    marking(&app, &scope, &MarkRule::parse(&new)?, new.version).await?;
    Ok(answers::no_content())
}

/// What the form showed, if nobody saved anything else meanwhile.
pub(crate) async fn as_shown<P: Send + Sync>(store: &FirmStore<'_, P>, version: u64) -> Result<Brand, Failure> {
    let from = store.brand().await?;
    if from.version == version { Ok(from) } else { Err(storage::StorageError::Stale.into()) }
}

/// How a colour would look, and whether it is readable.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Colour {
    /// `#rrggbb`, with or without the sign.
    #[serde(default)]
    accent: String,
}

pub(crate) async fn preview(
    State(app): State<App>,
    scope: FirmScope<ManageBranding>,
    page: Page,
    Query(Colour { accent }): Query<Colour>,
) -> Result<Response, Failure> {
    if page.fragment {
        return Ok(answers::html(pages::verdict(&accent)));
    }
    // Without scripts the whole page comes back with the colour tried on.
    let brand = FirmStore::open(app.aws(), &scope).brand().await?;
    let tried = Brand { accent: Some(accent).filter(|accent| !accent.is_empty()), ..brand };
    draw(&app, &scope, &page, &tried, None, &[]).await
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Verdict {
    /// The colour as it was asked for.
    asked: String,
    /// Whether the main button has exactly this colour; otherwise one as near as can be read.
    exact: bool,
    /// The least contrast of words in the colour with what they stand on, in either mode. 4.5 is asked for.
    text_contrast: f64,
    /// The least contrast of the words on the main button.
    button_contrast: f64,
}

pub(crate) async fn preview_json(
    _scope: FirmScope<ManageBranding>,
    Query(Colour { accent }): Query<Colour>,
) -> Result<Response, Failure> {
    let accent = Accent::parse(&accent).map_err(|refused| Failure::Refused(refused.to_string()))?;
    Ok(answers::json(&Verdict {
        asked: format!("#{}", accent.digits()),
        exact: accent.is_exact(),
        text_contrast: accent.text_contrast_min(),
        button_contrast: accent.button_contrast_min(),
    }))
}

pub(crate) async fn save_logo(
    State(app): State<App>,
    scope: FirmScope<ManageBranding>,
    page: Page,
    files: Files,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let from = store.brand().await?;
    let drawn = match files.file("logo") {
        None => Err("Choose a picture first: a PNG or JPEG file.".to_owned()),
        Some(bytes) => logo::drawn(&bytes).map_err(|refused| refused.to_string()),
    };
    match drawn {
        Ok(picture) => {
            store.save_logo(&from, Some(picture), &mut app.moment()).await?;
            Ok(answers::see_other("/firm/settings?done=logo"))
        }
        Err(why) => draw(&app, &scope, &page, &from, None, &[FieldRefused { field: "logo", why }]).await,
    }
}

pub(crate) async fn remove_logo(State(app): State<App>, scope: FirmScope<ManageBranding>) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let from = store.brand().await?;
    store.save_logo(&from, None, &mut app.moment()).await?;
    Ok(answers::see_other("/firm/settings?done=logo-gone"))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    hash: String,
}

/// The firm's picture, for everybody of the firm and of its clients. Its address has its hash, so it can be kept.
pub(crate) async fn logo(
    State(app): State<App>,
    scope: FirmScope<ViewHome>,
    Path(Named { hash }): Path<Named>,
) -> Result<Response, Failure> {
    let is_hash = hash.len() == logo::HASH_LETTERS && hash.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hash {
        return Err(Failure::NotFound);
    }
    let png = FirmStore::open(app.aws(), &scope).logo(&hash).await?.ok_or(Failure::NotFound)?;
    let kept = HeaderValue::from_static("private, max-age=31536000, immutable");
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("image/png")), (CACHE_CONTROL, kept)], png).into_response())
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SettingsOut {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    /// The address of the picture, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
    zone: String,
    packs: Vec<domain::packs::Pack>,
    names_in_mails: bool,
    mails: Vec<domain::firm::settings::MailKind>,
    marks: MarksOut,
    /// How loudly each kind of notice is told.
    notices: Vec<NoticeRuleOut>,
    version: u64,
}

/// Whose copies of documents carry a mark.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MarksOut {
    viewers: Vec<Viewer>,
    /// Categories whose documents are not marked.
    free_categories: Vec<String>,
    /// Whether a file that cannot carry a mark is handed out inside a cover that does.
    covers: bool,
}

impl MarksOut {
    fn of(rule: MarkRule) -> Self {
        Self {
            viewers: Viewer::ALL.into_iter().filter(|viewer| !rule.free_viewers.contains(viewer)).collect(),
            covers: rule.covers(),
            free_categories: rule.free_categories.into_iter().collect(),
        }
    }
}

pub(crate) async fn show_json(State(app): State<App>, scope: FirmScope<ManageSettings>) -> Result<Response, Failure> {
    let brand = FirmStore::open(app.aws(), &scope).brand().await?;
    let sent = domain::firm::settings::MailKind::ALL.into_iter().filter(|kind| !brand.mails.off.contains(kind));
    Ok(answers::json(&SettingsOut {
        mails: sent.collect(),
        names_in_mails: !brand.mails.nameless,
        logo: brand.logo.as_ref().map(logo_href),
        name: brand.firm_name,
        marks: MarksOut::of(brand.marks),
        notices: NoticeRuleOut::all(&brand.notices),
        accent: brand.accent,
        zone: brand.zone,
        packs: brand.packs,
        version: brand.version,
    }))
}

pub(crate) fn logo_href(logo: &Logo) -> String {
    format!("/firm/logo/{}", logo.hash)
}

pub(crate) async fn branding_json(
    State(app): State<App>,
    scope: FirmScope<ManageBranding>,
    Json(new): Json<NewBranding>,
) -> Result<Response, Failure> {
    branded(&app, &scope, &Branding::parse(&new)?, new.version).await?;
    Ok(answers::no_content())
}

pub(crate) async fn rules_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Json(new): Json<NewRules>,
) -> Result<Response, Failure> {
    ruled(&app, &scope, &Rules::parse(&new)?, new.version).await?;
    Ok(answers::no_content())
}

/// A picture as text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLogo {
    /// A PNG or JPEG file, in base64.
    logo: String,
}

pub(crate) async fn logo_json(
    State(app): State<App>,
    scope: FirmScope<ManageBranding>,
    Json(NewLogo { logo: text }): Json<NewLogo>,
) -> Result<Response, Failure> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
    let bytes = bytes.map_err(|_| Failure::Refused("Send the picture in base64.".into()))?;
    let picture = logo::drawn(&bytes).map_err(|refused| Failure::Refused(refused.to_string()))?;
    let store = FirmStore::open(app.aws(), &scope);
    let from = store.brand().await?;
    store.save_logo(&from, Some(picture), &mut app.moment()).await?;
    Ok(answers::no_content())
}

pub(crate) async fn remove_logo_json(
    State(app): State<App>,
    scope: FirmScope<ManageBranding>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let from = store.brand().await?;
    store.save_logo(&from, None, &mut app.moment()).await?;
    Ok(answers::no_content())
}
