//! Everything that a provider asks of an operator, in plain words.

use portico_domain::provider::{
    Descriptor, FieldKind, Grant, Method, People, Placement, Principal, SettingSpec,
};

/// What a provider is and asks for, a sentence each: for whoever is to grant it.
pub fn wishes(descriptor: &Descriptor) -> Vec<String> {
    let Descriptor { id, name, version, account_noun, .. } = descriptor;
    let mut words = vec![
        format!("{name} (the provider {id}, version {version}) lists each {account_noun}."),
        people(descriptor.people.as_ref()),
    ];
    words.extend(descriptor.settings.iter().map(setting));
    words.extend(descriptor.grants.iter().map(grant));
    if descriptor.grants.is_empty() {
        words.push("It asks for no host: it can list nothing.".into());
    }
    words
}

/// Who a person is.
pub(crate) fn people(people: Option<&People>) -> String {
    match people {
        None => {
            "It signs nobody in: it is connected to a session that another provider began.".into()
        }
        Some(People::Anywhere) => {
            "It signs people in, and may say that any member of the claims is who they are.".into()
        }
        Some(People::At { subject, tenant }) => {
            let tenant = match tenant {
                Some(tenant) => format!("of the tenant at {tenant}"),
                None => "of the issuer's host".into(),
            };
            format!(
                "It signs people in: a person is what stands at {subject} in the claims, {tenant}."
            )
        }
    }
}

fn setting(spec: &SettingSpec) -> String {
    let SettingSpec { key, label, help, .. } = spec;
    let kind = kind(&spec.kind);
    let needed = match (&spec.default, spec.required) {
        (Some(default), _) => format!("where nothing is said {default}"),
        (None, true) => "required".into(),
        (None, false) => "may be left out".into(),
    };
    format!("It takes the setting {key} ({label}; {kind}; {needed}): {help}")
}

/// What a setting looks like.
pub(crate) fn kind(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text => "a text".into(),
        FieldKind::Url => "an address".into(),
        FieldKind::Choice(words) => format!("one of {}", words.join(", ")),
        FieldKind::Flag => "true or false".into(),
    }
}

fn grant(grant: &Grant) -> String {
    let Grant { name, why, hosts, paths, .. } = grant;
    let scopes = match grant.scopes.as_slice() {
        [] => String::new(),
        scopes => format!(" with the scopes {}", scopes.join(", ")),
    };
    format!(
        "Under the grant {name} it may {} {} below {}, with {}{scopes}, sent {}: {why}",
        methods(&grant.methods),
        hosts.join(", "),
        paths.join(", "),
        whose(grant.principal),
        placed(&grant.placement),
    )
}

pub(crate) fn methods(methods: &[Method]) -> String {
    let verbs: Vec<_> = methods.iter().map(|method| crate::tape::said::verb(*method)).collect();
    verbs.join(" and ")
}

/// Whose token.
pub(crate) fn whose(principal: Principal) -> &'static str {
    match principal {
        Principal::SignedInUser => "the token of the person signed in",
        Principal::Application => "the application's own token",
    }
}

/// How a token is sent.
pub(crate) fn placed(placement: &Placement) -> String {
    match placement {
        Placement::Bearer => "as a bearer token".into(),
        Placement::Header(name) => format!("in the header {name}"),
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::testing::samples;

    use super::*;

    #[test]
    fn an_operator_reads_who_where_whose_and_why() {
        let mut descriptor = samples::descriptor();
        descriptor.settings = vec![SettingSpec {
            key: "region".into(),
            label: "Region".into(),
            help: "where it is".into(),
            kind: FieldKind::Choice(vec!["eu".into(), "us".into()]),
            required: true,
            default: None,
        }];
        let words = wishes(&descriptor).join("\n");
        for expected in [
            "Microsoft Azure (the provider azure, version 1.0.0) lists each subscription.",
            "what stands at /oid in the claims, of the tenant at /tid",
            "the setting region (Region; one of eu, us; required): where it is",
            "Under the grant as-user it may GET cloud.example below /list, with the token of the \
             person signed in with the scopes https://cloud.example/.default, sent as a bearer \
             token: to list what there is",
            "with the application's own token",
        ] {
            assert!(words.contains(expected), "{expected}\n{words}");
        }
    }

    #[test]
    fn a_provider_that_signs_nobody_in_or_names_no_place_says_so() {
        assert!(people(None).contains("signs nobody in"));
        assert!(people(Some(&People::Anywhere)).contains("any member"));
        let descriptor = Descriptor { grants: vec![], ..samples::descriptor() };
        assert!(wishes(&descriptor).iter().any(|it| it.contains("asks for no host")));
    }
}
