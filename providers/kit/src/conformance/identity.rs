//! The person: whether the declared pointers find an identity in the fixtures' claims.

use portico_domain::identity::Claims;
use serde_json::Value;

use super::{
    context::CheckContext,
    rule::{Finding, Rule},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "names-who-signed-in",
        sentence: "the declared pointers find a subject, and a tenant that the issuer speaks for, in \
                   the claims",
        remedy: "let `people` point to subject and tenant in the claims (or in the user record); the \
                 tenant of an issuer with {tenant} is the one in its path",
        needs_provider: true,
        run: |context| Box::pin(async { identified(context) }),
    },
    Rule {
        name: "has-a-name-to-show",
        sentence: "one of the declared pointers of the display name finds a text",
        remedy: "let `display-name` point to a name, and then to something that people without a \
                 name have, such as the login",
        needs_provider: true,
        run: |context| Box::pin(async { has_display_name(context) }),
    },
];

/// The fixtures' claims; skipped if there are none or nobody signs in.
fn claims<'a>(context: &'a CheckContext<'_>) -> Result<&'a Claims, Finding> {
    if context.descriptor().people.is_none() {
        return Err(Finding::Skipped("it signs nobody in".into()));
    }
    let skipped = || Finding::Skipped(format!("{} holds no claims", context.fixtures.name));
    context.fixtures.claims.as_ref().ok_or_else(skipped)
}

fn identified(context: &CheckContext<'_>) -> Finding {
    if let Err(skipped) = claims(context) {
        return skipped;
    }
    match &context.identified {
        Some(Ok(identity)) => {
            let (subject, tenant) = (&identity.subject, &identity.tenant);
            Finding::Passed(format!("they name {subject} of {tenant}"))
        }
        Some(Err(why)) => Finding::Failed(format!("they name nobody: {why}")),
        None => Finding::Skipped("its interface declares no sign-in".into()),
    }
}

fn has_display_name(context: &CheckContext<'_>) -> Finding {
    let claims = match claims(context) {
        Ok(claims) => Value::Object(claims.members()),
        Err(skipped) => return skipped,
    };
    let pointers = context.descriptor().people.iter().flat_map(|people| &people.display_name);
    let pointers: Vec<_> = pointers.collect();
    let text = |pointer: &&String| claims.pointer(pointer).and_then(Value::as_str);
    let found = pointers.iter().find(|it| text(it).is_some_and(|text| !text.trim().is_empty()));
    match found {
        Some(pointer) => Finding::Passed(format!("the name is at {pointer}")),
        None => Finding::Failed(format!("there is no text at {pointers:?}")),
    }
}
