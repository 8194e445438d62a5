//! Fixtures: the settings, claims and replies that a provider is checked with, from a JSON file of its
//! author or from a tape.

use std::collections::BTreeMap;

use portico_domain::{
    identity::Claims,
    provider::{
        Descriptor, FieldKind, Person, Reply, Request, SettingSpec, Settings, TokenRefusal,
    },
};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    host::FetchResult,
    tape::{Body, NotATape, Tape, TapedPerson, TapedResponse, method_name},
};

/// The settings, claims and replies that a provider is checked with.
#[derive(Clone, Debug, Default)]
pub struct Fixtures {
    /// The caller's name for them, such as the name of the file.
    pub name: String,
    /// The operator's settings.
    pub settings: Settings,
    /// Verified claims, or the user record.
    pub claims: Option<Claims>,
    /// The declared members of the token reply.
    pub(crate) token_reply: Vec<(String, String)>,
    /// The person of a tape.
    pub(crate) person: Option<Person>,
    /// Responses by `METHOD URL` or `METHOD URL BODY`; with ` in TENANT` after it for the token of a
    /// tenant that the request names.
    pub(crate) replies: BTreeMap<String, TapedResponse>,
    pub(crate) tape: Option<Tape>,
}

/// Why a document is not fixtures.
#[derive(Debug, Error)]
pub enum NotFixtures {
    /// It has a `format` and is not a tape.
    #[error(transparent)]
    Tape(#[from] NotATape),
    /// Not JSON, or not the JSON of fixtures.
    #[error("these are not fixtures: {0}")]
    Shape(#[from] serde_json::Error),
    /// One of the texts is invalid.
    #[error("these are not fixtures: {0}")]
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    token_reply: BTreeMap<String, String>,
    #[serde(default)]
    claims: Option<Map<String, Value>>,
    #[serde(default)]
    replies: BTreeMap<String, FileReply>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileReply {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Body,
    /// The identity provider refuses the token of the request's tenant.
    #[serde(default)]
    token_refused: Option<Box<TokenRefusal>>,
}

fn ok() -> u16 {
    200
}

impl Fixtures {
    /// Parses fixtures or a tape.
    pub fn parse(name: &str, json: &str) -> Result<Self, NotFixtures> {
        let value: Value = serde_json::from_str(json)?;
        if value.get("format").is_some() {
            return Ok(Self { name: name.into(), ..Self::from(Tape::parse(json)?) });
        }
        let file: File = serde_json::from_value(value)?;
        if let Some(invalid) = file.replies.keys().find(|key| !is_request(key)) {
            let why = format!("{invalid:?} is no request; write it as \"GET https://…\"");
            return Err(NotFixtures::Text(why));
        }
        Ok(Self {
            name: name.into(),
            settings: Settings::from_iter(file.settings),
            token_reply: file.token_reply.into_iter().collect(),
            claims: file.claims.and_then(|it| Claims::parse(Value::Object(it).to_string()).ok()),
            replies: file.replies.into_iter().map(|(key, reply)| (key, reply.into())).collect(),
            person: None,
            tape: None,
        })
    }

    /// Fixtures with a sample value for each required setting, and no replies.
    pub(crate) fn generated(descriptor: &Descriptor) -> Self {
        let must_be_given =
            |it: &&SettingSpec| it.required && it.default.is_none() && it.kind != FieldKind::Secret;
        let settings = descriptor.settings.iter().filter(must_be_given);
        let settings = settings.map(|spec| (spec.key.clone(), sample_value(spec)));
        Self { settings: settings.collect(), name: "generated settings".into(), ..Self::default() }
    }

    pub(crate) fn has_replies(&self) -> bool {
        !self.replies.is_empty()
    }

    /// The reply to a request: an empty object if there are no replies at all, and 404 if there is none
    /// to this request.
    pub(crate) fn reply(&self, request: &Request) -> FetchResult {
        if self.replies.is_empty() {
            return reply(200, "{}");
        }
        let key = key(method_name(request.method), request.url.as_str());
        let with_body = request.body.as_ref().map(|body| format!("{key} {body}"));
        let tenant = request.credential.as_ref().and_then(|it| it.tenant.as_ref());
        let keys = with_body.into_iter().chain([key]).flat_map(|key| {
            let of_tenant = tenant.map(|tenant| in_tenant(&key, tenant.as_str()));
            of_tenant.into_iter().chain([key])
        });
        match keys.filter_map(|key| self.replies.get(&key)).next() {
            Some(taped) => taped.outcome(),
            None => reply(404, r#"{"error":"not found"}"#),
        }
    }
}

/// A JSON reply.
pub(crate) fn reply(status: u16, body: &str) -> FetchResult {
    let headers = vec![("content-type".into(), "application/json".into())];
    Ok(Reply { status, headers, body: body.into() })
}

fn key(method: &str, url: &str) -> String {
    format!("{method} {url}")
}

/// The key of a request under the token of this tenant.
fn in_tenant(key: &str, tenant: &str) -> String {
    format!("{key} in {tenant}")
}

fn is_request(key: &str) -> bool {
    key.starts_with("GET http") || key.starts_with("POST http")
}

/// A value of the setting's kind.
pub(crate) fn sample_value(spec: &SettingSpec) -> String {
    match &spec.kind {
        FieldKind::Text | FieldKind::Secret => "example".into(),
        FieldKind::Url => "https://cloud.example".into(),
        FieldKind::Choice(values) => values.first().cloned().unwrap_or_default(),
        FieldKind::Flag => "false".into(),
    }
}

impl From<FileReply> for TapedResponse {
    fn from(reply: FileReply) -> Self {
        let FileReply { status, headers, body, token_refused } = reply;
        if let Some(refusal) = token_refused {
            return Self::TokenRefused(refusal);
        }
        Self::Reply { status, headers: headers.into_iter().collect(), body }
    }
}

impl From<Tape> for Fixtures {
    fn from(tape: Tape) -> Self {
        let mut replies = BTreeMap::new();
        for exchange in tape.steps.iter().flat_map(|step| &step.exchanges) {
            let Some(response) = exchange.response.clone() else { continue };
            let request = &exchange.request;
            let tenant = request.credential.as_ref().and_then(|it| it.tenant.as_ref());
            let key = key(&request.method, &request.url);
            let with_body = request.body.as_ref().map(|body| format!("{key} {body}"));
            for key in with_body.into_iter().chain([key]) {
                let key = tenant.map_or(key.clone(), |tenant| in_tenant(&key, tenant));
                replies.entry(key).or_insert_with(|| response.clone());
            }
        }
        Self {
            name: "a tape".into(),
            settings: tape.settings(),
            claims: None,
            token_reply: vec![],
            person: tape.person.as_ref().and_then(TapedPerson::person),
            replies,
            tape: Some(tape),
        }
    }
}

#[cfg(test)]
mod tests;
