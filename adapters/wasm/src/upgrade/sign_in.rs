//! How people sign in, of interface 0.1.0.

use url::Url;

use super::old;
use crate::bindings::wire;

pub(crate) fn sign_in(it: old::SignIn) -> wire::SignIn {
    wire::SignIn {
        endpoints: match it.endpoints {
            old::Endpoints::Openid(issuer) => wire::Endpoints::Openid(issuer),
            old::Endpoints::Plain(plain) => wire::Endpoints::Plain(endpoints(plain)),
        },
        tenant_claim: it.tenant_claim,
        scopes: it.scopes,
        parameters: it.parameters,
        token_encoding: match it.token_encoding {
            old::TokenEncoding::Form => wire::TokenEncoding::Form,
            old::TokenEncoding::JsonCamelCase => wire::TokenEncoding::JsonCamelCase,
        },
        client_auth: match it.client_auth {
            old::ClientAuth::Basic => wire::ClientAuth::Basic,
            old::ClientAuth::Post => wire::ClientAuth::Post,
            old::ClientAuth::None => wire::ClientAuth::None,
        },
        extra: it.extra,
    }
}

/// Who signs in on the origin of a page is vouched for by that origin.
fn endpoints(it: old::FixedEndpoints) -> wire::PlainEndpoints {
    let origin = Url::parse(&it.authorization).map(|url| url.origin().ascii_serialization());
    wire::PlainEndpoints {
        issuer: origin.unwrap_or_default(),
        authorization: it.authorization,
        token: it.token,
        end_session: it.end_session,
        user_record: None,
    }
}
