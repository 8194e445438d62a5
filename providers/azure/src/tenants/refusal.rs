//! What the refusal of a token means for its tenant.
//!
//! `error`, `suberror` and `claims` decide: Microsoft says of the numbers that a client must not react
//! to them (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>). A number
//! chooses the sentence, and hides a tenant in which there is nothing for the person.

use portico_provider::{
    listing::{Mender, Repair, TenantState},
    provider::TokenRefusal,
};

use super::report::{Report, Verdict};

/// The verdict on a tenant whose token endpoint refused.
pub(super) fn verdict(refused: &TokenRefusal) -> Verdict {
    if is_hidden(refused) {
        return Verdict::Hidden;
    }
    let report = report(refused);
    let explained = refused.numbers.iter().find_map(|number| sentence(*number));
    Verdict::Failed(match explained {
        Some(sentence) => Report { reason: sentence.into(), ..report },
        None => report,
    })
}

/// The suberrors are those of MSAL
/// (<https://github.com/AzureAD/microsoft-authentication-library-for-js>,
/// `InteractionRequiredAuthSubErrorMessage`).
fn report(refused: &TokenRefusal) -> Report {
    let TokenRefusal { error, suberror, claims, .. } = refused;
    let sign_in = claims.clone().map_or(Repair::SignIn, Repair::Claims);
    let person = |state, reason| Report::new(state, reason, Mender::Person).with(sign_in.clone());
    let blocked = |reason, mender| Report::new(TenantState::Blocked, reason, mender);
    match (error.as_str(), suberror.as_deref()) {
        (_, Some("message_only")) | ("access_denied", _) => {
            blocked(FORBIDDEN, Mender::Administrator)
        }
        (_, Some("consent_required")) | ("consent_required", _) => {
            person(TenantState::WantsConsent, CONSENT)
        }
        ("invalid_client", _) => blocked(CLIENT, Mender::Operator),
        ("unauthorized_client" | "invalid_resource" | "invalid_scope", _) => {
            blocked(APPLICATION, Mender::Administrator)
        }
        (_, Some("basic_action" | "additional_action")) => person(TenantState::WantsMfa, FACTOR),
        _ if claims.is_some() => person(TenantState::WantsMfa, FACTOR),
        (_, Some("user_password_expired")) => person(TenantState::WantsMfa, PASSWORD),
        // Without claims and without a word that says more, no sign-in changes the answer.
        ("interaction_required", None) => blocked(FORBIDDEN, Mender::Administrator),
        ("invalid_grant" | "interaction_required" | "login_required", _) => {
            person(TenantState::WantsMfa, SIGN_IN)
        }
        _ => Report { mender: None, ..blocked(UNKNOWN, Mender::Operator) },
    }
}

const FACTOR: &str = "This tenant wants a second factor. Sign in to it.";
const CONSENT: &str = "This tenant wants a consent to this application. Sign in to it and consent, or \
                       ask an administrator of it to.";
const PASSWORD: &str = "Your password has expired. Sign in to this tenant and change it.";
const SIGN_IN: &str = "Your sign-in is not enough for this tenant any more. Sign in to it again.";
const FORBIDDEN: &str = "A policy of this tenant forbids access. Only an administrator of it can \
                         change that.";
const CLIENT: &str = "This tenant does not accept this server's credentials. Whoever runs the server \
                      should check AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.";
const APPLICATION: &str = "This application is not set up in this tenant. An administrator of it can \
                           add the application.";
const UNKNOWN: &str = "This tenant refused, and does not say what would help.";

/// Whether there is nothing for the person in the tenant: they are no user of it (50020, 90072), or it
/// is gone (90002).
fn is_hidden(refused: &TokenRefusal) -> bool {
    let is_actionable = refused.claims.is_some() || refused.suberror.is_some();
    !is_actionable && refused.numbers.iter().any(|number| matches!(number, 50020 | 90072 | 90002))
}

/// The sentence for an error that its number explains better.
fn sentence(number: u32) -> Option<&'static str> {
    Some(match number {
        50076 => "This tenant wants a second factor. Sign in to it.",
        50079 => "This tenant wants you to set up a second factor. Sign in to it and do so.",
        50158 => "This tenant wants a check by another service, such as Duo. Sign in to it.",
        53000..=53002 => {
            "This tenant lets in managed devices only. Use one, or ask an administrator of the tenant."
        }
        53003 => FORBIDDEN,
        65001 => CONSENT,
        70008 | 700_082 => "Your sign-in to this tenant has expired. Sign in to it again.",
        50173 => "Your sign-in was revoked, as after a change of the password. Sign in again.",
        500_011 | 650_052 => {
            "Azure Resource Manager or this application is not set up in this tenant. An \
             administrator of it can add it."
        }
        7_000_215 => "This server's client secret is wrong. Whoever runs it should renew it.",
        7_000_222 => "This server's client secret has expired. Whoever runs it should renew it.",
        700_027 => "This server's certificate was not accepted. Whoever runs it should renew it.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
