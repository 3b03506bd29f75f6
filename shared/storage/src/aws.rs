//! The connection to AWS: endpoint, region and HTTP pool without credentials, which come from a scope; and the clients
//! of the function's own execution role, which reaches little more than its vending function or its queues.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use access::Keys;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use crate::brand::BrandCache;
use crate::settings::Settings;
use crate::vendor::LambdaVendor;

/// Shared by all requests of one environment.
#[derive(Clone)]
pub struct Aws(Arc<Inner>);

struct Inner {
    settings: Settings,
    /// Without credentials: a client built from it alone is refused everything.
    bare: SdkConfig,
    /// With the execution role's credentials.
    own: SdkConfig,
    /// A local AWS is addressed by path: its buckets have no host names.
    path_style: bool,
    vendor: OnceLock<LambdaVendor>,
    brands: Mutex<BrandCache>,
}

impl Aws {
    pub async fn connect(settings: Settings) -> Aws {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(5))
            .operation_timeout(Duration::from_secs(9))
            .build();
        let own = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts)
            // One pool of connections for all clients: each would open its own, and with it a TLS session a request.
            .http_client(
                Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(trusting()).build_https(),
            )
            .load()
            .await;
        let bare = own.to_builder().credentials_provider(SharedCredentialsProvider::new(refused())).build();
        let path_style = own.endpoint_url().is_some();
        let brands = Mutex::new(BrandCache::default());
        Aws(Arc::new(Inner { settings, bare, own, path_style, vendor: OnceLock::new(), brands }))
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub fn vendor(&self) -> &LambdaVendor {
        self.0.vendor.get_or_init(|| LambdaVendor::new(&self.0.own, &self.0.settings))
    }

    pub(crate) fn brands(&self) -> &Mutex<BrandCache> {
        &self.0.brands
    }

    pub(crate) fn own(&self) -> &SdkConfig {
        &self.0.own
    }

    pub(crate) fn dynamo(&self, keys: &Keys) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.0.bare).credentials_provider(credentials(keys));
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    pub(crate) fn kms(&self, keys: &Keys) -> aws_sdk_kms::Client {
        let config = aws_sdk_kms::config::Builder::from(&self.0.bare).credentials_provider(credentials(keys));
        aws_sdk_kms::Client::from_conf(config.build())
    }

    /// By the execution role, for the functions that may.
    pub(crate) fn s3_as_function(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.0.own).force_path_style(self.0.path_style);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(crate) fn s3(&self, keys: &Keys) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.0.bare)
            .credentials_provider(credentials(keys))
            .force_path_style(self.0.path_style);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(crate) fn ses(&self, keys: &Keys) -> aws_sdk_ses::Client {
        let config = aws_sdk_ses::config::Builder::from(&self.0.bare).credentials_provider(credentials(keys));
        aws_sdk_ses::Client::from_conf(config.build())
    }

    pub(crate) fn sns(&self, keys: &Keys) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::config::Builder::from(&self.0.bare).credentials_provider(credentials(keys));
        aws_sdk_sns::Client::from_conf(config.build())
    }

    pub(crate) fn textract(&self, keys: &Keys) -> aws_sdk_textract::Client {
        let config = aws_sdk_textract::config::Builder::from(&self.0.bare).credentials_provider(credentials(keys));
        aws_sdk_textract::Client::from_conf(config.build())
    }

    /// The region and endpoint, for what is signed and sent by a browser.
    pub(crate) fn bare(&self) -> &SdkConfig {
        &self.0.bare
    }

    pub(crate) fn path_style(&self) -> bool {
        self.0.path_style
    }
}

/// The roots that AWS signs its endpoints with, and no others: reading all that the system trusts is most of a cold
/// start. Amazon Trust Services publishes them; they run until 2038.
const ROOTS: &[u8] = include_bytes!("aws/roots.pem");

fn trusting() -> TlsContext {
    let builder = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(ROOTS));
    builder.build().unwrap_or_default()
}

fn credentials(keys: &Keys) -> Credentials {
    let vended = &keys.credentials;
    Credentials::new(&vended.key_id, vended.secret.expose(), Some(vended.token.expose().clone()), None, "vended")
}

/// What a client without a scope would sign with: nothing that any account knows.
fn refused() -> Credentials {
    Credentials::new("none", "none", None, None, "none")
}
