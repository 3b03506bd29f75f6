//! What a deployment is called. Read once, by `main.rs` through `web::Config`.

/// Names of the deployment's resources; every one comes from the template.
#[derive(Debug, Clone)]
pub struct Settings {
    pub stack_prefix: String,
    pub account_id: String,
    /// `arn:aws:iam::<account>:role/<prefix>-`, to which a role's own name is added.
    pub role_prefix: String,
    pub fn_access: String,
    pub fn_access_documents: String,
    pub fn_access_jobs: String,
    pub table_data: String,
    pub table_firm: String,
    pub table_keys: String,
    pub table_audit: String,
    pub table_identity: String,
    pub table_platform: String,
    pub bucket_documents: String,
    /// The key under which addresses are looked up.
    pub address_key: String,
    pub mail_from: String,
    /// Where answers to notices come in; empty where none do.
    pub reply_domain: String,
    /// How much of their time folds of notices stay open, in percent.
    pub fold_percent: i64,
    /// What the mail service puts down there; empty where none comes in.
    pub bucket_mail: String,
    pub site_origin: String,
    pub platform_admins: Vec<String>,
    pub queue_uploads: String,
    pub queue_indexer: String,
    pub queue_critical: String,
    pub queue_standard: String,
    pub queue_informational: String,
    pub queue_people: String,
    pub queue_provisioner: String,
    pub queue_retention: String,
    pub queue_vending: String,
    /// Of the workers alone.
    pub queue_mail: String,
    /// What became of notices.
    pub queue_news: String,
}
