//! Fixtures: what a provider is told while it is checked. A small JSON file of the writer's, or a
//! tape of a real listing.

use std::collections::BTreeMap;

use portico_domain::{
    identity::Claims,
    provider::{Descriptor, FieldKind, Person, Reply, Request, SettingSpec, Settings},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    drive::Outcome,
    tape::{Body, NotATape, Tape, TapedPerson, TapedResponse, said::verb},
};

/// What a provider is told while it is checked.
#[derive(Clone, Debug, Default)]
pub struct Fixtures {
    /// As the caller calls them: a file's name.
    pub name: String,
    /// The operator's settings.
    pub settings: Settings,
    /// Verified claims, or the user record.
    pub claims: Option<Claims>,
    /// What the sign-in asks to be told of the token reply.
    pub(crate) token_reply: Vec<(String, String)>,
    pub(crate) person: Option<Person>,
    pub(crate) replies: BTreeMap<String, TapedResponse>,
    pub(crate) tape: Option<Tape>,
}

/// A document that holds no fixtures.
#[derive(Debug, Error)]
pub enum NotFixtures {
    /// It calls itself a tape and is none.
    #[error(transparent)]
    Tape(#[from] NotATape),
    /// Not JSON, or not of this shape.
    #[error("these are no fixtures: {0}")]
    Shape(#[from] serde_json::Error),
    /// One of the texts cannot be what it should.
    #[error("these are no fixtures: {0}")]
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
}

fn ok() -> u16 {
    200
}

impl Fixtures {
    /// Reads a file of fixtures, or a tape.
    pub fn parse(name: &str, json: &str) -> Result<Self, NotFixtures> {
        let value: Value = serde_json::from_str(json)?;
        if value.get("format").is_some() {
            return Ok(Self { name: name.into(), ..Self::from(Tape::parse(json)?) });
        }
        let file: File = serde_json::from_value(value)?;
        if let Some(odd) = file.replies.keys().find(|key| !is_request(key)) {
            let why = format!("{odd:?} is no request; write it as \"GET https://…\"");
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

    /// What can be made up without a writer's help: settings of the kinds that are asked for.
    pub(crate) fn made_up(descriptor: &Descriptor) -> Self {
        let open =
            |it: &&SettingSpec| it.required && it.default.is_none() && it.kind != FieldKind::Secret;
        let settings = descriptor.settings.iter().filter(open);
        let settings = settings.map(|spec| (spec.key.clone(), made_up(spec)));
        Self { settings: settings.collect(), name: "made-up settings".into(), ..Self::default() }
    }

    pub(crate) fn has_replies(&self) -> bool {
        !self.replies.is_empty()
    }

    /// The reply to a request; without any fixture an empty object, else 404.
    pub(crate) fn reply(&self, request: &Request) -> Outcome {
        if self.replies.is_empty() {
            return reply(200, "{}");
        }
        let key = key(verb(request.method), request.url.as_str());
        let body =
            request.body.as_ref().and_then(|body| self.replies.get(&format!("{key} {body}")));
        match body.or_else(|| self.replies.get(&key)) {
            Some(taped) => taped.outcome(),
            None => reply(404, r#"{"error":"not found"}"#),
        }
    }
}

/// A reply of this status and body.
pub(crate) fn reply(status: u16, body: &str) -> Outcome {
    let headers = vec![("content-type".into(), "application/json".into())];
    Ok(Reply { status, headers, body: body.into() })
}

fn key(method: &str, url: &str) -> String {
    format!("{method} {url}")
}

fn is_request(key: &str) -> bool {
    key.starts_with("GET http") || key.starts_with("POST http")
}

/// A value of the setting's kind.
pub(crate) fn made_up(spec: &SettingSpec) -> String {
    match &spec.kind {
        FieldKind::Text | FieldKind::Secret => "example".into(),
        FieldKind::Url => "https://cloud.example".into(),
        FieldKind::Choice(words) => words.first().cloned().unwrap_or_default(),
        FieldKind::Flag => "false".into(),
    }
}

impl From<FileReply> for TapedResponse {
    fn from(reply: FileReply) -> Self {
        let FileReply { status, headers, body } = reply;
        Self::Reply { status, headers: headers.into_iter().collect(), body }
    }
}

impl From<Tape> for Fixtures {
    fn from(tape: Tape) -> Self {
        let mut replies = BTreeMap::new();
        for exchange in tape.steps.iter().flat_map(|step| &step.exchanges) {
            let Some(response) = exchange.response.clone() else { continue };
            let key = key(&exchange.request.method, &exchange.request.url);
            if let Some(body) = &exchange.request.body {
                replies.entry(format!("{key} {body}")).or_insert_with(|| response.clone());
            }
            replies.entry(key).or_insert(response);
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
mod tests {
    use portico_domain::provider::Method;
    use url::Url;

    use super::*;

    fn asked(method: Method, url: &str, body: Option<&str>) -> Request {
        Request {
            id: 1,
            method,
            url: Url::parse(url).unwrap(),
            headers: vec![],
            body: body.map(Into::into),
            credential: None,
        }
    }

    #[test]
    fn a_reply_is_found_by_its_request_and_what_is_not_there_is_a_404() {
        let fixtures = r#"{"replies": {
            "GET https://a.example/1": {"body": {"a": 1}, "headers": {"Link": "x"}},
            "POST https://a.example/2 {}": {"status": 201, "body": "text"},
            "POST https://a.example/2": {"status": 202}
        }}"#;
        let fixtures = Fixtures::parse("it", fixtures).unwrap();
        let first = fixtures.reply(&asked(Method::Get, "https://a.example/1", None)).unwrap();
        assert_eq!((first.status, first.body.as_str()), (200, r#"{"a":1}"#));
        assert_eq!(first.headers, [("link".to_owned(), "x".to_owned())]);
        let status = |method, url, body| fixtures.reply(&asked(method, url, body)).unwrap().status;
        assert_eq!(status(Method::Post, "https://a.example/2", Some("{}")), 201);
        assert_eq!(status(Method::Post, "https://a.example/2", Some("[]")), 202);
        assert_eq!(status(Method::Get, "https://a.example/2", None), 404);
    }

    #[test]
    fn what_is_no_fixture_is_refused_with_the_place() {
        for (json, words) in [
            ("{", "EOF"),
            (r#"{"setings": {}}"#, "setings"),
            (r#"{"replies": {"https://a.example": {}}}"#, "GET https"),
            (r#"{"format": "x"}"#, "the format \"x\""),
        ] {
            let refused = Fixtures::parse("it", json).unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
