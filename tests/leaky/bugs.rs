//! The bugs. Each reads as the handler that somebody could have written.

use std::collections::HashMap;
use std::fmt::Debug;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, KeysAndAttributes, Put, PutRequest, TransactWriteItem, WriteRequest,
};
use aws_sdk_s3::presigning::PresigningConfig;

use crate::{Outcome, Place};

type Item = HashMap<String, AttributeValue>;

fn key(pk: &str, sk: &str) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// AWS's word for a refusal; anything else that is not an answer is a fault of the test.
fn judged<T: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(answer: Result<T, SdkError<E, R>>) -> Outcome {
    match answer {
        Ok(found) => Outcome::Leaked(format!("{found:?}").chars().take(300).collect()),
        Err(error) => match error.code() {
            Some(code @ ("AccessDeniedException" | "AccessDenied" | "InvalidCiphertextException")) => {
                Outcome::Refused(code.to_owned())
            }
            _ => panic!("neither answered nor refused: {error:?}"),
        },
    }
}

pub(crate) async fn run(bug: &str, config: &SdkConfig, place: &Place) -> Outcome {
    match bug {
        "internal_object"
        | "internal_index"
        | "internal_listing"
        | "presigned_for_another"
        | "object_of_another"
        | "listing_of_another"
        | "upload_to_another" => objects(bug, config, place).await,
        "another_context" | "no_context" | "data_key_of_another" => encryption(bug, config, place).await,
        "assumes_a_role_itself" => {
            let sts = aws_sdk_sts::Client::new(config);
            let role = format!("{}Staff", place.get("role_prefix"));
            let tag =
                |name: &str, value: &str| aws_sdk_sts::types::Tag::builder().key(name).value(value).build().unwrap();
            let request = sts.assume_role().role_arn(role).role_session_name("leaky");
            let request = request.tags(tag("t", place.get("firm"))).tags(tag("c", place.get("other_client")));
            judged(request.tags(tag("u", place.get("person"))).send().await)
        }
        "asks_the_jobs_vendor" => {
            let lambda = aws_sdk_lambda::Client::new(config);
            judged(
                lambda
                    .invoke()
                    .function_name(place.get("fn_access_jobs"))
                    .payload(aws_sdk_lambda::primitives::Blob::new("{}"))
                    .send()
                    .await,
            )
        }
        _ => rows(bug, config, place).await,
    }
}

