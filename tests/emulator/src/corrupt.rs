//! Applies transport faults: delays, truncates or replaces a response.

use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};

use crate::bearer;
use crate::bytes::from_base64url;
use crate::faults::{EndlessPart, FaultKind, Occasion, Target};
use crate::recorder::GrantType;
use crate::state::SharedState;

/// Marks a response that the server must not write: it closes the connection instead.
#[derive(Clone, Copy)]
pub(crate) struct Dropped;

/// Marks a response that the server replaces with an endless one.
#[derive(Clone, Copy)]
pub(crate) struct Endless(pub(crate) EndlessPart);

const DRIP_INTERVAL: Duration = Duration::from_millis(100);
const CHUNK_LEN: u64 = 64 * 1024;

/// Middleware: applies at most one transport fault to a response, the oldest of its tenant or else of all.
pub(crate) async fn corrupt(
    State(state): State<SharedState>,
    request: Request,
    next: Next,
) -> Response<Body> {
    // Before the fault is taken: it may be cleared right after.
    let mut cleared = state.cleared();
    let fault = transport_fault(&state, &request);
    let Some(fault) = fault else {
        let members = cloud_token_members(&state, &request);
        return set_members(next.run(request).await, members).await;
    };
    match fault {
        FaultKind::Slow { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            next.run(request).await
        }
        FaultKind::Drip => drip(next.run(request).await).await,
        FaultKind::Truncated => truncate(next.run(request).await).await,
        FaultKind::Hang => std::future::pending().await,
        FaultKind::Held => {
            // An error means that the emulator has ended.
            let _ = cleared.changed().await;
            next.run(request).await
        }
        FaultKind::Status { code, retry_after } => status_response(code, retry_after),
        FaultKind::Garbage => json_response(Body::from("<!doctype html><p>It works!")),
        FaultKind::Huge { bytes } => huge(bytes),
        FaultKind::Redirect { location, code } => redirect(&location, code),
        FaultKind::RepeatMember { name, value } => {
            repeat_member(next.run(request).await, &name, &value).await
        }
        FaultKind::OmitMember { name } => omit_member(next.run(request).await, &name).await,
        FaultKind::CutNames => cut_names(next.run(request).await).await,
        FaultKind::Endless { part } => endless(part),
        _ => dropped(),
    }
}

fn transport_fault(state: &SharedState, request: &Request) -> Option<FaultKind> {
    let path = request.uri().path();
    let target = Target::of(path)?;
    let grant = request.extensions().get::<GrantType>().and_then(|grant| grant.0.as_deref());
    let tenant = match target {
        Target::Subscriptions | Target::Tenants => {
            bearer::token(request.headers()).and_then(tenant_of_token)
        }
        _ => path.split('/').nth(1).map(str::to_owned),
    };
    state.transport_fault(Occasion::at(target).grant(grant).tenant(tenant.as_deref()))
}

/// The members that faults set in the token response of a cloud other than Azure.
fn cloud_token_members(state: &SharedState, request: &Request) -> Vec<FaultKind> {
    let Some(target @ Target::CloudToken(_)) = Target::of(request.uri().path()) else {
        return Vec::new();
    };
    let grant = request.extensions().get::<GrantType>().and_then(|grant| grant.0.as_deref());
    let is_member = |kind: &FaultKind| matches!(kind, FaultKind::SetMember { .. });
    state.content_faults(Occasion::at(target).grant(grant), is_member)
}

/// The claim `tid`. The signature is not verified: a fault may apply to a token that Resource Manager refuses.
fn tenant_of_token(token: &str) -> Option<String> {
    let claims: Value = serde_json::from_slice(&from_base64url(token.split('.').nth(1)?)?).ok()?;
    claims["tid"].as_str().map(str::to_owned)
}

async fn drip(response: Response<Body>) -> Response<Body> {
    let (parts, body) = read_body(response).await;
    let bytes = stream::iter(body).then(|byte| async move {
        tokio::time::sleep(DRIP_INTERVAL).await;
        Ok::<_, io::Error>(Bytes::copy_from_slice(&[byte]))
    });
    Response::from_parts(parts, Body::from_stream(bytes))
}

