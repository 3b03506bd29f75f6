//! A new function: its three files, and the template piece that whoever adds it puts where it belongs.

use std::fs;

use crate::place::Place;
use crate::process::say;
use crate::stop::{At, Stop};

pub(crate) fn new_function(place: &Place, name: &str) -> Result<(), Stop> {
    let valid = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !valid {
        return Err(Stop::Found(format!("`{name}`: lowercase letters, digits and dashes, please")));
    }
    let dir = place.root.join("functions").join(name);
    if dir.exists() {
        return Err(Stop::Found(format!("functions/{name} is there already")));
    }
    let lib = format!("fn_{}", name.replace('-', "_"));
    fs::create_dir_all(dir.join("src")).at(&dir)?;
    for (file, text) in [
        ("Cargo.toml", MANIFEST.replace("{name}", name)),
        ("src/lib.rs", LIB.replace("{name}", name)),
        ("src/main.rs", MAIN.replace("{lib}", &lib)),
    ] {
        let path = dir.join(file);
        fs::write(&path, text).at(&path)?;
    }
    say(&format!(
        "functions/{name} is written. Still to do by hand:\n{}",
        PIECE.replace("{name}", name).replace("{Name}", &camel(name))
    ));
    Ok(())
}

fn camel(name: &str) -> String {
    name.split('-').map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect()
}

const MANIFEST: &str = r#"[package]
name = "fn-{name}"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[[bin]]
name = "{name}"
path = "src/main.rs"

[lints]
workspace = true

[dependencies]
domain.workspace = true
storage.workspace = true
web.workspace = true
lambda_http.workspace = true
tokio.workspace = true
"#;

const LIB: &str = r#"//! What `{name}` does, in one sentence. Routes are in `routes`, each with its access rule.

pub fn routes() -> web::Routes {
    web::Routes::new("{name}")
}
"#;

const MAIN: &str = r#"//! Wiring only: the environment, the adapters, the routes.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    lambda_http::run({lib}::routes().serve(app)).await
}
"#;

const PIECE: &str = r"
1. infra/policies/function-{name}.json: what its execution role may do; its line in roles.json; then
   `cargo xtask render-policies`, which writes infra/access.yaml.
2. infra/api.yaml (or schedules.yaml for a worker):

  {Name}:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub '${StackPrefix}-{name}'
      CodeUri: ../target/lambda/{name}/
      Role: !Sub 'arn:aws:iam::${AWS::AccountId}:role/${StackPrefix}-fn-{name}'
      MemorySize: 512
      Timeout: 10
      LoggingConfig: { LogGroup: !Ref {Name}Log }
      Environment: { Variables: { FN_NAME: {name} } }
  {Name}Log:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: !Sub '/aws/lambda/${StackPrefix}-{name}', RetentionInDays: 30 }

   and its alarm, its event or dead-letter target.
3. events/: one sample per trigger, which the tests deliver twice. The template test names what else is missing.
4. Where people call it: its routes in tests/cases/access.rs, so that they are swept.
";
