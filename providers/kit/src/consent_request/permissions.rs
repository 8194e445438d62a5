//! The lines about permissions.

use portico_domain::provider::{
    Descriptor, Method, Permission, Placement, Principal, SecretHeader,
};

use super::{
    FilledTemplates, Line, all_shown,
    filled::{bracketed, with_template},
    quoted, scopes, shown,
};

pub(super) fn lines(it: &Descriptor, filled: &FilledTemplates) -> Vec<Line> {
    if it.permissions.is_empty() {
        return vec![Line::new("no permission", "It asks for no permission: it can list nothing.")];
    }
    let issuer = filled.value(it.sign_in.endpoints.issuer());
    let of_permission = |permission| permission_lines(permission, &issuer, filled);
    it.permissions.iter().flat_map(of_permission).collect()
}

fn permission_lines(permission: &Permission, issuer: &str, filled: &FilledTemplates) -> Vec<Line> {
    let (name, why) = (quoted(&permission.name), quoted(&permission.why));
    let topic = |what: &str| format!("permission {} {what}", permission.name);
    let with = match permission.principal {
        Principal::Nobody => "no token".to_owned(),
        principal => format!("{}, {}", token_of(principal), placement(&permission.placement)),
    };
    let words = format!("The permission {name}, for requests with {with}: {why}");
    let mut lines = vec![Line::new(topic(""), words)];
    let filled_in = permission.clone().with_settings(filled.settings());
    for (host, template) in filled_in.hosts.iter().zip(&permission.hosts) {
        let words = format!(
            "{name} lets it {} {}, at {}.",
            methods(&permission.methods),
            with_template(host, template),
            below(&permission.paths),
        );
        lines.push(Line::new(topic(&format!("host {template}")), words));
    }
    for (scope, template) in filled_in.scopes.iter().zip(&permission.scopes) {
        let shown = scopes::shown(scope, issuer);
        let words = format!("{name} has the scope {shown}{}.", bracketed(scope, template));
        lines.push(Line::new(topic(&format!("scope {template}")), words));
    }
    if !permission.request_headers.is_empty() {
        let headers = all_shown(&permission.request_headers);
        let words = format!("{name} lets its requests carry the headers {headers} too.");
        lines.push(Line::new(topic("request headers"), words));
    }
    if !permission.reply_headers.is_empty() {
        let headers = all_shown(&permission.reply_headers);
        let words = format!("{name} lets it read the headers {headers} of replies too.");
        lines.push(Line::new(topic("reply headers"), words));
    }
    lines.extend(permission.secret_headers.iter().map(|header| {
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
    let names: Vec<_> = methods.iter().map(|method| crate::tape::method_name(*method)).collect();
    if names.is_empty() { "reach (without a method)".into() } else { names.join(" and ") }
}

fn below(paths: &[String]) -> String {
    match paths {
        [] => "no path".into(),
        paths => format!("and below {}", all_shown(paths)),
    }
}

fn token_of(principal: Principal) -> &'static str {
    match principal {
        Principal::SignedInUser => "the token of the person signed in",
        Principal::Application => "the application's own token",
        Principal::Nobody => "no token",
    }
}

fn placement(placement: &Placement) -> String {
    match placement {
        Placement::Bearer => "sent as a bearer token".into(),
        Placement::Prefix(scheme) => format!("sent in Authorization after {}", shown(scheme)),
        Placement::Basic => "sent in Authorization as the user of Basic".into(),
        Placement::Header(name) => format!("sent in the header {}", shown(name)),
    }
}
