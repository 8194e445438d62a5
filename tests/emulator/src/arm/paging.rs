//! Pages: a listing's part, and the `nextLink` to the rest.

use serde_json::{Value, json};
use url::Url;

use super::Call;
use super::problem::Problem;
use crate::bytes::{base64url, from_base64url};
use crate::faults::FaultKind;

/// The page that a call asks for.
pub(crate) fn page<T>(
    call: &Call,
    path: &str,
    all: &[T],
    size: usize,
    item: impl Fn(&T) -> Value,
) -> Result<Value, Problem> {
    let from = match call.params.get("$skiptoken") {
        None => 0,
        Some(token) => {
            offset(token).filter(|from| *from < all.len()).ok_or_else(Problem::bad_skip_token)?
        }
    };
    let rest = all.get(from..).unwrap_or_default();
    let values: Vec<Value> = rest.iter().take(size).map(item).collect();
    let more = rest.len() > size;
    let mut answer = json!({ "value": values });
    if let Some(link) = next_link(call, path, more.then_some(from + size)) {
        answer["nextLink"] = link.into();
    }
    Ok(answer)
}

fn next_link(call: &Call, path: &str, next: Option<usize>) -> Option<String> {
    for lie in &call.lies {
        match lie {
            FaultKind::NextLink { url } => return Some(url.clone()),
            FaultKind::NextLinkCircle => return link(call, path, None),
            _ => {}
        }
    }
    link(call, path, Some(next?))
}

fn link(call: &Call, path: &str, from: Option<usize>) -> Option<String> {
    let mut url = Url::parse(&format!("{}{path}", call.base)).ok()?;
    url.query_pairs_mut().append_pair("api-version", &call.api_version);
    if let Some(from) = from {
        url.query_pairs_mut().append_pair("$skiptoken", &base64url(format!("from={from}")));
    }
    Some(url.into())
}

fn offset(token: &str) -> Option<usize> {
    let text = String::from_utf8(from_base64url(token)?).ok()?;
    text.strip_prefix("from=")?.parse().ok()
}
