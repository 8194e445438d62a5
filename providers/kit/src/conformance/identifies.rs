//! Do the declared places name the person whom the fixtures' claims are of?

use portico_domain::identity::Claims;
use serde_json::Value;

use super::{
    bench::Bench,
    rule::{Rule, Seen},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "names-who-signed-in",
        sentence: "the claims name a person at the declared places, of a tenant that the issuer speaks for",
        remedy: "let `people` point to where subject and tenant stand in the claims (or in the user \
                 record); the tenant of an issuer with {tenant} is the one in its path",
        needs_provider: true,
        look: |bench| Box::pin(async { named(bench) }),
    },
    Rule {
        name: "has-a-name-to-show",
        sentence: "at one of the declared places of the display name there is a text",
        remedy: "let `display-name` point to a name, and behind it to what is there for people \
                 without one, such as the login",
        needs_provider: true,
        look: |bench| Box::pin(async { shown(bench) }),
    },
];

/// The claims, where there is something to look for in them.
fn claims<'a>(bench: &'a Bench<'_>) -> Result<&'a Claims, Seen> {
    if bench.descriptor().people.is_none() {
        return Err(Seen::Nothing("it signs nobody in".into()));
    }
    let none = || Seen::Nothing(format!("{} holds no claims", bench.fixtures.name));
    bench.fixtures.claims.as_ref().ok_or_else(none)
}

fn named(bench: &Bench<'_>) -> Seen {
    if let Err(nothing) = claims(bench) {
        return nothing;
    }
    match &bench.identified {
        Some(Ok(identity)) => {
            let (subject, tenant) = (&identity.subject, &identity.tenant);
            Seen::Good(format!("they name {subject} of {tenant}"))
        }
        Some(Err(why)) => Seen::Bad(format!("they name nobody: {why}")),
        None => Seen::Nothing("how people sign in is not declared".into()),
    }
}

fn shown(bench: &Bench<'_>) -> Seen {
    let claims = match claims(bench) {
        Ok(claims) => Value::Object(claims.members()),
        Err(nothing) => return nothing,
    };
    let places = bench.descriptor().people.iter().flat_map(|people| &people.display_name);
    let places: Vec<_> = places.collect();
    let text = |at: &&String| claims.pointer(at).and_then(Value::as_str);
    let found = places.iter().find(|at| text(at).is_some_and(|text| !text.trim().is_empty()));
    match found {
        Some(at) => Seen::Good(format!("the name stands at {at}")),
        None => Seen::Bad(format!("there is no text at {places:?}")),
    }
}