async fn rows(bug: &str, config: &SdkConfig, place: &Place) -> Outcome {
    let dynamo = aws_sdk_dynamodb::Client::new(config);
    let (data, firm, audit, keys) =
        (place.get("table_data"), place.get("table_firm"), place.get("table_audit"), place.get("table_keys"));
    let (own, other, foreign) = (place.own(), place.other(), place.foreign());
    let read = |table: &str, pk: &str, sk: &str| dynamo.get_item().table_name(table).set_key(Some(key(pk, sk))).send();
    let put = |table: &str, item: Item| {
        TransactWriteItem::builder().put(Put::builder().table_name(table).set_item(Some(item)).build().unwrap()).build()
    };
    match bug {
        "wrong_client_id" => judged(read(data, &other, "PROFILE").await),
        "firm_from_the_body" => judged(read(data, &foreign, "PROFILE").await),
        "scan" => judged(dynamo.scan().table_name(data).send().await),
        "query_language" => {
            judged(dynamo.execute_statement().statement(format!("SELECT * FROM \"{data}\"")).send().await)
        }
        "query_of_another" => {
            let query = dynamo.query().table_name(data).key_condition_expression("pk = :pk");
            judged(query.expression_attribute_values(":pk", AttributeValue::S(other)).send().await)
        }
        "index_of_everybody" => {
            let query = dynamo.query().table_name(data).index_name("work").key_condition_expression("wpk = :pk");
            judged(query.expression_attribute_values(":pk", AttributeValue::S("OB#1".into())).send().await)
        }
        "batch_with_one_foreign_key" => {
            let wanted =
                KeysAndAttributes::builder().keys(key(&own, "PROFILE")).keys(key(&other, "PROFILE")).build().unwrap();
            judged(dynamo.batch_get_item().request_items(data, wanted).send().await)
        }
        "transaction_with_one_foreign_row" => {
            let items = vec![put(data, key(&own, "LEAKY#1")), put(data, key(&other, "LEAKY#1"))];
            judged(dynamo.transact_write_items().set_transact_items(Some(items)).send().await)
        }
        "write_outside_a_transaction" => {
            judged(dynamo.put_item().table_name(data).set_item(Some(key(&own, "LEAKY#2"))).send().await)
        }
        "batch_write" => {
            let write = WriteRequest::builder()
                .put_request(PutRequest::builder().set_item(Some(key(&own, "LEAKY#3"))).build().unwrap());
            judged(dynamo.batch_write_item().request_items(data, vec![write.build()]).send().await)
        }
        "audit_changed" => {
            let update = dynamo.update_item().table_name(audit).set_key(Some(key(&format!("{own}#A"), "000000000001")));
            let update = update.update_expression("SET ev = :ev");
            judged(update.expression_attribute_values(":ev", AttributeValue::S("{}".into())).send().await)
        }
        "audit_deleted" => {
            let delete = Delete::builder().table_name(audit).set_key(Some(key(&format!("{own}#A"), "000000000001")));
            let item = TransactWriteItem::builder().delete(delete.build().unwrap()).build();
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        "audit_of_another" => {
            let item = put(audit, key(&format!("{other}#A"), "000000009999"));
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        "audit_read_by_a_handler" => judged(read(audit, &format!("{own}#A"), "000000000001").await),
        "assigns_itself" => {
            let home = format!("T#{}#U#{}", place.get("firm"), place.get("person"));
            let item = put(firm, key(&home, &format!("ASSIGN#{}", place.get("other_client"))));
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        "home_of_another" => {
            judged(read(firm, &format!("T#{}#U#{}", place.get("firm"), place.get("other_person")), "M#FIRM").await)
        }
        "settings_of_the_firm" => judged(read(firm, &format!("T#{}", place.get("firm")), "SETTINGS").await),
        "billing" => judged(read(data, &format!("{own}#BILL"), "INVOICE#1").await),
        "internal_document" => judged(read(data, &format!("{own}#INT"), place.get("internal_row")).await),
        "internal_notes" => judged(read(data, &format!("{own}#INT"), "NOTE#1").await),
        "billing_written" => {
            let item = put(data, key(&format!("{own}#BILL"), "LEAKY#4"));
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        "internal_notes_written" => {
            let item = put(data, key(&format!("{own}#INT"), "LEAKY#5"));
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        "writes_while_viewing" => {
            let item = put(data, key(&own, "LEAKY#6"));
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        "views_written" => {
            let item = put(firm, key(&format!("T#{}#V#clients", place.get("firm")), "C#LEAKY"));
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        "wrapped_key_of_another" => judged(read(keys, &other, "DEK#1").await),
        "outbox_of_another" => {
            let item = put(data, key(&format!("{other}#OB"), "OB#LEAKY"));
            judged(dynamo.transact_write_items().transact_items(item).send().await)
        }
        unknown => panic!("no bug is called {unknown}"),
    }
}

async fn objects(bug: &str, config: &SdkConfig, place: &Place) -> Outcome {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(config);
    let bucket = place.get("bucket");
    let prefix = |stage: &str| format!("{stage}/t/{}/c/{}/open/", place.get("firm"), place.get("other_client"));
    match bug {
        "object_of_another" => judged(s3.get_object().bucket(bucket).key(place.get("other_object")).send().await),
        // What the firm keeps to itself, of the client whose credentials these are.
        "internal_object" => judged(s3.get_object().bucket(bucket).key(place.get("internal_object")).send().await),
        "internal_index" => judged(s3.get_object().bucket(bucket).key(place.get("internal_index")).send().await),
        "internal_listing" => {
            let kept = format!("clean/t/{}/c/{}/int/", place.get("firm"), place.get("client"));
            judged(s3.list_objects_v2().bucket(bucket).prefix(kept).send().await)
        }
        "listing_of_another" => judged(s3.list_objects_v2().bucket(bucket).prefix(prefix("clean")).send().await),
        "upload_to_another" => {
            let body = aws_sdk_s3::primitives::ByteStream::from_static(b"planted");
            judged(s3.put_object().bucket(bucket).key(prefix("quarantine") + "LEAKY").body(body).send().await)
        }
        _ => {
            let expires = PresigningConfig::expires_in(std::time::Duration::from_secs(60)).unwrap();
            let signed =
                s3.get_object().bucket(bucket).key(place.get("other_object")).presigned(expires).await.unwrap();
            let http = testkit::portal::Portal::at("http://127.0.0.1:1").stranger();
            let answer = http.raw("GET", signed.uri(), &[], Vec::new()).await;
            match answer.status {
                403 => Outcome::Refused("AccessDenied".to_owned()),
                200 => Outcome::Leaked(format!("{} bytes", answer.body.len())),
                other => panic!("neither answered nor refused: {other} {}", answer.text()),
            }
        }
    }
}

async fn encryption(bug: &str, config: &SdkConfig, place: &Place) -> Outcome {
    let kms = aws_sdk_kms::Client::new(config);
    let (wrapped, client) = match bug {
        "data_key_of_another" => (place.get("other_wrapped"), place.get("other_client")),
        _ => (place.get("wrapped"), place.get("other_client")),
    };
    use base64::Engine as _;
    let blob = base64::engine::general_purpose::STANDARD.decode(wrapped).unwrap();
    let request = kms.decrypt().ciphertext_blob(Blob::new(blob)).key_id(place.get("key_id"));
    let request = if bug == "no_context" {
        request
    } else {
        request.encryption_context("firm", place.get("firm")).encryption_context("client", client)
    };
    judged(request.send().await)
}
