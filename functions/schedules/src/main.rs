//! Each minute: reminders, digests and held notices whose time has come, and the outbox rows that the stream left behind;
//! each hour and each day what is counted and looked through for every firm.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let app = web::App::connect(&config).await;
    web::worker::run_schedule(app, fn_schedules::tick).await
}
