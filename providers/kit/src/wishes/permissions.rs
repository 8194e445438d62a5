//! Which token may go where.

use portico_domain::provider::{Descriptor, Grant, Method, Placement, Principal, SecretHeader};

use super::{
    Filled, Line, all_shown,
    filled::{bracketed, with_template},
    quoted, scopes, shown,
};

pub(super) fn lines(it: &Descriptor, filled: &Filled) -> Vec<Line> {
    if it.grants.is_empty() {
        return vec![Line::new("no permission", "It asks for no permission: it can list nothing.")];
    }
    let issuer = filled.value(it.sign_in.endpoints.issuer());
    it.grants.iter().flat_map(|grant| of_grant(grant, &issuer, filled)).collect()
}

fn of_grant(grant: &Grant, issuer: &str, filled: &Filled) -> Vec<Line> {
    let (name, why) = (quoted(&grant.name), quoted(&grant.why));
    let topic = |what: &str| format!("permission {} {what}", grant.name);
    let with = match grant.principal {
        Principal::Nobody => "no token".to_owned(),
        principal => format!("{}, {}", whose(principal), placed(&grant.placement)),
    };
    let words = format!("The permission {name}, for requests with {with}: {why}");
    let mut lines = vec![Line::new(topic(""), words)];
    let real = grant.clone().with_settings(filled.settings());
    for (host, template) in real.hosts.iter().zip(&grant.hosts) {
        let words = format!(
            "{name} lets it {} {}, at {}.",
            methods(&grant.methods),
            with_template(host, template),
            below(&grant.paths),
        );
        lines.push(Line::new(topic(&format!("host {template}")), words));
    }
    for (scope, template) in real.scopes.iter().zip(&grant.scopes) {
        let shown = scopes::shown(scope, issuer);
        let words = format!("{name} has the scope {shown}{}.", bracketed(scope, template));
        lines.push(Line::new(topic(&format!("scope {template}")), words));
    }
    if !grant.request_headers.is_empty() {
        let headers = all_shown(&grant.request_headers);
        let words = format!("{name} lets its requests carry the headers {headers} too.");
        lines.push(Line::new(topic("request headers"), words));
    }
    if !grant.reply_headers.is_empty() {
        let headers = all_shown(&grant.reply_headers);
        let words = format!("{name} lets it read the headers {headers} of replies too.");
        lines.push(Line::new(topic("reply headers"), words));
    }
    lines.extend(grant.secret_headers.iter().map(|header| {
        let words = format!("{name} sends your secret {}.", secret(header));
        Line::new(topic(&format!("secret {}", header.header)), words)
    }));
    lines
}

/// `api-key in the header x-api-key`
pub(super) fn secret(header: &SecretHeader) -> String {
    let SecretHeader { setting, header, prefix } = header;
    let after =
        if prefix.is_empty() { String::new() } else { format!(", after {}", quoted(prefix)) };
    format!("{} in the header {}{after}", shown(setting), shown(header))
}

pub(super) fn methods(methods: &[Method]) -> String {
    let verbs: Vec<_> = methods.iter().map(|method| crate::tape::said::verb(*method)).collect();
    if verbs.is_empty() { "reach (without a method)".into() } else { verbs.join(" and ") }
}

fn below(paths: &[String]) -> String {
    match paths {
        [] => "no path".into(),
        paths => format!("and below {}", all_shown(paths)),
    }
}

/// Whose token.
fn whose(principal: Principal) -> &'static str {
    match principal {
        Principal::SignedInUser => "the token of the person signed in",
        Principal::Application => "the application's own token",
        Principal::Nobody => "no token",
    }
}

/// How a token is sent.
fn placed(placement: &Placement) -> String {
    match placement {
        Placement::Bearer => "sent as a bearer token".into(),
        Placement::Prefix(scheme) => format!("sent in Authorization after {}", shown(scheme)),
        Placement::Basic => "sent in Authorization as the user of Basic".into(),
        Placement::Header(name) => format!("sent in the header {}", shown(name)),
    }
}
