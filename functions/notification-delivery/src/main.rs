//! Sends notices by e-mail and SMS, each once.

// What tells and what sends digests are one future here, and nested deeper than the compiler follows by itself.
#![recursion_limit = "256"]

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    web::worker::run_told_and_sqs(app, fn_notification_delivery::logged, fn_notification_delivery::deliver).await
}
