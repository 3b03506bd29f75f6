//! The token vendor of people.

use fn_access::Counter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    web::worker::run_calls(app, |app, asked| fn_access::answer_people(app, Counter::People, asked)).await
}
