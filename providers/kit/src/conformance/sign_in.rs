//! Is the sign-in that it describes one that the host can perform safely?

use portico_domain::{
    address::may_be_called,
    provider::{Endpoints, Method, PlainEndpoints, Principal, SignIn, UserRecord},
};
use url::Url;

use super::{
    bench::Bench,
    lists,
    rule::{Rule, Seen},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "signs-in-over-https",
        sentence: "every address of the sign-in is https, or of this machine",
        remedy: "give https addresses without a password or a fragment; plain http is for loopback",
        needs_provider: true,
        look: |bench| Box::pin(async { with_sign_in(bench, |_, it| safe(it)) }),
    },
    Rule {
        name: "asks-for-sign-in-parameters-of-its-own",
        sentence: "it adds no parameter that is the host's, and asks for openid where it is OpenID",
        remedy: "leave client_id, redirect_uri, state, nonce, scope, response_type and PKCE to the \
                 host; put openid among the scopes of an OpenID sign-in",
        needs_provider: true,
        look: |bench| Box::pin(async { with_sign_in(bench, parameters) }),
    },
    Rule {
        name: "can-tell-who-signed-in",
        sentence: "where it signs people in there is an ID token, or a user record under a grant of theirs",
        remedy: "name a user record, whose address is covered by a grant of the signed-in user with \
                 the method get",
        needs_provider: true,
        look: |bench| Box::pin(async { with_sign_in(bench, record) }),
    },
];

fn with_sign_in(
    bench: &Bench<'_>,
    complaint: impl FnOnce(&Bench<'_>, &SignIn) -> Option<String>,
) -> Seen {
    match &bench.sign_in {
        Ok(sign_in) => Seen::of(complaint(bench, sign_in), "the sign-in is sound"),
        Err(problem) => Seen::Bad(format!("it says no sign-in: {problem}")),
    }
}

fn addresses(sign_in: &SignIn) -> Vec<&Url> {
    match &sign_in.endpoints {
        Endpoints::OpenId(issuer) => vec![issuer],
        Endpoints::Plain(plain) => {
            let PlainEndpoints { issuer, authorization, token, end_session, user_record } = plain;
            let record = user_record.as_ref().map(|record| &record.url);
            let all =
                [Some(issuer), Some(authorization), Some(token), end_session.as_ref(), record];
            all.into_iter().flatten().collect()
        }
    }
}

fn safe(sign_in: &SignIn) -> Option<String> {
    let odd = addresses(sign_in).into_iter().find(|url| {
        let bare =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        !(bare && may_be_called(url) && url.has_host())
    });
    odd.map(|url| format!("it says {url}"))
}

const OF_THE_HOST: [&str; 11] = [
    "client_id",
    "client_secret",
    "redirect_uri",
    "state",
    "nonce",
    "scope",
    "response_type",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
];

fn parameters(bench: &Bench<'_>, sign_in: &SignIn) -> Option<String> {
    let names = sign_in.parameters.iter().map(|(name, _)| name.as_str());
    if let Some(taken) = names.into_iter().find(|name| OF_THE_HOST.contains(name)) {
        return Some(format!("it adds the parameter {taken}"));
    }
    let openid = matches!(sign_in.endpoints, Endpoints::OpenId(_));
    let asked = sign_in.scopes.iter().any(|scope| scope == "openid");
    let people = bench.descriptor().people.is_some();
    (openid && people && !asked).then(|| "the scopes lack openid, so no ID token comes".into())
}

fn record(bench: &Bench<'_>, sign_in: &SignIn) -> Option<String> {
    let Endpoints::Plain(plain) = &sign_in.endpoints else { return None };
    bench.descriptor().people.as_ref()?;
    let Some(record) = &plain.user_record else {
        return Some("people sign in, and there is neither an ID token nor a user record".into());
    };
    lists::header_complaint(&record.headers).or_else(|| uncovered(bench, record))
}

fn uncovered(bench: &Bench<'_>, record: &UserRecord) -> Option<String> {
    let covered = bench.descriptor().grants.iter().any(|grant| {
        grant.name == record.grant
            && grant.principal == Principal::SignedInUser
            && grant.covers(Method::Get, &record.url)
    });
    let UserRecord { url, grant, .. } = record;
    (!covered).then(|| format!("no grant {grant:?} of the signed-in user covers {url}"))
}
