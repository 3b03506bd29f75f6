//! Reading a page's picture by Amazon Textract, which keeps nothing of what is sent with a request.

use std::time::Duration;

use access::{ClientJob, OneClient as _};
use aws_sdk_textract::config::timeout::TimeoutConfig;
use aws_sdk_textract::primitives::Blob;
use aws_sdk_textract::types::{BlockType, Document};
use domain::limits;

use crate::aws::Aws;
use crate::error::{During, StorageError};

impl Aws {
    /// The lines that stand on a page, from top to bottom.
    pub async fn read_by_sight(&self, scope: &ClientJob<'_>, jpeg: Vec<u8>) -> Result<String, StorageError> {
        let page = Document::builder().bytes(Blob::new(jpeg)).build();
        // A full page takes it some seconds, longer than any other call may.
        let patience = Duration::from_secs(limits::SIGHT_PAGE_SECONDS_MAX);
        let patient =
            TimeoutConfig::builder().operation_attempt_timeout(patience).operation_timeout(2 * patience).build();
        let patient = aws_sdk_textract::config::Config::builder().timeout_config(patient);
        let request = self.textract(scope.keys()).detect_document_text().document(page).customize();
        let found = request.config_override(patient).send().await.during("read a page by sight")?;
        let lines = found.blocks().iter().filter(|block| block.block_type() == Some(&BlockType::Line));
        Ok(lines.filter_map(|line| line.text()).collect::<Vec<_>>().join("\n"))
    }
}
