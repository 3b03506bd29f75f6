//! Home per role, boards, timelines.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    lambda_http::run(fn_projects::routes().serve(app)).await
}
