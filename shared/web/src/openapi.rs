//! The description of the JSON API (OpenAPI 3.1), from what the routes say of themselves.
//!
//! `openapi.json` beside this file is [`rendered`] from the routes of all functions, committed, and compared by a test:
//! the function that serves it knows no other function.

use std::collections::BTreeMap;

use http::Method;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::failure::Problem;
use crate::routes::{Access, Route, Routes};
use crate::{cookies, guard};

/// The committed description, as `GET /api/v1/openapi.json` answers it.
pub const SERVED: &str = include_str!("openapi.json");

type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a call takes and answers.
#[derive(Debug, Clone)]
pub struct Doc {
    summary: &'static str,
    query: Option<SchemaOf>,
    request: Option<SchemaOf>,
    answers: Vec<(u16, Option<SchemaOf>)>,
    idempotent: bool,
}

impl Doc {
    /// One line: "Lists the client's documents".
    pub fn new(summary: &'static str) -> Self {
        Self { summary, query: None, request: None, answers: Vec::new(), idempotent: false }
    }

    /// The struct that the handler takes as `Query<T>`.
    pub fn query<T: JsonSchema>(self) -> Self {
        Self { query: Some(|generator| T::json_schema(generator)), ..self }
    }

    /// The struct that the handler takes as `Json<T>`.
    pub fn takes<T: JsonSchema>(self) -> Self {
        Self { request: Some(|generator| generator.subschema_for::<T>()), ..self }
    }

    pub fn answers<T: JsonSchema>(mut self, status: u16) -> Self {
        self.answers.push((status, Some(|generator| generator.subschema_for::<T>())));
        self
    }

    /// An answer without a body: 202, 204, 303.
    pub fn answers_empty(mut self, status: u16) -> Self {
        self.answers.push((status, None));
        self
    }

    /// Takes an `Idempotency-Key`.
    pub fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }
}

/// The description of these routes as the file has it.
pub fn rendered(all: &[Routes]) -> String {
    let mut description = describe(all);
    // In one order whatever another crate has switched on.
    description.sort_all_objects();
    format!("{description:#}\n")
}

pub fn describe(all: &[Routes]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (route, doc) in all.iter().flat_map(Routes::docs) {
        let operation = operation(route, doc, &mut generator);
        paths.entry(route.path).or_default().insert(route.method.as_str().to_ascii_lowercase(), operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Portico",
            "version": "1",
            "description": "Everything that the pages can do. Lists page by the cursor `next`. Errors are problem \
                documents (RFC 9457) whose `type` is stable.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": cookies::SESSION },
                "token": { "type": "http", "scheme": "bearer" },
            },
            "responses": {
                "Problem": {
                    "description": "Why it was not done.",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
        },
    })
}

fn operation(route: &Route, doc: &Doc, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = path_parameters(route.path);
    if let Some(query) = doc.query {
        parameters.extend(query_parameters(&query(generator)));
    }
    let changes = !matches!(route.method, Method::GET | Method::HEAD);
    if changes && !matches!(route.access, Access::Public(_)) {
        parameters.push(header_parameter(guard::CSRF_HEADER, true, json!({ "const": "1" })));
    }
    if doc.idempotent {
        let key = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" });
        parameters.push(header_parameter("idempotency-key", false, key));
    }
    let mut responses = Map::new();
    for (status, schema) in &doc.answers {
        let mut answer = json!({ "description": status_words(*status) });
        if let Some(schema) = schema {
            answer["content"] = json!({ "application/json": { "schema": schema(generator) } });
        }
        responses.insert(status.to_string(), answer);
    }
    responses.insert("default".into(), json!({ "$ref": "#/components/responses/Problem" }));
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": doc.summary,
        "tags": [route.function],
        "parameters": parameters,
        "responses": responses,
        "security": match route.access {
            Access::Public(_) => json!([]),
            Access::Needs(_) => json!([{ "session": [] }, { "token": [] }]),
            Access::SignedIn if guard::token_may(route) => json!([{ "session": [] }, { "token": [] }]),
            Access::SignedIn => json!([{ "session": [] }]),
        },
    });
    if let Access::Needs(permission) = route.access {
        operation["x-permission"] = permission.as_str().into();
    }
    if let Some(request) = doc.request {
        let content = json!({ "application/json": { "schema": request(generator) } });
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

/// `get_clients_client_documents`.
fn operation_id(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1/");
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = route.method.as_str().to_ascii_lowercase();
    words.fold(method, |id, word| format!("{id}_{word}"))
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        json!({
            "name": name.trim_start_matches('*'),
            "in": "path",
            "required": true,
            "schema": { "type": "string", "minLength": 1 },
        })
    };
    names.map(parameter).collect()
}

fn query_parameters(schema: &Schema) -> Vec<Value> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &String| required.is_some_and(|list| list.iter().any(|entry| entry == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| json!({ "name": name, "in": "query", "required": is_required(name), "schema": schema });
    properties.into_iter().flatten().map(parameter).collect()
}

fn header_parameter(name: &str, required: bool, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "required": required, "schema": schema })
}

fn status_words(status: u16) -> &'static str {
    match status {
        200 => "Done.",
        201 => "Made.",
        202 => "Accepted; it goes on by itself.",
        204 => "Done; there is nothing to say.",
        303 => "It is at the address in `Location`.",
        _ => "See the status.",
    }
}

#[cfg(test)]
mod tests;
