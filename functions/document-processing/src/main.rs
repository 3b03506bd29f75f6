use std::process::ExitCode;

use fn_document_processing::{Engine, Reader, child, handle};

fn main() -> Result<ExitCode, lambda_runtime::Error> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(ended) = child::serve(&words) {
        return Ok(ended);
    }
    work()?;
    Ok(ExitCode::SUCCESS)
}

#[tokio::main(flavor = "current_thread")]
async fn work() -> Result<(), lambda_runtime::Error> {
    web::start_logging();
    let config = web::Config::from_env()?;
    let engine = Engine::named(&config.ocr).ok_or("OCR is none of off, textract and local")?;
    let app = web::App::connect(&config).await;
    let reader = Reader::myself();
    web::worker::run_sqs(app, move |app, message| handle(app, message, reader.clone(), engine)).await
}
