//! Conversations between a firm and its clients.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    lambda_http::run(fn_messages::routes().serve(app)).await
}
