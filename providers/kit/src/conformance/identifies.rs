//! Does it say who signed in, and nobody where the claims name nobody?

use portico_domain::{
    identity::{Claims, Identity},
    provider::{Endpoints, People, Problem},
};
use serde_json::{Map, Value, json};

use super::{
    bench::Bench,
    rule::{Rule, Seen},
};
use crate::drive::guarded;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "says-who-signed-in",
        sentence: "it names the person whom the claims name, at the place it declared",
        remedy: "read subject and tenant from the places of the descriptor's `people`; the tenant of \
                 a cloud without tenants is the issuer's host",
        needs_provider: true,
        look: |bench| Box::pin(async { named(bench) }),
    },
    Rule {
        name: "names-nobody-without-a-subject",
        sentence: "where the claims lack the subject, or it is no text, it names nobody",
        remedy: "answer the problem `unexpected` where the subject is missing; never fall back to a \
                 name or an address",
        needs_provider: true,
        look: |bench| Box::pin(nobody(bench)),
    },
    Rule {
        name: "survives-odd-claims",
        sentence: "claims that are missing or of another type neither break it nor make it name another",
        remedy: "read each claim as something that may be missing; only subject and tenant are needed",
        needs_provider: true,
        look: |bench| Box::pin(odd(bench)),
    },
];

fn named(bench: &Bench<'_>) -> Seen {
    match (&bench.fixtures.claims, &bench.identified) {
        (Some(claims), Some(Ok(identity))) => {
            Seen::of(stranger(bench, claims, identity), "the claims vouch for the person")
        }
        (_, Some(Err(problem))) => Seen::Bad(format!("it names nobody: {problem}")),
        _ => nothing(bench),
    }
}

fn nothing(bench: &Bench<'_>) -> Seen {
    Seen::Nothing(match bench.descriptor().people {
        None => "it signs nobody in".into(),
        Some(_) => format!("{} holds no claims", bench.fixtures.name),
    })
}

/// Whether the host would take the identity for made up.
fn stranger(bench: &Bench<'_>, claims: &Claims, identity: &Identity) -> Option<String> {
    let people = bench.descriptor().people.as_ref()?;
    let Identity { subject, tenant, .. } = identity;
    (!people.vouch(claims, &issuer(bench, claims), identity))
        .then(|| format!("it names {subject} of {tenant}, and the claims do not"))
}

/// Who vouches: the claims' own issuer where there is an ID token, else the provider's.
fn issuer(bench: &Bench<'_>, claims: &Claims) -> String {
    let Ok(sign_in) = &bench.sign_in else { return String::new() };
    let said = claims.members().get("iss").and_then(Value::as_str).map(str::to_owned);
    let said = said.filter(|_| matches!(sign_in.endpoints, Endpoints::OpenId(_)));
    said.unwrap_or_else(|| sign_in.issuer().to_string())
}

async fn identified(bench: &Bench<'_>, claims: &Claims) -> Result<Identity, Problem> {
    match &bench.configured {
        Ok(provider) => guarded(provider.identify(bench.fixtures.tenant.as_ref(), claims)).await,
        Err(problem) => Err(problem.clone()),
    }
}

async fn nobody(bench: &Bench<'_>) -> Seen {
    let (Some(claims), Some(Ok(_))) = (&bench.fixtures.claims, &bench.identified) else {
        return nothing(bench);
    };
    let Some(People::At { subject, .. }) = &bench.descriptor().people else {
        return Seen::Nothing("it declares no place of the subject".into());
    };
    for odd in [None, Some(json!(null)), Some(json!("")), Some(json!([])), Some(json!(true))] {
        let mut members = Value::Object(claims.members());
        set(&mut members, subject, odd.clone());
        let Ok(without) = Claims::parse(members.to_string()) else { continue };
        if let Ok(identity) = identified(bench, &without).await {
            let place = odd.map_or("nothing".into(), |it| it.to_string());
            let who = identity.subject;
            return Seen::Bad(format!("with {place} at {subject} it names {who}"));
        }
    }
    Seen::Good("nobody is named without a subject".into())
}

fn set(value: &mut Value, pointer: &str, to: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let Some(members) = value.pointer_mut(parent).and_then(Value::as_object_mut) else { return };
    match to {
        Some(to) => drop(members.insert(name.to_owned(), to)),
        None => drop(members.remove(name)),
    }
}

async fn odd(bench: &Bench<'_>) -> Seen {
    if bench.descriptor().people.is_none() {
        return nothing(bench);
    }
    let members = bench.fixtures.claims.as_ref().map(Claims::members).unwrap_or_default();
    let mut tried = 0;
    for (what, changed) in odd_claims(&members) {
        let Ok(claims) = Claims::parse(Value::Object(changed).to_string()) else { continue };
        tried += 1;
        let complaint = match identified(bench, &claims).await {
            Err(Problem::Broken(why)) => Some(why),
            Err(_) => None,
            Ok(identity) => stranger(bench, &claims, &identity),
        };
        if let Some(complaint) = complaint {
            return Seen::Bad(format!("with {what}: {complaint}"));
        }
    }
    Seen::Good(format!("{tried} odd sets of claims"))
}

fn odd_claims(members: &Map<String, Value>) -> Vec<(String, Map<String, Value>)> {
    let huge = json!("x".repeat(1 << 20));
    let mut odd = vec![("no claims".to_owned(), Map::new())];
    // The host has verified the issuer: it is never odd.
    for name in members.keys().filter(|name| *name != "iss") {
        let mut without = members.clone();
        without.remove(name);
        odd.push((format!("no claim {name}"), without));
        for value in [
            json!(null),
            json!(7),
            json!([]),
            json!({"a": {}}),
            json!("\u{0}\u{202e}<b>"),
            huge.clone(),
        ] {
            let mut changed = members.clone();
            let shown: String = value.to_string().chars().take(20).collect();
            changed.insert(name.clone(), value);
            odd.push((format!("the claim {name} being {shown}"), changed));
        }
    }
    odd
}