/// Inserted into the serialized text, since no JSON library writes half a surrogate pair.
async fn cut_names(response: Response<Body>) -> Response<Body> {
    let (parts, body) = read_body(response).await;
    let text = String::from_utf8_lossy(&body);
    let text = text.replace("\"displayName\":\"", "\"displayName\":\"\\ud83d");
    Response::from_parts(parts, Body::from(text))
}

async fn truncate(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = read_body(response).await;
    let half = body.slice(..body.len() / 2);
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    // Yielding makes hyper write the first half before it sees the error.
    let end = stream::once(async {
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let chunks = stream::iter([Ok(half)]).chain(end);
    Response::from_parts(parts, Body::from_stream(chunks))
}

/// Reads the whole body and removes `Content-Length`.
async fn read_body(response: Response<Body>) -> (axum::http::response::Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

fn status_response(code: u16, retry_after: Option<u64>) -> Response<Body> {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "error": { "code": "EmulatedFault", "message": "A fault on request." } });
    let mut response = (status, Json(body)).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn json_response(body: Body) -> Response<Body> {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// Streams one chunk repeatedly, so that the body is never in memory as a whole.
fn huge(bytes: u64) -> Response<Body> {
    let filler = Bytes::from(vec![b'a'; CHUNK_LEN as usize]);
    let chunks = stream::unfold(bytes.saturating_sub(2), move |left| {
        let size = left.min(CHUNK_LEN);
        let chunk = filler.slice(..size as usize);
        async move { (size > 0).then_some((chunk, left - size)) }
    });
    let quote = || stream::iter([Bytes::from_static(b"\"")]);
    json_response(Body::from_stream(quote().chain(chunks).chain(quote()).map(Ok::<_, io::Error>)))
}

fn redirect(location: &str, code: u16) -> Response<Body> {
    let Ok(location) = HeaderValue::from_str(location) else { return status_response(500, None) };
    let mut response = status_response(code, None);
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// Inserts a member before the others of the JSON object in the body.
async fn repeat_member(response: Response<Body>, name: &str, value: &Value) -> Response<Body> {
    let (parts, body) = read_body(response).await;
    let text = String::from_utf8_lossy(&body);
    let repeated = with_member(&text, name, value);
    Response::from_parts(parts, Body::from(repeated))
}

/// Inserts a member before the others into the text of a JSON object.
pub(crate) fn with_member(object: &str, name: &str, value: &serde_json::Value) -> String {
    object.replacen('{', &format!("{{{}:{value},", json!(name)), 1)
}

/// Removes a member of the JSON object in the body.
async fn omit_member(response: Response<Body>, name: &str) -> Response<Body> {
    change_object(response, |object| {
        object.remove(name);
    })
    .await
}

/// Sets the members of [`FaultKind::SetMember`] in the JSON object of the body.
async fn set_members(response: Response<Body>, members: Vec<FaultKind>) -> Response<Body> {
    if members.is_empty() {
        return response;
    }
    change_object(response, |object| {
        for fault in members {
            if let FaultKind::SetMember { name, value } = fault {
                object.insert(name, value);
            }
        }
    })
    .await
}

/// Changes the JSON object in the body; another body stays as it is.
async fn change_object(
    response: Response<Body>,
    change: impl FnOnce(&mut serde_json::Map<String, Value>),
) -> Response<Body> {
    let (parts, body) = read_body(response).await;
    let Ok(mut object) = serde_json::from_slice(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    change(&mut object);
    Response::from_parts(parts, Body::from(Value::Object(object).to_string()))
}

fn endless(part: EndlessPart) -> Response<Body> {
    let mut response = dropped();
    response.extensions_mut().insert(Endless(part));
    response
}

fn dropped() -> Response<Body> {
    let mut response = Response::default();
    response.extensions_mut().insert(Dropped);
    response
}
