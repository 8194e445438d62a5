//! The sign-in.

use portico_provider_model::{
    ClientAuthentication, EndpointTemplates, ScopeSeparator, SignInTemplate, TokenEncoding,
    UserRecordTemplate,
};

use crate::component::bindings::wire;

pub(super) fn sign_in(it: SignInTemplate) -> wire::SignIn {
    wire::SignIn {
        endpoints: endpoints(it.endpoints),
        default_tenant: it.default_tenant,
        scopes: it.scopes,
        scope_separator: match it.scope_separator {
            ScopeSeparator::Space => wire::ScopeSeparator::Space,
            ScopeSeparator::Comma => wire::ScopeSeparator::Comma,
        },
        parameters: it.parameters,
        token_encoding: match it.token_encoding {
            TokenEncoding::Form => wire::TokenEncoding::Form,
            TokenEncoding::JsonCamelCase => wire::TokenEncoding::JsonCamelCase,
            TokenEncoding::JsonSnakeCase => wire::TokenEncoding::JsonSnakeCase,
        },
        client_auth: match it.client_authentication {
            ClientAuthentication::Basic => wire::ClientAuth::Basic,
            ClientAuthentication::Post => wire::ClientAuth::Post,
            ClientAuthentication::None => wire::ClientAuth::None,
        },
        token_reply: it.token_reply,
        user_records: it.user_records.into_iter().map(user_record).collect(),
        extra: vec![],
    }
}

fn endpoints(it: EndpointTemplates) -> wire::Endpoints {
    match it {
        EndpointTemplates::OpenId(issuer) => wire::Endpoints::Openid(issuer),
        EndpointTemplates::Plain { issuer, authorization, token, end_session } => {
            let plain = wire::PlainEndpoints { issuer, authorization, token, end_session };
            wire::Endpoints::Plain(plain)
        }
    }
}

fn user_record(it: UserRecordTemplate) -> wire::UserRecord {
    wire::UserRecord {
        member: it.member,
        url: it.url,
        headers: it.headers,
        permission: it.permission,
    }
}
