//! The lies that metadata and key sets tell on request, at whichever provider.

use serde_json::Value;

use crate::faults::{FaultKind, Target};
use crate::state::Running;

/// Metadata as it is told, RFC 9207's announcement included.
pub(crate) fn tell_document(state: &Running, target: Target, document: &mut Value) {
    if state.sent_issuer(target).is_some() {
        document["authorization_response_iss_parameter_supported"] = true.into();
    }
    for lie in state.lies(target, None, |kind| !kind.is_transport() && !kind.lasts()) {
        match lie {
            FaultKind::OtherIssuer => document["issuer"] = "https://sts.other.example/v2.0".into(),
            FaultKind::SetMember { name, value } => document[name] = value,
            FaultKind::SignedBy { algorithm } => {
                document["id_token_signing_alg_values_supported"] =
                    serde_json::json!([algorithm.name()]);
            }
            _ => {}
        }
    }
}

/// Keys as they are told.
pub(crate) fn tell_keys(state: &Running, target: Target, keys: &mut Vec<Value>) {
    for lie in state.lies(target, None, |kind| !kind.is_transport()) {
        match lie {
            FaultKind::OneKey => {
                keys.truncate(1);
                keys[0].as_object_mut().map(|key| (key.remove("kid"), key.remove("x5t")));
            }
            FaultKind::SignedBy { algorithm } => keys.push(algorithm.jwk()),
            FaultKind::SetMember { name, value } => {
                keys.iter_mut().for_each(|key| key[&name] = value.clone());
            }
            _ => keys
                .iter_mut()
                .for_each(|key| key["issuer"] = "https://sts.other.example/v2.0".into()),
        }
    }
}
