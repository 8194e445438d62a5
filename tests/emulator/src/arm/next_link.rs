//! Pages of a listing, linked by `nextLink`.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::Call;
use super::error::ArmError;
use crate::paging;

/// The requested page.
pub(crate) fn page<T>(
    call: &Call,
    path: &str,
    all: &[T],
    size: usize,
    item: impl Fn(&T) -> Value,
) -> Result<Value, ArmError> {
    let from = match call.params.get("$skiptoken") {
        None => 0,
        Some(token) => paging::offset(token)
            .filter(|from| *from < all.len())
            .ok_or_else(ArmError::bad_skip_token)?,
    };
    let (items, next) = paging::window(all, from, size);
    let values: Vec<Value> = items.iter().map(item).collect();
    let mut answer = json!({ "value": values });
    if let Some(link) = call.faults.next(next, |from| link(call, path, from)) {
        answer["nextLink"] = link.into();
    }
    Ok(answer)
}

fn link(call: &Call, path: &str, from: usize) -> String {
    let version = form_urlencoded::byte_serialize(call.api_version.as_bytes());
    let first = format!("{}{path}?api-version={}", call.base, version.collect::<String>());
    match from {
        0 => first,
        // Resource Manager writes `$` as `%24` in links.
        from => format!("{first}&%24skiptoken={}", paging::cursor(from)),
    }
}
