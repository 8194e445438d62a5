//! `client_secret_basic` (RFC 6749 section 2.3.1).

use url::form_urlencoded;

use crate::bytes::from_base64;

/// Client id and secret of a Basic `Authorization` header, form-decoded.
pub(crate) fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(from_base64(credentials.trim())?).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    // The parser splits at `&` and `=`; a form-encoded value contains them only as `%26` and `%3D`.
    let whole = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(whole.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}
