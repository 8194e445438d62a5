//! How people sign in.

use portico_domain::provider::{
    ClientAuthentication, Endpoints, PlainEndpoints, SignIn, TokenEncoding, UserRecord,
};

use crate::guest::bindings::wire;

pub(in crate::guest) fn sign_in(it: SignIn) -> wire::SignIn {
    wire::SignIn {
        endpoints: match it.endpoints {
            Endpoints::OpenId(issuer) => wire::Endpoints::Openid(issuer.into()),
            Endpoints::Plain(endpoints) => wire::Endpoints::Plain(plain(endpoints)),
        },
        tenant_claim: it.tenant_claim,
        scopes: it.scopes,
        parameters: it.parameters,
        token_encoding: match it.token_encoding {
            TokenEncoding::Form => wire::TokenEncoding::Form,
            TokenEncoding::JsonCamelCase => wire::TokenEncoding::JsonCamelCase,
        },
        client_auth: match it.client_authentication {
            ClientAuthentication::Basic => wire::ClientAuth::Basic,
            ClientAuthentication::Post => wire::ClientAuth::Post,
            ClientAuthentication::None => wire::ClientAuth::None,
        },
        extra: vec![],
    }
}

fn plain(it: PlainEndpoints) -> wire::PlainEndpoints {
    wire::PlainEndpoints {
        issuer: it.issuer.into(),
        authorization: it.authorization.into(),
        token: it.token.into(),
        end_session: it.end_session.map(Into::into),
        user_record: it.user_record.map(user_record),
    }
}

fn user_record(it: UserRecord) -> wire::UserRecord {
    wire::UserRecord { url: it.url.into(), headers: it.headers, grant: it.grant }
}
