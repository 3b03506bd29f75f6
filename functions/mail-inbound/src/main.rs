//! Takes answers that come by mail into their conversations.

// Two ways in, each with futures inside of futures.
#![recursion_limit = "256"]

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    web::worker::run_told_and_sqs(app, fn_mail_inbound::received, fn_mail_inbound::take).await
}
