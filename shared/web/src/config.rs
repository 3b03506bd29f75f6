//! The environment of a function, read once at its start. Every missing variable is named at once.

use storage::Settings;

/// What a function is told by its template.
#[derive(Debug, Clone)]
pub struct Config {
    pub settings: Settings,
    /// The function's own name, without the deployment's prefix.
    pub function: String,
    /// Where uploads go to and downloads come from: scheme and host, for the page's policy.
    pub bucket_origin: String,
    /// Providers of single sign-on may run on this machine, in the clear.
    pub outgoing_loopback: bool,
    /// Where text records of domains are looked up; only for the function that signs people in.
    pub dns_resolver: String,
    /// Who reads pages that are only pictures; only for the function that reads documents.
    pub ocr: String,
    /// Behind the edge, the SHA-256 in hex of the secret that it sends with every request.
    pub origin_secret_sha256: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("missing in the environment: {}", missing.join(", "))]
pub struct ConfigIncomplete {
    pub missing: Vec<&'static str>,
}

impl Config {
    /// From the process's own environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment, on behalf of main.rs")]
    pub fn from_env() -> Result<Self, ConfigIncomplete> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// From wherever `lookup` looks. An empty variable is a missing one, but for those that may be empty.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigIncomplete> {
        let mut missing = Vec::new();
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let mut required = |name: &'static str| {
            optional(name).unwrap_or_else(|| {
                missing.push(name);
                String::new()
            })
        };
        let settings = Settings {
            stack_prefix: required("STACK_PREFIX"),
            account_id: required("ACCOUNT_ID"),
            role_prefix: required("ROLE_PREFIX"),
            fn_access: required("FN_ACCESS"),
            fn_access_documents: required("FN_ACCESS_DOCUMENTS"),
            fn_access_jobs: required("FN_ACCESS_JOBS"),
            table_data: required("TABLE_DATA"),
            table_firm: required("TABLE_FIRM"),
            table_keys: required("TABLE_KEYS"),
            table_audit: required("TABLE_AUDIT"),
            table_identity: required("TABLE_IDENTITY"),
            table_platform: required("TABLE_PLATFORM"),
            bucket_documents: required("BUCKET_DOCUMENTS"),
            address_key: required("EMAIL_HMAC_KEY"),
            mail_from: required("MAIL_FROM"),
            reply_domain: optional("REPLY_DOMAIN").unwrap_or_default(),
            fold_percent: optional("NOTICE_FOLD_PERCENT").and_then(|percent| percent.parse().ok()).unwrap_or(100),
            bucket_mail: optional("BUCKET_MAIL").unwrap_or_default(),
            site_origin: required("SITE_ORIGIN").trim_end_matches('/').to_owned(),
            platform_admins: optional("PLATFORM_ADMINS").map(|list| addresses(&list)).unwrap_or_default(),
            queue_uploads: required("QUEUE_UPLOADS"),
            queue_indexer: required("QUEUE_INDEXER"),
            queue_critical: required("QUEUE_CRITICAL"),
            queue_standard: required("QUEUE_STANDARD"),
            queue_informational: required("QUEUE_INFORMATIONAL"),
            queue_people: required("QUEUE_PEOPLE"),
            queue_provisioner: required("QUEUE_PROVISIONER"),
            queue_retention: required("QUEUE_RETENTION"),
            queue_vending: required("QUEUE_VENDING"),
            queue_mail: optional("QUEUE_MAIL").unwrap_or_default(),
            queue_news: optional("QUEUE_NEWS").unwrap_or_default(),
        };
        let function = required("FN_NAME");
        // A local AWS is one host for all buckets; the real one gives each bucket a host of its own.
        let bucket_origin = optional("BUCKET_ORIGIN").or_else(|| optional("AWS_ENDPOINT_URL")).unwrap_or_else(|| {
            format!("https://{}.s3.{}.amazonaws.com", settings.bucket_documents, required("AWS_REGION"))
        });
        if !missing.is_empty() {
            return Err(ConfigIncomplete { missing });
        }
        Ok(Self {
            settings,
            function,
            bucket_origin: bucket_origin.trim_end_matches('/').to_owned(),
            outgoing_loopback: optional("OUTGOING_LOOPBACK").as_deref() == Some("on"),
            dns_resolver: optional("DNS_RESOLVER").unwrap_or_default(),
            ocr: optional("OCR").unwrap_or_else(|| "off".into()),
            origin_secret_sha256: optional("ORIGIN_SECRET_SHA256").map(|hash| hash.to_lowercase()),
        })
    }
}

fn addresses(list: &str) -> Vec<String> {
    list.split(',').map(|address| address.trim().to_lowercase()).filter(|address| !address.is_empty()).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A deployment that exists nowhere.
    pub(crate) fn sample(name: &str) -> Option<String> {
        match name {
            "SITE_ORIGIN" => Some("https://portal.example/".into()),
            "BUCKET_DOCUMENTS" => Some("p-documents".into()),
            "PLATFORM_ADMINS" => Some("Ops@portico.example, ".into()),
            "AWS_REGION" => Some("eu-west-1".into()),
            "BUCKET_ORIGIN" | "AWS_ENDPOINT_URL" | "ORIGIN_SECRET_SHA256" => None,
            other => Some(other.to_lowercase()),
        }
    }

    #[test]
    fn reads_a_whole_environment() {
        let config = Config::read(sample).unwrap();
        assert_eq!(config.settings.site_origin, "https://portal.example");
        assert_eq!(config.settings.platform_admins, ["ops@portico.example"]);
        assert_eq!(config.bucket_origin, "https://p-documents.s3.eu-west-1.amazonaws.com");
        assert_eq!(config.origin_secret_sha256, None);
    }

    #[test]
    fn a_local_aws_is_the_buckets_origin() {
        let lookup = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:4566".into()),
            "AWS_REGION" => None,
            other => sample(other),
        };
        assert_eq!(Config::read(lookup).unwrap().bucket_origin, "http://127.0.0.1:4566");
    }

    #[test]
    fn names_everything_that_is_missing() {
        let lookup = |name: &str| match name {
            "TABLE_DATA" => None,
            "MAIL_FROM" => Some(String::new()),
            other => sample(other),
        };
        assert_eq!(Config::read(lookup).unwrap_err().to_string(), "missing in the environment: TABLE_DATA, MAIL_FROM");
        let nothing = Config::read(|_| None).unwrap_err();
        assert_eq!(nothing.missing.len(), 27);
    }
}
