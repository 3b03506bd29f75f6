//! Pages of one partition, with cursors that name a sort key only: the partition is always the scope's own.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::error::{During, StorageError};
use crate::item::{self, Item};

/// Rows of one partition whose sort key begins with `prefix`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Range<'a> {
    pub(crate) pk: String,
    pub(crate) prefix: &'a str,
    pub(crate) newest_first: bool,
    pub(crate) limit: Option<usize>,
    /// The sort key after which to go on.
    pub(crate) after: Option<String>,
    /// Rows that must match, by attribute and text.
    pub(crate) filters: Vec<(&'a str, String)>,
    /// Attributes that rows must not have.
    pub(crate) absent: &'a [&'a str],
    /// The first and the last sort key, in place of the prefix.
    pub(crate) between: Option<(String, String)>,
    pub(crate) consistent: bool,
    /// The one attribute that is wanted, beside the keys.
    pub(crate) only: Option<&'a str>,
}

pub(crate) struct Page {
    pub(crate) rows: Vec<Item>,
    /// The sort key from which the next page starts.
    pub(crate) next: Option<String>,
}

pub(crate) async fn query(dynamo: &Client, table: &str, range: Range<'_>) -> Result<Page, StorageError> {
    let mut request = dynamo
        .query()
        .table_name(table)
        .consistent_read(range.consistent)
        .scan_index_forward(!range.newest_first)
        .set_limit(range.limit.and_then(|limit| i32::try_from(limit).ok()))
        .expression_attribute_values(":pk", item::text(&range.pk));
    request = if let Some((first, last)) = &range.between {
        request
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":first", item::text(first))
            .expression_attribute_values(":last", item::text(last))
    } else if range.prefix.is_empty() {
        request.key_condition_expression("pk = :pk")
    } else {
        request
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":prefix", item::text(range.prefix))
    };
    let mut conditions = Vec::new();
    for (place, (name, value)) in range.filters.iter().enumerate() {
        conditions.push(format!("#f{place} = :f{place}"));
        request = request
            .expression_attribute_names(format!("#f{place}"), *name)
            .expression_attribute_values(format!(":f{place}"), AttributeValue::S(value.clone()));
    }
    for (place, name) in range.absent.iter().enumerate() {
        conditions.push(format!("attribute_not_exists(#a{place})"));
        request = request.expression_attribute_names(format!("#a{place}"), *name);
    }
    if !conditions.is_empty() {
        request = request.filter_expression(conditions.join(" AND "));
    }
    if let Some(only) = range.only {
        request = request.projection_expression("sk, #only").expression_attribute_names("#only", only);
    }
    if let Some(after) = &range.after {
        request = request.set_exclusive_start_key(Some(item::key(&range.pk, after)));
    }
    let page = request.send().await.during("read a list")?;
    let next = page.last_evaluated_key.as_ref().and_then(|key| item::text_of(key, "sk")).map(str::to_owned);
    Ok(Page { rows: page.items.unwrap_or_default(), next })
}
