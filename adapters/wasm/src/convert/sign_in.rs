//! How people sign in, as a plug-in says.

use portico_domain::provider::{
    ClientAuthentication, Endpoints, PlainEndpoints, SignIn, TokenEncoding, UserRecord,
};

use super::rules::{Checked, at_most, ensure, headers, line, text, trusted_address, word};
use crate::bindings::wire;

pub(crate) fn sign_in(it: wire::SignIn) -> Checked<SignIn> {
    at_most(&it.scopes, 32, "scopes")?;
    at_most(&it.parameters, 32, "parameters of the sign-in")?;
    let claim = |claim| word(claim, 64, "the claim of its tenants");
    let scope = |scope| word(scope, 512, "a scope of the sign-in");
    Ok(SignIn {
        endpoints: match it.endpoints {
            wire::Endpoints::Openid(issuer) => {
                let issuer = trusted_address(&issuer, "its issuer")?;
                ensure(issuer.query().is_none(), "its issuer has a query")?;
                Endpoints::OpenId(issuer)
            }
            wire::Endpoints::Plain(plain) => Endpoints::Plain(plain_endpoints(plain)?),
        },
        tenant_claim: it.tenant_claim.map(claim).transpose()?,
        scopes: it.scopes.into_iter().map(scope).collect::<Checked<_>>()?,
        parameters: it.parameters.into_iter().map(parameter).collect::<Checked<_>>()?,
        token_encoding: match it.token_encoding {
            wire::TokenEncoding::Form => TokenEncoding::Form,
            wire::TokenEncoding::JsonCamelCase => TokenEncoding::JsonCamelCase,
        },
        client_authentication: match it.client_auth {
            wire::ClientAuth::Basic => ClientAuthentication::Basic,
            wire::ClientAuth::Post => ClientAuthentication::Post,
            wire::ClientAuth::None => ClientAuthentication::None,
        },
    })
}

fn parameter((name, value): (String, String)) -> Checked<(String, String)> {
    let name = word(name, 64, "a parameter of the sign-in")?;
    Ok((name, text(value, 2048, "a parameter of the sign-in")?))
}

fn plain_endpoints(it: wire::PlainEndpoints) -> Checked<PlainEndpoints> {
    let end_session = it.end_session.as_deref();
    Ok(PlainEndpoints {
        issuer: trusted_address(&it.issuer, "its issuer")?,
        authorization: trusted_address(&it.authorization, "its authorization endpoint")?,
        token: trusted_address(&it.token, "its token endpoint")?,
        end_session: end_session
            .map(|url| trusted_address(url, "where its sessions end"))
            .transpose()?,
        user_record: it.user_record.map(user_record).transpose()?,
    })
}

fn user_record(it: wire::UserRecord) -> Checked<UserRecord> {
    Ok(UserRecord {
        url: trusted_address(&it.url, "the address of its user record")?,
        headers: headers(it.headers)?,
        grant: line(it.grant, 64, "the grant of its user record")?,
    })
}
