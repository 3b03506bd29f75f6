//! The token vendor of workers.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    web::worker::run_calls(app, fn_access::answer_worker).await
}
