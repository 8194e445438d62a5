//! The lines about the sign-in and about the client secret.

use portico_domain::provider::{
    ClientAuthentication, Descriptor, EndpointTemplates, ScopeSeparator, SignInTemplate,
    TokenEncoding,
};

use super::{FilledTemplates, Line, filled::bracketed, quoted, scopes, shown};

pub(super) fn lines(it: &Descriptor, filled: &FilledTemplates) -> Vec<Line> {
    let sign_in = &it.sign_in;
    let issuer = sign_in.endpoints.issuer();
    if issuer.is_empty() {
        return vec![Line::new("undeclared", UNDECLARED)];
    }
    let issuer = filled.address(issuer);
    let mut lines = endpoints(sign_in, &issuer, filled);
    lines.extend(sign_in.default_tenant.as_deref().map(|tenant| {
        let tenant = filled.text(tenant);
        let words = format!(
            "{{tenant}} is the tenant that a person asks to sign in to, by default {tenant}."
        );
        Line::new("default tenant", words)
    }));
    lines.extend(authorization_request(sign_in, &filled.value(sign_in.endpoints.issuer()), filled));
    lines
}

const UNDECLARED: &str = "It is of interface 1.0.0, which declares no sign-in: where people sign \
                          in and where your client secret is sent, it says in code, once its \
                          settings are known. It is held to what it says then.";

fn endpoints(sign_in: &SignInTemplate, issuer: &str, filled: &FilledTemplates) -> Vec<Line> {
    match &sign_in.endpoints {
        EndpointTemplates::OpenId(_) => {
            let published = format!("the token endpoint that {issuer} publishes");
            vec![
                Line::new(
                    "sign-in",
                    format!(
                        "People sign in at the OpenID provider {issuer}, at the address that it \
                         publishes."
                    ),
                ),
                secret(sign_in, published),
                Line::new(
                    "end-session",
                    format!(
                        "Signing out ends a person's session there too, at the address that \
                         {issuer} publishes for it."
                    ),
                ),
            ]
        }
        EndpointTemplates::Plain { authorization, token, end_session, .. } => {
            let sign_in_at = filled.address(authorization);
            let mut lines = vec![
                Line::new("sign-in", format!("People sign in at {sign_in_at}.")),
                secret(sign_in, filled.address(token)),
                Line::new(
                    "issuer",
                    format!("The provider is {issuer}: an answer that names another is refused."),
                ),
            ];
            lines.extend(end_session.as_deref().map(|url| {
                let url = filled.address(url);
                let words = format!("Signing out ends a person's session there too, at {url}.");
                Line::new("end-session", words)
            }));
            lines
        }
    }
}

const AS_ANNOUNCED: &str = "Where the provider announces that it takes the secret in the other way \
                            alone, header or form, it is sent there in that way.";

/// Where and how the client secret is sent.
fn secret(sign_in: &SignInTemplate, token_endpoint: String) -> Line {
    let how = match sign_in.token_encoding {
        TokenEncoding::Form => "a form",
        TokenEncoding::JsonCamelCase => "JSON (clientSecret)",
        TokenEncoding::JsonSnakeCase => "JSON (client_secret)",
    };
    let words = match sign_in.client_authentication {
        ClientAuthentication::None => format!(
            "No client secret is sent. The code of each sign-in is sent to {token_endpoint}, as \
             {how}."
        ),
        ClientAuthentication::Basic => format!(
            "Your client secret is sent to {token_endpoint}, in the Authorization header (Basic), \
             with the code of each sign-in as {how}."
        ),
        ClientAuthentication::Post => format!(
            "Your client secret is sent to {token_endpoint}, with the code of each sign-in, as \
             {how}."
        ),
    };
    let sent = sign_in.client_authentication != ClientAuthentication::None;
    let words = match sign_in.endpoints {
        EndpointTemplates::OpenId(_) if sent => format!("{words} {AS_ANNOUNCED}"),
        _ => words,
    };
    Line { goes_to: sent.then_some(token_endpoint), ..Line::new("client secret", words) }
}

/// The scopes and parameters of the authorization request, and the members of the token reply that the
/// plug-in gets.
fn authorization_request(
    sign_in: &SignInTemplate,
    issuer: &str,
    filled: &FilledTemplates,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for scope in &sign_in.scopes {
        // A setting may contain several scopes.
        let value = filled.value(scope);
        let all: Vec<_> = value.split_whitespace().map(|one| scopes::shown(one, issuer)).collect();
        let scope_or_scopes = if all.len() > 1 { "scopes" } else { "scope" };
        let template = bracketed(&value, scope);
        let words =
            format!("People are asked for the {scope_or_scopes} {}{template}.", all.join(", "));
        lines.push(Line::new(format!("scope {scope}"), words));
    }
    if sign_in.scope_separator == ScopeSeparator::Comma {
        lines.push(Line::new("separator", "Scopes are sent with commas between them."));
    }
    for (name, value) in &sign_in.parameters {
        let words = format!(
            "The authorization request carries the parameter {}={}.",
            shown(name),
            quoted(value)
        );
        lines.push(Line::new(format!("parameter {name}"), words));
    }
    for member in &sign_in.token_reply {
        let words = format!("The plug-in gets {} of the token response.", shown(member));
        lines.push(Line::new(format!("token reply {member}"), words));
    }
    lines
}
